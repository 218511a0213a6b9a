"""The human page: what the sandbox is, what it did, and what can be set. Forms are plain POSTs with CSRF."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from sandbox.controle import acoes
from sandbox.controle.acoes import PedidoInvalido
from sandbox.nucleo import adiados, ajustes, simuladores
from sandbox.nucleo.desfechos import ACOES
from sandbox.nucleo.documentos_teste import DOCUMENTOS
from sandbox.nucleo.models import Cenario, Chamada, Contratante, Efeito

_POR_PAGINA = 100
_FILTROS_DO_LIVRO = ("servico", "tipo", "contribuinte", "pa", "tag", "documento")
_FILTROS_DE_CHAMADAS = ("operacao", "contribuinte", "pa", "tag", "status_http", "cobranca")


def _enderecos() -> list[tuple[str, str]]:
    """Every address with its label, and the certificate authority; empty while the sandbox is not up."""
    if not settings.PASTA.enderecos.exists():
        return []
    lidos = dict(json.loads(settings.PASTA.enderecos.read_text()))
    linhas = [
        (f"{simulador.rotulo}, {nome}", endereco)
        for simulador in simuladores.todos()
        for nome, endereco in lidos[simulador.nome].items()
    ]
    return [*linhas, ("Autoridade certificadora", lidos["ca"])]


@require_GET
def inicio(request: HttpRequest) -> HttpResponse:
    lidos = ajustes.ler()
    contexto = {
        "enderecos": _enderecos(),
        "agora": lidos.agora(),
        "relogio": lidos.valores["relogio"],
        "ajustes": lidos.valores,
        "limites": json.dumps(lidos.valores["limites"], ensure_ascii=False, indent=1),
        "contratantes": Contratante.objects.order_by("id"),
        "totais": {"efeitos": Efeito.objects.count(), "chamadas": Chamada.objects.count()},
    }
    return render(request, "controle/inicio.html", contexto)


@require_GET
def cenarios(request: HttpRequest) -> HttpResponse:
    regras = Cenario.objects.filter(origem="controle").prefetch_related("contagens").order_by("id")
    contexto = {"regras": regras, "acoes": list(ACOES), "operacoes": simuladores.operacoes()}
    return render(request, "controle/cenarios.html", contexto)


@require_GET
def documentos(request: HttpRequest) -> HttpResponse:
    return render(request, "controle/documentos.html", {"documentos": DOCUMENTOS})


def _filtrada[M: Model](
    request: HttpRequest, linhas: QuerySet[M], nomes: tuple[str, ...]
) -> tuple[Page[M], dict[str, str]]:
    """Newest first; empty filters are left out."""
    filtros = {nome: request.GET[nome].strip() for nome in nomes if request.GET.get(nome, "").strip()}
    achadas = acoes.filtrar(linhas, filtros, nomes).order_by("-pk")
    return Paginator(achadas, _POR_PAGINA).get_page(request.GET.get("pagina")), filtros


@require_GET
def livro(request: HttpRequest) -> HttpResponse:
    adiados.pousar(ajustes.ler().agora())
    pagina, filtros = _filtrada(request, Efeito.objects.all(), _FILTROS_DO_LIVRO)
    campos = [(nome, filtros.get(nome, "")) for nome in _FILTROS_DO_LIVRO]
    return render(request, "controle/livro.html", {"pagina": pagina, "campos": campos})


@require_GET
def chamadas(request: HttpRequest) -> HttpResponse:
    pagina, filtros = _filtrada(request, Chamada.objects.all(), _FILTROS_DE_CHAMADAS)
    campos = [(nome, filtros.get(nome, "")) for nome in _FILTROS_DE_CHAMADAS]
    return render(request, "controle/chamadas.html", {"pagina": pagina, "campos": campos})


def voltar(request: HttpRequest, destino: str, feito: str, fazer: Any) -> HttpResponseRedirect:
    """Run an action and go back with a message that says what happened."""
    try:
        fazer()
    except PedidoInvalido as erro:
        messages.error(request, str(erro))
    else:
        messages.success(request, feito)
    return redirect(destino)


@require_POST
def reset(request: HttpRequest) -> HttpResponseRedirect:
    manter = "novos_certificados" not in request.POST
    texto = "Sandbox zerado: ledger, chamadas, cenários, cadastro e relógio."
    return voltar(request, "inicio", texto, lambda: acoes.reiniciar(manter_certificados=manter))


@require_POST
def relogio(request: HttpRequest) -> HttpResponseRedirect:
    def acertar() -> None:
        acoes.acertar_relogio(
            {"real": True} if "real" in request.POST else {"fixo": _iso(request.POST.get("instante", ""))}
        )

    return voltar(request, "inicio", "Relógio acertado.", acertar)


def _iso(texto: str) -> str:
    """dd/mm/aaaa hh:mm as an ISO instant of Brasília."""
    try:
        return datetime.strptime(texto.strip(), "%d/%m/%Y %H:%M").replace(tzinfo=ajustes.BRASILIA).isoformat()
    except ValueError:
        raise PedidoInvalido("Informe o instante como dd/mm/aaaa hh:mm.") from None


@require_POST
def latencia(request: HttpRequest) -> HttpResponseRedirect:
    texto = request.POST.get("latencia_ms", "").strip()
    valor = int(texto) if texto.isdecimal() else -1
    return voltar(request, "inicio", "Latência alterada.", lambda: acoes.ajustar({"latencia_ms": valor}))


@require_POST
def limites(request: HttpRequest) -> HttpResponseRedirect:
    def acertar() -> None:
        try:
            lista = json.loads(request.POST.get("limites", "").strip() or "[]")
        except ValueError:
            raise PedidoInvalido('Limites deve ser JSON, por exemplo [{"nome": "token", "quantidade": 60}].') from None
        acoes.ajustar({"limites": lista})

    return voltar(request, "inicio", "Limites alterados.", acertar)


def _regra_do_formulario(dados: dict[str, str]) -> dict[str, Any]:
    regra: dict[str, Any] = {nome: valor.strip() for nome, valor in dados.items() if valor.strip()}
    for nome in ("nesima", "vezes"):
        if nome in regra:
            regra[nome] = int(regra[nome]) if regra[nome].isdecimal() else regra[nome]
    try:
        regra["parametros"] = json.loads(regra.get("parametros", "{}"))
    except ValueError:
        raise PedidoInvalido('Parâmetros deve ser JSON, por exemplo {"ms": 2000}.') from None
    return regra


@require_POST
def criar_cenario(request: HttpRequest) -> HttpResponseRedirect:
    nomes = ("acao", "operacao", "contribuinte", "pa", "tag", "documento", "nesima", "vezes", "conta_por", "parametros")
    dados = {nome: request.POST.get(nome, "") for nome in nomes}
    return voltar(request, "cenarios", "Cenário criado.", lambda: acoes.criar_cenario(_regra_do_formulario(dados)))


@require_POST
def remover_cenario(request: HttpRequest, numero: int) -> HttpResponseRedirect:
    return voltar(request, "cenarios", "Cenário removido.", lambda: acoes.remover_cenarios(numero))
