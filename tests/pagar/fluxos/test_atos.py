"""Updates, cancellations, reversals and cancelled notes against the simulator."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import transaction

from nfse.models import NotaRecebida
from nfse.sinais import recebida_cancelada
from operacoes.models import Operacao, Situacao
from pagar.models import Movimento, Titulo
from pagar.providers.interface import Atualizacao, Estorno, MotivoAlteracao, RateioAlteracao, TipoPagamento
from pagar.services import atos, pagamentos
from pagar.services.atos import PedidoInvalido
from tests.pagar.fluxos.escritorio import DESCONHECIDO, Escritorio, irrf, reler, trabalhar

pytestmark = pytest.mark.django_db(transaction=True)
Sit = Titulo.Situacao
FALHAS = ["nenhuma", "perder_resposta", "cortar", "truncar", "tempo_esgotado"]


@pytest.fixture
def titulo(erp: Escritorio) -> Titulo:
    titulo = erp.titulo("100.00")
    erp.implantar(titulo)
    return titulo


def novo_saldo(saldo: str, diferenca: str) -> Atualizacao:
    linha = RateioAlteracao(
        estabelecimento="100",
        plano_contas="Geral",
        conta="21010606",
        unidade_negocio="1",
        fluxo="10.06.01",
        valor=Decimal(diferenca),
    )
    return Atualizacao(saldo=Decimal(saldo), motivo=MotivoAlteracao.ALTERACAO, rateio=(linha,))


def atualizar(erp: Escritorio, titulo: Titulo, corpo: Atualizacao) -> None:
    atos.atualizar(titulo, corpo, erp.usuario, versao=titulo.versao)
    trabalhar()
    reler(titulo)


@pytest.mark.parametrize("acao", FALHAS)
def test_an_update_changes_the_balance_once(erp: Escritorio, titulo: Titulo, acao: str) -> None:
    erp.falhar(acao, "atualizacao")
    atualizar(erp, titulo, novo_saldo("70.00", "30.00"))
    assert titulo.saldo == Decimal("70.00")
    assert len(erp.livro("atualizacao")) == 1
    erp.conferir_saldos()


@pytest.mark.parametrize("acao", FALHAS)
@pytest.mark.parametrize(("ato", "fim"), [(atos.cancelar, Sit.CANCELADO), (atos.estornar, Sit.ESTORNADO)])
def test_a_title_is_undone_once(
    erp: Escritorio, titulo: Titulo, acao: str, ato: Callable[..., Operacao], fim: str
) -> None:
    erp.falhar(acao, "estorno")
    ato(titulo, Estorno(), erp.usuario, versao=titulo.versao)
    trabalhar()
    reler(titulo)
    assert (titulo.situacao, titulo.saldo) == (fim, Decimal(0))
    assert len(erp.livro("cancelamento" if fim == Sit.CANCELADO else "estorno")) == 1
    erp.conferir_saldos()


def test_an_updated_title_is_not_cancelled_but_its_alteration_is_undone(erp: Escritorio, titulo: Titulo) -> None:
    atualizar(erp, titulo, novo_saldo("70.00", "30.00"))
    with pytest.raises(PedidoInvalido, match="já foi atualizado"):
        atos.cancelar(titulo, Estorno(), erp.usuario, versao=titulo.versao)
    (alteracao,) = atos.estornaveis(titulo)
    atos.estornar_movimento(titulo, alteracao, Estorno(), erp.usuario, versao=titulo.versao)
    trabalhar()
    reler(titulo)
    assert titulo.saldo == Decimal("100.00")
    erp.conferir_saldos()
    atos.cancelar(titulo, Estorno(), erp.usuario, versao=titulo.versao)
    trabalhar()
    reler(titulo)
    assert titulo.situacao == Sit.CANCELADO
    erp.conferir_saldos()


def test_a_refused_act_leaves_the_title_as_it_was(erp: Escritorio, titulo: Titulo) -> None:
    erp.falhar("recusar", "atualizacao")
    atualizar(erp, titulo, novo_saldo("70.00", "30.00"))
    assert (titulo.saldo, titulo.em_curso) == (Decimal("100.00"), None)
    erp.conferir_saldos()
    atualizar(erp, titulo, novo_saldo("70.00", "30.00"))
    assert titulo.saldo == Decimal("70.00")


def test_a_title_that_somebody_may_have_cancelled_before_a_lost_answer_waits_for_a_person(
    erp: Escritorio, titulo: Titulo
) -> None:
    atos.cancelar(titulo, Estorno(), erp.usuario, versao=titulo.versao)
    trabalhar()
    Titulo.objects.filter(pk=titulo.pk).update(situacao=Sit.ABERTO, saldo=titulo.valor)
    titulo.refresh_from_db()
    erp.falhar("cortar", "estorno")
    operacao = atos.estornar(titulo, Estorno(), erp.usuario, versao=titulo.versao)
    trabalhar()
    operacao.refresh_from_db()
    assert operacao.situacao == Situacao.AGUARDA_PESSOA


def test_a_balance_moved_on_the_erps_own_screens_is_learnt_with_the_next_update(
    erp: Escritorio, titulo: Titulo
) -> None:
    Titulo.objects.filter(pk=titulo.pk).update(saldo=Decimal("60.00"))
    atualizar(erp, titulo, Atualizacao(historico="Conferido"))
    assert titulo.saldo == Decimal("100.00")
    erp.conferir_saldos()


# -- the note was cancelled --------------------------------------------------------------------------------------------


def cancelar_nota(*titulos: Titulo) -> None:
    for titulo in titulos:
        nota = NotaRecebida.objects.get(titulos=titulo)
        nota.situacao = NotaRecebida.Situacao.CANCELADA
        with transaction.atomic():
            nota.save(update_fields=["situacao"])
            recebida_cancelada.send(NotaRecebida, nota=nota)


def test_a_draft_of_a_cancelled_note_is_given_up(erp: Escritorio) -> None:
    titulo = erp.titulo(nota=erp.nota())
    cancelar_nota(titulo)
    reler(titulo)
    assert titulo.situacao == Sit.ABANDONADO


@pytest.mark.parametrize("com_barras", [False, True])
def test_an_open_title_of_a_cancelled_note_is_undone_with_its_taxes(erp: Escritorio, com_barras: bool) -> None:
    novo = erp.com_barras if com_barras else erp.titulo
    titulo = novo("1000.00", nota=erp.nota(), impostos=[irrf("15.00")])
    erp.implantar(titulo)
    cancelar_nota(titulo)
    trabalhar()
    reler(titulo)
    assert titulo.situacao == (Sit.ESTORNADO if com_barras else Sit.CANCELADO)
    erp.conferir_saldos()
    assert {outro["situacao"] for outro in erp.no_erp().values()} == {titulo.situacao, "estornado"}


@pytest.mark.parametrize("fornecedor", [95, DESCONHECIDO])
def test_a_title_on_its_way_is_looked_at_when_it_arrives(erp: Escritorio, fornecedor: int) -> None:
    titulo = erp.titulo(nota=erp.nota(), fornecedor=fornecedor)
    erp.enviar(titulo)
    cancelar_nota(titulo)
    trabalhar()
    reler(titulo)
    assert titulo.situacao == (Sit.CANCELADO if fornecedor == 95 else Sit.ABANDONADO)
    erp.conferir_saldos()


def test_the_rest_of_a_refused_batch_goes_without_what_was_cancelled_meanwhile(erp: Escritorio) -> None:
    cancelada, ruim, boa = erp.titulo(nota=erp.nota()), erp.titulo(fornecedor=DESCONHECIDO), erp.titulo()
    erp.enviar(cancelada, ruim, boa)
    cancelar_nota(cancelada)
    trabalhar()
    reler(cancelada, ruim, boa)
    assert [t.situacao for t in (cancelada, ruim, boa)] == [Sit.ABANDONADO, Sit.RECUSADO, Sit.ABERTO]
    erp.conferir_saldos()


@pytest.mark.parametrize("recusada", [False, True])
def test_a_cancelled_note_waits_for_the_act_in_course(erp: Escritorio, recusada: bool) -> None:
    titulo = erp.titulo(nota=erp.nota())
    erp.implantar(titulo)
    if recusada:
        erp.falhar("recusar", "atualizacao")
    atos.atualizar(titulo, novo_saldo("70.00", "30.00"), erp.usuario, versao=titulo.versao)
    cancelar_nota(titulo)
    trabalhar()
    reler(titulo)
    assert titulo.situacao == (Sit.CANCELADO if recusada else Sit.ESTORNADO)
    erp.conferir_saldos()


def test_a_refused_reversal_is_told_and_not_asked_for_ever(erp: Escritorio) -> None:
    titulo = erp.titulo(nota=erp.nota())
    erp.implantar(titulo)
    erp.falhar("recusar", "estorno")
    cancelar_nota(titulo)
    trabalhar()
    reler(titulo)
    assert titulo.situacao == Sit.ABERTO
    assert "A nota deste título foi cancelada" in titulo.aviso
    assert Operacao.objects.filter(tipo=atos.ESTORNAR).count() == 1


def test_a_paid_title_of_a_cancelled_note_waits_for_a_person(erp: Escritorio) -> None:
    titulo = erp.titulo(nota=erp.nota())
    erp.implantar(titulo)
    erp.pagar_ja(titulo)
    cancelar_nota(titulo)
    reler(titulo)
    assert "tem pagamento" in titulo.aviso
    pago = Movimento.objects.get(titulo=titulo, tipo=Movimento.Tipo.PAGO)
    atos.estornar_movimento(titulo, pago, Estorno(), erp.usuario, versao=titulo.versao)
    trabalhar()
    reler(titulo)
    assert (titulo.situacao, titulo.aviso) == (Sit.CANCELADO, "")
    erp.conferir_saldos()


def test_a_title_in_a_bordero_follows_its_note_when_the_bank_did_not_pay(erp: Escritorio) -> None:
    titulo = erp.titulo(nota=erp.nota())
    erp.implantar(titulo)
    pagamento = erp.pagar_ja(titulo, tipo=TipoPagamento.BORDERO)
    cancelar_nota(titulo)
    reler(titulo)
    assert "borderô" in titulo.aviso
    pagamentos.registrar_retorno(pagamento, [], erp.usuario)
    reler(titulo)
    assert Operacao.objects.filter(tipo=atos.ESTORNAR, situacao=Situacao.PENDENTE).count() == 1
