"""HTTP edge of the simulator: one view for the eleven operations of both ambientes.

Order of the checks: path (404), verb (405), token (401, 403), media type (415), rate limits (429), permission (403),
JSON (400), scenario, operation. The login knows nobody before it reads, so its scenario comes right after the JSON.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from sandbox.nucleo import adiados, borda, limites
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.borda import Atendimento
from sandbox.nucleo.cenarios import PAGINA_HTML, Alvo, Plano, cumprir, escolher
from sandbox.nucleo.livro import gravacao
from sandbox.sisgenfe import acesso, emissao, notas, operacoes
from sandbox.sisgenfe.contexto import Contexto, opcao
from sandbox.sisgenfe.erros import Recusa
from sandbox.sisgenfe.formatos import em_json, sem_mascara
from sandbox.sisgenfe.leitura import Campos, ler_json
from sandbox.sisgenfe.opcoes import SERVICO

_MAIOR_TAG = 64
_JSON = "application/json"


def _erro(recusa: Recusa, ajustes: Ajustes | None = None) -> HttpResponse:
    perfil = opcao(ajustes, "erros_html") if ajustes else "nenhum"
    if perfil == "todos" or (perfil == "5xx" and recusa.http >= 500):
        return HttpResponse(PAGINA_HTML, status=recusa.http, content_type="text/html; charset=utf-8")
    corpo = {"status": recusa.http, "mensagem": recusa.mensagem, "campo": recusa.campo}
    return HttpResponse(em_json(corpo), status=recusa.http, content_type=_JSON)


@dataclass(frozen=True)
class Respostas:
    """The shapes of refusal of this service, for the scenario engine. The `codigo` of a rule is the field."""

    ajustes: Ajustes
    token: str = ""

    def recusa(self, http: int, codigo: str, texto: str) -> HttpResponse:
        return _erro(Recusa(http, texto, codigo or None), self.ajustes)

    def erro(self, http: int) -> HttpResponse:
        return _erro(Recusa(http, "Serviço indisponível."), self.ajustes)

    def token_expirado(self) -> HttpResponse:
        acesso.encerrar(self.token)
        return _erro(Recusa(401, acesso.NAO_AUTORIZADO), self.ajustes)

    def limite(self, espera: int | None) -> HttpResponse:
        resposta = _erro(Recusa(429, "Limite de requisições excedido."), self.ajustes)
        if espera is not None:
            resposta["Retry-After"] = str(espera)
        return resposta

    def tempo_esgotado(self) -> HttpResponse:
        return _erro(Recusa(504, "O serviço não respondeu a tempo."), self.ajustes)


@csrf_exempt
def atender(request: HttpRequest, ambiente: str, rota: str) -> HttpResponseBase:
    operacao = operacoes.ROTAS.get(rota)
    if operacao is None and rota != operacoes.LOGIN:
        return _erro(Recusa(404, f"Não há o recurso /{rota[:60]}."))
    metodo = operacao.metodo if operacao else "POST"
    if request.method != metodo:
        resposta = _erro(Recusa(405, f"/{rota} aceita só {metodo}."))
        resposta["Allow"] = metodo
        return resposta
    atendimento = borda.abrir(request, servico=SERVICO, ambiente=ambiente, rota=rota, maior_tag=_MAIOR_TAG)
    notas.pousar(atendimento.ajustes.agora())
    atendimento.chamada.operacao = operacao.nome if operacao else operacoes.LOGIN
    try:
        plano, resposta = _protegida(atendimento, operacao) if operacao else _login(atendimento)
    except Recusa as recusa:
        plano, resposta = Plano(), _recusada(atendimento, recusa)
    return atendimento.fechar(plano, resposta)


def recurso_inexistente(request: HttpRequest, caminho: str = "") -> HttpResponse:
    return _erro(Recusa(404, f"Não há o recurso /{caminho[:60]}."))


def _recusada(atendimento: Atendimento, recusa: Recusa) -> HttpResponse:
    if recusa.campo:
        atendimento.chamada.codigos = [*atendimento.chamada.codigos, recusa.campo[:60]]
    return _erro(recusa, atendimento.ajustes)


def _executar(atendimento: Atendimento, fazer: Callable[[], HttpResponse]) -> Callable[[], HttpResponse]:
    def executar() -> HttpResponse:
        try:
            return fazer()
        except Recusa as recusa:
            return _recusada(atendimento, recusa)

    return executar


def _conferir_tipo(request: HttpRequest) -> None:
    if request.content_type != _JSON:
        raise Recusa(415, "Envie Content-Type: application/json.")


def _limitar(atendimento: Atendimento, token: str) -> HttpResponse | None:
    """The refusal of a call that comes over a rate limit. The login counts by its application key."""
    chamada, ajustes = atendimento.chamada, atendimento.ajustes
    estouro = limites.passar(
        ajustes.valores["limites"],
        ajustes.agora(),
        operacao=chamada.operacao,
        token=token,
        documento=chamada.contribuinte,
    )
    if estouro is None:
        return None
    chamada.limite = estouro.motivo
    return Respostas(ajustes).limite(estouro.espera)


def _texto(corpo: Any, nome: str) -> str:
    valor = corpo.get(nome) if isinstance(corpo, dict) else ""
    return valor if isinstance(valor, str) else ""


def _login(atendimento: Atendimento) -> tuple[Plano, HttpResponse]:
    request, ajustes, chamada = atendimento.request, atendimento.ajustes, atendimento.chamada
    _conferir_tipo(request)
    corpo = ler_json(request.body)
    chamada.contribuinte = sem_mascara(_texto(corpo, "prestador"))[:14]
    if excedida := _limitar(atendimento, _texto(corpo, "app")):
        return Plano(), excedida
    plano = escolher(Alvo(SERVICO, operacoes.LOGIN, chamada.contribuinte, tag=chamada.tag))
    pedido = Campos(corpo, tolera=opcao(ajustes, "ignora_campo_desconhecido"))
    entrar = _executar(atendimento, lambda: acesso.entrar(pedido, chamada.ambiente, ajustes))
    return plano, cumprir(plano, entrar, Respostas(ajustes))


def _protegida(atendimento: Atendimento, operacao: operacoes.Operacao) -> tuple[Plano, HttpResponse]:
    request, ajustes, chamada = atendimento.request, atendimento.ajustes, atendimento.chamada
    contexto, aplicativo = acesso.abrir(request, chamada.ambiente, ajustes, chamada.tag)
    chamada.contribuinte, chamada.contratante = contexto.prestador.cnpj, aplicativo.cnpj
    com_corpo = operacao.metodo == "POST"
    if com_corpo or contexto.opcao("get_exige_tipo"):
        _conferir_tipo(request)
    token = acesso.portador(request)
    if excedida := _limitar(atendimento, token):
        return Plano(), excedida
    if not contexto.permissoes & set(operacao.permissoes):
        raise Recusa(403, f"O usuário não tem a permissão {' nem '.join(operacao.permissoes)}.")
    corpo = ler_json(request.body) if com_corpo else {}
    plano = _escolher(atendimento, operacao, corpo, contexto)
    return plano, cumprir(plano, _operacao(atendimento, operacao, corpo, contexto), Respostas(ajustes, token))


def _escolher(atendimento: Atendimento, operacao: operacoes.Operacao, corpo: Any, contexto: Contexto) -> Plano:
    chamada = atendimento.chamada
    chamada.pa, documento = operacoes.assunto(operacao, corpo, contexto)
    if operacao.nome == "nfs":
        chamada.codigos = [f"obsoleto:{nome}" for nome in emissao.obsoletos(corpo)]
    plano = escolher(
        Alvo(
            SERVICO,
            operacao.nome,
            chamada.contribuinte,
            chamada.pa,
            chamada.tag,
            efeito=operacao.efeito,
            documento=documento,
        )
    )
    if plano.acao == "efeito_tardio":
        guardado = operacoes.guardar(operacao, atendimento.request.body, contexto)
        with gravacao():
            adiados.adiar(SERVICO, guardado, contexto.agora, float(plano.parametros.get("segundos", 5)))
    return plano


def _operacao(
    atendimento: Atendimento, operacao: operacoes.Operacao, corpo: Any, contexto: Contexto
) -> Callable[[], HttpResponse]:
    def fazer() -> HttpResponse:
        texto = operacao.executar(contexto.campos(corpo), contexto)
        return HttpResponse(texto, content_type=_JSON)

    return _executar(atendimento, fazer)
