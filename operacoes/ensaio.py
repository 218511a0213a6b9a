"""What a handler is given, and what it tells, when the fault harness exercises it (docs/confiabilidade.md)."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from comum.models import Usuario
from operacoes.intencao import NovaOperacao

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


def _nada_perto(nova: NovaOperacao) -> Iterable[Mapping[str, str]]:
    return ()


def _de_ninguem(pedido: Mapping[str, Any]) -> int | None:
    return None


def _nada_a_consertar(acesso: str, controle: Controle) -> None:
    pass


@dataclass(frozen=True)
class NoSandbox:
    """How the sandbox sees one outside service; said once for all its handlers.

    `alvo` are the fields of a rule (contribuinte, operacao, pa, tag, documento) that the calls about one pedido match,
    and by which faults are aimed at them. `perto` are those of further calls that serve an intent without naming it (a
    log-in, a register, a list): faults fall on them as on readings. `entradas` are operations that only open the access
    and ask for nothing. `consertar` is what the office does about an access that the service no longer takes, before it
    lifts the pause. `resto_de` is the (refused) Operacao whose rest a pedido is, where a handler sends again by itself
    what a refusal was not about, or the (concluded) reading that it goes on with; None for what somebody asked for.
    `servico` is its name there, where it is not the
    handler's.
    """

    alvo: Callable[[Mapping[str, Any]], Mapping[str, str]]
    entradas: frozenset[str] = frozenset()
    perto: "Callable[[NovaOperacao], Iterable[Mapping[str, str]]]" = _nada_perto
    consertar: Callable[[str, Controle], None] = _nada_a_consertar
    resto_de: Callable[[Mapping[str, Any]], int | None] = _de_ninguem
    servico: str = ""


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

    `documentos` are those it happened to, each once, where the service names them to us: two notes of one prestador in
    one month are two intents, and a batch of titles is as many effects. `tambem` are effects that the service makes
    beside the main one (a fine). `numero` is the effect's number as our own records have it, empty while they have
    none. `a_caminho`: our own records say that what it is about is still on its way.
    """

    servico: str
    tipo: str
    contribuinte: str
    pa: str = ""
    numero: str = ""
    tambem: tuple[str, ...] = ()
    documentos: tuple[str, ...] = ("",)
    a_caminho: bool = False
