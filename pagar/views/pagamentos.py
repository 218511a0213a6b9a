"""Payments (batches and borderôs), what the bank did with them, and the batches in which titles were sent."""

import hashlib
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from comum.documentos import Invalido
from comum.formatos import contar, format_data, parse_data
from comum.listas import Filtro, Lista
from comum.models import Usuario
from comum.permissoes import opera, usuario_de
from comum.respostas import lista_de_onde_veio
from operacoes.esperas import Estado, filas_de
from operacoes.handlers import handler_de
from operacoes.models import ABERTAS, Operacao, Situacao
from pagar.models import ContaErp, ItemPagamento, Lote, Pagamento, Titulo
from pagar.providers.interface import LotePagamento
from pagar.services import pagamentos, palavras, visao
from pagar.services.atos import PedidoInvalido

PAGINA = "pagar/pagamento_detail.html"


def _lista(params: QueryDict, usuario: Usuario) -> Lista[QuerySet[Pagamento]]:
    contas = [(str(codigo), nome) for codigo, nome in ContaErp.objects.values_list("codigo", "nome")]
    return Lista(
        params=params,
        base=visao.pagamentos_visiveis(usuario),
        ordens={"numero": ["pk"], "data": ["data"], "total": ["total"], "situacao": ["situacao"]},
        ordem_padrao="-numero",
        procurar=lambda consulta, texto: _procurar(consulta, texto, usuario),
        filtros=[
            Filtro(
                "situacao",
                "Situação",
                lambda consulta, valor: consulta.filter(situacao=valor),
                Pagamento.Situacao.choices,
            ),
            Filtro("tipo", "Tipo", lambda consulta, valor: consulta.filter(tipo=valor), Pagamento.Tipo.choices),
            Filtro("conta", "Conta do ERP", lambda consulta, valor: consulta.filter(conta__codigo=valor), contas),
        ],
        leitura=visao.pagamentos_visiveis(usuario).select_related("conta", "operacao"),
    )


def _procurar(consulta: QuerySet[Pagamento], texto: str, usuario: Usuario) -> QuerySet[Pagamento]:
    """By the number of the borderô, the reference, or a title that is in it."""
    titulos = ItemPagamento.objects.filter(titulo__in=Titulo.objects.visiveis(usuario).procurar(texto))
    achados = Q(referencia__icontains=texto) | Q(pk__in=titulos.order_by().values("pagamento"))
    if texto.isdecimal() and texto.isascii() and len(texto) < 7:
        achados |= Q(bordero=texto)
    return consulta.filter(achados)


@require_GET
@never_cache
def lista(request: HttpRequest) -> HttpResponse:
    usuario = usuario_de(request)
    achados = _lista(request.GET, usuario)
    dados: dict[str, Any] = {
        "lista": achados,
        "inteiros": visao.vistos_por_inteiro(achados.pagina, usuario),
        "filtros": [(filtro, achados.valores.get(filtro.nome, "")) for filtro in achados.filtros],
    }
    parte = "#tabela" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, "pagar/pagamento_list.html" + parte, dados)


def _pagamento(request: HttpRequest, pk: int) -> Pagamento:
    visiveis = visao.pagamentos_visiveis(usuario_de(request))
    return get_object_or_404(visiveis.select_related("conta", "operacao", "criado_por"), pk=pk)


