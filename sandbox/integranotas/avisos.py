"""The webhook: what is sent when a document leaves processing, signed with the token of the software house.

A message is a row first. It goes out from a thread of its own, so that no call of the gateway waits for it, or when
the control API asks. Only this machine is ever called (`ler_webhook`).
"""

import base64
import hmac
import http.client
import json
import secrets
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.db import connection

from sandbox.integranotas import arquivos, codigos
from sandbox.integranotas.models import ENTREGUE, ENVIANDO, FALHOU, PENDENTE, Aviso, Emitente, Nota
from sandbox.integranotas.opcoes import Opcoes
from sandbox.nucleo import ajustes as ajustes_do_nucleo
from sandbox.nucleo import rapido
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.livro import gravacao

_ESPERA = 2.0  # seconds for the receiver to answer
_PENDENTE = "SELECT 1 FROM integranotas_aviso WHERE situacao = 'pendente' AND quando <= %s LIMIT 1"
_ENVIANDO = "SELECT 1 FROM integranotas_aviso WHERE situacao = 'enviando' LIMIT 1"
_CHAVE_AES = 16

_correio = threading.Lock()


def criar(emitente: Emitente, quando: datetime, conteudo: Mapping[str, Any]) -> None:
    """Put a message in the queue, if the emitente has a webhook. Inside `gravacao`."""
    if emitente.webhook:
        rapido.inserir(Aviso(emitente=emitente, url=emitente.webhook, quando=quando, conteudo=dict(conteudo)))


def assinar(token: str, instante: datetime, *, iv: bytes | None = None) -> str:
    """base64(IV, HMAC-SHA-256 of the cipher text keyed with the token, AES-128-CBC of the Unix time keyed with the
    token's first 16 bytes)."""
    iv = iv or secrets.token_bytes(_CHAVE_AES)
    chave = token.encode()
    enchimento = padding.PKCS7(128).padder()
    claro = enchimento.update(str(int(instante.timestamp())).encode()) + enchimento.finalize()
    cifrador = Cipher(algorithms.AES(chave[:_CHAVE_AES]), modes.CBC(iv)).encryptor()
    cifrado = cifrador.update(claro) + cifrador.finalize()
    return base64.b64encode(iv + hmac.digest(chave, cifrado, "sha256") + cifrado).decode()


def instante_da_assinatura(ajustes: Ajustes) -> datetime:
    """The receiver checks the age by its own clock, which is the machine's unless a test says otherwise."""
    return ajustes.agora() if Opcoes(ajustes)["aviso_relogio"] == "sandbox" else datetime.now(UTC)


def montar(emitente: Emitente, conteudo: Mapping[str, Any], assinatura: str) -> str:
    """The JSON of a message; the files are drawn from the note as it stands, always gzipped."""
    corpo: dict[str, Any] = {"origem": "NFSE", "cnpj_cpf": emitente.documento}
    corpo |= {"sucesso": conteudo["codigo"] in codigos.SUCESSOS, **conteudo}
    nota = Nota.objects.filter(emitente=emitente, chave=conteudo["chave"], autorizada__isnull=False).first()
    if nota is not None:
        corpo["chave"] = nota.chave_nacional or nota.chave
        corpo |= arquivos.da_nota(nota, emitente, comprimido=True)
    return json.dumps({**corpo, "signature": assinatura}, ensure_ascii=False)


def postar(url: str, corpo: str) -> tuple[bool, str]:
    """(2xx, what was answered or went wrong). No redirect is followed, no proxy used."""
    partes = urlsplit(url)
    conexao = http.client.HTTPConnection(partes.hostname or "", partes.port or 80, timeout=_ESPERA)
    caminho = f"{partes.path or '/'}{f'?{partes.query}' if partes.query else ''}"
    try:
        conexao.request("POST", caminho, corpo.encode(), {"Content-Type": "application/json"})
        resposta = conexao.getresponse()
        resposta.read(65536)
        return 200 <= resposta.status < 300, f"HTTP {resposta.status}"
    except (OSError, http.client.HTTPException) as erro:
        return False, f"{type(erro).__name__}: {erro}"[:200]
    finally:
        conexao.close()


def entregar(agora: datetime) -> int:
    """Send what is due, one message after the other; how many were tried."""
    enviados = 0
    while (aviso := _tomar(agora)) is not None:
        ajustes = ajustes_do_nucleo.ler()
        emitente = aviso.emitente
        corpo = montar(emitente, aviso.conteudo, assinar(emitente.conta.token, instante_da_assinatura(ajustes)))
        entregue, resposta = postar(aviso.url, corpo)
        _anotar(aviso, corpo, resposta, ajustes, entregue=entregue)
        enviados += 1
    return enviados


def _tomar(agora: datetime) -> Aviso | None:
    """The oldest message that is due, claimed."""
    with gravacao():
        aviso = (
            Aviso.objects.select_related("emitente__conta")
            .filter(situacao=PENDENTE, quando__lte=agora)
            .order_by("quando", "id")
            .first()
        )
        if aviso is not None:
            aviso.situacao = ENVIANDO
            aviso.tentativas += 1
            aviso.save(update_fields=["situacao", "tentativas"])
    return aviso


def _anotar(aviso: Aviso, corpo: str, resposta: str, ajustes: Ajustes, *, entregue: bool) -> None:
    repeticoes = Opcoes(ajustes)["aviso_repeticoes"]
    aviso.corpo, aviso.resposta = corpo, resposta
    aviso.situacao = ENTREGUE if entregue else FALHOU
    if not entregue and aviso.tentativas <= len(repeticoes):
        aviso.situacao = PENDENTE
        aviso.quando = ajustes.agora() + timedelta(seconds=repeticoes[aviso.tentativas - 1])
    with gravacao():
        if Aviso.objects.filter(pk=aviso.pk).exists():  # a reset may have come between
            aviso.save()


def despachar(ajustes: Ajustes) -> None:
    """Let a thread send what is due, unless one is at it already or the options leave it to the control API."""
    if not Opcoes(ajustes)["aviso_automatico"]:
        return
    agora = ajustes.agora()
    if rapido.existe(_PENDENTE, [rapido.instante(agora)]) and _correio.acquire(blocking=False):
        threading.Thread(target=_correr, args=(agora,), daemon=True).start()


def _correr(agora: datetime) -> None:
    try:
        entregar(agora)
    finally:
        _correio.release()
        connection.close()


def esperar(segundos: float) -> None:
    """Until no message is on its way, from whatever process."""
    prazo = time.monotonic() + segundos
    while rapido.existe(_ENVIANDO, []) and time.monotonic() < prazo:
        time.sleep(0.01)
