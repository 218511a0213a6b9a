"""E1 and E2: batches of titles and prepayments."""

from typing import Any

import pytest

from tests.sandbox.totvs import (
    DOCUMENTO,
    LOTE,
    Erp,
    antecipacao,
    caminhos,
    chave,
    codigos,
    imposto,
    item,
    lote,
    rateio,
    texto_da_chave,
)

ITEM = f"{LOTE}.{DOCUMENTO}[0]"
OUTRO: dict[str, Any] = {"DueDate": "2026-11-09"}


def recusa(erp: Erp, *itens: dict[str, Any], **mudancas: Any) -> list[str]:
    return codigos(erp.chamar("lote", lote(*itens, **mudancas)))


def abate(titulo: dict[str, Any], valor: float, **mudancas: Any) -> dict[str, Any]:
    campos = {nome: campo for nome, campo in chave(titulo).items() if nome != "SupplierCode"}
    return {**campos, "WriteOffValue": valor, **mudancas}


@pytest.mark.parametrize(
    ("mudancas", "codigo"),
    [
        ({"SupplierCode": 777}, "90010"),
        ({"DocumentClassCode": "XX"}, "90010"),
        ({"DocumentClassCode": "AN"}, "90040"),
        ({"CollectorCode": "12345"}, "90010"),
        ({"CurrencyCode": "Dolar"}, "90010"),
        ({"PaymentMethodCode": "ZZZ"}, "90010"),
        ({"PrintDate": "2026-11-22"}, "90012"),
        ({"DueDate": "2026-11-09"}, "90012"),
        ({"PaymentForecastDate": "2026-11-09"}, "90012"),
        ({"DiscountValue": 1, "DiscountDate": "2026-12-11"}, "90012"),
        ({"DiscountValue": 100, "DiscountDate": "2026-12-01"}, "90040"),
        ({"DiscountValue": 1, "DiscountPercentage": 1, "DiscountDate": "2026-12-01"}, "90040"),
        ({"DaysLateInterest": 1, "DayLateInterestPercentage": 0.1}, "90040"),
        ({"QuotationValue": 2}, "90040"),
        ({"ParcelQuantity": 2}, "90040"),
        ({"DueForecastType": 1}, "90040"),
        ({"TaxIdentNumber": "12"}, "90040"),
        ({"PendentGLAppropriationInformation": [rateio(99.99)]}, "90020"),
        ({"PendentGLAppropriationInformation": [rateio(100, AccountCode="999")]}, "90010"),
        ({"PendentGLAppropriationInformation": [rateio(100, BusinessUnitCode="9")]}, "90010"),
        ({"PendentGLAppropriationInformation": [rateio(100, FinancialFlowTypeCode="9")]}, "90010"),
        ({"PendentGLAppropriationInformation": [rateio(100), rateio(5, TaxCode="99")]}, "90023"),
        ({"PendentTaxInformation": [imposto(100, 1.5), imposto(50, 1, DocumentNumber="OUTRO")]}, "90023"),
        ({"PendentTaxInformation": [imposto(100, 1.5, TaxBaseValue=90)]}, "90023"),
        ({"PendentTaxInformation": [imposto(100, 1.5, OtherDeductions=101)]}, "90023"),
        ({"PendentTaxInformation": [imposto(100, 101)]}, "90023"),
        ({"PendentTaxInformation": [imposto(500, 200)]}, "90023"),
        ({"PendentTaxInformation": [imposto(100, 1.5, EconomicPurposeValue=2)]}, "90023"),
        ({"PendentTaxInformation": [imposto(100, 1.5, SupplierCode=777)]}, "90010"),
        ({"PendentTaxInformation": [imposto(100, 1.5, DocumentClassCode="DP")]}, "90040"),
        ({"ExternalCollectorCode": "X1", "CollectorCode": ""}, "90011"),
        ({"PrepaymentWriteOffInformation": [abate(item(DocumentClassCode="AN"), 1)]}, "90022"),
        ({"ProvisionWriteOffInformation": [abate(item(DocumentClassCode="PR"), 1, SupplierCode=95)]}, "90022"),
    ],
)
def test_rule_broken_by_a_title(erp: Erp, mudancas: dict[str, Any], codigo: str) -> None:
    assert recusa(erp, item(**mudancas)) == ["400", codigo]


