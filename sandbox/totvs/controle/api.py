"""JSON control of the ERP, below `/controle/api/totvs/`."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import path

from sandbox.controle.acoes import filtrar
from sandbox.controle.api import api, corpo
from sandbox.nucleo import adiados, ajustes
from sandbox.totvs import acesso, registros
from sandbox.totvs.controle import acoes
from sandbox.totvs.fornecedores_teste import FORNECEDORES_DE_TESTE
from sandbox.totvs.models import Bordero, Movimento, Titulo, Usuario

_LIMITE = 100_000


@api("GET", "POST")
def cadastros(request: HttpRequest) -> JsonResponse:
    return JsonResponse(acoes.cadastrar(corpo(request)) if request.method == "POST" else registros.conteudo())


def _usuario(usuario: Usuario) -> dict[str, Any]:
    campos = ("nome", "token", "estabelecimentos", "programas", "bloqueado")
    return {campo: getattr(usuario, campo) for campo in campos}


@api("GET", "POST")
def usuarios(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        return JsonResponse(_usuario(acoes.gravar_usuario(corpo(request))), status=201)
    return JsonResponse({"usuarios": [_usuario(usuario) for usuario in Usuario.objects.order_by("pk")]})


@api("GET")
def demonstracao(request: HttpRequest) -> JsonResponse:
    """What a client needs to call: the integration user, its password and token, and the test suppliers."""
    return JsonResponse(
        {
            "usuario": acesso.DEMONSTRACAO,
            "senha": acesso.senha_de_demonstracao(),
            "token": acesso.novo_token(acesso.DEMONSTRACAO),
            "empresa": "001",
            "estabelecimento": "100",
            "fornecedores": [{"codigo": teste.codigo, "titulo": teste.titulo} for teste in FORNECEDORES_DE_TESTE],
        }
    )


@api("GET", "POST")
def titulos(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        return JsonResponse(acoes.mostrar_titulo(acoes.carregar_titulo(corpo(request))), status=201)
    adiados.pousar(ajustes.ler().agora())
    aceitos = ("chave", "empresa", "estabelecimento", "fornecedor", "numero", "situacao", "referencia", "tipo")
    achados = filtrar(Titulo.objects.all(), request.GET, aceitos)
    return JsonResponse({"titulos": [acoes.mostrar_titulo(titulo) for titulo in achados[:_LIMITE]]})


@api("GET")
def movimentos(request: HttpRequest) -> JsonResponse:
    """Movements, oldest first; `chave` is the title's."""
    adiados.pousar(ajustes.ler().agora())
    filtros = {nome: str(valor) for nome, valor in request.GET.items()}
    linhas = Movimento.objects.all()
    if "chave" in filtros:
        linhas = linhas.filter(titulo__chave=filtros.pop("chave"))
    achados = filtrar(linhas, filtros, ("tipo", "referencia"))
    campos = ("id", "titulo__chave", "tipo", "referencia", "data", "valor", "estornado")
    return JsonResponse({"movimentos": list(achados.values(*campos)[:_LIMITE])})


@api("GET", "POST")
def borderos(request: HttpRequest) -> JsonResponse:
    """GET: every borderô with its titles. POST {"id": n}: the bank confirms one."""
    if request.method == "POST":
        bordero, referencia = acoes.confirmar(corpo(request).get("id"))
        return JsonResponse({"numero": bordero.numero, "referencia": referencia})
    adiados.pousar(ajustes.ler().agora())
    linhas = Bordero.objects.prefetch_related("itens__titulo").order_by("pk")[:_LIMITE]
    campos = ("empresa", "estabelecimento", "portador", "numero", "data", "confirmado")
    return JsonResponse(
        {
            "borderos": [
                {"id": bordero.pk}
                | {campo: getattr(bordero, campo) for campo in campos}
                | {"titulos": [item.titulo.chave for item in bordero.itens.all()]}
                for bordero in linhas
            ]
        }
    )


urlpatterns = [
    path("cadastros", cadastros),
    path("usuarios", usuarios),
    path("demonstracao", demonstracao),
    path("titulos", titulos),
    path("movimentos", movimentos),
    path("borderos", borderos),
]
