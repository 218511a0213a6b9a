"""Who was written about since a reading: nobody is forgotten, whoever was writing meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from comum import tocadas
from comum.tocadas import Momento, desde, esquecer
from empresas.models import Carteira, Empresa
from guias.models import Apuracao
from tests.banco import esvaziar
from tests.cast import criar_empresa, criar_empresas

pytestmark = pytest.mark.django_db(transaction=True)

OUT, NOV = date(2026, 10, 1), date(2026, 11, 1)
EMPRESAS, APURACOES = "empresas_empresa", "guias_apuracao"


def agora() -> Momento:
    momento, _ = desde(None, [EMPRESAS, APURACOES], OUT)
    assert momento is not None
    return momento


def vistas(antes: Momento, competencia: date = OUT) -> dict[str, set[int]] | None:
    """None: any may have been written about."""
    _, achadas = desde(antes, [EMPRESAS, APURACOES], competencia)
    return None if achadas is None else achadas.por_tabela


@contextmanager
def aberta(acao: Callable[[], Any]) -> Iterator[None]:
    """`acao` was done on a connection of its own, which commits when the block ends."""
    feita, pode = threading.Event(), threading.Event()

    def rodar() -> None:
        try:
            with transaction.atomic():
                acao()
                feita.set()
                assert pode.wait(20)
        finally:
            connection.close()

    fio = threading.Thread(target=rodar)
    fio.start()
    assert feita.wait(20)
    yield
    pode.set()
    fio.join()


def test_what_is_written_is_told_once_by_table_and_competencia() -> None:
    um, outra = criar_empresa(1), criar_empresa(2)
    antes = agora()
    assert vistas(antes) == {}
    apuracao = Apuracao.objects.create(empresa=um, competencia=OUT)
    Apuracao.objects.create(empresa=outra, competencia=NOV)
    depois = agora()
    assert vistas(antes) == {APURACOES: {um.pk}}
    assert vistas(antes, NOV) == {APURACOES: {outra.pk}}
    assert vistas(depois) == {}
    Empresa.objects.filter(pk=outra.pk).update(nome_fantasia="Nova")  # of no month: of all
    assert vistas(depois) == vistas(depois, NOV) == {EMPRESAS: {outra.pk}}
    ultimo = agora()
    apuracao.delete()
    assert vistas(ultimo) == {APURACOES: {um.pk}}


def test_a_row_that_changes_its_month_or_empresa_is_told_where_it_was_and_where_it_is() -> None:
    um, outra = criar_empresa(1), criar_empresa(2)
    Apuracao.objects.create(empresa=um, competencia=OUT)
    antes = agora()
    Apuracao.objects.update(competencia=NOV, empresa=outra)
    assert vistas(antes) == {APURACOES: {um.pk}}
    assert vistas(antes, NOV) == {APURACOES: {outra.pk}}


def test_who_was_writing_when_it_was_read_is_told_when_it_commits() -> None:
    um, outra = criar_empresa(1), criar_empresa(2)
    with aberta(lambda: Empresa.objects.filter(pk=um.pk).update(nome_fantasia="Aberta")):
        antes = agora()
        assert vistas(antes) == {}
        Empresa.objects.filter(pk=outra.pk).update(nome_fantasia="Depois")  # commits before the older one
        entre = agora()
        assert vistas(antes) == {EMPRESAS: {outra.pk}}
    assert vistas(entre) == {EMPRESAS: {um.pk}}
    assert vistas(antes) == {EMPRESAS: {um.pk, outra.pk}}


def test_in_a_savepoint_too_and_nothing_of_what_was_undone() -> None:
    um, outra = criar_empresa(1), criar_empresa(2)
    antes = agora()
    with transaction.atomic():
        with transaction.atomic():
            Empresa.objects.filter(pk=um.pk).update(nome_fantasia="Fica")
        with suppress(ZeroDivisionError), transaction.atomic():
            Empresa.objects.filter(pk=outra.pk).update(nome_fantasia="Não fica")
            raise ZeroDivisionError
    assert vistas(antes) == {EMPRESAS: {um.pk}}


def test_within_a_transaction_that_wrote_nothing_may_be_kept() -> None:
    antes = agora()
    with transaction.atomic():
        assert desde(antes, [EMPRESAS], OUT)[0] is not None
        Carteira.objects.create(nome="Minha")
        assert desde(antes, [EMPRESAS], OUT) == (None, None)


def test_of_many_rows_at_once_or_of_an_emptied_table_any_may_have_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    criar_empresas(range(1, 1003))
    antes = agora()
    Empresa.objects.filter(codigo__lte="000999").update(nome_fantasia="Poucas")
    assert len((vistas(antes) or {})[EMPRESAS]) == Empresa.objects.filter(nome_fantasia="Poucas").count() <= 1000
    Empresa.objects.update(nome_fantasia="Muitas")
    assert vistas(antes) is None
    antes = agora()
    esvaziar("empresas_empresa")
    assert vistas(antes) is None
    antes = agora()
    criar_empresas(range(1, 4))
    assert len((vistas(antes) or {})[EMPRESAS]) == 3
    monkeypatch.setattr(tocadas, "_QUANTAS", 2)
    assert vistas(antes) is None


def test_what_a_crash_empties_counts_as_written() -> None:
    antes = agora()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE comum_tocada, comum_tocadas_vida")
    criar_empresa(1)
    assert vistas(antes) is None
    assert vistas(agora()) == {}


def _depois_de(momento: Momento) -> None:
    """Once no transaction of the server, be it of another database, is as old."""
    ate = time.monotonic() + 30
    while int(agora().instante.split(":")[0]) <= int(momento.instante.split(":")[0]):
        assert time.monotonic() < ate, "somebody holds a transaction open"
        _passar_uma()
        time.sleep(0.05)


def _passar_uma() -> None:
    """A transaction of its own, so that there is a later one."""
    Carteira.objects.create(nome="Passa").delete()


def test_what_was_forgotten_counts_as_written_for_who_read_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only when there is much, and only what was noted before the last time."""
    agora()
    esquecer()
    antes = agora()
    empresa = criar_empresa(1)
    esquecer()
    assert vistas(antes) == {EMPRESAS: {empresa.pk}}
    monkeypatch.setattr(tocadas, "_GUARDADAS", 0)
    _depois_de(antes)
    esquecer()
    entre = agora()
    outra = criar_empresa(2)
    assert vistas(antes) == {EMPRESAS: {empresa.pk, outra.pk}}
    esquecer()
    assert vistas(antes) is None
    assert vistas(entre) == {EMPRESAS: {outra.pk}}


def test_a_copy_of_another_server_begins_a_life_of_its_own() -> None:
    """Its transactions were counted otherwise: what it noted may be of one that is yet to come here."""
    antes = agora()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE comum_tocadas_vida SET servidor = servidor + 1, esquecidas = '9000000000000'::xid8;"
            "INSERT INTO comum_tocada (xid, tabela) VALUES ('9000000000000', 'empresas_empresa')"
        )
    assert vistas(antes) is None
    depois = agora()
    assert vistas(depois) == {}
    empresa = criar_empresa(1)
    assert vistas(depois) == {EMPRESAS: {empresa.pk}}
