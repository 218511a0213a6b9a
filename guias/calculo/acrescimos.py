"""Fine and interest of a federal tribute paid late: an estimate, before the Receita computes its own.

Sources: Lei 9.430/1996, art. 61 (fine of 0,33% a day up to 20%; interest by the Selic from the month after the due
date to the month before the payment, and 1% in that of the payment); LC 123/2006, art. 21, § 3. Both are truncated to
the cent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from empresas.calendario import somar_meses

_CENTAVO = Decimal("0.01")
_POR_DIA, _NO_MAXIMO = Decimal("0.33"), Decimal(20)


@dataclass(frozen=True)
class Acrescimos:
    """In reais; `juros` None where the Selic of a month between is not known."""

    multa: Decimal
    juros: Decimal | None


def multa(principal: Decimal, vencimento: date, pagamento: date) -> Decimal:
    dias = max(0, (pagamento - vencimento).days)
    return _truncar(principal * min(_POR_DIA * dias, _NO_MAXIMO) / 100)


def estimar(
    principal: Decimal, vencimento: date, pagamento: date, selic: Mapping[date, Decimal] | None = None
) -> Acrescimos:
    """`selic`: percent of each month, by its first day. Paid in the month after the due date, none is needed."""
    meses = (pagamento.year - vencimento.year) * 12 + pagamento.month - vencimento.month
    if meses <= 0 or pagamento <= vencimento:
        return Acrescimos(multa(principal, vencimento, pagamento), Decimal("0.00"))
    inicio, taxa = vencimento.replace(day=1), Decimal(1)
    for numero in range(1, meses):
        mensal = (selic or {}).get(somar_meses(inicio, numero))
        if mensal is None:
            return Acrescimos(multa(principal, vencimento, pagamento), None)
        taxa += mensal
    return Acrescimos(multa(principal, vencimento, pagamento), _truncar(principal * taxa / 100))


def _truncar(valor: Decimal) -> Decimal:
    return valor.quantize(_CENTAVO, ROUND_DOWN)
