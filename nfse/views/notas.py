"""The list of notas, and what is done to the marked ones."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from arquivo.models import Documento
from arquivo.services import demais_para_zip, zip_de
from comum.formatos import contar
from comum.listas import Lista, a_exportar, campos_da_selecao, enderecos, selecionados
from comum.permissoes import opera, usuario_de
from comum.respostas import exportacao, lista_de_onde_veio
from empresas.contexto import contexto_de
from nfse import lista_notas
from nfse.linha_da_lista import linha_da_lista
from nfse.models import Nota
from nfse.models.notas import NotaQuerySet
from nfse.services import emissao, lote, parametros
from nfse.services.acoes import AVISO_ANALISE, PedidoInvalido
from nfse.services.emissao import Prevoo
from nfse.services.lote import Separadas
from operacoes.esperas import Estado
from operacoes.handlers import handler_de
from operacoes.processamentos.criacao import ja_pedido

ABAS = (
    (Nota.Situacao.RASCUNHO, "Rascunhos"),
    (Nota.Situacao.EMITINDO, "Emitindo"),
    (Nota.Situacao.RECUSADA, "Recusadas"),
    (Nota.Situacao.AUTORIZADA, "Autorizadas"),
    (Nota.Situacao.CANCELANDO, "Cancelamento solicitado"),
    (Nota.Situacao.CANCELADA, "Canceladas"),
    (Nota.Situacao.SUBSTITUIDA, "Substituídas"),
)


def _lista(request: HttpRequest, params: QueryDict) -> Lista[NotaQuerySet]:
    return lista_notas.lista_de_notas(params, usuario_de(request), contexto_de(request))


@require_GET
@never_cache
def lista(request: HttpRequest) -> HttpResponse:
    contexto, usuario = contexto_de(request), usuario_de(request)
    notas = _lista(request, request.GET)
    quadro = lista_notas.quadro(notas.base)
    da_nota, do_documento = enderecos("nfse:nota"), enderecos("arquivo:documento", como=UUID(int=0))
    dados: dict[str, Any] = {
        "lista": notas,
        "linhas": [linha_da_lista(nota, da_nota, do_documento) for nota in notas.pagina],
        "soma": lista_notas.soma_do_filtro(notas, quadro),
        "com_empresa": contexto.empresa is None,
        "competencia": contexto.competencia,
        "todos_os_periodos": request.GET.get("periodo") == "todos",
        "existem": sum(soma.quantas for soma in quadro.values()),
    }
    if not request.htmx:  # type: ignore[attr-defined]
        dados |= {
            "abas": [(aba.value, rotulo, quadro[aba].quantas) for aba, rotulo in ABAS if aba in quadro],
            "precisam": notas.base.filter(lista_notas.precisam_de_pessoa()).count() if quadro else 0,
            "filtros": [(filtro, notas.valores.get(filtro.nome, "")) for filtro in notas.filtros],
            "filtro_empresa": lista_notas.empresa_do_filtro(notas.valores.get("empresa", ""), usuario),
        }
    return render(request, "nfse/nota_list.html" + ("#tabela" if request.htmx else ""), dados)  # type: ignore[attr-defined]


def _marcadas(request: HttpRequest) -> NotaQuerySet:
    visiveis = Nota.objects.visiveis(usuario_de(request))
    return selecionados(request.POST, visiveis, lambda params: _lista(request, params))


def chaves_marcadas(request: HttpRequest) -> list[int]:
    return list(_marcadas(request).order_by("pk").values_list("pk", flat=True))


@require_POST
def exportar(request: HttpRequest) -> HttpResponseBase:
    notas = a_exportar(request, lambda params: _lista(request, params), _marcadas, "competencia", "emissao", "pk")
    return exportacao(request, "notas", lista_notas.CABECALHO, lista_notas.linhas_exportadas(notas))


@require_POST
def baixar_zip(request: HttpRequest) -> HttpResponseBase:
    """XML and PDF of the marked notas, those of their cancellations too, one folder for each empresa."""
    notas = _marcadas(request)
    referencias = {valor for par in notas.order_by().values_list("chave", "numero_nfse") for valor in par if valor}
    proprios = {pk for par in notas.order_by().values_list("xml", "pdf") for pk in par if pk}
    tipos = (Documento.Tipo.CANCELAMENTO_XML, Documento.Tipo.CANCELAMENTO_PDF)
    visiveis = Documento.objects.visiveis(usuario_de(request)).select_related("empresa")
    cancelamentos = visiveis.filter(
        tipo__in=tipos, referencia__in=referencias, empresa__in=notas.order_by().values("empresa")
    )
    documentos = visiveis.filter(pk__in=proprios) | cancelamentos
    quantos = documentos.count()
    impede = demais_para_zip(quantos) if quantos else "Nenhum XML ou PDF guardado entre as notas marcadas."
    if impede:
        messages.error(request, impede)
        return redirect(_de_volta(request))
    return zip_de(documentos.order_by("empresa__ordem", "competencia", "nome"), "notas.zip", pasta_por_empresa=True)


def _de_volta(request: HttpRequest) -> str:
    return lista_de_onde_veio(request, reverse("nfse:notas"))


# -- in bulk ---------------------------------------------------------------------------------------------------------


@require_POST
@opera
def agir(request: HttpRequest, acao: str) -> HttpResponse:
    """What is done to the marked notas: emitir and cancelar show first what goes and what stays."""
    try:
        fazer = _ACOES[acao]
    except KeyError:
        raise Http404 from None
    chaves = chaves_marcadas(request)
    if not chaves:
        if (anterior := ja_pedido(f"nfse.{acao}", request.POST.get("marca", ""), usuario_de(request))) is not None:
            return redirect(anterior)  # a second click: the filter finds them no more
        messages.error(request, "Nenhuma nota marcada. Marque as notas e peça de novo.")
        return redirect(_de_volta(request))
    return fazer(request, chaves)


def _emitir(request: HttpRequest, chaves: list[int]) -> HttpResponse:
    if "marca" not in request.POST:
        return desenhar_prevoo(request, prevoo_em_dia(chaves))
    try:
        run = emissao.emitir(chaves, usuario_de(request), marca=request.POST["marca"])
    except emissao.Mudou as mudou:
        anterior = ja_pedido("nfse.emitir", request.POST["marca"], usuario_de(request))
        if anterior is not None:
            return redirect(anterior)
        aviso = "A situação mudou desde que esta tela abriu, e nada foi enviado. Confira de novo antes de confirmar."
        return desenhar_prevoo(request, mudou.prevoo, aviso=aviso, status=422)
    return redirect(run)


@require_GET
@never_cache
@opera
def prevoo(request: HttpRequest) -> HttpResponse:
    """The pré-voo of everything that the list's filters give: where an import and the contratos lead to."""
    notas = _lista(request, request.GET)
    if not (notas.filtros_ativos or notas.busca):
        return redirect("nfse:notas")
    chaves = list(notas.consulta.order_by("pk").values_list("pk", flat=True))
    na_lista = f"{reverse('nfse:notas')}?{notas.querystring}"
    if not chaves:
        messages.info(request, "Nenhuma nota a emitir aqui.")
        return redirect(na_lista)
    selecao = [("todos", "1"), ("filtro", notas.querystring), ("next", na_lista)]
    return desenhar_prevoo(request, prevoo_em_dia(chaves), selecao=selecao, voltar=na_lista)


