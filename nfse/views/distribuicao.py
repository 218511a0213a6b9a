"""The page of what the distribution of the ADN brought to a canal, and the reading that a person asks for."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from comum.formatos import contar
from comum.permissoes import opera, usuario_de
from nfse.models import CanalNfse, CursorAdn, DocumentoAdn, TipoCanal
from nfse.models.canais import CanalQuerySet
from nfse.providers.nacional.eventos import nome_do_evento
from nfse.services import distribuicao
from nfse.views.base_canais import canal_visivel, contexto_do_canal, do_acesso

_ULTIMOS, _AVISOS = 50, 50


@require_GET
def ver(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = canal_visivel(request, codigo, TipoCanal.NACIONAL)
    a_ver = DocumentoAdn.objects.filter(empresa=canal.empresa_id).a_ver().order_by("-pk")
    contexto: dict[str, Any] = contexto_do_canal(canal, "distribuicao") | {
        "cursor": CursorAdn.objects.filter(pk=canal.empresa.documento).select_related("operacao__usuario").first(),
        "em_curso": do_acesso(canal, distribuicao.LER).abertas().exists(),
        "a_ver": [(um, distribuicao.explicado(um)) for um in a_ver[:_AVISOS]],
        "quantos_a_ver": a_ver.count(),
        "documentos": [
            (um, nome_do_evento(um.evento) if um.evento else "") for um in distribuicao.documentos_de(canal, _ULTIMOS)
        ],
        "mostrados": _ULTIMOS,
    }
    return render(request, "nfse/aba_distribuicao.html", contexto)


@opera
@require_POST
def ler(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = canal_visivel(request, codigo, TipoCanal.NACIONAL)
    return pedir_leitura(request, CanalNfse.objects.filter(pk=canal.pk), "nfse:canal_distribuicao", canal.codigo)


@opera
@require_POST
def ciente(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = canal_visivel(request, codigo, TipoCanal.NACIONAL)
    vistos = distribuicao.dar_ciencia(canal, usuario_de(request))
    messages.success(request, f"Ciente de {contar(vistos, 'aviso', 'avisos')}." if vistos else "Não havia avisos.")
    return redirect("nfse:canal_distribuicao", canal.codigo)


def pedir_leitura(request: HttpRequest, canais: CanalQuerySet, volta: str, *partes: Any) -> HttpResponse:
    """To the run of what was asked, or back with why nothing was."""
    processamento, fora = distribuicao.pedir(canais, usuario_de(request))
    if processamento is not None:
        return redirect("operacoes:processamento", processamento.pk)
    ditos = [f"{canal.empresa}: {motivo}" for canal, motivo in fora[:3]]
    mais = f" E mais {contar(len(fora) - 3, 'empresa', 'empresas')}." if len(fora) > 3 else ""
    messages.info(request, f"Nada a ler agora. {' '.join(ditos)}{mais}" if ditos else "Nenhum canal da NFS-e Nacional.")
    return redirect(volta, *partes)
