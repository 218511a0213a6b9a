"""HTTP edge of the simulator: one view for every documented route."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from sandbox.integranotas import avisos, backup, catalogo, codigos, envelope, limites, livro, servicos, tokens
from sandbox.integranotas.catalogo import CHAVE, EMITENTE, SERVICO, Operacao
from sandbox.integranotas.cenarios import NAO_AUTORIZADO, RespostasNotas
from sandbox.integranotas.contexto import PRODUCAO, Contexto
from sandbox.integranotas.envelope import Recusa, Resultado
from sandbox.integranotas.models import Conta, Emitente, Nota
from sandbox.integranotas.notas import chaves, pedido
from sandbox.integranotas.opcoes import Opcoes
from sandbox.nucleo import adiados, borda, rapido
from sandbox.nucleo import ajustes as ajustes_do_nucleo
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.cenarios import Alvo, Plano, cumprir, escolher
from sandbox.nucleo.livro import gravacao
from sandbox.nucleo.models import Chamada

_MAIOR_TAG = 64
_COM_CORPO = ("POST", "PUT")


@dataclass
class _Chamado:
    """One call being answered."""

    request: HttpRequest
    operacao: Operacao
    ambiente: str
    versao: int
    partes: dict[str, str]
    ajustes: Ajustes
    chamada: Chamada
    dono: Emitente | Conta | None = None
    respostas: RespostasNotas = field(init=False)

    def __post_init__(self) -> None:
        self.respostas = RespostasNotas(self.ajustes)

    @property
    def opcoes(self) -> Opcoes:
        return Opcoes(self.ajustes)

    @property
    def token(self) -> str:
        return self.request.headers.get("Authorization", "").strip()

    @property
    def chave(self) -> str:
        """The chave in the route without punctuation, or as it came when it is none."""
        try:
            return chaves.ler(self.partes.get("chave"))
        except Recusa:
            return self.partes.get("chave", "")[:60]


@csrf_exempt
def rota(request: HttpRequest, ambiente: str, versao: int, rota: str, **partes: str) -> HttpResponseBase:
    operacao = catalogo.rotas(versao)[rota].get(request.method or "")
    if operacao is None:
        opcoes = Opcoes(ajustes_do_nucleo.ler())
        return envelope.responder(Resultado(codigos.METODO, "Método não permitido nesta rota."), opcoes)
    nome = f"{operacao.metodo} /v{versao}/{operacao.rota}"
    atendimento = borda.abrir(request, servico=SERVICO, ambiente=ambiente, rota=nome, maior_tag=_MAIOR_TAG)
    chamada = atendimento.chamada
    chamada.operacao = operacao.nome
    plano, resposta = _atender(_Chamado(request, operacao, ambiente, versao, partes, atendimento.ajustes, chamada))
    if isinstance(resposta, envelope.Resposta):
        chamada.codigos = list(resposta.codigos)
    return atendimento.fechar(plano, resposta, gravada=avisos.despachar)


def _atender(chamado: _Chamado) -> tuple[Plano, HttpResponse]:
    """The edge's checks in their order: size, token, rate limit, type and JSON of the body; then scenario, service."""
    request, opcoes = chamado.request, chamado.opcoes
    if len(request.body) > opcoes["corpo_maximo"]:
        return Plano(), _grande_demais(opcoes)
    try:
        _autenticar(chamado)
        if recusada := _limitar(chamado):
            return Plano(), recusada
        ctx = _contexto(chamado)
    except Recusa as recusa:
        return Plano(), envelope.responder(recusa.resultado, opcoes)
    return _executar(chamado, ctx)


def _grande_demais(opcoes: Opcoes) -> HttpResponse:
    if opcoes["corpo_maximo_html"]:
        return envelope.pagina_de_proxy(413, "Request Entity Too Large")
    texto = f"O corpo da requisição passa de {opcoes['corpo_maximo']} bytes."
    return envelope.responder(Resultado(codigos.GRANDE, texto), opcoes)


def _autenticar(chamado: _Chamado) -> None:
    token, ambiente = chamado.token, chamado.ambiente
    de_emitente = chamado.operacao.token == EMITENTE
    achar: tuple[Callable[..., Any], Callable[..., Any]] = (tokens.emitente, tokens.conta)
    certo, outro = achar if de_emitente else achar[::-1]
    dono = certo(token, ambiente) if token else None
    if dono is None:
        if token and outro(token, ambiente) is not None:
            tipo = "do emitente" if de_emitente else "da software house"
            raise Recusa(codigos.PROIBIDO, f"Esta rota exige o token {tipo}.")
        raise Recusa(codigos.NAO_AUTORIZADO, NAO_AUTORIZADO.mensagem)
    if isinstance(dono, Emitente):
        chamado.chamada.contribuinte = dono.documento
        if dono.removido is not None:
            raise Recusa(codigos.PROIBIDO, "O emitente foi removido.")
    chamado.dono = chamado.respostas.dono = dono


