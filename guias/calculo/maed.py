"""The fine for a PGDAS-D delivered late (MAED).

Sources: LC 123/2006, art. 38-A; LC 214/2025; Resolução CGSN 183/2025, for every return delivered from 01/01/2026 on,
whatever its period. Gross: whether the reduction of a spontaneous delivery comes before or after the minimum is not
settled.
"""

from datetime import date
from decimal import ROUND_DOWN, Decimal

MINIMO = Decimal("50.00")
_POR_MES, _MAXIMO = 2, 20  # percent


def meses_de_atraso(prazo: date, entrega: date) -> int:
    """Calendar months, begun or whole, in which the return was late."""
    return max(0, (entrega.year - prazo.year) * 12 + entrega.month - prazo.month + 1) if entrega > prazo else 0


def multa_por_atraso(declarado: Decimal, prazo: date, entrega: date) -> Decimal:
    """R$ of the fine for a return of `declarado` (the tributes, even if paid) due on `prazo`, delivered on `entrega`;
    zero when in time. Truncated to the cent, as the Receita does with the fine of a late payment."""
    meses = meses_de_atraso(prazo, entrega)
    if not meses:
        return Decimal("0.00")
    multa = (declarado * min(_POR_MES * meses, _MAXIMO) / 100).quantize(Decimal("0.01"), ROUND_DOWN)
    return max(multa, MINIMO)
