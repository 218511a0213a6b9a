"""The human page of the ERP: access, what waits for the bank, titles and movements. Plain POSTs with CSRF."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from sandbox.controle.pagina import voltar
from sandbox.nucleo import adiados, ajustes
from sandbox.totvs.controle import acoes
from sandbox.totvs.fornecedores_teste import FORNECEDORES_DE_TESTE
from sandbox.totvs.models import Bordero, Movimento, Titulo, Usuario

_NA_PAGINA = 50


@require_GET
def inicio(request: HttpRequest) -> HttpResponse:
    adiados.pousar(ajustes.ler().agora())
    contexto = {
        "usuarios": Usuario.objects.order_by("pk")[:_NA_PAGINA],
        "fornecedores": FORNECEDORES_DE_TESTE,
        "borderos": Bordero.objects.prefetch_related("itens").filter(confirmado=False).order_by("pk")[:_NA_PAGINA],
        "titulos": Titulo.objects.order_by("-pk")[:_NA_PAGINA],
        "movimentos": Movimento.objects.select_related("titulo").order_by("-pk")[:_NA_PAGINA],
        "totais": {"titulos": Titulo.objects.count(), "borderos": Bordero.objects.count()},
    }
    return render(request, "controle/totvs.html", contexto)


@require_POST
def confirmar(request: HttpRequest) -> HttpResponseRedirect:
    numero = request.POST.get("id", "")
    pk = int(numero) if numero.isdecimal() else 0
    return voltar(request, "totvs", "O banco confirmou o borderô.", lambda: acoes.confirmar(pk))


urlpatterns = [path("", inicio, name="totvs"), path("confirmar/", confirmar, name="totvs_confirmar")]
