"""The fine for a PGDAS-D sent late (MAED): gross, before any reduction.

2 % per calendar month or fraction, counted from the day after the deadline, on the taxes declared, even if paid; at
most 20 %, at least R$ 50,00 for each month of reference. Whether half of it is taken off a return sent unasked, before
or after the minimum, is not settled: the gross figure is told. Sources: LC 123/2006, art. 38-A, in the wording of LC
214/2025; Resolução CGSN 183/2025. It holds for what is sent late from 01/01/2026 on.
"""

from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

MINIMO = Decimal("50.00")
POR_MES = Decimal("0.02")
LIMITE = Decimal("0.20")
_CENTAVO = Decimal("0.01")


def meses_de_atraso(prazo: date, entrega: date) -> int:
    """Calendar months touched from the day after `prazo` to `entrega`; 0 when it is not late."""
    if entrega <= prazo:
        return 0
    inicio = prazo + timedelta(days=1)
    return (entrega.year - inicio.year) * 12 + entrega.month - inicio.month + 1


def percentual(meses: int) -> Decimal:
    """The part of the taxes, as a fraction: 0.06 for three months."""
    return min(POR_MES * meses, LIMITE)


def maed(tributos: Decimal, meses: int) -> Decimal:
    """The fine in reais on `tributos` (the DAS declared, in reais) after so many months; cents are cut."""
    if not meses:
        return Decimal("0.00")
    return max((tributos * percentual(meses)).quantize(_CENTAVO, ROUND_DOWN), MINIMO)


def base_do_minimo(meses: int) -> Decimal:
    """Up to these taxes, in reais, the fine is MINIMO, for one month late or more."""
    return MINIMO / percentual(meses)


def multa_por_atraso(declarado: Decimal, prazo: date, entrega: date) -> Decimal:
    """R$ of the fine for a return of `declarado` due on `prazo`, delivered on `entrega`; zero when in time."""
    return maed(declarado, meses_de_atraso(prazo, entrega))
