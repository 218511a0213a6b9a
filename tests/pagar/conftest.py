import pytest
from django.test import Client

from comum.models import Usuario


@pytest.fixture
def como_bruno(client: Client, bruno: Usuario) -> Client:
    client.force_login(bruno)
    return client
