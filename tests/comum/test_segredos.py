"""Secrets of a model instance: sealed in their field, opened from it, kept nowhere else."""

import base64
import uuid

import pytest
from django.db import models
from django.test.utils import isolate_apps
from pytest_django import Settings

from comum import segredos
from comum.cofre import ChaveDesconhecida, CofreErro, SeloInvalido, id_da_chave

A = f"a:{base64.b64encode(b'a' * 32).decode()}"
B = f"b:{base64.b64encode(b'b' * 32).decode()}"

with isolate_apps("comum"):

    class Conta(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        senha = models.BinaryField(null=True)
        outra = models.BinaryField(null=True)

        class Meta:
            app_label = "comum"


@pytest.fixture
def conta(settings: Settings) -> Conta:
    settings.COFRE_CHAVES = A
    return Conta()


def test_text_and_bytes_come_back(conta: Conta) -> None:
    segredos.selar(conta, "senha", "sênha")
    assert segredos.abrir_texto(conta, "senha") == "sênha"
    segredos.selar(conta, "senha", b"\x00\x01")
    assert segredos.abrir(conta, "senha") == b"\x00\x01"


def test_text_is_not_kept_on_the_instance(conta: Conta) -> None:
    segredos.selar(conta, "senha", "segredo")
    segredos.abrir(conta, "senha")
    assert "segredo" not in repr(vars(conta))


def test_memoryview_as_read_from_a_database_opens(conta: Conta) -> None:
    segredos.selar(conta, "senha", "x")
    conta.senha = memoryview(bytes(conta.senha or b""))
    assert segredos.abrir_texto(conta, "senha") == "x"


def test_a_blob_moved_to_another_field_or_row_does_not_open(conta: Conta) -> None:
    segredos.selar(conta, "senha", "x")
    conta.outra = conta.senha
    outro = Conta(senha=conta.senha)
    with pytest.raises(SeloInvalido):
        segredos.abrir(conta, "outra")
    with pytest.raises(SeloInvalido):
        segredos.abrir(outro, "senha")


def test_empty_field_has_its_own_error(conta: Conta) -> None:
    with pytest.raises(segredos.SegredoAusente):
        segredos.abrir(conta, "senha")


def test_instance_without_key_is_refused(conta: Conta) -> None:
    conta.pk = None
    with pytest.raises(CofreErro):
        segredos.selar(conta, "senha", "x")


def test_rotation_follows_the_setting(conta: Conta, settings: Settings) -> None:
    segredos.selar(conta, "senha", "x")
    assert not segredos.regravar(conta, "senha")
    settings.COFRE_CHAVES = f"{B},{A}"
    assert segredos.regravar(conta, "senha")
    assert not segredos.regravar(conta, "outra")
    assert id_da_chave(bytes(conta.senha or b"")) == "b"
    settings.COFRE_CHAVES = B
    assert segredos.abrir_texto(conta, "senha") == "x"


def test_lost_key_is_named(conta: Conta, settings: Settings) -> None:
    segredos.selar(conta, "senha", "x")
    settings.COFRE_CHAVES = B
    with pytest.raises(ChaveDesconhecida, match="'a'"):
        segredos.abrir(conta, "senha")