@require_GET
@never_cache
def ver(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; it asks for all of its content again while the pedido is under way, and is answered 204 when nothing
    changed (`marca`)."""
    pagamento = _pagamento(request, pk)
    contexto = _contexto(request, pagamento)
    if request.htmx and request.GET.get("marca") == contexto["marca"]:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    return render(request, PAGINA + ("#pagamento" if request.htmx else ""), contexto)  # type: ignore[attr-defined]


def _contexto(request: HttpRequest, pagamento: Pagamento) -> dict[str, Any]:
    usuario = usuario_de(request)
    itens = ItemPagamento.objects.filter(
        pagamento=pagamento, titulo__in=Titulo.objects.visiveis(usuario)
    ).select_related("titulo__empresa", "titulo__fornecedor", "titulo__operacao", "titulo__em_curso")
    inteiro = bool(visao.vistos_por_inteiro([pagamento], usuario))
    espera = espera_de(pagamento.operacao, usuario)
    return {
        "pagamento": pagamento,
        "itens": list(itens.order_by("pk")),
        "inteiro": inteiro,
        "campos": palavras.campos_em_palavras(LotePagamento, pagamento.corpo, ("bordero", "data", "referencia")),
        "espera": espera,
        "marca": _marca(pagamento, espera),
        "responde": usuario.opera and inteiro and pagamento.situacao == Pagamento.Situacao.GERADO,
        "desmarcados": set(),
        "hoje": format_data(timezone.localdate()),
        "voltar": lista_de_onde_veio(request, reverse("pagar:pagamentos")),
    }


def _marca(pagamento: Pagamento, espera: dict[str, Any]) -> str:
    operacao = pagamento.operacao
    partes = [pagamento.situacao, espera.get("texto", "")]
    if operacao is not None:
        partes.append(f"{operacao.pk}:{operacao.situacao}:{operacao.envios}:{operacao.perguntas}")
    return hashlib.sha256("|".join(partes).encode()).hexdigest()[:16]


def espera_de(operacao: Operacao | None, usuario: Usuario) -> dict[str, Any]:
    """What the pages of a payment and of a batch say of their Operacao, `aberta` while it has not ended; `visivel`: its
    own page opens for the user."""
    if operacao is None:
        return {}
    aberta, estado = operacao.situacao in ABERTAS, Estado()
    return {
        "operacao": operacao,
        "rotulo": handler_de(operacao.tipo).rotulo,
        "aberta": aberta,
        "andando": aberta and operacao.situacao != Situacao.AGUARDA_PESSOA,
        "texto": estado.espera(operacao, filas_de([operacao], estado)) if aberta else "",
        "visivel": Operacao.objects.visiveis(usuario).filter(pk=operacao.pk).exists(),
    }


@require_POST
@opera
def retorno(request: HttpRequest, pk: int) -> HttpResponse:
    """What the bank did with a borderô: the marked titles (`pagos`) were paid on `data`."""
    pagamento = _pagamento(request, pk)
    if not visao.vistos_por_inteiro([pagamento], usuario_de(request)):
        raise Http404("Este borderô tem títulos de outras carteiras.")
    pagos = [int(valor) for valor in request.POST.getlist("pagos") if valor.isdecimal() and len(valor) < 19]
    data = parse_data(request.POST.get("data", ""))
    if isinstance(data, Invalido):
        return _de_novo(request, pagamento, pagos, str(data))
    try:
        quantos = pagamentos.registrar_retorno(pagamento, pagos, usuario_de(request), data)
    except PedidoInvalido as recusa:
        return _de_novo(request, pagamento, pagos, str(recusa))
    feitos = contar(quantos, "título pago", "títulos pagos")
    resto = pagamento.quantidade - quantos
    voltaram = f" {contar(resto, 'voltou', 'voltaram')} para Em aberto: libere do borderô no ERP." if resto else ""
    messages.success(request, f"Gravado: {feitos} pelo {pagamento}.{voltaram}")
    return redirect(pagamento)


def _de_novo(request: HttpRequest, pagamento: Pagamento, pagos: list[int], erro: str) -> HttpResponse:
    contexto = _contexto(request, pagamento) | {
        "erro": erro,
        "desmarcados": {item.titulo_id for item in pagamento.itens.all()} - set(pagos),
        "hoje": request.POST.get("data", ""),
    }
    return render(request, PAGINA, contexto, status=422)


# -- the batch in which titles were sent -------------------------------------------------------------------------------


@require_GET
@never_cache
def lote(request: HttpRequest, pk: int) -> HttpResponse:
    usuario = usuario_de(request)
    achado = get_object_or_404(Lote.objects.select_related("conta", "operacao", "criado_por"), pk=pk)
    titulos, inteiro = visao.titulos_do_lote(achado, usuario)
    if not titulos and not usuario.administra:
        raise Http404
    contexto = {
        "lote": achado,
        "titulos": titulos,
        "inteiro": inteiro or usuario.administra,
        "espera": espera_de(achado.operacao, usuario),
        "voltar": lista_de_onde_veio(request, reverse("pagar:titulos")),
    }
    return render(request, "pagar/lote_detail.html", contexto)
