"""A body as JSON by our names, kept with its Operacao and read back exactly: what was approved is what is sent."""

from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, get_args, get_type_hints

from pagar.providers.campos import Campo, Data, Lista, Objeto, Opcao, Valor, campos_de


def guardar(corpo: Any) -> dict[str, Any]:
    """Every field by its name: money as text, dates in ISO, choices by their value, bodies inside as objects."""
    return {nome: _guardado(getattr(corpo, nome)) for nome, _ in campos_de(type(corpo))}


def _guardado(valor: Any) -> Any:
    if isinstance(valor, Decimal):
        return str(valor)
    if isinstance(valor, date):
        return valor.isoformat()
    if isinstance(valor, tuple):
        return [guardar(item) for item in valor]
    return guardar(valor) if is_dataclass(valor) else valor


def reler[C](classe: type[C], dados: dict[str, Any]) -> C:
    """The body that `guardar` wrote; fields that are missing have their default. Raises ValueError for a field that
    the body does not have, or a value that is none of its field's."""
    campos = dict(campos_de(classe))
    if sobram := dados.keys() - campos.keys():
        raise ValueError(f"{classe.__name__} has no {', '.join(sorted(sobram))}")
    dicas = _dicas_de(classe)
    try:
        return classe(**{nome: _relido(campos[nome], dicas[nome], valor) for nome, valor in dados.items()})
    except (TypeError, InvalidOperation, StopIteration) as erro:
        raise ValueError(f"not a {classe.__name__}") from erro


_dicas: dict[type, dict[str, Any]] = {}


def _dicas_de(classe: type) -> dict[str, Any]:
    if classe not in _dicas:
        _dicas[classe] = get_type_hints(classe)
    return _dicas[classe]


def _relido(campo: Campo, dica: Any, valor: Any) -> Any:
    if isinstance(campo, Lista):
        return tuple(reler(get_args(dica)[0], item) for item in valor)
    if valor is None:
        return None
    if isinstance(campo, Objeto):
        return reler(get_args(dica)[0], valor)
    if isinstance(campo, Opcao):
        return next(opcao for opcao in campo.numeros if opcao == valor)
    if isinstance(campo, Valor):
        return Decimal(valor)
    return date.fromisoformat(valor) if isinstance(campo, Data) else valor
