"""The guias of the month: list, PDFs, ZIP, second copies and statements."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from arquivo.services import zip_de
from comum.listas import Filtro, Lista, selecionados
from comum.permissoes import opera, usuario_de
from credentials.models import Vinculo
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa
from guias.models import Guia, GuiaQuerySet
from guias.services import consultas, prevoo
from guias.services.filtros import filtros_de_situacao
from guias.services.prevoo import Acao
from guias.views.acoes import confirmar, desenhar_prevoo
from guias.views.base import contexto_fiscal, nova_intencao, perguntar
from operacoes import custos
from operacoes.models import Classe


def _lista(request: HttpRequest, params: QueryDict) -> Lista[GuiaQuerySet]:
    usuario = usuario_de(request)
    contexto, competencia = contexto_fiscal(request)
    base = Guia.objects.visiveis(usuario).select_related("empresa", "apuracao")
    if params.get("periodo") != "todos":
        base = base.filter(competencia=competencia)
    if contexto.empresa is not None:
        base = base.filter(empresa=contexto.empresa.matriz_id or contexto.empresa.pk)
    hoje = timezone.localdate()
    return Lista(
        params=params,
        base=base,
        ordens={
            "empresa": ["empresa__ordem"],
            "codigo": ["empresa__codigo_ordem"],
            "vencimento": ["limite"],
            "total": ["total"],
            "emissao": ["emitida_em"],
        },
        ordem_padrao="empresa",
        procurar=lambda consulta, texto: (
            consulta.filter(empresa__in=Empresa.objects.procurar(texto)) | consulta.filter(numero__contains=texto)
        ),
        filtros=[
            Filtro(
                "prazo",
                "Prazo",
                lambda consulta, valor: (
                    consulta.filter(limite__lt=hoje) if valor == "vencidas" else consulta.filter(limite__gte=hoje)
                ),
                [("vencidas", "Vencidas"), ("no_prazo", "No prazo")],
            ),
            *filtros_de_situacao(hoje),
            filtro_de_carteira(usuario, "empresa__carteira"),
        ],
        fixos=["periodo"],
    )


@require_GET
def lista_de_guias(request: HttpRequest) -> HttpResponse:
    _, competencia = contexto_fiscal(request)
    lista = _lista(request, request.GET)
    guias = _com_custo_do_extrato(list(lista.pagina))
    soma = lista.consulta.vigentes().aggregate(
        n=Count("pk"), total=Sum("total"), multa=Sum("multa"), juros=Sum("juros")
    )
    return render(
        request,
        "guias/guia_list.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "guias": guias,
            "competencia": competencia,
            "soma": soma,
            "hoje": timezone.localdate(),
            "todos_os_periodos": request.GET.get("periodo") == "todos",
            "intencao": nova_intencao(),
        },
    )


def _com_custo_do_extrato(guias: list[Any]) -> list[Any]:
    """What asking for each statement would cost, in reais; None where the empresa is in no credencial."""
    acessos = {
        vinculo.empresa_id: vinculo.credencial.acesso
        for vinculo in Vinculo.objects.filter(empresa__in={g.empresa_id for g in guias}).select_related("credencial")
    }
    previsao = custos.Previsao(set(acessos.values()))
    precos = {acesso: previsao.custo(Classe.CONSULTA, 1, acesso) for acesso in set(acessos.values())}
    for guia in guias:
        guia.custo_extrato = precos.get(acessos.get(guia.empresa_id, ""))
    return guias


def _marcadas(request: HttpRequest, dados: QueryDict) -> GuiaQuerySet:
    visiveis = Guia.objects.visiveis(usuario_de(request))
    return selecionados(dados, visiveis, lambda params: _lista(request, params))


@require_POST
def zip_das_guias(request: HttpRequest) -> HttpResponseBase:
    """The PDFs of the marked guias, one folder per empresa."""
    _, competencia = contexto_fiscal(request)
    guias = _marcadas(request, request.POST).select_related("documento__empresa").order_by("empresa__ordem", "pk")
    documentos = [guia.documento for guia in guias if guia.documento is not None]
    if not documentos:
        messages.error(request, "Nenhuma guia marcada. Marque as guias e baixe de novo.")
        return redirect("guias:lista")
    return zip_de(documentos, f"guias-{competencia:%Y-%m}.zip", pasta_por_empresa=True)


@require_POST
@opera
def segunda_via(request: HttpRequest) -> HttpResponse:
    """Draw another copy of the DAS of the marked guias; after the due date, consolidated for payment today."""
    guias = _marcadas(request, request.POST)
    competencias = set(guias.order_by().values_list("competencia", flat=True).distinct())
    if len(competencias) != 1:
        messages.error(
            request,
            "Marque guias de uma só competência para pedir a 2ª via."
            if competencias
            else "Nenhuma guia marcada. Marque as guias e peça de novo.",
        )
        return redirect("guias:lista")
    competencia: date = competencias.pop()
    empresas = Empresa.objects.visiveis(usuario_de(request)).filter(pk__in=guias.order_by().values("empresa"))
    empresas = empresas.order_by("ordem", "pk")
    if "marca" in request.POST:
        return confirmar(request, Acao.EMITIR_DAS, empresas, competencia, via_nova=True)
    return desenhar_prevoo(request, prevoo.prevoo(Acao.EMITIR_DAS, empresas, competencia, via_nova=True))


@require_POST
@opera
def extrato(request: HttpRequest, pk: int) -> HttpResponse:
    guia = get_object_or_404(Guia.objects.visiveis(usuario_de(request)).select_related("empresa"), pk=pk)
    return perguntar(request, consultas.buscar_extrato, guia, "guias:lista")
