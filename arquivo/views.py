"""The archive: the list of documents, one of them, ZIPs; what the reading of the files found."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from arquivo import tasks
from arquivo.faltas import donos_de
from arquivo.lista import CABECALHO, TODOS, empresa_do_filtro, linhas_exportadas, lista_de_documentos
from arquivo.models import Defeito, DefeitoQuerySet, Documento, DocumentoQuerySet, Ronda
from arquivo.services import ArquivoCorrompido, ArquivoForaDoAr, abrir, demais_para_zip, verificacao, zip_de
from comum.contagens import enquanto_nada_muda
from comum.listas import Filtro, Lista, a_exportar, selecionados
from comum.permissoes import opera, usuario_de
from comum.respostas import exportacao, lista_de_onde_veio
from empresas.contexto import contexto_de
from empresas.listas import filtro_de_carteira

_NO_NAVEGADOR = {"application/pdf"}  # the only type shown inside the browser; XML and the rest are always downloads
_XML = {"application/xml", "text/xml"}
_MOSTRADO = 100_000  # characters of an XML


def _lista(request: HttpRequest, params: QueryDict) -> Lista[DocumentoQuerySet]:
    contexto = contexto_de(request)
    return lista_de_documentos(params, usuario_de(request), contexto.empresa, contexto.competencia)


@require_GET
@never_cache
def lista(request: HttpRequest) -> HttpResponse:
    contexto, documentos = contexto_de(request), _lista(request, request.GET)
    mostrar = {
        "lista": documentos,
        "filtros": [(filtro, documentos.valores.get(filtro.nome, "")) for filtro in documentos.filtros],
        "filtro_empresa": empresa_do_filtro(documentos.valores.get("empresa", ""), usuario_de(request)),
        "tamanho": _tamanho(documentos),
        "so_uma": contexto.empresa is not None,
        "competencia": contexto.competencia,
        "todos_os_periodos": request.GET.get("periodo") == TODOS,
    }
    return render(request, "arquivo/documento_list.html" + ("#tabela" if request.htmx else ""), mostrar)  # type: ignore[attr-defined]


def _tamanho(documentos: Lista[DocumentoQuerySet]) -> int | None:
    """Bytes of everything filtered; not of all the months at once, which nobody asks of a page."""
    if documentos.params.get("periodo") == TODOS and not documentos.busca:
        return None
    consulta = documentos.consulta
    return enquanto_nada_muda(
        consulta, "bytes", lambda: consulta.order_by().aggregate(soma=Sum("tamanho"))["soma"] or 0
    )


def _marcados(request: HttpRequest) -> DocumentoQuerySet:
    visiveis = Documento.objects.visiveis(usuario_de(request))
    return selecionados(request.POST, visiveis, lambda params: _lista(request, params))


@require_POST
def exportar(request: HttpRequest) -> HttpResponseBase:
    linhas = a_exportar(request, lambda params: _lista(request, params), _marcados, "competencia", "criado_em", "pk")
    return exportacao(request, "arquivo", CABECALHO, linhas_exportadas(linhas))


@require_POST
def baixar_zip(request: HttpRequest) -> HttpResponseBase:
    """The marked documents with their index, one folder per empresa."""
    marcados = _marcados(request).guardados()
    quantos = marcados.count()
    if impede := demais_para_zip(quantos) if quantos else "Nenhum documento marcado. Marque os documentos e baixe.":
        messages.error(request, impede)
        return redirect(lista_de_onde_veio(request, reverse("arquivo:lista")))
    em_ordem = marcados.order_by("empresa__ordem", "competencia", "tipo", "nome", "pk")
    nome = f"arquivo-{timezone.localdate():%Y-%m-%d}.zip"
    return zip_de(em_ordem, nome, pasta_por_empresa=True, indice=True)


def _documento(request: HttpRequest, pk: uuid.UUID) -> Documento:
    visiveis = Documento.objects.visiveis(usuario_de(request)).select_related("empresa", "defeito")
    return get_object_or_404(visiveis, pk=pk)


def _lido(request: HttpRequest, achado: Documento, responder: Callable[[bytes], HttpResponse]) -> HttpResponse:
    """What is answered with the bytes of a document, or the page that says why there are none."""
    try:
        conteudo = abrir(achado)
    except ArquivoCorrompido as erro:
        with suppress(ArquivoForaDoAr):  # found by whoever opened it: named in the Verificação from now on
            verificacao.conferir(achado)
        contexto = {"erro": erro, "documento": achado, "voltar": lista_de_onde_veio(request, reverse("arquivo:lista"))}
        return render(request, "arquivo/corrompido.html", contexto, status=410)
    except ArquivoForaDoAr as erro:
        fora = render(request, "arquivo/fora_do_ar.html", {"erro": erro}, status=503)
        fora["Retry-After"] = "60"
        return fora
    return responder(conteudo)


@require_GET
def documento(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A document as a download, or shown in the browser with inline=1 (PDF only)."""
    achado = _documento(request, pk)

    def entregar(conteudo: bytes) -> HttpResponse:
        inline = request.GET.get("inline") == "1" and achado.mime in _NO_NAVEGADOR
        response = HttpResponse(conteudo, content_type=achado.mime)
        response["Content-Disposition"] = content_disposition_header(not inline, achado.nome) or "attachment"
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response

    return _lido(request, achado, entregar)


