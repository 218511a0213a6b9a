"""Payments against the simulator: batches, borderôs, prepayments, taxes withheld at payment, and their reversal."""

from decimal import Decimal

import pytest
from django.db import transaction

from operacoes.handlers import Repeticao, handler_de
from operacoes.models import Operacao, Situacao
from operacoes.motor import pessoas
from pagar.models import Movimento, Pagamento, Titulo
from pagar.providers.interface import Estorno, TipoPagamento
from pagar.services import atos, pagamentos
from pagar.services.atos import PedidoInvalido
from tests.pagar.fluxos.escritorio import Escritorio, abate, chave_la, irrf, reler, trabalhar

pytestmark = pytest.mark.django_db(transaction=True)
Sit, Pag = Titulo.Situacao, Pagamento.Situacao
BORDERO = TipoPagamento.BORDERO


@pytest.fixture
def abertos(erp: Escritorio) -> list[Titulo]:
    titulos = [erp.titulo("100.00"), erp.titulo("50.00")]
    erp.implantar(*titulos)
    return titulos


def estornar_pagamento(erp: Escritorio, titulo: Titulo, referencia: str = "") -> None:
    reler(titulo)
    pago = Movimento.objects.filter(titulo=titulo, tipo=Movimento.Tipo.PAGO, estornado_por=None).get()
    atos.estornar_movimento(titulo, pago, Estorno(referencia_movimento=referencia), erp.usuario, versao=titulo.versao)
    trabalhar()
    reler(titulo)


@pytest.mark.parametrize("acao", ["nenhuma", "perder_resposta", "cortar", "truncar", "tempo_esgotado", "erro"])
def test_a_batch_settles_each_title_once(erp: Escritorio, abertos: list[Titulo], acao: str) -> None:
    erp.falhar(acao, "pagamento")
    pagamento = erp.pagar_ja(*abertos)
    assert pagamento.situacao == Pag.PAGO
    assert {titulo.situacao for titulo in abertos} == {Sit.LIQUIDADO}
    assert sorted(erp.livro("pagamento")) == sorted(map(chave_la, abertos))
    erp.conferir_saldos()


@pytest.mark.parametrize("acao", ["nenhuma", "perder_resposta", "cortar"])
def test_a_bordero_settles_at_once(erp: Escritorio, abertos: list[Titulo], acao: str) -> None:
    erp.falhar(acao, "pagamento")
    pagamento = erp.pagar_ja(*abertos, tipo=BORDERO, baixa_imediata=True)
    assert (pagamento.situacao, pagamento.bordero) == (Pag.PAGO, 1)
    assert {titulo.situacao for titulo in abertos} == {Sit.LIQUIDADO}
    assert len(erp.livro("bordero")) == len(erp.livro("pagamento")) == 2
    erp.conferir_saldos()


def test_a_bordero_waits_for_the_bank(erp: Escritorio, abertos: list[Titulo]) -> None:
    pagamento = erp.pagar_ja(*abertos, tipo=BORDERO)
    assert pagamento.situacao == Pag.GERADO
    assert {titulo.situacao for titulo in abertos} == {Sit.BORDERO}
    erp.conferir_saldos()
    with pytest.raises(PedidoInvalido, match="Em borderô"):
        erp.pagar(*abertos)
    (la,) = erp.sandbox.controle.get("totvs/borderos")["borderos"]
    erp.sandbox.controle.post("totvs/borderos", {"id": la["id"]})
    assert pagamentos.registrar_retorno(pagamento, [titulo.pk for titulo in abertos], erp.usuario) == 2
    erp.conferir_saldos()


def test_what_the_bank_did_not_pay_is_open_again(erp: Escritorio, abertos: list[Titulo]) -> None:
    pagamento = erp.pagar_ja(*abertos, tipo=BORDERO)
    pagamentos.registrar_retorno(pagamento, [abertos[0].pk], erp.usuario)
    reler(*abertos)
    assert [titulo.situacao for titulo in abertos] == [Sit.LIQUIDADO, Sit.ABERTO]


def test_a_number_that_the_erp_has_used_is_told_and_nothing_changes(erp: Escritorio, abertos: list[Titulo]) -> None:
    erp.pagar_ja(abertos[0], tipo=BORDERO, bordero=7)
    Pagamento.objects.update(bordero=8)  # as if it had been made on the ERP's own screens
    pagamento = erp.pagar_ja(abertos[1], tipo=BORDERO, bordero=7)
    assert (pagamento.situacao, abertos[1].situacao, abertos[1].em_curso) == (Pag.RECUSADO, Sit.ABERTO, None)
    assert "7" in pagamento.mensagem
    erp.conferir_saldos()


