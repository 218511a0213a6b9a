"""AUTENTICAPROCURADOR: the signed Termo de Autorização for the token that every call of another autor carries.

The token lives until the coming midnight of Brasília. While it does, the same termo is answered by a 304 whose etag
holds the token: asking again is free and gives nothing new, so each process asks once and remembers.
Source: SERPRO, API Integra Contador, "Autentica Procurador"; docs/integra-contador.md.
"""

import base64
import hashlib
import threading
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from guias.providers import wire
from guias.providers.catalogo import achar
from guias.providers.cliente import IntegraContador, lendo
from guias.providers.interface import Partes
from operacoes import relogio
from operacoes.errors import ProviderUnavailable
from operacoes.http import Chamadas

ENVIOXMLASSINADO81 = achar("AUTENTICAPROCURADOR", "ENVIOXMLASSINADO81")
_MARGEM = timedelta(seconds=60)  # before its end a token is no longer used
_NO_ETAG = "autenticar_procurador_token:"


@dataclass(frozen=True)
class Token:
    valor: str = field(repr=False)
    expira: datetime


def trocar(cliente: IntegraContador, partes: Partes, termo: bytes, *, chamadas: Chamadas) -> Token:
    """Send the signed termo of `partes.autor`. Raises the error family of operacoes.errors."""
    dados = {"xml": base64.b64encode(termo).decode()}
    do_autor = Partes(partes.contratante, partes.autor, partes.autor)
    resposta = cliente.chamar(ENVIOXMLASSINADO81, do_autor, dados, chamadas, aceita=(200, 304))
    agora = datetime.now(wire.BRASILIA)
    meia_noite = datetime.combine(agora.date() + timedelta(days=1), time.min, wire.BRASILIA)
    with lendo(ENVIOXMLASSINADO81):
        if resposta.status == 304:
            if not resposta.etag.startswith(_NO_ETAG):
                raise ValueError("no token in the etag")
            return Token(resposta.etag.removeprefix(_NO_ETAG), meia_noite)
        corpo = resposta.dados
        expira = datetime.fromisoformat(corpo["data_hora_expiracao"]).replace(tzinfo=wire.BRASILIA)
        return Token(str(corpo["autenticar_procurador_token"]), expira)


class Autorizacao:
    """The signed termo of one autor, and the token it gave (guias.providers.cliente.Autorizacao)."""

    def __init__(self, acesso: str, autor: str, termo: bytes) -> None:
        self._chave = (acesso, autor, hashlib.sha256(termo).hexdigest())
        self._termo = termo

    def token(self, cliente: IntegraContador, partes: Partes, chamadas: Chamadas) -> str:
        """The token in force, asked for by one thread at a time while the others wait for it."""
        if (guardado := self._vigente()) is not None:
            return guardado.valor
        with _trava:
            vez = _vezes.setdefault(self._chave, threading.Lock())
        if not vez.acquire(timeout=max(0.0, chamadas.deadline - relogio.segundos())):
            raise ProviderUnavailable(
                "O SERPRO demorou a aceitar o termo de autorização. Nada foi enviado.", codigo="TERMO-DEMOROU"
            )
        try:
            token = self._vigente() or trocar(cliente, partes, self._termo, chamadas=chamadas)
            _guardados[self._chave] = token
            return token.valor
        finally:
            vez.release()

    def esquecer(self, recusado: str) -> None:
        """Drop the token that was refused; a newer one that another thread fetched stays."""
        guardado = _guardados.get(self._chave)
        if guardado is not None and guardado.valor == recusado:
            _guardados.pop(self._chave, None)

    def _vigente(self) -> Token | None:
        guardado = _guardados.get(self._chave)
        if guardado is None or guardado.expira - _MARGEM <= datetime.now(wire.BRASILIA):
            return None
        return guardado


_guardados: dict[tuple[str, str, str], Token] = {}
_vezes: dict[tuple[str, str, str], threading.Lock] = {}
_trava = threading.Lock()


def esquecer() -> None:
    """Empty the cache of this process."""
    _guardados.clear()
