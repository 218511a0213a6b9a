"""Notas in a real browser: one written without the mouse, its page followed while it changes, and axe on each page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from comum.models import Usuario
from empresas.contexto import competencia_padrao
from empresas.models import Empresa
from nfse.models import CanalNfse, Nota
from nfse.providers.nacional.parametros import Convenio
from nfse.services.nacional import guardar_convenio
from tests.browser.conftest import Axe
from tests.cast import cnpj_valido, criar_empresa
from tests.nfse.apoio import autorizar, criar_canal, criar_nota, enviar, recusar
from tests.nfse.fabrica import criar_servico

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def empresa(transactional_db: None) -> Empresa:
    return criar_empresa(1, regime="presumido")


@pytest.fixture
def canal(empresa: Empresa) -> CanalNfse:
    return criar_canal(empresa)


@pytest.fixture
def abrir(client: Client, ana: Usuario, empresa: Empresa, live_server: Any, sem_erros: Page) -> Callable[[str], Page]:
    """Open a page as Ana, with the empresa in the top bar."""
    client.force_login(ana)
    client.post(reverse("contexto"), {"empresa": empresa.pk})
    for sessao in client.cookies.values():
        sem_erros.context.add_cookies([{"name": sessao.key, "value": sessao.value, "url": live_server.url}])

    def ir(caminho: str) -> Page:
        sem_erros.goto(live_server.url + caminho)
        return sem_erros

    return ir


def procurar(page: Page, item: int, texto: str) -> None:
    """Type into the look-up of a line, which has the focus, and take the first option."""
    expect(page.locator(f"[id='lk-itens-{item}-servico']")).to_be_focused()
    page.keyboard.type(texto)
    expect(page.get_by_role("option").first).to_contain_text(texto, ignore_case=True)
    page.keyboard.press("Enter")


def test_a_note_is_written_and_checked_without_the_mouse(abrir, canal: CanalNfse, empresa: Empresa) -> None:
    criar_servico(empresa, aliquota_iss=2)
    page = abrir(reverse("nfse:notas"))
    page.keyboard.press("Insert")
    expect(page.get_by_role("heading", name="Nova nota")).to_be_visible()
    page.keyboard.press("F2")
    page.keyboard.type("Clínica do Teclado")
    page.get_by_role("option", name="Incluir tomador “Clínica do Teclado”…").wait_for()
    page.keyboard.press("Enter")
    janela = page.locator("#dialogo")
    janela.get_by_label("CNPJ ou CPF").fill(cnpj_valido(777, letras=True))
    for campo, valor in (("CEP", "50030230"), ("Logradouro", "Rua do Sol"), ("Número", "10"), ("Bairro", "Centro")):
        janela.get_by_label(campo, exact=False).first.fill(valor)
    janela.get_by_role("combobox", name="Município").fill("recife")
    page.get_by_role("option", name="Recife/PE").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.press("F9")
    expect(page.locator("#lk-tomador")).to_have_value(
        "Clínica do Teclado · AB.000.777/0001-" + cnpj_valido(777, letras=True)[-2:]
    )

    page.locator("[id='lk-itens-0-servico']").focus()
    procurar(page, 0, "Honorários")
    expect(page.locator("#id_itens-0-valor_unitario")).to_have_value("500,00")
    page.locator("#id_itens-0-valor_unitario").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("1234,5")
    expect(page.locator("#resumo .total").last).to_have_text("R$ 1.234,50")
    page.keyboard.press("Insert")
    expect(page.locator(".nota-item")).to_have_count(2)
    procurar(page, 1, "Honorários")
    expect(page.locator("#resumo .total").last).to_have_text("R$ 1.734,50")
    page.keyboard.press("Control+Delete")
    expect(page.locator(".nota-item")).to_have_count(1)
    expect(page.locator("#id_itens-0-valor_unitario")).to_have_value("1.234,50")

    page.keyboard.press("F4")
    expect(page.locator("#corpo")).to_contain_text("Conferida: nada impede a emissão.")
    page.keyboard.press("F9")
    expect(page.locator("#mensagens")).to_contain_text("Rascunho salvo.")
    assert str(Nota.objects.get().valor_servicos) == "1234.50"


def test_what_is_typed_while_the_form_is_drawn_again_stays(abrir, canal: CanalNfse, empresa: Empresa) -> None:
    criar_servico(empresa)
    page = abrir(reverse("nfse:nova"))
    page.locator("#id_observacao").fill("antes")
    page.route("**/notas/calcular/", lambda rota: (page.locator("#id_observacao").fill("depois"), rota.continue_()))
    page.locator("#id_competencia").fill("09/2026")
    page.keyboard.press("Tab")
    expect(page.locator("[name=competencia_antes]")).to_have_value("09/2026")
    expect(page.locator("#id_observacao")).to_have_value("depois")


def test_the_page_of_a_note_changes_by_itself(abrir, canal: CanalNfse, ana: Usuario) -> None:
    nota = criar_nota(canal, ana, competencia=competencia_padrao())
    enviar(nota, ana)
    page = abrir(nota.get_absolute_url())
    expect(page.locator("#situacao")).to_contain_text("Na fila")
    operacao = nota.operacao
    assert operacao is not None
    operacao.situacao, operacao.mensagem = "aguarda_pessoa", "Confira no portal do município."
    operacao.save()
    expect(page.locator("#situacao")).to_contain_text("Confira no portal do município.")
    expect(page.get_by_role("link", name="Dizer o que houve")).to_be_visible()


def test_a_dialog_says_the_rules_before_anything_is_asked(abrir, canal: CanalNfse, ana: Usuario) -> None:
    nota = autorizar(criar_nota(canal, ana), ana)
    page = abrir(nota.get_absolute_url())
    page.get_by_role("button", name="Cancelar…").click()
    expect(page.locator("#dialogo")).to_contain_text("O cancelamento é definitivo")
    page.keyboard.press("F9")
    expect(page.locator("#dialogo")).to_contain_text("Escolha o motivo na lista.")
    page.locator("#dialogo select").select_option("1")
    page.locator("#dialogo textarea").fill("Serviço não foi prestado ao tomador")
    page.keyboard.press("F9")
    expect(page.locator("#mensagens")).to_contain_text("O cancelamento está na fila")


def test_axe_finds_nothing_on_the_pages_of_notas(
    abrir, canal: CanalNfse, ana: Usuario, vistoriar: Callable[[Page], list[str]]
) -> None:
    mes = competencia_padrao()
    autorizada = autorizar(criar_nota(canal, ana, competencia=mes), ana, xml=b"<nfse/>")
    recusada = recusar(criar_nota(canal, ana, competencia=mes), ana)
    achados: list[str] = []
    for caminho in (
        reverse("nfse:notas"),
        autorizada.get_absolute_url(),
        reverse("nfse:editar", args=[recusada.pk]),
    ):
        achados += vistoriar(abrir(caminho))
    assert achados == []


def test_an_exported_service_is_typed_without_the_mouse(abrir, empresa: Empresa, axe: Axe) -> None:
    guardar_convenio(str(empresa.municipio_id), Convenio(True, True, True, True, True))
    criar_canal(empresa, "nacional", serie="1")
    page = abrir(reverse("nfse:nova"))
    secao = page.locator("summary", has_text="Tributação e exigências")
    secao.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    tributacao = page.get_by_label("Tributação do ISS")
    expect(tributacao).to_be_focused()
    expect(page.get_by_label("País do resultado")).to_be_hidden()
    page.keyboard.type("3")  # Exportação de serviço
    expect(page.get_by_label("País do resultado")).to_be_visible()
    expect(tributacao).to_be_focused()
    page.get_by_label("País do resultado").fill("Atlântida")
    page.keyboard.press("F4")
    expect(page.locator("#id_pais_resultado_erro")).to_contain_text("não encontrado")
    expect(page.get_by_label("País do resultado")).to_have_value("Atlântida")
    page.evaluate("document.querySelectorAll('.grupo-raro, .item-pe details').forEach(um => um.open = true)")
    assert axe(page) == []


def test_papers_are_listed_without_the_mouse(abrir, empresa: Empresa, axe: Axe) -> None:
    guardar_convenio(str(empresa.municipio_id), Convenio(True, True, True, True, True))
    criar_canal(empresa, "nacional", serie="1")
    page = abrir(reverse("nfse:nova"))
    page.locator("#id_itens-0-valor_unitario").fill("1.000,00")
    page.locator("summary", has_text="Tributação e exigências").click()
    page.locator("summary", has_text="Dedução por percentual").click()
    page.locator("#deducoes-incluir").focus()
    page.keyboard.press("Insert")
    expect(page.locator("#id_deducoes-0-documento")).to_be_focused()
    page.keyboard.type("77")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("Nota fiscal em papel")
    expect(page.locator("#id_deducoes-0-serie")).to_be_visible()
    expect(page.locator("#id_deducoes-0-documento")).to_have_value("77")
    page.locator("#id_deducoes-0-dedutivel").fill("150,00")
    expect(page.locator("#resumo")).to_contain_text("1 documento")
    page.keyboard.press("Insert")
    expect(page.locator("#id_deducoes-1-documento")).to_be_focused()
    expect(page.locator(".nota-item")).to_have_count(1)
    page.keyboard.press("Control+Delete")
    expect(page.locator(".papel")).to_have_count(1)
    expect(page.locator("#id_deducoes-0-dedutivel")).to_have_value("150,00")
    page.locator("#deducoes-0-fornecedor summary").click()
    page.locator("#id_deducoes-0-tipo").select_option("99")
    expect(page.locator("#id_deducoes-0-descricao")).to_be_visible()
    expect(page.locator("#id_deducoes-0-fornecedor_cep")).to_be_visible()
    page.evaluate("document.querySelectorAll('.exigencias details').forEach(um => um.open = true)")
    assert axe(page) == []


def test_the_national_code_is_looked_up_by_the_item_on_the_screen(abrir, empresa: Empresa) -> None:
    criar_canal(empresa, "nacional")
    page = abrir(reverse("nfse:nova"))
    item, nacional = (page.locator(f"[id='lk-itens-0-{nome}']") for nome in ("item_lc116", "codigo_nacional"))
    opcao = page.locator(".lookup-lista:popover-open [role=option]").first
    codigo = page.locator("[name='itens-0-codigo_nacional']")

    def escolher(onde: Any, texto: str) -> None:
        onde.fill(texto)
        expect(opcao).to_contain_text(texto[:2])
        onde.press("Enter")

    escolher(item, "17.01")
    escolher(nacional, "170101")
    expect(codigo).to_have_value("170101")
    escolher(item, "7.02")
    expect(codigo).to_have_value("")
    expect(page.get_by_text("foi apagado, porque o campo de que depende mudou")).to_be_visible()
    nacional.press("F2")
    expect(opcao).to_contain_text("07.02.01")
    nacional.fill("010101")
    expect(opcao).to_contain_text("Nenhum código nacional assim no item 7.02.")
    escolher(item, "1.01")  # what was typed is looked for again
    expect(codigo).to_have_value("010101")
