"""Webhook messages on demand: a good one, and the bad ones that a receiver has to refuse."""

import json
import secrets
from datetime import timedelta
from typing import Any

from sandbox.controle.acoes import PedidoInvalido
from sandbox.integranotas import avisos
from sandbox.integranotas.controle.acoes import achar_emitente
from sandbox.integranotas.models import Aviso, Emitente, Nota
from sandbox.integranotas.notas import respostas
from sandbox.nucleo import ajustes

# what a message is -> seconds added to the instant of its signature
_DESVIOS = {"correto": 0, "teste": 0, "expirado": -301, "futuro": 600, "forjado": 0, "corpo_trocado": 0, "repetido": 0}
TIPOS = tuple(_DESVIOS)


def enviar(dados: dict[str, Any]) -> dict[str, Any]:
    """{"emitente": documento, "tipo": one of TIPOS, "chave": of one of its notes} sends one message now; says what was
    sent and what the receiver answered."""
    if dados.get("tipo") not in TIPOS:
        raise PedidoInvalido(f"tipo deve ser um destes: {', '.join(TIPOS)}.")
    emitente = achar_emitente(dados.get("emitente"), dados.get("conta"))
    if not emitente.webhook:
        raise PedidoInvalido(f"O emitente {emitente.documento} não tem webhook registrado.")
    corpo = _corpo(emitente, str(dados["tipo"]), str(dados.get("chave") or ""))
    entregue, resposta = avisos.postar(emitente.webhook, corpo)
    return {"url": emitente.webhook, "corpo": json.loads(corpo), "entregue": entregue, "resposta": resposta}


def _corpo(emitente: Emitente, tipo: str, chave: str) -> str:
    if tipo == "repetido":
        return _ultimo(emitente)
    lidos = ajustes.ler()
    instante = avisos.instante_da_assinatura(lidos) + timedelta(seconds=_DESVIOS[tipo])
    token = secrets.token_urlsafe(64) if tipo == "forjado" else emitente.conta.token
    assinatura = avisos.assinar(token, instante)
    if tipo == "teste":
        return json.dumps({"origem": "TESTE", "cnpj_cpf": emitente.documento, "signature": assinatura})
    if tipo == "corpo_trocado":
        return json.dumps(json.loads(_ultimo(emitente)) | {"chave": chave or "9" * 50, "sucesso": False})
    return avisos.montar(emitente, _conteudo(emitente, chave), assinatura)


def _ultimo(emitente: Emitente) -> str:
    ultimo = Aviso.objects.filter(emitente=emitente).exclude(corpo="").order_by("-id").first()
    if ultimo is None:
        raise PedidoInvalido("Ainda não se enviou nenhum aviso a este emitente.")
    return ultimo.corpo


def _conteudo(emitente: Emitente, chave: str) -> dict[str, Any]:
    nota = Nota.objects.filter(emitente=emitente, chave=chave).first()
    if nota is None:
        raise PedidoInvalido(f"O emitente não tem nota com a chave {chave or '(não informada)'}.")
    return {
        "codigo": respostas.CODIGOS[nota.situacao],
        "mensagem": respostas.MENSAGENS[nota.situacao],
        "chave": nota.chave,
    }
