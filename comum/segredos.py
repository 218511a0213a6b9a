"""Secrets of model instances: seals into and opens from a BinaryField, with the keys of settings.COFRE_CHAVES.

The opened text is returned and never kept on the instance.
"""

from functools import lru_cache

from django.conf import settings
from django.db.models import Model

from comum.cofre import Chaveiro, CofreErro, aad, id_da_chave


class SegredoAusente(CofreErro):
    """The field holds no secret yet."""


@lru_cache(maxsize=2)
def _ler(texto: str) -> Chaveiro:
    return Chaveiro(texto)


def chaveiro() -> Chaveiro:
    """The configured keys, read once per value of the setting. Raises ChaveiroInvalido."""
    return _ler(settings.COFRE_CHAVES)


def _lugar(instance: Model, campo: str) -> str:
    if instance.pk is None:
        raise CofreErro(f"{instance._meta.label}.{campo}: sealed only after the instance has its primary key")
    return aad(instance._meta.db_table, instance.pk, instance._meta.get_field(campo).name)


def _blob(instance: Model, campo: str) -> bytes:
    valor = getattr(instance, campo)
    if not valor:
        raise SegredoAusente(f"{instance._meta.label}.{campo} holds no secret")
    return bytes(valor)


def selar(instance: Model, campo: str, valor: str | bytes) -> None:
    """Put the sealed value in the field; the caller saves the instance. The instance needs its (UUID) primary key."""
    texto = valor.encode() if isinstance(valor, str) else valor
    setattr(instance, campo, chaveiro().selar(texto, aad=_lugar(instance, campo)))


def abrir(instance: Model, campo: str) -> bytes:
    """The secret as bytes. Raises SegredoAusente when empty, else as Chaveiro.abrir."""
    return chaveiro().abrir(_blob(instance, campo), aad=_lugar(instance, campo))


def abrir_texto(instance: Model, campo: str) -> str:
    """The secret as text (UTF-8), for one sealed from a str."""
    return abrir(instance, campo).decode()


def regravar(instance: Model, campo: str) -> bool:
    """Wrap the secret with the current key; False when it already is, or when there is none. The caller saves."""
    if not getattr(instance, campo):
        return False
    blob = _blob(instance, campo)
    if id_da_chave(blob) == chaveiro().atual:
        return False
    setattr(instance, campo, chaveiro().regravar(blob, aad=_lugar(instance, campo)))
    return True
