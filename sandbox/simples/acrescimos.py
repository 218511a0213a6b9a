"""Fine and interest of a late DAS, and the fine for a late declaration (MAED).

Late DAS: Lei 9.430/1996, art. 61; LC 123/2006, art. 21, § 3. Both amounts are truncated to the cent.
MAED: LC 123/2006, art. 38-A; LC 214/2025; Resolução CGSN 183/2025, from 01/01/2026.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from sandbox.calendario import distancia, pa_de, soma_meses

_CENTAVO = Decimal("0.01")
_ZERO = Decimal("0.00")
Selic = Callable[[int], Decimal | None]


class SelicDesconhecida(Exception):
    """The Selic of a month needed is not in the table; `pa` says which (AAAAMM)."""

    def __init__(self, pa: int) -> None:
        super().__init__(pa)
        self.pa = pa


@dataclass(frozen=True)
class Consolidado:
    """Amounts in reais."""

    principal: Decimal
    multa: Decimal
    juros: Decimal

    @property
    def total(self) -> Decimal:
        return self.principal + self.multa + self.juros


def _truncar(valor: Decimal) -> Decimal:
    return valor.quantize(_CENTAVO, ROUND_DOWN)


def percentual_juros(vencimento: date, pagamento: date, selic: Selic) -> Decimal:
    """Sum of the Selic from the month after the due date to the month before payment, plus 1 %; in percent."""
    meses = distancia(pa_de(vencimento), pa_de(pagamento))
    if meses <= 0:
        return Decimal(0)
    taxa = Decimal(1)
    for numero in range(1, meses):
        pa = soma_meses(pa_de(vencimento), numero)
        mensal = selic(pa)
        if mensal is None:
            raise SelicDesconhecida(pa)
        taxa += mensal
    return taxa


def consolidar(principal: Decimal, vencimento: date, pagamento: date, selic: Selic) -> Consolidado:
    """Fine of 0.33 % a calendar day up to 20 %, interest by the Selic; none up to the due date.

    Raises SelicDesconhecida.
    """
    dias = (pagamento - vencimento).days
    if dias <= 0:
        return Consolidado(principal, _ZERO, _ZERO)
    multa = min(Decimal("0.33") * dias, Decimal(20))
    juros = percentual_juros(vencimento, pagamento, selic)
    return Consolidado(principal, _truncar(principal * multa / 100), _truncar(principal * juros / 100))


def maed(tributos: Decimal, prazo: date, entrega: date) -> Decimal:
    """2 % per calendar month or fraction of delay, at most 20 %, at least R$ 50.00; gross of any reduction."""
    meses = distancia(pa_de(prazo), pa_de(entrega)) + 1
    return max(_truncar(tributos * min(2 * meses, 20) / 100), Decimal("50.00"))
