"""What a handler is given, and what it tells, when the fault harness exercises it (docs/confiabilidade.md)."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from comum.models import Usuario


@dataclass(frozen=True)
class Palco:
    """Where a factory of pedidos prepares its data, in a database and a sandbox of the harness's own.

    The same seed gives the same `sorteio` and the same `numeros`, and must lead to the same pedidos. `controle(path,
    body)` speaks to the sandbox's control API (GET without body, POST with one) and `baixar(url)` fetches a file of
    it. `guardado` is shared by the handlers of one run: a credencial is made once.
    """

    sorteio: random.Random
    usuario: Usuario
    hoje: date
    numeros: Iterator[int]
    controle: Callable[[str, dict[str, Any] | None], Any]
    baixar: Callable[[str], bytes]
    guardado: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class NoSandbox:
    """How the sandbox sees one outside service; said once for all its handlers.

    `alvo` are the fields of a rule (contribuinte, operacao, pa, tag) that the calls about one pedido match, and by
    which faults are aimed at them. `entradas` are operations that only open the access and ask for nothing.
    """

    alvo: Callable[[Mapping[str, Any]], Mapping[str, str]]
    entradas: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PelaTela:
    """How a person asks for some intents: `campos` are posted to `url`, and then the form `confirmar` of each page that
    comes back, its boxes `sem` left empty, until another page shows what was asked."""

    url: str
    campos: tuple[tuple[str, str], ...]
    sem: frozenset[str] = frozenset()


@dataclass(frozen=True)
class NoLivro:
    """Where the sandbox's ledger of effects shows what one Operacao did outside.

    `tambem` are effects that the service makes beside the main one (a fine). `numero` is the effect's number as our own
    records have it, empty while they have none.
    """

    servico: str
    tipo: str
    contribuinte: str
    pa: str = ""
    numero: str = ""
    tambem: tuple[str, ...] = ()
