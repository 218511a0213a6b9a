"""The whole month at once: of every empresa the state of each obligation.

A page shows fifty empresas, but its totals, filters and order look at all of them. What they look at is two integers an
empresa, read by painel.leitura in a handful of set-based queries and kept; what is written later is read again.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from guias.models import SituacaoGuia
from painel.celulas import NOMES, Grau, estado_de
from painel.risco import Risco

Combo = tuple[str, ...]  # the regime of the competência, then a state for each of NOMES
SEM_REGIME = "sem_regime"


class NaLista(NamedTuple):
    """Where the list of the MEI has an empresa, and the Operacao that says why, if there is one."""

    estado: str
    operacao: int | None


class NoSimples(NamedTuple):
    """Where the list of the Simples has an empresa, and the Operacao that holds it there, if one does. `etapas`: the
    four first obligations. `em_risco`: its declaration is missing; then `sabida`, whether its DAS is known, and `base`,
    it in reais where the fine is more than the least."""

    estado: str
    operacao: int | None
    etapas: tuple[str, ...]
    em_risco: bool
    sabida: bool
    base: Decimal | None


@dataclass
class ContasDasGuias:
    """The guias of the month: how many in each situação; the sum in reais of those `que_contam` (not substituídas); of
    the last of each dívida how many in each state of the entrega; what was paid; how many DAS were drawn and guias paid
    on each day."""

    situacao: Counter[str] = field(default_factory=Counter)
    entrega: Counter[str] = field(default_factory=Counter)
    total: Decimal = Decimal(0)
    pago: Decimal = Decimal(0)
    emitidas_no_dia: Counter[date] = field(default_factory=Counter)
    pagas_no_dia: Counter[date] = field(default_factory=Counter)

    @property
    def que_contam(self) -> int:
        return self.situacao.total() - self.situacao[SituacaoGuia.SUBSTITUIDA]


@dataclass(frozen=True)
class Fotografia:
    """`ids` of the empresas, ascending, and for each the position in `combos` of what it is. `fora`: active ones that
    have no row, the filiais of which nothing is asked. `sem_titulo`: guias of which no title was made."""

    ids: array[int]
    quais: array[int]
    combos: list[Combo]
    fora: list[int]
    risco: Risco
    guias: ContasDasGuias
    sem_titulo: int
    transmitidas_no_dia: Counter[date]
    simples: Mapping[int, NoSimples]
    mei: Mapping[int, NaLista]

    @classmethod
    def de_combos(cls, por_empresa: Mapping[int, Combo], **resto: Any) -> "Fotografia":
        """`resto`: the other fields."""
        posicoes: dict[Combo, int] = {}
        ids = array("q", sorted(por_empresa))
        quais = array("H", [posicoes.setdefault(por_empresa[pk], len(posicoes)) for pk in ids])
        return cls(ids, quais, [*posicoes], **resto)

    def de(self, pk: int) -> Combo | None:
        onde = bisect_left(self.ids, pk)
        return self.combos[self.quais[onde]] if onde < len(self.ids) and self.ids[onde] == pk else None

    def todas(self) -> Iterator[tuple[int, Combo]]:
        return ((pk, self.combos[qual]) for pk, qual in zip(self.ids, self.quais, strict=True))

    def com(self, serve: Callable[[Combo], bool]) -> list[int]:
        """The ids of the empresas whose combo serves."""
        servem = {n for n, combo in enumerate(self.combos) if serve(combo)}
        return [pk for pk, qual in zip(self.ids, self.quais, strict=True) if qual in servem]

    def quantas(self, serve: Callable[[Combo], bool]) -> int:
        return sum(n for combo, n in self.por_combo if serve(combo))

    @cached_property
    def por_combo(self) -> list[tuple[Combo, int]]:
        contagem = Counter(self.quais)
        return [(self.combos[qual], n) for qual, n in contagem.items()]

    @cached_property
    def por_estado(self) -> dict[str, Counter[str]]:
        """Of each obligation, how many empresas in each state."""
        contas: dict[str, Counter[str]] = {nome: Counter() for nome in NOMES}
        for combo, n in self.por_combo:
            for nome, valor in zip(NOMES, combo[1:], strict=True):
                contas[nome][valor] += n
        return contas


def graus(combo: Combo) -> set[Grau]:
    return {estado_de(nome, valor).grau for nome, valor in zip(NOMES, combo[1:], strict=True)}
