"""A refused cancellation or correction letter that is repeated: one request, which goes on where it was."""

import pytest
from django.utils import timezone

from comum.models import Usuario
from nfse.models import Cancelamento, CartaCorrecao, Nota, TipoCanal
from nfse.services import acoes, referencias
from nfse.services.emissao import com_tudo, emitir_uma, prevoo
from operacoes.handlers import Repeticao, handler_de
from operacoes.models import Operacao, Situacao
from operacoes.motor import nova_revisao
from tests.nfse.escritorio import CONSULTORIA, empresa_com_canal, rascunho

pytestmark = pytest.mark.django_db


@pytest.fixture
def nota(ana: Usuario) -> Nota:
    canal = empresa_com_canal(11, TipoCanal.SISGENFE)
    referencias.guardar(canal, [CONSULTORIA])
    feita = rascunho(canal, ana)
    feita.canal, feita.situacao, feita.numero_nfse = canal, Nota.Situacao.AUTORIZADA, "7"
    feita.save()
    return feita


def recusar(operacao: Operacao | None) -> Operacao:
    """As the engine records it."""
    assert operacao is not None
    operacao.situacao, operacao.mensagem = Situacao.RECUSADA, "O SISGENF-e recusou o pedido."
    operacao.encerrada_em = timezone.now()
    operacao.save()
    handler_de(operacao.tipo).recusada(operacao)
    return operacao


def repetir(operacao: Operacao, usuario: Usuario) -> Repeticao | str:
    return handler_de(operacao.tipo).repetir([operacao], usuario)[operacao.pk]


def repetida(operacao: Operacao, usuario: Usuario) -> Operacao:
    repeticao = repetir(operacao, usuario)
    assert isinstance(repeticao, Repeticao)
    return nova_revisao(operacao, repeticao, usuario)


def test_a_repeated_cancellation_is_on_its_way_again(nota: Nota, ana: Usuario) -> None:
    cancelamento = acoes.cancelar(nota, "3", "Erro de digitação", ana)
    nova = repetida(recusar(cancelamento.operacao), ana)
    cancelamento.refresh_from_db()
    assert (cancelamento.situacao, cancelamento.operacao) == (Cancelamento.Situacao.ENVIANDO, nova)


def test_a_repeated_letter_is_on_its_way_again(nota: Nota, ana: Usuario) -> None:
    carta = acoes.corrigir(nota, "Onde se lê A, leia-se B.", ana)
    nova = repetida(recusar(carta.operacao), ana)
    carta.refresh_from_db()
    assert (carta.situacao, carta.operacao) == (CartaCorrecao.Situacao.ENVIANDO, nova)


def test_a_refused_cancellation_is_not_repeated_beside_a_newer_one(nota: Nota, ana: Usuario) -> None:
    recusada = recusar(acoes.cancelar(nota, "3", "Erro de digitação", ana).operacao)
    acoes.cancelar(nota, "4", "Valor errado", ana)
    assert "está em andamento" in str(repetir(recusada, ana))


def test_of_two_refused_cancellations_of_a_note_one_is_repeated(nota: Nota, ana: Usuario) -> None:
    recusadas = [recusar(acoes.cancelar(nota, "3", f"Erro {n}", ana).operacao) for n in (1, 2)]
    feitas = list(handler_de(recusadas[0].tipo).repetir(recusadas, ana).values())
    assert [isinstance(feita, Repeticao) for feita in feitas] == [True, False]


def test_the_refusal_of_an_older_revision_leaves_the_note_to_the_open_one(nota: Nota, ana: Usuario) -> None:
    Nota.objects.update(situacao=Nota.Situacao.RASCUNHO, numero_nfse="")
    emitir_uma(nota.pk, ana, marca=prevoo(com_tudo([nota.pk])).marca)
    nota.refresh_from_db()
    primeira = recusar(nota.operacao)
    aberta = repetida(primeira, ana)
    handler_de(primeira.tipo).recusada(primeira)
    nota.refresh_from_db()
    assert (nota.situacao, nota.operacao, nota.revisao) == (Nota.Situacao.EMITINDO, aberta, 2)


def test_what_a_note_was_asked_is_not_repeated_once_it_is_cancelled(nota: Nota, ana: Usuario) -> None:
    recusada = recusar(acoes.corrigir(nota, "Onde se lê A, leia-se B.", ana).operacao)
    Nota.objects.update(situacao=Nota.Situacao.CANCELADA)
    assert "só dá para corrigir uma nota autorizada" in str(repetir(recusada, ana))
