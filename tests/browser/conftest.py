"""The browser of these tests: the machine's own Chromium, and axe-core from tests/vendor."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, BrowserContext, Page, expect

from comum.models import Usuario
from tests.browser import chromium

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
REGRAS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRASTE = {"type": "rule", "values": ["color-contrast"]}
# Colours half way through a change would be measured as they are: wait for what is moving to arrive (what moves with
# the scroll never does), and what watches sizes to have seen the last of them.
REPOUSO = """async () => {
    await new Promise(desenhado => requestAnimationFrame(() => setTimeout(desenhado)));
    await Promise.all(document.getAnimations()
        .filter(a => a.timeline === document.timeline && a.effect?.getComputedTiming().iterations !== Infinity)
        .map(a => a.finished.catch(() => null)));
}"""
LARGURAS = ((1280, 800), (768, 1024), (390, 844))
# Between the widest and the narrowest the same elements only lie elsewhere: what depends on where they lie.
DO_LUGAR = {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]}

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
    da_pessoa = {"locale": "pt-BR", "timezone_id": "America/Sao_Paulo", "reduced_motion": "reduce"}
    return browser_context_args | da_pessoa | {"viewport": {"width": 1280, "height": 800}}


class Navegador:
    """Tabs that share one renderer, whose start costs more than a test: a page of the same origin stays open and opens
    each of them.

    A tab has its own history, and finds neither cookies nor storage of the one before.
    """

    def __init__(self, browser: Browser, parametros: dict[str, Any]) -> None:
        self._browser, self._parametros = browser, parametros
        self._contexto: BrowserContext | None = None
        self._ancoras: dict[str, Page] = {}

    def abrir(self, origem: str) -> Page:
        if self._contexto is None:
            self._contexto = self._browser.new_context(**self._parametros)
        if origem not in self._ancoras:
            self._ancoras[origem] = ancora = self._contexto.new_page()
            # As the product says it: what says otherwise is never opened in the same renderer.
            cabecalhos = {"Cross-Origin-Opener-Policy": "same-origin"}
            ancora.route("**", lambda rota: rota.fulfill(body="", content_type="text/html", headers=cabecalhos))
            ancora.goto(origem)
        with self._ancoras[origem].expect_popup() as aberta:
            self._ancoras[origem].evaluate("() => { window.open('about:blank').opener = null }")
        return aberta.value

    def limpar(self) -> None:
        """Close the tabs and forget what they kept."""
        if self._contexto is None:
            return
        ancoras = set(self._ancoras.values())
        for page in set(self._contexto.pages) - ancoras:
            page.close()
        self._contexto.clear_cookies()
        self._contexto.set_offline(False)
        for ancora in ancoras:
            ancora.evaluate("() => localStorage.clear()")

    def fechar(self) -> None:
        if self._contexto is not None:
            self._contexto.close()
            self._contexto, self._ancoras = None, {}


@pytest.fixture(scope="session")
def navegador(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Navegador]:
    aberto = Navegador(browser, browser_context_args)
    yield aberto
    aberto.fechar()


@pytest.fixture
def page(navegador: Navegador, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab. What a failed test leaves is not cleaned up but thrown away."""
    if any(request.config.getoption(gravacao) != "off" for gravacao in ("--tracing", "--video", "--screenshot")):
        yield request.getfixturevalue("new_context")().new_page()
        return
    servidores = [nome for nome in ("live_server", "servidor") if nome in request.fixturenames]
    yield navegador.abrir(str(request.getfixturevalue(servidores[0])) if servidores else "http://127.0.0.1")
    feito = getattr(request.node, "rep_call", None)  # of pytest-playwright
    if feito is not None and feito.passed:
        navegador.limpar()
    else:
        navegador.fechar()


@pytest.fixture
def context(page: Page) -> BrowserContext:
    return page.context


@pytest.fixture
def sem_erros(page: Page, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A page on which a script error, a missing static file or a Content-Security-Policy violation fails the test.

    A key is pressed once the page has loaded: before, its words can be read already, and nobody listens for keys.
    """
    teclar = page.keyboard.press

    def quando_pronta(*tecla: Any, **como: Any) -> None:
        page.wait_for_load_state()
        teclar(*tecla, **como)

    monkeypatch.setattr(page.keyboard, "press", quando_pronta)
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
        page.wait_for_load_state()
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
        temas: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for largura, altura in LARGURAS:
            page.set_viewport_size({"width": largura, "height": altura})
            vistos = []
            if (largura, altura) not in (LARGURAS[0], LARGURAS[-1]):
                vistos += axe(page, DO_LUGAR)
            else:
                for tema in temas:
                    usar_tema(page, tema)
                    vistos += axe(page) if tema == "light" else [f"dark: {achado}" for achado in axe(page, CONTRASTE)]
                temas = temas[::-1]  # the next width begins with the theme this one ended with
            if not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
                vistos.append("the page itself scrolls sideways")  # tables may, inside their box
            achados += [f"{page.url} at {largura}: {visto}" for visto in vistos]
        usar_tema(page, "light")
        return achados

    return olhar


def abrir_sessao(page: Page, endereco: str, usuario: Usuario) -> None:
    """Log in without the form; test_entrada.py goes through it."""
    sessao = SessionStore()
    sessao["_auth_user_id"] = str(usuario.pk)
    sessao["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[-1]
    sessao["_auth_user_hash"] = usuario.get_session_auth_hash()
    sessao.save()
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": str(sessao.session_key), "url": endereco}]
    )


def usar_tema(page: Page, tema: Literal["light", "dark"]) -> None:
    """Switch the theme as the system would, and wait until the page wears it."""
    page.emulate_media(color_scheme=tema)
    expect(page.locator("html")).to_have_attribute("data-bs-theme", tema)
