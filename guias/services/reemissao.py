"""Drawing again what was not paid in time: which guias can be, and what it would come to on a day of payment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guias.calculo.acrescimos import Acrescimos, estimar
from guias.models import Guia


@dataclass(frozen=True)
class Previsao:
    """One guia: why it is not drawn again here (empty: it is), or what it may come to. Amounts in reais; `total` None
    where the interest is not known before the Receita computes it."""

    guia: Guia
    motivo: str = ""
    acrescimos: Acrescimos | None = None

    @property
    def total(self) -> Decimal | None:
        if self.acrescimos is None or self.acrescimos.juros is None:
            return None
        return self.guia.principal + self.acrescimos.multa + self.acrescimos.juros


def prever(guias: Iterable[Guia], pagamento: date) -> list[Previsao]:
    """In the order given; each guia with its empresa."""
    return [_de(guia, pagamento) for guia in guias]


def _de(guia: Guia, pagamento: date) -> Previsao:
    if guia.paga_em is not None:
        return Previsao(guia, f"Paga em {guia.paga_em:%d/%m/%Y}.")
    if guia.tipo != Guia.Tipo.DAS:
        return Previsao(guia, f"{guia.get_tipo_display()}: emita de novo pela página da guia.")
    return Previsao(guia, acrescimos=estimar(guia.principal, guia.vencimento, pagamento))
