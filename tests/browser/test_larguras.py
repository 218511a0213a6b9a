"""At 1280 px everything of a wide grid is in reach, without a scroll to the side."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from arquivo.models import Defeito
from arquivo.services import guardar
from comum.models import Usuario
from credentials.models import Servico
from empresas.models import Carteira, Empresa, Regime
from guias.models import Apuracao, DeclaracaoDctfweb, Entrega, Guia
from nfse.models import Nota
from tests.browser.conftest import LARGURAS, abrir_sessao
from tests.cast import criar_empresa
from tests.guias.apoio import MES, credencial_falsa, emitir_guia, informar, vincular
from tests.nfse.apoio import autorizar, criar_canal, criar_item, criar_nota
from tests.pagar.fabricas import BARRAS

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def empresa(carteira: Carteira, ana: Usuario, adicional_216: object) -> Empresa:
    feita = criar_empresa(1, carteira=carteira, regime=Regime.PRESUMIDO)
    Empresa.objects.filter(pk=feita.pk).update(razao_social="Distribuidora Inventada de Materiais Elétricos Ltda")
    vincular(feita, credencial_falsa(), ana, *Servico)
    return feita


def _sobra(tabela: Locator) -> int:
    """By how many pixels the table is wider than the box it lies in."""
    medida: int = tabela.evaluate("t => t.scrollWidth - t.closest('.rola').clientWidth")
    return medida


def test_the_documents_of_a_dctfweb_are_in_reach(
    live_server: Any, sem_erros: Page, bruno: Usuario, empresa: Empresa
) -> None:
    page, agora = sem_erros, timezone.now()
    papeis = {
        campo: guardar(campo.encode(), empresa=empresa, tipo="dctfweb_xml", nome=f"{campo}.xml", competencia=MES)
        for campo in ("xml", "recibo", "completa")
    }
    DeclaracaoDctfweb.objects.create(
        empresa=empresa,
        competencia=MES,
        categoria=40,
        situacao=DeclaracaoDctfweb.Situacao.TRANSMITIDA,
        consultada_em=agora,
        transmitida_em=agora,
        xml_em=agora,
        atrasada=True,
        **papeis,
    )
    abrir_sessao(page, live_server.url, bruno)
    page.goto(live_server.url + reverse("guias:dctfweb"))
    for papel in ("XML", "Recibo", "Declaração"):
        expect(page.get_by_role("link", name=papel, exact=True)).to_be_in_viewport(ratio=1)


def test_every_column_of_the_mit_is_in_reach(
    live_server: Any, sem_erros: Page, bruno: Usuario, empresa: Empresa
) -> None:
    page = sem_erros
    abrir_sessao(page, live_server.url, bruno)
    page.goto(live_server.url + reverse("guias:mit_mes", args=[empresa.pk, f"{MES:%Y%m}"]))
    expect(page.get_by_role("columnheader", name="Tributo")).to_be_visible()
    page.locator("details").evaluate_all("todos => todos.forEach(um => { um.open = true })")
    for tabela in page.locator("[data-grade-colar]").all():
        assert _sobra(tabela) <= 0


def test_a_guia_sent_or_paid_or_drawn_again_and_its_apuracao_are_in_reach(
    live_server: Any, sem_erros: Page, bruno: Usuario, ana: Usuario, carteira: Carteira, adicional_216: object
) -> None:
    credencial, agora, guias = credencial_falsa(), timezone.now(), []
    for numero in (1, 2, 3):
        empresa = criar_empresa(numero, carteira=carteira)
        Empresa.objects.filter(pk=empresa.pk).update(razao_social="Distribuidora Inventada de Materiais Elétricos Ltda")
        vincular(empresa, credencial, ana, *Servico)
        apuracao = informar(empresa, competencia=MES)
        Apuracao.objects.filter(pk=apuracao.pk).update(
            situacao=Apuracao.Situacao.TRANSMITIDA,
            transmitida_em=agora,
            id_declaracao=f"{numero:017}",
            total_simulado=Decimal("1073.32"),
            total_declarado=Decimal("1073.32"),
        )
        guias.append(emitir_guia(empresa, apuracao, f"0720263260001{numero:04}", "1073.32", codigo_barras=BARRAS))
    enviada, paga, segunda = guias
    Entrega.objects.create(guia=enviada, para="ana@cliente.example", enviada_em=agora)
    comprovante = guardar(b"%PDF-c", empresa=paga.empresa, tipo="comprovante", nome="c.pdf", competencia=MES)
    Guia.objects.filter(pk=paga.pk).update(paga_em=agora.date(), valor_pago=paga.total, comprovante=comprovante)
    Guia.objects.filter(pk=segunda.pk).update(via=2)
    page = sem_erros
    abrir_sessao(page, live_server.url, bruno)
    page.goto(live_server.url + reverse("guias:lista"))
    for dito in ("Enviada", "Paga", "2ª via", "Extrato…", "Copiar …"):
        expect(page.locator("#guias tbody").get_by_text(dito).first).to_be_visible()
    assert _sobra(page.locator("#guias")) <= 0
    # Of all the periods: longer names of guias, and values of six figures, paid in part.
    Guia.objects.filter(pk=enviada.pk).update(tipo="das_cobra", total=Decimal("107332.55"), multa=Decimal("19004.11"))
    Guia.objects.filter(pk=segunda.pk).update(tipo="darf_dctf", periodo="3º trim/2026", valor_pago=Decimal("12107.33"))
    for largura, altura in LARGURAS:
        page.set_viewport_size({"width": largura, "height": altura})
        page.goto(live_server.url + reverse("guias:lista") + "?periodo=todos")
        expect(page.locator("#guias tbody").get_by_text("3º trim/2026")).to_be_visible()
        if largura != 768:  # there the table scrolls inside its box, under the fixed name
            assert _sobra(page.locator("#guias")) <= 0
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(live_server.url + reverse("guias:apuracao"))
    assert _sobra(page.locator("#apuracoes")) <= 0
    cortadas = page.locator("#apuracoes td.situacao").evaluate_all(
        "c => c.filter(x => x.scrollWidth > x.clientWidth).length"
    )
    assert cortadas == 0


def test_the_files_of_the_notes_of_all_competencias_are_in_reach(
    live_server: Any, sem_erros: Page, bruno: Usuario, carteira: Carteira
) -> None:
    for numero, valor in ((1, "107332.55"), (2, "850.00")):
        empresa = criar_empresa(numero, carteira=carteira)
        Empresa.objects.filter(pk=empresa.pk).update(razao_social="Distribuidora Inventada de Materiais Elétricos Ltda")
        canal = criar_canal(empresa)
        item = criar_item(valor, inss=Decimal(valor) / 100)
        nota = autorizar(criar_nota(canal, bruno, None, item), bruno, str(104_000 + numero))
        papeis = {
            campo: guardar(campo.encode(), empresa=empresa, tipo=f"nfse_{campo}", nome=f"n.{campo}", competencia=MES)
            for campo in ("xml", "pdf")
        }
        Nota.objects.filter(pk=nota.pk).update(numero_nfse=str(104_000 + numero), **papeis)
    page = sem_erros
    abrir_sessao(page, live_server.url, bruno)
    for largura, altura in LARGURAS:
        page.set_viewport_size({"width": largura, "height": altura})
        page.goto(live_server.url + reverse("nfse:notas") + "?periodo=todos")
        expect(page.locator("#notas tbody").get_by_text("XML").first).to_be_visible()
        if largura != 768:
            assert _sobra(page.locator("#notas")) <= 0
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_what_is_done_about_a_damaged_document_is_in_reach(
    live_server: Any, sem_erros: Page, ana: Usuario, empresa: Empresa
) -> None:
    page = sem_erros
    documento = guardar(
        b"<a/>", empresa=empresa, tipo="cancel_pdf", nome="NFSE-CANCELAMENTO-1234567.pdf", competencia=MES
    )
    agora = timezone.now()
    Defeito.objects.create(documento=documento, motivo=Defeito.Motivo.ALTERADO, achado_em=agora, visto_em=agora)
    abrir_sessao(page, live_server.url, ana)
    page.goto(live_server.url + reverse("arquivo:verificacao"))
    expect(page.get_by_role("button", name="Conferir NFSE")).to_be_in_viewport(ratio=1)
    assert _sobra(page.locator("#defeitos")) <= 0
