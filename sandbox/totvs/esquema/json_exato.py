"""JSON read without losing anything: pairs instead of dictionaries, decimals exact, exponents told apart."""

import json
from decimal import Decimal
from typing import Any, NoReturn

from sandbox.totvs import erros
from sandbox.totvs.erros import Falha, Recusa


class Pares(list[tuple[str, Any]]):
    """An object as it came, names repeated or not."""


class ComExpoente:
    """A number written with an exponent."""


def _decimal(escrito: str) -> Decimal | ComExpoente:
    return ComExpoente() if "e" in escrito.lower() else Decimal(escrito)


def _constante(nome: str) -> NoReturn:
    raise ValueError(nome)


def ler(corpo: bytes) -> Any:
    """Raises Recusa 400."""
    try:
        lido = json.loads(
            corpo.decode("utf-8"), parse_float=_decimal, parse_constant=_constante, object_pairs_hook=Pares
        )
        if b"\\u" in corpo:  # half a surrogate pair is JSON and is not text
            json.dumps(lido, ensure_ascii=False, default=str).encode()
    except (ValueError, ArithmeticError, RecursionError):
        raise Recusa(400, [Falha(erros.JSON, "O corpo da requisição não é um JSON válido.")]) from None
    return lido


def achar(valor: Any, *nomes: str) -> Any:
    """What stands under the names, in any case, in a body that may still be wrong; None when nothing does."""
    for nome in nomes:
        if not isinstance(valor, Pares):
            return None
        valor = next((achado for escrito, achado in valor if escrito.lower() == nome.lower()), None)
    return valor


def itens(valor: Any) -> list[Any]:
    """A list, or one object as a list of one."""
    if isinstance(valor, Pares):
        return [valor]
    return valor if isinstance(valor, list) else []