def prevoo_em_dia(chaves: list[int]) -> Prevoo:
    """What would happen, by what the municípios agreed to and set, as read lately."""
    notas = emissao.com_tudo(chaves)
    parametros.renovar(notas)
    return emissao.prevoo(notas)


def desenhar_prevoo(
    request: HttpRequest,
    previa: Prevoo,
    *,
    aviso: str = "",
    selecao: list[tuple[str, str]] | None = None,
    voltar: str = "",
    status: int = 200,
) -> HttpResponse:
    """`selecao` are the hidden fields that name the notas; without it, those of the form that asked."""
    voltar = voltar or _de_volta(request)
    return render(
        request,
        "nfse/prevoo.html",
        {
            "previa": previa,
            "aviso": aviso,
            "esperas": esperas_ao_pedir(previa),
            "selecao": selecao or [*campos_da_selecao(request.POST), ("next", voltar)],
            "voltar": voltar,
        },
        status=status,
    )


def esperas_ao_pedir(previa: Prevoo) -> list[str]:
    """What awaits the notas that would go: services held, or out."""
    tipos = {canal.tipo for canal in previa.canais.values()}
    if not tipos:
        return []
    estado = Estado()
    servicos = sorted({handler_de(f"nfse.{tipo}.emitir").servico for tipo in tipos})
    return [dito for servico in servicos if (dito := estado.aviso_ao_pedir(servico))]