@pytest.mark.parametrize(
    ("mudancas", "codigo"),
    [
        ({"CompanyCode": "002"}, "90010"),
        ({"BranchCode": "999"}, "90010"),
        ({"TransactionDate": "2028-01-01"}, "90012"),
        ({"TransactionTotalValue": 99.99}, "90021"),
        ({"DocumentClassCode": "IM"}, "90040"),
        ({"ExternalOrganizationTranslationMatrixCode": "X"}, "90002"),
    ],
)
def test_rule_broken_by_the_header(erp: Erp, mudancas: dict[str, Any], codigo: str) -> None:
    assert recusa(erp, item(), **mudancas) == ["400", codigo]


def test_every_broken_rule_is_told_at_once(erp: Erp) -> None:
    resposta = erp.chamar("lote", lote(item(SupplierCode=777), item(**OUTRO), TransactionTotalValue=1))
    assert set(codigos(resposta)) == {"400", "90010", "90012", "90021"}
    assert f"{LOTE}.{DOCUMENTO}[1].DueDate" in caminhos(resposta)


def test_batch_is_all_or_nothing(erp: Erp) -> None:
    bom = item()
    assert recusa(erp, bom, item(**OUTRO)) == ["400", "90012"]
    assert erp.efeitos(bom) == []


def test_reference_of_a_refused_batch_is_still_free(erp: Erp) -> None:
    corpo = lote(item(**OUTRO))
    erp.chamar("lote", corpo)
    corpo[LOTE][DOCUMENTO][0]["DueDate"] = "2026-12-10"
    assert erp.chamar("lote", corpo).status_code == 200


def test_identical_repeat_is_refused_by_reference_and_key(erp: Erp) -> None:
    corpo = lote(item())
    erp.chamar("lote", corpo)
    assert codigos(erp.chamar("lote", corpo)) == ["400", "90013", "90014"]
    assert len(erp.efeitos(corpo[LOTE][DOCUMENTO][0])) == 1


def test_key_is_compared_without_case(erp: Erp) -> None:
    titulo = erp.implantar(DocumentNumber="Abc7")
    assert recusa(erp, item(**{**chave_sem_ramo(titulo), "DocumentNumber": "aBC7 "})) == ["400", "90014"]


def chave_sem_ramo(titulo: dict[str, Any]) -> dict[str, Any]:
    return {nome: campo for nome, campo in chave(titulo).items() if nome != "BranchCode"}


def test_two_equal_keys_in_one_batch(erp: Erp) -> None:
    assert recusa(erp, item(DocumentNumber="IGUAL"), item(DocumentNumber="IGUAL")) == ["400", "90014"]


def test_sequence_repeated_in_a_batch(erp: Erp) -> None:
    corpo = lote(item(), item())
    for um in corpo[LOTE][DOCUMENTO]:
        um["Sequence"] = "1"
    assert codigos(erp.chamar("lote", corpo)) == ["400", "90015"]


def test_title_owes_its_value_and_has_one_movement(erp: Erp) -> None:
    titulo = erp.implantar(1534.27)
    assert erp.saldo(titulo) == (1534.27, "aberto")
    assert erp.movimentos(titulo) == ["IMPL"]


def test_ledger_names_the_title_by_its_whole_key(erp: Erp) -> None:
    corpo = lote(item(), item())
    erp.chamar("lote", corpo, tag="T9")
    (efeito,) = erp.efeitos(corpo[LOTE][DOCUMENTO][1])
    assert (efeito["tipo"], efeito["contribuinte"], efeito["pa"], efeito["tag"]) == (
        "titulo",
        "001/100",
        "202611",
        "T9",
    )
    assert (efeito["numero"], efeito["valor"]) == (corpo[LOTE]["Reference"], "100.00")


def test_withheld_tax_lowers_the_balance_and_opens_its_title(erp: Erp) -> None:
    titulo = erp.implantar(PendentTaxInformation=[imposto(100, 1.5)])
    do_imposto = {**titulo, "DocumentClassCode": "IR", "SupplierCode": 12704}
    assert (erp.saldo(titulo), erp.saldo(do_imposto)) == ((98.5, "aberto"), (1.5, "aberto"))
    assert [efeito["tipo"] for efeito in erp.efeitos(do_imposto)] == ["titulo_imposto"]


