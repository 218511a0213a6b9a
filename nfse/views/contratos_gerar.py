"""*Gerar notas dos contratos*: the month's list of contratos in force, and their drafts."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from comum.documentos import Invalido, Motivo
from comum.formatos import contar, format_competencia, format_data, parse_data
from comum.listas import Lista, selecionados
from comum.permissoes import opera, usuario_de
from empresas.contexto import contexto_de
from nfse.lista_gerar import FALTA, lista_a_gerar, quadro
from nfse.models import Contrato
from nfse.models.cadastro import ContratoQuerySet
from nfse.services.mensalidades import Geracao, Mensalidade, gerar, mensalidades
from nfse.views.base import desenhar_lista


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@opera
def contratos_gerar(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _desenhar(request, _lista(request, request.GET))
    competencia = contexto_de(request).competencia
    emissao = _emissao(request, competencia)
    if isinstance(emissao, Invalido):
        return _desenhar(request, _lista(request, QueryDict(request.POST.get("lista", ""))), erro=emissao.mensagem)
    chaves = list(_marcados(request).values_list("pk", flat=True))
    if not chaves:
        messages.error(request, "Nenhum contrato marcado. Marque os contratos e peça de novo.")
        return redirect("nfse:contratos_gerar")
    geracao = gerar(chaves, competencia, usuario_de(request), emissao=emissao)
    _dizer(request, geracao)
    if geracao.criadas or geracao.existentes:
        return redirect(f"{reverse('nfse:prevoo')}?origem=contratos&situacao=rascunho")
    return redirect("nfse:contratos_gerar")


def _lista(request: HttpRequest, params: QueryDict) -> Lista[ContratoQuerySet]:
    return lista_a_gerar(params, usuario_de(request), contexto_de(request))


def _marcados(request: HttpRequest) -> ContratoQuerySet:
    if "todos_que_faltam" in request.POST:
        return _lista(request, QueryDict(f"nota={FALTA}")).consulta
    visiveis = Contrato.objects.visiveis(usuario_de(request))
    return selecionados(request.POST, visiveis, lambda params: _lista(request, params))


def _emissao(request: HttpRequest, competencia: date) -> date | Invalido | None:
    """The one date of all of them, when that is what was chosen."""
    if request.POST.get("quando") != "uma":
        return None
    lida, hoje = parse_data(request.POST.get("emissao", "")), timezone.localdate()
    if isinstance(lida, Invalido):
        return lida
    if lida > hoje:
        return Invalido(Motivo.PROIBIDO, f"A data {format_data(lida)} ainda não chegou. Use até {format_data(hoje)}.")
    if lida < competencia:
        mes = format_competencia(competencia)
        return Invalido(Motivo.PROIBIDO, f"A data {format_data(lida)} é antes da competência {mes}. Use a partir dela.")
    return lida


def _dizer(request: HttpRequest, geracao: Geracao) -> None:
    (messages.success if geracao.criadas else messages.info)(request, f"{geracao}.")
    for motivo, quantos in _por_motivo(geracao.fora).items():
        messages.warning(request, f"{contar(quantos, 'contrato ficou', 'contratos ficaram')} sem rascunho. {motivo}")


def _por_motivo(fora: list[Mensalidade]) -> dict[str, int]:
    motivos: dict[str, int] = {}
    for mensalidade in fora:
        motivos[mensalidade.impedimento] = motivos.get(mensalidade.impedimento, 0) + 1
    return motivos


def _desenhar(request: HttpRequest, contratos: Lista[ContratoQuerySet], *, erro: str = "") -> HttpResponse:
    contexto, usuario = contexto_de(request), usuario_de(request)
    dados: dict[str, Any] = {
        "linhas": mensalidades(list(contratos.pagina), contexto.competencia, usuario),
        "competencia": contexto.competencia,
        "quadro": quadro(contratos.base, contexto.competencia),
        "hoje": timezone.localdate(),
        "quando": request.POST.get("quando", ""),
        "emissao": request.POST.get("emissao", ""),
        "erro": erro,
    }
    resposta = desenhar_lista(request, "nfse/contratos_gerar.html", contratos, **dados)
    if erro:
        resposta.status_code = 422
    return resposta
