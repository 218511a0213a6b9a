import pytest

from comum.models import Adicional
from credentials.models import Credencial
from tests.credentials.fabrica import criar_credencial


@pytest.fixture
def credencial(adicional_216: Adicional) -> Credencial:
    return criar_credencial(3)


@pytest.fixture
def outra_credencial(adicional_216: Adicional) -> Credencial:
    return criar_credencial(5, completa=False)
