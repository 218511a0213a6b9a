"""The register of empresas in a real browser: by keyboard, at three widths, in both themes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from comum.models import Papel, Usuario
from empresas.importacao import base
from empresas.models import Carteira, Empresa, Importacao
from tests.browser.conftest import Axe, abrir_sessao
from tests.cast import cnpj_valido, criar_empresa, criar_empresas, criar_usuario

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True)]

Abrir = Callable[[str], Page]


@pytest.fixture
def administrador(transactional_db: None) -> Usuario:
    carteira = Carteira.objects.create(nome="Fiscal A")
    Carteira.objects.create(nome="Fiscal B")
    criar_empresas(range(1, 59), carteira=carteira)
    criar_empresa(59, carteira=carteira, letras=True)
    criar_empresa(60, carteira=carteira, ativa=False)
    return criar_usuario("ana", Papel.ADMINISTRADOR)


@pytest.fixture
def abrir(administrador: Usuario, live_server: Any, sem_erros: Page) -> Abrir:
    """Open a page of the product as the administrator."""
    abrir_sessao(sem_erros, live_server.url, administrador)

    def ir(caminho: str) -> Page:
        sem_erros.goto(live_server.url + caminho)
        return sem_erros

    return ir


def test_an_empresa_is_included_without_the_mouse(abrir: Abrir) -> None:
    page = abrir(reverse("empresas:lista"))
    page.keyboard.press("Insert")
    expect(page.get_by_role("heading", name="Incluir empresa")).to_be_visible()
    page.get_by_label("Código").focus()
    page.keyboard.type("0900")
    page.keyboard.press("Tab")
    page.keyboard.type(cnpj_valido(900))
    page.get_by_label("Razão social").focus()
    page.keyboard.type("Padaria do Teclado")
    page.get_by_role("combobox", name="Município").focus()
    page.keyboard.type("olinda")
    expect(page.get_by_role("option", name="Olinda/PE")).to_be_visible()
    page.keyboard.press("Enter")
    page.locator("#id_regimes-0-regime").focus()
    page.keyboard.type("MEI")
    page.keyboard.press("F9")
    expect(page.locator("#mensagens")).to_contain_text("Empresa 0900 Padaria do Teclado incluída.")
    empresa = Empresa.objects.get(codigo="0900")
    assert (str(empresa.municipio), empresa.regime, empresa.documento) == ("Olinda/PE", "mei", cnpj_valido(900))


def test_the_search_swaps_the_table_and_the_address_keeps_it(abrir: Abrir) -> None:
    page = abrir(reverse("empresas:lista"))
    page.get_by_role("searchbox").press_sequentially("0042")
    expect(page.locator("#empresas tbody tr")).to_have_count(1)
    expect(page).to_have_url(f"{page.url.split('?')[0]}?q=0042&ordem=razao")
    page.go_back()
    expect(page.locator("#empresas tbody tr")).to_have_count(50)


def test_marked_rows_change_carteira_in_the_dialog(abrir: Abrir) -> None:
    page = abrir(reverse("empresas:lista"))
    page.locator("#empresas tbody tr").first.click()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("[data-grade-resumo]")).to_contain_text("2 marcadas")
    page.get_by_role("button", name="Com as marcadas").click()
    page.get_by_role("button", name="Mudar a carteira de 2").click()
    page.locator("#dialogo select").select_option(label="Fiscal B")
    page.keyboard.press("F9")
    expect(page.locator("#mensagens")).to_contain_text("2 empresas agora na carteira Fiscal B.")
    assert Empresa.objects.filter(carteira__nome="Fiscal B").count() == 2


def test_everything_filtered_is_exported_after_a_search_in_place(abrir: Abrir) -> None:
    page = abrir(reverse("empresas:lista"))
    page.get_by_role("searchbox").press_sequentially("inventada 0042")
    expect(page.locator("#empresas tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Exportar").click()
    with page.expect_download() as baixado:
        page.get_by_role("button", name="CSV, todas da lista").click()
    assert len(Path(baixado.value.path()).read_text(encoding="utf-8-sig").splitlines()) == 2


def test_a_file_is_sent_followed_and_imported(abrir: Abrir, tmp_path: Path) -> None:
    arquivo = tmp_path / "lista.csv"
    arquivo.write_text(f"cnpj;razão social;regime\n{cnpj_valido(901)};Padaria;MEI\n123;Ruim;MEI\n", encoding="cp1252")
    page = abrir(reverse("empresas:importar"))
    page.locator("[name=arquivo]").set_input_files(arquivo)
    page.keyboard.press("F9")
    expect(page.locator("#andamento")).to_contain_text("Na fila")
    importacao = Importacao.objects.get()
    base.conferir(importacao.pk)
    expect(page.get_by_role("heading", name="Linhas recusadas")).to_be_visible()
    expect(page.get_by_role("button", name="Pausar atualização")).to_have_count(0)
    page.keyboard.press("F9")
    expect(page.locator("#andamento")).to_contain_text("Importando")
    base.importar(importacao.pk)
    expect(page.locator("#andamento")).to_contain_text("Importado: 1 linha nova.")


def test_the_context_follows_the_code_typed_in_the_top_bar(abrir: Abrir) -> None:
    page = abrir(reverse("empresas:lista"))
    page.keyboard.press("F2")
    page.keyboard.type("0042")
    expect(page.get_by_role("option").first).to_contain_text("0042")
    page.keyboard.press("Enter")
    expect(page.locator("#lk-ctx-empresa")).to_have_value("0042 Empresa Inventada 0042 Ltda")
    page.reload()
    expect(page.locator("#lk-ctx-empresa")).to_have_value("0042 Empresa Inventada 0042 Ltda")


def test_axe_finds_nothing_on_any_page(
    abrir: Abrir, administrador: Usuario, vistoriar: Callable[[Page], list[str]]
) -> None:
    empresa = Empresa.objects.get(codigo="0001")
    conferida = base.receber(
        tipo="empresas",
        usuario=administrador,
        nome_arquivo="lista.csv",
        conteudo=f"cnpj;razao social;regime\n{empresa.documento};Outro nome;MEI\n123;Ruim;MEI\n".encode(),
        agendar=False,
    )
    base.conferir(conferida.pk)
    paginas = [
        reverse("empresas:lista") + "?pagina=2",  # the short one
        reverse("empresas:lista") + "?q=nada+assim&uf=SP",
        reverse("empresas:ver", args=[empresa.pk]),
        reverse("empresas:alterar", args=[empresa.pk]),
        reverse("empresas:nova"),
        reverse("empresas:importar"),
        reverse("empresas:importacao", args=[conferida.pk]),
    ]
    achados: list[str] = []
    for caminho in paginas:
        achados += vistoriar(abrir(caminho))
    assert achados == []


def test_axe_finds_nothing_in_the_dialog_and_the_filters(abrir: Abrir, axe: Axe) -> None:
    page = abrir(reverse("empresas:lista"))
    page.get_by_role("button", name="Filtros").click()
    expect(page.get_by_role("heading", name="Filtros")).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.locator("#empresas tbody tr").first.click()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Com as marcadas").click()
    page.get_by_role("button", name="Mudar a carteira de 1").click()
    expect(page.locator("#dialogo form")).to_be_visible()
    assert axe(page) == []
