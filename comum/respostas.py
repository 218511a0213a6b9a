"""Answers that screens of several apps give."""

from collections.abc import Iterable, Mapping, Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from comum.planilhas import Coluna, escrever_csv


def volta(request: HttpRequest, padrao: str) -> str:
    """The page the form came from (its field `next`), when it is ours; else `padrao`."""
    destino = request.POST.get("next", "")
    seguro = url_has_allowed_host_and_scheme(destino, {request.get_host()}, require_https=request.is_secure())
    return destino if seguro else padrao


def modelo_csv(colunas: Sequence[Coluna], exemplos: Iterable[Mapping[str, str]], nome: str) -> HttpResponse:
    """The template of an import to download: its header and example rows, by name of column."""
    linhas = ([exemplo.get(coluna.nome, "") for coluna in colunas] for exemplo in exemplos)
    conteudo = b"".join(escrever_csv([coluna.rotulo for coluna in colunas], linhas))
    resposta = HttpResponse(conteudo, content_type="text/csv; charset=utf-8")
    resposta["Content-Disposition"] = f'attachment; filename="modelo-{nome}.csv"'
    return resposta
