"""Fine and interest of a late DAS, and the fine of a late PGDAS-D.

Sources: Lei 9.430/1996, art. 61, and LC 123/2006, art. 21, § 3 (DAS); LC 123/2006, art. 38-A, with LC 214/2025 and
Resolução CGSN 183/2025, for returns sent from 01/01/2026 (PGDAS-D). Cents are cut off, not rounded, in the tax-status
statements of Receita Federal; `arredondamento` (a rounding mode of the decimal module) is there for other needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from empresas.calendario import somar_meses
from guias.calculo.recusa import Recusa

_CENTAVO = Decimal("0.01")
_MULTA_DIA, _MULTA_MAXIMA = Decimal("0.33"), Decimal(20)
_JUROS_MES_DO_PAGAMENTO = Decimal(1)
_MAED_MES, _MAED_MAXIMA, _MAED_MINIMA = Decimal(2), Decimal(20), Decimal("50.00")


@dataclass(frozen=True, slots=True)
class Acrescimos:
    """Amounts in reais, rates in percent, `dias` of delay."""

    principal: Decimal
    dias: int
    multa_pct: Decimal
    multa: Decimal
    juros_pct: Decimal
    juros: Decimal

    @property
    def total(self) -> Decimal:
        return self.principal + self.multa + self.juros


def _parte(base: Decimal, porcento: Decimal, arredondamento: str) -> Decimal:
    return (base * porcento / 100).quantize(_CENTAVO, arredondamento)


def _meses(de: date, ate: date) -> int:
    return (ate.year - de.year) * 12 + ate.month - de.month


def multa_juros_das(
    principal: Decimal,
    vencimento: date,
    pagamento: date,
    selic: Mapping[date, Decimal],
    *,
    arredondamento: str = ROUND_DOWN,
) -> Acrescimos | Recusa:
    """Fine of 0.33 % per day of delay up to 20 %, and interest: Selic of the whole months between, plus 1 %.

    `selic` maps the first day of a month to its rate in percent; a month needed and missing is a Recusa. Nothing is due
    when paid up to the due date, and no interest in its own month.
    """
    dias = max((pagamento - vencimento).days, 0)
    multa_pct = min(_MULTA_DIA * dias, _MULTA_MAXIMA)
    distancia = _meses(vencimento, pagamento)
    juros_pct = _JUROS_MES_DO_PAGAMENTO if distancia > 0 else Decimal(0)
    for passo in range(1, distancia):
        mes = somar_meses(vencimento, passo)
        if mes not in selic:
            return Recusa(f"Falta a Selic de {mes:%m/%Y}. Cadastre a taxa do mês para calcular os juros.")
        juros_pct += selic[mes]
    return Acrescimos(
        principal=principal,
        dias=dias,
        multa_pct=multa_pct,
        multa=_parte(principal, multa_pct, arredondamento),
        juros_pct=juros_pct,
        juros=_parte(principal, juros_pct, arredondamento),
    )


def multa_pgdasd(tributos: Decimal, prazo: date, entrega: date, *, arredondamento: str = ROUND_DOWN) -> Decimal:
    """Gross fine (MAED) of a PGDAS-D sent from 01/01/2026 on: 2 % per calendar month or fraction, on the taxes.

    At most 20 %, at least R$ 50.00. A reduction for sending before any official act is left out: whether it comes
    before or after the minimum is not settled in the sources.
    """
    if entrega <= prazo:
        return Decimal("0.00")
    # Counting begins on the day after the deadline, which opens the next month when the deadline is the last day.
    primeiro = date.fromordinal(prazo.toordinal() + 1)
    meses = _meses(primeiro, entrega) + 1
    return max(_parte(tributos, min(_MAED_MES * meses, _MAED_MAXIMA), arredondamento), _MAED_MINIMA)
