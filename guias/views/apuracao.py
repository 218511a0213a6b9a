"""The month's apurações: the list, the pré-voo of each action, checking and approving, and the page of one."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_GET, require_POST

from arquivo.models import Documento
from comum.formatos import format_competencia
from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio
from credentials.models import Servico
from guias.calculo.tributos import POR_CODIGO
from guias.models import Apuracao, Procuracao, Receita
from guias.services import aprovacao, consultas, quadro
from guias.services.acesso import Fora, acesso_de_uma
from guias.services.das import prazo_das
from guias.services.linhas import linhas_de
from guias.services.receitas import retificar as abrir_retificacao
from guias.views.base import contexto_fiscal, lista_do_quadro, nova_intencao, perguntar
from operacoes import custos
from operacoes.handlers import handler_de
from operacoes.models import Classe, Operacao


@require_GET
def lista_de_apuracoes(request: HttpRequest) -> HttpResponse:
    contexto, competencia = contexto_fiscal(request)
    usuario = usuario_de(request)
    lista = lista_do_quadro(request, request.GET, competencia)
    pagina = list(lista.pagina)
    sem_alcance = {empresa.pk for empresa in pagina} if "alcance" in lista.valores else set[int]()
    linhas = linhas_de(pagina, competencia, opera=usuario.opera, sem_alcance=sem_alcance)
    prazo = prazo_das(competencia)
    # Counts every company of the month: not for a fragment that does not show it.
    totais: Any = SimpleLazyObject(lambda: quadro.totais(usuario, competencia, contexto.empresa))
    mostrada = lista.valores.get("situacao", "")
    return render(
        request,
        "guias/apuracao_list.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "linhas": linhas,
            "totais": totais,
            "a_fazer": SimpleLazyObject(lambda: quadro.ACAO_SEGUINTE.get(mostrada) or totais.a_fazer),
            "competencia": competencia,
            "prazo": prazo,
            "dias": (prazo - timezone.localdate()).days,
        },
    )


# -- one apuração --------------------------------------------------------------------------------------------


def apuracao_visivel(request: HttpRequest, pk: int) -> Apuracao:
    return get_object_or_404(
        Apuracao.objects.visiveis(usuario_de(request)).select_related(
            "empresa", "conferida_por", "preparada_por", "documento_declaracao", "documento_recibo"
        ),
        pk=pk,
    )


@require_GET
def ver(request: HttpRequest, pk: int) -> HttpResponse:
    apuracao = apuracao_visivel(request, pk)
    usuario = usuario_de(request)
    do_mes = quadro.quadro(usuario, apuracao.competencia).filter(pk=apuracao.empresa_id)
    estado = do_mes.values_list("estado", flat=True).first()
    operacoes = list(
        Operacao.objects.visiveis(usuario)
        .filter(empresa=apuracao.empresa_id, competencia=apuracao.competencia)
        .select_related("usuario")
        .order_by("-pk")[:50]
    )
    consulta = next(
        (o for o in operacoes if o.tipo == "guias.pgdasd.consultar" and o.resposta.get("declaracoes") is not None), None
    )
    vinculo = acesso_de_uma(Servico.PGDASD, apuracao.empresa, apuracao.competencia)
    return render(
        request,
        "guias/apuracao_detail.html",
        {
            "apuracao": apuracao,
            "estado": quadro.ESTADOS[estado] if estado else (apuracao.get_situacao_display(), "neutro"),
            "codigo_do_estado": estado,
            "tributos": _lado_a_lado(apuracao),
            "receitas": _receitas(apuracao),
            "operacoes": operacoes,
            "rotulos": [(operacao, handler_de(operacao.tipo).rotulo) for operacao in operacoes],
            "consulta": consulta,
            "guias": apuracao.guias.select_related("documento", "extrato").order_by("-pk"),
            "documentos": Documento.objects.filter(
                empresa=apuracao.empresa_id, competencia=apuracao.competencia
            ).order_by("-criado_em"),
            "prazo": prazo_das(apuracao.competencia),
            "impedimento": vinculo.motivo if isinstance(vinculo, Fora) else "",
            "procuracoes": Procuracao.objects.filter(empresa=apuracao.empresa_id),
            "intencao": nova_intencao(),
            "custo_consulta": _custo_da_consulta(vinculo),
            "voltar": lista_de_onde_veio(request, reverse("guias:apuracao")),
        },
    )


def _custo_da_consulta(vinculo: Any) -> Decimal | None:
    return None if isinstance(vinculo, Fora) else custos.previsto(Classe.CONSULTA, 1, vinculo.credencial.acesso)


def _receitas(apuracao: Apuracao) -> list[Any]:
    return list(
        Receita.objects.filter(
            empresa__in=[apuracao.empresa_id, *apuracao.empresa.filiais.values_list("pk", flat=True)],
            competencia=apuracao.competencia,
        ).select_related("empresa", "municipio_iss")
    )


def _lado_a_lado(apuracao: Apuracao) -> list[dict[str, Any]]:
    colunas = ("calculado", "simulado", "aprovado", "declarado")
    codigos = sorted({codigo for coluna in colunas for codigo in getattr(apuracao, coluna)})
    linhas = []
    for codigo in codigos:
        valores = {coluna: getattr(apuracao, coluna).get(codigo) for coluna in colunas}
        ditos = {Decimal(valor) for coluna, valor in valores.items() if valor is not None}
        linhas.append(
            {
                "nome": POR_CODIGO[codigo].rotulo if codigo in POR_CODIGO else f"Tributo {codigo}",
                "difere": len(ditos) > 1,
                **{coluna: Decimal(valor) if valor is not None else None for coluna, valor in valores.items()},
            }
        )
    return linhas


@require_POST
@opera
def retificar(request: HttpRequest, pk: int) -> HttpResponse:
    apuracao = apuracao_visivel(request, pk)
    if motivo := abrir_retificacao(apuracao, usuario_de(request)):
        messages.error(request, motivo)
    else:
        mes = format_competencia(apuracao.competencia)
        messages.success(request, f"Retificação de {mes} aberta. Corrija as receitas, confira e transmita.")
    return redirect("guias:ver", pk=pk)


@require_POST
@opera
def declarar_retificadora(request: HttpRequest, pk: int) -> HttpResponse:
    """The Receita already has a declaration made elsewhere: the next one from here replaces it."""
    apuracao = apuracao_visivel(request, pk)
    aprovacao.declarar_retificadora(apuracao, usuario_de(request), request.POST.get("retificadora") == "1")
    return redirect("guias:ver", pk=pk)


@require_POST
@opera
def consultar(request: HttpRequest, pk: int) -> HttpResponse:
    apuracao = apuracao_visivel(request, pk)
    return perguntar(request, consultas.consultar_periodo, apuracao, "guias:ver", pk)


@require_POST
@opera
def recibo(request: HttpRequest, pk: int) -> HttpResponse:
    apuracao = apuracao_visivel(request, pk)
    return perguntar(request, consultas.buscar_recibo, apuracao, "guias:ver", pk)
