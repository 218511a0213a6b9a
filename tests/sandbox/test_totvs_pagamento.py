"""E3: payment batches and borderôs."""

from typing import Any

import pytest

from tests.sandbox.totvs import (
    DOCUMENTO,
    LOTE,
    Erp,
    atualizacao,
    bordero,
    chave,
    codigos,
    estorno,
    imposto,
    item,
    numero,
    pagamento,
    pago,
    rateio,
)


def pagar(erp: Erp, titulo: dict[str, Any], valor: float, **mudancas: Any) -> list[str]:
    resposta = erp.chamar("pagamento", pagamento(pago(titulo, valor, **mudancas)))
    return ["200"] if resposta.status_code == 200 else codigos(resposta)


def test_whole_payment_settles_the_title(erp: Erp) -> None:
    titulo = erp.implantar()
    assert pagar(erp, titulo, 100) == ["200"]
    assert erp.saldo(titulo) == (0, "liquidado")
    assert [efeito["tipo"] for efeito in erp.efeitos(titulo)] == ["titulo", "pagamento"]


def test_partial_payments_with_discount_and_interest(erp: Erp) -> None:
    titulo = erp.implantar()
    pagar(erp, titulo, 30, DiscountValue=5)
    assert erp.saldo(titulo) == (65, "aberto")
    pagar(erp, titulo, 70, InterestValue=5)
    assert erp.saldo(titulo) == (0, "liquidado")


@pytest.mark.parametrize(
    ("valor", "mudancas", "codigo"),
    [
        (100.01, {}, "90033"),
        (100, {"DiscountValue": 1}, "90033"),
        (50, {"WriteOffValue": 10}, "90022"),
        (50, {"QuotationValue": 2}, "90040"),
        (50, {"ExchangeVarianceValue": 1}, "90040"),
        (50, {"CollectorCode": "999"}, "90010"),
        (50, {"PaymentMethodCode": "ZZ"}, "90010"),
        (50, {"CompanyCode": "002"}, "90040"),
        (50, {"PendentTaxInformation": [imposto(100, 60)]}, "90033"),
        (50, {"PendentGLAppropriationInformation": [rateio(60, AccountCode="9")]}, "90010"),
        (50, {"DocumentNumber": "NAOHA"}, "90030"),
        (50, {"PrepaymentReference": "NAOHA"}, "90030"),
    ],
)
def test_rule_broken_by_an_item(erp: Erp, valor: float, mudancas: dict[str, Any], codigo: str) -> None:
    assert pagar(erp, erp.implantar(), valor, **mudancas) == ["400", codigo]


@pytest.mark.parametrize(
    ("mudancas", "codigo"),
    [
        ({"TransactionType": 9}, "90040"),
        ({"TotalPaymentValue": 99}, "90021"),
        ({"TotalInformedValue": 99}, "90021"),
        ({"SupplierCode": 1}, "90040"),
        ({"IsStatementSent": True}, "90040"),
        ({"EconomicPurposeCode": "Outra"}, "90040"),
        ({"TransactionDate": "2026-11-20"}, "90012"),
        ({"TransactionDate": "2029-11-20"}, "90012"),
    ],
)
def test_rule_broken_by_the_header(erp: Erp, mudancas: dict[str, Any], codigo: str) -> None:
    corpo = pagamento(pago(erp.implantar(), 100), **mudancas)
    assert codigos(erp.chamar("pagamento", corpo)) == ["400", codigo]


def test_appropriation_of_a_payment_need_not_add_up(erp: Erp) -> None:
    assert pagar(erp, erp.implantar(), 100, PendentGLAppropriationInformation=[rateio(60)]) == ["200"]


def test_title_twice_in_one_request(erp: Erp) -> None:
    titulo = erp.implantar()
    resposta = erp.chamar("pagamento", pagamento(pago(titulo, 10), pago(titulo, 10)))
    assert codigos(resposta) == ["400", "90032"]


def test_settled_title_is_not_paid_again(erp: Erp) -> None:
    titulo = erp.implantar()
    pagar(erp, titulo, 100)
    assert pagar(erp, titulo, 1) == ["400", "90031", "90033"]


def test_held_title_is_not_paid(erp: Erp) -> None:
    titulo = erp.implantar()
    erp.chamar("atualizacao", atualizacao(titulo, IsPaymentHeld=True)).raise_for_status()
    assert pagar(erp, titulo, 100) == ["400", "90032"]


def test_reference_of_a_batch_is_used_once(erp: Erp) -> None:
    corpo = pagamento(pago(erp.implantar(), 10))
    erp.chamar("pagamento", corpo).raise_for_status()
    assert codigos(erp.chamar("pagamento", corpo)) == ["400", "90013"]


def test_bad_item_stops_the_batch(erp: Erp) -> None:
    bom = erp.implantar()
    assert erp.chamar("pagamento", pagamento(pago(bom, 100), pago(item(), 1))).status_code == 400
    assert erp.saldo(bom) == (100, "aberto")


