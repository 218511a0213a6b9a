"""Answers that screens of several apps give."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from comum.planilhas import Celula, Coluna, escrever_csv, escrever_xlsx


def volta(request: HttpRequest, padrao: str) -> str:
    """The page the form came from (its field `next`), when it is ours; else `padrao`."""
    destino = request.POST.get("next", "")
    seguro = url_has_allowed_host_and_scheme(destino, {request.get_host()}, require_https=request.is_secure())
    return destino if seguro else padrao


def lista_de_onde_veio(request: HttpRequest, endereco: str) -> str:
    """The list at `endereco` as the user left it, with its search, filters and page: carried by the field `next` of a
    form, or told by the browser on the first step away from it."""
    for veio in (request.POST.get("next", ""), request.META.get("HTTP_REFERER", "")):
        partes = urlsplit(veio)
        if partes.path == endereco and url_has_allowed_host_and_scheme(veio, {request.get_host()}):
            return partes._replace(scheme="", netloc="", fragment="").geturl()
    return endereco


_FORMATOS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def exportacao(
    request: HttpRequest, nome: str, cabecalho: Sequence[str], linhas: Iterable[Sequence[Celula]]
) -> HttpResponseBase:
    """The rows of a list as a file in the format asked for (?formato=csv or xlsx), named after the list and the day."""
    formato = request.GET.get("formato", "csv")
    if formato not in _FORMATOS:
        return HttpResponseBadRequest(
            "Formato desconhecido: use csv ou xlsx.", content_type="text/plain; charset=utf-8"
        )
    tipo = _FORMATOS[formato]
    resposta: HttpResponse | StreamingHttpResponse
    if formato == "csv":
        resposta = StreamingHttpResponse(escrever_csv(cabecalho, linhas), content_type=tipo)
    else:
        resposta = HttpResponse(escrever_xlsx(cabecalho, linhas, nome.capitalize()), content_type=tipo)
    resposta["Content-Disposition"] = f'attachment; filename="{nome}-{timezone.localdate():%Y-%m-%d}.{formato}"'
    return resposta


def ajuda_das_colunas(
    colunas: Sequence[Coluna], aceita: Mapping[str, str], exemplos: Iterable[Mapping[str, str]]
) -> list[dict[str, Any]]:
    """The rows of includes/importacao_colunas.html: of each column what it accepts (`aceita`, by name) and the first
    example there is."""
    linhas = list(exemplos)
    return [
        {
            "rotulo": coluna.rotulo,
            "outros": ", ".join(coluna.sinonimos),
            "obrigatoria": coluna.obrigatoria,
            "aceita": aceita[coluna.nome],
            "exemplo": next(filter(None, (exemplo.get(coluna.nome) for exemplo in linhas)), ""),
        }
        for coluna in colunas
    ]


def modelo_csv(colunas: Sequence[Coluna], exemplos: Iterable[Mapping[str, str]], nome: str) -> HttpResponse:
    """The template of an import to download: its header and example rows, by name of column."""
    linhas = ([exemplo.get(coluna.nome, "") for coluna in colunas] for exemplo in exemplos)
    conteudo = b"".join(escrever_csv([coluna.rotulo for coluna in colunas], linhas))
    resposta = HttpResponse(conteudo, content_type="text/csv; charset=utf-8")
    resposta["Content-Disposition"] = f'attachment; filename="modelo-{nome}.csv"'
    return resposta
