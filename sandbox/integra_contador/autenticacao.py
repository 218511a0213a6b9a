"""POST /authenticate: key, secret and client certificate for a pair of tokens.

SERPRO, API Integra Contador, "Como autenticar" (April 2026). Errors are JSON with timestamp, status, error, message,
details, trackerId and path.
"""

import base64
import json
import uuid
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from sandbox.autoridade import cnpj_do_certificado, ler_chave
from sandbox.integra_contador.models import ParDeTokens
from sandbox.nucleo import certificado
from sandbox.nucleo.ajustes import BRASILIA, Ajustes
from sandbox.nucleo.livro import gravacao
from sandbox.nucleo.models import Contratante

FORMULARIO = "application/x-www-form-urlencoded"


def _b64(conteudo: bytes) -> str:
    return base64.urlsafe_b64encode(conteudo).rstrip(b"=").decode()


@lru_cache(maxsize=1)
def _chave() -> rsa.RSAPrivateKey:
    return ler_chave(settings.PASTA.token_chave.read_bytes())


def assinar_jwt(conteudo: dict[str, Any]) -> str:
    """A JWS in compact form, RS256 (RFC 7515)."""
    cabecalho = {"alg": "RS256", "typ": "JWT"}
    assinado = ".".join(_b64(json.dumps(parte).encode()) for parte in (cabecalho, conteudo))
    assinatura = _chave().sign(assinado.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{assinado}.{_b64(assinatura)}"


def assinatura_confere(jwt: str) -> bool:
    """Raises ValueError when the text is not a JWT at all."""
    assinado, _, assinatura = jwt.rpartition(".")
    bruta = base64.b64decode(assinatura + "=" * (-len(assinatura) % 4), altchars=b"-_", validate=True)
    json.loads(base64.urlsafe_b64decode(assinado.partition(".")[0] + "=="))
    try:
        _chave().public_key().verify(bruta, assinado.encode(), padding.PKCS1v15(), hashes.SHA256())
    except Exception:
        return False
    return True


def erro(status: int, mensagem: str, agora: datetime) -> HttpResponse:
    corpo = {
        "timestamp": agora.astimezone(BRASILIA).strftime("%Y-%m-%d %H:%M:%S"),
        "status": status,
        "error": HTTPStatus(status).phrase,
        "message": mensagem,
        "details": [],
        "trackerId": str(uuid.uuid4()),
        "path": "/authenticate",
    }
    return HttpResponse(json.dumps(corpo, ensure_ascii=False), status=status, content_type="application/json")


def titular_do_certificado(request: HttpRequest, agora: datetime) -> str | None:
    """CNPJ of the client certificate; None without one, of another authority, out of its validity, or when it is not
    an e-CNPJ."""
    do_cliente = certificado.do_cliente(request)
    if do_cliente is None or not certificado.da_autoridade(do_cliente):
        return None
    return cnpj_do_certificado(do_cliente) if certificado.dentro_da_validade(do_cliente, agora) else None


def _contratante(autorizacao: str) -> Contratante | None:
    esquema, _, codificado = autorizacao.partition(" ")
    if esquema.lower() != "basic":
        return None
    try:
        chave, _, segredo = base64.b64decode(codificado, validate=True).decode().partition(":")
    except ValueError:
        return None
    return Contratante.objects.filter(consumer_key=chave, consumer_secret=segredo).first()


def autenticar(request: HttpRequest, ajustes: Ajustes) -> HttpResponse:
    agora = ajustes.agora()
    if request.content_type != FORMULARIO:
        return erro(415, "Content-Type não suportado.", agora)
    titular = titular_do_certificado(request, agora)
    if titular is None:
        return erro(400, "Não foi possível identificar um certificado digital válido.", agora)
    contratante = _contratante(request.headers.get("Authorization", ""))
    if contratante is None:
        return erro(401, "Credenciais inválidas.", agora)
    if request.headers.get("Role-Type", "") != "TERCEIROS":
        return erro(403, "Acesso negado.", agora)
    if QueryDict(request.body).getlist("grant_type") != ["client_credentials"]:
        return erro(400, "grant_type inválido.", agora)
    par = _par_vivo(contratante, titular, agora) or _novo_par(contratante, titular, ajustes)
    corpo = {
        "expires_in": int((par.expira - agora).total_seconds()),
        "scope": "default",
        "token_type": "Bearer",
        "access_token": par.access_token,
        "jwt_token": par.jwt_token,
        "jwt_pucomex": None,
    }
    return HttpResponse(json.dumps(corpo), content_type="application/json")


def _par_vivo(contratante: Contratante, titular: str, agora: datetime) -> ParDeTokens | None:
    pares = ParDeTokens.objects.filter(consumer_key=contratante.consumer_key, ni_certificado=titular)
    return pares.filter(expira__gt=agora + timedelta(seconds=1)).order_by("-id").first()


def _novo_par(contratante: Contratante, titular: str, ajustes: Ajustes) -> ParDeTokens:
    agora = ajustes.agora()
    expira = agora + timedelta(seconds=ajustes.valores["token_segundos"])
    conteudo = {
        "iss": "sandbox",
        "sub": titular,
        "ni": titular,
        "tipoNi": "CNPJ",
        "role": "TERCEIROS",
        "iat": int(agora.timestamp()),
        "exp": int(expira.timestamp()),
        "jti": str(uuid.uuid4()),
    }
    jwt = assinar_jwt(conteudo)
    with gravacao():
        return ParDeTokens.objects.create(
            consumer_key=contratante.consumer_key,
            cnpj_contrato=contratante.cnpj,
            ni_certificado=titular,
            access_token=str(uuid.uuid4()),
            jwt_token=jwt,
            expira=expira.astimezone(UTC),
        )
