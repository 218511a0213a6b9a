"""What the tests of the screens begin with: an account, an empresa of Bruno's, a supplier, Bruno at the browser."""

import pytest
from django.test import Client

from comum.models import Usuario
from empresas.models import Carteira, Empresa
from pagar.models import ContaErp, Fornecedor
from tests.cast import criar_empresa
from tests.pagar import fabricas


@pytest.fixture
def conta(db: None) -> ContaErp:
    return fabricas.conta()


@pytest.fixture
def empresa(carteira: Carteira) -> Empresa:
    return criar_empresa(1, carteira=carteira)


@pytest.fixture
def fornecedor(conta: ContaErp) -> Fornecedor:
    return fabricas.fornecedor(conta)


@pytest.fixture
def cliente(bruno: Usuario) -> Client:
    cliente = Client()
    cliente.force_login(bruno)
    return cliente
