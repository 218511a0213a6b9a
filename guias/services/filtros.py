"""The filters of the list of guias by what became of each: its payment, its delivery to the client."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from comum.listas import Filtro
from guias.models import Entrega
from operacoes.models import EM_DUVIDA, Situacao

NAO_CONFERE = "nao_confere"  # what came with the PDF is not what the service answered: it is not sent
FALTA, NAO_ENTREGUE, ENVIANDO, ENVIADA, LIDA = "falta", "nao_entregue", "enviando", "enviada", "lida"
ENTREGAS = {
    FALTA: "A entregar",
    NAO_ENTREGUE: "Não entregue",
    ENVIANDO: "Enviando",
    ENVIADA: "Enviada, não lida",
    LIDA: "Lida",
}
_ORDEM = (NAO_ENTREGUE, ENVIANDO, ENVIADA, LIDA)
# An Entrega (with `prefixo`, what leads to it) that was sent to nobody, and why not by now.
_PAROU = (*EM_DUVIDA, Situacao.RECUSADA, Situacao.DESISTIDA)


def da_entrega(estado: str, prefixo: str = "") -> Q:
    """The condition on an Entrega for the states but FALTA; a guia is in the first of them that one of its has."""
    enviada, lida, operacao = f"{prefixo}enviada_em", f"{prefixo}lida_em", f"{prefixo}operacao__situacao"
    parou = Q(**{f"{operacao}__in": _PAROU})
    return {
        NAO_ENTREGUE: Q(**{f"{enviada}__isnull": True}) & parou,
        ENVIANDO: Q(**{f"{enviada}__isnull": True}) & (Q(**{f"{operacao}__isnull": True}) | ~parou),
        ENVIADA: Q(**{f"{enviada}__isnull": False, f"{lida}__isnull": True}),
        LIDA: Q(**{f"{enviada}__isnull": False, f"{lida}__isnull": False}),
    }[estado]


def _por_entrega(consulta: Any, estado: str) -> QuerySet[Any]:
    """Of what there is to pay: the copies drawn again are left out, and so is what was paid without being sent."""
    if estado == NAO_CONFERE:
        return consulta.exclude(problema="")  # type: ignore[no-any-return]
    entregas = Entrega.objects.filter(guia=OuterRef("pk"))
    if estado == FALTA:
        return consulta.por_pagar().filter(~Exists(entregas))  # type: ignore[no-any-return]
    achadas = consulta.vigentes().filter(Exists(entregas.filter(da_entrega(estado))))
    for outro in _ORDEM[: _ORDEM.index(estado)]:
        achadas = achadas.exclude(Exists(entregas.filter(da_entrega(outro))))
    return achadas  # type: ignore[no-any-return]


def filtro_de_entrega() -> Filtro:
    return Filtro("entrega", "Entrega", _por_entrega, [*ENTREGAS.items(), (NAO_CONFERE, "PDF não confere")])
