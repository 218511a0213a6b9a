"""The browser of these tests: the machine's own Chromium, and axe-core from tests/vendor."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from playwright.sync_api import Page, expect

from tests.browser import chromium

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
REGRAS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRASTE = {"type": "rule", "values": ["color-contrast"]}
# Colours half way through a change would be measured as they are: wait for what is moving to arrive (what moves with
# the scroll never does).
REPOUSO = """() => Promise.all(document.getAnimations()
    .filter(a => a.timeline === document.timeline && a.effect?.getComputedTiming().iterations !== Infinity)
    .map(a => a.finished.catch(() => null)))"""
LARGURAS = ((1280, 800), (768, 1024), (390, 844))

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in the thread that uses the ORM


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    parametros = [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    ]
    return browser_type_launch_args | {"executable_path": chromium.find(), "args": parametros}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return browser_context_args | {"locale": "pt-BR", "timezone_id": "America/Sao_Paulo", "reduced_motion": "reduce"}


@pytest.fixture
def sem_erros(page: Page) -> Iterator[Page]:
    """A page on which a script error, a missing static file or a Content-Security-Policy violation fails the test."""
    problemas: list[str] = []
    page.set_default_timeout(8000)
    page.on("pageerror", lambda erro: problemas.append(str(erro)))
    page.on("console", lambda m: problemas.append(m.text) if "Content Security Policy" in m.text else None)
    page.on("response", lambda r: problemas.append(r.url) if r.status == 404 and "/static/" in r.url else None)
    yield page
    assert not problemas


class Axe(Protocol):
    def __call__(self, page: Page, regras: object = REGRAS) -> list[str]: ...


@pytest.fixture
def axe() -> Axe:
    """Run axe-core on the page as it stands; returns one line per violation."""
    fonte = AXE.read_text()

    def rodar(page: Page, regras: object = REGRAS) -> list[str]:
        page.evaluate(REPOUSO)
        if not page.evaluate("'axe' in window"):
            page.evaluate(fonte)  # evaluated by the debugger, so the page's own policy stays in force
        opcoes = {"runOnly": regras, "resultTypes": ["violations"]}
        achados = page.evaluate("opcoes => axe.run(opcoes).then(r => r.violations)", opcoes)
        return [f"{a['id']}: {a['help']} {[no['html'][:160] for no in a['nodes'][:3]]}" for a in achados]

    return rodar


@pytest.fixture
def vistoriar(axe: Axe) -> Callable[[Page], list[str]]:
    """Look at the page as it stands at every width and in both themes: one line per violation and per sideways scroll.

    A theme changes colours and nothing else, so the dark one is only asked for its contrast.
    """

    def olhar(page: Page) -> list[str]:
        achados = []
        for largura, altura in LARGURAS:
            page.set_viewport_size({"width": largura, "height": altura})
            vistos = axe(page)
            if not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
                vistos.append("the page itself scrolls sideways")  # tables may, inside their box
            usar_tema(page, "dark")
            vistos += [f"dark: {achado}" for achado in axe(page, CONTRASTE)]
            usar_tema(page, "light")
            achados += [f"{page.url} at {largura}: {visto}" for visto in vistos]
        return achados

    return olhar


def usar_tema(page: Page, tema: Literal["light", "dark"]) -> None:
    """Switch the theme as the system would, and wait until the page wears it."""
    page.emulate_media(color_scheme=tema)
    expect(page.locator("html")).to_have_attribute("data-bs-theme", tema)
