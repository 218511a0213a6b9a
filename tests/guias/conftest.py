from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from comum.models import Adicional, Usuario
from config.ambientes import Enderecos
from credentials.models import Credencial
from credentials.providers import serpro
from empresas.models import Carteira, Empresa
from guias import sessao
from operacoes import custos
from operacoes.motor import execucao
from tests.cast import criar_empresa
from tests.guias import apoio
from tests.sandbox_fixture import SandboxVivo


@pytest.fixture(autouse=True)
def motor_limpo() -> None:
    custos.limpar_memoria()
    serpro.esquecer()
    sessao.esquecer()
    execucao.parar.clear()


@pytest.fixture
def credencial(adicional_216: Adicional) -> Credencial:
    return apoio.credencial_falsa()


@pytest.fixture
def empresas(carteira: Carteira) -> list[Empresa]:
    return [criar_empresa(numero, carteira=carteira) for numero in range(1, 4)]


@pytest.fixture
def serpro_vivo(sandbox_limpo: SandboxVivo, settings: Any) -> SandboxVivo:
    """The living sandbox, with the settings pointing to it and no throttle in the way."""
    enderecos = sandbox_limpo.enderecos["integra_contador"]
    settings.INTEGRA_CONTADOR = Enderecos(enderecos["autenticacao"], enderecos["producao"], sandbox_limpo.ca)
    settings.INTEGRA_CONTADOR_POR_SEGUNDO = 1000
    return sandbox_limpo


@pytest.fixture
def entrar(client: Client) -> Callable[[Usuario], Client]:
    def fazer(usuario: Usuario) -> Client:
        client.force_login(usuario)
        return client

    return fazer
