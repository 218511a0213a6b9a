"""Answers of the services in the shape in which a Consulta keeps them."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any


def em_json(valor: Any) -> Any:
    """Dataclasses as objects, money as text with two places, dates ISO, None as it is."""
    match valor:
        case Decimal():
            return f"{valor:.2f}"
        case date():
            return valor.isoformat()
        case Mapping():
            return {str(chave): em_json(item) for chave, item in valor.items()}
        case list() | tuple():
            return [em_json(item) for item in valor]
    if is_dataclass(valor):
        return {campo.name: em_json(getattr(valor, campo.name)) for campo in fields(valor)}
    return valor
