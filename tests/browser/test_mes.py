"""The month's main job in a real browser, by keyboard, against the living sandbox; and axe on each of its pages."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from comum.formatos import format_dinheiro
from comum.models import Usuario
from empresas.contexto import competencia_padrao
from empresas.models import Carteira, Empresa
from guias.models import Apuracao, Guia, Receita
from tests.browser.conftest import Axe, abrir_sessao
from tests.cast import criar_empresa
from tests.guias.apoio import credencial_do_sandbox, historico_de, informar, trabalhar, vincular
from tests.guias.conftest import motor_limpo, serpro_vivo  # noqa: F401 - fixtures of the fiscal month
from tests.sandbox_fixture import SandboxVivo

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def escritorio(serpro_vivo: SandboxVivo, carteira: Carteira, ana: Usuario, adicional_216: object) -> list[Empresa]:  # noqa: F811
    credencial = credencial_do_sandbox(serpro_vivo)
    empresas = [criar_empresa(numero, carteira=carteira, letras=numero == 2) for numero in range(1, 4)]
    for empresa in empresas:
        historico_de(empresa, "30000.00", competencia_padrao())
        vincular(empresa, credencial, ana)
    return empresas


def test_from_a_pasted_column_to_the_zip_of_das(
    live_server, sem_erros: Page, escritorio: list[Empresa], bruno: Usuario
) -> None:
    page = sem_erros
    abrir_sessao(page, live_server.url, bruno)
    page.goto(live_server.url + reverse("guias:receitas") + "?colunas=1")
    primeira = page.locator("input.celula").first
    primeira.focus()
    page.evaluate(
        """() => {
            const dados = new DataTransfer();
            dados.setData("text/plain", "30.000,00\\n31.000,50\\n32.000,99");
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: dados, bubbles: true}));
        }"""
    )
    page.keyboard.press("F9")
    expect(page.locator("#mensagens")).to_contain_text("gravadas: 3 estabelecimentos")
    assert Receita.objects.count() == 3

    page.goto(live_server.url + reverse("guias:apuracao"))
    page.locator("[data-marca-pagina]").check()
    page.keyboard.press("F4")
    expect(page.get_by_role("heading", name="Conferir")).to_be_visible()
    page.keyboard.press("F9")
    expect(page.locator("#mensagens")).to_contain_text("3 apurações aprovadas")

    page.locator("[data-marca-pagina]").check()
    page.keyboard.press("F9")
    devido = format_dinheiro(sum(filter(None, Apuracao.objects.values_list("total_aprovado", flat=True)), Decimal(0)))
    rotulo = f"Transmitir 3 declarações e emitir os DAS · valor {devido} · custo R$ 2,16"
    botao = page.get_by_role("button", name=rotulo)
    page.set_viewport_size({"width": 390, "height": 844})
    caixa = botao.bounding_box()
    assert caixa is not None
    assert caixa["x"] + caixa["width"] <= 390  # the money too is seen on a phone
    page.set_viewport_size({"width": 1280, "height": 800})
    page.keyboard.press("F9")
    page.wait_for_url("**/processamentos/**")
    trabalhar()

    page.goto(live_server.url + reverse("guias:lista"))
    page.locator("[data-marca-pagina]").check()
    with page.expect_download() as baixado:
        page.keyboard.press("F9")
    nomes = ZipFile(BytesIO(baixado.value.path().read_bytes())).namelist()
    assert sorted(nome.rpartition("/")[2] for nome in nomes) == sorted(
        f"DAS-{numero}.pdf" for numero in Guia.objects.values_list("numero", flat=True)
    )
    assert len(nomes) == 3


def test_every_page_of_the_month_is_accessible_at_every_width_and_theme(
    live_server, sem_erros: Page, vistoriar: Callable[[Page], list[str]], escritorio, bruno
) -> None:
    page = sem_erros
    abrir_sessao(page, live_server.url, bruno)
    apuracao = informar(escritorio[0], competencia=competencia_padrao())
    enderecos = [
        reverse("guias:receitas") + "?colunas=1,13",
        reverse("guias:apuracao"),
        reverse("guias:ver", args=[apuracao.pk]),
        reverse("guias:historico", args=[apuracao.pk]),
        reverse("guias:lista"),
        reverse("guias:importar"),
    ]
    achados = []
    for endereco in enderecos:
        page.goto(live_server.url + endereco)
        achados += vistoriar(page)
    assert achados == []


@pytest.mark.parametrize("acao", ["simular", "transmitir"])
def test_the_prevoo_and_the_check_are_accessible(
    live_server, sem_erros: Page, axe: Axe, escritorio, bruno, acao
) -> None:
    page = sem_erros
    abrir_sessao(page, live_server.url, bruno)
    informar(escritorio[0], competencia=competencia_padrao())
    achados = []
    titulos = {"F7": "Simular", "F9": "Transmitir", "F4": "Conferir"}
    for tecla in ("F7" if acao == "simular" else "F9", "F4"):
        page.goto(live_server.url + reverse("guias:apuracao"))
        page.locator("[data-marca-pagina]").check()
        page.keyboard.press(tecla)
        expect(page.get_by_role("heading", level=1)).to_contain_text(titulos[tecla])
        achados += axe(page)
    assert achados == []
