"""At 1280 px everything of a wide grid is in reach, without a scroll to the side."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from arquivo.services import guardar
from comum.models import Usuario
from credentials.models import Servico
from empresas.models import Carteira, Empresa, Regime
from guias.models import DeclaracaoDctfweb
from tests.browser.conftest import abrir_sessao
from tests.cast import criar_empresa
from tests.guias.apoio import MES, credencial_falsa, vincular

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def empresa(carteira: Carteira, ana: Usuario, adicional_216: object) -> Empresa:
    feita = criar_empresa(1, carteira=carteira, regime=Regime.PRESUMIDO)
    Empresa.objects.filter(pk=feita.pk).update(razao_social="Distribuidora Inventada de Materiais Elétricos Ltda")
    vincular(feita, credencial_falsa(), ana, *Servico)
    return feita


def _sobra(page: Page, tabela: str) -> int:
    """By how many pixels the table is wider than the box it lies in."""
    medida: int = page.locator(tabela).evaluate("t => t.scrollWidth - t.closest('.rola').clientWidth")
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
    assert _sobra(page, "[data-grade-colar]") <= 0
