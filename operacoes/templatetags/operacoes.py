"""Filters of the engine's own screens."""

import json
from decimal import Decimal
from typing import Any

from django import template

from comum.formatos import format_numero
from operacoes.custos.precos import format_preco
from operacoes.handlers import Handler
from operacoes.models import Tentativa

register = template.Library()

_TOM = {
    Tentativa.Desfecho.ABERTA: "info",
    Tentativa.Desfecho.CONCLUIDA: "ok",
    Tentativa.Desfecho.ACEITA: "info",
    Tentativa.Desfecho.RECUSADA: "erro",
    Tentativa.Desfecho.SEM_ACESSO: "erro",
    Tentativa.Desfecho.INDISPONIVEL: "atencao",
    Tentativa.Desfecho.INCERTA: "duvida",
    Tentativa.Desfecho.NAO_ACONTECEU: "neutro",
    Tentativa.Desfecho.NAO_SEI: "duvida",
    Tentativa.Desfecho.ABANDONADA: "atencao",
}


@register.filter
def tom_do_desfecho(desfecho: str) -> str:
    return _TOM[Tentativa.Desfecho(desfecho)]


@register.filter
def status_em_palavras(status: int) -> str:
    """An HTTP status for who does not know the protocol."""
    return f"o serviço falhou (código {status})" if status >= 500 else f"resposta com código {status}"


@register.filter
def o_que_se_pediu(tentativa: Tentativa, handler: Handler) -> str:
    """What a try asked of the service, for who does not know its calls."""
    if tentativa.especie == Tentativa.Especie.CONFERENCIA:
        return (
            f"Perguntar ao serviço se já aconteceu. O que provaria: {handler.prova}"
            if handler.prova
            else "Conferir o resultado."
        )
    if tentativa.especie == Tentativa.Especie.ACOMPANHAMENTO:
        return "Perguntar ao serviço se já decidiu sobre o que aceitou."
    return handler.rotulo


@register.filter
def o_que_se_respondeu(tentativa: Tentativa, handler: Handler) -> str:
    """Whether an answer came, and its status in words."""
    if tentativa.desfecho == Tentativa.Desfecho.ABERTA:
        return "ainda não chegou"
    if tentativa.http_status:
        concluida = tentativa.desfecho == Tentativa.Desfecho.CONCLUIDA
        dito = handler.status_ao_concluir.get(tentativa.http_status, "") if concluida else ""
        return f"{dito} (código {tentativa.http_status})" if dito else status_em_palavras(tentativa.http_status)
    if tentativa.enviado or tentativa.desfecho == Tentativa.Desfecho.ABANDONADA:
        return "nenhuma chegou"
    return "nada chegou a ser enviado"


@register.filter
def preco(valor: Decimal) -> str:
    return format_preco(valor)


@register.filter
def segundos(milissegundos: int) -> str:
    return f"{format_numero(Decimal(milissegundos) / 1000, 1)} s"


@register.filter
def json_legivel(valor: Any) -> str:
    return json.dumps(valor, ensure_ascii=False, indent=2)


@register.filter
def chamadas(tentativa: Tentativa) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(sent, received) of each call of a try."""
    enviadas = tentativa.enviado.get("chamadas", [])
    recebidas = tentativa.recebido.get("chamadas", [])
    return list(zip(enviadas, recebidas, strict=False))