def test_a_number_that_somebody_may_have_used_before_a_lost_answer_waits_for_a_person(
    erp: Escritorio, abertos: list[Titulo]
) -> None:
    erp.pagar_ja(abertos[0], tipo=BORDERO, bordero=7)
    Pagamento.objects.update(bordero=8)  # as if it had been made on the ERP's own screens
    erp.falhar("cortar", "pagamento")
    pagamento = erp.pagar_ja(abertos[1], tipo=BORDERO, bordero=7)
    operacao = Operacao.objects.get(pk=pagamento.operacao_id or 0)
    assert (operacao.situacao, pagamento.situacao) == (Situacao.AGUARDA_PESSOA, Pag.ENVIANDO)
    pessoas.resolver(operacao, False, "O borderô 7 é de outros títulos", erp.usuario)
    trabalhar()
    reler(pagamento, abertos[1])
    assert (pagamento.situacao, abertos[1].em_curso) == (Pag.RECUSADO, None)
    erp.conferir_saldos()


def test_part_of_a_title_is_paid_and_then_the_rest(erp: Escritorio, abertos: list[Titulo]) -> None:
    titulo = abertos[0]
    erp.pagar_ja(titulo, itens=[{"valor": Decimal("30.00"), "desconto": Decimal("5.00")}])
    assert (titulo.situacao, titulo.saldo) == (Sit.ABERTO, Decimal("65.00"))
    erp.conferir_saldos()
    erp.pagar_ja(titulo, itens=[{"valor": Decimal("70.00"), "juros": Decimal("5.00")}])
    assert titulo.situacao == Sit.LIQUIDADO
    erp.conferir_saldos()


def test_more_than_the_balance_is_refused_here(erp: Escritorio, abertos: list[Titulo]) -> None:
    with pytest.raises(PedidoInvalido, match="passa do que se pode pagar, R\\$ 100,00"):
        erp.pagar(abertos[0], itens=[{"valor": Decimal("100.01")}])


def test_more_than_the_balance_there_is_refused_by_the_erp(erp: Escritorio, abertos: list[Titulo]) -> None:
    Titulo.objects.filter(pk=abertos[0].pk).update(saldo=Decimal("200.00"))
    pagamento = erp.pagar_ja(abertos[0], itens=[{"valor": Decimal("150.00")}])
    assert (pagamento.situacao, abertos[0].em_curso) == (Pag.RECUSADO, None)
    assert "passa do que se pode pagar" in pagamento.mensagem
    assert erp.livro("pagamento") == []


@pytest.mark.parametrize("acao", ["nenhuma", "perder_resposta", "cortar"])
def test_a_partial_batch_pays_the_good_ones(erp: Escritorio, abertos: list[Titulo], acao: str) -> None:
    """One was settled on the ERP's own screens meanwhile."""
    bom, ruim = abertos
    erp.pagar_ja(ruim)
    Titulo.objects.filter(pk=ruim.pk).update(saldo=Decimal("50.00"), situacao=Sit.ABERTO)
    erp.falhar(acao, "pagamento")
    pagamento = erp.pagar_ja(bom, ruim, parcial=True)
    assert pagamento.situacao == Pag.PAGO
    assert erp.livro("pagamento").count(chave_la(bom)) == 1
    if acao == "perder_resposta":  # which ones went is not told any more
        assert all("Confira lá" in titulo.aviso for titulo in (bom, ruim))
    else:
        assert (bom.situacao, ruim.situacao) == (Sit.LIQUIDADO, Sit.ABERTO)
        assert "não está aberto" in Movimento.objects.filter(titulo=ruim).latest("pk").texto


def test_a_partial_batch_without_a_good_one_ends_refused(erp: Escritorio, abertos: list[Titulo]) -> None:
    erp.pagar_ja(abertos[0])
    Titulo.objects.filter(pk=abertos[0].pk).update(saldo=Decimal("50.00"), situacao=Sit.ABERTO)
    pagamento = erp.pagar_ja(abertos[0], parcial=True)
    assert (pagamento.situacao, abertos[0].em_curso) == (Pag.RECUSADO, None)
    assert Operacao.objects.get(pk=pagamento.operacao_id or 0).perguntas <= 2


@pytest.mark.parametrize("acao", ["nenhuma", "perder_resposta", "cortar"])
def test_a_payment_is_reversed_by_its_reference(erp: Escritorio, abertos: list[Titulo], acao: str) -> None:
    erp.pagar_ja(abertos[0], itens=[{"valor": Decimal("40.00")}])
    erp.falhar(acao, "estorno")
    estornar_pagamento(erp, abertos[0])
    assert (abertos[0].situacao, abertos[0].saldo) == (Sit.ABERTO, Decimal("100.00"))
    assert len(erp.livro("estorno")) == 1
    erp.conferir_saldos()


def test_a_settlement_of_a_bordero_is_reversed_by_the_reference_the_erp_gave(
    erp: Escritorio, abertos: list[Titulo]
) -> None:
    erp.pagar_ja(abertos[0], tipo=BORDERO, baixa_imediata=True)
    estornar_pagamento(erp, abertos[0])
    assert abertos[0].situacao == Sit.ABERTO
    erp.conferir_saldos()


