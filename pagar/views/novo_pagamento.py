"""*Novo pagamento*: the marked titles into a borderô or a payment batch."""

import hashlib
import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from comum.formatos import contar, format_dinheiro, format_numero
from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio
from pagar.forms.pagamento import (
    MAXIMO_DE_TITULOS,
    EdicaoPagamento,
    ResumoDoPagamento,
    detalhes_de,
    resumo_de,
)
from pagar.models import Pagamento, Titulo
from pagar.services import pagamentos
from pagar.services.atos import PedidoInvalido
from pagar.views.titulos import chaves_marcadas

TEMPLATE = "pagar/pagamento_form.html"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@opera
def novo(request: HttpRequest) -> HttpResponse:
    """Of the titles of ?ids=, of a refused payment (?de=), or those marked in the list; then (`acao`) of those in the
    form."""
    if request.method == "POST" and "acao" in request.POST:
        return _receber(request)
    if request.method == "POST":
        titulos = _com_tudo(request, chaves_marcadas(request))
    elif "de" in request.GET:
        return _corrigir(request, request.GET["de"])
    else:
        titulos = _visiveis(request, request.GET.getlist("ids"))
    return _comecar(request, titulos)


def _com_tudo(request: HttpRequest, pks: list[int]) -> list[Titulo]:
    visiveis = Titulo.objects.visiveis(usuario_de(request))
    tudo = visiveis.filter(pk__in=pks).select_related("conta", "empresa", "fornecedor", "em_curso")
    return list(tudo.order_by("vencimento", "pk"))


def _visiveis(request: HttpRequest, textos: list[str]) -> list[Titulo]:
    """The titles asked for by key: all of them, or a 404."""
    titulos = _com_tudo(request, list(set(_chaves(textos)))[: MAXIMO_DE_TITULOS + 1])
    if len(titulos) != len(set(textos)):
        raise Http404
    return titulos


def _corrigir(request: HttpRequest, texto: str) -> HttpResponse:
    """A refused payment, all of whose titles the user sees, as it was asked."""
    (pk,) = _chaves([texto]) or [0]
    recusado = get_object_or_404(Pagamento.objects.select_related("conta"), pk=pk, situacao=Pagamento.Situacao.RECUSADO)
    ordem = list(recusado.itens.order_by("pk").values_list("titulo", flat=True))
    por_pk = {titulo.pk: titulo for titulo in _com_tudo(request, ordem)}
    if not ordem or len(por_pk) != len(ordem):
        raise Http404
    return _comecar(request, [por_pk[pk] for pk in ordem], recusado)


def _comecar(request: HttpRequest, titulos: list[Titulo], recusado: Pagamento | None = None) -> HttpResponse:
    voltar = recusado.get_absolute_url() if recusado else lista_de_onde_veio(request, reverse("pagar:titulos"))
    if (feito := _ja_feito(request, titulos)) is not None:
        return feito
    motivos = {titulo.pk: pagamentos.por_que_nao_pagar(titulo) for titulo in titulos}
    prontos = [titulo for titulo in titulos if not motivos[titulo.pk]]
    fora = [(titulo, motivos[titulo.pk]) for titulo in titulos if motivos[titulo.pk]]
    falta = _falta_para_comecar(prontos, fora)
    if falta:
        messages.error(request, falta)
        return redirect(voltar)
    return _desenhar(request, EdicaoPagamento(prontos, recusado=recusado), fora=fora, voltar=voltar, recusado=recusado)


def _falta_para_comecar(prontos: list[Titulo], fora: list[tuple[Titulo, str]]) -> str:
    if not prontos:
        return fora[0][1] if fora else "Nenhum título marcado. Marque os títulos e peça de novo."
    if len(prontos) > MAXIMO_DE_TITULOS:
        return f"São {format_numero(len(prontos))} títulos, e cabem {format_numero(MAXIMO_DE_TITULOS)}. Marque menos."
    if len({(titulo.conta_id, titulo.empresa_erp) for titulo in prontos}) > 1:
        return "Os títulos são de empresas diferentes do ERP. Pague cada uma à parte: filtre pela empresa e marque."
    return ""


