"""Who pays for the calls of a credencial: its contratante. Told to the engine, which counts volumes by it."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from credentials.models import Credencial
from operacoes.custos import contas


@transaction.atomic
def _dizer(instance: Credencial, **_kwargs: Any) -> None:
    contas.dizer(instance.acesso, instance.contratante, instance.contratante_nome, str(instance))


def _esquecer(instance: Credencial, **_kwargs: Any) -> None:
    contas.esquecer(instance.acesso)


def ligar() -> None:
    post_save.connect(_dizer, sender=Credencial)
    post_delete.connect(_esquecer, sender=Credencial)
