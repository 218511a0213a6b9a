from typing import Any

import pytest

from config.ambientes import EnderecoNfse
from nfse.models import CanalNfse
from nfse.providers import sisgenfe
from nfse.services import acesso
from operacoes import custos
from operacoes.motor import execucao
from tests.nfse import escritorio
from tests.sandbox_fixture import SandboxVivo


@pytest.fixture(autouse=True)
def motor_limpo() -> None:
    custos.limpar_memoria()
    sisgenfe.esquecer()
    acesso.esquecer()
    execucao.parar.clear()


@pytest.fixture
def nfse_vivo(sandbox_limpo: SandboxVivo, settings: Any) -> SandboxVivo:
    """The living sandbox, with the settings pointing to it and no throttle in the way."""
    settings.SISGENFE = EnderecoNfse(sandbox_limpo.enderecos["sisgenfe"]["producao"], sandbox_limpo.ca)
    settings.INTEGRANOTAS = EnderecoNfse(sandbox_limpo.enderecos["integranotas"]["producao"], sandbox_limpo.ca)
    settings.SISGENFE_POR_SEGUNDO = 1000
    settings.INTEGRANOTAS_POR_MINUTO = 60_000
    settings.INTEGRANOTAS_HOST_POR_SEGUNDO = 1000
    settings.INTEGRANOTAS_SEGUNDOS_POR_NOTA = 0.01
    return sandbox_limpo


@pytest.fixture
def canal(nfse_vivo: SandboxVivo) -> CanalNfse:
    return escritorio.canal_no_sisgenfe(nfse_vivo, 11)
