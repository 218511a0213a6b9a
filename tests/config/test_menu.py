"""The side menu: the page that is open, what a person folded, who sees what."""

from typing import Any

import pytest
from django.urls import reverse

from config.menu import GRUPOS, menu

pytestmark = pytest.mark.django_db


def grupo(itens: list[dict[str, Any]], nome: str) -> dict[str, Any]:
    return next(g for g in itens if g["nome"] == nome)


def test_the_longest_address_is_the_page_that_is_open(ana: Any) -> None:
    atuais = [i["rotulo"] for g in menu(ana, reverse("guias:apuracao") + "12/") for i in g["itens"] if i["atual"]]
    assert atuais == ["Apuração e DAS"]
    assert [i["rotulo"] for g in menu(ana, "/") for i in g["itens"] if i["atual"]] == ["Início"]


def test_a_folded_group_is_open_where_it_has_the_current_page(ana: Any) -> None:
    lido = menu(ana, reverse("empresas:lista"), "cadastros.notas.nada")
    assert grupo(lido, "cadastros")["aberto"]
    assert not grupo(lido, "notas")["aberto"]
    assert grupo(lido, "fiscal")["aberto"]


def test_only_administrators_see_the_system(ana: Any, bruno: Any) -> None:
    assert "sistema" in [g["nome"] for g in menu(ana, "/")]
    assert "sistema" not in [g["nome"] for g in menu(bruno, "/")]
    assert "Contas do ERP" not in [i["rotulo"] for i in grupo(menu(bruno, "/"), "pagar")["itens"]]


def test_every_group_has_a_name_of_its_own() -> None:
    nomes = [nome for _, nome, _ in GRUPOS]
    assert len(set(nomes)) == len(nomes)
