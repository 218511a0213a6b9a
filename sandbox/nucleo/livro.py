"""Writing: one queue for the writers, the ledger of effects, sequences."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from sandbox.nucleo import rapido
from sandbox.nucleo.models import Efeito

# SQLite's own wait sleeps in growing steps and is unfair between threads; a lock hands the turn over at once.
_TURNO = threading.RLock()


@contextmanager
def gravacao() -> Iterator[None]:
    """A write transaction of this process; nests."""
    with _TURNO, transaction.atomic():
        yield


def proximo(nome: str) -> int:
    """Next value of a sequence; inside `gravacao`."""
    sql = (
        "INSERT INTO nucleo_contador (nome, valor) VALUES (%s, 1) "
        "ON CONFLICT (nome) DO UPDATE SET valor = valor + 1 RETURNING valor"
    )
    return int(rapido.todas(sql, [nome])[0][0])


def registrar(
    *,
    instante: datetime,
    servico: str,
    tipo: str,
    contribuinte: str,
    pa: str = "",
    sequencia: int = 1,
    numero: str = "",
    valor: Decimal | None = None,
    tag: str = "",
    documento: str = "",
) -> None:
    """Add one row to the ledger; inside the `gravacao` that makes the effect."""
    rapido.inserir(
        Efeito(
            instante=instante,
            servico=servico,
            tipo=tipo,
            contribuinte=contribuinte,
            pa=pa,
            sequencia=sequencia,
            numero=numero,
            valor=valor,
            tag=tag,
            documento=documento[:60],
        )
    )
