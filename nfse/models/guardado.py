"""Values that go into a JSON column: what was said of each, and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Self, get_args, get_origin


class Guardado:
    """Of a frozen dataclass whose fields all have what they begin with."""

    @classmethod
    def do_json(cls, guardado: Mapping[str, Any]) -> Self:
        """As para_json() wrote it."""
        leitores = _leitores(cls)  # type: ignore[arg-type]  # a class is hashable
        return cls(**{nome: leitores.get(nome, _como_esta)(valor) for nome, valor in guardado.items()})

    def para_json(self) -> dict[str, Any]:
        """What was said, and nothing else: empty for most notes."""
        return {nome: _simples(valor) for nome, valor in vars(self).items() if dito(valor)}


def dito(valor: Any) -> bool:
    """Whether it says something: zero does."""
    return valor is not None and valor is not False and valor not in ("", ())


def _simples(valor: Any) -> Any:
    if isinstance(valor, tuple):
        return [um.para_json() if isinstance(um, Guardado) else um for um in valor]
    return str(valor) if isinstance(valor, Decimal | date) else valor


def _como_esta(valor: Any) -> Any:
    return valor


_DE_TIPO: Mapping[Any, Callable[[Any], Any]] = {Decimal | None: Decimal, date | None: date.fromisoformat}


@cache
def _leitores(classe: Any) -> Mapping[str, Callable[[Any], Any]]:
    achados = {campo.name: _leitor(campo.type) for campo in fields(classe)}
    return {nome: ler for nome, ler in achados.items() if ler is not None}


def _leitor(tipo: Any) -> Callable[[Any], Any] | None:
    """None for what goes as it is; tuple[X, ...] is a list of texts, or of what X wrote."""
    if get_origin(tipo) is not tuple:
        return _DE_TIPO.get(tipo)
    um = get_args(tipo)[0]
    return tuple if um is str else lambda guardados: tuple(um.do_json(guardado) for guardado in guardados)
