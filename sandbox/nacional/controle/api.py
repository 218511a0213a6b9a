"""JSON control of the national system, below `/controle/api/nacional/`."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import path

from sandbox.controle import acoes as acoes_gerais
from sandbox.controle.api import api, corpo
from sandbox.nacional.controle import acoes
from sandbox.nacional.models import Inscrito, Nota, Recusada
from sandbox.nucleo import adiados, ajustes

_LIMITE = 100_000


@api("GET", "POST")
def contribuintes(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        return JsonResponse({"contribuintes": len(acoes.inscrever(corpo(request)))})
    return JsonResponse({"contribuintes": list(Inscrito.objects.order_by("documento").values()[:_LIMITE])})


def _nota(nota: Nota) -> dict[str, Any]:
    campos = ("chave", "id_dps", "emitente", "tomador", "serie", "numero_dps", "numero", "competencia", "valor")
    outros = ("liquido", "emissao", "cancelamento", "substitui", "tag")
    return {
        **{campo: getattr(nota, campo) for campo in (*campos, *outros)},
        "eventos": [{"codigo": evento.codigo, "sequencia": evento.sequencia} for evento in nota.eventos.all()],
        "nsus": [
            {"documento": um.documento, "nsu": um.nsu, "evento": um.evento.codigo if um.evento else ""}
            for um in nota.distribuidos.all()
        ],
    }


@api("GET")
def notas(request: HttpRequest) -> JsonResponse:
    """Every note once, oldest first; filters by emitente, tomador, chave, id_dps, cancelamento, tag."""
    adiados.pousar(ajustes.ler().agora())
    filtros = ("emitente", "tomador", "chave", "id_dps", "cancelamento", "tag")
    achadas = acoes_gerais.filtrar(acoes.notas(), request.GET, filtros)
    return JsonResponse({"notas": [_nota(nota) for nota in achadas[:_LIMITE]]})


@api("GET")
def recusadas(request: HttpRequest) -> JsonResponse:
    adiados.pousar(ajustes.ler().agora())
    achadas = acoes_gerais.filtrar(Recusada.objects.all(), request.GET, ("operacao", "identificacao", "autor", "tag"))
    return JsonResponse({"recusadas": list(achadas.values()[:_LIMITE])})


@api("POST")
def eventos(request: HttpRequest) -> JsonResponse:
    evento = acoes.registrar_evento(corpo(request))
    return JsonResponse({"codigo": evento.codigo, "sequencia": evento.sequencia}, status=201)


@api("POST")
def portal(request: HttpRequest) -> JsonResponse:
    emitidas = acoes.emitir_no_portal(corpo(request))
    return JsonResponse({"notas": [{"chave": nota.chave, "numero": nota.numero} for nota in emitidas]}, status=201)


urlpatterns = [
    path("contribuintes", contribuintes),
    path("notas", notas),
    path("recusadas", recusadas),
    path("eventos", eventos),
    path("portal", portal),
]
