"""Names, types and sizes: every shape error of a body, told together."""

from typing import Any

import pytest

from tests.sandbox.totvs import (
    DOCUMENTO,
    LOTE,
    Erp,
    antecipacao,
    atualizacao,
    caminhos,
    codigos,
    estorno,
    imposto,
    item,
    lote,
    pagamento,
    pago,
    rateio,
)

ITEM = f"{LOTE}.{DOCUMENTO}[0]"


def recusa(erp: Erp, **mudancas: Any) -> tuple[list[str], list[str]]:
    resposta = erp.chamar("lote", lote(item(**mudancas)))
    return codigos(resposta), caminhos(resposta)


@pytest.mark.parametrize(
    ("campo", "valor", "codigo"),
    [
        ("Sequence", "1A", "90003"),
        ("Sequence", "0", "90003"),
        ("Sequence", "10000", "90005"),
        ("SupplierCode", "95", "90003"),
        ("SupplierCode", True, "90003"),
        ("SupplierCode", 0, "90003"),
        ("SupplierCode", 1_000_000_000, "90005"),
        ("DocumentClassCode", "DUPL", "90005"),
        ("DocumentSerieCode", 1, "90003"),
        ("DocumentNumber", "", "90004"),
        ("DocumentNumber", "1" * 17, "90005"),
        ("DocumentParcelNumber", "001", "90005"),
        ("PrintDate", "10/11/2026", "90003"),
        ("PrintDate", "2026-02-30", "90003"),
        ("PrintDate", "20261110", "90003"),
        ("PrintDate", "", "90004"),
        ("DueDate", None, "90004"),
        ("DocumentValue", "100.00", "90003"),
        ("DocumentValue", 0, "90003"),
        ("DocumentValue", -1, "90003"),
        ("DocumentValue", 1.005, "90003"),
        ("DocumentValue", 1_000_000_000, "90005"),
        ("QuotationValue", 0, "90003"),
        ("Penalty", 100, "90005"),
        ("DaysLate", 100, "90005"),
        ("DaysLate", 1.5, "90003"),
        ("CollectorCode", "", "90004"),
        ("CollectorCode", "900001", "90005"),
        ("CurrencyCode", "", "90004"),
        ("StandardHistoryDescription", "x" * 2001, "90005"),
        ("PendentGLAppropriationInformation", [], "90004"),
        ("PendentGLAppropriationInformation", {}, "90003"),
        ("PendentGLAppropriationInformation", ["x"], "90003"),
        ("DiscountValue", 1, "90004"),
        ("InsurerCode", "1", "90004"),
        ("LeasingContractNumber", "1", "90004"),
        ("CompanyCode", "001", "90002"),
        ("CollectorDocumentBarCode", "", "90002"),
    ],
)
def test_wrong_field_of_a_title_has_its_code_and_path(erp: Erp, campo: str, valor: Any, codigo: str) -> None:
    achados, onde = recusa(erp, **{campo: valor} if valor is not None else {campo: None})
    assert achados[:2] == ["400", codigo]
    assert onde[0].startswith(ITEM)


def test_every_shape_error_is_told_at_once(erp: Erp) -> None:
    achados, onde = recusa(erp, DocumentValue="100", DueDate="ontem", Surpresa=1, DocumentNumber="1" * 20)
    assert set(achados[1:]) == {"90002", "90003", "90005"}
    assert len(onde) == 4


def test_shape_comes_before_the_rules(erp: Erp) -> None:
    assert recusa(erp, SupplierCode=777, Surpresa=1)[0] == ["400", "90002"]


def test_path_of_an_error_goes_down_the_lists(erp: Erp) -> None:
    linhas = [rateio(60), rateio(40, AccountCode="")]
    assert recusa(erp, PendentGLAppropriationInformation=linhas)[1] == [
        f"{ITEM}.PendentGLAppropriationInformation[1].AccountCode"
    ]


def test_names_differ_only_in_case(erp: Erp) -> None:
    corpo = lote({nome.upper(): valor for nome, valor in item(Sequence=None).items()} | {"sequence": 7})
    corpo[LOTE][DOCUMENTO][0].pop("Sequence")
    assert erp.chamar("lote", corpo).status_code == 200


def test_two_spellings_of_one_name_are_refused(erp: Erp) -> None:
    assert recusa(erp, suppliercode=95)[0] == ["400", "90002"]


