"""Our own estimate of the fine and interest of a federal debt, shown beside what the Receita computes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from empresas.calendario import somar_meses
from guias.calculo.acrescimos import juros_de_mora, multa_de_mora
from guias.calculo.recusa import Recusa
from guias.models import TaxaSelic


@dataclass(frozen=True)
class Estimativa:
    """Amounts in reais. `faltam`: the months whose Selic nobody told, so that the interest is not known (`juros`
    None)."""

    principal: Decimal
    multa: Decimal
    juros: Decimal | None
    faltam: tuple[date, ...] = ()

    @property
    def total(self) -> Decimal | None:
        return None if self.juros is None else self.principal + self.multa + self.juros


def selic() -> dict[date, Decimal]:
    """Percent of each month that the office told, by its first day."""
    return dict(TaxaSelic.objects.values_list("mes", "taxa"))


def estimar(principal: Decimal, vencimento: date, pagamento: date, taxas: Mapping[date, Decimal]) -> Estimativa:
    multa = multa_de_mora(principal, vencimento, pagamento)
    juros = juros_de_mora(principal, vencimento, pagamento, taxas)
    if isinstance(juros, Recusa):
        faltam = tuple(mes for mes in _entre(vencimento, pagamento) if mes not in taxas)
        return Estimativa(principal, multa, None, faltam)
    return Estimativa(principal, multa, juros)


def _entre(vencimento: date, pagamento: date) -> list[date]:
    """The months after that of the due date and before that of the payment."""
    meses, mes = [], somar_meses(vencimento.replace(day=1), 1)
    while mes < pagamento.replace(day=1):
        meses.append(mes)
        mes = somar_meses(mes, 1)
    return meses
