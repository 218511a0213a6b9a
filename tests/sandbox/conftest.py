"""Fixtures of the sandbox's own tests: a clock stopped on 21/11/2026 and a client per demonstration company."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.sandbox.integra import Cliente, contexto_tls
from tests.sandbox.integranotas import Notas
from tests.sandbox.nacional import Nacional, Titular, novo_titular
from tests.sandbox.nacional import cnpj as cnpj_nacional
from tests.sandbox.sisgenfe import emissor, http_sisgenfe, opcoes, passar_tempo, preparo, prestador
from tests.sandbox.totvs import erp, opcoes_totvs
from tests.sandbox_fixture import SandboxVivo, sandbox_limpo, sandbox_vivo

__all__ = [
    "emissor",
    "erp",
    "http_sisgenfe",
    "opcoes",
    "opcoes_totvs",
    "passar_tempo",
    "preparo",
    "prestador",
    "sandbox_limpo",
    "sandbox_vivo",
]

AGORA = "2026-11-21T10:00:00-03:00"


@pytest.fixture(scope="session")
def contextos(sandbox_vivo: SandboxVivo, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ssl.SSLContext]:
    """TLS context of each demonstration company, by CNPJ."""
    return {
        contratante["cnpj"]: contexto_tls(
            sandbox_vivo.ca,
            sandbox_vivo.controle.a1(contratante["cnpj"]),
            contratante["senha"],
            tmp_path_factory.mktemp("a1"),
        )
        for contratante in sandbox_vivo.controle.contratantes()
    }


@pytest.fixture
def sandbox(sandbox_limpo: SandboxVivo) -> SandboxVivo:
    sandbox_limpo.controle.relogio(fixo=AGORA)
    return sandbox_limpo


@pytest.fixture
def cliente(sandbox: SandboxVivo, contextos: dict[str, ssl.SSLContext]) -> Iterator[Cliente]:
    """The first demonstration company, authenticated."""
    contratante = sandbox.controle.contratantes()[0]
    cliente = Cliente(sandbox, contratante, contextos[contratante["cnpj"]])
    cliente.autenticar()
    yield cliente
    cliente.http.close()


@pytest.fixture
def novo_cliente(sandbox: SandboxVivo, tmp_path: Path) -> Iterator[Callable[..., Cliente]]:
    """Make a client of a company with any A1 file, or with none."""
    abertos: list[Cliente] = []

    def criar(contratante: dict[str, str], pfx: bytes | None, senha: str = "") -> Cliente:
        cliente = Cliente(sandbox, contratante, contexto_tls(sandbox.ca, pfx, senha, tmp_path))
        abertos.append(cliente)
        return cliente

    yield criar
    for cliente in abertos:
        cliente.http.close()


@pytest.fixture(scope="session")
def http_simples(sandbox_vivo: SandboxVivo) -> Iterator[httpx.Client]:
    """A client without a certificate of its own, for services that ask for none."""
    contexto = ssl.create_default_context(cafile=str(sandbox_vivo.ca))
    with httpx.Client(verify=contexto, timeout=30, trust_env=False) as cliente:
        yield cliente


@pytest.fixture(scope="module")
def base_de_notas(sandbox_vivo: SandboxVivo, http_simples: httpx.Client) -> Notas:
    """One reset for a module: its tests use an emitente each, which is cheaper."""
    return Notas(sandbox_vivo, http_simples)


@pytest.fixture
def notas(base_de_notas: Notas) -> Iterator[Notas]:
    """An emitente of the demonstration software house; no rate limit, webhooks sent only when asked for."""
    base_de_notas.usar_conta("producao")
    base_de_notas.novo_emitente()
    yield base_de_notas
    base_de_notas.desfazer()


@pytest.fixture(scope="session")
def titulares(sandbox_vivo: SandboxVivo, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Titular]:
    """The A1 of a company, made once."""
    feitos: dict[str, Titular] = {}

    def abrir(documento: str) -> Titular:
        if documento not in feitos:
            feitos[documento] = novo_titular(sandbox_vivo, tmp_path_factory.mktemp("a1"), documento)
        return feitos[documento]

    return abrir


@pytest.fixture
def nacional_de(sandbox: SandboxVivo, titulares: Callable[[str], Titular]) -> Iterator[Callable[[str], Nacional]]:
    """A client of the national system for a CNPJ."""
    abertos: list[Nacional] = []

    def criar(documento: str) -> Nacional:
        abertos.append(Nacional(sandbox, titulares(documento)))
        return abertos[-1]

    yield criar
    for aberto in abertos:
        aberto.http.close()


@pytest.fixture
def nacional(nacional_de: Callable[[str], Nacional]) -> Nacional:
    return nacional_de(cnpj_nacional(1))
