"""What is done to the marked companies: the pré-voo and its run, the check of the values and their approval."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from comum.formatos import contar
from comum.permissoes import opera, usuario_de
from empresas.models import Empresa
from guias.calculo.tributos import POR_CODIGO
from guias.models import Apuracao
from guias.services import aprovacao, prevoo
from guias.services.acesso import Fora
from guias.services.prevoo import Acao, Prevoo
from guias.views.base import contexto_fiscal, empresas_marcadas
from operacoes.models import Processamento

MAXIMO_NA_CONFERENCIA = 300


@require_POST
@opera
def agir(request: HttpRequest, acao: str) -> HttpResponse:
    """First the pré-voo of the marked companies; with `marca`, the run that was shown."""
    if acao not in list(Acao):
        raise Http404
    escolhida = Acao(acao)
    _, competencia = contexto_fiscal(request)
    empresas = empresas_marcadas(request, competencia)
    das_em_seguida = request.POST.get("emitir_das") == "1" or "marca" not in request.POST
    mudou_o_das = (
        request.POST.get("das_mostrado", "") != ("1" if das_em_seguida else "") and escolhida is Acao.TRANSMITIR
    )
    if "marca" not in request.POST or "rever" in request.POST or mudou_o_das:
        previa = prevoo.prevoo(escolhida, empresas, competencia, das_em_seguida=das_em_seguida)
        aviso = "A emissão do DAS mudou o custo. Confira e confirme." if "marca" in request.POST else ""
        return desenhar_prevoo(request, previa, aviso=aviso)
    return confirmar(request, escolhida, empresas, competencia, das_em_seguida=das_em_seguida)


def confirmar(
    request: HttpRequest,
    acao: Acao,
    empresas: Any,
    competencia: date,
    *,
    das_em_seguida: bool = False,
    via_nova: bool = False,
) -> HttpResponse:
    try:
        processamento = prevoo.processar(
            acao,
            empresas,
            competencia,
            usuario_de(request),
            marca=request.POST["marca"],
            das_em_seguida=das_em_seguida,
            via_nova=via_nova,
        )
    except prevoo.Mudou as mudou:
        # A second click, or the way back: what was asked is already on its way.
        if (anterior := _ja_pedido(request)) is not None:
            return redirect("operacoes:processamento", pk=anterior.pk)
        aviso = "A situação mudou desde que esta tela abriu, e nada foi enviado. Confira de novo antes de confirmar."
        return desenhar_prevoo(request, mudou.prevoo, aviso=aviso, status=422)
    return redirect("operacoes:processamento", pk=processamento.pk)


def _ja_pedido(request: HttpRequest) -> Processamento | None:
    """The run that this same confirmation already started."""
    return Processamento.objects.filter(usuario=usuario_de(request), parametros__marca=request.POST["marca"]).first()


def desenhar_prevoo(request: HttpRequest, previa: Prevoo, *, aviso: str = "", status: int = 200) -> HttpResponse:
    return render(
        request,
        "guias/prevoo.html",
        {
            "previa": previa,
            "competencia": previa.competencia,
            "aviso": aviso,
            "selecao": _selecao(request),
            "pode_emitir_das": previa.acao is Acao.TRANSMITIR,
            "custos": [(classe.label, valor) for classe, valor in previa.custos.items()],
            "voltar": reverse("guias:apuracao"),
        },
        status=status,
    )


def _selecao(request: HttpRequest) -> list[tuple[str, str]]:
    """The marks of the list, carried on to the next step."""
    if request.POST.get("todos") == "1":
        return [("todos", "1"), ("filtro", request.POST.get("filtro", ""))]
    return [("ids", valor) for valor in request.POST.getlist("ids")]


@dataclass
class Comparacao:
    """One apuração to check: its tributes side by side."""

    empresa: Empresa
    apuracao: Apuracao
    tributos: list[tuple[str, Decimal | None, Decimal | None, bool]]
    difere: bool
    motivo: str  # why it cannot be approved (pt-BR), empty when it can


def comparar(apuracao: Apuracao) -> list[tuple[str, Decimal | None, Decimal | None, bool]]:
    """(tribute, ours, SERPRO's, differ), in reais; None where there is no figure."""
    linhas = []
    for codigo in sorted({*apuracao.calculado, *apuracao.simulado}):
        nosso = Decimal(apuracao.calculado.get(codigo, "0.00")) if apuracao.total_calculado is not None else None
        dele = Decimal(apuracao.simulado.get(codigo, "0.00")) if apuracao.total_simulado is not None else None
        nome = POR_CODIGO[codigo].rotulo if codigo in POR_CODIGO else f"Tributo {codigo}"
        linhas.append((nome, nosso, dele, nosso is not None and dele is not None and nosso != dele))
    return linhas


@require_POST
@opera
def conferir(request: HttpRequest) -> HttpResponse:
    """Ours against SERPRO's for the marked companies; the differing ones first."""
    _, competencia = contexto_fiscal(request)
    return _desenhar_conferencia(request, competencia)


def _desenhar_conferencia(
    request: HttpRequest, competencia: date, *, aviso: str = "", status: int = 200
) -> HttpResponse:
    usuario = usuario_de(request)
    empresas = {empresa.pk: empresa for empresa in empresas_marcadas(request, competencia)}
    apuracoes = {a.empresa_id: a for a in Apuracao.objects.filter(empresa__in=empresas, competencia=competencia)}
    itens, fora = [], []
    for pk, empresa in empresas.items():
        apuracao = apuracoes.get(pk)
        motivo = aprovacao.motivo_de_nao_aprovar(apuracao, usuario, conferida=True)
        if apuracao is None or motivo is not None:
            fora.append(Fora(empresa, *(motivo or ("sem_receita", "Sem receita."))))
            continue
        itens.append(Comparacao(empresa, apuracao, comparar(apuracao), aprovacao.difere(apuracao), ""))
    diferentes = [item for item in itens if item.difere]
    iguais = [item for item in itens if not item.difere]
    return render(
        request,
        "guias/conferir.html",
        {
            "competencia": competencia,
            "diferentes": diferentes[:MAXIMO_NA_CONFERENCIA],
            "quantas_diferentes": len(diferentes),
            "diferentes_a_mais": len(diferentes) - MAXIMO_NA_CONFERENCIA,
            "iguais": iguais[:MAXIMO_NA_CONFERENCIA],
            "quantas_iguais": len(iguais),
            "so_nossas": sum(1 for item in iguais if item.apuracao.total_simulado is None),
            "total": sum(
                (
                    item.apuracao.total_simulado
                    if item.apuracao.total_simulado is not None
                    else item.apuracao.total_calculado or Decimal(0)
                    for item in iguais
                ),
                Decimal(0),
            ),
            "grupos": Prevoo(Acao.SIMULAR, competencia, fora=fora).grupos,
            "fora": fora,
            "selecao": _selecao(request),
            "segunda_pessoa": settings.APURACAO_SEGUNDA_PESSOA,
            "marca": aprovacao.marca_dos_valores(apuracoes.values()),
            "aviso": aviso,
        },
        status=status,
    )


@require_POST
@opera
def aprovar(request: HttpRequest) -> HttpResponse:
    _, competencia = contexto_fiscal(request)
    diferentes = {int(v) for v in request.POST.getlist("diferente") if v.isdecimal() and len(v) < 19}
    try:
        feito = aprovacao.aprovar(
            empresas_marcadas(request, competencia),
            competencia,
            usuario_de(request),
            diferentes=diferentes,
            marca=request.POST.get("marca", ""),
        )
    except aprovacao.ValoresMudaram:
        aviso = "Os valores mudaram desde que esta tela abriu, e nada foi aprovado. Confira de novo antes de aprovar."
        return _desenhar_conferencia(request, competencia, aviso=aviso, status=422)
    if feito.aprovadas:
        quantas = contar(feito.aprovadas, "apuração aprovada", "apurações aprovadas")
        messages.success(request, f"{quantas}. Agora transmita.")
    sobraram = [item for item in feito.fora if item.codigo not in ("aprovada", "transmitida")]
    if sobraram:
        quantas = contar(len(sobraram), "apuração não aprovada", "apurações não aprovadas")
        messages.warning(request, f"{quantas}. {sobraram[0].empresa}: {sobraram[0].motivo}")
    elif not feito.aprovadas:
        messages.info(request, "Nada a aprovar: as apurações marcadas já estavam aprovadas ou transmitidas.")
    return redirect(reverse("guias:apuracao") + ("?situacao=conferida" if feito.aprovadas else ""))
