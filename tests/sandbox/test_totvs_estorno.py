"""E4 and E5: what is done to a title that exists."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sandbox.arrecadacao import codigo_barras, linha_digitavel
from tests.sandbox.totvs import (
    DOCUMENTO,
    HOJE,
    Erp,
    atualizacao,
    chave,
    codigos,
    estorno,
    imposto,
    item,
    pagamento,
    pago,
    rateio,
    referencia,
)

CANCELA, ESTORNA, MOVIMENTO = 1, 2, 3
BOLETO = "00190500954014481606906809350314337370000000100"


def desfazer(erp: Erp, titulo: dict[str, Any], operacao: int, **mudancas: Any) -> list[str]:
    resposta = erp.chamar("estorno", estorno(titulo, operacao, **mudancas))
    return ["200"] if resposta.status_code == 200 else codigos(resposta)


def mudar(erp: Erp, titulo: dict[str, Any], **mudancas: Any) -> list[str]:
    resposta = erp.chamar("atualizacao", atualizacao(titulo, **mudancas))
    return ["200"] if resposta.status_code == 200 else codigos(resposta)


def pagar(erp: Erp, titulo: dict[str, Any], valor: float) -> str:
    """The reference of the payment."""
    corpo = pagamento(pago(titulo, valor))
    return str(erp.chamar("pagamento", corpo).raise_for_status().json()["Reference"])


def reduzir(erp: Erp, titulo: dict[str, Any], de: float, para: float, **mudancas: Any) -> list[str]:
    linhas = [{**rateio(abs(de - para)), "BranchCode": "100", "Sequence": 0, "ProRataType": 3}]
    campos = {"DocumentBalanceValue": para, "UpdateReason": 1, "PendentGLAppropriationInformation": linhas}
    return mudar(erp, titulo, **{**campos, **mudancas})


@pytest.mark.parametrize(("operacao", "situacao"), [(CANCELA, "cancelado"), (ESTORNA, "estornado")])
def test_title_is_undone_once(erp: Erp, operacao: int, situacao: str) -> None:
    titulo = erp.implantar()
    assert desfazer(erp, titulo, operacao) == ["200"]
    assert erp.saldo(titulo) == (0, situacao)
    assert desfazer(erp, titulo, operacao) == ["400", "90031"]
    assert [efeito["tipo"] for efeito in erp.efeitos(titulo)] == ["titulo", ("cancelamento", "estorno")[operacao - 1]]


def test_key_of_a_cancelled_title_stays_taken(erp: Erp, opcoes_totvs: Any) -> None:
    titulo = erp.implantar()
    desfazer(erp, titulo, CANCELA)
    de_novo = {nome: campo for nome, campo in chave(titulo).items() if nome != "BranchCode"}
    with pytest.raises(Exception, match="400"):
        erp.implantar(**de_novo)
    opcoes_totvs(chave_cancelada_livre=True)
    erp.implantar(**de_novo)


def test_paid_title_is_not_cancelled(erp: Erp) -> None:
    titulo = erp.implantar()
    pagar(erp, titulo, 10)
    assert desfazer(erp, titulo, CANCELA) == ["400", "90036"]


def test_payment_reversed_opens_the_title_and_lets_it_be_cancelled(erp: Erp) -> None:
    titulo = erp.implantar()
    paga = pagar(erp, titulo, 100)
    assert desfazer(erp, titulo, MOVIMENTO, TransactionReference=paga) == ["200"]
    assert erp.saldo(titulo) == (100, "aberto")
    assert desfazer(erp, titulo, CANCELA) == ["200"]


def test_movement_is_reversed_once(erp: Erp) -> None:
    titulo = erp.implantar()
    paga = pagar(erp, titulo, 100)
    desfazer(erp, titulo, MOVIMENTO, TransactionReference=paga)
    assert desfazer(erp, titulo, MOVIMENTO, TransactionReference=paga) == ["400", "90035"]


def test_implantation_reversed_as_a_movement_reverses_the_title(erp: Erp) -> None:
    titulo = erp.implantar()
    assert desfazer(erp, titulo, MOVIMENTO, TransactionReference=titulo["Reference"]) == ["200"]
    assert erp.saldo(titulo) == (0, "estornado")


def test_alteration_reversed_restores_the_balance(erp: Erp) -> None:
    titulo, qual = erp.implantar(), referencia("A")
    assert reduzir(erp, titulo, 100, 70, Reference=qual) == ["200"]
    assert desfazer(erp, titulo, MOVIMENTO, TransactionReference=qual) == ["200"]
    assert erp.saldo(titulo) == (100, "aberto")


@pytest.mark.parametrize(
    ("mudancas", "codigo"),
    [
        ({"DocumentNumber": "NAOHA"}, "90030"),
        ({"ReversalOperation": 9}, "90040"),
        ({"ReverseTypeCode": 9}, "90040"),
        ({"ReverseTypeCode": 2}, "90040"),
        ({"TransactionShortName": 3}, "90040"),
        ({"TransactionDate": "2026-11-20"}, "90012"),
        ({"TransactionDate": "2030-01-01"}, "90012"),
        ({"IsItemReopened": True}, "90040"),
        ({"IsRefundable": True, "RefundBranchCode": "9"}, "90010"),
    ],
)
def test_rule_broken_by_a_reversal(erp: Erp, mudancas: dict[str, Any], codigo: str) -> None:
    achados = desfazer(erp, erp.implantar(), CANCELA, **mudancas)
    assert achados == ["400", codigo]


def test_prepayment_written_off_in_part_is_not_cancelled(erp: Erp) -> None:
    adiantado = erp.adiantar()
    abate = {nome: campo for nome, campo in chave(adiantado).items() if nome != "SupplierCode"}
    erp.implantar(PrepaymentWriteOffInformation=[{**abate, "WriteOffValue": 40}])
    assert desfazer(erp, adiantado, CANCELA) == ["400", "90036"]


def test_cancelled_title_gives_the_prepayment_back(erp: Erp) -> None:
    adiantado = erp.adiantar(40)
    abate = {nome: campo for nome, campo in chave(adiantado).items() if nome != "SupplierCode"}
    titulo = erp.implantar(PrepaymentWriteOffInformation=[{**abate, "WriteOffValue": 40}])
    assert desfazer(erp, titulo, CANCELA) == ["200"]
    assert erp.saldo(adiantado) == (40, "aberto")
    assert desfazer(erp, adiantado, CANCELA) == ["200"]


def test_linked_tax_is_undone_when_asked(erp: Erp) -> None:
    titulo = erp.implantar(PendentTaxInformation=[imposto(100, 1.5)])
    assert desfazer(erp, titulo, CANCELA, IsTaxReverseHeld=True) == ["200"]
    assert erp.saldo({**titulo, "DocumentClassCode": "IR", "SupplierCode": 12704}) == (0, "estornado")


def test_linked_tax_already_paid_stops_the_reversal(erp: Erp) -> None:
    titulo = erp.implantar(PendentTaxInformation=[imposto(100, 1.5)])
    pagar(erp, {**titulo, "DocumentClassCode": "IR", "SupplierCode": 12704}, 1.5)
    assert desfazer(erp, titulo, CANCELA, IsTaxReverseHeld=True) == ["400", "90036"]


def test_operations_of_the_reversal_may_be_set(erp: Erp, opcoes_totvs: Any) -> None:
    opcoes_totvs(operacoes_estorno={"7": "cancelamento"})
    titulo = erp.implantar()
    assert desfazer(erp, titulo, 7) == ["200"]
    assert erp.saldo(titulo) == (0, "cancelado")


@pytest.mark.parametrize("forma", [codigo_barras, linha_digitavel, None])
def test_bar_code_is_attached_and_the_rest_stays(erp: Erp, forma: Any) -> None:
    barras = codigo_barras(Decimal(100), date(2026, 12, 18), "07202611300000011", "0328")
    codigo = BOLETO if forma is None else barras if forma is codigo_barras else linha_digitavel(barras).replace(" ", "")
    titulo = erp.implantar()
    assert mudar(
        erp, titulo, CollectorDocumentBarCode=codigo, CollectorDocumentNumber="0720", PaymentMethodCode=""
    ) == ["200"]
    achado = erp.titulo(titulo)
    assert (achado["barras"], achado["titulo_banco"], achado["forma"]) == (codigo, "0720", "BOL")
    assert erp.movimentos(titulo) == ["IMPL", "ALNC"]


@pytest.mark.parametrize("codigo", ["1" * 44, BOLETO[:-1], BOLETO[:9] + "0" + BOLETO[10:], "8" * 48, "A" * 44])
def test_bar_code_with_wrong_digits(erp: Erp, codigo: str) -> None:
    assert mudar(erp, erp.implantar(), CollectorDocumentBarCode=codigo) == ["400", "90050"]


def test_balance_changes_by_what_is_appropriated(erp: Erp) -> None:
    titulo = erp.implantar()
    assert reduzir(erp, titulo, 100, 70) == ["200"]
    assert erp.saldo(titulo) == (70, "aberto")
    assert reduzir(erp, titulo, 70, 90) == ["200"]
    assert erp.movimentos(titulo) == ["IMPL", "AVMN", "AVMA"]


@pytest.mark.parametrize(
    ("mudancas", "codigo"),
    [
        ({"PendentGLAppropriationInformation": []}, "90020"),
        ({"UpdateReason": 0}, "90004"),
        ({"UpdateReason": 9}, "90040"),
        ({"DocumentBalanceValue": 100}, "90020"),
        ({"Situation": 1}, "90040"),
        ({"CurrencyCode": "Dolar"}, "90040"),
        ({"DueDate": "2026-11-09"}, "90012"),
        ({"TransactionDate": "2026-11-20"}, "90012"),
        ({"PaymentMethodCode": "ZZZ"}, "90010"),
        ({"DiscountValue": 5}, "90004"),
        ({"DocumentNumber": "NAOHA"}, "90030"),
    ],
)
def test_rule_broken_by_an_update(erp: Erp, mudancas: dict[str, Any], codigo: str) -> None:
    assert reduzir(erp, erp.implantar(), 100, 70, **mudancas) == ["400", codigo]


def test_balance_is_zeroed_only_as_a_settlement(erp: Erp) -> None:
    titulo = erp.implantar()
    assert reduzir(erp, titulo, 100, 0) == ["400", "90040"]
    assert reduzir(erp, titulo, 100, 0, UpdateReason=2) == ["200"]
    assert erp.saldo(titulo) == (0, "liquidado")


def test_repeated_line_of_the_appropriation(erp: Erp) -> None:
    linhas = [{**rateio(15), "Sequence": 1}, {**rateio(15), "Sequence": 1}]
    assert reduzir(erp, erp.implantar(), 100, 70, PendentGLAppropriationInformation=linhas) == ["400", "90015"]


def test_sum_of_the_update_may_be_left_alone(erp: Erp, opcoes_totvs: Any) -> None:
    opcoes_totvs(atualizacao_rateio="off")
    titulo = erp.implantar()
    assert reduzir(erp, titulo, 100, 70, PendentGLAppropriationInformation=[]) == ["200"]


def test_blank_may_clear(erp: Erp, opcoes_totvs: Any) -> None:
    opcoes_totvs(branco_limpa=True)
    titulo = erp.implantar()
    mudar(erp, titulo, PaymentMethodCode="")
    assert erp.titulo(titulo)["forma"] == ""


def test_hold_stays_when_it_is_not_told(erp: Erp) -> None:
    titulo = erp.implantar()
    mudar(erp, titulo, IsPaymentHeld=True)
    mudar(erp, titulo, DueDate="2026-12-20")
    assert (erp.titulo(titulo)["bloqueado"], erp.titulo(titulo)["vencimento"]) == (True, "2026-12-20")


def test_cancelled_title_is_not_updated(erp: Erp) -> None:
    titulo = erp.implantar()
    desfazer(erp, titulo, CANCELA)
    assert mudar(erp, titulo) == ["400", "90031"]


def test_reference_that_the_erp_makes_comes_in_the_answer(erp: Erp) -> None:
    feita = erp.chamar("atualizacao", atualizacao(erp.implantar())).json()["Reference"]
    assert feita.startswith(f"{HOJE[2:4]}{HOJE[5:7]}{HOJE[8:10]}A")


def test_reference_of_a_reversal_is_used_once(erp: Erp) -> None:
    titulo = erp.implantar()
    assert desfazer(erp, titulo, CANCELA, Reference=titulo["Reference"]) == ["400", "90013"]


def test_title_of_another_branch_is_not_found(erp: Erp) -> None:
    corpo = estorno(item(), CANCELA)
    corpo[DOCUMENTO]["BranchCode"] = "999"
    assert codigos(erp.chamar("estorno", corpo)) == ["400", "90010"]
