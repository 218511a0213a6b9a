"""The reads and inserts that every call makes, in plain SQL.

Building an ORM query costs about 0.35 ms, more than SQLite takes to run it; a call makes a dozen of them, and a
simulator has to answer well over a hundred calls a second beside the product on the same machine.
"""

from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, models


def existe(sql: str, parametros: list[Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, parametros)
        return cursor.fetchone() is not None


def todas(sql: str, parametros: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parametros or [])
        return list(cursor.fetchall())


def executar(sql: str, parametros: list[Any]) -> None:
    """Inside `gravacao`."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parametros)


def primeiro[M: models.Model](modelo: type[M], condicao: str, parametros: list[Any]) -> M | None:
    """First row `WHERE condicao` as a model."""
    colunas, nomes, conversores = _leitura(modelo)
    sql = f"SELECT {colunas} FROM {modelo._meta.db_table} WHERE {condicao} LIMIT 1"  # noqa: S608 - constants of this project
    with connection.cursor() as cursor:
        cursor.execute(sql, parametros)
        linha = cursor.fetchone()
    if linha is None:
        return None
    valores = list(linha)
    for indice, expressao, conversor in conversores:
        valores[indice] = conversor(valores[indice], expressao, connection)
    return modelo.from_db(connection.alias, nomes, valores)


@cache
def _leitura(modelo: type[models.Model]) -> tuple[str, list[str], list[tuple[int, Any, Any]]]:
    """Columns, attributes, and what turns a value of SQLite into Python's: (position, expression, converter)."""
    campos = modelo._meta.concrete_fields
    colunas = [campo.get_col(modelo._meta.db_table) for campo in campos]
    conversores = [
        (indice, coluna, conversor)
        for indice, coluna in enumerate(colunas)
        for conversor in (*connection.ops.get_db_converters(coluna), *coluna.get_db_converters(connection))
    ]
    return ", ".join(str(campo.column) for campo in campos), [campo.attname for campo in campos], conversores


def instante(valor: datetime) -> str:
    """An instant as the database keeps it."""
    return str(connection.ops.adapt_datetimefield_value(valor))


@cache
def _insercao(modelo: type[models.Model]) -> tuple[str, list[Any]]:
    campos = [campo for campo in modelo._meta.concrete_fields if not campo.primary_key]
    colunas, marcas = ", ".join(str(campo.column) for campo in campos), ", ".join(["%s"] * len(campos))
    return f"INSERT INTO {modelo._meta.db_table} ({colunas}) VALUES ({marcas})", campos  # noqa: S608 - constants


def inserir[M: models.Model](objeto: M) -> M:
    """INSERT of a new object with an automatic key; no signals. Inside `gravacao`."""
    sql, campos = _insercao(type(objeto))
    valores = [campo.get_db_prep_save(getattr(objeto, campo.attname), connection) for campo in campos]
    with connection.cursor() as cursor:
        cursor.execute(sql, valores)
        objeto.pk = cursor.lastrowid
    return objeto
