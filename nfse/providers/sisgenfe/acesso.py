"""The log-in of SISGENF-e: one JWT for each application, prestador and user, kept until the service refuses it.

Source: Systema Informática, API SISGENF-e 1.1, "Chave do Aplicativo" and "Autentificação". The answer is the token
alone, as text; its lifetime is not documented and its claims are not relied on.
"""

import json
import re
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from comum.documentos import mascarar
from operacoes import relogio
from operacoes.errors import AccessDenied, Alcance, ProviderUnavailable
from operacoes.http import Chamadas, Provider, Reply, host_of, transport_for
from operacoes.redacao import redigir_corpo

QUALQUER = range(100, 600)  # statuses: the answer is cleaned of secrets before anything is judged, or quoted
LABEL = "SISGENF-e"

# Three parts, of the characters that RFC 6750 lets into the header.
_TOKEN = re.compile(r"[\w~+/=-]+(?:\.[\w~+/=-]+){2}", re.ASCII)

Conta = tuple[str, str, str, str]


@dataclass(frozen=True, repr=False)
class AcessoSisgenfe:
    """What it takes to issue for one prestador (CNPJ, unmasked). `base` ends in /api, `ca` is a PEM bundle, None for
    the system's, `aplicacao` the key the vendor gave to this software. In memory only; it never shows its values."""

    base: str
    ca: Path | None
    aplicacao: str
    prestador: str
    usuario: str
    senha: str

    @property
    def conta(self) -> Conta:
        return self.base, self.aplicacao, self.prestador, self.usuario

    def __repr__(self) -> str:
        return "<AcessoSisgenfe>"


@dataclass(frozen=True)
class Token:
    valor: str = field(repr=False)


class LoginSisgenfe(Provider):
    """The log-in service: POST /login."""

    label = f"{LABEL} (login)"

    def pedir(self, acesso: AcessoSisgenfe, chamadas: Chamadas) -> Token:
        """Log in. Raises AccessDenied(CREDENCIAL) or ProviderUnavailable; repeating it has no effect outside.

        It counts in the limits of the calls: same server, same prestador.
        """
        corpo = {
            "app": acesso.aplicacao,
            "prestador": mascarar(acesso.prestador),
            "username": acesso.usuario,
            "password": acesso.senha,
        }
        veio = self.request("POST", "login", chamadas=chamadas, repeatable=True, json=corpo, accept=QUALQUER)
        if aceita(veio):
            veio.registro["recebido"] = "[removido]"
            return _token(veio)
        resposta = sem_segredos(veio, acesso.aplicacao, acesso.senha)
        if recusada(resposta):
            _recusar(resposta)
        self._traduzir_status(resposta)


def entrar(acesso: AcessoSisgenfe, chamadas: Chamadas) -> Token:
    """Log in now, whatever the cache holds; the new token goes into the cache."""
    transport = transport_for(None, acesso.ca, host_of(acesso.base))
    token = LoginSisgenfe(acesso.base, transport=transport).pedir(acesso, chamadas)
    _guardados[acesso.conta] = (acesso, token)
    return token


def token_de(acesso: AcessoSisgenfe, chamadas: Chamadas) -> Token:
    """The token in force, renewed by one thread at a time while the others wait for it."""
    if (guardado := _vigente(acesso)) is not None:
        return guardado
    vez = _vez_de(acesso.conta)
    if not vez.acquire(timeout=max(0.0, chamadas.deadline - relogio.segundos())):
        raise ProviderUnavailable("O SISGENF-e demorou a dar o acesso. Nada foi enviado.", codigo="TOKEN-DEMOROU")
    try:
        return _vigente(acesso) or entrar(acesso, chamadas)
    finally:
        vez.release()


def invalidar(acesso: AcessoSisgenfe, recusado: Token) -> None:
    """Drop the token the service refused (HTTP 401); a newer one that another thread fetched stays."""
    if _guardados.get(acesso.conta) == (acesso, recusado):
        _guardados.pop(acesso.conta, None)


def esquecer() -> None:
    """Empty the cache of this process."""
    _guardados.clear()


def aceita(resposta: Reply) -> bool:
    return 200 <= resposta.status < 300


def recusada(resposta: Reply) -> bool:
    """Whether the status says that nothing was carried out, by the service's own will."""
    return 400 <= resposta.status < 500 and resposta.status not in (408, 429)


def sem_segredos(reply: Reply, *segredos: str) -> Reply:
    """The answer without the secrets that the request carried, in case the service repeats them; its registro too."""
    limpo = reply.content
    for segredo in filter(None, segredos):
        for escrito in (segredo, json.dumps(segredo)[1:-1], json.dumps(segredo, ensure_ascii=False)[1:-1]):
            limpo = limpo.replace(escrito.encode(), b"[removido]")
    if limpo == reply.content:
        return reply
    reply.registro["recebido"] = redigir_corpo(limpo)
    return replace(reply, content=limpo)


_guardados: dict[Conta, tuple[AcessoSisgenfe, Token]] = {}  # with the access that logged in: a new password does again
_vezes: dict[Conta, threading.Lock] = {}
_vezes_lock = threading.Lock()


def _vez_de(conta: Conta) -> threading.Lock:
    with _vezes_lock:
        return _vezes.setdefault(conta, threading.Lock())


def _vigente(acesso: AcessoSisgenfe) -> Token | None:
    com, token = _guardados.get(acesso.conta, (None, None))
    return token if com == acesso else None


def _token(resposta: Reply) -> Token:
    """The body without blanks around it and without one pair of quotes."""
    texto = resposta.text.strip()
    if len(texto) > 1 and texto[0] == texto[-1] == '"':
        texto = texto[1:-1].strip()
    if not _TOKEN.fullmatch(texto):
        raise ProviderUnavailable(
            "O SISGENF-e respondeu ao login sem o token esperado. Tente de novo em alguns minutos.",
            codigo="TOKEN-ILEGIVEL",
            status=resposta.status,
        )
    return Token(texto)


def _recusar(resposta: Reply) -> NoReturn:
    mensagem = (
        "O SISGENF-e recusou o login. Confira o usuário, a senha e o CNPJ do prestador, e se a chave do aplicativo não "
        "foi bloqueada pelo fornecedor."
        if resposta.status in (400, 401, 403, 422)
        else f"O endereço do SISGENF-e não aceitou o login (código {resposta.status}). Confira o endereço do serviço."
    )
    raise AccessDenied(
        mensagem,
        alcance=Alcance.CREDENCIAL,
        codigo=f"LOGIN-{resposta.status}",
        texto=palavras(resposta),
        status=resposta.status,
    )


def palavras(resposta: Reply) -> str:
    """What the service says in `mensagem`, else the start of its body."""
    mensagem = campo_do_erro(resposta, "mensagem")
    return mensagem or resposta.palavras


def campo_do_erro(resposta: Reply, nome: str) -> str:
    """A text of the service's error object, as kept in the registro: cleaned. Empty when there is none."""
    corpo = resposta.registro.get("recebido")
    valor = corpo.get(nome) if isinstance(corpo, dict) else None
    return valor if isinstance(valor, str) else ""
