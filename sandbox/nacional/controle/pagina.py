"""The human page of the national system: each note once, what was refused, what can be set. Plain POSTs with CSRF."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from sandbox.controle import acoes as acoes_gerais
from sandbox.controle.acoes import PedidoInvalido
from sandbox.nacional import formas
from sandbox.nacional.catalogo import SERVICO
from sandbox.nacional.controle import acoes
from sandbox.nacional.eventos.catalogo import TIPOS
from sandbox.nacional.eventos.oficio import CODIGOS
from sandbox.nacional.models import Inscrito, Recusada
from sandbox.nacional.opcoes import Opcoes
from sandbox.nacional.tomadores_teste import TOMADORES_DE_TESTE
from sandbox.nucleo import adiados, ajustes

_POR_PAGINA = 50
_ULTIMAS = 50


@require_GET
def inicio(request: HttpRequest) -> HttpResponse:
    lidos = ajustes.ler()
    adiados.pousar(lidos.agora())
    busca = request.GET.get("emitente", "").strip()
    notas, recusadas = acoes.notas(), Recusada.objects.order_by("-id")
    if busca:
        notas, recusadas = notas.filter(emitente=busca), recusadas.filter(autor=busca)
    contexto = {
        "pagina": Paginator(notas, _POR_PAGINA).get_page(request.GET.get("pagina")),
        "campos": [("emitente", busca)],
        "recusadas": recusadas[:_ULTIMAS],
        "inscritos": Inscrito.objects.order_by("documento")[:_POR_PAGINA],
        "formas": formas.TODAS,
        "tomadores": TOMADORES_DE_TESTE,
        "oficios": [TIPOS[codigo] for codigo in CODIGOS],
        "opcoes": json.dumps(dict(Opcoes(lidos)), ensure_ascii=False, indent=1),
    }
    return render(request, "controle/nacional.html", contexto)


def _voltar(request: HttpRequest, fazer: Callable[[], str]) -> HttpResponseRedirect:
    """Run an action and go back with what it says happened."""
    try:
        messages.success(request, fazer())
    except PedidoInvalido as erro:
        messages.error(request, str(erro))
    return redirect("nacional")


def _campos(request: HttpRequest, *nomes: str) -> dict[str, Any]:
    lidos = {nome: request.POST.get(nome, "").strip() for nome in nomes}
    return {nome: valor for nome, valor in lidos.items() if valor}


@require_POST
def inscrever(request: HttpRequest) -> HttpResponseRedirect:
    def fazer() -> str:
        item = _campos(request, "documento", "nome", "municipio", "im", "simples")
        return f"{acoes.inscrever({'contribuintes': [item]})[0].documento} inscrito no cadastro nacional."

    return _voltar(request, fazer)


@require_POST
def registrar_evento(request: HttpRequest) -> HttpResponseRedirect:
    def fazer() -> str:
        evento = acoes.registrar_evento(_campos(request, "chave", "codigo", "bloqueia"))
        return f"{TIPOS[evento.codigo].descricao}: registrado."

    return _voltar(request, fazer)


@require_POST
def emitir_no_portal(request: HttpRequest) -> HttpResponseRedirect:
    def fazer() -> str:
        (nota,) = acoes.emitir_no_portal(_campos(request, "emitente", "tomador", "valor"))
        return f"NFS-e {nota.numero} emitida no portal: chave {nota.chave}."

    return _voltar(request, fazer)


@require_POST
def ajustar(request: HttpRequest) -> HttpResponseRedirect:
    def fazer() -> str:
        try:
            lidas = json.loads(request.POST.get("opcoes", ""))
        except ValueError:
            raise PedidoInvalido("As opções devem ser JSON.") from None
        if not isinstance(lidas, dict):
            raise PedidoInvalido("As opções são um objeto JSON.")
        acoes_gerais.ajustar({f"{SERVICO}.{nome}": valor for nome, valor in lidas.items()})
        return "Opções alteradas."

    return _voltar(request, fazer)


urlpatterns = [
    path("", inicio, name="nacional"),
    path("contribuintes/", inscrever, name="nacional_inscrever"),
    path("eventos/", registrar_evento, name="nacional_evento"),
    path("portal/", emitir_no_portal, name="nacional_portal"),
    path("opcoes/", ajustar, name="nacional_opcoes"),
]
