"""Drawing again what was not paid in time: which guias can be, and what it would come to on a day of payment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guias.models import Guia
from guias.services.acrescimos import Estimativa, estimar, selic


@dataclass(frozen=True)
class Previsao:
    """One guia: why it is not drawn again here (empty: it is), or what it may come to. Amounts in reais; `total` None
    where the interest is not known before the Receita computes it."""

    guia: Guia
    motivo: str = ""
    acrescimos: Estimativa | None = None

    @property
    def total(self) -> Decimal | None:
        return self.acrescimos.total if self.acrescimos else None


def prever(guias: Iterable[Guia], pagamento: date) -> list[Previsao]:
    """In the order given; each guia with its empresa."""
    taxas = selic()
    return [_de(guia, pagamento, taxas) for guia in guias]


def _de(guia: Guia, pagamento: date, taxas: Mapping[date, Decimal]) -> Previsao:
    if guia.paga_em is not None:
        return Previsao(guia, f"Paga em {guia.paga_em:%d/%m/%Y}.")
    if guia.tipo != Guia.Tipo.DAS:
        return Previsao(guia, f"{guia.get_tipo_display()}: emita de novo pela página da guia.")
    return Previsao(guia, acrescimos=estimar(guia.principal, guia.vencimento, pagamento, taxas))
