"""The few statements a bulk run makes for each of its thousands of items, prepared on the server and written once.

Each connection keeps their plans, so the server neither parses nor plans them again, and values travel apart from the
text. The ORM builds its statement anew for every object, which costs several times what the database takes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from django.db import connection, models
from django.db.backends.utils import CursorWrapper


@contextmanager
def cursor_preparado() -> Iterator[CursorWrapper]:
    """Django's cursor over statements prepared on the server: the same errors, transactions and query log.

    Django's own cursor puts the values into the text, and so never prepares (settings: prepare_threshold).
    """
    connection.ensure_connection()
    with connection._prepare_cursor(psycopg.Cursor(connection.connection)) as cursor:  # type: ignore[attr-defined]
        yield cursor


@cache
def _insercao(modelo: type[models.Model]) -> tuple[str, list[Any]]:
    campos = [campo for campo in modelo._meta.concrete_fields if campo is not modelo._meta.auto_field]
    nome = connection.ops.quote_name
    colunas = ", ".join(nome(str(campo.column)) for campo in campos)
    marcas = ", ".join(["%s"] * len(campos))
    tabela, chave = nome(modelo._meta.db_table), nome(str(modelo._meta.pk.column))
    return f"INSERT INTO {tabela} ({colunas}) VALUES ({marcas}) RETURNING {chave}", campos  # noqa: S608 - model names


def inserir[M: models.Model](objeto: M) -> M:
    """INSERT a new object of a model without parents or database defaults; no signals are sent.

    Raises the database's errors as `save` does.
    """
    comando, campos = _insercao(type(objeto))
    valores = [campo.get_db_prep_save(campo.pre_save(objeto, True), connection) for campo in campos]
    with cursor_preparado() as cursor:
        cursor.execute(comando, valores)
        objeto.pk = cursor.fetchone()[0]
    objeto._state.adding, objeto._state.db = False, connection.alias
    return objeto


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
