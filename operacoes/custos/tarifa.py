"""The price of a billing period: each call by its class, at the tier that the whole volume reached, by the table in
force on its day. Every sum of reais over a period goes through here."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Func
from django.utils import timezone

from operacoes.custos.precos import Precos, periodo
from operacoes.custos.volume import fase_de, volumes_por_fase

PorFase = Mapping[str, Sequence[int]]


class Tarifa:
    """Of one conta. `por_fase`: calls by class, in each of the `fases`: the days on which a table of prices begins to
    count in the period. It is counted when it is not given."""

    def __init__(
        self, conta: str, inicio: date, por_fase: PorFase | None = None, *, precos: Precos | None = None
    ) -> None:
        self.inicio, self.fim = periodo(inicio)
        self.precos = precos or Precos.ler()
        self.fases = self.precos.fases(self.inicio, self.fim)
        if por_fase is None:
            contadas = volumes_por_fase([conta], self.inicio, self.fases)
            por_fase = {classe: ns for (_, classe), ns in contadas.items()}
        self.por_fase = por_fase

    @property
    def volume(self) -> dict[str, int]:
        return {classe: sum(ns) for classe, ns in self.por_fase.items()}

    def preco(self, classe: str, fase: int, volume: int | None = None) -> Decimal:
        """`fase` counts from 1 (width_bucket). `volume`: of the whole class, where it is not the one counted."""
        total = sum(self.por_fase.get(classe, ())) if volume is None else volume
        return self.precos.unitario(classe, total, self.fases[max(fase, 1) - 1])

    def fase_do_dia(self, dia: date) -> int:
        return max(sum(desde <= dia for desde in self.fases), 1)

    def fase(self) -> Func:
        """Which of the tables of the period prices a row of Tentativa, from 1."""
        return fase_de(self.fases)

    def custo(self, mais: Mapping[str, int], dia: date | None = None) -> Decimal:
        """R$ of the whole period with these further calls by class, made on `dia` (today)."""
        return sum((self.da_classe(c, mais.get(c, 0), dia) for c in {*self.por_fase, *mais}), Decimal(0))

    def da_classe(self, classe: str, mais: int = 0, dia: date | None = None) -> Decimal:
        """R$ of one class, as custo()."""
        ja = self.por_fase.get(classe, ())
        total = sum(ja) + mais
        feitas = (self.preco(classe, fase, total) * n for fase, n in enumerate(ja, start=1))
        return sum(feitas, self.preco(classe, self.fase_do_dia(dia or timezone.localdate()), total) * mais)


def tarifas(contas: Collection[str], inicio: date, precos: Precos | None = None) -> dict[str, Tarifa]:
    """One of each conta, in one query, and one for the prices where they are not given."""
    if not contas:
        return {}
    precos = precos or Precos.ler()
    por_conta: dict[str, dict[str, Sequence[int]]] = {conta: {} for conta in contas}
    for (conta, classe), ns in volumes_por_fase(contas, inicio, precos.fases(*periodo(inicio))).items():
        por_conta[conta][classe] = ns
    return {conta: Tarifa(conta, inicio, por_fase, precos=precos) for conta, por_fase in por_conta.items()}
