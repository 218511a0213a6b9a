"""Tokens in the shape of a JWT. Nobody verifies their signature: a token is the row that holds it."""

import base64
import hmac
import json
import secrets
from datetime import datetime
from typing import Any

from django.conf import settings

from sandbox.integranotas.models import Conta, Emitente
from sandbox.nucleo import rapido

_CABECALHO = {"typ": "JWT", "alg": "HS256"}
_DE_SOFTHOUSE, _DE_EMITENTE = 1, 2


def _b64(conteudo: bytes) -> str:
    return base64.urlsafe_b64encode(conteudo).rstrip(b"=").decode()


def _jwt(conteudo: dict[str, Any], chave: bytes) -> str:
    partes = (json.dumps(parte, separators=(",", ":")).encode() for parte in (_CABECALHO, conteudo))
    assinado = ".".join(map(_b64, partes))
    return f"{assinado}.{_b64(hmac.digest(chave, assinado.encode(), 'sha256'))}"


def de_softhouse(numero: int, agora: datetime) -> str:
    conteudo = {"emp": 0, "usr": numero, "tp": _DE_SOFTHOUSE, "iat": int(agora.timestamp())}
    return _jwt(conteudo, secrets.token_bytes(32))


def de_demonstracao(ambiente: str) -> str:
    """The same in this installation after every reset, so that what was configured with it goes on working."""
    chave = hmac.digest(settings.SECRET_KEY.encode(), f"integranotas/{ambiente}".encode(), "sha256")
    return _jwt({"emp": 0, "usr": 1, "tp": _DE_SOFTHOUSE, "iat": 1767236400}, chave)


def de_emitente(numero: int, conta: int, agora: datetime) -> str:
    conteudo = {"emp": numero, "usr": conta, "tp": _DE_EMITENTE, "iat": int(agora.timestamp())}
    return _jwt(conteudo, secrets.token_bytes(32))


def emitente(token: str, ambiente: str) -> Emitente | None:
    return rapido.primeiro(Emitente, "token = %s AND ambiente = %s", [token, ambiente])


def conta(token: str, ambiente: str) -> Conta | None:
    return rapido.primeiro(Conta, "token = %s AND ambiente = %s", [token, ambiente])
