"""Filters of the engine's own screens."""

import json
from typing import Any

from django import template

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
def json_legivel(valor: Any) -> str:
    return json.dumps(valor, ensure_ascii=False, indent=2)


@register.filter
def chamadas(tentativa: Tentativa) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(sent, received) of each call of a try."""
    enviadas = tentativa.enviado.get("chamadas", [])
    recebidas = tentativa.recebido.get("chamadas", [])
    return list(zip(enviadas, recebidas, strict=False))
