"""HTTP edge of the simulator: one view for the token, one for the five routes of both environments."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from sandbox.integra_contador import autenticacao, catalogo, envelope, gerenciador, servicos, teste
from sandbox.integra_contador.envelope import Pedido
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.erros import gerenciador as recusa_do_gerenciador
from sandbox.integra_contador.models import ParDeTokens
from sandbox.nucleo import adiados, borda, limites, rapido
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.borda import Atendimento
from sandbox.nucleo.cenarios import Alvo, Plano, cumprir, escolher
from sandbox.nucleo.livro import gravacao
from sandbox.nucleo.models import Chamada

ROTAS = ("Apoiar", "Consultar", "Declarar", "Emitir", "Monitorar")
_MAIOR_TAG = 32
_ROTAS_GRATUITAS = {"Apoiar", "Monitorar"}
_STATUS_GRATUITOS = {204, 304, 400, 401, 404, 429, 500, 503}
_CLASSES = {"Consultar": "Consulta", "Emitir": "Emissão", "Declarar": "Declaração"}


def _falha(status: int, codigo: int, mensagem: str, descricao: str) -> HttpResponse:
    """A fault of the gateway itself (WSO2 shape), not the envelope."""
    corpo = {"fault": {"code": codigo, "message": mensagem, "description": descricao}}
    return HttpResponse(json.dumps(corpo), status=status, content_type="application/json")


def recurso_inexistente(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _falha(404, 404, "Not Found", "No matching resource found for given API Request")


def _metodo_errado() -> HttpResponse:
    return _falha(405, 405, "Method Not Allowed", "Method not allowed for given API resource")


def _nao_autorizado() -> HttpResponse:
    return _falha(401, 900901, "Invalid Credentials", "Access failure for API: Invalid Credentials")


@dataclass(frozen=True)
class RespostasIntegra:
    """The shapes of refusal of this service, for the scenario engine."""

    eco: dict[str, Any]
    agora: datetime
    sistema: str = "ICGERENCIADOR"
    par: ParDeTokens | None = None

    def recusa(self, http: int, codigo: str, texto: str) -> HttpResponse:
        codigo = codigo or f"EntradaIncorreta-{self.sistema}"
        return envelope.resposta_de_recusa(self.eco, Recusa(http, f"[{codigo.strip('[]')}]", texto), self.agora)

    def erro(self, http: int) -> HttpResponse:
        return self.recusa(http, "Erro-ICGERENCIADOR-001", "Falha interna ao encaminhar a requisição.")

    def token_expirado(self) -> HttpResponse:
        if self.par is not None:
            self.par.delete()
        return _nao_autorizado()

    def limite(self, espera: int | None) -> HttpResponse:
        resposta = _falha(429, 900807, "Message throttled out", "You have exceeded your quota")
        if espera is not None:
            resposta["Retry-After"] = str(espera)
        return resposta

    def tempo_esgotado(self) -> HttpResponse:
        texto = f"O sistema {self.sistema} não respondeu em 60 segundos."
        return self.recusa(504, f"Erro-{self.sistema}-058", texto)


@dataclass(frozen=True)
class RespostasToken:
    """The shapes of refusal of the token service."""

    agora: datetime

    def recusa(self, http: int, codigo: str, texto: str) -> HttpResponse:
        return autenticacao.erro(http, texto, self.agora)

    def erro(self, http: int) -> HttpResponse:
        return autenticacao.erro(http, "Serviço indisponível.", self.agora)

    def token_expirado(self) -> HttpResponse:
        return autenticacao.erro(401, "Credenciais inválidas.", self.agora)

    def limite(self, espera: int | None) -> HttpResponse:
        resposta = autenticacao.erro(429, "Limite de requisições excedido.", self.agora)
        if espera is not None:
            resposta["Retry-After"] = str(espera)
        return resposta

    def tempo_esgotado(self) -> HttpResponse:
        return autenticacao.erro(504, "Tempo esgotado.", self.agora)


def _abrir(request: HttpRequest, rota: str, ambiente: str) -> Atendimento:
    return borda.abrir(request, servico=catalogo.SERVICO, ambiente=ambiente, rota=rota, maior_tag=_MAIOR_TAG)


@csrf_exempt
def authenticate(request: HttpRequest) -> HttpResponseBase:
    if request.method != "POST":
        return _metodo_errado()
    atendimento = _abrir(request, "authenticate", "producao")
    ajustes, chamada = atendimento.ajustes, atendimento.chamada
    chamada.operacao = "authenticate"
    plano = escolher(Alvo(catalogo.SERVICO, "authenticate", tag=chamada.tag))
    resposta = cumprir(plano, lambda: autenticacao.autenticar(request, ajustes), RespostasToken(ajustes.agora()))
    return atendimento.fechar(plano, resposta)


@csrf_exempt
def rota(request: HttpRequest, rota: str, ambiente: str) -> HttpResponseBase:
    if rota not in ROTAS:
        return recurso_inexistente(request)
    if request.method != "POST":
        return _metodo_errado()
    atendimento = _abrir(request, rota, ambiente)
    ajustes, chamada = atendimento.ajustes, atendimento.chamada
    atender = _teste if ambiente == "trial" else _producao
    plano, resposta = atender(request, rota, ajustes, chamada)
    if ambiente == "producao":
        chamada.cobranca = cobranca(rota, resposta.status_code)
    if isinstance(resposta, envelope.Resposta):
        chamada.codigos = list(resposta.codigos)
    return atendimento.fechar(plano, resposta)


def cobranca(rota: str, status: int) -> str:
    """`sim`, `nao` or `incerta`: SERPRO lists the free statuses and routes, and leaves 504 out of both lists."""
    if rota in _ROTAS_GRATUITAS or status in _STATUS_GRATUITOS:
        return "nao"
    return "incerta" if status == 504 else "sim"


def _portador(request: HttpRequest) -> str:
    esquema, _, valor = request.headers.get("Authorization", "").partition(" ")
    return valor.strip() if esquema.lower() == "bearer" else ""


def _anotar(chamada: Chamada, pedido: Pedido, rota: str) -> None:
    chamada.operacao = pedido.servico[:60]
    chamada.contratante = pedido.contratante.numero[:14]
    chamada.autor = pedido.autor.numero[:14]
    chamada.contribuinte = pedido.contribuinte.numero[:14]
    chamada.pa = servicos.periodo(pedido)
    chamada.classe = _CLASSES.get(rota, "")


def _ler_envelope(request: HttpRequest, chamada: Chamada, rota: str, ajustes: Ajustes) -> Pedido:
    aceita = bool(ajustes.valores["aceita_tipo_texto"])
    pedido = envelope.ler(request.body, aceita_tipo_texto=aceita)
    _anotar(chamada, pedido, rota)
    return pedido


def _limitar(request: HttpRequest, chamada: Chamada, ajustes: Ajustes) -> HttpResponse | None:
    """The refusal of a call that comes over a rate limit; a request without a readable envelope counts in none."""
    estouro = limites.passar(
        ajustes.valores["limites"],
        ajustes.agora(),
        operacao=chamada.operacao,
        token=_portador(request),
        documento=chamada.contribuinte,
        ip=chamada.ip or "",
    )
    if estouro is None:
        return None
    chamada.limite = estouro.motivo
    return RespostasIntegra({}, ajustes.agora()).limite(estouro.espera)


def _producao(request: HttpRequest, rota: str, ajustes: Ajustes, chamada: Chamada) -> tuple[Plano, HttpResponse]:
    agora = ajustes.agora()
    par = rapido.primeiro(
        ParDeTokens, "access_token = %s AND expira > %s", [_portador(request), rapido.instante(agora)]
    )
    if par is None:
        return Plano(), _nao_autorizado()
    if request.content_type != "application/json":
        return Plano(), HttpResponse(status=415)
    try:
        pedido = _ler_envelope(request, chamada, rota, ajustes)
        if recusada := _limitar(request, chamada, ajustes):
            return Plano(), recusada
        servico = _conferir(request, pedido, par, rota, ajustes)
    except Recusa as recusa:
        return Plano(), envelope.resposta_de_recusa(envelope.ecoavel(request.body), recusa, agora)
    return _executar(pedido, servico, par, ajustes, chamada)


def _conferir(request: HttpRequest, pedido: Pedido, par: ParDeTokens, rota: str, ajustes: Ajustes) -> catalogo.Servico:
    gerenciador.conferir_jwt(request, par)
    gerenciador.conferir_identidades(pedido)
    servico = gerenciador.achar_servico(pedido, rota, int(ajustes.valores["status_017_044"]))
    gerenciador.conferir_tipo_de_contribuinte(pedido, servico)
    gerenciador.conferir_partes(request, pedido, par, ajustes)
    gerenciador.conferir_procuracao(pedido, servico, ajustes)
    return servico


def _executar(
    pedido: Pedido, servico: catalogo.Servico, par: ParDeTokens, ajustes: Ajustes, chamada: Chamada
) -> tuple[Plano, HttpResponse]:
    """Choose the scenario of a call that passed the manager and carry it out."""
    respostas = RespostasIntegra(pedido.bruto, ajustes.agora(), servico.sistema, par)
    efeito = servicos.pede_efeito(pedido)
    alvo = Alvo(catalogo.SERVICO, pedido.servico, chamada.contribuinte, chamada.pa, chamada.tag, efeito)
    plano = escolher(alvo)
    if plano.acao == "efeito_tardio":
        guardado = {"corpo": pedido.bruto, "tag": chamada.tag}
        with gravacao():
            adiados.adiar(catalogo.SERVICO, guardado, ajustes.agora(), float(plano.parametros.get("segundos", 5)))
    return plano, cumprir(plano, _processar(pedido, ajustes, chamada.tag), respostas)


def _processar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Callable[[], HttpResponse]:
    def processar() -> HttpResponse:
        try:
            return envelope.responder(pedido.bruto, servicos.atender(pedido, ajustes, tag), ajustes.agora())
        except Recusa as recusa:
            return envelope.resposta_de_recusa(pedido.bruto, recusa, ajustes.agora())

    return processar


def _teste(request: HttpRequest, rota: str, ajustes: Ajustes, chamada: Chamada) -> tuple[Plano, HttpResponse]:
    """The trial environment: fixed public bearer, no certificate, no check digits, canned answers."""
    if _portador(request) != teste.PORTADOR:
        return Plano(), _nao_autorizado()
    if request.content_type != "application/json":
        return Plano(), HttpResponse(status=415)
    try:
        pedido = _ler_envelope(request, chamada, rota, ajustes)
        if recusada := _limitar(request, chamada, ajustes):
            return Plano(), recusada
        gerenciador.achar_servico(pedido, rota, int(ajustes.valores["status_017_044"]))
        resultado = teste.RESPOSTAS.get(pedido.servico)
        if resultado is None:
            raise recusa_do_gerenciador(28, {"servico": pedido.servico})
    except Recusa as recusa:
        return Plano(), envelope.resposta_de_recusa(envelope.ecoavel(request.body), recusa, ajustes.agora())
    return Plano(), envelope.responder(pedido.bruto, resultado(pedido), ajustes.agora())
