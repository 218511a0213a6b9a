"""What a handler is given, and what it tells, when the fault harness exercises it (docs/confiabilidade.md)."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from comum.models import Usuario

if TYPE_CHECKING:
    from operacoes.motor.submissao import NovaOperacao

Controle = Callable[[str, dict[str, Any] | None], Any]


@dataclass(frozen=True)
class Palco:
    """Where a factory of pedidos prepares its data, in a database and a sandbox of the harness's own.

    The same seed gives the same `sorteio` and the same `numeros`, and must lead to the same pedidos. `controle(path,
    body)` speaks to the sandbox's control API (GET without body, POST with one) and `baixar(url)` fetches a file of
    it. `guardado` is shared by the handlers of one run: a credencial is made once. `recusas` says, by the key of an
    intent, with which codes the sandbox was told to refuse what it names.
    """

    sorteio: random.Random
    usuario: Usuario
    hoje: date
    numeros: Iterator[int]
    controle: Controle
    baixar: Callable[[str], bytes]
    guardado: dict[str, Any] = field(default_factory=dict)
    recusas: dict[str, frozenset[str]] = field(default_factory=dict)


def _nada_perto(nova: "NovaOperacao") -> Iterable[Mapping[str, str]]:
    return ()


def _nada_a_consertar(acesso: str, controle: Controle) -> None:
    pass


@dataclass(frozen=True)
class NoSandbox:
    """How the sandbox sees one outside service; said once for all its handlers.

    `alvo` are the fields of a rule (contribuinte, operacao, pa, tag, documento) that the calls about one pedido match,
    and by which faults are aimed at them. `perto` are those of further calls that serve an intent without naming it (a
    log-in, a register, a list): faults fall on them as on readings. `entradas` are operations that only open the access
    and ask for nothing. `consertar` is what the office does about an access that the service no longer takes, before it
    lifts the pause.
    """

    alvo: Callable[[Mapping[str, Any]], Mapping[str, str]]
    entradas: frozenset[str] = frozenset()
    perto: "Callable[[NovaOperacao], Iterable[Mapping[str, str]]]" = _nada_perto
    consertar: Callable[[str, Controle], None] = _nada_a_consertar


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

    `documento` is which document it happened to, where the service names one to us: two notes of one prestador in one
    month are two intents. `tambem` are effects that the service makes beside the main one (a fine). `numero` is the
    effect's number as our own records have it, empty while they have none.
    """

    servico: str
    tipo: str
    contribuinte: str
    pa: str = ""
    numero: str = ""
    tambem: tuple[str, ...] = ()
    documento: str = ""
