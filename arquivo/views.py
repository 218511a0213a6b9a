import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from arquivo.models import Documento
from arquivo.services import ArquivoCorrompido, ArquivoForaDoAr, abrir
from comum.permissoes import usuario_de

_NO_NAVEGADOR = {"application/pdf"}  # the only type shown inside the browser; XML and the rest are always downloads


@require_GET
def documento(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A document as a download, or shown in the browser with inline=1 (PDF only)."""
    achado = get_object_or_404(Documento.objects.visiveis(usuario_de(request)), pk=pk)
    try:
        conteudo = abrir(achado)
    except ArquivoCorrompido as erro:
        return render(request, "arquivo/corrompido.html", {"erro": erro, "documento": achado}, status=410)
    except ArquivoForaDoAr as erro:
        fora = render(request, "arquivo/fora_do_ar.html", {"erro": erro}, status=503)
        fora["Retry-After"] = "60"
        return fora
    inline = request.GET.get("inline") == "1" and achado.mime in _NO_NAVEGADOR
    response = HttpResponse(conteudo, content_type=achado.mime)
    response["Content-Disposition"] = content_disposition_header(not inline, achado.nome) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
