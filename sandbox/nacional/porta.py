"""HTTP edge of the simulator: one view for every documented route."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from sandbox.nacional import catalogo, identidade, pacote, testes
from sandbox.nacional.arvore import Campos
from sandbox.nacional.catalogo import SERVICO
from sandbox.nacional.codigos import Recusa
from sandbox.nacional.esquema import NS
from sandbox.nacional.models import Nota, Recusada
from sandbox.nacional.opcoes import Opcoes
from sandbox.nacional.recursos import RECURSOS, Contexto
from sandbox.nacional.respostas import Respostas
from sandbox.nucleo import adiados, borda, limites, rapido
from sandbox.nucleo import ajustes as ajustes_do_nucleo
from sandbox.nucleo.borda import Atendimento
from sandbox.nucleo.cenarios import Alvo, Plano, cumprir, escolher
from sandbox.nucleo.livro import gravacao
from sandbox.nucleo.models import Chamada

_MAIOR_TAG = 64
_MAIOR_CHAVE = 60
_PAGINA_404 = "<!DOCTYPE html><html><head><title>404 - File or directory not found.</title></head><body></body></html>"


@dataclass(frozen=True)
class Rota:
    """A documented route: how it is called, by which family of answers, and the operation of each method."""

    nome: str
    familia: str
    operacoes: dict[str, str]


def view(rota: Rota) -> Callable[..., HttpResponseBase]:
    @csrf_exempt
    def atender(request: HttpRequest, **partes: Any) -> HttpResponseBase:
        operacao = rota.operacoes.get(request.method or "")
        if operacao is None:
            return HttpResponse(status=405, headers={"Allow": ", ".join(rota.operacoes)})
        atendimento = borda.abrir(
            request,
            servico=SERVICO,
            ambiente="",
            rota=f"{request.method} {rota.nome}"[:60],
            maior_tag=_MAIOR_TAG,
        )
        atendimento.chamada.operacao = operacao
        atendimento.chamada.ambiente = str(Opcoes(atendimento.ajustes)["ambiente"])
        textos = {nome: str(valor) for nome, valor in partes.items()}
        plano, resposta = _atender(atendimento, rota, operacao, textos)
        return atendimento.fechar(plano, resposta)

    return atender


def _atender(atendimento: Atendimento, rota: Rota, operacao: str, partes: dict[str, str]) -> tuple[Plano, HttpResponse]:
    """Certificate, rate limit, type of the body; then scenario and resource."""
    request, chamada = atendimento.request, atendimento.chamada
    opcoes, agora = Opcoes(atendimento.ajustes), atendimento.ajustes.agora()
    emite = operacao == catalogo.EMITIR
    respostas = Respostas(opcoes, agora, rota.familia, plural=emite, mudo=request.method == "HEAD")
    try:
        quem = identidade.do_chamador(request, opcoes, agora, emite=emite)
    except Recusa as recusa:
        resposta = respostas.de_recusa(recusa)
        chamada.codigos = list(respostas.codigos)
        return Plano(), resposta
    chamada.contratante = quem
    ctx = Contexto(
        quem=quem,
        opcoes=opcoes,
        agora=agora,
        respostas=respostas,
        corpo=request.body if request.method == "POST" else b"",
        partes=partes,
        filtros={nome: str(valor) for nome, valor in request.GET.items()},
        tag=chamada.tag,
    )
    dps = _informacoes(ctx) if emite else None
    alvo = _alvo(ctx, operacao, dps)
    chamada.contribuinte, chamada.pa = alvo.contribuinte, alvo.pa
    estouro = limites.passar(
        atendimento.ajustes.valores["limites"],
        agora,
        operacao=operacao,
        token=quem,
        documento=alvo.documento,
        ip=request.META.get("REMOTE_ADDR") or "",
    )
    if estouro is not None:
        chamada.limite = estouro.motivo
        return Plano(), respostas.limite(estouro.espera)
    if request.method == "POST" and request.content_type != "application/json":
        return Plano(), HttpResponse(status=415)
    return _executar(ctx, operacao, alvo, dps, atendimento.chamada)


def _executar(
    ctx: Contexto, operacao: str, alvo: Alvo, dps: Campos | None, chamada: Chamada
) -> tuple[Plano, HttpResponse]:
    plano = escolher(alvo)
    if plano == Plano() and dps is not None:
        plano = testes.plano(dps.um_de("toma", "CNPJ", "CPF"), alvo.documento)
    ctx.respostas.forma = str(plano.parametros.get("forma", ""))
    if plano.acao == "efeito_tardio":
        _adiar(ctx, operacao, float(plano.parametros.get("segundos", 5)))
    resposta = cumprir(plano, lambda: _processar(ctx, operacao), ctx.respostas)
    chamada.codigos = list(ctx.respostas.codigos)
    return plano, resposta


def _processar(ctx: Contexto, operacao: str) -> HttpResponse:
    try:
        return RECURSOS[operacao](ctx)
    except Recusa as recusa:
        if operacao in catalogo.COM_EFEITO:
            _anotar(ctx, operacao, recusa)
        return ctx.respostas.de_recusa(recusa)


def _anotar(ctx: Contexto, operacao: str, recusa: Recusa) -> None:
    with gravacao():
        rapido.inserir(
            Recusada(
                instante=ctx.agora,
                operacao=operacao,
                identificacao=ctx.respostas.id_dps,
                autor=ctx.quem,
                codigos=[item.codigo for item in recusa.mensagens],
                tag=ctx.tag,
            )
        )


def _alvo(ctx: Contexto, operacao: str, dps: Campos | None) -> Alvo:
    """Whose note a call is about, of which month, and the Id of its DPS; of what may still be wrong, too."""
    contribuinte, pa, documento = ctx.quem, "", ctx.partes.get("id_dps", "")
    if dps is not None:
        contribuinte = dps.um_de("prest", "CNPJ", "CPF")[:14] or ctx.quem
        competencia = dps.texto("dCompet").replace("-", "")[:6]
        pa = competencia if competencia.isdecimal() else ""
        documento = ctx.respostas.id_dps = dps.elemento.get("Id", "")[:_MAIOR_CHAVE]
    elif operacao != catalogo.EMITIR:
        coluna, valor = ("id_dps", documento) if documento else ("chave", ctx.partes.get("chave", ""))
        nota = rapido.primeiro(Nota, f"{coluna} = %s", [valor[:_MAIOR_CHAVE]]) if valor else None
        if nota is not None:
            contribuinte, pa, documento = nota.emitente, nota.competencia.strftime("%Y%m"), nota.id_dps
    return Alvo(SERVICO, operacao, contribuinte, pa, ctx.tag, operacao in catalogo.COM_EFEITO, documento)


def _informacoes(ctx: Contexto) -> Campos | None:
    """The fields of a DPS that may still be wrong; None when it cannot be read at all."""
    try:
        raiz = pacote.ler(pacote.abrir(ctx.enviado("dpsXmlGZipB64"), ctx.opcoes["descompressao_maxima"]))
    except Recusa:
        return None
    achadas = raiz.find(f"{{{NS}}}infDPS")
    return Campos(achadas) if achadas is not None else None


# effects that land late


def _adiar(ctx: Contexto, operacao: str, segundos: float) -> None:
    guardado = {
        "operacao": operacao,
        "quem": ctx.quem,
        "corpo": ctx.corpo.decode("utf-8", "replace"),
        "partes": ctx.partes,
        "tag": ctx.tag,
    }
    with gravacao():
        adiados.adiar(SERVICO, guardado, ctx.agora, segundos)


def cumprir_adiado(guardado: dict[str, Any]) -> None:
    """Carry out a request whose connection was dropped; what is refused by now happens not."""
    ajustes = ajustes_do_nucleo.ler()
    opcoes, agora = Opcoes(ajustes), ajustes.agora()
    ctx = Contexto(
        quem=guardado["quem"],
        opcoes=opcoes,
        agora=agora,
        respostas=Respostas(opcoes, agora),
        corpo=guardado["corpo"].encode(),
        partes=guardado["partes"],
        tag=guardado["tag"],
    )
    _processar(ctx, guardado["operacao"])


@csrf_exempt
def inexistente(request: HttpRequest, **partes: Any) -> HttpResponse:
    return HttpResponse(_PAGINA_404, status=404, content_type="text/html")
