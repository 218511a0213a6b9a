"""The window API Integra Contador driven by the keyboard in a real browser, and axe on its pages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from comum.models import Adicional, Papel, Usuario
from credentials.models import Credencial, Gravacao, Vinculo
from empresas.models import Carteira
from tests.browser.conftest import abrir_sessao
from tests.cast import criar_empresa, criar_usuario
from tests.credentials.fabrica import criar_credencial, vincular

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def operador(transactional_db) -> Usuario:
    """Eva, Operadora of twelve empresas, of which eight are in the credencial 3."""
    Adicional.objects.update_or_create(pk=216, defaults={"nome": "API Integra Contador", "ativo": True})
    carteira = Carteira.objects.create(nome="Fiscal A")
    eva = criar_usuario("eva", Papel.OPERADOR)
    carteira.usuarios.add(eva)
    credencial = criar_credencial(3)
    for n in range(1, 13):
        empresa = criar_empresa(n, carteira=carteira)
        if n <= 8:
            vincular(empresa, credencial, eva)
    return eva


@pytest.fixture
def janela(operador: Usuario, live_server, sem_erros: Page) -> Callable[[str], Page]:
    """Open a page of the product as Eva."""
    abrir_sessao(sem_erros, live_server.url, operador)

    def abrir(caminho: str) -> Page:
        sem_erros.goto(live_server.url + caminho)
        return sem_erros

    return abrir


def rodape(page: Page, texto: str) -> None:
    expect(page.locator("#rodape-janela")).to_contain_text(texto)


def linha(page: Page, nome: str):
    return page.locator("#empresas tbody tr", has_text=nome)


def test_include_alter_replicate_exclude_and_advance_by_keyboard(janela) -> None:
    page = janela("/integra-contador/3/")
    page.keyboard.press("Insert")
    expect(page.locator("#incluir-unica")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#dialogo form")).to_be_visible()
    page.keyboard.type("0011")
    expect(page.locator("#dialogo [role=option]").first).to_contain_text("0011 Empresa Inventada")
    page.keyboard.press("Enter")
    page.locator("#dialogo [name=servicos][value=das]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("F9")
    rodape(page, "1 edição não gravada")

    linha(page, "Inventada 0001").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#dialogo form")).to_be_visible()
    page.locator("#dialogo [name=servicos][value=caixapostal]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("F9")
    expect(page.locator("#dialogo")).to_contain_text("+ Caixa postal")
    page.keyboard.press("F9")
    rodape(page, "3 edições não gravadas")
    expect(linha(page, "Inventada 0002")).to_be_focused()

    linha(page, "Inventada 0005").focus()
    page.keyboard.press("Delete")
    rodape(page, "1 excluída")
    assert Vinculo.objects.count() == 8
    assert not Gravacao.objects.exists()

    page.keyboard.press("F9")
    expect(page.locator("#mensagens")).to_contain_text("Gravado: 1 incluída, 2 alteradas, 1 excluída")
    assert Vinculo.objects.count() == 8
    assert Vinculo.objects.filter(servicos__contains=["caixapostal"]).count() == 2


def test_cancelar_asks_and_esc_keeps_the_edits(janela) -> None:
    page = janela("/integra-contador/3/")
    linha(page, "Inventada 0002").focus()
    page.keyboard.press("Delete")
    rodape(page, "1 edição não gravada")
    page.keyboard.press("Escape")
    expect(page.locator("#confirmacao")).to_contain_text("será perdida")
    page.keyboard.press("Escape")
    rodape(page, "1 edição não gravada")
    page.locator("#cancelar").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("F9")
    rodape(page, "Sem edições")
    expect(page.locator("#cancelar:focus")).to_have_count(1)


def test_multiple_inclusion_selects_across_the_filter(janela) -> None:
    page = janela("/integra-contador/3/incluir/varias/")
    page.locator("[data-marca-pagina]").check()
    page.keyboard.press("F9")
    expect(page.locator("#dialogo")).to_contain_text("Serviços de 4 empresas")
    page.locator("#dialogo [name=servicos][value=pgdasd]").check()
    page.keyboard.press("F9")
    page.wait_for_url("**/integra-contador/3/")
    rodape(page, "4 incluídas")


def test_another_credencial_is_loaded_by_its_code_after_asking(janela) -> None:
    Credencial.objects.create(codigo=5, descricao="Filial")
    page = janela("/integra-contador/3/")
    linha(page, "Inventada 0002").focus()
    page.keyboard.press("Delete")
    rodape(page, "1 edição não gravada")
    page.locator("#lk-credencial").fill("5")
    page.keyboard.press("Enter")
    page.wait_for_url("**/trocar/**")
    expect(page.locator("h1")).to_contain_text("Abrir a credencial 5")


def test_axe_finds_nothing_and_the_page_never_scrolls_sideways(janela, vistoriar) -> None:
    page = janela("/integra-contador/3/")
    linha(page, "Inventada 0002").focus()
    page.keyboard.press("Delete")
    rodape(page, "1 edição não gravada")
    for caminho in ("/integra-contador/3/", "/integra-contador/3/incluir/varias/", "/credenciais/", "/credenciais/3/"):
        assert vistoriar(janela(caminho)) == []


def test_axe_finds_nothing_in_the_dialogs(janela, axe) -> None:
    page = janela("/integra-contador/3/")
    for abrir in ("importar", "consultar"):
        if abrir == "consultar":
            linha(page, "Inventada 0001").locator("[type=checkbox]").check()
        page.locator(f"#{abrir}").click()
        expect(page.locator("#dialogo h2")).to_be_visible()
        assert axe(page) == [], abrir
        page.keyboard.press("Escape")
        expect(page.locator("#dialogo-janela")).not_to_be_visible()
