"""What the screens of this app share."""

import secrets
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from comum.listas import Lista, selecionados
from comum.models import Usuario
from comum.permissoes import usuario_de
from comum.respostas import lista_de_onde_veio
from empresas.contexto import Contexto, contexto_de
from empresas.models import Empresa
from guias.providers.eventos import Evento
from guias.services import consultas, novidades, quadro
from guias.services.etapas import filtro_de_etapa
from operacoes.models import Processamento


def contexto_fiscal(request: HttpRequest) -> tuple[Contexto, date]:
    contexto = contexto_de(request)
    return contexto, contexto.competencia


def muda_o_resumo(request: HttpRequest) -> bool:
    """Whether what stands above the list, outside of the fragment, counts other empresas than it shows now."""
    atual = QueryDict(urlsplit(request.htmx.current_url or "").query)  # type: ignore[attr-defined]
    return bool(request.htmx) and atual.get("carteira", "") != request.GET.get("carteira", "")  # type: ignore[attr-defined]


def lista_do_quadro(request: HttpRequest, params: Any, competencia: date) -> Lista[QuerySet[Any]]:
    lista = quadro.lista(params, usuario_de(request), competencia)
    lista.filtros = [*lista.filtros, filtro_de_etapa()]
    lista.base = quadro.da_empresa(lista.base, contexto_de(request).empresa)
    return lista


def empresas_marcadas(request: HttpRequest, competencia: date) -> QuerySet[Empresa]:
    """The companies a bulk form speaks of, always among those of the month that the user sees."""
    base = quadro.do_simples(usuario_de(request), competencia)
    marcadas = selecionados(
        request.POST,
        lista_do_quadro(request, request.GET, competencia).base,
        lambda params: lista_do_quadro(request, params, competencia),
    )
    return base.filter(pk__in=marcadas.order_by().values("pk")).order_by("ordem", "pk")


def empresas_citadas(dados: QueryDict) -> list[str]:
    """The keys of the empresas that a form names in its one field `empresas`, whatever list it came from."""
    return [pk for pk in dados.get("empresas", "").split(",") if pk.isdecimal() and len(pk) < 19]


def de_volta(request: HttpRequest, nome: str, *args: Any) -> HttpResponse:
    """Back to that list, or page, as the user left it: with its search, filters and page."""
    return redirect(lista_de_onde_veio(request, reverse(nome, args=args)))


def nova_intencao() -> str:
    """The mark of a page's paid questions: what is sent twice from one page is asked once."""
    return secrets.token_hex(8)


def perguntar_novidades(request: HttpRequest, empresas: QuerySet[Empresa], evento: Evento, voltar: str) -> HttpResponse:
    """The free question about these empresas; `voltar` is the list where the answer shows."""
    try:
        feito = novidades.consultar(usuario_de(request), empresas, [evento])
    except novidades.Impedida as erro:
        messages.error(request, str(erro))
        return redirect(voltar)
    return redirect("operacoes:processamento", pk=feito.pk)


def perguntar[S: Model](
    request: HttpRequest, pergunta: Callable[[S, Usuario, str], Processamento], sobre: S, volta: str, *args: Any
) -> HttpResponse:
    try:
        processamento = pergunta(sobre, usuario_de(request), request.POST.get("intencao", ""))
    except consultas.Impedida as erro:
        messages.error(request, str(erro))
        return de_volta(request, volta, *args)
    return redirect("operacoes:processamento", pk=processamento.pk)
