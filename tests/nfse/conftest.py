from typing import Any

import pytest
import time_machine
from django.test import Client

from comum.models import Usuario
from empresas.models import Carteira, Empresa
from tests.cast import criar_empresa


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
