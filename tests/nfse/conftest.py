from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.test import Client

from comum.models import Usuario
from config.ambientes import EnderecoNfse, EnderecosNacional
from empresas.models import Carteira, Empresa
from nfse.models import CanalNfse
from nfse.providers import sisgenfe
from nfse.services import acesso
from operacoes import custos
from operacoes.motor import execucao
from tests.cast import criar_empresa
from tests.nfse import escritorio
from tests.sandbox_fixture import SandboxVivo


@pytest.fixture(autouse=True)
def motor_limpo() -> None:
    custos.limpar_memoria()
    sisgenfe.esquecer()
    acesso.esquecer()
    execucao.parar.clear()


def _arquivo_de_longe(monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive as a bucket would be: an outside service, which no open transaction may wait for."""

    def sem_transacao(metodo: Callable[..., Any]) -> Callable[..., Any]:
        def chamar(*args: Any, **kwargs: Any) -> Any:
            assert not connection.in_atomic_block, f"{metodo.__name__} of a file, with a transaction open"
            return metodo(*args, **kwargs)

        return chamar

    for nome in ("open", "save", "exists", "delete"):
        monkeypatch.setattr(FileSystemStorage, nome, sem_transacao(getattr(FileSystemStorage, nome)))


@pytest.fixture
def nfse_vivo(sandbox_limpo: SandboxVivo, settings: Any, monkeypatch: pytest.MonkeyPatch) -> SandboxVivo:
    """The living sandbox, with the settings pointing to it and no throttle in the way."""
    _arquivo_de_longe(monkeypatch)
    settings.SISGENFE = EnderecoNfse(sandbox_limpo.enderecos["sisgenfe"]["producao"], sandbox_limpo.ca)
    settings.INTEGRANOTAS = EnderecoNfse(sandbox_limpo.enderecos["integranotas"]["producao"], sandbox_limpo.ca)
    nacional = sandbox_limpo.enderecos["nacional"]
    settings.NFSE_NACIONAL = EnderecosNacional(
        nacional["sefin"], nacional["adn"], nacional["parametros"], sandbox_limpo.ca
    )
    settings.NFSE_NACIONAL_POR_SEGUNDO = 1000
    settings.SISGENFE_POR_SEGUNDO = 1000
    settings.INTEGRANOTAS_POR_MINUTO = 60_000
    settings.INTEGRANOTAS_SOFT_POR_HORA = 3_600_000
    settings.INTEGRANOTAS_HOST_POR_SEGUNDO = 1000
    settings.INTEGRANOTAS_SEGUNDOS_POR_NOTA = 0.01
    return sandbox_limpo


@pytest.fixture
def canal(nfse_vivo: SandboxVivo) -> CanalNfse:
    return escritorio.canal_no_sisgenfe(nfse_vivo, 11)


@pytest.fixture
def minha(carteira: Carteira) -> Empresa:
    """An empresa of the carteira of Bruno and Carla."""
    return criar_empresa(1, carteira=carteira, razao_social="Escritório Invicta Ltda")


@pytest.fixture
def alheia(outra_carteira: Carteira) -> Empresa:
    return criar_empresa(2, carteira=outra_carteira)


@pytest.fixture
def como_bruno(client: Client, bruno: Usuario) -> Client:
    client.force_login(bruno)
    return client


@pytest.fixture
def como_ana(client: Client, ana: Usuario) -> Client:
    client.force_login(ana)
    return client


@pytest.fixture
def hoje() -> Any:
    with time_machine.travel("2026-11-21T12:00:00-03:00", tick=False) as viagem:
        yield viagem
