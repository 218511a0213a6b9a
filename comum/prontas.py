"""Queries put into SQL once and asked of other ids each time: of a large one that work takes longer than the answer."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Func, QuerySet, Value


def lista_de_ids(pks: Iterable[int]) -> Func:
    """An array for UmaDe: thousands of ids as well travel as one text."""
    return _como_ids(_texto(pks))


class ConsultaPronta:
    """The rows of a `values_list`. `montar` makes it for an array of ids; what else it asks stays as it was then."""

    def __init__(self, montar: Callable[[Func], QuerySet[Any, tuple[Any, ...]]]) -> None:
        consulta = montar(_como_ids(_MARCA)).query
        compilador = consulta.get_compiler(connection=connection)
        try:
            self._sql, self._parametros = compilador.as_sql()
        except EmptyResultSet:
            self._sql = ""
            return
        if _MARCA not in self._parametros:
            raise ValueError("the query does not look at the ids")
        expressoes = [expressao for expressao, *_ in compilador.select]
        self._conversores = [*compilador.get_converters(expressoes).items()]

    def linhas(self, pks: Iterable[int]) -> list[tuple[Any, ...]]:
        if not self._sql:
            return []
        ids = _texto(pks)
        with connection.cursor() as cursor:
            cursor.execute(self._sql, [ids if valor == _MARCA else valor for valor in self._parametros])
            linhas = cursor.fetchall()
        return [self._convertida(linha) for linha in linhas] if self._conversores else linhas

    def _convertida(self, linha: tuple[Any, ...]) -> tuple[Any, ...]:
        valores = [*linha]
        for posicao, (conversores, expressao) in self._conversores:
            for converter in conversores:
                valores[posicao] = converter(valores[posicao], expressao, connection)
        return (*valores,)


_MARCA = "{<ids>}"  # no array, and no value of any column


def _como_ids(texto: str) -> Func:
    return Func(Value(texto), template="%(expressions)s::bigint[]")


def _texto(pks: Iterable[int]) -> str:
    return "{" + ",".join(map(str, pks)) + "}"
