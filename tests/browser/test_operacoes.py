"""Operações in a real browser: a doubt settled by keyboard alone, a service held and freed, the table that updates
itself; and axe on each of these pages."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from comum.models import Usuario
from empresas.models import Carteira
from operacoes import throttle
from operacoes.errors import OutcomeUnknown
from operacoes.models import Operacao, Pausa, Processamento, Situacao, Trabalhador
from operacoes.processamentos.criacao import criar
from tests.browser.conftest import Axe, abrir_sessao
from tests.cast import criar_empresa
from tests.operacoes.apoio import ACESSO, SERVICO, SemConsulta, escoar, nova, passar_o_tempo, vencer
from tests.operacoes.conftest import servico  # noqa: F401 - the service in memory

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("servico")]

OUT = date(2026, 10, 1)


def tab_ate(page: Page, alvo: Locator) -> None:
    """Press Tab until the focus is there."""
    for _ in range(120):
        if alvo.evaluate("el => el === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not get there")


@pytest.fixture
def run(carteira: Carteira, bruno: Usuario) -> Processamento:
    """Two doubts that wait for a person, one row in the queue of each of two services."""
    Trabalhador.objects.create(nome="maquina:1:a", vagas=4)
    empresas = [criar_empresa(n, carteira=carteira) for n in range(1, 5)]
    for chave in ("a", "b"):
        SERVICO.roteiro[chave] = [("depois", OutcomeUnknown("A conexão caiu.", codigo="SEM-RESPOSTA"))]
    novas = [
        nova(chave, tipo="teste.sem_consulta", prazo=date(2026, 11, 20 + n), competencia=OUT, empresa_id=empresas[n].pk)
        for n, chave in enumerate("ab")
    ]
    feito = criar("teste", "Enviar 4 efeitos", bruno, OUT, novas)
    escoar()
    for operacao in Operacao.objects.all():
        vencer(operacao)
    escoar()
    assert set(Operacao.objects.values_list("situacao", flat=True)) == {Situacao.AGUARDA_PESSOA}
    criar(
        "teste",
        "Outros",
        bruno,
        OUT,
        [
            nova("c", prazo=date(2026, 11, 20), competencia=OUT, empresa_id=empresas[2].pk),
            nova("d", tipo="teste.outro", competencia=OUT, empresa_id=empresas[3].pk),
        ],
    )
    return feito


def test_two_doubts_are_settled_by_keyboard_alone(
    live_server, sem_erros: Page, run: Processamento, bruno: Usuario
) -> None:
    page = sem_erros
    abrir_sessao(page, live_server.url, bruno)
    page.goto(live_server.url + "/")
    tab_ate(page, page.get_by_role("link", name="Responder uma a uma"))
    page.keyboard.press("Enter")

    expect(page.get_by_text("1 de 2")).to_be_visible()
    page.wait_for_load_state()  # the keys are heard once its scripts are there
    page.get_by_label("Número ou protocolo").focus()
    page.keyboard.press("Shift+PageDown")
    expect(page.get_by_text("2 de 2")).to_be_visible()
    page.keyboard.press("?")
    teclas = page.locator("#ajuda .atalhos")
    expect(teclas).to_contain_text("Shift+PgUpA anterior que aguarda resposta")
    expect(teclas).not_to_contain_text("F7")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+PageUp")
    expect(page.get_by_text("1 de 2")).to_be_visible()
    page.wait_for_load_state()  # the keys are heard once its scripts are there
    tab_ate(page, page.get_by_label("Número ou protocolo"))
    page.keyboard.type("12x")
    page.keyboard.press("Enter")
    page.keyboard.press("F9")
    expect(page.get_by_label("Número ou protocolo")).to_have_value("12x")
    expect(page.get_by_role("alert")).to_contain_text("só algarismos")
    tab_ate(page, page.get_by_label("Número ou protocolo"))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("123")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Aconteceu mesmo?")
    page.keyboard.press("F9")

    expect(page.locator("#mensagens")).to_contain_text("aconteceu")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Empresa Inventada 0002")
    tab_ate(page, page.get_by_label("Como se sabe"))
    page.keyboard.type("Nada no portal")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Não aconteceu mesmo?")
    page.keyboard.press("F9")
    expect(page.locator("#mensagens")).to_contain_text("não aconteceu, voltou à fila")

    assert [o.situacao for o in Operacao.objects.filter(chave__in="ab").order_by("chave")] == ["concluida", "pendente"]
    assert SERVICO.enviadas == ["a", "b"]


def em_foco(page: Page, alvo: str) -> None:
    """What the keyboard is on is `alvo`, a CSS selector."""
    expect(page.locator(f"{alvo}:focus")).to_have_count(1)


def test_what_is_not_filled_in_is_asked_for_before_the_confirmation(
    live_server, sem_erros: Page, run: Processamento, bruno: Usuario
) -> None:
    page = sem_erros
    abrir_sessao(page, live_server.url, bruno)
    page.goto(live_server.url + Operacao.objects.get(chave="a").get_absolute_url())
    for botao, campo in (("Aconteceu", "#id_numero"), ("Não aconteceu", "#id_motivo")):
        page.get_by_role("button", name=botao, exact=True).click()
        em_foco(page, campo)
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_not_happened_becomes_available_by_itself_and_keeps_what_was_typed(
    live_server, sem_erros: Page, run: Processamento, bruno: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = sem_erros
    monkeypatch.setattr(SemConsulta, "demora_maxima", timedelta(hours=1))
    operacao = Operacao.objects.get(chave="a")
    abrir_sessao(page, live_server.url, bruno)
    page.goto(live_server.url + operacao.get_absolute_url())
    botao = page.get_by_role("button", name="Não aconteceu", exact=True)
    expect(botao).to_have_attribute("aria-disabled", "true")
    page.get_by_label("Como se sabe").fill("Nada no portal")
    botao.focus()

    passar_o_tempo(operacao, timedelta(hours=2))
    expect(botao).not_to_have_attribute("aria-disabled", "true", timeout=15000)
    expect(page.locator("#anuncio")).to_contain_text("responda")
    em_foco(page, "#responder-nao")
    page.keyboard.press("Enter")
    page.keyboard.press("F9")
    expect(page.locator("#mensagens")).to_contain_text("não aconteceu, voltou à fila")


def test_the_focus_lands_on_what_the_act_said(live_server, sem_erros: Page, run: Processamento, ana: Usuario) -> None:
    page = sem_erros
    Pausa.objects.create(acesso=ACESSO, motivo="O certificado venceu.")
    abrir_sessao(page, live_server.url, ana)
    page.goto(live_server.url + Operacao.objects.get(chave="a").get_absolute_url())
    page.get_by_label("Número ou protocolo").fill("123")
    page.keyboard.press("Enter")
    page.keyboard.press("F9")
    expect(page.locator("#mensagens")).to_contain_text("aconteceu")
    em_foco(page, "[data-mensagem]")

    page.goto(live_server.url + reverse("operacoes:lista"))
    page.get_by_role("button", name="Retomar:").click()
    expect(page.locator("#mensagens")).to_contain_text("Pausa retirada")
    em_foco(page, "[data-mensagem]")
    page.keyboard.press("ArrowDown")
    em_foco(page, "#operacoes tbody tr")

    page.goto(live_server.url + Operacao.objects.get(chave="c").get_absolute_url())
    page.get_by_role("button", name="Desistir").click()
    page.keyboard.press("F9")
    em_foco(page, "[data-mensagem]")
    page.get_by_role("button", name="Dispensar a mensagem").focus()
    page.keyboard.press("Enter")
    em_foco(page, "#conteudo")


def test_the_list_updates_itself_and_keeps_the_place_of_the_keyboard(
    live_server, sem_erros: Page, run: Processamento, ana: Usuario
) -> None:
    page = sem_erros
    abrir_sessao(page, live_server.url, ana)
    page.goto(live_server.url + reverse("operacoes:lista") + "?situacao=pendente")
    expect(page.locator("#aba-pendente")).to_contain_text("2")
    linha = page.locator("#operacoes tbody tr").first
    linha.focus()
    identidade = linha.get_attribute("data-id")
    Pausa.objects.create(acesso=ACESSO, motivo="O certificado venceu.")
    expect(page.locator("#situacao")).to_contain_text("O certificado venceu.", timeout=15000)
    assert page.evaluate("document.activeElement.closest('tr')?.dataset.id") == identidade


def test_a_service_is_held_and_freed(live_server, sem_erros: Page, run: Processamento, ana: Usuario) -> None:
    page = sem_erros
    abrir_sessao(page, live_server.url, ana)
    page.goto(live_server.url + reverse("operacoes:lista"))
    page.get_by_role("button", name="Pausar Serviço de teste").click()
    page.get_by_role("dialog").get_by_label("Motivo").fill("Manutenção do portal")
    page.keyboard.press("F9")
    expect(page.locator("#mensagens")).to_contain_text("Serviço de teste em pausa")
    expect(page.locator(".servicos")).to_contain_text("Manutenção do portal")
    page.get_by_role("button", name="Retomar Serviço de teste").click()
    expect(page.locator("#mensagens")).to_contain_text("Serviço de teste retomado")


def test_the_pages_are_accessible_at_every_width_and_theme(
    live_server,
    sem_erros: Page,
    axe: Axe,
    vistoriar: Callable[[Page], list[str]],
    run: Processamento,
    ana: Usuario,
) -> None:
    page = sem_erros
    SemConsulta.arquivos.clear()
    Pausa.objects.create(acesso=ACESSO, motivo="O certificado venceu.")
    throttle.bloquear(f"outro:{ACESSO}", 300)
    abrir_sessao(page, live_server.url, ana)
    espera = Operacao.objects.get(chave="a")
    enderecos = ["/", reverse("operacoes:lista"), espera.get_absolute_url(), run.get_absolute_url()]
    achados = []
    for endereco in enderecos:
        page.goto(live_server.url + endereco)
        achados += vistoriar(page)
    page.goto(live_server.url + reverse("operacoes:lista"))
    page.get_by_role("button", name="Pausar Serviço de teste").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    achados += axe(page)
    assert achados == []
