"""Rotation re-wraps everything, can be run again, and stops in words where a key is missing."""

import base64
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from comum import segredos
from comum.cofre import id_da_chave
from credentials.models import CertificadoA1, Credencial
from tests.credentials.fabrica import KEY, SECRET, SENHA_PFX

NOVA = "nova:" + base64.b64encode(b"n" * 32).decode()


def girar() -> str:
    saida = StringIO()
    call_command("cofre_girar", "--lote", "1", stdout=saida)
    return saida.getvalue()


@pytest.fixture
def com_chave_nova(settings, credencial: Credencial) -> Credencial:
    settings.COFRE_CHAVES = f"{NOVA},{django_settings.COFRE_CHAVES}"
    return credencial


def test_every_sealed_column_ends_with_the_current_key(com_chave_nova) -> None:
    girar()
    certificado, credencial = CertificadoA1.objects.get(), Credencial.objects.get()
    selos = [certificado.pfx, certificado.senha, credencial.consumer_key, credencial.consumer_secret]
    assert {id_da_chave(bytes(selo)) for selo in selos} == {"nova"}


def test_secrets_open_with_the_new_key_alone(settings, com_chave_nova) -> None:
    girar()
    settings.COFRE_CHAVES = NOVA
    credencial = Credencial.objects.select_related("certificado").get()
    assert segredos.abrir_texto(credencial, "consumer_key") == KEY
    assert segredos.abrir_texto(credencial, "consumer_secret") == SECRET
    assert credencial.certificado is not None
    assert segredos.abrir_texto(credencial.certificado, "senha") == SENHA_PFX


def test_running_again_changes_nothing(com_chave_nova) -> None:
    assert girar().startswith("2 ")
    assert girar().startswith("0 ")


def test_a_missing_old_key_is_named_and_nothing_is_lost(settings, credencial) -> None:
    antes = bytes(Credencial.objects.get().consumer_secret)
    settings.COFRE_CHAVES = NOVA
    with pytest.raises(CommandError, match="COFRE_CHAVES"):
        girar()
    assert bytes(Credencial.objects.get().consumer_secret) == antes
