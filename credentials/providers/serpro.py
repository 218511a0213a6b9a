"""SERPRO log-in: the token pair of Integra Contador, by mutual TLS with the contratante's A1. Plain Python.

Source: SERPRO documentation centre, API Integra Contador, "Como autenticar na API" (read September 2026); the bodies of
the token service's errors are as seen in production in November 2025.
"""

import base64
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from operacoes import relogio
from operacoes.errors import AccessDenied, Alcance, ProviderUnavailable
from operacoes.http import Certificado, Chamadas, Provider, Reply, host_of, transport_for
from operacoes.redacao import redigir

MARGEM = 60.0  # seconds before the stated end at which a token pair is no longer used


@dataclass(frozen=True)
class Acesso:
    """What it takes to call Integra Contador through one credencial: addresses, keys, certificate. In memory only.

    `chave` and `versao` name the credencial in the token cache: a changed credencial logs in again. With
    `bearer_publico` (the trial base) neither keys nor certificate are needed.
    """

    chave: str
    versao: int
    contratante: str
    autenticacao: str
    base: str
    ca: Path | None
    consumer_key: str = field(default="", repr=False)
    consumer_secret: str = field(default="", repr=False)
    certificado: Certificado | None = field(default=None, repr=False)
    bearer_publico: str = field(default="", repr=False)


@dataclass(frozen=True)
class Tokens:
    """The pair a log-in gives; always replaced together. `expira` is a time.monotonic() value, margin included."""

    bearer: str = field(repr=False)
    jwt: str = field(repr=False)
    expira: float

    def cabecalhos(self) -> dict[str, str]:
        """Headers of every later call."""
        cabecalhos = {"Authorization": f"Bearer {self.bearer}"}
        return cabecalhos | {"jwt_token": self.jwt} if self.jwt else cabecalhos


class TokenSerpro(Provider):
    """The token service: POST /authenticate."""

    label = "SERPRO (autenticação)"

    def pedir(self, acesso: Acesso, chamadas: Chamadas) -> Tokens:
        """Log in. Raises AccessDenied(CREDENCIAL) or ProviderUnavailable; repeating it has no effect outside."""
        par = f"{acesso.consumer_key}:{acesso.consumer_secret}".encode()
        antes = time.monotonic()
        resposta = self.request(
            "POST",
            chamadas=chamadas,
            repeatable=True,
            headers={
                "Authorization": "Basic " + base64.b64encode(par).decode(),
                "Role-Type": "TERCEIROS",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            content=b"grant_type=client_credentials",
            accept=(200, 400, 401, 403, 415),
            limitada=False,
        )
        if resposta.status != 200:
            _recusar(resposta)
        return _tokens(resposta, antes)


def autenticar(acesso: Acesso, chamadas: Chamadas) -> Tokens:
    """Log in now, whatever the cache holds; the new pair goes into the cache."""
    if acesso.bearer_publico:
        return Tokens(acesso.bearer_publico, "", float("inf"))
    transport = transport_for(acesso.certificado, acesso.ca, host_of(acesso.autenticacao))
    tokens = TokenSerpro(acesso.autenticacao, transport=transport).pedir(acesso, chamadas)
    _guardados[acesso.chave] = (acesso.versao, tokens)
    return tokens


def tokens(acesso: Acesso, chamadas: Chamadas) -> Tokens:
    """The pair in force for this credencial, renewed by one thread at a time while the others wait for it."""
    if acesso.bearer_publico:
        return Tokens(acesso.bearer_publico, "", float("inf"))
    if (guardado := _vigente(acesso)) is not None:
        return guardado
    vez = _vez_de(acesso.chave)
    if not vez.acquire(timeout=max(0.0, chamadas.deadline - relogio.segundos())):
        raise ProviderUnavailable("O SERPRO demorou a renovar o acesso. Nada foi enviado.", codigo="TOKEN-DEMOROU")
    try:
        return _vigente(acesso) or autenticar(acesso, chamadas)
    finally:
        vez.release()


def invalidar(acesso: Acesso, recusado: Tokens) -> None:
    """Drop the pair the gateway refused (HTTP 401); a newer one that another thread fetched stays."""
    if _guardados.get(acesso.chave) == (acesso.versao, recusado):
        _guardados.pop(acesso.chave, None)


def esquecer() -> None:
    """Empty the cache of this process."""
    _guardados.clear()


_guardados: dict[str, tuple[int, Tokens]] = {}  # by credencial: the version that logged in, and its pair
_vezes: dict[str, threading.Lock] = {}
_vezes_lock = threading.Lock()


def _vez_de(chave: str) -> threading.Lock:
    with _vezes_lock:
        return _vezes.setdefault(chave, threading.Lock())


def _vigente(acesso: Acesso) -> Tokens | None:
    versao, guardado = _guardados.get(acesso.chave, (0, None))
    if guardado is None or versao != acesso.versao or guardado.expira <= time.monotonic():
        return None
    return guardado


def _tokens(resposta: Reply, antes: float) -> Tokens:
    dados = resposta.json()
    try:
        bearer, jwt = str(dados["access_token"]), str(dados["jwt_token"])
        duracao = float(dados["expires_in"])
    except (KeyError, TypeError, ValueError) as erro:
        raise ProviderUnavailable(
            "O SERPRO respondeu à autenticação sem os tokens esperados. Tente de novo em alguns minutos.",
            codigo="TOKEN-ILEGIVEL",
            status=resposta.status,
        ) from erro
    if not bearer or not jwt:
        raise AccessDenied(
            "O SERPRO autenticou, mas não entregou o token do Integra Contador (jwt_token). "
            "Confira se o produto contratado com estas chaves é o Integra Contador.",
            alcance=Alcance.CREDENCIAL,
            codigo="SEM-JWT",
            status=resposta.status,
        )
    # A pair that lives less than the margin is used for half its life, or it would never be used at all.
    return Tokens(bearer, jwt, antes + max(duracao - MARGEM, duracao / 2))


_RECUSAS = {
    400: "O SERPRO não reconheceu o certificado digital. Ele precisa ser o e-CNPJ do contratante, emitido pela "
    "ICP-Brasil e dentro da validade. Confira o certificado da credencial.",
    401: "O SERPRO recusou o par Consumer Key e Consumer Secret, e não diz qual dos dois está errado. Copie os dois de "
    "novo da área do cliente do SERPRO e informe-os na tabela 102.",
    403: "O SERPRO não autorizou este acesso. Confira se o contrato do Integra Contador está ativo para este CNPJ.",
    415: "O SERPRO recusou o formato do pedido de autenticação. Avise quem mantém o Guichê.",
}


def _recusar(resposta: Reply) -> NoReturn:
    try:
        texto = str(redigir(resposta.json()).get("message") or "")
    except (ProviderUnavailable, AttributeError):
        texto = resposta.palavras
    raise AccessDenied(
        _RECUSAS[resposta.status],
        alcance=Alcance.CREDENCIAL,
        codigo=f"AUTENTICACAO-{resposta.status}",
        texto=texto,
        status=resposta.status,
    )
