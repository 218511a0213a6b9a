"""Every page there is, once, through axe: at 1280 pixels, in the light theme. A new URL is covered by itself."""

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


def test_no_page_has_an_accessibility_fault(
    live_server: Any,
    sem_erros: Page,
    axe: Axe,
    client: Client,
    mundo: Mundo,  # noqa: F811
    ana: Usuario,
) -> None:
    client.force_login(ana)
    abrir_sessao(sem_erros, live_server.url, ana)
    achados: dict[str, list[str]] = {}
    vistas = 0

    def olhar(endereco: str, situacao: int) -> None:
        resposta = sem_erros.goto(live_server.url + endereco)
        assert resposta is not None
        assert resposta.status == situacao, endereco
        if vistos := axe(sem_erros):
            achados[endereco] = vistos

    for espaco, nome, parametros in URLS:
        endereco = _endereco(mundo, espaco, nome, parametros)
        resposta = client.get(endereco)
        if resposta.status_code == 200 and not resposta.streaming and _e_pagina(resposta):
            olhar(endereco, 200)
            vistas += 1
    olhar("/nao-existe/", 404)
    olhar(reverse("operacoes:retomar"), 405)
    Adicional.objects.update(ativo=False)
    olhar(reverse("credenciais:lista"), 403)
    assert not achados
    assert vistas > 25
