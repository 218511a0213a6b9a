"""JSON control of the sandbox, for tests and scripts. Plain HTTP, loopback only; POST bodies are application/json,
which a page of another origin cannot send without being asked first."""

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db.models import Count, Max
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from sandbox.controle import acoes
from sandbox.controle.acoes import PedidoInvalido
from sandbox.integra_contador.receita import registro as registro_da_receita
from sandbox.nucleo import adiados, ajustes
from sandbox.nucleo.models import Cenario, Chamada, Contratante, Efeito, EfeitoAdiado
from sandbox.nucleo.reinicio import caminho_a1

View = Callable[..., HttpResponseBase]
_LOOPBACK = {"127.0.0.1", "::1", ""}
_LIMITE = 100_000
_FILTROS_DE_CHAMADA = (
    *("servico", "ambiente", "rota", "operacao", "contratante"),
    *("contribuinte", "pa", "tag", "status_http", "cobranca"),
)


def _erro(texto: str, status: int = 400) -> JsonResponse:
    return JsonResponse({"erro": texto}, status=status)


def api(*metodos: str) -> Callable[[View], View]:
    """A JSON endpoint: loopback, the given methods, errors as JSON."""

    def decorar(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def envolta(request: HttpRequest, **partes: str) -> HttpResponseBase:
            if request.META.get("REMOTE_ADDR", "") not in _LOOPBACK:
                return _erro("A API de controle só atende a própria máquina.", 403)
            if request.method not in metodos:
                return _erro(f"Use {' ou '.join(metodos)}.", 405)
            if request.method == "POST" and request.content_type != "application/json":
                return _erro("Envie Content-Type: application/json.", 415)
            try:
                return view(request, **partes)
            except PedidoInvalido as erro:
                return _erro(str(erro))

        return envolta

    return decorar


def corpo(request: HttpRequest) -> dict[str, Any]:
    try:
        lido = json.loads(request.body or b"{}")
    except ValueError:
        raise PedidoInvalido("O corpo não é JSON.") from None
    if not isinstance(lido, dict):
        raise PedidoInvalido("O corpo deve ser um objeto JSON.")
    return lido


@api("GET")
def saude(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"situacao": "ok"})


@api("GET")
def ledger(request: HttpRequest) -> JsonResponse:
    adiados.pousar(ajustes.ler().agora())
    filtros = ("servico", "tipo", "contribuinte", "pa", "tag", "documento")
    efeitos = acoes.filtrar(Efeito.objects.all(), request.GET, filtros)
    campos = ("id", "instante", *filtros, "sequencia", "numero", "valor")
    return JsonResponse({"efeitos": list(efeitos.values(*campos)[:_LIMITE])})


@api("GET")
def tardios(request: HttpRequest) -> JsonResponse:
    """Effects still to land: how many, and when the last one does. `ate`: only those of so many seconds from now."""
    agora, ate = ajustes.ler().agora(), request.GET.get("ate", "")
    adiados.pousar(agora)
    por_vir = EfeitoAdiado.objects.all()
    if ate:
        if not ate.isdecimal():
            raise PedidoInvalido("ate deve ser um número de segundos.")
        por_vir = por_vir.filter(quando__lte=agora + timedelta(seconds=int(ate)))
    return JsonResponse(por_vir.aggregate(quantos=Count("id"), ultimo=Max("quando")))


@api("GET")
def chamadas(request: HttpRequest) -> JsonResponse:
    filtros = (
        "servico",
        "ambiente",
        "rota",
        "operacao",
        "contratante",
        "contribuinte",
        "pa",
        "tag",
        "status_http",
        "cobranca",
        "limite",
    )
    linhas = acoes.filtrar(Chamada.objects.all(), request.GET, filtros)
    return JsonResponse({"chamadas": list(linhas.values()[:_LIMITE])})


