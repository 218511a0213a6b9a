"""Searching for payments: the free question first, then the paid one; what the Receita told so far."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from comum.formatos import format_data
from comum.listas import campos_da_selecao
from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio
from empresas.models import Empresa
from empresas.models.cadastro import EmpresaQuerySet
from guias.forms.pagamentos import BuscaForm
from guias.models import Arrecadacao, Guia
from guias.providers.eventos import Evento
from guias.services import buscas, rotina
from guias.services.buscas import BUSCAR, COM_NOVIDADE
from guias.views import base
from guias.views.acoes import pedir
from guias.views.base import contexto_fiscal, empresas_citadas
from guias.views.guias import guias_marcadas

MAXIMO_NA_TELA = 200


@require_http_methods(["GET", "POST"])
@opera
def buscar(request: HttpRequest) -> HttpResponse:
    """The empresas of the marked guias (with none, of all with a guia to pay in the competência; or `empresas`, their
    keys), the interval, and of which there is news; then the pré-voo."""
    empresas = _empresas(request)
    _, competencia = contexto_fiscal(request)
    if "desde" not in request.POST:
        inicial = {
            "desde": format_data(competencia),
            "ate": format_data(timezone.localdate()),
            "quais": COM_NOVIDADE,
            "acao": BUSCAR,
        }
        return _desenhar(request, empresas, BuscaForm(initial=inicial))
    form = BuscaForm(request.POST)
    if not form.is_valid():
        return _desenhar(request, empresas, form, status=422)
    parametros = form.parametros
    if escolhidas := request.POST.get("empresas", ""):
        parametros["empresas"] = escolhidas
    acao = parametros["acao"]
    return pedir(request, acao, empresas, competencia, parametros=parametros, voltar=reverse("guias:pagamentos"))


def _empresas(request: HttpRequest) -> EmpresaQuerySet:
    usuario = usuario_de(request)
    visiveis = Empresa.objects.visiveis(usuario)
    if pedidas := empresas_citadas(request.POST):
        return visiveis.filter(pk__in=pedidas).order_by("ordem", "pk")
    if "ids" in request.POST or request.POST.get("todos") == "1":
        guias = guias_marcadas(request)
    else:
        contexto, competencia = contexto_fiscal(request)
        guias = Guia.objects.visiveis(usuario).filter(competencia=competencia).por_pagar()
        if contexto.empresa is not None:
            guias = guias.filter(empresa=contexto.empresa.matriz_id or contexto.empresa.pk)
    return visiveis.filter(pk__in=guias.order_by().values("empresa")).order_by("ordem", "pk")


@require_POST
@opera
def perguntar_novidades(request: HttpRequest) -> HttpResponse:
    """The free question, of the same empresas."""
    return base.perguntar_novidades(request, _empresas(request), Evento.PAGAMENTOS, reverse("guias:pagamentos"))


def _linhas(empresas: list[Empresa], desde: date) -> list[dict[str, Any]]:
    """Each empresa, and why a search would be in vain; those that have something first."""
    hoje = timezone.localdate()
    vistas = buscas.situacoes([empresa.pk for empresa in empresas])
    linhas = [
        {
            "empresa": empresa,
            "vista": vistas[empresa.pk],
            "ultima": vistas[empresa.pk].ultima(desde),
            "motivo": vistas[empresa.pk].motivo(desde, hoje),
        }
        for empresa in empresas
    ]
    return sorted(linhas, key=lambda linha: bool(linha["motivo"]))


def _desenhar(request: HttpRequest, empresas: EmpresaQuerySet, form: BuscaForm, *, status: int = 200) -> HttpResponse:
    _, competencia = contexto_fiscal(request)
    todas = list(empresas)
    linhas = _linhas(todas, competencia)
    voltar, administra = lista_de_onde_veio(request, reverse("guias:lista")), usuario_de(request).administra
    return render(
        request,
        "guias/pagamentos.html",
        {
            "form": form,
            "competencia": competencia,
            "linhas": linhas[:MAXIMO_NA_TELA],
            "a_mais": max(0, len(linhas) - MAXIMO_NA_TELA),
            "quantas": len(linhas),
            "de_todas": buscas.custo_de_todas(todas),
            "com_novidade": sum(not linha["motivo"] for linha in linhas),
            "perguntadas": sum(linha["vista"].novidade is not None for linha in linhas),
            "ultimos": Arrecadacao.objects.filter(empresa__in=todas)
            .select_related("empresa", "guia")
            .order_by("-dia", "-pk")[:50],
            "selecao": [*campos_da_selecao(request.POST), ("empresas", request.POST.get("empresas", ""))],
            "rotina": rotina.em_vigor(),
            "ultima_da_rotina": rotina.ultima() if administra else None,
            "esperam": rotina.esperam() if administra else 0,
            "voltar": voltar,
        },
        status=status,
    )
