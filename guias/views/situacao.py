"""Situação fiscal: the last report of each empresa, its age, and its DTE."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from comum.permissoes import usuario_de
from empresas.contexto import contexto_de
from guias.services import panorama


@require_GET
def situacao_fiscal(request: HttpRequest) -> HttpResponse:
    lista = panorama.situacao_fiscal(request.GET, usuario_de(request), contexto_de(request).empresa)
    empresas = list(lista.pagina)
    em_curso = panorama.em_curso(empresas, ["guias.sitfis.relatorio"])
    linhas = [
        (
            empresa,
            em_curso.get(empresa.pk),
            panorama.idade(empresa.relatorio_em),
            panorama.PALAVRAS_DO_DTE.get(empresa.dte) if empresa.dte is not None else None,
        )
        for empresa in empresas
    ]
    return render(
        request,
        "guias/situacao_fiscal.html" + ("#tabela" if request.htmx else ""),  # type: ignore[attr-defined]
        {
            "lista": lista,
            "linhas": linhas,
        },
    )
