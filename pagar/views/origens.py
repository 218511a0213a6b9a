"""*De guia para título* and *De nota para título*: the month's documents, what each would become, and their drafts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from comum.formatos import contar
from comum.listas import Lista, selecionados
from comum.models import Usuario
from comum.permissoes import opera, usuario_de
from empresas.contexto import Contexto, contexto_de
from guias.models import Guia
from guias.services import barras
from nfse.models import NotaRecebida
from nfse.views.base import desenhar_lista
from pagar import lista_origens
from pagar.services import geracao, montagem
from pagar.services.geracao import Geracao
from pagar.services.montagem import Proposta


@dataclass(frozen=True)
class Tela:
    """One of the two screens: its words, its list, and what makes titles of its rows."""

    nome: str  # value of the filter *origem* of Títulos
    url: str
    titulo: str
    lede: str
    um: str
    muitos: str
    o: str  # the article
    modelo: type[Guia] | type[NotaRecebida]
    lista: Callable[[QueryDict, Usuario, Contexto], Lista[Any]]
    quadro: Callable[[Any, date], tuple[int, Decimal, int]]
    propor: Callable[[Sequence[Any]], list[Proposta]]
    gerar: Callable[[Iterable[int], Usuario], Geracao]


_GUIAS = Tela(
    nome="guia",
    url="pagar:das_guias",
    titulo="De guia para título",
    lede="Cada guia emitida dá um título, uma vez só. Nada é enviado: a próxima tela é o pré-voo.",
    um="guia",
    muitos="guias",
    o="a",
    modelo=Guia,
    lista=lista_origens.lista_de_guias,
    quadro=lista_origens.quadro_das_guias,
    propor=montagem.de_guias,
    gerar=geracao.das_guias,
)
_NOTAS = Tela(
    nome="nota",
    url="pagar:das_notas",
    titulo="De nota para título",
    lede="Cada nota de serviço tomado dá um título por parcela, uma vez só. Nada é enviado: o pré-voo vem a seguir.",
    um="nota",
    muitos="notas",
    o="a",
    modelo=NotaRecebida,
    lista=lista_origens.lista_de_notas,
    quadro=lista_origens.quadro_das_notas,
    propor=montagem.de_notas,
    gerar=geracao.das_notas,
)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@opera
def das_guias(request: HttpRequest) -> HttpResponse:
    return _tela(request, _GUIAS)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@opera
def das_notas(request: HttpRequest) -> HttpResponse:
    return _tela(request, _NOTAS)


def _tela(request: HttpRequest, tela: Tela) -> HttpResponse:
    if request.method != "POST":
        return _desenhar(request, tela)
    if (sozinha := request.POST.get("corrigir", "")).isdecimal() and len(sozinha) < 19:
        return _corrigir(request, tela, int(sozinha))
    pks = list(_marcadas(request, tela).values_list("pk", flat=True))
    if not pks:
        messages.error(request, f"Nenhuma {tela.um} marcada. Marque as {tela.muitos} e peça de novo.")
        return redirect(tela.url)
    feita = tela.gerar(pks, usuario_de(request))
    _dizer(request, tela, feita)
    if feita.titulos or feita.existentes:
        return redirect(f"{reverse('pagar:prevoo')}?origem={tela.nome}&situacao=rascunho")
    return redirect(tela.url)


def _corrigir(request: HttpRequest, tela: Tela, pk: int) -> HttpResponse:
    """Make the draft of one document and open it."""
    visivel = tela.modelo.objects.visiveis(usuario_de(request)).filter(pk=pk)
    feita = tela.gerar(visivel.values_list("pk", flat=True), usuario_de(request))
    if feita.titulos:
        return redirect("pagar:titulo_editar", feita.titulos[0].pk)
    _dizer(request, tela, feita)
    return redirect(tela.url)


def _lista(request: HttpRequest, tela: Tela, params: QueryDict) -> Lista[Any]:
    return tela.lista(params, usuario_de(request), contexto_de(request))


def _marcadas(request: HttpRequest, tela: Tela) -> Any:
    if "todos_que_faltam" in request.POST:
        return _lista(request, tela, QueryDict(f"titulo={lista_origens.FALTA}")).consulta
    visiveis: Any = tela.modelo.objects.visiveis(usuario_de(request))
    return selecionados(request.POST, visiveis, lambda params: _lista(request, tela, params))


def _dizer(request: HttpRequest, tela: Tela, feita: Geracao) -> None:
    (messages.success if feita.titulos else messages.info)(request, f"{feita}.")
    for falta, quantos in feita.por_motivo.items():
        ficou = contar(quantos, f"{tela.um} ficou sem título", f"{tela.muitos} ficaram sem título")
        if falta.url:
            texto = format_html('{}. {} <a href="{}">Resolver</a>', ficou, falta.mensagem, falta.url)
            messages.warning(request, texto)
        else:
            messages.warning(request, f"{ficou}. {falta.mensagem}")


def _desenhar(request: HttpRequest, tela: Tela) -> HttpResponse:
    contexto = contexto_de(request)
    documentos = _lista(request, tela, request.GET)
    da_pagina = list(documentos.pagina)
    sem_barras = barras.completar(da_pagina) if tela.modelo is Guia else {}
    faltam, valor, feitos = tela.quadro(documentos.base, contexto.competencia)
    return desenhar_lista(
        request,
        "pagar/de_origem.html",
        documentos,
        tela=tela,
        linhas=[(proposta, sem_barras.get(proposta.origem.pk, "")) for proposta in tela.propor(da_pagina)],
        competencia=contexto.competencia,
        faltam=faltam,
        valor=valor,
        feitos=feitos,
    )
