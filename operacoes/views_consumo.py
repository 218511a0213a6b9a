"""Files of costs: tables of prices and SERPRO's consumption report, and what the report says otherwise than we do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from comum.permissoes import administra, usuario_de
from comum.planilhas import Celula
from comum.respostas import ajuda_das_colunas, exportacao, modelo_csv
from empresas.importacao import base
from empresas.models import Importacao
from operacoes.custos.consumo import Comparacao, Grupo
from operacoes.forms import ConsumoForm, PrecosForm
from operacoes.handlers import handler_de
from operacoes.importacao.consumo import ImportadorDeConsumo
from operacoes.importacao.precos import ImportadorDePrecos
from operacoes.models import AcessoCobrado, Consumo

POR_PAGINA = 100

_ACEITA_PRECOS = {
    "desde": "o dia em que os preços passam a valer, a partir do período em curso",
    "classe": "Consulta, Emissão ou Declaração; a tabela traz as três",
    "ate": "até quantas chamadas no período; em branco na última faixa da classe",
    "preco": "em reais, até quatro casas",
}
_EXEMPLO_PRECOS = [
    {"desde": "21/12/2026", "classe": classe, "ate": ate, "preco": preco}
    for classe, ate, preco in (
        ("Consulta", "300", "0,25"),
        ("Consulta", "", "0,22"),
        ("Emissão", "500", "0,33"),
        ("Emissão", "", "0,30"),
        ("Declaração", "100", "0,42"),
        ("Declaração", "", "0,37"),
    )
]
_ACEITA_CONSUMO = {
    "data": "dia e hora da chamada, como 21/11/2026 10:42:05",
    "documento": "o do contratante",
    "url": "o endereço chamado; a última parte diz a classe",
    "status": "o código da resposta, três algarismos",
    "ip": "de onde saiu a chamada",
    "observacao": "qualquer texto",
    "tag": "a marca que cada chamada do Guichê leva; em branco, a chamada não é dele",
    "quantidade": "quantas chamadas a linha soma; em branco, uma",
}
_EXEMPLO_CONSUMO = [
    {
        "data": "21/11/2026 10:42:05",
        "documento": "11222333000181",
        "url": "/integra-contador/v1/Consultar",
        "status": "200",
        "ip": "200.0.2.10",
        "observacao": "CONSDECLARACAO13",
        "tag": "0" * 31 + "1",
        "quantidade": "1",
    }
]


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def importar_precos(request: HttpRequest) -> HttpResponse:
    usuario = usuario_de(request)
    form = PrecosForm(request.POST or None, request.FILES or None, usuario=usuario)
    if request.method == "POST" and form.is_valid():
        parametros = {nome: form.cleaned_data[nome] for nome in ("fonte", "certeza")}
        return _receber(request, ImportadorDePrecos, form, parametros)
    return _pagina(request, ImportadorDePrecos, form, _ACEITA_PRECOS, _EXEMPLO_PRECOS, "custos:modelo_de_precos")


@administra
@require_http_methods(["GET", "HEAD", "POST"])
def importar_consumo(request: HttpRequest) -> HttpResponse:
    usuario = usuario_de(request)
    form = ConsumoForm(
        request.POST or None, request.FILES or None, usuario=usuario, initial={"conta": request.GET.get("conta")}
    )
    if request.method == "POST" and form.is_valid():
        parametros = {"conta": form.cleaned_data["conta"], "nome_arquivo": form.cleaned_data["arquivo"].name[-200:]}
        return _receber(request, ImportadorDeConsumo, form, parametros)
    return _pagina(request, ImportadorDeConsumo, form, _ACEITA_CONSUMO, _EXEMPLO_CONSUMO, "custos:modelo_de_consumo")


def _receber(
    request: HttpRequest, importador: type[base.Importador], form: Any, parametros: dict[str, Any]
) -> HttpResponse:
    arquivo = form.cleaned_data["arquivo"]
    importacao = base.receber(
        tipo=importador.tipo,
        usuario=usuario_de(request),
        nome_arquivo=arquivo.name,
        conteudo=arquivo.read(),
        parametros=parametros,
    )
    return redirect("empresas:importacao", pk=importacao.pk)


def _pagina(
    request: HttpRequest,
    importador: type[base.Importador],
    form: Any,
    aceita: Mapping[str, str],
    exemplos: Sequence[Mapping[str, str]],
    modelo: str,
) -> HttpResponse:
    contexto = {
        "form": form,
        "importador": importador,
        "url_lista": reverse(importador.url_lista),
        "url_modelo": reverse(modelo),
        "colunas": ajuda_das_colunas(importador.colunas, aceita, exemplos),
        "recentes": Importacao.objects.visiveis(usuario_de(request))
        .filter(tipo=importador.tipo)
        .select_related("usuario")[:10],
    }
    return render(request, "custos/importar.html", contexto, status=422 if form.is_bound else 200)


@require_GET
@administra
def modelo_de_precos(request: HttpRequest) -> HttpResponse:
    return modelo_csv(ImportadorDePrecos.colunas, _EXEMPLO_PRECOS, "precos")


@require_GET
@administra
def modelo_de_consumo(request: HttpRequest) -> HttpResponse:
    return modelo_csv(ImportadorDeConsumo.colunas, _EXEMPLO_CONSUMO, "consumo")


@require_GET
@administra
@never_cache
def consumos(request: HttpRequest) -> HttpResponse:
    """The reports that were imported, the newest first. Few: one or two a month for each contratante."""
    paginas, nomes = Paginator(Consumo.objects.select_related("importado_por"), POR_PAGINA), _nomes()
    pagina = paginas.get_page(request.GET.get("pagina"))
    linhas = [(consumo, nomes.get(consumo.conta) or consumo.conta) for consumo in pagina]
    return render(request, "custos/consumos.html", {"pagina": pagina, "linhas": linhas})


def _nomes() -> dict[str, str]:
    return dict(AcessoCobrado.objects.order_by().values_list("conta", "nome"))


@require_GET
@administra
@never_cache
def consumo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What the report and we say differently, by group; ?grupo= opens one, ?formato= is the whole as a file."""
    relatorio = get_object_or_404(Consumo.objects.select_related("importado_por"), pk=pk)
    comparacao = Comparacao(relatorio)
    if "formato" in request.GET:
        return exportacao(request, f"diferencas-consumo-{relatorio.pk}", _COLUNAS, _em_tabela(comparacao))
    aberto = request.GET.get("grupo", "")
    contexto: dict[str, Any] = {
        "consumo": relatorio,
        "contratante": _nomes().get(relatorio.conta, relatorio.conta),
        "comparacao": comparacao,
        "grupos": comparacao.grupos,
    }
    grupo = next((g for g in comparacao.grupos if g.grupo == aberto), None)
    if grupo is not None:
        paginador = Paginator(range(grupo.linhas), POR_PAGINA)
        pagina = paginador.get_page(request.GET.get("pagina"))
        inicio = (pagina.number - 1) * POR_PAGINA
        linhas = comparacao.linhas(Grupo(aberto), inicio, POR_PAGINA)
        contexto |= {
            "aberto": grupo,
            "pagina": pagina,
            "linhas": [(linha, _servico(linha)) for linha in linhas],
        }
    return render(request, "custos/consumo.html", contexto)


def _servico(linha: Any) -> str:
    return handler_de(linha.tentativa.tipo).rotulo if linha.tentativa else ""


_COLUNAS = (
    "Grupo", "Tag", "Classe", "No Guichê", "No SERPRO", "Diferença (R$)", "Data e hora", "Código", "Razão social",
    "Serviço",
)  # fmt: skip


def _em_tabela(comparacao: Comparacao) -> Iterator[tuple[Celula, ...]]:
    for grupo, linha in comparacao.tudo():
        tentativa = linha.tentativa
        empresa = tentativa.empresa if tentativa else None
        yield (
            str(grupo.label),
            linha.tag,
            str(linha.classe.label),
            linha.aqui,
            linha.la,
            linha.diferenca,
            tentativa.iniciada_em if tentativa else None,
            empresa.codigo if empresa else "",
            empresa.razao_social if empresa else "",
            _servico(linha),
        )
