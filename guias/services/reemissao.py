"""Drawing again what was not paid in time: which guias can be, and what it would come to on a day of payment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from guias.models import Guia, GuiaQuerySet, SituacaoGuia
from guias.services import mei
from guias.services.acoes import Acao
from guias.services.acrescimos import Estimativa, estimar, selic

# The kinds drawn again from the list of guias, with the day of payment asked for; the others are by their own screens.
ACOES: Mapping[str, str] = {Guia.Tipo.DAS.value: Acao.EMITIR_DAS, Guia.Tipo.DAS_MEI.value: mei.EMISSAO}


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


def prever(guias: GuiaQuerySet, pagamento: date) -> list[Previsao]:
    """In the order given."""
    taxas = selic()
    pagas = set(guias.de_divida_paga().order_by().values_list("pk", flat=True))
    return [_de(guia, pagamento, taxas, ja_paga=guia.pk in pagas) for guia in guias.com_situacao(timezone.localdate())]


def pedido_de(guias: Iterable[Guia], pagamento: date) -> tuple[str, dict[str, str]] | None:
    """The action that draws these again, all of one competência, and its parameters; None when they are of more than
    one kind."""
    tipos = {guia.tipo for guia in guias}
    if len(tipos) != 1:
        return None
    parametros = {"pagamento": pagamento.isoformat()}
    if tipos == {Guia.Tipo.DAS_MEI}:
        parametros |= {"meses": mei.em_texto({guia.competencia for guia in guias}), "pagar_em": pagamento.isoformat()}
    return ACOES[tipos.pop()], parametros


def _de(guia: Guia, pagamento: date, taxas: Mapping[date, Decimal], *, ja_paga: bool) -> Previsao:
    if guia.paga_em is not None:
        return Previsao(guia, f"Paga em {guia.paga_em:%d/%m/%Y}.")
    if guia.situacao == SituacaoGuia.SUBSTITUIDA:  # type: ignore[attr-defined]
        return Previsao(guia, "Outra via desta guia já foi paga." if ja_paga else "Há uma via mais nova desta guia.")
    if guia.tipo not in ACOES:
        return Previsao(guia, f"{guia.nome}: emita de novo pela página da guia.")
    return Previsao(guia, acrescimos=estimar(guia.principal, guia.vencimento, pagamento, taxas))
