"""The list of titles, and what is done to the marked ones."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from comum.formatos import contar
from comum.listas import Lista, a_exportar, campos_da_selecao, enderecos, selecionados
from comum.permissoes import opera, usuario_de
from comum.respostas import exportacao, lista_de_onde_veio, volta
from empresas.contexto import contexto_de
from operacoes.esperas import Estado
from operacoes.processamentos.criacao import ja_pedido
from pagar import lista_titulos
from pagar.forms.lote import do_lote
from pagar.linha_do_titulo import linha_da_lista
from pagar.models import Titulo
from pagar.models.titulos import TituloQuerySet
from pagar.services import implantacao, lote
from pagar.services.chaves import ChaveInvalida
from pagar.services.guias import na_receita
from pagar.services.implantacao import Prevoo
from pagar.services.lote import Separados
from pagar.services.referencias import ACABARAM

ABAS = (
    (Titulo.Situacao.RASCUNHO, "A enviar"),
    (Titulo.Situacao.ENVIANDO, "Enviando"),
    (Titulo.Situacao.RECUSADO, "Recusados"),
    (Titulo.Situacao.ABERTO, "Em aberto"),
    (Titulo.Situacao.BORDERO, "Em borderô"),
    (Titulo.Situacao.LIQUIDADO, "Liquidados"),
    (Titulo.Situacao.CANCELADO, "Cancelados"),
    (Titulo.Situacao.ESTORNADO, "Estornados"),
)


def _lista(request: HttpRequest, params: QueryDict) -> Lista[TituloQuerySet]:
    return lista_titulos.lista_de_titulos(params, usuario_de(request), contexto_de(request))


@require_GET
@never_cache
def lista(request: HttpRequest) -> HttpResponse:
    contexto, usuario = contexto_de(request), usuario_de(request)
    titulos = _lista(request, request.GET)
    quadro = lista_titulos.quadro(titulos.base)
    hoje, do_titulo = timezone.localdate(), enderecos("pagar:titulo")
    pagina = list(titulos.pagina)
    receita = na_receita(pagina)
    dados: dict[str, Any] = {
        "lista": titulos,
        "linhas": [linha_da_lista(titulo, do_titulo, hoje, receita.get(titulo.pk)) for titulo in pagina],
        "soma": lista_titulos.soma_do_filtro(titulos, quadro),
        "com_empresa": contexto.empresa is None,
        "competencia": contexto.competencia,
        "todos_os_periodos": request.GET.get("periodo") == "todos",
        "existem": sum(soma.quantos for soma in quadro.values()),
    }
    if not request.htmx:  # type: ignore[attr-defined]
        dados |= {
            "abas": [(aba.value, rotulo, quadro[aba].quantos) for aba, rotulo in ABAS if aba in quadro],
            "precisam": lista_titulos.quantos_precisam(titulos.base) if quadro else 0,
            "filtros": [(filtro, titulos.valores.get(filtro.nome, "")) for filtro in titulos.filtros],
            "filtro_empresa": lista_titulos.empresa_do_filtro(titulos.valores.get("empresa", ""), usuario),
            "filtro_fornecedor": lista_titulos.fornecedor_do_filtro(titulos.valores.get("fornecedor", "")),
        }
    return render(request, "pagar/titulo_list.html" + ("#tabela" if request.htmx else ""), dados)  # type: ignore[attr-defined]


def _marcados(request: HttpRequest) -> TituloQuerySet:
    visiveis = Titulo.objects.visiveis(usuario_de(request))
    return selecionados(request.POST, visiveis, lambda params: _lista(request, params))


def chaves_marcadas(request: HttpRequest) -> list[int]:
    """The titles (pk) of the selection that a form of the list carries."""
    return list(_marcados(request).order_by("pk").values_list("pk", flat=True))


@require_POST
def exportar(request: HttpRequest) -> HttpResponseBase:
    titulos = a_exportar(request, lambda params: _lista(request, params), _marcados, "vencimento", "pk")
    return exportacao(request, "titulos", lista_titulos.CABECALHO, lista_titulos.linhas_exportadas(titulos))


def _de_volta(request: HttpRequest) -> str:
    return volta(request, lista_de_onde_veio(request, reverse("pagar:titulos")))


# -- in bulk ---------------------------------------------------------------------------------------------------------


@require_POST
@opera
def agir(request: HttpRequest, acao: str) -> HttpResponse:
    """What is done to the marked titles: enviar shows first what goes and what stays."""
    try:
        fazer = _ACOES[acao]
    except KeyError:
        raise Http404 from None
    chaves = chaves_marcadas(request)
    if not chaves:
        if (anterior := _ja_pedido(request)) is not None:
            return redirect(anterior)  # a second click: the filter finds them no more
        messages.error(request, "Nenhum título marcado. Marque os títulos e peça de novo.")
        return redirect(_de_volta(request))
    return fazer(request, chaves)


def _ja_pedido(request: HttpRequest) -> Any:
    return ja_pedido(implantacao.IMPLANTAR, request.POST.get("marca", ""), usuario_de(request))


def _enviar(request: HttpRequest, chaves: list[int]) -> HttpResponse:
    if "marca" not in request.POST:
        return desenhar_prevoo(request, implantacao.prevoo(implantacao.com_tudo(chaves)))
    cabecalho = do_lote(request.POST).corpo()
    try:
        run = implantacao.enviar(chaves, usuario_de(request), marca=request.POST["marca"], cabecalho=cabecalho)
    except implantacao.Mudou as mudou:
        if (anterior := _ja_pedido(request)) is not None:
            return redirect(anterior)
        aviso = "A situação mudou desde que esta tela abriu, e nada foi enviado. Confira de novo antes de confirmar."
        return desenhar_prevoo(request, mudou.prevoo, aviso=aviso, status=422)
    except ChaveInvalida:
        previa = implantacao.prevoo(implantacao.com_tudo(chaves), cabecalho=cabecalho)
        return desenhar_prevoo(request, previa, aviso=ACABARAM, status=422)
    return redirect(run)


@require_GET
@never_cache
@opera
def prevoo(request: HttpRequest) -> HttpResponse:
    """The pré-voo of everything that the list's filters give: where an import leads to."""
    titulos = _lista(request, request.GET)
    if not (titulos.filtros_ativos or titulos.busca):
        return redirect("pagar:titulos")
    chaves = list(titulos.consulta.order_by("pk").values_list("pk", flat=True))
    na_lista = f"{reverse('pagar:titulos')}?{titulos.querystring}"
    if not chaves:
        messages.info(request, "Nenhum título a enviar aqui.")
        return redirect(na_lista)
    selecao = [("todos", "1"), ("filtro", titulos.querystring), ("next", na_lista)]
    return desenhar_prevoo(request, implantacao.prevoo(implantacao.com_tudo(chaves)), selecao=selecao, voltar=na_lista)


