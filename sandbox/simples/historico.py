"""Revenue and payroll of the previous months, and what the law makes of them: RBT12, fator r, sublimit.

Resolução CGSN 140/2018, arts. 21 to 26; from 01/2027 LC 214/2025, art. 517, and Resolução CGSN 190/2026.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from sandbox.calendario import distancia, soma_meses
from sandbox.simples.anexos import LIMITE, SUBLIMITE, ForaDoSimulado

_ZERO = Decimal(0)
CORTE_FATOR_R = Decimal("0.28")
_FOLHA_ZERO = Decimal("0.01")


@dataclass(frozen=True)
class Historico:
    """What is known before the period `pa` (AAAAMM).

    `receitas` maps a month to (internal, external) gross revenue; `abertura` is the month of opening, None for an old
    business; `receita_pa` the accrual revenue of the period itself.
    """

    pa: int
    receita_pa: tuple[Decimal, Decimal]
    receitas: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)
    folhas: dict[int, Decimal] = field(default_factory=dict)
    abertura: int | None = None

    def mes_de_atividade(self) -> int | None:
        """1 in the month of opening; None for an old business."""
        return None if self.abertura is None else distancia(self.abertura, self.pa) + 1

    def janela(self) -> list[int]:
        """Months whose revenue forms the RBT12 of the general rule or of the first year."""
        atraso = 1 if self.pa < 202701 else 2
        mes = self.mes_de_atividade()
        quantos = 12 if mes is None else min(12, mes - atraso)
        return [soma_meses(self.pa, -atraso - n) for n in range(max(quantos, 0))]

    def rbt12(self, mercado: int) -> Decimal:
        """RBT12 of a market (0 internal, 1 external); 0 means band 1 with the nominal rate."""
        mes, janela = self.mes_de_atividade(), self.janela()
        if mes == 1 and self.pa < 202701:
            return self.receita_pa[mercado] * 12
        soma = sum((self.receitas.get(pa, (_ZERO, _ZERO))[mercado] for pa in janela), _ZERO)
        return soma if len(janela) in (0, 12) else soma / len(janela) * 12

    def fator_r(self) -> Decimal:
        """Payroll over revenue of the same months; from 2027 the payroll window of an old business does not move
        back with the RBT12 (LC 123/2006, art. 18, § 24: the twelve months before the period)."""
        janela = self.janela() or [self.abertura or self.pa]
        meses_da_folha = [soma_meses(self.pa, -n) for n in range(1, 13)] if len(janela) == 12 else janela
        receitas = {**self.receitas, self.pa: self.receita_pa}
        folha = sum((self.folhas.get(pa, _ZERO) for pa in meses_da_folha), _ZERO)
        receita = sum((sum(receitas.get(pa, (_ZERO, _ZERO)), _ZERO) for pa in janela), _ZERO)
        if not folha:
            return _FOLHA_ZERO
        return folha / receita if receita else CORTE_FATOR_R

    def rba(self, ano: int, mercado: int, antes_de: int) -> Decimal:
        """Revenue of a calendar year in the months before `antes_de`."""
        meses = (pa for pa in self.receitas if pa // 100 == ano and pa < antes_de)
        return sum((self.receitas[pa][mercado] for pa in meses), _ZERO)

    def limite_do_ano(self, cheio: Decimal, ano: int) -> Decimal:
        """A yearly limit, proportional to the months of activity in the year of opening."""
        if self.abertura is None or self.abertura // 100 != ano:
            return cheio
        return cheio / 12 * (13 - self.abertura % 100)

    def sem_icms_iss(self, mercado: int) -> bool:
        """Whether ICMS and ISS have left the DAS because the sublimit was exceeded before this period."""
        ano = self.pa // 100
        anterior = self.rba(ano - 1, mercado, self.pa)
        if anterior > self.limite_do_ano(SUBLIMITE, ano - 1):
            return True
        return self.rba(ano, mercado, self.pa) > self.limite_do_ano(SUBLIMITE, ano) * Decimal("1.2")

    def recusa_divisao(self, mercados: Iterable[int]) -> None:
        """Raise ForaDoSimulado when the revenue of the month crosses a limit and would have to be split in two."""
        ano = self.pa // 100
        for mercado in mercados:
            total = self.rba(ano, mercado, self.pa) + self.receita_pa[mercado]
            if total > self.limite_do_ano(LIMITE, ano):
                raise ForaDoSimulado("A receita do ano passa do limite do Simples Nacional: o sandbox não a divide.")
            # Exports pay neither ICMS nor ISS: their sublimit splits nothing.
            if not mercado and total > self.limite_do_ano(SUBLIMITE, ano) and not self.sem_icms_iss(mercado):
                raise ForaDoSimulado("A receita do ano passa do sublimite de ICMS e ISS: o sandbox não a divide.")
