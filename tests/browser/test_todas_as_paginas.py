"""Every page there is, once, through axe: at 1280 pixels, in the light theme. A new URL is covered by itself."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from comum.models import Adicional, Usuario
from tests.browser.conftest import Axe, abrir_sessao
from tests.test_permissoes_das_urls import URLS, Mundo, _endereco, mundo  # noqa: F401 - a fixture

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True)]


def _e_pagina(resposta: Any) -> bool:
    return resposta.get("Content-Type", "").startswith("text/html") and b"<html" in resposta.content


Olhar = Callable[[str, int], list[str]]
PARTES = 4  # one test of them all takes minutes, and would be left alone at the end


@pytest.fixture
def olhar(live_server: Any, sem_erros: Page, axe: Axe, ana: Usuario) -> Olhar:
    """Open an address as Ana: what axe finds there, after the status that is expected."""
    abrir_sessao(sem_erros, live_server.url, ana)

    def fazer(endereco: str, situacao: int) -> list[str]:
        resposta = sem_erros.goto(live_server.url + endereco)
        assert resposta is not None
        assert resposta.status == situacao, endereco
        return axe(sem_erros)

    return fazer


@pytest.mark.parametrize("parte", range(PARTES))
def test_no_page_has_an_accessibility_fault(
    olhar: Olhar,
    client: Client,
    mundo: Mundo,  # noqa: F811
    ana: Usuario,
    parte: int,
) -> None:
    client.force_login(ana)
    achados: dict[str, list[str]] = {}
    vistas = 0
    for espaco, nome, parametros in URLS[parte::PARTES]:
        endereco = _endereco(mundo, espaco, nome, parametros)
        resposta = client.get(endereco)
        if resposta.status_code == 200 and not resposta.streaming and _e_pagina(resposta):
            if vistos := olhar(endereco, 200):
                achados[endereco] = vistos
            vistas += 1
    assert not achados
    assert vistas > 25


def test_no_page_of_an_error_has_an_accessibility_fault(olhar: Olhar, adicional_216: Adicional) -> None:
    assert not olhar("/nao-existe/", 404)
    assert not olhar(reverse("operacoes:retomar"), 405)
    Adicional.objects.update(ativo=False)
    assert not olhar(reverse("credenciais:lista"), 403)
