"""The components of docs/telas.md in a real browser: keyboard, focus, contrast in both themes, three widths."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test import override_settings
from django.test.testcases import QuietWSGIRequestHandler
from playwright.sync_api import Dialog, Locator, Page, Route, expect

from tests.browser import pecas
from tests.browser.conftest import Axe

pytestmark = pytest.mark.navegador

PAGINAS = ("grade", "formulario", "planilha", "processamento", "entrar")


@pytest.fixture(scope="module")
def servidor() -> Iterator[str]:
    """The test-only pages over HTTP. No database behind them: a query would fail the test."""
    templates: list[dict[str, Any]] = deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [*templates[0]["DIRS"], Path(__file__).parent / "templates"]
    with override_settings(ROOT_URLCONF="tests.browser.pecas", TEMPLATES=templates):
        server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
        server.set_app(StaticFilesHandler(WSGIHandler()))
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def site(servidor: str) -> str:
    pecas.RECEBIDOS.clear()
    return servidor


@pytest.fixture
def tela(sem_erros: Page, site: str) -> Callable[[str], Page]:
    def abrir(caminho: str) -> Page:
        sem_erros.goto(site + caminho)
        return sem_erros

    return abrir


def linha(page: Page, pk: int) -> Locator:
    return page.locator(f'tr[data-id="{pk}"]')


def clicar_na_linha(page: Page, pk: int) -> None:
    linha(page, pk).locator("td.codigo").click()


def toast(page: Page) -> Locator:
    return page.locator("#avisos .mensagem").last


# -- looks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pagina", PAGINAS)
def test_axe_finds_nothing_and_page_never_scrolls_sideways(
    sem_erros: Page, site: str, vistoriar: Callable[[Page], list[str]], pagina: str
) -> None:
    resposta = sem_erros.goto(f"{site}/{pagina}/")
    assert resposta is not None
    assert resposta.ok
    assert vistoriar(sem_erros) == []


def test_a_colour_that_only_the_dark_theme_makes_illegible_is_found(
    tela: Callable[[str], Page], vistoriar: Callable[[Page], list[str]]
) -> None:
    page = tela("/processamento/")
    page.locator("h1").evaluate("titulo => { titulo.style.color = '#14171c' }")
    achados = vistoriar(page)
    assert achados
    assert all(": dark: color-contrast: " in achado for achado in achados)


@pytest.mark.parametrize("ambiente", ["homologacao", "producao"])
def test_axe_finds_nothing_in_other_ambientes(tela: Callable[[str], Page], axe: Axe, ambiente: str) -> None:
    page = tela(f"/processamento/?ambiente={ambiente}")
    assert axe(page) == []
    expect(page.locator(".ambiente")).to_contain_text({"homologacao": "HOMOLOGAÇÃO", "producao": "PRODUÇÃO"}[ambiente])


def test_axe_finds_nothing_in_open_dialog_with_list(tela: Callable[[str], Page], axe: Axe) -> None:
    page = tela("/grade/")
    page.keyboard.press("Insert")
    page.locator("#lk-dlg-empresa").press_sequentially("padaria")
    expect(page.locator("#dialogo [role=option]").first).to_be_visible()
    assert axe(page) == []


def test_chosen_theme_is_there_before_first_paint_and_survives_reload(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.get_by_role("button", name="Conta de").click()
    page.get_by_role("button", name="Tema escuro").click()
    page.reload(wait_until="commit")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_a_group_of_the_menu_folds_and_is_told_to_the_server(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.get_by_role("heading", name="Fiscal").click()
    expect(page.get_by_role("link", name="Receitas")).to_be_hidden()
    assert "guiche_menu=fiscal" in page.evaluate("document.cookie")
    page.get_by_role("heading", name="Fiscal").click()
    expect(page.get_by_role("link", name="Receitas")).to_be_visible()
    assert "guiche_menu=fiscal" not in page.evaluate("document.cookie")


def test_menu_becomes_a_drawer_on_a_phone(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.set_viewport_size({"width": 390, "height": 844})
    item = page.get_by_role("link", name="102 Credenciais")
    expect(item).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(item).to_be_visible()


# -- grid -----------------------------------------------------------------------------------------------------------


def test_space_marks_and_arrow_moves_current_row(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    clicar_na_linha(page, 1001)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(linha(page, 1001)).to_have_attribute("aria-selected", "true")
    expect(linha(page, 1002)).to_be_focused()


def test_shift_arrow_and_shift_click_mark_a_range(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    clicar_na_linha(page, 1001)
    page.keyboard.press("Shift+ArrowDown")
    linha(page, 1010).locator("td.codigo").click(modifiers=["Shift"])
    expect(page.locator("[data-grade-resumo]")).to_have_text(" · 9 marcadas")  # row 1007 cannot be marked


def test_row_that_cannot_be_marked_says_why(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    clicar_na_linha(page, 1007)
    page.keyboard.press("Space")
    expect(toast(page)).to_contain_text("Está na credencial 5.")


def test_header_checkbox_marks_page_and_counts_show_in_buttons(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.get_by_label("Marcar a página").click()
    expect(page.locator("#excluir [data-contagem-marcadas]")).to_have_text("9")


@pytest.mark.parametrize(("caixa", "marcadas"), [("[data-marca-pagina]", "9"), ('tr[data-id="1002"] [name=ids]', "1")])
def test_what_was_ticked_before_the_script_came_stays(sem_erros: Page, site: str, caixa: str, marcadas: str) -> None:
    page = sem_erros
    parados: list[Route] = []
    page.route("**/js/app.js*", lambda rota: parados.append(rota))
    page.goto(f"{site}/grade/", wait_until="commit")
    page.locator(caixa).check()
    expect(page.locator("#excluir [data-contagem-marcadas]")).to_have_text("")
    parados[0].continue_()
    expect(page.locator("#excluir [data-contagem-marcadas]")).to_have_text(marcadas)


def test_marks_survive_page_change_and_are_sent(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    clicar_na_linha(page, 1001)
    page.keyboard.press("Space")
    page.get_by_role("link", name="Próxima página").click()
    clicar_na_linha(page, 1011)
    page.keyboard.press("Space")
    expect(page.locator("[data-grade-resumo]")).to_have_text(" · 2 marcadas (1 fora desta página)")
    with page.expect_response("**/acao/"):
        page.locator("#alterar").click()
    assert sorted(pecas.RECEBIDOS[-1].getlist("ids")) == ["1001", "1011"]


def test_marking_all_filtered_sends_the_filter_instead_of_ids(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/?q=padaria")
    clicar_na_linha(page, 1008)
    page.keyboard.press("Space")
    page.get_by_role("button", name="marcar todas as 328 filtradas").click()
    expect(page.locator("#alterar [data-contagem-marcadas]")).to_have_text("328")
    with page.expect_response("**/acao/"):
        page.locator("#alterar").click()
    assert (pecas.RECEBIDOS[-1]["todos"], pecas.RECEBIDOS[-1]["filtro"]) == ("1", "q=padaria")


def test_all_filtered_but_a_few_survives_pages_and_sorts(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/?q=padaria")
    clicar_na_linha(page, 1008)
    page.keyboard.press("Space")
    page.get_by_role("button", name="marcar todas as 328 filtradas").click()
    page.keyboard.press("Space")
    resumo = page.locator("[data-grade-resumo]")
    expect(resumo).to_have_text(" · 327 de 328 marcadas")
    page.get_by_role("link", name="Próxima página").click()
    expect(linha(page, 1008)).to_have_count(0)
    page.locator("tr[data-id] .marca input").first.click()
    expect(resumo).to_have_text(" · 326 de 328 marcadas")
    page.locator("thead").get_by_role("link", name="Código").click()
    expect(resumo).to_have_text(" · 326 de 328 marcadas")
    with page.expect_response("**/acao/"):
        page.locator("#alterar").click()
    recebido = pecas.RECEBIDOS[-1]
    assert recebido["todos"] == "1"
    assert "1008" in recebido.getlist("menos")
    assert len(recebido.getlist("menos")) == 2


def test_a_new_search_undoes_marking_all(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/?q=padaria")
    clicar_na_linha(page, 1008)
    page.keyboard.press("Space")
    page.get_by_role("button", name="marcar todas as 328 filtradas").click()
    page.get_by_role("searchbox").fill("oficina")
    expect(page.locator("caption")).to_contain_text("328 empresas")
    expect(linha(page, 1001)).to_be_visible()
    expect(page.locator("[data-grade-resumo]")).to_have_text("")


def test_button_that_needs_marks_is_held_and_says_why(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.locator("#alterar").click(force=True)
    expect(toast(page)).to_contain_text("Marque ao menos uma linha")
    expect(page.locator("#alterar")).to_have_attribute("data-motivo", re.compile("aparece “marcar todas as [0-9.]+”"))
    expect(page.locator("#consultar")).to_have_attribute("data-motivo", "Marque ao menos uma linha (Espaço).")
    assert pecas.RECEBIDOS == []


def test_button_with_maximum_is_held_above_it(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    clicar_na_linha(page, 1001)
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("#consultar")).to_have_attribute("data-motivo", "Marque só 1 linha.")


def test_shortcut_with_nothing_marked_acts_on_current_row(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    clicar_na_linha(page, 1005)
    with page.expect_response("**/acao/"):
        page.keyboard.press("Enter")
    assert pecas.RECEBIDOS[-1].getlist("ids") == ["1005"]


def test_focus_returns_to_same_row_after_swap(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    clicar_na_linha(page, 1005)
    with page.expect_response("**/acao/"):
        page.keyboard.press("Enter")
    expect(linha(page, 1005)).to_be_focused()
    expect(page.locator("[data-grade-resumo]")).to_have_text("")


def test_sort_swaps_only_the_table_and_keeps_focus_on_the_header(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.locator("#ordem-razao_social").click()
    expect(page.locator("th", has=page.locator("#ordem-razao_social"))).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("#ordem-razao_social")).to_be_focused()
    expect(page).to_have_url(re.compile(re.escape("ordem=razao_social")))


def test_going_back_after_a_swap_shows_the_whole_former_page(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.locator("#ordem-razao_social").click()
    expect(page).to_have_url(re.compile("ordem=razao_social"))
    page.go_back()
    expect(page.locator("th", has=page.locator("#ordem-codigo"))).to_have_attribute("aria-sort", "ascending")
    expect(page.locator(".topo")).to_be_visible()


def test_search_keeps_sort_order_and_drops_empty_parameters(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/?ordem=-codigo")
    page.get_by_role("searchbox").fill("padaria")
    expect(page).to_have_url(re.compile(re.escape("/grade/?q=padaria&ordem=-codigo") + "$"))


# -- dialogs and confirmation ---------------------------------------------------------------------------------------


def test_dialog_takes_focus_and_gives_it_back(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.locator("#incluir").focus()
    page.keyboard.press("Insert")
    expect(page.locator("#lk-dlg-empresa")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#dialogo-janela")).to_be_hidden()
    expect(page.locator("#incluir")).to_be_focused()


def test_the_key_after_escape_is_heard(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.keyboard.press("Shift+?")
    expect(page.locator("#ajuda")).to_be_visible()
    teclas = """teclas => teclas.forEach(key =>
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })))"""
    page.evaluate(teclas, ["Escape", "Insert"])  # nothing comes between them
    expect(page.locator("#lk-dlg-empresa")).to_be_focused()
    expect(page.locator("#ajuda")).to_be_hidden()


def test_escape_asks_before_throwing_typed_data_away(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.keyboard.press("Insert")
    page.get_by_label("Observação").fill("urgente")
    page.keyboard.press("Escape")
    expect(page.locator("#confirmacao")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Observação")).to_have_value("urgente")


def test_invalid_dialog_answers_422_keeps_data_and_focuses_summary(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.keyboard.press("Insert")
    page.locator("#dialogo form").evaluate("f => (f.noValidate = true)")
    page.keyboard.press("F9")
    expect(page.locator("#dialogo [data-erros]")).to_be_focused()


def test_valid_dialog_closes_and_tells(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.keyboard.press("Insert")
    page.get_by_label("Observação").fill("urgente")
    page.keyboard.press("F9")
    expect(page.locator("#dialogo-janela")).to_be_hidden()
    expect(page.locator("#anuncio")).to_have_text("Gravado.")


def test_confirmation_counts_and_no_means_nothing_sent(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    clicar_na_linha(page, 1001)
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Delete")
    expect(page.locator("#confirmacao-titulo")).to_have_text("Excluir 2 empresas?")
    expect(page.get_by_role("button", name="Voltar")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#confirmacao")).to_be_hidden()
    assert pecas.RECEBIDOS == []


def test_confirmation_accepted_sends_once(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    clicar_na_linha(page, 1001)
    page.keyboard.press("Delete")
    with page.expect_response("**/acao/"):
        page.keyboard.press("F9")
    assert [r.getlist("ids") for r in pecas.RECEBIDOS] == [["1001"]]


def test_page_shortcuts_are_silent_under_a_dialog(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    clicar_na_linha(page, 1001)
    page.keyboard.press("Insert")
    page.get_by_role("button", name="Incluir 1").focus()
    page.keyboard.press("Delete")
    expect(page.locator("#confirmacao")).to_be_hidden()


def test_typing_in_a_field_is_not_a_shortcut(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    clicar_na_linha(page, 1001)
    page.get_by_role("searchbox").focus()
    page.keyboard.press("Delete")
    page.keyboard.type("a?")
    expect(page.get_by_role("searchbox")).to_have_value("a?")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_help_lists_the_shortcuts_of_the_page(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.keyboard.press("Shift+?")
    texto = page.locator("#ajuda .atalhos").inner_text()
    assert all(parte in texto for parte in ("Incluir", "Ins", "Avançar e gravar 4", "Marcar um trecho"))


# -- lookup ---------------------------------------------------------------------------------------------------------


def test_f2_opens_the_list_and_enter_takes_the_active_option(tela: Callable[[str], Page]) -> None:
    page = tela("/formulario/")
    page.keyboard.press("F2")
    campo = page.locator("#lk-empresa")
    expect(campo).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=empresa]").last).to_have_value("1002")
    expect(campo).to_have_value("0002 Clínica Boa Saúde S/S 2")


def test_typed_code_is_taken_on_leaving_the_field(tela: Callable[[str], Page]) -> None:
    page = tela("/formulario/")
    page.locator("#lk-empresa").focus()
    page.keyboard.type("0012")
    page.keyboard.press("Tab")
    expect(page.locator("#form input[name=empresa]")).to_have_value("1012")


def test_pasted_cnpj_picks_the_single_match(tela: Callable[[str], Page]) -> None:
    page = tela("/formulario/")
    page.locator("#lk-empresa").focus()
    colar(page, "90.123.345/0001-23")
    expect(page.locator("#form input[name=empresa]")).to_have_value("1123")


def test_text_without_match_stays_typed_is_marked_and_keeps_the_form_here(tela: Callable[[str], Page]) -> None:
    page = tela("/formulario/")
    page.locator("#lk-empresa").fill("não existe")
    page.keyboard.press("Tab")
    expect(toast(page).first).to_contain_text("não foi encontrado")
    expect(page.locator("#lk-empresa")).to_have_value("não existe")
    expect(page.locator("#lk-empresa")).to_have_attribute("aria-invalid", "true")
    endereco = page.url
    page.keyboard.press("F9")
    expect(page.locator("#lk-empresa")).to_be_focused()
    assert page.url == endereco


def test_escape_closes_the_list_and_leaves_the_page_alone(tela: Callable[[str], Page]) -> None:
    page = tela("/formulario/")
    page.keyboard.press("F2")
    expect(page.locator("#lk-empresa-lista")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#lk-empresa-lista")).to_be_hidden()
    expect(page).to_have_url(re.compile(re.escape("/formulario/") + "$"))


def test_choosing_empresa_in_the_top_bar_posts_the_context(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.locator("#lk-ctx-empresa").focus()
    page.keyboard.type("0012")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    recebido = pecas.RECEBIDOS[-1]
    assert (recebido["empresa"], recebido["competencia"], recebido["next"]) == ("1012", "10/2026", "/grade/")


def test_next_competencia_button_posts_the_context(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    with page.expect_navigation():
        page.get_by_role("button", name="Próxima competência").click()
    assert pecas.RECEBIDOS[-1]["competencia"] == "11/2026"


# -- masks and forms ------------------------------------------------------------------------------------------------


MASCARAS = [
    ("cnpj", "12abc34501de35", "12.ABC.345/01DE-35"),
    ("cnpj", "12abc", "12abc"),
    ("competencia", "112026", "11/2026"),
    ("competencia", "11/26", "11/2026"),
    ("competencia", "2026-11", "11/2026"),
    ("competencia", "132026", "132026"),
    ("vencimento", "231126", "23/11/2026"),
    ("vencimento", "31/02/2026", "31/02/2026"),
    ("valor", "1234,5", "1.234,50"),
    ("valor", "R$ 1.234.567,89", "1.234.567,89"),
    ("valor", "1234.56", "1.234,56"),
    ("valor", "1.234", "1.234,00"),
    ("valor", "12,345", "12,345"),
    ("quantidade", "1000", "1000"),
    ("quantidade", "1.000,50", "1000,5"),
    ("quantidade", "0.125", "0,125"),
    ("quantidade", "1.000", "1.000"),
]


def test_masks_format_on_leaving_and_never_block(tela: Callable[[str], Page]) -> None:
    page = tela("/formulario/")
    for campo, digitado, mostrado in MASCARAS:
        page.locator(f"#id_{campo}").fill(digitado)
        page.keyboard.press("Tab")
        expect(page.locator(f"#id_{campo}"), digitado).to_have_value(mostrado)


def preencher_credencial(page: Page) -> None:
    page.get_by_label("Código", exact=True).fill("4")
    page.get_by_label("Descrição").fill("Filial")
    page.get_by_label("CNPJ do contratante").fill("12abc34501de35")
    page.get_by_label("PGDAS-D").check()
    page.get_by_label("Contratante", exact=True).check()


def test_errors_on_top_lead_to_the_field(tela: Callable[[str], Page]) -> None:
    page = tela("/formulario/")
    page.locator("#form").evaluate("f => (f.noValidate = true)")
    page.keyboard.press("F9")
    expect(page.locator("[data-erros]")).to_be_focused()
    page.locator("[data-erros]").get_by_role("link", name="CNPJ do contratante").click()
    expect(page.locator("#id_cnpj")).to_be_focused()
    expect(page.locator("#id_cnpj")).to_have_attribute("aria-describedby", "id_cnpj_erro")


def test_two_quick_sends_post_once(tela: Callable[[str], Page]) -> None:
    page = tela("/formulario/")
    preencher_credencial(page)
    page.evaluate("() => { const b = document.querySelector('[form=form]'); b.click(); b.click(); b.click(); }")
    expect(page.locator("#mensagens")).to_contain_text("Credencial 4 gravada.")
    assert len(pecas.RECEBIDOS) == 1


def test_send_button_says_it_is_sending(tela: Callable[[str], Page]) -> None:
    page = tela("/formulario/")
    preencher_credencial(page)
    page.evaluate("() => addEventListener('submit', (e) => e.preventDefault())")  # after the product's own listener
    page.keyboard.press("F9")
    expect(page.locator("[form=form]")).to_have_text("Enviando…")


def test_leaving_with_typed_data_warns(tela: Callable[[str], Page]) -> None:
    page = tela("/formulario/")
    page.get_by_label("Descrição").click()
    page.keyboard.type("Filial")
    perguntas: list[str] = []

    def ficar(pergunta: Dialog) -> None:
        perguntas.append(pergunta.type)
        pergunta.dismiss()

    page.on("dialog", ficar)
    page.get_by_role("link", name="Voltar à lista").click(no_wait_after=True)
    expect(page.get_by_label("Descrição")).to_have_value("Filial")
    assert perguntas == ["beforeunload"]


# -- sheet of cells -------------------------------------------------------------------------------------------------


def colar(page: Page, texto: str) -> None:
    page.evaluate(
        """texto => {
          const dados = new DataTransfer();
          dados.setData("text/plain", texto);
          const campo = document.activeElement;
          const evento = new ClipboardEvent("paste", {clipboardData: dados, bubbles: true, cancelable: true});
          if (campo.dispatchEvent(evento)) {
            campo.value = texto;
            campo.dispatchEvent(new InputEvent("input", {inputType: "insertFromPaste", bubbles: true}));
          }
        }""",
        texto,
    )


def celula(page: Page, nome: str) -> Locator:
    return page.locator(f'input[name="{nome}"]')


def test_pasted_block_fills_down_and_right_and_skips_what_cannot_hold_it(tela: Callable[[str], Page]) -> None:
    page = tela("/planilha/")
    celula(page, "interno-1001").focus()
    colar(page, "1000\t5,5\n2000\t9\n")
    expect(celula(page, "interno-1001")).to_have_value("1.000,00")
    expect(celula(page, "externo-1001")).to_have_value("5,50")
    expect(celula(page, "interno-1002")).to_have_value("2.000,00")
    expect(celula(page, "externo-1002")).to_have_value("0,00")
    expect(toast(page)).to_contain_text("3 células coladas. Ctrl+Z desfaz. 1 valor ficou de fora da grade.")


def test_ctrl_z_undoes_the_paste(tela: Callable[[str], Page]) -> None:
    page = tela("/planilha/")
    celula(page, "interno-1001").fill("7")
    colar(page, "1000\n2000")
    page.keyboard.press("Control+z")
    expect(celula(page, "interno-1001")).to_have_value("7,00")
    expect(celula(page, "interno-1002")).to_have_value("")


def test_enter_goes_down_and_arrows_move_between_cells(tela: Callable[[str], Page]) -> None:
    page = tela("/planilha/")
    celula(page, "externo-1001").focus()
    page.keyboard.press("Enter")
    expect(celula(page, "externo-1003")).to_be_focused()  # 1002 is read-only there
    page.keyboard.press("ArrowRight")
    expect(celula(page, "folha-1003")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(celula(page, "folha-1002")).to_be_focused()


# -- htmx errors and live progress ----------------------------------------------------------------------------------


def test_server_error_is_told_with_what_to_do(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.keyboard.press("F9")
    expect(toast(page)).to_contain_text("Espere um minuto e tente de novo")
    expect(page.locator("#anuncio")).to_contain_text("Espere um minuto")


def test_no_network_is_told(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.context.set_offline(True)
    page.keyboard.press("Insert")
    expect(toast(page)).to_contain_text("O servidor não respondeu")


def test_ended_session_leads_to_log_in_and_back_to_the_page(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/?q=padaria")
    page.evaluate("() => { htmx.ajax('GET', '/sessao/', '#tabela'); }")
    expect(page).to_have_url(re.compile(re.escape("/entrar/?next=%2Fgrade%2F%3Fq%3Dpadaria") + "$"))


def test_live_progress_updates_and_can_be_paused(tela: Callable[[str], Page]) -> None:
    page = tela("/processamento/")
    with page.expect_response("**/processamento/") as resposta:
        pass
    assert resposta.value.request.headers["x-vivo"] == "1"  # puts off no end of the session
    page.locator("#pausa").click()
    expect(page.locator("#pausa")).to_have_text("Retomar atualização")
    pedidos: list[str] = []
    page.on("request", lambda r: pedidos.append(r.url))
    page.evaluate("() => htmx.trigger('#andamento', 'retomar')")  # what a tick of the poll does
    assert pedidos == []
    with page.expect_response("**/processamento/"):
        page.locator("#pausa").click()


def test_poll_without_answer_shows_one_strip_and_recovers_by_itself(tela: Callable[[str], Page]) -> None:
    page = tela("/processamento/")
    page.context.set_offline(True)
    faixa = page.locator("#sem-conexao")
    expect(faixa).to_be_visible()
    expect(page.locator("#anuncio")).to_contain_text("Sem conexão com o servidor")
    expect(page.locator("#avisos .mensagem")).to_have_count(0)
    page.context.set_offline(False)
    expect(faixa).to_be_hidden()


def test_page_the_back_button_kept_asks_for_its_list_again(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/?q=padaria")
    with page.expect_response(lambda r: r.url.endswith("/grade/?q=padaria")) as resposta:
        page.evaluate("() => dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert resposta.value.request.headers["hx-request"] == "true"
    assert "x-vivo" not in resposta.value.request.headers


# -- menus ----------------------------------------------------------------------------------------------------------


def test_menu_opened_by_key_takes_focus_and_escape_gives_it_back(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    conta = page.get_by_role("button", name="Conta de")
    conta.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Tema do sistema")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Tema claro")).to_be_focused()
    page.keyboard.press("Escape")
    expect(conta).to_be_focused()
    expect(conta).to_have_attribute("aria-expanded", "false")


# -- phone ----------------------------------------------------------------------------------------------------------


def test_rows_of_a_list_become_labelled_cards_on_a_phone(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    expect(linha(page, 1001)).to_have_css("display", "table-row")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(linha(page, 1001)).to_have_css("display", "flex")
    expect(linha(page, 1001).locator("[data-rotulo=CNPJ]")).to_be_in_viewport()
    page.get_by_role("searchbox").fill("oficina")
    expect(linha(page, 1001).locator("[data-rotulo=CNPJ]")).to_be_visible()  # also in what htmx brings
    assert page.locator(".cartao.rola").evaluate("c => c.scrollWidth <= c.clientWidth")


def test_a_total_under_each_column_is_labelled_and_an_empty_one_left_out(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.evaluate(
        """() => document.querySelector("main").insertAdjacentHTML("beforeend", `
          <table class="tabela" id="soma" data-rotular>
          <thead><tr><th>Tributo</th><th>Nosso</th><th>Simulado</th></tr></thead>
          <tbody><tr><th>IRPJ</th><td>1,00</td><td></td></tr></tbody>
          <tfoot><tr><th>Total</th><td>1,00</td><td></td></tr><tr><th colspan="3">Nada a pagar.</th></tr></tfoot>
          </table>`)"""
    )
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("#soma tfoot td").first).to_have_attribute("data-rotulo", "Nosso")
    expect(page.locator("#soma tfoot td").nth(1)).to_be_hidden()
    expect(page.locator("#soma tfoot tr").nth(1)).to_be_visible()


def test_an_arrow_enters_the_list_from_nowhere(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    page.keyboard.press("ArrowDown")
    expect(linha(page, 1001)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(linha(page, 1002)).to_be_focused()


def test_keys_reach_the_search_and_apply_the_filters(tela: Callable[[str], Page]) -> None:
    page = tela("/grade/")
    clicar_na_linha(page, 1001)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.get_by_role("searchbox")).to_have_value("")
    for tecla in ("F9", "Enter"):
        page.get_by_role("button", name="Filtros ·").click()
        expect(page.locator("#filtros select").first).to_be_focused()
        with page.expect_response("**/grade/?**"):
            page.keyboard.press(tecla)
        expect(page.locator("#filtros")).to_be_hidden()


def test_a_table_that_begins_to_scroll_after_the_page_was_drawn_is_reached_by_keyboard_while_it_does(
    tela: Callable[[str], Page], axe: Axe
) -> None:
    page = tela("/processamento/")
    page.set_viewport_size({"width": 1280, "height": 800})
    caixa = page.locator(".cartao.rola")
    largura = "(tabela, px) => (tabela.style.minWidth = `${px}px`)"
    caixa.locator("table").evaluate(largura, 900)
    expect(caixa).not_to_have_attribute("tabindex", "0")
    page.set_viewport_size({"width": 800, "height": 800})
    expect(caixa).to_have_attribute("aria-label", re.compile("tabela, role para ver mais"))
    expect(caixa).to_have_attribute("tabindex", "0")
    assert axe(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(caixa).not_to_have_attribute("tabindex", "0")
    caixa.locator("table").evaluate(largura, 3000)
    expect(caixa).to_have_attribute("tabindex", "0")