def desenhar_prevoo(
    request: HttpRequest,
    previa: Prevoo,
    *,
    aviso: str = "",
    selecao: list[tuple[str, str]] | None = None,
    voltar: str = "",
    status: int = 200,
) -> HttpResponse:
    """`selecao` are the hidden fields that name the titles; without it, those of the form that asked."""
    voltar = voltar or _de_volta(request)
    espera = Estado().aviso_ao_pedir("datasul") if previa.prontos else ""
    return render(
        request,
        "pagar/prevoo.html",
        {
            "previa": previa,
            "lote": do_lote(request.POST if "marca" in request.POST else None),
            "aviso": aviso,
            "esperas": [espera] if espera else [],
            "selecao": selecao or [*campos_da_selecao(request.POST), ("next", voltar)],
            "voltar": voltar,
        },
        status=status,
    )


def _abandonar(request: HttpRequest, chaves: list[int]) -> HttpResponse:
    separados = lote.abandonar(chaves, usuario_de(request))
    if separados.vao:
        feitos = contar(len(separados.vao), "título abandonado", "títulos abandonados")
        messages.success(request, f"{feitos}. Continuam na lista, e a guia ou a nota pode virar outro título.")
    _dizer_fora(request, separados)
    return redirect(_de_volta(request))


def _gravar_barras(request: HttpRequest, chaves: list[int]) -> HttpResponse:
    try:
        run, separados = lote.gravar_barras(chaves, usuario_de(request))
    except ChaveInvalida:
        messages.error(request, ACABARAM)
        return redirect(_de_volta(request))
    if run is not None:
        return redirect(run)
    if (anterior := lote.ja_em_curso(separados)) is not None:
        return redirect(anterior)
    _dizer_fora(request, separados)
    return redirect(_de_volta(request))


def _dizer_fora(request: HttpRequest, separados: Separados) -> None:
    for motivo, itens in separados.motivos:
        quantos = contar(len(itens), "título ficou como estava", "títulos ficaram como estavam")
        messages.warning(request, f"{quantos}. {motivo}")


_ACOES = {"enviar": _enviar, "abandonar": _abandonar, "barras": _gravar_barras}
