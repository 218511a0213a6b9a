"""The archive in a real browser: its pages, in both themes and on a phone, and a ZIP of the marked documents."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from playwright.sync_api import Page, expect

from arquivo.models import Documento
from arquivo.services import guardar, verificacao
from comum.models import Usuario
from empresas.contexto import competencia_padrao
from empresas.models import Carteira
from tests.browser.conftest import Axe, abrir_sessao
from tests.cast import criar_empresa

pytestmark = [pytest.mark.navegador, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def documentos(carteira: Carteira) -> list[Documento]:
    empresa = criar_empresa(1, carteira=carteira)
    mes = competencia_padrao()
    return [
        guardar(
            f"<NFSe>{n}</NFSe>".encode(),
            empresa=empresa,
            tipo="nfse_xml",
            nome=f"NFSE-{n}.xml",
            competencia=mes,
            mime="application/xml",
            chave=f"{n:050d}",
            numero=str(n),
        )
        for n in range(3)
    ] + [guardar(b"%PDF-1.4 das", empresa=empresa, tipo="das", nome="DAS.pdf", competencia=mes)]


@pytest.mark.parametrize("tema", ["light", "dark"])
@pytest.mark.parametrize("largura", [1280, 390])
def test_the_pages_have_no_accessibility_fault(
    live_server: Any,
    sem_erros: Page,
    axe: Axe,
    bruno: Usuario,
    documentos: list[Documento],
    tema: Any,
    largura: int,
) -> None:
    Path(default_storage.path(documentos[0].caminho)).unlink()
    for _ in verificacao.andar(verificacao.ronda_aberta()):
        pass
    page = sem_erros
    page.set_viewport_size({"width": largura, "height": 900})
    page.emulate_media(color_scheme=tema)
    abrir_sessao(page, live_server.url, bruno)
    for url in (
        reverse("arquivo:lista"),
        reverse("arquivo:ver", args=[documentos[1].pk]),
        reverse("arquivo:faltas"),
        reverse("arquivo:verificacao"),
        reverse("arquivo:importar"),
    ):
        page.goto(live_server.url + url)
        assert axe(page) == [], url
        largo = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert largo <= 0, url


def test_the_marked_documents_come_in_one_zip(
    live_server: Any, sem_erros: Page, bruno: Usuario, documentos: list[Documento], tmp_path: Path
) -> None:
    page = sem_erros
    abrir_sessao(page, live_server.url, bruno)
    page.goto(live_server.url + reverse("arquivo:lista"))
    page.get_by_role("searchbox").fill("NFSE")
    expect(page.locator("#documentos tbody tr")).to_have_count(3)
    page.get_by_label("Marcar a página").check()
    with page.expect_download() as baixado:
        page.keyboard.press("F9")
    destino = tmp_path / "arquivo.zip"
    baixado.value.save_as(destino)
    pasta = "0001 Empresa Inventada 0001 Ltda"
    assert sorted(zipfile.ZipFile(destino).namelist()) == [
        *(f"{pasta}/NFSE-{n}.xml" for n in range(3)),
        "indice.csv",
    ]
