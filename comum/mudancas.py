"""The fields of a record as a person reads them: for audit, for previews, for who saves over another's change."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from comum.documentos import mascarar
from comum.formatos import format_data, format_numero


def dizer(valor: Any) -> str:
    """A value in words; nothing for None."""
    if isinstance(valor, bool):
        return "sim" if valor else "não"
    if isinstance(valor, date):
        return format_data(valor)
    if isinstance(valor, Decimal):
        casas = max(2, -int(valor.normalize().as_tuple().exponent))
        return format_numero(valor, casas)
    return "" if valor is None else str(valor)


def em_palavras(objeto: models.Model, campo: str) -> str:
    """A field of a record in words: the label of a choice, the mask of a document, the name of what it points to."""
    if display := getattr(objeto, f"get_{campo}_display", None):
        return str(display() or "")
    valor = getattr(objeto, campo)
    return mascarar(valor) if campo == "documento" else dizer(valor)


def diferencas[M: models.Model](antes: M | None, depois: M, campos: Iterable[str]) -> dict[str, list[str]]:
    """Field -> [before, after] in words, of the fields that differ; of a new record, those that say something."""
    if antes is None:
        ditos = ((campo, em_palavras(depois, campo)) for campo in campos)
        return {campo: ["", dito] for campo, dito in ditos if dito not in ("", "não")}
    pares = ((campo, [em_palavras(antes, campo), em_palavras(depois, campo)]) for campo in campos)
    return {campo: par for campo, par in pares if par[0] != par[1]}
