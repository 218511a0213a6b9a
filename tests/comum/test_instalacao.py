"""A database belongs to one ambiente for ever."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, connection

from comum.cofre import Chaveiro
from comum.instalacao import bind_after_migrate, check_ambiente
from comum.models import Adicional, Instalacao
from config.ambientes import Ambiente, check_secrets


@pytest.mark.django_db
def test_the_first_start_binds_the_database() -> None:
    Instalacao.objects.all().delete()
    check_ambiente()
    assert Instalacao.objects.get().ambiente == "sandbox"


@pytest.mark.django_db
def test_a_database_of_another_ambiente_is_refused(settings: Any) -> None:
    settings.AMBIENTE = Ambiente.PRODUCAO
    with pytest.raises(ImproperlyConfigured, match="é do ambiente sandbox, e GUICHE_AMBIENTE diz producao"):
        check_ambiente()


@pytest.mark.django_db
def test_a_database_of_another_ambiente_is_refused_before_it_is_migrated() -> None:
    Instalacao.objects.update(ambiente="producao")
    with pytest.raises(ImproperlyConfigured, match="Um banco nunca muda de ambiente"):
        call_command("migrate", verbosity=0)


@pytest.mark.django_db
def test_a_database_that_was_never_prepared_says_how() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE comum_instalacao RENAME TO outra")
    with pytest.raises(ImproperlyConfigured, match="ainda não foi preparado"):
        check_ambiente()


@pytest.mark.django_db
def test_there_is_only_one_installation_row() -> None:
    with pytest.raises(IntegrityError):
        Instalacao.objects.create(id=2, ambiente="producao")


@pytest.mark.django_db
def test_binding_again_keeps_an_active_add_on() -> None:
    Adicional.objects.filter(pk=216).update(ativo=True)
    bind_after_migrate()
    assert Adicional.objects.get(pk=216).ativo


def test_generated_keys_are_good_for_production(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("gerar_chaves")
    chaves = dict(linha.split("=", 1) for linha in capsys.readouterr().out.splitlines())
    assert check_secrets(Ambiente.PRODUCAO, chaves["SECRET_KEY"], chaves["COFRE_CHAVES"]) is None
    assert (
        Chaveiro(chaves["COFRE_CHAVES"]).abrir(Chaveiro(chaves["COFRE_CHAVES"]).selar(b"x", aad="a"), aad="a") == b"x"
    )


def test_generated_keys_are_never_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("gerar_chaves")
    primeira = capsys.readouterr().out
    call_command("gerar_chaves")
    assert capsys.readouterr().out != primeira
