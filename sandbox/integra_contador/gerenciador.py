"""The manager's checks, in the documented order; each one raises the numbered refusal.

SERPRO publishes the messages but no order. The one used here is in the README of the sandbox.
"""

from django.http import HttpRequest

from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.integra_contador.autenticacao import assinatura_confere
from sandbox.integra_contador.catalogo import Servico, catalogo
from sandbox.integra_contador.envelope import Identidade, Pedido
from sandbox.integra_contador.erros import Recusa, gerenciador
from sandbox.integra_contador.models import ParDeTokens, TokenProcurador
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.cadastro import tem_poder

CPF, CNPJ, LISTA_CPF, LISTA_CNPJ = 1, 2, 3, 4
_TAMANHO_TOKEN_PROCURADOR = 36


def conferir_jwt(request: HttpRequest, par: ParDeTokens) -> None:
    jwt = request.META.get("HTTP_JWT_TOKEN", "")
    if jwt == par.jwt_token:
        return
    try:
        assinado = jwt.count(".") == 2 and assinatura_confere(jwt)
    except ValueError:
        raise gerenciador(41) from None
    if jwt.count(".") != 2:
        raise gerenciador(41)
    raise gerenciador(37 if assinado else 13)


def conferir_identidades(pedido: Pedido) -> None:
    _identidade(pedido.autor, "autorPedidoDados", {CPF, CNPJ}, cnpj=6, cpf=7)
    if pedido.contribuinte.tipo in (LISTA_CPF, LISTA_CNPJ):
        _lista(pedido.contribuinte)
    else:
        _identidade(pedido.contribuinte, "contribuinte", {CPF, CNPJ}, cnpj=8, cpf=9)
    _identidade(pedido.contratante, "contratante", {CNPJ}, cnpj=10, cpf=11)


def _identidade(identidade: Identidade, campo: str, tipos: set[int], *, cnpj: int, cpf: int) -> None:
    if identidade.tipo not in tipos:
        raise gerenciador(12, {"campo": f"{campo}.tipo"})
    valido = cnpj_valido if identidade.tipo == CNPJ else cpf_valido
    if not valido(identidade.numero):
        raise gerenciador(cnpj if identidade.tipo == CNPJ else cpf)


def _lista(identidade: Identidade) -> None:
    numeros = [numero.strip() for numero in identidade.numero.split(",") if numero.strip()]
    if not numeros:
        raise gerenciador(50)
    if any(not numero.isascii() or not numero.isalnum() for numero in numeros):
        raise gerenciador(46)
    if len(set(numeros)) != len(numeros):
        raise gerenciador(47)
    if identidade.tipo == LISTA_CNPJ and not all(map(cnpj_valido, numeros)):
        raise gerenciador(48)
    if identidade.tipo == LISTA_CPF and not all(map(cpf_valido, numeros)):
        raise gerenciador(49)


def _sobre(pedido: Pedido, numero: int, *, http: int | None = None, rota: str = "") -> Recusa:
    """A refusal whose text names what was asked for."""
    nomes = {"servico": pedido.servico, "sistema": pedido.sistema, "versao": pedido.versao or "", "rota": rota}
    return gerenciador(numero, nomes, http=http)


def achar_servico(pedido: Pedido, rota: str, http_de_017_044: int) -> Servico:
    """The row of the catalogue, after the checks on system, service, route and version."""
    servico = catalogo().get((pedido.sistema, pedido.servico))
    if servico is None:
        raise _sobre(pedido, 52)
    if not servico.liberado:
        raise _sobre(pedido, 44, http=http_de_017_044)
    if servico.descontinuado:
        raise _sobre(pedido, 55)
    if servico.rota != rota:
        raise _sobre(pedido, 17, http=http_de_017_044, rota=rota)
    if pedido.versao not in (None, servico.versao):
        raise _sobre(pedido, 40)
    return servico


def conferir_tipo_de_contribuinte(pedido: Pedido, servico: Servico) -> None:
    if pedido.contribuinte.tipo not in servico.tipos_do_sistema:
        raise _sobre(pedido, 43)
    if pedido.contribuinte.tipo not in servico.tipos_do_servico:
        raise _sobre(pedido, 51)


def conferir_partes(request: HttpRequest, pedido: Pedido, par: ParDeTokens, ajustes: Ajustes) -> None:
    """Contratante against certificate and contract, then the procurador token of another autor."""
    if pedido.contratante.numero != par.ni_certificado:
        raise gerenciador(16)
    if pedido.contratante.numero != par.cnpj_contrato:
        raise gerenciador(18)
    if pedido.autor == pedido.contratante or pedido.sistema == "AUTENTICAPROCURADOR":
        return
    token = request.META.get("HTTP_AUTENTICAR_PROCURADOR_TOKEN", "")
    if not token:
        raise gerenciador(19)
    if len(token) != _TAMANHO_TOKEN_PROCURADOR:
        raise gerenciador(42)
    guardado = TokenProcurador.objects.filter(token=token, expira__gt=ajustes.agora()).first()
    if guardado is None:
        raise gerenciador(20)
    if guardado.contratante != pedido.contratante.numero:
        raise gerenciador(53)
    if guardado.autor != pedido.autor.numero:
        raise gerenciador(54)


def conferir_procuracao(pedido: Pedido, servico: Servico, ajustes: Ajustes) -> None:
    if pedido.autor == pedido.contribuinte or not servico.poderes:
        return
    if not tem_poder(pedido.contribuinte.numero, pedido.autor.numero, servico.poderes, ajustes.hoje()):
        raise _sobre(pedido, 22)
