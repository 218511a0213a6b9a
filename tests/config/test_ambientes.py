import base64
import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from comum.instalacao import check_ambiente
from comum.models import Instalacao
from config.ambientes import DEMO_COFRE_CHAVES, DEMO_SECRET_KEY, Ambiente, check_secrets

CHAVE = "k1:" + base64.b64encode(b"x" * 32).decode()


def test_the_sandbox_needs_no_secret() -> None:
    assert check_secrets(Ambiente.SANDBOX, "", "") is None


@pytest.mark.parametrize("ambiente", [Ambiente.PRODUCAO, Ambiente.HOMOLOGACAO])
def test_outside_the_sandbox_no_secret_has_a_default(ambiente: Ambiente) -> None:
    assert "gerar_chaves" in (check_secrets(ambiente, "", CHAVE) or "")
    assert "gerar_chaves" in (check_secrets(ambiente, "s" * 50, "") or "")


@pytest.mark.parametrize(
    ("secret_key", "cofre"), [(DEMO_SECRET_KEY, CHAVE), ("s" * 50, DEMO_COFRE_CHAVES), ("s" * 50, CHAVE + ",demo:AAAA")]
)
def test_production_refuses_a_demo_key(secret_key: str, cofre: str) -> None:
    assert "demonstração" in (check_secrets(Ambiente.PRODUCAO, secret_key, cofre) or "")


def test_production_accepts_its_own_keys() -> None:
    assert check_secrets(Ambiente.PRODUCAO, "s" * 50, CHAVE) is None


def test_the_process_itself_refuses_to_start_in_production_with_the_demo_key() -> None:
    ambiente = os.environ | {"GUICHE_AMBIENTE": "producao", "SECRET_KEY": DEMO_SECRET_KEY, "COFRE_CHAVES": CHAVE}
    resposta = subprocess.run([sys.executable, "manage.py", "check"], env=ambiente, capture_output=True, text=True)
    assert resposta.returncode != 0
    assert "chave de demonstração" in resposta.stderr
    assert CHAVE not in resposta.stderr


def test_a_database_never_changes_its_ambiente(db: None) -> None:
    Instalacao.objects.update_or_create(id=1, defaults={"ambiente": "producao"})
    with pytest.raises(ImproperlyConfigured, match="Um banco nunca muda de ambiente"):
        check_ambiente()


def test_a_new_database_is_bound_to_the_ambiente_of_its_first_start(db: None) -> None:
    Instalacao.objects.all().delete()
    check_ambiente()
    assert Instalacao.objects.get().ambiente == "sandbox"
