"""JSON control of Integra Notas, below `/controle/api/integranotas/`."""

import base64
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import path

from sandbox.controle import acoes as acoes_gerais
from sandbox.controle.api import api, corpo
from sandbox.integranotas import avisos as avisos_do_servico
from sandbox.integranotas.controle import acoes, mensagens
from sandbox.integranotas.controle.recebidas import semear
from sandbox.integranotas.models import Aviso, Conta, Emitente
from sandbox.integranotas.notas import xml
from sandbox.nucleo import adiados, ajustes

_LIMITE = 100_000
_ESPERA = 5.0  # seconds for messages that are on their way


def _conta(conta: Conta) -> dict[str, Any]:
    return {"id": conta.pk, "nome": conta.nome, "ambiente": conta.ambiente, "token": conta.token}


@api("GET", "POST")
def contas(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        return JsonResponse(_conta(acoes.criar_conta(corpo(request))), status=201)
    return JsonResponse({"contas": [_conta(conta) for conta in Conta.objects.order_by("id")]})


def _emitente(emitente: Emitente) -> dict[str, Any]:
    return {
        "id": emitente.pk,
        "conta": emitente.conta_id,
        "ambiente": emitente.ambiente,
        "documento": emitente.documento,
        "token": emitente.token,
        "municipio": emitente.dados.get("cmun"),
        "comportamento": emitente.comportamento,
        "webhook": emitente.webhook,
        "removido": emitente.removido,
    }


@api("GET", "POST")
def emitentes(request: HttpRequest) -> JsonResponse:
    adiados.pousar(ajustes.ler().agora())
    if request.method == "POST":
        return JsonResponse({"emitentes": [_emitente(e) for e in acoes.cadastrar_emitentes(corpo(request))]})
    linhas = acoes_gerais.filtrar(Emitente.objects.all(), request.GET, ("documento", "conta", "ambiente"))
    return JsonResponse({"emitentes": [_emitente(emitente) for emitente in linhas[:_LIMITE]]})


@api("GET")
def notas(request: HttpRequest) -> JsonResponse:
    """Documents that exist, oldest first; `emitente` filters by its CNPJ or CPF."""
    adiados.pousar(ajustes.ler().agora())
    filtros = request.GET.dict()
    linhas = acoes.notas()
    if documento := filtros.pop("emitente", ""):
        linhas = linhas.filter(emitente__documento=documento)
    achadas = acoes_gerais.filtrar(linhas, filtros, ("chave", "serie", "numero", "situacao", "prefeitura", "tag"))
    campos = ("id", "chave", "chave_nacional", "serie", "numero", "situacao", "prefeitura", "numero_nfse")
    outros = ("valor", "criada", "autorizada", "cancelada", "substitui", "tag", "pedido", "emitente__documento")
    return JsonResponse({"notas": list(achadas.values(*campos, *outros)[:_LIMITE])})


@api("POST")
def decidir(request: HttpRequest, chave: str) -> JsonResponse:
    adiados.pousar(ajustes.ler().agora())
    acoes.decidir(chave, corpo(request))
    return JsonResponse({"situacao": "ok"})


@api("POST")
def prefeitura(request: HttpRequest, chave: str) -> JsonResponse:
    """What the town has of the note after the change, with its XML."""
    adiados.pousar(ajustes.ler().agora())
    nota = acoes.mudar_na_prefeitura(chave, corpo(request))
    conteudo = base64.b64encode(xml.na_prefeitura(nota, nota.emitente)).decode()
    return JsonResponse({"chave": nota.chave, "situacao": nota.prefeitura, "xml": conteudo})


@api("POST")
def recebidas(request: HttpRequest) -> JsonResponse:
    criadas = semear(corpo(request))
    return JsonResponse({"recebidas": [{"chave": nota.chave, "numero": nota.numero} for nota in criadas]}, status=201)


@api("GET", "POST")
def avisos(request: HttpRequest) -> JsonResponse:
    """POST sends what is due and waits for what is on its way; both list every message."""
    agora = ajustes.ler().agora()
    adiados.pousar(agora)
    enviados = 0
    if request.method == "POST":
        enviados = avisos_do_servico.entregar(agora)
        avisos_do_servico.esperar(_ESPERA)
    campos = ("id", "emitente__documento", "url", "quando", "situacao", "conteudo", "tentativas", "corpo", "resposta")
    return JsonResponse({"enviados": enviados, "avisos": list(Aviso.objects.order_by("id").values(*campos)[:_LIMITE])})


@api("POST")
def enviar_aviso(request: HttpRequest) -> JsonResponse:
    return JsonResponse(mensagens.enviar(corpo(request)))


urlpatterns = [
    path("contas", contas),
    path("emitentes", emitentes),
    path("notas", notas),
    path("notas/<str:chave>/decidir", decidir),
    path("notas/<str:chave>/prefeitura", prefeitura),
    path("recebidas", recebidas),
    path("avisos", avisos),
    path("avisos/enviar", enviar_aviso),
]
