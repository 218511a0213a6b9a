"""Our own estimate of the fine and interest of a federal debt, shown beside what the Receita computes.

Lei 9.430/1996, art. 61: 0.33 % a day of delay up to 20 %; Selic of the months after the due one up to the month before
the payment, and 1 % in the month of the payment. Amounts in reais, truncated to the cent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from empresas.calendario import somar_meses
from guias.models import TaxaSelic

_CENTAVO, _POR_DIA, _TETO = Decimal("0.01"), Decimal("0.33"), Decimal(20)


@dataclass(frozen=True)
class Estimativa:
    """`faltam`: the months whose Selic nobody told, so that the interest is not known (`juros` None)."""

    principal: Decimal
    multa: Decimal
    juros: Decimal | None
    faltam: tuple[date, ...] = ()

    @property
    def total(self) -> Decimal | None:
        return None if self.juros is None else self.principal + self.multa + self.juros


def selic() -> dict[date, Decimal]:
    return dict(TaxaSelic.objects.values_list("mes", "taxa"))


def estimar(principal: Decimal, vencimento: date, pagamento: date, taxas: Mapping[date, Decimal]) -> Estimativa:
    dias = (pagamento - vencimento).days
    if dias <= 0:
        return Estimativa(principal, Decimal("0.00"), Decimal("0.00"))
    multa = _parte(principal, min(_POR_DIA * dias, _TETO))
    meses = _entre(vencimento, pagamento)
    faltam = tuple(mes for mes in meses if mes not in taxas)
    if faltam:
        return Estimativa(principal, multa, None, faltam)
    do_mes = Decimal(0) if _mes(vencimento) == _mes(pagamento) else Decimal(1)
    return Estimativa(principal, multa, _parte(principal, sum((taxas[mes] for mes in meses), do_mes)))


def _entre(vencimento: date, pagamento: date) -> list[date]:
    """The months after that of the due date and before that of the payment."""
    meses, mes = [], somar_meses(_mes(vencimento), 1)
    while mes < _mes(pagamento):
        meses.append(mes)
        mes = somar_meses(mes, 1)
    return meses


def _mes(dia: date) -> date:
    return dia.replace(day=1)


def _parte(principal: Decimal, percentual: Decimal) -> Decimal:
    return (principal * percentual / 100).quantize(_CENTAVO, ROUND_DOWN)
