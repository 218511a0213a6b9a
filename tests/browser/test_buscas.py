"""The search of a list, at speed: nothing is cut short, and what was asked for last is what stays."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from comum.models import Usuario
from empresas.models import Carteira
from tests.browser.conftest import abrir_sessao
from tests.cast import criar_empresa

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True)]


def test_enter_while_a_search_is_out_leaves_no_error(
    live_server: Any, sem_erros: Page, bruno: Usuario, carteira: Carteira
) -> None:
    empresas = [criar_empresa(numero, carteira=carteira) for numero in (1, 2)]
    page, erros, presos = sem_erros, list[str](), list[Route]()
    page.on("console", lambda dita: erros.append(dita.text) if dita.type == "error" else None)
    abrir_sessao(page, live_server.url, bruno)
    page.goto(live_server.url + reverse("empresas:lista"))
    page.route("**/empresas/?*", lambda rota: presos.append(rota), times=1)
    busca = page.locator("form[data-lista] input[type=search]")
    with page.expect_request("**/empresas/?*"):
        busca.press_sequentially("nada disto")

    busca.fill(empresas[1].razao_social)
    busca.press("Enter")
    page.wait_for_timeout(400)  # longer than the wait of the typing
    presos[0].continue_()

    expect(page.locator("#tabela tbody tr")).to_have_count(1)
    expect(page.locator("#tabela")).to_contain_text(empresas[1].razao_social)
    assert erros == []