def _ja_feito(request: HttpRequest, titulos: list[Titulo]) -> HttpResponse | None:
    """The payment that the same click, a moment ago, made of these titles."""
    usuario = usuario_de(request)
    em_curso = {titulo.em_curso for titulo in titulos}
    if len(em_curso) != 1 or (operacao := em_curso.pop()) is None:
        return None
    if operacao.tipo != pagamentos.PAGAR or operacao.usuario_id != usuario.pk:
        return None
    return _ja_enviado(request, reverse("pagar:pagamento", args=[operacao.pedido["pagamento"]]))


def _ja_enviado(request: HttpRequest, destino: str) -> HttpResponse:
    messages.info(request, "Este pagamento já foi enviado ao ERP. O resultado aparece aqui.")
    return _ir(request, destino)


def _ir(request: HttpRequest, destino: str) -> HttpResponse:
    return HttpResponseClientRedirect(destino) if request.htmx else redirect(destino)  # type: ignore[attr-defined]


def _receber(request: HttpRequest) -> HttpResponse:
    titulos = _visiveis(request, request.POST.getlist("titulos"))
    if not titulos or len({(titulo.conta_id, titulo.empresa_erp) for titulo in titulos}) > 1:
        messages.error(request, "Nenhum título no pagamento. Marque os títulos e peça de novo.")
        return _ir(request, reverse("pagar:titulos"))
    if request.POST["acao"] == "tipo":
        edicao = EdicaoPagamento(titulos, dados=request.POST)
        return _desenhar(request, edicao.com_tipo(request.POST), resumo=edicao.resumo(request.POST))
    marca = _marca(request.POST)
    if (feito := pagamentos.ja_pedido(titulos, usuario_de(request), marca)) is not None:
        return _ja_enviado(request, feito.get_absolute_url())
    edicao = EdicaoPagamento(titulos, dados=request.POST)
    resumo, versoes = edicao.resumo(request.POST), edicao.versoes
    edicao.marcar(edicao.problemas())
    if edicao.legivel():
        try:
            pago = pagamentos.pagar(
                titulos, edicao.itens(), edicao.corpo(), usuario_de(request), versoes=versoes, marca=marca
            )
        except PedidoInvalido as recusa:
            edicao.marcar(recusa.problemas)
        else:
            quantos, total = contar(pago.quantidade, "título", "títulos"), format_dinheiro(pago.total)
            messages.success(request, f"{pago} enviado ao ERP: {quantos}, {total}. O resultado aparece aqui.")
            return _ir(request, pago.get_absolute_url())
    return _desenhar(request, edicao, resumo=resumo, status=422)


def _marca(dados: QueryDict) -> str:
    """Of all that was sent, the versions of the titles among it: only the same filling of the form has it again."""
    enviado = sorted((nome, valores) for nome, valores in dados.lists() if nome not in ("csrfmiddlewaretoken", "next"))
    return hashlib.sha256(json.dumps(enviado).encode()).hexdigest()[:24]


def _desenhar(
    request: HttpRequest,
    edicao: EdicaoPagamento,
    *,
    resumo: ResumoDoPagamento | None = None,
    fora: Any = (),
    voltar: str = "",
    recusado: Pagamento | None = None,
    status: int = 200,
) -> HttpResponse:
    contexto = {
        "edicao": edicao,
        "resumo": resumo or edicao.resumo(),
        "fora": fora,
        "recusado": recusado,
        "voltar": voltar or lista_de_onde_veio(request, reverse("pagar:titulos")),
    }
    parte = "#corpo" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, TEMPLATE + parte, contexto, status=status)


@require_POST
@opera
def calcular(request: HttpRequest) -> HttpResponse:
    """The totals, as one types; with `acao` `detalhes-t12`, or one that changes its lines, the details of title 12."""
    acao = request.POST.get("acao", "")
    if acao:
        pk = acao.split("-")[1].removeprefix("t") if "-" in acao else ""
        titulos = _visiveis(request, [pk])
        linha = detalhes_de(titulos[0], request.POST, acao)
        return render(request, "pagar/partials/pagamento_detalhes.html", {"linha": linha})
    chaves = _chaves(request.POST.getlist("titulos")[:MAXIMO_DE_TITULOS])
    return render(request, TEMPLATE + "#resumo", {"resumo": resumo_de(request.POST, chaves)})


def _chaves(textos: list[str]) -> list[int]:
    return [int(texto) for texto in textos if texto.isdecimal() and texto.isascii() and len(texto) < 19]
