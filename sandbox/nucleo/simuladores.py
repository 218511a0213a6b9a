"""The simulators of this sandbox. Each one registers itself when its package is loaded; the rest of the sandbox knows
them only from here."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Opcao:
    """A setting of one simulator: its default, and whether a value can be given to it."""

    padrao: Any
    valida: Callable[[Any], bool]


@dataclass(frozen=True)
class Simulador:
    """`operacoes` are the names that a rule or a limit may have, `simuladas` those worth telling when a name is wrong.
    `enderecos` are the addresses below a base URL; `opcoes` are named `<nome>.<opção>`. `semear` puts the first state
    in place, after a migration or a reset, and leaves an existing one as it is. `formas` are the other shapes in which
    the service may answer, as a rule asks for them."""

    nome: str
    rotulo: str
    operacoes: Callable[[], Collection[str]]
    simuladas: Callable[[], Collection[str]]
    enderecos: Callable[[str], dict[str, str]]
    opcoes: Mapping[str, Opcao] = field(default_factory=dict)
    semear: Callable[[], None] = lambda: None
    formas: Collection[str] = ()


_registrados: dict[str, Simulador] = {}


def registrar(simulador: Simulador) -> None:
    if estranha := next((nome for nome in simulador.opcoes if not nome.startswith(f"{simulador.nome}.")), ""):
        raise ValueError(f"{estranha}: options are named {simulador.nome}.<option>")
    _registrados[simulador.nome] = simulador


def todos() -> list[Simulador]:
    return list(_registrados.values())


def nomes() -> list[str]:
    return list(_registrados)


def operacoes(servico: str = "") -> list[str]:
    """The operations of one simulator, or of all."""
    escolhidos = [simulador for nome, simulador in _registrados.items() if servico in ("", nome)]
    return [operacao for simulador in escolhidos for operacao in simulador.operacoes()]


def formas(servico: str) -> Collection[str]:
    return _registrados[servico].formas if servico in _registrados else ()


def com_formas() -> list[str]:
    return [nome for nome, simulador in _registrados.items() if simulador.formas]


def opcoes() -> dict[str, Opcao]:
    return {nome: opcao for simulador in todos() for nome, opcao in simulador.opcoes.items()}
