"""Drawing again what was not paid in time: which guias can be, and what it would come to on a day of payment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from guias.models import Guia, GuiaQuerySet, SituacaoGuia
from guias.services import mei
from guias.services.acoes import Acao
from guias.services.acrescimos import Estimativa, estimar, selic
from guias.services.intencoes import meses_em_texto

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
    """The action that draws these again and its parameters; None when they are of more than one kind."""
    todas = list(guias)
    tipos = {guia.tipo for guia in todas}
    if len(tipos) != 1:
        return None
    acao, dia = ACOES[tipos.pop()], pagamento.isoformat()
    quais = {"quais": meses_em_texto((guia.empresa_id, guia.competencia) for guia in todas)}
    if acao == mei.EMISSAO:
        return acao, {"pagamento": dia, "pagar_em": dia} | quais
    if len({guia.competencia for guia in todas}) > 1:
        return Acao.EMITIR_VARIOS_DAS, {"pagamento": dia} | quais
    return acao, {"pagamento": dia}


def por_mes(previsoes: Iterable[Previsao]) -> list[tuple[date, int, Decimal, int]]:
    """(competência, guias, R$ of those whose total is known, of how many it is not), in order."""
    meses: dict[date, list[Previsao]] = defaultdict(list)
    for previsao in previsoes:
        meses[previsao.guia.competencia].append(previsao)
    return [
        (
            mes,
            len(deles),
            sum((previsao.total for previsao in deles if previsao.total is not None), Decimal(0)),
            sum(previsao.total is None for previsao in deles),
        )
        for mes, deles in sorted(meses.items())
    ]


def _de(guia: Guia, pagamento: date, taxas: Mapping[date, Decimal], *, ja_paga: bool) -> Previsao:
    if guia.paga_em is not None:
        return Previsao(guia, f"Paga em {guia.paga_em:%d/%m/%Y}.")
    if guia.situacao == SituacaoGuia.SUBSTITUIDA:  # type: ignore[attr-defined]
        return Previsao(guia, "Outra via desta guia já foi paga." if ja_paga else "Há uma via mais nova desta guia.")
    if guia.tipo not in ACOES:
        return Previsao(guia, f"{guia.nome}: emita de novo pela página da guia.")
    if guia.so_a_soma:  # what it owes without fine and interest is not known
        return Previsao(guia)
    return Previsao(guia, acrescimos=estimar(guia.principal, guia.vencimento, pagamento, taxas))
