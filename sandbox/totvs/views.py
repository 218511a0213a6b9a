"""HTTP edge of the simulator: one view for the six operations of both contexts.

Order of the checks: path (404), verb (405), size (413), credentials (401), program (403), media type (415), rate limits
(429), JSON (400), scenario, shape (400), branch (403), rules (400).
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from sandbox.nucleo import adiados, borda, limites
from sandbox.nucleo import ajustes as ajustes_do_nucleo
from sandbox.nucleo.borda import Atendimento
from sandbox.nucleo.cenarios import Alvo, Plano, cumprir, escolher
from sandbox.nucleo.livro import gravacao
from sandbox.totvs import acesso, operacoes, respostas, rotas
from sandbox.totvs.erros import Recusa, da_borda
from sandbox.totvs.esquema import json_exato
from sandbox.totvs.models import Usuario
from sandbox.totvs.opcoes import SERVICO, Opcoes
from sandbox.totvs.operacoes import Operacao
from sandbox.totvs.regras import listagem
from sandbox.totvs.respostas import RespostasTotvs

_MAIOR_TAG = 64
_MAIS_CODIGOS = 20


@csrf_exempt
def atender(request: HttpRequest, caminho: str) -> HttpResponseBase:
    opcoes = Opcoes(ajustes_do_nucleo.ler())
    rota = rotas.achar(f"/{caminho}", opcoes)
    if rota is None:
        return respostas.recusa(da_borda(404, f"Não há o recurso /{caminho[:80]}."), opcoes)
    operacao = rota.operacoes.get(request.method or "")
    if operacao is None:
        resposta = respostas.recusa(da_borda(405, "Método não permitido neste recurso."), opcoes)
        resposta["Allow"] = ", ".join(rota.operacoes)
        return resposta
    atendimento = borda.abrir(
        request, servico=SERVICO, ambiente=rota.ambiente, rota=f"/{caminho}"[-60:], maior_tag=_MAIOR_TAG
    )
    atendimento.chamada.operacao = operacao.nome
    try:
        plano, resposta = _autenticada(atendimento, operacao, rota.identificador)
    except Recusa as recusa:
        plano, resposta = Plano(), _recusada(atendimento, recusa)
    return atendimento.fechar(plano, resposta)


def _recusada(atendimento: Atendimento, recusa: Recusa) -> HttpResponse:
    atendimento.chamada.codigos = [falha.codigo for falha in recusa.falhas[:_MAIS_CODIGOS]]
    return respostas.recusa(recusa, Opcoes(atendimento.ajustes))


def _autenticada(atendimento: Atendimento, operacao: Operacao, identificador: str) -> tuple[Plano, HttpResponse]:
    request, opcoes = atendimento.request, Opcoes(atendimento.ajustes)
    if len(request.body) > opcoes["corpo_maximo"]:
        raise da_borda(413, f"O corpo da requisição passa de {opcoes['corpo_maximo']} bytes.")
    usuario = acesso.autenticar(request, opcoes)
    if usuario is None:
        return Plano(), respostas.nao_autorizado(opcoes)
    acesso.exigir_programa(usuario, operacao.nome)
    if operacao.escrita and not _tipo_json(request):
        raise da_borda(415, "Envie Content-Type: application/json.")
    if excedida := _limitar(atendimento):
        return Plano(), excedida
    bruto = json_exato.ler(request.body) if operacao.escrita else None
    plano = _escolher(atendimento, operacao, bruto, usuario, identificador)

    def processar() -> HttpResponse:
        try:
            if operacao.escrita is None:
                return respostas.responder(listagem.listar(identificador, request.GET, opcoes))
            feito = operacoes.executar(operacao.escrita, bruto, usuario, atendimento.ajustes, atendimento.chamada.tag)
        except Recusa as recusa:
            return _recusada(atendimento, recusa)
        return respostas.sucesso(feito, opcoes)

    resposta = cumprir(plano, processar, RespostasTotvs(opcoes))
    if plano.final == "recusa":
        atendimento.chamada.codigos = [str(plano.parametros.get("codigo") or respostas.LIVRE)]
    return plano, resposta


def _tipo_json(request: HttpRequest) -> bool:
    charset = (request.content_params or {}).get("charset", "utf-8")
    return request.content_type == "application/json" and charset.lower() == "utf-8"


def _limitar(atendimento: Atendimento) -> HttpResponse | None:
    chamada, ajustes = atendimento.chamada, atendimento.ajustes
    estouro = limites.passar(
        ajustes.valores["limites"],
        ajustes.agora(),
        operacao=chamada.operacao,
        token=atendimento.request.headers.get("Authorization", ""),
        documento="",
    )
    if estouro is None:
        return None
    chamada.limite = estouro.motivo
    return RespostasTotvs(Opcoes(ajustes)).limite(estouro.espera)


def _escolher(atendimento: Atendimento, operacao: Operacao, bruto: Any, usuario: Usuario, identificador: str) -> Plano:
    chamada, documento = atendimento.chamada, identificador
    if operacao.escrita is not None:
        chamada.contribuinte, chamada.pa, documento = operacoes.assunto(operacao.escrita, bruto)
    plano = escolher(
        Alvo(
            SERVICO,
            operacao.nome,
            chamada.contribuinte,
            chamada.pa,
            chamada.tag,
            efeito=operacao.escrita is not None,
            documento=documento,
        )
    )
    if plano.acao == "efeito_tardio" and operacao.escrita is not None:
        guardado = {
            "operacao": operacao.nome,
            "corpo": atendimento.request.body.decode(),
            "usuario": usuario.pk,
            "tag": chamada.tag,
        }
        segundos = float(plano.parametros.get("segundos", 5))
        with gravacao():
            adiados.adiar(SERVICO, guardado, atendimento.ajustes.agora(), segundos)
    return plano