@require_GET
@never_cache
def ver(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Everything about one document; of an XML its text too."""
    achado = _documento(request, pk)

    def mostrar(conteudo: bytes) -> HttpResponse:
        texto = conteudo.decode("utf-8", "replace") if achado.mime in _XML else ""
        contexto = {
            "documento": achado,
            "texto": texto[:_MOSTRADO],
            "cortado": len(texto) > _MOSTRADO,
            "no_navegador": achado.mime in _NO_NAVEGADOR,
            "voltar": lista_de_onde_veio(request, reverse("arquivo:lista")),
        }
        return render(request, "arquivo/documento_detail.html", contexto)

    return _lido(request, achado, mostrar)


# -- what the reading of the files found -------------------------------------------------------------------------------


@require_GET
@never_cache
def verificacao_do_arquivo(request: HttpRequest) -> HttpResponse:
    """The documents whose file is missing or changed, and how far the reading of all of them is."""
    usuario = usuario_de(request)
    visiveis = Defeito.objects.visiveis(usuario)
    abertos = visiveis.abertos()
    defeitos: Lista[Any] = Lista(
        params=request.GET,
        base=abertos,
        ordens={"achado": ["achado_em"], "empresa": ["documento__empresa__ordem"]},
        ordem_padrao="-achado",
        filtros=[
            Filtro("motivo", "Defeito", lambda c, valor: c.filter(motivo=valor), Defeito.Motivo.choices),
            filtro_de_carteira(usuario, "documento__empresa__carteira"),
        ],
        leitura=abertos.select_related("documento__empresa"),
    )
    ronda = Ronda.objects.first()
    if request.GET.get("parte") == "andamento":
        return _andamento(request, ronda, visiveis)
    da_pagina = list(defeitos.pagina)
    donos = donos_de(usuario, [defeito.documento for defeito in da_pagina])
    mostrar = {
        "lista": defeitos,
        "defeitos": [(defeito, donos.get(defeito.documento_id)) for defeito in da_pagina],
        "filtros": [(filtro, defeitos.valores.get(filtro.nome, "")) for filtro in defeitos.filtros],
    } | _da_ronda(ronda, visiveis)
    return render(request, "arquivo/verificacao.html" + ("#tabela" if request.htmx else ""), mostrar)  # type: ignore[attr-defined]


def _da_ronda(ronda: Ronda | None, visiveis: DefeitoQuerySet) -> dict[str, Any]:
    return {
        "ronda": ronda,
        "anterior": Ronda.objects.exclude(terminou_em=None).first(),
        "sanados": visiveis.filter(sanado_em__isnull=False).count(),
    }


def _andamento(request: HttpRequest, ronda: Ronda | None, visiveis: DefeitoQuerySet) -> HttpResponse:
    """What the page asks for while a round goes on; at its end all of the page is asked for, with what was found."""
    resposta = render(request, "arquivo/verificacao.html#andamento", _da_ronda(ronda, visiveis))
    if ronda is None or ronda.terminou_em is not None:
        resposta["HX-Refresh"] = "true"
    return resposta


@require_POST
@opera
def verificar_agora(request: HttpRequest) -> HttpResponse:
    """Have every kept file read again, from now on rather than when its turn comes."""
    tasks.pedir()
    return redirect("arquivo:verificacao")


@require_POST
@opera
def conferir(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Read the file of one document again now."""
    achado = _documento(request, pk)
    if achado.descartado_em is not None:
        messages.info(request, f"O arquivo “{achado.nome}” foi descartado depois do prazo de guarda.")
        return redirect("arquivo:verificacao")
    try:
        defeito = verificacao.conferir(achado)
    except ArquivoForaDoAr as erro:
        messages.error(request, str(erro))
        return redirect("arquivo:verificacao")
    if defeito is None:
        messages.success(request, f"O arquivo “{achado.nome}” está íntegro.")
    else:
        messages.error(request, f"“{achado.nome}” continua com defeito: {defeito.get_motivo_display().lower()}.")
    return redirect("arquivo:verificacao")
