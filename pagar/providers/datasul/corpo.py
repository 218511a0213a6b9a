"""The bodies as Datasul reads them: the page's spelling, decimals with their places, never a string nor an exponent."""

import json
from decimal import Decimal
from typing import Any

from pagar.providers.campos import PADRAO, Data, Formato, Lista, Objeto, campos_de
from pagar.providers.interface import Corpo


def montar(corpo: Corpo, formato: Formato = PADRAO) -> dict[str, Any]:
    """The whole body: the main object, and the matrix beside it. Its problems are looked for before (regras.py)."""
    raiz: dict[str, Any] = {}
    principal: dict[str, Any] = {}
    for nome, valor, na_raiz in _campos(corpo, formato):
        (raiz if na_raiz else principal)[nome] = valor
    return {corpo.RAIZ: principal} | raiz


def _objeto(dono: Any, formato: Formato) -> dict[str, Any]:
    return {nome: valor for nome, valor, _ in _campos(dono, formato)}


def _campos(dono: Any, formato: Formato) -> list[tuple[str, Any, bool]]:
    """Name on the wire, value and whether it goes beside the main object. What is not informed is "" for texts and
    dates, and left out for the rest."""
    achados = []
    for nome, campo in campos_de(type(dono)):
        valor = getattr(dono, nome)
        escrito: Any = None
        if isinstance(campo, Lista):
            escrito = [_objeto(item, formato) for item in valor] or None
        elif isinstance(campo, Objeto):
            escrito = None if valor is None else _objeto(valor, formato)
        elif valor is not None:
            escrito = campo.no_fio(valor, formato)
        elif isinstance(campo, Data) and not formato.omitir_vazios:
            escrito = ""
        if escrito is not None:
            achados.append((campo.json, escrito, campo.na_raiz))
    return achados


def codificar(valor: Any) -> bytes:
    """A body as JSON in UTF-8. Decimals keep the places they have: 100.00, 0.0000000001."""
    return _texto(valor).encode()


def _texto(valor: Any) -> str:
    if isinstance(valor, dict):
        return "{" + ",".join(f"{_texto(str(nome))}:{_texto(item)}" for nome, item in valor.items()) + "}"
    if isinstance(valor, list | tuple):
        return "[" + ",".join(map(_texto, valor)) + "]"
    if isinstance(valor, Decimal):
        if not valor.is_finite():
            raise TypeError(f"{valor!r} cannot be sent as JSON")
        return f"{valor:f}"
    return json.dumps(valor, ensure_ascii=False, allow_nan=False)
