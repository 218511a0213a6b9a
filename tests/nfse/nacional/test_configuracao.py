import os
import subprocess
import sys

from django.conf import settings

from config.ambientes import ASSINATURAS_NACIONAL, NACIONAL_OFICIAL, Ambiente
from nfse.providers.nacional.assinatura import Perfil


def test_every_profile_of_signature_may_be_chosen() -> None:
    assert tuple(Perfil) == ASSINATURAS_NACIONAL
    assert settings.NFSE_NACIONAL_ASSINATURA == Perfil.SHA256_EXC


def test_an_unknown_profile_stops_the_start() -> None:
    ambiente = os.environ | {"NFSE_NACIONAL_ASSINATURA": "md5"}
    resposta = subprocess.run([sys.executable, "manage.py", "check"], env=ambiente, capture_output=True, text=True)
    assert resposta.returncode != 0
    assert "sha256-exc, sha256-inc, sha1-inc" in resposta.stderr


def test_no_address_of_one_ambiente_is_of_the_other() -> None:
    producao, testes = NACIONAL_OFICIAL[Ambiente.PRODUCAO], NACIONAL_OFICIAL[Ambiente.HOMOLOGACAO]
    for endereco in (testes.sefin, testes.adn, testes.parametros):
        assert ".producaorestrita." in endereco
    for endereco in (producao.sefin, producao.adn, producao.parametros):
        assert "restrita" not in endereco
    assert settings.NFSE_NACIONAL.sefin.endswith("/SefinNacional")
