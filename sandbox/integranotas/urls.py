"""The documented paths, in production and below `hom/` in homologation."""

from django.urls import URLPattern, path, re_path

from sandbox.integranotas import catalogo, porta
from sandbox.integranotas.contexto import HOMOLOGACAO, PRODUCAO

_RAIZES = ((PRODUCAO, ""), (HOMOLOGACAO, "hom/"))

urlpatterns: list[URLPattern] = [
    *(
        path(f"{raiz}v{versao}/{rota}", porta.rota, {"ambiente": ambiente, "versao": versao, "rota": rota})
        for ambiente, raiz in _RAIZES
        for versao in (1, 2)
        for rota in catalogo.rotas(versao)
    ),
    *(path(f"{raiz}backup/<str:selo>.zip", porta.baixar_backup) for _, raiz in _RAIZES),
    re_path(r"^.*$", porta.inexistente),
]
