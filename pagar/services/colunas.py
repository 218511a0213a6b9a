"""Columns of many titles written in one statement."""

import re
from collections.abc import Sequence
from typing import Any

from django.db import connection

from pagar.models import Titulo

_SEM_TAMANHO = re.compile(r"\(.*\)")  # what does not fit is refused by the column, and not cut by the cast


def gravar_colunas(titulos: Sequence[Titulo], nomes: Sequence[str]) -> None:
    """As bulk_update(), whose statement grows with rows times columns and takes ten times as long."""
    if not titulos:
        return
    campos: list[Any] = [Titulo._meta.get_field(nome) for nome in ("id", *nomes)]
    colunas = [campo.column for campo in campos]
    dados = ", ".join(f"%s::{_SEM_TAMANHO.sub('', campo.db_type(connection))}[]" for campo in campos)
    atribuidas = ", ".join(f"{coluna} = d.{coluna}" for coluna in colunas[1:])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE pagar_titulo AS t SET {atribuidas}"  # noqa: S608 - names of columns
            f" FROM unnest({dados}) AS d ({', '.join(colunas)}) WHERE t.id = d.id",
            [[_valor(campo, titulo) for titulo in titulos] for campo in campos],
        )


def _valor(campo: Any, titulo: Titulo) -> Any:
    valor = campo.get_db_prep_save(getattr(titulo, campo.attname), connection)
    return str(valor) if isinstance(valor, str) else valor  # not a member of choices
