"""How values are written on the wire: what is not used is left out, never empty and never zero."""

import re
from decimal import Decimal
from typing import Any


def com_valor(**campos: Any) -> dict[str, Any]:
    """The fields that are used: nothing null, empty."""
    return {nome: valor for nome, valor in campos.items() if valor is not None and valor != "" and valor != {}}


def reais(valor: Decimal | None) -> str:
    """Two decimals; empty for nothing and for zero, which are not sent."""
    return _decimal(valor, 2)


def taxa(valor: Decimal | None) -> str:
    """Two to four decimals: "2.00", "2.125"."""
    return _decimal(valor, 4)


def _decimal(valor: Decimal | None, casas: int) -> str:
    if not valor:
        return ""
    texto = f"{valor:.{casas}f}"
    if Decimal(texto) != valor:
        raise ValueError(f"not an amount of {casas} decimals: {valor}")
    inteiros, _, fracao = texto.partition(".")
    return f"{inteiros}.{fracao.rstrip('0').ljust(2, '0')}"


def cabe(valor: Decimal, casas: int) -> bool:
    """Whether a number has no more decimals than these."""
    return valor == valor.quantize(Decimal(1).scaleb(-casas))


def sem_marcas(texto: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", texto.upper())
