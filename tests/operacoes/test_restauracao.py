"""A database put back from a backup is older than what its services already took."""

from datetime import datetime, timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comum.models import Auditoria, Usuario
from operacoes.models import Circuito, Operacao, Situacao, Tentativa
from operacoes.motor import restauracao, retomar_servico, submeter
from operacoes.motor.tomada import tomar
from tests.operacoes.apoio import SERVICO, escoar, nova, passar_o_tempo, vencer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("servico")]
COPIA = timezone.make_aware(datetime(2026, 11, 22, 3, 0))


def _pedir(chave: str, tipo: str = "teste.unico") -> Operacao:
    (operacao,) = submeter([nova(chave, tipo)], usuario=None).criadas
    return operacao


def _situacao(operacao: Operacao) -> str:
    operacao.refresh_from_db()
    return operacao.situacao


def test_nothing_leaves_a_restored_database_until_a_person_lets_it(ana: Usuario) -> None:
    operacao = _pedir("a", "teste.documento")
    restauracao.reter(COPIA)
    assert escoar() == 0
    assert SERVICO.enviadas == []
    retomar_servico("teste", ana)
    escoar()
    assert _situacao(operacao) == Situacao.CONCLUIDA


def test_what_was_sent_after_the_backup_is_found_and_not_sent_twice(ana: Usuario) -> None:
    operacao = _pedir("a")
    SERVICO.livro.append("a")  # sent after the backup, of which this row knows nothing
    assert restauracao.reter(COPIA).a_conferir == 1
    retomar_servico("teste", ana)
    escoar()
    assert _situacao(operacao) == Situacao.CONCLUIDA
    assert operacao.resposta == {"numero": 1}
    assert (SERVICO.livro, SERVICO.enviadas) == (["a"], [])


def test_what_never_left_is_sent_once_the_service_can_have_nothing_of_it_any_more(ana: Usuario) -> None:
    operacao = _pedir("a")
    restauracao.reter(COPIA)
    retomar_servico("teste", ana)
    escoar()
    assert (_situacao(operacao), SERVICO.enviadas) == (Situacao.INCERTA, [])  # it may still arrive
    passar_o_tempo(operacao, timedelta(minutes=10))
    escoar()
    assert (_situacao(operacao), SERVICO.livro) == (Situacao.CONCLUIDA, ["a"])


def test_where_nobody_can_be_asked_a_person_says_what_happened(client: Client, ana: Usuario) -> None:
    operacao = _pedir("a", "teste.sem_consulta")
    assert restauracao.reter(COPIA).de_pessoas == 1
    assert _situacao(operacao) == Situacao.AGUARDA_PESSOA
    client.force_login(ana)
    pagina = client.get(reverse("operacoes:ver", args=[operacao.pk])).content.decode()
    assert "voltou de uma cópia de 22/11/2026 03:00" in pagina


def test_a_lease_in_the_backup_has_no_worker_any_more(ana: Usuario) -> None:
    unica, documento = _pedir("a"), _pedir("b", "teste.documento")
    for operacao in (unica, documento):
        assert tomar(operacao.balde) is not None
    antes = Now() - timedelta(days=2)
    Operacao.objects.update(enviada_ate=antes, proxima_em=F("proxima_em") + timedelta(hours=1))
    restauracao.reter(COPIA)
    assert _situacao(unica) == Situacao.INCERTA
    assert unica.enviada_ate is not None
    assert unica.enviada_ate > timezone.now() - timedelta(minutes=1)  # it may have been sent again until the loss
    assert _situacao(documento) == Situacao.PENDENTE
    assert not Tentativa.objects.filter(desfecho="").exists()
    retomar_servico("teste", ana)
    SERVICO.livro.append("a")
    vencer(unica)
    escoar()
    assert _situacao(unica) == Situacao.CONCLUIDA


def test_the_screen_says_why_everything_is_held(client: Client, ana: Usuario) -> None:
    _pedir("a")
    reteve = restauracao.reter(COPIA)
    assert "Serviço de teste" in reteve.servicos
    assert Circuito.objects.filter(pausado_desde=None).count() == 0
    assert Auditoria.objects.filter(acao="operacoes.restaurar").exists()
    client.force_login(ana)
    pagina = client.get(reverse("operacoes:lista")).content.decode()
    assert "Banco restaurado da cópia de 22/11/2026 03:00" in pagina
