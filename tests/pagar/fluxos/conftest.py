from typing import Any

import pytest

from comum.models import Usuario
from operacoes import custos
from operacoes.motor import execucao
from pagar.services import acesso
from tests.pagar.fluxos.escritorio import Escritorio
from tests.sandbox_fixture import SandboxVivo


@pytest.fixture(autouse=True)
def motor_limpo() -> None:
    custos.limpar_memoria()
    acesso.esquecer()
    execucao.parar.clear()


@pytest.fixture
def erp(sandbox_limpo: SandboxVivo, settings: Any, ana: Usuario) -> Escritorio:
    """An office whose account is the simulator's, with no throttle in the way."""
    settings.DATASUL_CA = sandbox_limpo.ca
    return Escritorio(sandbox_limpo, ana)
