"""A tomador created where it was needed, by keyboard: the dialog gives it back to the field that asked."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from comum.models import Usuario
from empresas.models import Carteira
from nfse.models import Tomador
from tests.browser.conftest import Axe
from tests.cast import criar_empresa

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True)]


def test_a_tomador_not_found_is_created_in_place_and_chosen(
    live_server: Any, sem_erros: Page, axe: Axe, client: Client, bruno: Usuario, carteira: Carteira
) -> None:
    criar_empresa(1, carteira=carteira)
    criar_empresa(2, carteira=carteira)
    client.force_login(bruno)
    (sessao,) = client.cookies.values()
    page = sem_erros
    page.context.add_cookies([{"name": sessao.key, "value": sessao.value, "url": live_server.url}])
    page.goto(f"{live_server.url}/notas/contratos/novo/")
    empresa, tomador = page.locator("#lk-empresa"), page.locator("#lk-tomador")
    empresa.fill("0001")
    empresa.press("Enter")
    expect(page.locator("input[name=empresa]").last).not_to_have_value("")

    tomador.fill("12.ABC.345/01DE-35")
    expect(page.get_by_role("option", name="Incluir tomador")).to_have_attribute("aria-selected", "true")
    tomador.press("Enter")
    dialogo = page.get_by_role("dialog", name="Incluir tomador de 0001")
    expect(dialogo.get_by_label("CNPJ ou CPF")).to_have_value("12.ABC.345/01DE-35")
    expect(dialogo.get_by_label("Nome ou razão social")).to_be_focused()
    page.keyboard.press("F9")
    expect(dialogo.locator("[data-erros]")).to_be_focused()
    assert axe(page) == []
    dialogo.get_by_label("Nome ou razão social").fill("Aurora Serviços")
    page.keyboard.press("F9")

    expect(dialogo).to_be_hidden()
    expect(tomador).to_have_value("Aurora Serviços · 12.ABC.345/01DE-35")
    expect(tomador).to_be_focused()
    expect(page.locator("input[name=tomador]")).to_have_value(str(Tomador.objects.get().pk))

    empresa.fill("0002")  # the tomador is of the other empresa
    empresa.press("Enter")
    expect(tomador).to_have_value("")
