"""Tomadores that look like the same one: the groups, and the union that a person decides."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from comum.permissoes import opera, usuario_de
from comum.respostas import volta
from nfse.models import Tomador
from nfse.services.duplicados import Sinal, abrir, com_sinal, grupos
from nfse.services.tomadores import UniaoRecusada, unir
from nfse.views.base import empresa_do_contexto

POR_PAGINA = 20


@require_GET
def duplicados(request: HttpRequest) -> HttpResponse:
    visiveis = Tomador.objects.visiveis(usuario_de(request))
    empresa = empresa_do_contexto(request)
    todos = grupos(visiveis if empresa is None else visiveis.filter(empresa=empresa))
    sinal = request.GET.get("sinal", "")
    if sinal not in list(Sinal):
        sinal = ""
    pagina = Paginator(com_sinal(todos, sinal), POR_PAGINA).get_page(request.GET.get("pagina"))
    contexto = {
        "pagina": pagina,
        "numeros": [n if isinstance(n, int) else None for n in pagina.paginator.get_elided_page_range(pagina.number)],
        "grupos": abrir(pagina.object_list),
        "sinal": sinal,
        "abas": [("", "Todos", len(todos)), *((s.value, s.rotulo, len(com_sinal(todos, s))) for s in Sinal)],
    }
    return render(request, "nfse/tomador_duplicados.html", contexto)


@require_POST
@opera
def unir_marcados(request: HttpRequest) -> HttpResponse:
    """Unite the marked (`sai`) to the one that stays (`fica`): all of them or none."""
    destino = redirect(volta(request, reverse("nfse:tomador_duplicados")))
    visiveis = Tomador.objects.visiveis(usuario_de(request))
    fica = visiveis.filter(pk__in=_chaves(request, "fica")).first()
    saem = [t for t in visiveis.filter(pk__in=_chaves(request, "sai")).order_by("pk") if t != fica]
    if fica is None or not saem:
        messages.error(request, "Escolha qual tomador fica e marque ao menos um outro para unir a ele.")
        return destino
    try:
        with transaction.atomic():
            feitas = [(sai, unir(fica=fica, sai=sai, usuario=usuario_de(request))) for sai in saem]
    except UniaoRecusada as recusa:
        messages.error(request, f"Nada foi unido. {recusa}")
        return destino
    for sai, uniao in feitas:
        messages.success(request, f"{sai} ({sai.documento_mascarado}) unido a {fica}: {uniao}.")
    return destino


def _chaves(request: HttpRequest, nome: str) -> list[str]:
    return [valor for valor in request.POST.getlist(nome) if valor.isdecimal() and len(valor) < 19]
