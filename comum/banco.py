"""The few statements a bulk run makes for each of its thousands of items, prepared on the server and written once.

Each connection keeps their plans, so the server neither parses nor plans them again, and values travel apart from the
text. The ORM builds its statement anew for every object, which costs several times what the database takes.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import psycopg
from django.db import OperationalError, close_old_connections, connection, models, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import DeadlockDetected


@contextmanager
def cursor_preparado() -> Iterator[CursorWrapper]:
    """Django's cursor over statements prepared on the server: the same errors, transactions and query log.

    Django's own cursor puts the values into the text, and so never prepares (settings: prepare_threshold).
    """
    connection.ensure_connection()
    with connection._prepare_cursor(psycopg.Cursor(connection.connection)) as cursor:  # type: ignore[attr-defined]
        yield cursor


@contextmanager
def conexao_devolvida() -> Iterator[None]:
    """Around a task of the queue: the worker's threads outlive it, and its connection goes back to the pool."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()


def na_transacao[R](fazer: Callable[[], R], vezes: int = 3) -> R:
    """`fazer` in a transaction of its own, from the beginning again when the database undid it to end a deadlock."""
    while True:
        vezes -= 1
        try:
            with transaction.atomic():
                return fazer()
        except OperationalError as erro:
            if not vezes or not isinstance(erro.__cause__, DeadlockDetected):
                raise


def relogio() -> Callable[[], datetime]:
    """The database's clock, read now and carried on by the monotonic one. Instants in its rows are compared with this:
    the clock of a host may be wrong, or jump."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (lido,) = cursor.fetchone()
    desde = time.monotonic()
    return lambda: lido + timedelta(seconds=time.monotonic() - desde)


@cache
def _campos(modelo: type[models.Model]) -> list[Any]:
    return [campo for campo in modelo._meta.concrete_fields if campo is not modelo._meta.auto_field]


def _alvo(modelo: type[models.Model]) -> str:
    nome = connection.ops.quote_name
    return f"INTO {nome(modelo._meta.db_table)} ({', '.join(nome(str(c.column)) for c in _campos(modelo))})"


def _chave(modelo: type[models.Model]) -> str:
    return connection.ops.quote_name(str(modelo._meta.pk.column))


@cache
def _insercao(modelo: type[models.Model], unico: str = "") -> str:
    marcas = ", ".join(["%s"] * len(_campos(modelo)))
    havendo = f" ON CONFLICT ({connection.ops.quote_name(unico)}) DO NOTHING" if unico else ""
    return f"INSERT {_alvo(modelo)} VALUES ({marcas}){havendo} RETURNING {_chave(modelo)}"  # noqa: S608 - model names


@cache
def _insercao_com(modelo: type[models.Model], unico: str, outro: type[models.Model]) -> str:
    # A SELECT does not know the columns' types; their sizes stay out, as a cast would cut what the column refuses.
    tipadas = ", ".join(f"%s::{campo.db_type(connection).partition('(')[0]}" for campo in _campos(outro))
    outras = f"INSERT {_alvo(outro)} SELECT {tipadas} FROM novo"  # noqa: S608 - model names
    return f"WITH novo AS ({_insercao(modelo, unico)}), outro AS ({outras}) SELECT {_chave(modelo)} FROM novo"  # noqa: S608


def _valores(objeto: models.Model) -> list[Any]:
    return [campo.get_db_prep_save(campo.pre_save(objeto, True), connection) for campo in _campos(type(objeto))]


def _inserido(objeto: models.Model) -> None:
    objeto._state.adding, objeto._state.db = False, connection.alias


def inserir[M: models.Model](objeto: M) -> M:
    """INSERT a new object of a model without parents or database defaults; no signals are sent.

    Raises the database's errors as `save` does.
    """
    with cursor_preparado() as cursor:
        cursor.execute(_insercao(type(objeto)), _valores(objeto))
        objeto.pk = cursor.fetchone()[0]
    _inserido(objeto)
    return objeto


def inserir_se_novo(objeto: models.Model, *, unico: str, com: models.Model) -> bool:
    """INSERT an object together with the one it points to (whose key is known), in one statement. Where a row has its
    `unico` already, neither is inserted: False. As for the rest, see `inserir`."""
    with cursor_preparado() as cursor:
        cursor.execute(_insercao_com(type(objeto), unico, type(com)), [*_valores(objeto), *_valores(com)])
        linha = cursor.fetchone()
    if linha is None:
        return False
    objeto.pk = linha[0]
    _inserido(objeto)
    _inserido(com)
    return True


def colunas(modelo: type[models.Model], apelido: str) -> str:
    """The columns that objeto_de reads, by name: a prepared `SELECT *` would fail once the table gains another."""
    nome = connection.ops.quote_name
    return ", ".join(f"{apelido}.{nome(str(campo.column))}" for campo in modelo._meta.concrete_fields)


@cache
def _leitura(modelo: type[models.Model]) -> tuple[list[str], list[tuple[int, Any]]]:
    campos = modelo._meta.concrete_fields
    conversores = [(n, campo.from_db_value) for n, campo in enumerate(campos) if hasattr(campo, "from_db_value")]
    return [campo.attname for campo in campos], conversores


def objeto_de[M: models.Model](modelo: type[M], linha: Sequence[Any]) -> M:
    """The object of a row whose first values are the `colunas` of its model."""
    nomes, conversores = _leitura(modelo)
    valores = list(linha[: len(nomes)])
    for posicao, converter in conversores:
        valores[posicao] = converter(valores[posicao], None, connection)
    return modelo.from_db(connection.alias, nomes, valores)
