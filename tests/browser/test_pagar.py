"""A title typed by keyboard alone: its rateio is followed line by line, closed with a key, and saved."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from comum.models import Usuario
from empresas.models import Carteira
from pagar.models import Titulo
from tests.browser.conftest import Axe, abrir_sessao
from tests.cast import criar_empresa
from tests.pagar import fabricas

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True)]


def test_a_title_is_typed_split_and_saved(
    live_server: Any, sem_erros: Page, axe: Axe, client: Client, bruno: Usuario, carteira: Carteira
) -> None:
    empresa = criar_empresa(1, carteira=carteira)
    fabricas.fornecedor(fabricas.conta(), "Gráfica Inventada", codigo=95)
    page, hoje = sem_erros, timezone.localdate()
    abrir_sessao(page, live_server.url, bruno)
    page.goto(f"{live_server.url}/pagar/titulos/novo/?empresa={empresa.pk}")
    fornecedor = page.locator("#lk-fornecedor")
    expect(fornecedor).to_be_focused()
    fornecedor.fill("95")
    presos: list[Route] = []  # what the fornecedor brings comes after all is typed
    page.route("**/titulos/calcular/", lambda rota: presos.append(rota), times=1)
    fornecedor.press("Enter")
    expect(fornecedor).to_have_value("95 Gráfica Inventada")
    for campo, texto in (
        ("especie", "DP"),
        ("numero", "4471"),
        ("parcela", "1"),
        ("valor", "1.000,00"),
        ("vencimento", f"{hoje + timedelta(days=30):%d/%m/%Y}"),
        ("rateio-0-plano_contas", "Geral"),
        ("rateio-0-conta", "11031601"),
        ("rateio-0-unidade_negocio", "1"),
        ("rateio-0-fluxo", "10.06.01"),
        ("rateio-0-valor", "600,00"),
    ):
        page.locator(f"#id_{campo}").fill(texto)
    presos[0].continue_()
    page.keyboard.press("Tab")
    expect(page.locator("#diferenca")).to_contain_text("Faltam R$ 400,00")
    page.keyboard.press("F6")
    expect(page.locator("#diferenca")).to_contain_text("O rateio fecha")
    assert axe(page) == []
    page.keyboard.press("F9")
    page.wait_for_url("**/pagar/titulos/*/")
    titulo = Titulo.objects.get()
    assert (titulo.numero, titulo.valor, titulo.situacao) == ("4471", Decimal(1000), "rascunho")
    assert [linha["valor"] for linha in titulo.corpo["rateio"]] == ["1000.00"]
