"""A guia from the list to the client's phone, and the public page, in a real browser; axe on each page on the way."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from comum.models import Usuario
from empresas.models import Carteira, Contato, Empresa
from guias.models import Entrega, Guia
from guias.services import barras, leitura
from operacoes.models import Operacao
from tests.browser.conftest import LARGURAS, Axe, abrir_sessao
from tests.cast import criar_empresa
from tests.guias.apoio import trabalhar
from tests.guias.conftest import motor_limpo  # noqa: F401 - a fixture
from tests.pagar.documentos import guia as desenhar

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def guia(carteira: Carteira, adicional_216: Any) -> Guia:
    empresa = criar_empresa(1, carteira=carteira)
    Contato.objects.create(empresa=empresa, email="ana@cliente.example", nome="Ana")
    sem = criar_empresa(2, carteira=carteira)
    desenhar(sem, 2)
    return desenhar(empresa)


def conferir_em_todas(page: Page, axe: Axe) -> None:
    for largura, altura in LARGURAS:
        page.set_viewport_size({"width": largura, "height": altura})
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), largura
    page.set_viewport_size({"width": 1280, "height": 800})


def test_sent_by_keyboard_and_read_by_the_client(
    live_server: Any, sem_erros: Page, axe: Axe, guia: Guia, bruno: Usuario
) -> None:
    page, url = sem_erros, live_server.url
    abrir_sessao(page, url, bruno)
    page.goto(url + reverse("guias:lista") + "?periodo=todos")
    page.locator("[data-marca-pagina]").check()
    page.keyboard.press("F8")
    expect(page.get_by_role("heading", name="Enviar 1 guia por e-mail")).to_be_visible()
    expect(page.get_by_text("não tem contato que receba guias")).to_be_visible()
    conferir_em_todas(page, axe)
    page.keyboard.press("F9")
    page.wait_for_url("**/processamentos/**")
    trabalhar()
    entrega = Entrega.objects.get()
    assert entrega.enviada_em is not None

    page.goto(url + reverse("guias:entregas", args=[guia.pk]))
    expect(page.get_by_role("button", name="Copiar o link")).to_be_visible()
    conferir_em_todas(page, axe)

    page.goto(url + leitura.endereco(entrega.pk, ""))
    expect(page.get_by_text(guia.empresa.razao_social)).to_have_count(0)
    conferir_em_todas(page, axe)
    page.get_by_role("button", name="Abrir a guia").click()
    expect(page.get_by_text("R$ 672,80")).to_be_visible()
    conferir_em_todas(page, axe)
    guia.refresh_from_db()
    copiar = page.get_by_role("button", name="Copiar a linha digitável")
    assert copiar.get_attribute("data-copiar") == guia.linha
    copiar.click()
    expect(page.locator("#avisos")).to_contain_text("Linha digitável copiada.")
    page.goto(url + reverse("guias:lista") + "?periodo=todos")
    expect(page.locator("#guias").get_by_role("link", name="Lida")).to_be_visible()
    assert Operacao.objects.filter(tipo="guias.entrega.enviar").count() == 1


@pytest.mark.parametrize(("mexer", "dito"), [("", "Sim."), ("conhecida", "Não."), ("bloco", "bloco")])
def test_whose_guia_it_is(live_server: Any, sem_erros: Page, axe: Axe, guia: Guia, mexer: str, dito: str) -> None:

    barras.completar([guia])
    linha = guia.linha
    if mexer == "conhecida":
        Guia.objects.update(codigo_barras="")
    if mexer == "bloco":
        linha = f"{linha[:13]}{(int(linha[13]) + 1) % 10}{linha[14:]}"
    page = sem_erros
    page.goto(live_server.url + reverse("conferir_guia"))
    page.get_by_label("Linha digitável ou código de barras").fill(linha)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]:not(#anuncio), [role=alert]")).to_contain_text(dito)
    conferir_em_todas(page, axe)


def test_a_contact_is_included_on_the_page_of_the_empresa(
    live_server: Any, sem_erros: Page, axe: Axe, guia: Guia, bruno: Usuario
) -> None:
    page, empresa = sem_erros, Empresa.objects.order_by("pk")[1]
    abrir_sessao(page, live_server.url, bruno)
    page.goto(live_server.url + empresa.get_absolute_url())
    page.keyboard.press("Insert")
    page.get_by_label("E-mail").fill("beto@")
    page.keyboard.press("F9")
    expect(page.locator("#dialogo")).to_contain_text("E-mail inválido")
    assert axe(page) == []
    page.get_by_label("E-mail").fill("beto@cliente.example")
    page.keyboard.press("F9")
    expect(page.get_by_role("row", name="beto@cliente.example")).to_be_visible()
    assert Contato.objects.get(email="beto@cliente.example").empresa == empresa
