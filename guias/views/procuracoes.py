"""Procurações: what each client granted, until when, and asking the Receita again."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from comum.listas import Lista, selecionados
from comum.permissoes import opera, usuario_de
from empresas.models import Empresa
from guias import lista_procuracoes
from guias.services.acoes import Acao
from guias.views.acoes import pedir
from guias.views.base import contexto_fiscal, empresas_citadas


def _lista(request: HttpRequest, params: QueryDict) -> Lista[QuerySet[Any]]:
    contexto, _ = contexto_fiscal(request)
    return lista_procuracoes.lista(params, usuario_de(request), contexto.empresa)


@require_GET
def lista_de_procuracoes(request: HttpRequest) -> HttpResponse:
    lista = _lista(request, request.GET)
    empresas = list(lista.pagina)
    for empresa in empresas:
        empresa.grupos = lista_procuracoes.agrupar(lista_procuracoes.poderes_de(empresa))
        empresa.situacoes = [lista_procuracoes.ESTADOS[estado] for estado in empresa.estados]
    total, estados = lista_procuracoes.contagem(lista.base)
    return render(
        request,
        "guias/procuracao_list.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "empresas": empresas,
            "estados": estados,
            "total": total,
        },
    )


@require_POST
@opera
def consultar(request: HttpRequest) -> HttpResponse:
    """Ask about the marked empresas, or those that another pré-voo names: the pré-voo with its cost, then the run."""
    _, competencia = contexto_fiscal(request)
    visiveis = lista_procuracoes.quadro(usuario_de(request))
    parametros: dict[str, str] = {}
    if citadas := empresas_citadas(request.POST):
        marcadas = visiveis.filter(pk__in=citadas)
        parametros["empresas"] = ",".join(citadas)
    else:
        marcadas = selecionados(request.POST, visiveis, lambda params: _lista(request, params))
    empresas = Empresa.objects.filter(pk__in=marcadas.order_by().values("pk")).order_by("ordem", "pk")
    voltar = reverse("guias:procuracoes")
    return pedir(request, Acao.PROCURACOES, empresas, competencia, parametros=parametros, voltar=voltar)
