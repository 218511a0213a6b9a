"""The cockpit in a real browser: by keyboard, narrow and in the dark theme, without an accessibility fault."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from comum.models import Usuario
from empresas.models import Carteira, Regime
from guias.models import Apuracao
from tests.browser.conftest import Axe, abrir_sessao
from tests.cast import criar_empresa

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("adicional_216")]

OUT = date(2026, 10, 1)


@pytest.fixture
def painel(live_server: Any, sem_erros: Page, bruno: Usuario, carteira: Carteira) -> Page:
    pronta = criar_empresa(1, carteira=carteira)
    Apuracao.objects.create(
        empresa=pronta, competencia=OUT, receita_total=Decimal(1000), total_calculado=Decimal(40), calculado={}
    )
    criar_empresa(2, carteira=carteira)
    criar_empresa(3, carteira=carteira, regime=Regime.MEI)
    abrir_sessao(sem_erros, live_server.url, bruno)
    sem_erros.goto(live_server.url)
    sem_erros.get_by_label("Competência", exact=True).fill("10/2026")
    sem_erros.keyboard.press("Enter")
    expect(sem_erros.get_by_role("heading", name="Painel da competência 10/2026")).to_be_visible()
    return sem_erros


def test_the_grid_by_keyboard(painel: Page) -> None:
    painel.locator("#painel tbody tr").first.focus()
    painel.keyboard.press("ArrowDown")
    expect(painel.locator("#painel tbody tr").nth(1)).to_be_focused()
    painel.keyboard.press("Enter")
    expect(painel).to_have_url(re.compile("/(fiscal/apuracao|empresas)/[0-9]+/"))


def test_the_arrow_down_leaves_the_search_for_the_list(painel: Page) -> None:
    painel.locator("main input[type=search]").focus()
    painel.keyboard.press("ArrowUp")
    expect(painel.locator("main input[type=search]")).to_be_focused()
    painel.keyboard.press("ArrowDown")
    expect(painel.locator("#painel tbody tr").first).to_be_focused()


def test_a_total_opens_its_list(painel: Page) -> None:
    painel.get_by_label("Totais por obrigação").get_by_role("link", name="1 Sem receita").click()
    expect(painel.locator("#apuracoes tbody tr")).to_have_count(1)


@pytest.mark.parametrize("largura", [390, 1366])
@pytest.mark.parametrize("tema", ["light", "dark"])
def test_it_reads_well_everywhere(painel: Page, axe: Axe, largura: int, tema: str) -> None:
    painel.set_viewport_size({"width": largura, "height": 844})
    painel.evaluate(f"document.documentElement.dataset.bsTheme = '{tema}'")
    assert not axe(painel)
    assert painel.evaluate("document.documentElement.scrollWidth") <= largura
