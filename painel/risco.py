"""How much the fines for late declarations of a month would come to: an estimate, gross."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guias.calculo.maed import MINIMO, maed, meses_de_atraso
from guias.services.das import prazo_das


@dataclass(frozen=True)
class Risco:
    """`empresas` without declaration, `valor` in reais of their fines. Of `sem_valor` of them the DAS is not known yet:
    they count with the minimum. `meses`: those that have begun since the deadline; before it, one, the first."""

    empresas: int
    valor: Decimal
    sem_valor: int
    meses: int

    @classmethod
    def de(cls, empresas: int, sabidas: int, bases: Iterable[Decimal], meses: int) -> "Risco":
        """`bases` are the DAS above guias.calculo.maed.base_do_minimo(): of all the others the fine is the minimum."""
        multas = [maed(base, meses) for base in bases]
        return cls(empresas, sum(multas, MINIMO * (empresas - len(multas))), empresas - sabidas, meses)


def meses_em_risco(competencia: date, hoje: date) -> int:
    return meses_de_atraso(prazo_das(competencia), hoje) or 1