def _abandonar(request: HttpRequest, chaves: list[int]) -> HttpResponse:
    separadas = lote.abandonar_varias(chaves, usuario_de(request))
    if separadas.vao:
        feitas = contar(len(separadas.vao), "nota abandonada", "notas abandonadas")
        messages.success(request, f"{feitas}. Continuam na lista, em Abandonada, e os números vão para as próximas.")
    _dizer_fora(request, separadas)
    return redirect(_de_volta(request))


def _reler(request: HttpRequest, chaves: list[int]) -> HttpResponse:
    run, separadas = lote.reler_varias(chaves, usuario_de(request))
    if run is None:
        _dizer_fora(request, separadas)
        return redirect(_de_volta(request))
    return redirect(run)


def _dizer_fora(request: HttpRequest, separadas: Separadas) -> None:
    for motivo, itens in separadas.motivos:
        quantas = contar(len(itens), "nota ficou como estava", "notas ficaram como estavam")
        messages.warning(request, f"{quantas}. {motivo}")


def _cancelar(request: HttpRequest, chaves: list[int]) -> HttpResponse:
    return _pedir_cancelamento(request, chaves, analise=False)


def _analisar(request: HttpRequest, chaves: list[int]) -> HttpResponse:
    return _pedir_cancelamento(request, chaves, analise=True)


def _pedir_cancelamento(request: HttpRequest, chaves: list[int], *, analise: bool) -> HttpResponse:
    """The same reason for all; each service has codes of its own. `analise`: asked of the município."""
    separar = lote.analisaveis if analise else lote.cancelaveis
    if "marca" not in request.POST:
        return _desenhar_cancelamento(request, separar(chaves), analise=analise)
    codigos = {nome.removeprefix("codigo-"): request.POST[nome] for nome in request.POST if nome.startswith("codigo-")}
    marca, usuario, motivo = request.POST["marca"], usuario_de(request), request.POST.get("motivo", "")
    try:
        run = lote.cancelar_varias(chaves, codigos, motivo, usuario, marca=marca, analise=analise)
    except PedidoInvalido as erro:
        return _desenhar_cancelamento(
            request, separar(chaves), analise=analise, erro={erro.campo: str(erro)}, status=422
        )
    except lote.MudouLote as mudou:
        anterior = ja_pedido(lote.ANALISAR if analise else lote.CANCELAR, marca, usuario)
        if anterior is not None:
            return redirect(anterior)
        aviso = "A situação mudou desde que esta tela abriu, e nada foi pedido. Confira de novo antes de confirmar."
        return _desenhar_cancelamento(request, mudou.separadas, analise=analise, aviso=aviso, status=422)
    return redirect(run)


def _desenhar_cancelamento(
    request: HttpRequest,
    separadas: Separadas,
    *,
    analise: bool,
    aviso: str = "",
    erro: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    voltar, grupos, erros = _de_volta(request), lote.por_canal(separadas.vao), erro or {}
    minimo, maximo = lote.limites_do_motivo(grupos)
    return render(
        request,
        "nfse/cancelar_varias.html",
        {
            "separadas": separadas,
            "analise": analise,
            "aviso_analise": AVISO_ANALISE,
            "grupos": [
                (grupo, request.POST.get(f"codigo-{grupo.chave}", ""), erros.get(f"codigo-{grupo.chave}", ""))
                for grupo in grupos
            ],
            "rotulo": lote.rotulo_do_cancelamento(separadas, analise=analise),
            "motivo": request.POST.get("motivo", ""),
            "erro_do_motivo": erros.get("motivo", ""),
            "minimo": minimo,
            "maximo": maximo,
            "aviso": aviso,
            "selecao": [*campos_da_selecao(request.POST), ("next", voltar)],
            "voltar": voltar,
        },
        status=status,
    )


_ACOES = {
    "emitir": _emitir,
    "abandonar": _abandonar,
    "reler": _reler,
    "cancelar": _cancelar,
    "analisar": _analisar,
}
