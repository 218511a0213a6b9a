"""The human page of Integra Notas: tokens, what waits for a town hall, what can be sent. Plain POSTs with CSRF."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from sandbox.controle.acoes import PedidoInvalido
from sandbox.integranotas import avisos
from sandbox.integranotas.comportamento import AUTORIZAR, RECUSAR, TOMADORES_DE_TESTE
from sandbox.integranotas.contexto import AMBIENTES
from sandbox.integranotas.controle import acoes, mensagens
from sandbox.integranotas.models import Aviso, Conta, Emitente
from sandbox.nucleo import adiados, ajustes

_POR_PAGINA = 50
_ULTIMOS = 20


@require_GET
def inicio(request: HttpRequest) -> HttpResponse:
    adiados.pousar(ajustes.ler().agora())
    busca = request.GET.get("emitente", "").strip()
    emitentes, notas = Emitente.objects.select_related("conta").order_by("id"), acoes.notas()
    if busca:
        emitentes, notas = emitentes.filter(documento=busca), notas.filter(emitente__documento=busca)
    contexto = {
        "contas": Conta.objects.order_by("id"),
        "ambientes": AMBIENTES,
        "emitentes": emitentes[:_POR_PAGINA],
        "pagina": Paginator(notas, _POR_PAGINA).get_page(request.GET.get("pagina")),
        "campos": [("emitente", busca)],
        "avisos": Aviso.objects.select_related("emitente").order_by("-id")[:_ULTIMOS],
        "tipos": mensagens.TIPOS,
        "tomadores": TOMADORES_DE_TESTE,
    }
    return render(request, "controle/integranotas.html", contexto)


def _voltar(request: HttpRequest, fazer: Callable[[], str]) -> HttpResponseRedirect:
    """Run an action and go back with what it says happened."""
    try:
        messages.success(request, fazer())
    except PedidoInvalido as erro:
        messages.error(request, str(erro))
    return redirect("integranotas")


@require_POST
def criar_conta(request: HttpRequest) -> HttpResponseRedirect:
    def fazer() -> str:
        dados = {"nome": request.POST.get("nome", ""), "ambiente": request.POST.get("ambiente", "")}
        return f"Conta {acoes.criar_conta(dados).nome} criada."

    return _voltar(request, fazer)


@require_POST
def criar_emitente(request: HttpRequest) -> HttpResponseRedirect:
    def fazer() -> str:
        item = {nome: request.POST.get(nome, "").strip() for nome in ("documento", "nome", "municipio")}
        item = {nome: valor for nome, valor in item.items() if valor}
        conta = request.POST.get("conta", "")
        dados = {"conta": int(conta) if conta.isdecimal() else 0, "emitentes": [item | _espera(request)]}
        return f"Emitente {acoes.cadastrar_emitentes(dados)[0].documento} cadastrado."

    return _voltar(request, fazer)


def _espera(request: HttpRequest) -> dict[str, object]:
    texto = request.POST.get("segundos", "").strip()
    if texto and not texto.isdecimal():
        raise PedidoInvalido(
            "Segundos até a resposta: informe um número inteiro, ou deixe vazio para responder na hora."
        )
    return {"segundos": int(texto or 0), "desfecho": request.POST.get("desfecho") or AUTORIZAR}


@require_POST
def decidir(request: HttpRequest, chave: str) -> HttpResponseRedirect:
    def fazer() -> str:
        desfecho = RECUSAR if request.POST.get("desfecho") == RECUSAR else AUTORIZAR
        acoes.decidir(chave, {"desfecho": desfecho})
        return "A prefeitura respondeu: autorizado." if desfecho == AUTORIZAR else "A prefeitura respondeu: recusado."

    return _voltar(request, fazer)


@require_POST
def prefeitura(request: HttpRequest, chave: str) -> HttpResponseRedirect:
    def fazer() -> str:
        acoes.mudar_na_prefeitura(chave, {"situacao": request.POST.get("situacao")})
        return "Situação mudada no site da prefeitura; o serviço ainda não sabe."

    return _voltar(request, fazer)


@require_POST
def entregar(request: HttpRequest) -> HttpResponseRedirect:
    return _voltar(request, lambda: f"{avisos.entregar(ajustes.ler().agora())} aviso(s) enviado(s).")


@require_POST
def enviar(request: HttpRequest) -> HttpResponseRedirect:
    def fazer() -> str:
        dados = {nome: request.POST.get(nome, "").strip() for nome in ("emitente", "tipo", "chave")}
        feito = mensagens.enviar(dados)
        return f"Aviso enviado a {feito['url']}: {feito['resposta']}."

    return _voltar(request, fazer)


urlpatterns = [
    path("", inicio, name="integranotas"),
    path("contas/", criar_conta, name="integranotas_conta"),
    path("emitentes/", criar_emitente, name="integranotas_emitente"),
    path("notas/<str:chave>/decidir/", decidir, name="integranotas_decidir"),
    path("notas/<str:chave>/prefeitura/", prefeitura, name="integranotas_prefeitura"),
    path("avisos/", entregar, name="integranotas_avisos"),
    path("avisos/enviar/", enviar, name="integranotas_enviar"),
]