@api("GET")
def consumo(request: HttpRequest) -> HttpResponse:
    """The consumption report: one row per call, columns as SERPRO names them."""
    resposta = HttpResponse(content_type="text/csv; charset=utf-8")
    resposta["Content-Disposition"] = 'attachment; filename="consumo.csv"'
    escritor = csv.writer(resposta, delimiter=";")
    escritor.writerow(["DATA", "CNPJ/CPF", "URL", "RESPONSE_CODE", "IP", "OBSERVAÇÃO", "TAG", "QUANTIDADE"])
    cobradas = Chamada.objects.filter(servico="integra_contador", ambiente="producao").exclude(operacao="authenticate")
    for chamada in cobradas.order_by("id").iterator():
        escritor.writerow(
            [
                timezone.localtime(chamada.instante).strftime("%d/%m/%Y %H:%M:%S"),
                chamada.contratante,
                f"/integra-contador/v1/{chamada.rota}",
                chamada.status_http,
                chamada.ip,
                chamada.operacao,
                chamada.tag,
                1,
            ]
        )
    return resposta


@api("POST")
def reset(request: HttpRequest) -> JsonResponse:
    acoes.reiniciar(manter_certificados=bool(corpo(request).get("manter_certificados", True)))
    return JsonResponse({"situacao": "ok"})


@api("GET", "POST", "DELETE")
def cenarios(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        return JsonResponse(acoes.mostrar_cenario(acoes.criar_cenario(corpo(request))), status=201)
    if request.method == "DELETE":
        return JsonResponse({"removidos": acoes.remover_cenarios()})
    return JsonResponse({"cenarios": [acoes.mostrar_cenario(cenario) for cenario in Cenario.objects.order_by("id")]})


@api("GET", "DELETE")
def cenario(request: HttpRequest, numero: str) -> JsonResponse:
    achado = Cenario.objects.filter(pk=numero).first()
    if achado is None:
        return _erro(f"Não há cenário {numero}.", 404)
    if request.method == "DELETE":
        return JsonResponse({"removidos": acoes.remover_cenarios(achado.pk)})
    return JsonResponse(acoes.mostrar_cenario(achado))


@api("GET", "POST")
def relogio(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        acoes.acertar_relogio(corpo(request))
    lidos = ajustes.ler()
    return JsonResponse({"agora": lidos.agora(), **lidos.valores["relogio"]})


@api("GET", "POST")
def ajustar(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        acoes.ajustar(corpo(request))
    return JsonResponse(ajustes.ler().valores)


def _mostrar_contratante(request: HttpRequest, contratante: Contratante) -> dict[str, str]:
    return {
        "cnpj": contratante.cnpj,
        "nome": contratante.nome,
        "consumerKey": contratante.consumer_key,
        "consumerSecret": contratante.consumer_secret,
        "a1": request.build_absolute_uri(f"/controle/api/contratantes/{contratante.cnpj}/a1.pfx"),
        "senha": contratante.senha_a1,
    }


@api("GET", "POST")
def contratantes(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        return JsonResponse(_mostrar_contratante(request, acoes.criar_contratante(corpo(request))), status=201)
    todos = Contratante.objects.order_by("id")
    return JsonResponse({"contratantes": [_mostrar_contratante(request, contratante) for contratante in todos]})


@api("GET")
def a1_do_contratante(request: HttpRequest, cnpj: str) -> FileResponse:
    if not Contratante.objects.filter(cnpj=cnpj).exists():
        raise Http404
    return FileResponse(caminho_a1(cnpj).open("rb"), as_attachment=True, filename=f"{cnpj}.pfx")


@api("GET", "POST")
def a1(request: HttpRequest) -> HttpResponse:
    dados = corpo(request) if request.method == "POST" else request.GET.dict()
    return HttpResponse(acoes.emitir_a1(dados), content_type="application/x-pkcs12")


@api("POST")
def cadastro(request: HttpRequest) -> JsonResponse:
    return JsonResponse(acoes.cadastrar(corpo(request)))


@api("GET", "POST")
def avisos(request: HttpRequest) -> JsonResponse:
    """Tell what the Receita holds; or read how it numbered the last of each of `documentos` (separated by commas)."""
    if request.method == "POST":
        return JsonResponse(acoes.avisar(corpo(request)))
    return JsonResponse(registro_da_receita.numeros(request.GET.get("documentos", "").split(",")))


@api("POST")
def pagamentos(request: HttpRequest) -> JsonResponse:
    acoes.pagar(corpo(request))
    return JsonResponse({"situacao": "ok"})
