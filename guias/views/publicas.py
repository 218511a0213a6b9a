"""The pages without a log-in: the personal link of a delivery, and whether a guia is of this office.

Neither reads a session or a cookie: the signed link is all the authority there is, and a question about a line has
none to forge, so both take a POST without the token against forged forms. Nothing of the office shows in them.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from arquivo.services import ArquivoCorrompido, ArquivoForaDoAr, abrir
from comum.porta import endereco
from guias import correio
from guias.models import Entrega, Guia, SituacaoGuia
from guias.services import leitura
from guias.services.verificacao import Resultado, verificar
from operacoes import publico

_VEZES_O_LINK = 6  # a client may open, reload and download more often than anybody asks about lines


def _responder(template: str, contexto: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page for whoever has no log-in; no cookie is read or set."""
    nome, de = correio.remetente()
    comum = {"escritorio": nome or de, "ensaio": settings.AMBIENTE != "producao", "conferir": reverse("conferir_guia")}
    return HttpResponse(render_to_string(template, comum | contexto), status=status)


def _reservada(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Kept by nobody on the way, told to nobody else, found by no search."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return checked


def _calma(segundos: float) -> HttpResponse:
    response = _responder("publico/calma.html", {"segundos": round(segundos + 0.5)}, status=429)
    response["Retry-After"] = str(round(segundos + 0.5))
    return response


def _do_link(view: Callable[[HttpRequest, Entrega], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The delivery of the link, or a page that says why there is none."""

    @wraps(view)
    def checked(request: HttpRequest, ficha: str) -> HttpResponseBase:
        por_minuto = settings.PUBLICO_POR_MINUTO * _VEZES_O_LINK
        if falta := publico.espera("entrega", endereco(request), por_minuto=por_minuto):
            return _calma(falta)
        try:
            entrega = leitura.abrir(ficha)
        except leitura.LinkInvalido:
            return _responder("publico/link_invalido.html", {}, status=404)
        except leitura.LinkVencido:
            return _responder("publico/link_vencido.html", {}, status=410)
        return view(request, entrega)

    return checked


@login_not_required
@csrf_exempt
@_reservada
@require_http_methods(["GET", "HEAD", "POST"])
@_do_link
def guia_do_cliente(request: HttpRequest, entrega: Entrega) -> HttpResponseBase:
    """Before it was ever opened, a page with one button; pressing it is what counts as reading. Mail scanners fetch
    every link of a message, and some run its scripts: none of them sends a form."""
    if request.method == "POST":
        leitura.marcar(entrega)
        return HttpResponseRedirect(request.path)
    if entrega.lida_em is None:
        return _responder("publico/guia_fechada.html", {"guia": entrega.guia})
    return _responder("publico/guia.html", _da_guia(request, entrega))


def _a_pagar(entrega: Entrega) -> tuple[Guia, bool]:
    """The guia, and whether it is still to be paid: only then are its line and its PDF given."""
    guias = Guia.objects.com_situacao(timezone.localdate()).select_related("empresa", "documento")
    guia = guias.get(pk=entrega.guia_id)
    return guia, guia.situacao == SituacaoGuia.EMITIDA and not guia.problema  # type: ignore[attr-defined]


def _da_guia(request: HttpRequest, entrega: Entrega) -> dict[str, Any]:
    guia, a_pagar = _a_pagar(entrega)
    linha = guia.linha
    return {
        "guia": guia,
        "a_pagar": a_pagar,
        "linha": linha if a_pagar else "",
        "blocos": [linha[i : i + 12] for i in range(0, len(linha), 12)],
        "pdf": f"{request.path}pdf/" if a_pagar and guia.documento_id else "",
    }


@login_not_required
@_reservada
@require_safe
@_do_link
def pdf_do_cliente(request: HttpRequest, entrega: Entrega) -> HttpResponseBase:
    """What the page does not offer is not here either: the page says why."""
    guia, a_pagar = _a_pagar(entrega)
    documento = guia.documento
    if documento is None or not a_pagar:
        return HttpResponseRedirect(request.path.removesuffix("pdf/"))
    try:
        conteudo = abrir(documento)
    except (ArquivoCorrompido, ArquivoForaDoAr):
        return _responder("publico/sem_pdf.html", {}, status=503)
    response = HttpResponse(conteudo, content_type=documento.mime)
    response["Content-Disposition"] = f'attachment; filename="{documento.nome}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_not_required
@csrf_exempt
@_reservada
@require_http_methods(["GET", "HEAD", "POST"])
def conferir_guia(request: HttpRequest) -> HttpResponseBase:
    """Whether a linha digitável is of a guia that this office issued; nothing else about it."""
    if request.method != "POST":
        return _responder("publico/conferir.html", {})
    if falta := publico.espera("conferir", endereco(request), por_minuto=settings.PUBLICO_POR_MINUTO):
        return _calma(falta)
    digitado = request.POST.get("linha", "")[:200]
    resultado: Resultado = verificar(digitado)
    return _responder(
        "publico/conferir.html",
        {"digitado": digitado, "erro": resultado.erro, "e_nossa": resultado.e_nossa},
        status=422 if resultado.erro else 200,
    )
