"""The webhook: the signature of a message, and what it says.

The signature proves only that somebody who holds the software house's token signed a moment: nothing of the body is
under it, nor is the IV, so that who captured one may date it anew. A message is a hint to consult the chave, never
news by itself.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from nfse.providers.integranotas.envelope import inteiro, normalizar_chave, texto_de
from nfse.providers.integranotas.leitura import endereco_web
from operacoes.wire import parse_json

VALIDADE = timedelta(seconds=300)
ADIANTAMENTO = timedelta(seconds=60)

_IV, _MAC, _CIFRA = 16, 32, 16  # bytes; a 10-digit time and its padding fill one block
_TAMANHO = _IV + _MAC + _CIFRA
_CHAVE_AES = 16
_ALGARISMOS = 10  # of a time until the year 2286: more would be no time


class MotivoAssinatura(StrEnum):
    FORMATO = "formato"
    TOKEN = "token"  # noqa: S105
    EXPIRADA = "expirada"
    FUTURA = "futura"


@dataclass(frozen=True)
class AssinaturaValida:
    """Signed at `instante`. `marca` is what to remember against a replay: unlike the whole signature, nobody without
    the token can change it."""

    instante: datetime
    marca: str


@dataclass(frozen=True)
class AssinaturaInvalida:
    motivo: MotivoAssinatura
    mensagem: str


_MENSAGENS = {
    MotivoAssinatura.FORMATO: "A assinatura do aviso não tem o formato do Integra Notas.",
    MotivoAssinatura.TOKEN: "A assinatura do aviso não é da software house cadastrada neste ambiente. Confira o token "
    "da software house.",
    MotivoAssinatura.EXPIRADA: "A assinatura do aviso tem 5 minutos ou mais. Se os avisos chegam sempre assim, confira "
    "o relógio do servidor.",
    MotivoAssinatura.FUTURA: "A assinatura do aviso é de uma hora que ainda não chegou. Confira o relógio do servidor.",
}


def conferir_assinatura(assinatura: str, token: str, agora: datetime) -> AssinaturaValida | AssinaturaInvalida:
    """Judge a `signature` by the software house's token. Length and MAC come before anything is deciphered.

    Replays are the caller's to refuse, by `marca`. Raises ValueError for a token too short to be one.
    """
    if len(token) < _CHAVE_AES:
        raise ValueError("the software house's token is shorter than its cipher's key")
    try:
        bruta = base64.b64decode(assinatura, validate=True)
    except (binascii.Error, ValueError):
        return _invalida(MotivoAssinatura.FORMATO)
    if len(bruta) != _TAMANHO:
        return _invalida(MotivoAssinatura.FORMATO)
    iv, mac, cifra = bruta[:_IV], bruta[_IV : _IV + _MAC], bruta[_IV + _MAC :]
    if not hmac.compare_digest(mac, hmac.digest(token.encode(), cifra, hashlib.sha256)):
        return _invalida(MotivoAssinatura.TOKEN)
    assinada_em = _instante(iv, cifra, token)
    if assinada_em is None:
        return _invalida(MotivoAssinatura.FORMATO)
    if agora - assinada_em >= VALIDADE:
        return _invalida(MotivoAssinatura.EXPIRADA)
    if assinada_em - agora > ADIANTAMENTO:
        return _invalida(MotivoAssinatura.FUTURA)
    return AssinaturaValida(assinada_em, mac.hex())


def _invalida(motivo: MotivoAssinatura) -> AssinaturaInvalida:
    return AssinaturaInvalida(motivo, _MENSAGENS[motivo])


def _instante(iv: bytes, cifra: bytes, token: str) -> datetime | None:
    decifrador = Cipher(AES(token.encode()[:_CHAVE_AES]), CBC(iv)).decryptor()
    claro = decifrador.update(cifra) + decifrador.finalize()
    texto = claro[: -claro[-1]]
    if claro != texto + bytes([claro[-1]]) * claro[-1] or not (texto.isdigit() and len(texto) <= _ALGARISMOS):
        return None
    return datetime.fromtimestamp(int(texto), UTC)


class AvisoIlegivel(ValueError):
    """The body is no message of the service; the text (pt-BR) says why."""


@dataclass(frozen=True)
class Aviso:
    """A message of the webhook: only a hint of which `chave` of which emitente (`documento`) to consult. Its files are
    not read: they come from the consult. `teste`: the service tries the address, and there is nothing to consult."""

    origem: str
    documento: str
    assinatura: str = field(repr=False)
    chave: str = ""
    sucesso: bool | None = None
    codigo: int | None = None
    mensagem: str = ""
    link: str = ""

    @property
    def teste(self) -> bool:
        return self.origem == "TESTE"

    @property
    def de_nota(self) -> bool:
        """Of an NFS-e with a chave to consult; what else the service tells of is not ours."""
        return self.origem == "NFSE" and bool(self.chave)


def ler_aviso(corpo: bytes) -> Aviso:
    """Read a message, signature unchecked. Raises AvisoIlegivel."""
    try:
        lido = parse_json(corpo)
    except ValueError as erro:
        raise AvisoIlegivel("O aviso não é JSON.") from erro
    if not isinstance(lido, dict):
        raise AvisoIlegivel("O aviso não é um objeto JSON.")
    if not isinstance(lido.get("signature"), str) or not lido["signature"]:
        raise AvisoIlegivel("O aviso está sem assinatura.")
    chave, sucesso = lido.get("chave"), lido.get("sucesso")
    return Aviso(
        origem=texto_de(lido.get("origem")).upper(),
        documento=texto_de(lido.get("cnpj_cpf")),
        assinatura=lido["signature"],
        chave=normalizar_chave(chave) if isinstance(chave, str) else "",
        sucesso=sucesso if isinstance(sucesso, bool) else None,
        codigo=inteiro(lido.get("codigo")),
        mensagem=texto_de(lido.get("mensagem")),
        link=endereco_web(lido.get("link_pdf")),
    )