def test_a_bordero_whose_answer_was_lost_is_reversed_by_the_reference_a_person_found(
    erp: Escritorio, abertos: list[Titulo]
) -> None:
    erp.falhar("perder_resposta", "pagamento")
    erp.pagar_ja(abertos[0], tipo=BORDERO, baixa_imediata=True)
    with pytest.raises(PedidoInvalido):
        estornar_pagamento(erp, abertos[0])
    movimentos = erp.sandbox.controle.get("totvs/movimentos", chave=chave_la(abertos[0]), tipo="BXA")["movimentos"]
    estornar_pagamento(erp, abertos[0], movimentos[0]["referencia"])
    assert abertos[0].situacao == Sit.ABERTO
    erp.conferir_saldos()


def test_a_tax_withheld_at_payment_leaves_the_balance_with_it(erp: Escritorio) -> None:
    titulo = erp.titulo("1000.00", no_pagamento=[irrf("15.00", aliquota=Decimal("1.50"))])
    erp.implantar(titulo)
    assert titulo.saldo == Decimal("1000.00")
    pagamento = erp.pagar_ja(titulo)
    assert (pagamento.total, titulo.situacao) == (Decimal("985.00"), Sit.LIQUIDADO)
    assert len(erp.livro("titulo_imposto")) == 1
    erp.conferir_saldos()


def test_a_reference_of_somebody_else_is_exchanged_by_repetir(erp: Escritorio, abertos: list[Titulo]) -> None:
    pagamento = erp.pagar(abertos[0])
    fora = {"especie": "DP", "fornecedor": 95, "numero": "X", "valor": "5", "referencia": pagamento.referencia}
    erp.sandbox.controle.post("totvs/titulos", fora)
    trabalhar()
    reler(pagamento)
    assert pagamento.situacao == Pag.RECUSADO
    (operacao,) = Operacao.objects.filter(situacao=Situacao.RECUSADA)
    repetir_uma(operacao, erp)
    reler(pagamento)
    assert pagamento.situacao == Pag.PAGO
    erp.conferir_saldos()


def repetir_uma(operacao: Operacao, erp: Escritorio) -> None:
    with transaction.atomic():
        repeticao = handler_de(operacao.tipo).repetir([operacao], erp.usuario)[operacao.pk]
        assert isinstance(repeticao, Repeticao), repeticao
        pessoas.nova_revisao(operacao, repeticao, erp.usuario)
    trabalhar()


# -- prepayments -------------------------------------------------------------------------------------------------------


def test_a_prepayment_is_written_off_by_a_title_and_given_back_when_it_is_cancelled(erp: Escritorio) -> None:
    antecipacao = erp.antecipacao("80.00")
    erp.implantar(antecipacao)
    titulo = erp.titulo("100.00", antecipacoes=[abate(antecipacao, "30.00")])
    erp.implantar(titulo)
    reler(antecipacao)
    assert (titulo.saldo, antecipacao.saldo) == (Decimal("70.00"), Decimal("50.00"))
    erp.conferir_saldos()
    assert "abatimento" in atos.por_que_nao_cancelar(antecipacao)
    atos.cancelar(titulo, Estorno(), erp.usuario, versao=titulo.versao)
    trabalhar()
    reler(antecipacao)
    assert antecipacao.saldo == Decimal("80.00")
    erp.conferir_saldos()
    atos.cancelar(antecipacao, Estorno(), erp.usuario, versao=antecipacao.versao)
    trabalhar()
    erp.conferir_saldos()


def test_a_prepayment_is_written_off_by_a_payment_and_given_back_when_it_is_reversed(erp: Escritorio) -> None:
    antecipacao, titulo = erp.antecipacao("80.00"), erp.titulo("100.00")
    erp.implantar(antecipacao, titulo)
    erp.pagar_ja(titulo, itens=[{"valor": Decimal("20.00"), "antecipacoes": (abate(antecipacao, "80.00"),)}])
    reler(antecipacao)
    assert (titulo.situacao, antecipacao.situacao) == (Sit.LIQUIDADO, Sit.LIQUIDADO)
    erp.conferir_saldos()
    estornar_pagamento(erp, titulo)
    reler(antecipacao)
    assert (titulo.saldo, antecipacao.saldo) == (Decimal("100.00"), Decimal("80.00"))
    erp.conferir_saldos()


def test_a_prepayment_that_is_paid_keeps_its_balance(erp: Escritorio) -> None:
    antecipacao = erp.antecipacao("80.00")
    erp.implantar(antecipacao)
    erp.pagar_ja(antecipacao)
    assert (antecipacao.situacao, antecipacao.saldo) == (Sit.ABERTO, Decimal("80.00"))
    erp.conferir_saldos()
    estornar_pagamento(erp, antecipacao)
    erp.conferir_saldos()


def test_one_batch_pays_a_prepayment_and_a_title_that_takes_of_it(erp: Escritorio) -> None:
    antecipacao, titulo = erp.antecipacao("80.00"), erp.titulo("100.00")
    erp.implantar(antecipacao, titulo)
    itens = [{"valor": Decimal("50.00"), "antecipacoes": (abate(antecipacao, "50.00"),)}, {}]
    erp.pagar_ja(titulo, antecipacao, itens=itens)
    assert (titulo.saldo, antecipacao.saldo) == (Decimal(0), Decimal("30.00"))
    erp.conferir_saldos()