def test_partial_batch_pays_the_good_and_tells_the_bad(erp: Erp) -> None:
    bom = erp.implantar()
    corpo = pagamento(pago(item(), 1), pago(bom, 100), IsPartialBatchGenerated=True)
    resposta = erp.chamar("pagamento", corpo).json()
    assert (resposta["type"], [erro["code"] for erro in resposta["details"]]) == ("warning", ["90030"])
    assert erp.saldo(bom) == (0, "liquidado")


def test_partial_batch_without_a_good_item_is_refused(erp: Erp) -> None:
    corpo = pagamento(pago(item(), 1), IsPartialBatchGenerated=True)
    assert codigos(erp.chamar("pagamento", corpo)) == ["400", "90030"]


def test_withheld_tax_at_payment(erp: Erp) -> None:
    titulo = erp.implantar()
    assert pagar(erp, titulo, 98.5, PendentTaxInformation=[imposto(100, 1.5, TaxPercentage=1.5)]) == ["200"]
    assert erp.saldo(titulo) == (0, "liquidado")
    assert erp.saldo({**titulo, "DocumentClassCode": "IR", "SupplierCode": 12704}) == (1.5, "aberto")


def test_prepayment_written_off_at_payment(erp: Erp) -> None:
    titulo, adiantado = erp.implantar(), erp.adiantar(40)
    abate = [{**chave(adiantado), "WriteOffValue": 40}]
    assert pagar(erp, titulo, 60, PrepaymentWriteOffInformation=abate, WriteOffValue=40) == ["200"]
    assert (erp.saldo(titulo), erp.saldo(adiantado)) == ((0, "liquidado"), (0, "liquidado"))


def test_prepayment_is_paid_by_its_reference_and_keeps_its_balance(erp: Erp) -> None:
    adiantado = erp.adiantar()
    por_referencia = {
        "CompanyCode": "001",
        "PaymentValue": 100,
        "PrepaymentReference": adiantado["PrePaymentReference"],
    }
    assert erp.chamar("pagamento", pagamento(por_referencia)).status_code == 200
    assert (erp.saldo(adiantado), erp.titulo(adiantado)["pago"]) == ((100, "aberto"), True)


def test_bordero_keeps_the_balance_until_the_bank_confirms(erp: Erp) -> None:
    titulo = erp.implantar()
    corpo = bordero(pago(titulo, 100))
    erp.chamar("pagamento", corpo).raise_for_status()
    assert erp.saldo(titulo) == (100, "bordero")
    (aberto,) = [um for um in erp.sandbox.controle.get("totvs/borderos")["borderos"] if not um["confirmado"]]
    erp.sandbox.controle.post("totvs/borderos", {"id": aberto["id"]})
    assert (aberto["numero"], erp.saldo(titulo)) == (corpo[LOTE]["StatementNumber"], (0, "liquidado"))
    assert [efeito["tipo"] for efeito in erp.efeitos(titulo)] == ["titulo", "bordero", "pagamento"]


def test_bordero_updated_at_once(erp: Erp) -> None:
    titulo = erp.implantar()
    erp.chamar("pagamento", bordero(pago(titulo, 100), IsReferenceUpdated=True)).raise_for_status()
    assert erp.saldo(titulo) == (0, "liquidado")


def test_number_of_a_bordero_is_used_once_by_branch_and_collector(erp: Erp) -> None:
    qual = numero()
    for portador, esperado in (("03399", 200), ("03399", 400), ("90000", 200)):
        corpo = bordero(
            pago(erp.implantar(), 10), StatementNumber=qual, CollectorCode=portador, IsReferenceUpdated=True
        )
        resposta = erp.chamar("pagamento", corpo)
        assert resposta.status_code == esperado
    corpo[LOTE][DOCUMENTO] = [{**pago(erp.implantar(), 10)}]
    assert codigos(erp.chamar("pagamento", corpo)) == ["400", "90034"]


def test_title_in_a_pending_bordero_is_left_alone(erp: Erp) -> None:
    titulo = erp.implantar()
    erp.chamar("pagamento", bordero(pago(titulo, 100))).raise_for_status()
    assert codigos(erp.chamar("pagamento", bordero(pago(titulo, 100)))) == ["400", "90032"]
    assert codigos(erp.chamar("atualizacao", atualizacao(titulo))) == ["400", "90032"]
    assert codigos(erp.chamar("estorno", estorno(titulo, 1))) == ["400", "90032"]


@pytest.mark.parametrize("campo", ["Reference", "ReferenceBranchCode"])
def test_bordero_has_no_reference(erp: Erp, campo: str) -> None:
    assert codigos(erp.chamar("pagamento", bordero(pago(item(), 1), **{campo: "100"}))) == ["400", "90003"]