def _limitar(chamado: _Chamado) -> HttpResponse | None:
    estouro = limites.passar(
        chamado.ajustes,
        chamado.operacao,
        token=chamado.token,
        chave=chamado.chave if chamado.operacao.balde == CHAVE else "",
        ip=chamado.request.META.get("REMOTE_ADDR") or "",
    )
    if estouro is None:
        return None
    chamado.chamada.limite = estouro.motivo
    return chamado.respostas.limite(estouro.espera)


def _contexto(chamado: _Chamado) -> Contexto:
    """Raises Recusa when the body of a POST or PUT is not what it says. On GET and DELETE any body is ignored."""
    corpo: dict[str, Any] = {}
    if chamado.request.method in _COM_CORPO:
        if chamado.request.content_type != "application/json":
            raise Recusa(codigos.TIPO_DE_CORPO, "Envie Content-Type: application/json.")
        corpo = envelope.ler_corpo(chamado.request.body)
    dono = chamado.dono
    raiz = "integranotas" if chamado.ambiente == PRODUCAO else "integranotas/hom"
    return Contexto(
        ajustes=chamado.ajustes,
        versao=chamado.versao,
        de_emitente=dono if isinstance(dono, Emitente) else None,
        de_conta=dono if isinstance(dono, Conta) else None,
        corpo=corpo,
        partes=chamado.partes,
        tag=chamado.chamada.tag,
        base=chamado.request.build_absolute_uri(f"/{raiz}"),
    )


def _alvo(chamado: _Chamado, ctx: Contexto) -> Alvo:
    """Who, which period and which document a call is about."""
    chamada, nota = chamado.chamada, None
    chave = chamado.partes.get("chave") or (ctx.corpo.get("chave") if "servico" not in ctx.corpo else None)
    if ctx.de_emitente is None:
        documento = chamado.partes.get("documento") or ctx.corpo.get("cnpj") or ctx.corpo.get("cpf")
        chamada.contribuinte = str(documento or "")[:14]
    elif chave:
        nota = _nota(chave, ctx.de_emitente)
    if chamado.operacao.rota.startswith("dfe/") and chave:
        chamada.pa, identificacao = "", chamado.chave  # of somebody else's: known by its chave alone
    elif nota is not None:
        chamada.pa, identificacao = nota.competencia.strftime("%Y%m"), livro.identificacao(nota)
        chamado.respostas.chave = nota.chave
    else:
        chamada.pa, identificacao = _periodo(ctx.corpo), pedido.identificacao(ctx.corpo)
    chamado.respostas.emite = chamado.operacao.nome in ("nfse_criar", "nfse_substituir")
    return Alvo(
        SERVICO,
        chamado.operacao.nome,
        chamada.contribuinte,
        chamada.pa,
        chamada.tag,
        chamado.operacao.efeito,
        identificacao,
    )


def _nota(valor: object, emitente: Emitente) -> Nota | None:
    try:
        chave = chaves.ler(valor)
    except Recusa:
        return None
    condicao = "emitente_id = %s AND (chave = %s OR chave_nacional = %s)"
    return rapido.primeiro(Nota, condicao, [emitente.pk, chave, chave])


def _periodo(corpo: Any) -> str:
    """AAAAMM of a payload that may still be wrong."""
    instante = str(corpo.get("data_competencia") or corpo.get("data_emissao") or "")
    periodo = instante[:4] + instante[5:7]
    return periodo if len(periodo) == 6 and periodo.isdecimal() else ""


def _executar(chamado: _Chamado, ctx: Contexto) -> tuple[Plano, HttpResponse]:
    plano = escolher(_alvo(chamado, ctx))
    if plano.acao == "efeito_tardio":
        _adiar(chamado, ctx, float(plano.parametros.get("segundos", 5)))

    def processar() -> HttpResponse:
        try:
            resultado = servicos.SERVICOS[chamado.operacao.nome](ctx)
        except Recusa as recusa:
            resultado = recusa.resultado
        chamado.respostas.ultimo = resultado
        return envelope.responder(resultado, ctx.opcoes)

    return plano, cumprir(plano, processar, chamado.respostas)


def _adiar(chamado: _Chamado, ctx: Contexto, segundos: float) -> None:
    guardado = {
        "tipo": servicos.PEDIDO,
        "operacao": chamado.operacao.nome,
        "emitente": ctx.de_emitente.pk if ctx.de_emitente else None,
        "conta": ctx.de_conta.pk if ctx.de_conta else None,
        "versao": chamado.versao,
        "corpo": chamado.request.body.decode() if chamado.request.method in _COM_CORPO else "",
        "partes": chamado.partes,
        "tag": chamado.chamada.tag,
    }
    with gravacao():
        adiados.adiar(SERVICO, guardado, ctx.agora, segundos)


@csrf_exempt
def inexistente(request: HttpRequest, **partes: str) -> HttpResponse:
    opcoes = Opcoes(ajustes_do_nucleo.ler())
    return envelope.responder(Resultado(codigos.NAO_ENCONTRADO, "Rota inexistente.", http=404), opcoes)


def baixar_backup(request: HttpRequest, selo: str) -> HttpResponse:
    pacote = backup.pacote(selo)
    if pacote is None:
        return inexistente(request)
    return HttpResponse(pacote, content_type="application/zip")
