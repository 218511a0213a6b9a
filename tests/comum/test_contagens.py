"""Counts that are kept: never other than the database would say now."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from comum import listas
from comum.contagens import contagem, enquanto_nada_muda
from comum.models import Usuario
from empresas.models import Carteira, Empresa
from tests.banco import esvaziar
from tests.cast import criar_empresas

pytestmark = pytest.mark.django_db(transaction=True)


def counted() -> bool:
    """Whether the count of all carteiras was made, not remembered."""
    with CaptureQueriesContext(
        connection,
    ) as consultas:
        dito = contagem(Carteira.objects.all())
    assert dito == Carteira.objects.count()
    return any("COUNT(" in consulta["sql"] for consulta in consultas.captured_queries)


def elsewhere(acao: Callable[[], Any]) -> None:
    """On a connection of its own, as another user's request."""

    def rodar() -> None:
        try:
            acao()
        finally:
            connection.close()

    fio = threading.Thread(target=rodar)
    fio.start()
    fio.join()


def test_a_count_is_made_once_until_something_is_written() -> None:
    carteira = Carteira.objects.create(nome="Um")
    assert [counted(), counted()] == [True, False]
    elsewhere(lambda: Carteira.objects.create(nome="Dois"))
    assert [counted(), counted()] == [True, False]
    Carteira.objects.filter(pk=carteira.pk).update(nome="Outra")
    assert [counted(), counted()] == [True, False]
    Carteira.objects.filter(pk=carteira.pk).delete()
    assert [counted(), counted()] == [True, False]
    esvaziar("empresas_carteira")
    assert [counted(), counted()] == [True, False]


def test_the_keys_of_a_deep_page_are_cut_once_until_something_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listas, "FUNDO", 0)
    criar_empresas(range(1, 121))

    def pagina(ordem: str) -> tuple[list[str], bool]:
        params = QueryDict(f"pagina=2&ordem={ordem}")
        lista: listas.Lista[Any] = listas.Lista(params, Empresa.objects.all(), {"codigo": ["codigo"]}, "codigo")
        with CaptureQueriesContext(connection) as consultas:
            codigos = [empresa.codigo for empresa in lista.pagina]
        return codigos, any("OFFSET" in consulta["sql"] for consulta in consultas.captured_queries)

    subindo, descendo = (
        sorted(Empresa.objects.values_list("codigo", flat=True), reverse=r)[50:100] for r in (False, True)
    )
    assert [pagina("codigo"), pagina("codigo")] == [(subindo, True), (subindo, False)]
    assert [pagina("-codigo"), pagina("-codigo")] == [(descendo, True), (descendo, False)]
    Empresa.objects.filter(codigo=subindo[0]).update(codigo="9999")
    assert pagina("codigo") == ([*subindo[1:], "0101"], True)


def test_nothing_is_kept_beside_an_open_writer() -> None:
    """Its sequence moved already, and what it wrote is not to be seen: kept, the count would outlive the commit."""
    escreveu, pode = threading.Event(), threading.Event()

    def escrever() -> None:
        try:
            with transaction.atomic():
                Carteira.objects.create(nome="Aberta")
                escreveu.set()
                assert pode.wait(20)
        finally:
            connection.close()

    fio = threading.Thread(target=escrever)
    fio.start()
    assert escreveu.wait(20)
    antes = contagem(Carteira.objects.all())
    assert counted()
    pode.set()
    fio.join()
    assert contagem(Carteira.objects.all()) == antes + 1
    assert not counted()


def test_nor_within_a_transaction_that_wrote() -> None:
    with transaction.atomic():
        Carteira.objects.create(nome="Que não fica")
        assert contagem(Carteira.objects.all()) == 1
        transaction.set_rollback(True)
    assert contagem(Carteira.objects.all()) == 0


def test_each_filter_has_its_own_count(carteira: Carteira) -> None:
    for _ in range(2):
        assert contagem(Carteira.objects.filter(nome="Nenhuma assim")) == 0
        assert contagem(Carteira.objects.all()) == 1
        assert contagem(Carteira.objects.none()) == 0


def test_a_table_nobody_follows_is_counted_each_time() -> None:
    contas = [enquanto_nada_muda(Usuario.objects.all(), "vezes", iter([n]).__next__) for n in range(3)]
    assert contas == [0, 1, 2]


def test_a_carteira_given_to_somebody_changes_what_that_one_counts(bruno: Usuario, carteira: Carteira) -> None:
    nova = Carteira.objects.create(nome="Nova")
    criar_empresas(range(1, 4), carteira=carteira)
    criar_empresas(range(4, 6), carteira=nova)
    assert [contagem(Empresa.objects.visiveis(bruno)) for _ in range(2)] == [3, 3]
    bruno.carteiras.add(nova)
    assert contagem(Empresa.objects.visiveis(bruno)) == 5
