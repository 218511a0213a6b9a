"""Notas recebidas: the list of the month, one note, its file, and the search for the notes of a month."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from arquivo.services import ArquivoCorrompido, ArquivoForaDoAr, abrir, demais_para_zip, zip_de
from comum.formatos import contar, format_competencia
from comum.listas import Lista, a_exportar, enderecos, selecionados
from comum.permissoes import opera, usuario_de
from comum.respostas import exportacao, lista_de_onde_veio
from empresas.contexto import contexto_de
from empresas.listas import filtro_de_carteira
from nfse.forms.consultas import BuscaRecebidasForm
from nfse.lista_recebidas import (
    CABECALHO_RECEBIDAS,
    RETENCOES,
    TODOS,
    lista_de_recebidas,
    recebidas_exportadas,
    totais,
)
from nfse.models import CanalNfse, NotaRecebida
from nfse.models.canais import CanalQuerySet
from nfse.models.recebidas import NotaRecebidaQuerySet
from nfse.services import distribuicao, recebidas
from nfse.services.xml_nota import NotaLida, XmlIlegivel, campos, ler
from nfse.views.base import desenhar_lista
from nfse.views.distribuicao import pedir_leitura

_MOSTRADOS = 100


def _lista(request: HttpRequest, params: QueryDict) -> Lista[NotaRecebidaQuerySet]:
    contexto = contexto_de(request)
    return lista_de_recebidas(params, usuario_de(request), contexto.empresa, contexto.competencia)


@require_GET
def lista(request: HttpRequest) -> HttpResponse:
    achadas = _lista(request, request.GET)
    endereco = enderecos("nfse:recebida")
    linhas = [(nota, endereco(nota.pk), [getattr(nota, campo) for campo, _ in RETENCOES]) for nota in achadas.pagina]
    soma = totais(achadas)
    contexto = {
        "linhas": linhas,
        "retencoes": [rotulo for _, rotulo in RETENCOES],
        "soma": soma,
        "soma_das_retencoes": [soma[campo] for campo, _ in RETENCOES],
        "competencia": contexto_de(request).competencia,
        "todos_os_periodos": request.GET.get("periodo") == TODOS,
        "mes_fechado": contexto_de(request).competencia <= timezone.localdate(),
        "leitura": None if request.htmx else distribuicao.situacao(usuario_de(request), contexto_de(request).empresa),  # type: ignore[attr-defined]
    }
    return desenhar_lista(request, "nfse/recebida_list.html", achadas, **contexto)


def _marcadas(request: HttpRequest) -> NotaRecebidaQuerySet:
    visiveis = NotaRecebida.objects.visiveis(usuario_de(request))
    return selecionados(request.POST, visiveis, lambda params: _lista(request, params))


@require_POST
def exportar(request: HttpRequest) -> HttpResponseBase:
    linhas = a_exportar(request, lambda params: _lista(request, params), _marcadas, "-emissao", "pk")
    return exportacao(request, "notas-recebidas", CABECALHO_RECEBIDAS, recebidas_exportadas(linhas))


@require_POST
def zip_dos_xml(request: HttpRequest) -> HttpResponseBase:
    """The XML of the marked notes, one folder per empresa."""
    marcadas = _marcadas(request).exclude(xml=None).select_related("xml__empresa").order_by("empresa__ordem", "pk")
    quantas = marcadas.count()
    if not quantas:
        messages.error(request, "Nenhuma nota marcada. Marque as notas e baixe de novo.")
        return redirect("nfse:recebidas")
    if demais := demais_para_zip(quantas):
        messages.error(request, demais)
        return redirect("nfse:recebidas")
    documentos = (nota.xml for nota in marcadas.iterator(chunk_size=500) if nota.xml is not None)
    return zip_de(documentos, f"notas-recebidas-{timezone.localdate():%Y-%m-%d}.zip", pasta_por_empresa=True)


# -- one note ---------------------------------------------------------------------------------------------------------


@require_GET
def ver(request: HttpRequest, pk: int) -> HttpResponse:
    visiveis = NotaRecebida.objects.visiveis(usuario_de(request)).select_related("empresa", "canal", "xml__empresa")
    nota = get_object_or_404(visiveis, pk=pk)
    contexto = {
        "nota": nota,
        "retencoes": [(rotulo, getattr(nota, campo)) for campo, rotulo in RETENCOES],
        "eventos": [(evento["tipo"], _instante(evento["em"])) for evento in nota.eventos],
        "voltar": lista_de_onde_veio(request, reverse("nfse:recebidas")),
        **_do_arquivo(nota),
    }
    return render(request, "nfse/recebida_detail.html", contexto)


def _instante(texto: str) -> datetime | None:
    return datetime.fromisoformat(texto) if texto else None


def _do_arquivo(nota: NotaRecebida) -> dict[str, Any]:
    """What the kept XML tells beyond the columns: `lida`, `campos`, or `problema` in words."""
    if nota.xml is None:
        return {"problema": "O XML desta nota não está guardado. Busque as notas do mês de novo."}
    try:
        conteudo = abrir(nota.xml)
    except (ArquivoCorrompido, ArquivoForaDoAr) as erro:
        return {"problema": str(erro)}
    try:
        lida: NotaLida | None = ler(conteudo)
        problema = ""
    except XmlIlegivel as erro:
        lida, problema = None, str(erro)
    outro = lida.tomador if lida is not None and lida.tomador not in ("", nota.empresa.documento) else ""
    return {"lida": lida, "campos": campos(conteudo), "problema": problema, "outro_tomador": outro}


# -- the search for the notes of a month ------------------------------------------------------------------------------


@opera
@require_http_methods(["GET", "HEAD", "POST"])
def buscar(request: HttpRequest) -> HttpResponse:
    """Pré-voo of the search, and on POST the search itself: the canais of the empresa of the context, or of a carteira
    (?carteira=), that can be asked, for the whole month or what `dia` and `cnpj` narrow it to."""
    usuario, contexto = usuario_de(request), contexto_de(request)
    dados = request.POST if request.method == "POST" else request.GET
    filtro = filtro_de_carteira(usuario, "empresa__carteira")
    carteira = "" if contexto.empresa else dados.get("carteira", "")
    canais: CanalQuerySet = CanalNfse.objects.visiveis(usuario)
    if contexto.empresa is not None:
        canais = canais.filter(empresa=contexto.empresa)
    elif carteira:
        canais = filtro.aplicar(canais, carteira) if filtro.entende(carteira) else canais.none()
    previa = recebidas.prevoo(canais, contexto.competencia)
    form = BuscaRecebidasForm(request.POST if request.method == "POST" else None, competencia=contexto.competencia)
    if request.method == "POST" and form.is_valid():
        return _pedir(request, previa, form)
    mostrar = {
        "form": form,
        "previa": previa,
        "competencia": contexto.competencia,
        "empresa": contexto.empresa,
        "carteiras": [] if contexto.empresa else filtro.opcoes,
        "carteira": carteira,
        "futura": contexto.competencia > timezone.localdate(),
        "mostrados": _MOSTRADOS,
        "vao": previa.canais[:_MOSTRADOS],
        "ficam": previa.fora[:_MOSTRADOS],
    }
    return render(request, "nfse/recebidas_buscar.html", mostrar, status=422 if form.errors else 200)


def _pedir(request: HttpRequest, previa: recebidas.Prevoo, form: BuscaRecebidasForm) -> HttpResponse:
    mes = format_competencia(previa.competencia)
    if previa.competencia > timezone.localdate():
        messages.error(request, f"A competência {mes} ainda não começou. Troque a competência no topo da página.")
        return redirect("nfse:recebidas")
    so = form.cleaned_data
    processamento = recebidas.pedir(
        previa.canais, previa.competencia, usuario_de(request), dia=so["dia"], cnpj=so["cnpj"]
    )
    if processamento is None:
        quantos = contar(len(previa.fora), "canal ficou", "canais ficaram")
        messages.info(request, f"Nada a buscar em {mes}: {quantos} de fora. Veja o motivo de cada um na prévia.")
        return redirect("nfse:recebidas_buscar")
    return redirect("operacoes:processamento", processamento.pk)


@opera
@require_POST
def ler_agora(request: HttpRequest) -> HttpResponse:
    """The reading of the national system, of the empresa of the context or of all."""
    canais: CanalQuerySet = CanalNfse.objects.visiveis(usuario_de(request)).filter(ativo=True)
    empresa = contexto_de(request).empresa
    return pedir_leitura(request, canais if empresa is None else canais.filter(empresa=empresa), "nfse:recebidas")
