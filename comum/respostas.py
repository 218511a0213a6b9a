"""Answers that screens of several apps give."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from comum.planilhas import Coluna, escrever_csv


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


def modelo_csv(colunas: Sequence[Coluna], exemplos: Iterable[Mapping[str, str]], nome: str) -> HttpResponse:
    """The template of an import to download: its header and example rows, by name of column."""
    linhas = ([exemplo.get(coluna.nome, "") for coluna in colunas] for exemplo in exemplos)
    conteudo = b"".join(escrever_csv([coluna.rotulo for coluna in colunas], linhas))
    resposta = HttpResponse(conteudo, content_type="text/csv; charset=utf-8")
    resposta["Content-Disposition"] = f'attachment; filename="modelo-{nome}.csv"'
    return resposta
