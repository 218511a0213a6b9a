"""What should be in the archive and is not, kind by kind, with what asks the service for it again."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from arquivo.faltas import Fonte, fontes
from arquivo.models import Defeito
from comum.contagens import contagem
from comum.listas import Lista
from comum.permissoes import usuario_de
from empresas.contexto import contexto_de
from empresas.listas import filtro_de_carteira


@require_GET
@never_cache
def faltas(request: HttpRequest) -> HttpResponse:
    todas, usuario = fontes(), usuario_de(request)
    if not todas:
        raise Http404
    pedida = next((f for f in todas if f.nome == request.GET.get("de", "")), None)
    fonte = pedida or next((f for f in todas if _da_empresa(f, request).exists()), todas[0])
    lista: Lista[Any] = Lista(
        params=request.GET,
        base=_da_empresa(fonte, request).select_related("empresa"),
        ordens={"empresa": ["empresa__ordem"]},
        ordem_padrao="empresa",
        filtros=[filtro_de_carteira(usuario, "empresa__carteira")],
        fixos=["de"],
    )
    mostrar: dict[str, Any] = {
        "lista": lista,
        "fonte": fonte,
        "faltas": fonte.faltas(list(lista.pagina)),
        "acao": fonte.acao() if fonte.acao and usuario.opera else None,
        "onde_mais": "Veja as outras abas.",
    }
    if not request.htmx:  # type: ignore[attr-defined]
        abas = [(f.nome, f.titulo, contagem(_da_empresa(f, request))) for f in todas]
        if not any(quantas for _, _, quantas in abas):
            mostrar["onde_mais"] = "Nem nas outras abas."
        mostrar |= {
            "abas": abas,
            "defeitos": Defeito.objects.visiveis(usuario).abertos().count(),
            "filtros": [(filtro, lista.valores.get(filtro.nome, "")) for filtro in lista.filtros],
        }
    return render(request, "arquivo/faltas.html" + ("#tabela" if request.htmx else ""), mostrar)  # type: ignore[attr-defined]


def _da_empresa(fonte: Fonte, request: HttpRequest) -> QuerySet[Any]:
    """The records of every competência, of the empresa of the top bar (and of its matriz, which declares for it)."""
    consulta, empresa = fonte.consulta(usuario_de(request)), contexto_de(request).empresa
    return consulta if empresa is None else consulta.filter(empresa__in=[empresa.pk, empresa.matriz_id or empresa.pk])
