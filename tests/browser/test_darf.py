"""A DARF typed at speed: the período has its fields drawn again while the next ones are being filled in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from comum.models import Adicional, Usuario
from empresas.models import Carteira, Regime
from guias.models import Darf, ReceitaSicalc
from tests.browser.conftest import abrir_sessao
from tests.cast import criar_empresa
from tests.guias.test_telas_federais import _BASE

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pronta(live_server: Any, sem_erros: Page, bruno: Usuario, carteira: Carteira, adicional_216: Adicional) -> Page:
    """The form with its empresa and receita chosen."""
    extensao = _BASE | {"opcionais": ["cota"]}
    ReceitaSicalc.objects.create(
        pk="8109", denominacao="Receita 8109", extensoes=[extensao], consultada_em=timezone.now()
    )
    empresa = criar_empresa(1, carteira=carteira, regime=Regime.PRESUMIDO)
    page = sem_erros
    abrir_sessao(page, live_server.url, bruno)
    page.goto(live_server.url + reverse("guias:darf_novo"))
    for campo, texto in (("lk-empresa", empresa.razao_social), ("lk-receita", "8109")):
        page.locator(f"#{campo}").fill(texto)
        page.locator(f"#{campo}-lista [role=option]").first.wait_for()
        page.keyboard.press("Enter")
    expect(page.locator("#id_periodo")).to_be_visible()
    return page


def _com_o_periodo(page: Page, antes: Callable[[], None], depois: Callable[[], None]) -> None:
    """Type the período and, with the answer still out, what comes `antes` of it; then, with it in, `depois`."""
    presos: list[Route] = []
    page.route("**/darf/campos/**", lambda rota: presos.append(rota), times=1)
    page.locator("#id_periodo").focus()
    page.keyboard.type("10/2026")
    page.keyboard.press("Tab")
    expect(page.locator("#id_valor")).to_be_focused()
    antes()
    with page.expect_response("**/darf/campos/**"):
        presos[0].continue_()
    expect(page.locator("#id_vencimento")).to_have_value("25/11/2026")
    depois()


def test_a_value_half_typed_when_the_fields_come_is_kept_and_goes_on(pronta: Page) -> None:
    page = pronta
    valor = page.locator("#id_valor")
    _com_o_periodo(page, lambda: page.keyboard.type("12"), lambda: expect(valor).to_be_focused())
    page.keyboard.type("34,56")
    page.keyboard.press("Tab")
    expect(valor).to_have_value("1.234,56")
    expect(page.locator("#darf-estimativa")).to_contain_text("1.234,56")


def test_what_is_chosen_meanwhile_is_kept(pronta: Page) -> None:
    page = pronta

    def escolher() -> None:
        page.locator("#id_cota").select_option("2")
        page.locator("#id_so_barras").check()

    _com_o_periodo(page, escolher, lambda: None)
    expect(page.locator("#id_cota")).to_have_value("2")
    expect(page.locator("#id_so_barras")).to_be_checked()


def test_a_value_wholly_typed_meanwhile_is_estimated_once_it_is_left(pronta: Page) -> None:
    page = pronta
    _com_o_periodo(page, lambda: page.keyboard.type("1234,56"), lambda: page.keyboard.press("Tab"))
    expect(page.locator("#id_valor")).to_have_value("1.234,56")
    expect(page.locator("#darf-estimativa")).to_contain_text("1.234,56")


def test_a_value_left_meanwhile_is_kept_and_estimated(pronta: Page) -> None:
    page = pronta

    def digitar() -> None:
        page.keyboard.type("1234,56")
        page.keyboard.press("Tab")

    _com_o_periodo(page, digitar, lambda: expect(page.locator("#id_vencimento")).to_be_focused())
    expect(page.locator("#id_valor")).to_have_value("1.234,56")
    expect(page.locator("#darf-estimativa")).to_contain_text("1.234,56")


def test_the_due_date_follows_the_periodo_also_after_one_that_does_not_exist(pronta: Page) -> None:
    page = pronta
    for periodo, vence in (("08/2026", "25/09/2026"), ("13/2026", ""), ("09/2026", "23/10/2026")):
        page.locator("#id_periodo").fill(periodo)
        page.keyboard.press("Tab")
        expect(page.locator("#id_vencimento")).to_have_value(vence)


def test_enter_before_the_fields_come_saves_no_due_date_of_the_periodo_before(pronta: Page) -> None:
    page = pronta
    page.locator("#id_periodo").fill("08/2026")
    page.keyboard.press("Tab")
    expect(page.locator("#id_vencimento")).to_have_value("25/09/2026")
    page.locator("#id_valor").fill("1234,56")
    page.route("**/darf/campos/**", lambda rota: None)  # the answer never comes
    page.locator("#id_periodo").fill("09/2026")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#id_vencimento")).to_have_value("23/10/2026")
    expect(page.get_by_text("Para o período 09/2026, o vencimento proposto é 23/10/2026").first).to_be_visible()
    assert not Darf.objects.exists()
