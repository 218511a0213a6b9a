"""The tab Consultas of a canal of SISGENF-e: what the service tells at once, kept nowhere unless it is asked to."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from comum.permissoes import opera
from nfse.forms.consultas import ConsultaForm, Qual
from nfse.models import CanalNfse, TipoCanal, Tomador
from nfse.providers.sisgenfe import Sisgenfe, TomadorNoServico
from nfse.services import acesso
from nfse.services.cadastros import PRAZO, ufs_de
from nfse.services.limites import limites_sisgenfe
from nfse.views.base_canais import canal_visivel, com_as_nossas, contexto_do_canal, ler
from operacoes.http import Chamadas

MOSTRADOS = 500  # rows: a longer answer is cut, and says so


def _do_sisgenfe(request: HttpRequest, codigo: int) -> CanalNfse:
    return canal_visivel(request, codigo, TipoCanal.SISGENFE)


def _pagina(request: HttpRequest, canal: CanalNfse, form: ConsultaForm, status: int = 200, **mais: Any) -> HttpResponse:
    contexto = contexto_do_canal(canal, "consultas") | {"form": form, "mostrados": MOSTRADOS}
    return render(request, "nfse/aba_consultas.html", contexto | mais, status=status)


@require_GET
def consultas(request: HttpRequest, codigo: int) -> HttpResponse:
    canal = _do_sisgenfe(request, codigo)
    iniciais = {"qual": Qual.NOTAS, "numero": max(canal.ultimo_numero - 20, 1)}
    return _pagina(request, canal, ConsultaForm(ufs=ufs_de(canal), initial=iniciais))


@opera
@require_POST
def ler_consulta(request: HttpRequest, codigo: int) -> HttpResponse:
    """One query of the service, its rows beside what Guichê knows of them."""
    canal = _do_sisgenfe(request, codigo)
    form = ConsultaForm(request.POST, ufs=ufs_de(canal))
    if not form.is_valid():
        return _pagina(request, canal, form, 422)
    qual = form.cleaned_data["qual"]
    lidas: list[Any] | None = ler(
        request, _pedido(canal, form.cleaned_data), limites_sisgenfe(canal.acesso), prazo=PRAZO
    )
    if lidas is None:
        return _pagina(request, canal, form)
    mostradas = lidas[:MOSTRADOS]
    linhas: list[Any] = mostradas
    if qual == Qual.NOTAS:
        linhas = com_as_nossas(canal, mostradas)
    elif qual == Qual.TOMADORES:
        linhas = com_os_nossos(canal, mostradas)
    return _pagina(request, canal, form, qual=qual, linhas=linhas, quantas=len(lidas))


def _pedido(canal: CanalNfse, limpos: dict[str, Any]) -> Callable[[Chamadas], list[Any]]:
    """The call that this query is."""

    def pedir(chamadas: Chamadas) -> list[Any]:
        cliente: Sisgenfe = acesso.abrir_sisgenfe(canal)
        match limpos["qual"]:
            case Qual.NOTAS:
                return cliente.notas(limpos["numero"] or 0, chamadas=chamadas)
            case Qual.TOMADORES:
                return cliente.tomadores(limpos["documento"], chamadas=chamadas)
            case Qual.CNAE:
                return cliente.cnaes(limpos["lc116"], chamadas=chamadas)
            case Qual.MUNICIPIOS:
                return cliente.municipios(limpos["uf"], chamadas=chamadas)
            case _:
                return cliente.unidades(chamadas=chamadas)

    return pedir


def com_os_nossos(canal: CanalNfse, lidos: list[TomadorNoServico]) -> list[tuple[TomadorNoServico, Tomador | None]]:
    """Each customer of the service with our tomador of the same document, if there is one."""
    documentos = [lido.documento for lido in lidos]
    nossos = {t.documento: t for t in Tomador.objects.filter(empresa=canal.empresa_id, documento__in=documentos)}
    return [(lido, nossos.get(lido.documento)) for lido in lidos]