def test_name_repeated_in_the_text_is_refused(erp: Erp) -> None:
    texto = b'{"AccountPayableDocumentInformation": {"BranchCode": "100", "BranchCode": "100"}}'
    resposta = erp.chamar("estorno", None, content=texto, headers={"Content-Type": "application/json"})
    assert "90002" in codigos(resposta)


def test_exponent_is_no_value(erp: Erp) -> None:
    texto = b'{"AccountPayableDocumentInformation": {"DocumentBalanceValue": 1E2}}'
    resposta = erp.chamar("atualizacao", None, content=texto, headers={"Content-Type": "application/json"})
    assert f"{DOCUMENTO}.DocumentBalanceValue" in caminhos(resposta)


@pytest.mark.parametrize("texto", [b"", b"{", b'{"a": NaN}', b"\xff", b"[]", b'"x"', b"{}", b'{"Outro": {}}'])
def test_what_is_no_json_or_has_another_root_is_refused(erp: Erp, texto: bytes) -> None:
    resposta = erp.chamar("lote", None, content=texto, headers={"Content-Type": "application/json"})
    assert codigos(resposta)[:2] == ["400", "90001"]


@pytest.mark.parametrize("nomes", ["pascal", "camel"])
def test_spelling_may_be_set(erp: Erp, opcoes_totvs: Any, nomes: str) -> None:
    opcoes_totvs(nomes=nomes)
    certo, errado = ("CompanyCode", "companyCode") if nomes == "pascal" else ("companyCode", "CompanyCode")
    onde = caminhos(erp.chamar("lote", {LOTE if nomes == "pascal" else LOTE[0].lower() + LOTE[1:]: {certo: "001"}}))
    assert f"{LOTE}.CompanyCode" not in onde
    onde = caminhos(erp.chamar("lote", {LOTE if nomes == "pascal" else LOTE[0].lower() + LOTE[1:]: {errado: "001"}}))
    assert f"{LOTE}.{errado}" in onde


def test_size_of_the_number_may_be_that_of_old_bases(erp: Erp, opcoes_totvs: Any) -> None:
    opcoes_totvs(tamanho_numero=10)
    assert recusa(erp, DocumentNumber="1" * 11)[0] == ["400", "90005"]


def test_null_is_the_same_as_absent(erp: Erp) -> None:
    corpo = lote(item())
    corpo[LOTE][DOCUMENTO][0] |= {"DiscountDate": None, "PendentTaxInformation": None, "DaysLate": None}
    assert erp.chamar("lote", corpo).status_code == 200


def test_trailing_blanks_do_not_count(erp: Erp) -> None:
    assert erp.chamar("lote", lote(item(CollectorCode="90000 ", DocumentClassCode="dp "))).status_code == 200


@pytest.mark.parametrize(
    ("operacao", "corpo", "campo"),
    [
        ("antecipacao", antecipacao(TransactionDate="2026-11-21"), "TransactionDate"),
        ("antecipacao", antecipacao(CheckNumber=3), "CheckBookNumber"),
        ("antecipacao", antecipacao(CheckBearer="FULANO"), "CheckBearer"),
        ("estorno", estorno(item(), 1, CompanyCode="001"), "CompanyCode"),
        ("estorno", estorno(item(), 3), "TransactionReference"),
        ("estorno", estorno(item(), 1, IsRefundable=True), "RefundBranchCode"),
        ("estorno", estorno(item(), 1, StandardHistoryDescription="x" * 41), "StandardHistoryDescription"),
        ("atualizacao", atualizacao(item(), IsPaymentHeld="false"), "IsPaymentHeld"),
    ],
)
def test_wrong_field_of_the_other_bodies(erp: Erp, operacao: str, corpo: dict[str, Any], campo: str) -> None:
    resposta = erp.chamar(operacao, corpo)
    assert (resposta.status_code, caminhos(resposta)) == (400, [f"{DOCUMENTO}.{campo}"])


def test_tax_of_a_title_has_no_percentage(erp: Erp) -> None:
    com_aliquota = imposto(100, 1.5, TaxPercentage=1.5)
    assert recusa(erp, PendentTaxInformation=[com_aliquota])[0] == ["400", "90002"]


def test_item_paid_needs_a_key_or_a_reference(erp: Erp) -> None:
    corpo = pagamento({"CompanyCode": "001", "PaymentValue": 1})
    assert len(caminhos(erp.chamar("pagamento", corpo))) == 4


def test_batch_of_payments_needs_its_reference(erp: Erp) -> None:
    resposta = erp.chamar("pagamento", pagamento(pago(item(), 1), Reference=""))
    assert caminhos(resposta) == [f"{LOTE}.Reference"]
