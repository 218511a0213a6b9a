"""SISGENF-e in the control: its JSON, below `/controle/api/sisgenfe/`, and its page."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from sandbox.controle import acoes_sisgenfe as acoes
from sandbox.controle.acoes import PedidoInvalido, filtrar
from sandbox.controle.api import api, corpo
from sandbox.controle.pagina import voltar
from sandbox.nucleo import adiados, ajustes
from sandbox.sisgenfe import notas as notas_do_simulador
from sandbox.sisgenfe import registro, tabelas
from sandbox.sisgenfe.models import Aplicativo, Cancelamento, Nota, Prestador
from sandbox.sisgenfe.prestadores_teste import PRESTADORES_DE_TESTE

_LIMITE = 100_000
_NA_PAGINA = 50


@api("GET", "POST")
def prestadores(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        return JsonResponse({"prestadores": acoes.cadastrar(corpo(request))}, status=201)
    achados = filtrar(Prestador.objects.prefetch_related("usuarios"), request.GET, ("cnpj",))
    return JsonResponse({"prestadores": [acoes.mostrar_prestador(prestador) for prestador in achados[:_LIMITE]]})


@api("GET", "POST")
def aplicativos(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        return JsonResponse(acoes.mostrar_aplicativo(acoes.gravar_aplicativo(corpo(request))), status=201)
    todos = Aplicativo.objects.order_by("pk")
    return JsonResponse({"aplicativos": [acoes.mostrar_aplicativo(aplicativo) for aplicativo in todos]})


@api("GET")
def demonstracao(request: HttpRequest) -> JsonResponse:
    """What a client needs to log in: the key, the user and password of every test issuer, and who they are."""
    return JsonResponse(
        {
            "app": registro.chave_de_demonstracao(),
            "usuario": registro.USUARIO_DE_DEMONSTRACAO,
            "senha": registro.senha_de_demonstracao(),
            "prestadores": [{"cnpj": teste.cnpj, "titulo": teste.titulo} for teste in PRESTADORES_DE_TESTE],
        }
    )


def _atualizar() -> None:
    """Let land what was to land by now."""
    agora = ajustes.ler().agora()
    adiados.pousar(agora)
    notas_do_simulador.pousar(agora)


def _notas() -> QuerySet[Nota]:
    return Nota.objects.select_related("prestador", "cancelamento").prefetch_related("correcoes")


@api("GET")
def notas(request: HttpRequest) -> JsonResponse:
    """Notes, oldest first. `marca` finds those whose `observacao` has the text anywhere."""
    _atualizar()
    filtros = {nome: str(valor) for nome, valor in request.GET.items()}
    escolha = Q()
    if "prestador" in filtros:
        escolha &= Q(prestador__cnpj=filtros.pop("prestador"))
    if "ambiente" in filtros:
        escolha &= Q(ambiente=acoes.ambiente(filtros.pop("ambiente")))
    if "marca" in filtros:
        escolha &= Q(observacao__contains=filtros.pop("marca"))
    for nome in ("numero", "desde_id"):
        if not filtros.get(nome, "0").isdecimal():
            raise PedidoInvalido(f"{nome} deve ser um número.")
    achadas = filtrar(_notas().filter(escolha), filtros, ("numero", "situacao", "tomador"))
    return JsonResponse({"notas": [registro.mostrar_nota(nota) for nota in achadas[:_LIMITE]]})


@api("GET", "POST")
def cancelamentos(request: HttpRequest) -> JsonResponse:
    """GET: the notes whose cancellation waits for the town hall. POST: its answer."""
    if request.method == "POST":
        return JsonResponse({"situacao": acoes.decidir(corpo(request))})
    _atualizar()
    espera = _notas().filter(situacao=Nota.Situacao.SOLICITADA).order_by("pk")
    return JsonResponse({"notas": [registro.mostrar_nota(nota) for nota in espera[:_LIMITE]]})


def _linha(prestador: Prestador) -> dict[str, Any]:
    municipio = tabelas.municipios()[prestador.municipio]
    return {
        "prestador": prestador,
        "municipio": f"{municipio['nome']}/{municipio['estado']['uf']}",
        "usuarios": list(prestador.usuarios.all()),
    }


@require_GET
def pagina(request: HttpRequest) -> HttpResponse:
    _atualizar()
    prestadores = Prestador.objects.prefetch_related("usuarios").order_by("pk")[:_NA_PAGINA]
    espera = Cancelamento.objects.select_related("nota__prestador").filter(decidido=None).order_by("pk")
    contexto = {
        "aplicativos": Aplicativo.objects.order_by("pk")[:_NA_PAGINA],
        "prestadores": [_linha(prestador) for prestador in prestadores],
        "cancelamentos": espera[:_NA_PAGINA],
        "tipos": notas_do_simulador.TIPOS_DE_CANCELAMENTO,
        "notas": _notas().order_by("-pk")[:_NA_PAGINA],
        "totais": {"prestadores": Prestador.objects.count(), "notas": Nota.objects.count()},
    }
    return render(request, "controle/sisgenfe.html", contexto)


@require_POST
def cadastrar(request: HttpRequest) -> HttpResponseRedirect:
    dados = {
        nome: request.POST.get(nome, "").strip() for nome in ("cnpj", "nome", "municipio", "usuario", "senha", "app")
    }
    informados = {nome: valor for nome, valor in dados.items() if valor}
    return voltar(request, "sisgenfe", "Prestador cadastrado.", lambda: acoes.cadastrar({"prestadores": [informados]}))


@require_POST
def bloquear(request: HttpRequest) -> HttpResponseRedirect:
    bloqueado = request.POST.get("bloqueado") == "1"
    feito = "Aplicativo bloqueado." if bloqueado else "Aplicativo liberado."
    dados = {"chave": request.POST.get("chave", ""), "bloqueado": bloqueado}
    return voltar(request, "sisgenfe", feito, lambda: acoes.gravar_aplicativo(dados))


@require_POST
def decidir(request: HttpRequest) -> HttpResponseRedirect:
    def fazer() -> None:
        numero = request.POST.get("pedido", "")
        pedidos = Cancelamento.objects.select_related("nota__prestador")
        pedido = pedidos.filter(pk=int(numero)).first() if numero.isdecimal() else None
        if pedido is None:
            raise PedidoInvalido("Esse pedido de cancelamento não existe mais.")
        nota = pedido.nota
        if not registro.decidir(nota.prestador.cnpj, nota.numero, nota.ambiente, aprova=aprova):
            raise PedidoInvalido(f"O cancelamento da nota {nota.numero} já foi decidido.")

    aprova = request.POST.get("aprova") == "1"
    return voltar(request, "sisgenfe", "Cancelamento aprovado." if aprova else "Cancelamento negado.", fazer)
