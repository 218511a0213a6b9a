"""Binding of a database to one ambiente: rehearsal and truth never mix."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from comum.models import Adicional, Instalacao

ADICIONAIS = {Adicional.INTEGRA_CONTADOR: "Mens.API Integra Contador"}


def check_ambiente() -> None:
    """Refuse to start on a database that belongs to another ambiente, or that was never prepared."""
    if not _prepared():
        raise ImproperlyConfigured(
            "Este banco de dados ainda não foi preparado: rode ./run manage.py migrate (./run, ./run web e "
            "./run trabalhador o preparam sozinhos)."
        )
    instalacao, _ = Instalacao.objects.get_or_create(id=1, defaults={"ambiente": settings.AMBIENTE.value})
    if instalacao.ambiente != settings.AMBIENTE.value:
        raise ImproperlyConfigured(
            f"Este banco de dados é do ambiente {instalacao.ambiente}, "
            f"e GUICHE_AMBIENTE diz {settings.AMBIENTE.value}. "
            "Um banco nunca muda de ambiente: aponte DATABASE_URL (ou GUICHE_VAR) para o banco certo."
        )


def _prepared() -> bool:
    with connection.cursor() as cursor:
        return Instalacao._meta.db_table in connection.introspection.table_names(cursor)


def check_before_migrate(**_kwargs: Any) -> None:
    if _prepared():
        check_ambiente()


def bind_after_migrate(**_kwargs: Any) -> None:
    check_ambiente()
    for codigo, nome in ADICIONAIS.items():
        Adicional.objects.get_or_create(codigo=codigo, defaults={"nome": nome})
