"""JSON as the services write it: amounts are Decimal, read and sent exactly."""

import json
from decimal import Decimal
from typing import Any, NoReturn


def parse_json(content: bytes | str) -> Any:
    """JSON with Decimal in place of float. Raises ValueError on anything that is not strict JSON."""
    try:
        return json.loads(content, parse_float=Decimal, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("JSON nested too deeply") from error


def _no_constant(nome: str) -> NoReturn:
    raise ValueError(f"{nome} is not JSON")


def encode_json(valor: Any) -> bytes:
    return json.dumps(valor, ensure_ascii=False, separators=(",", ":"), default=_encode_decimal).encode()


def _encode_decimal(valor: object) -> float:
    """A Decimal of at most 15 digits goes out exactly: the shortest repr of its float is its own text."""
    if isinstance(valor, Decimal) and Decimal(repr(float(valor))) == valor:
        return float(valor)
    raise TypeError(f"{valor!r} cannot be sent as JSON")