def test_opening_balance_needs_no_appropriation(erp: Erp) -> None:
    corpo = lote(item(PendentGLAppropriationInformation=[]), IsBalanceImplantation=True)
    assert erp.chamar("lote", corpo).status_code == 200


def test_prepayment_pays_for_part_of_a_new_title(erp: Erp) -> None:
    adiantado = erp.adiantar()
    titulo = erp.implantar(PrepaymentWriteOffInformation=[abate(adiantado, 40)])
    assert (erp.saldo(titulo), erp.saldo(adiantado)) == ((60, "aberto"), (60, "aberto"))


def test_two_titles_cannot_take_more_than_the_prepayment_has(erp: Erp) -> None:
    adiantado = erp.adiantar()
    itens = [item(PrepaymentWriteOffInformation=[abate(adiantado, 60)]) for _ in range(2)]
    assert recusa(erp, *itens) == ["400", "90022"]


def test_forecast_is_dropped_whole(erp: Erp) -> None:
    previsao = erp.implantar(DocumentClassCode="PR")
    titulo = erp.implantar(
        ProvisionWriteOffInformation=[abate(previsao, 40, SupplierCode=95, IsZeroBal=True)],
    )
    assert (erp.saldo(titulo), erp.saldo(previsao)) == ((100, "aberto"), (0, "liquidado"))


def test_unpaid_prepayment_may_have_to_wait(erp: Erp, opcoes_totvs: Any) -> None:
    opcoes_totvs(antecipacao_paga_antes=True)
    assert recusa(erp, item(PrepaymentWriteOffInformation=[abate(erp.adiantar(), 1)])) == ["400", "90022"]


def test_external_code_is_translated_by_the_matrix(erp: Erp) -> None:
    erp.sandbox.controle.post("totvs/cadastros", {"matrizes": {"EMS2": {"portadores": {"X7": "90000"}}}})
    assert erp.chamar("lote", lote(item(CollectorCode="", ExternalCollectorCode="X7"))).status_code == 200


def test_unknown_matrix(erp: Erp) -> None:
    corpo = lote(item(CollectorCode="", ExternalCollectorCode="X7"))
    corpo["ExternalOrganizationTranslationMatrixCode"] = "OUTRA"
    assert codigos(erp.chamar("lote", corpo)) == ["400", "90011"]


def test_bar_code_in_the_batch_when_set(erp: Erp, opcoes_totvs: Any) -> None:
    opcoes_totvs(barras_no_lote=True)
    assert recusa(erp, item(CollectorDocumentBarCode="1" * 44)) == ["400", "90050"]


def test_prepayment_is_open_by_its_value(erp: Erp) -> None:
    adiantado = erp.adiantar(80)
    assert erp.saldo(adiantado) == (80, "aberto")
    assert [efeito["tipo"] for efeito in erp.efeitos(adiantado)] == ["antecipacao"]


@pytest.mark.parametrize(
    ("mudancas", "codigo"),
    [
        ({"DocumentClassCode": "DP"}, "90040"),
        ({"DueDate": "2026-11-01"}, "90012"),
        ({"PrintDate": "2023-12-31"}, "90012"),
        ({"PendentGLAppropriationInformation": [rateio(50)]}, "90020"),
        ({"CollectorDocumentBarCode": "8" * 48}, "90050"),
    ],
)
def test_rule_broken_by_a_prepayment(erp: Erp, mudancas: dict[str, Any], codigo: str) -> None:
    assert codigos(erp.chamar("antecipacao", antecipacao(**mudancas))) == ["400", codigo]


def test_reference_is_one_for_batches_and_prepayments(erp: Erp) -> None:
    titulo = erp.implantar()
    resposta = erp.chamar("antecipacao", antecipacao(PrePaymentReference=titulo["Reference"]))
    assert codigos(resposta) == ["400", "90013"]


def test_text_of_a_key_says_the_title(erp: Erp) -> None:
    titulo = item()
    assert recusa(erp, titulo, BranchCode="999") == ["400", "90010"]
    assert texto_da_chave(titulo).startswith("100/DP/1/95/")
