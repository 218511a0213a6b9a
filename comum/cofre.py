"""Secrets at rest: an AES-256-GCM envelope per record. Plain Python; comum/segredos.py joins it to the models.

Each record gets a random data key, wrapped by a key of the Chaveiro. Where the record lives (aad: table, primary key
and field) is authenticated in both layers, so a blob copied to another row or column does not open. Layout of a blob:

    version (1 byte, 0x01) | length of the key id (1) | key id
    nonce (12) | wrapped data key (48) | nonce (12) | text and tag

Errors are CofreErro and never carry key material or text.
"""

import base64
import binascii
import os
import re
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSAO = 1
_NONCE, _CHAVE, _TAG = 12, 32, 16
_EMBRULHO = _NONCE + _CHAVE + _TAG
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class CofreErro(Exception):
    """A secret cannot be sealed or opened."""


class ChaveiroInvalido(CofreErro):
    """The configured keys are not `id:base64` of 32 bytes each, parted by commas."""


class ChaveDesconhecida(CofreErro):
    """The blob was sealed with a key whose id is not in the Chaveiro."""


class SeloInvalido(CofreErro):
    """The blob was altered, is not a blob of ours, or belongs to another record (aad)."""


def aad(tabela: str, pk: object, campo: str) -> str:
    """Where a secret lives: table, primary key and field."""
    return f"{tabela}:{pk}:{campo}"


def _partir(blob: bytes) -> tuple[str, bytes, bytes]:
    """Key id, wrapped data key and sealed text, each with its nonce."""
    if len(blob) < 2 or blob[0] != _VERSAO:
        raise SeloInvalido("not a sealed blob of version 1")
    fim_id = 2 + blob[1]
    fim_embrulho = fim_id + _EMBRULHO
    if len(blob) < fim_embrulho + _NONCE + _TAG:
        raise SeloInvalido("sealed blob is cut short")
    try:
        chave_id = blob[2:fim_id].decode("ascii")
    except UnicodeDecodeError:
        raise SeloInvalido("key id of the sealed blob is not readable") from None
    return chave_id, blob[fim_id:fim_embrulho], blob[fim_embrulho:]


def id_da_chave(blob: bytes) -> str:
    """Id of the key that wraps the blob. Raises SeloInvalido when it is not a sealed blob."""
    return _partir(bytes(blob))[0]


class Chaveiro:
    """The wrapping keys, first one current. Text form: `id:base64,id2:base64`, 32 bytes each.

    Raises ChaveiroInvalido, naming the position of the wrong key and never its content.
    """

    __slots__ = ("_atual", "_chaves")

    def __init__(self, texto: str) -> None:
        self._chaves: dict[str, AESGCM] = {}
        partes = [parte.strip() for parte in texto.split(",") if parte.strip()]
        if not partes:
            raise ChaveiroInvalido("no key configured")
        for posicao, parte in enumerate(partes, start=1):
            chave_id, _, codigo = parte.partition(":")
            if not _ID.fullmatch(chave_id) or chave_id in self._chaves:
                raise ChaveiroInvalido(f"key {posicao}: id missing, repeated or not made of letters, digits, . _ -")
            self._chaves[chave_id] = AESGCM(_decodificar(codigo, posicao))
        self._atual = next(iter(self._chaves))

    @property
    def atual(self) -> str:
        """Id of the key that seals."""
        return self._atual

    def __repr__(self) -> str:
        return f"<Chaveiro {', '.join(self._chaves)}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Chaveiro is never serialised")

    def selar(self, texto: bytes, *, aad: str) -> bytes:
        """Seal under the current key."""
        acaso = os.urandom(_CHAVE + _NONCE)
        chave, nonce = acaso[:_CHAVE], acaso[_CHAVE:]
        return self._embrulhar(chave, aad) + nonce + AESGCM(chave).encrypt(nonce, texto, aad.encode())

    def abrir(self, blob: bytes, *, aad: str) -> bytes:
        """The sealed text. Raises ChaveDesconhecida or SeloInvalido."""
        chave_id, embrulho, selado = _partir(bytes(blob))
        chave = self._desembrulhar(chave_id, embrulho, aad)
        try:
            return AESGCM(chave).decrypt(selado[:_NONCE], selado[_NONCE:], aad.encode())
        except InvalidTag:
            raise SeloInvalido(f"sealed text does not match {aad}") from None

    def regravar(self, blob: bytes, *, aad: str) -> bytes:
        """The same secret with its data key wrapped by the current key; the text is not opened."""
        chave_id, embrulho, selado = _partir(bytes(blob))
        if chave_id == self._atual:
            return bytes(blob)
        return self._embrulhar(self._desembrulhar(chave_id, embrulho, aad), aad) + selado

    def _embrulhar(self, chave: bytes, aad: str) -> bytes:
        cabecalho = bytes((_VERSAO, len(self._atual))) + self._atual.encode("ascii")
        nonce = os.urandom(_NONCE)
        return cabecalho + nonce + self._chaves[self._atual].encrypt(nonce, chave, cabecalho + aad.encode())

    def _desembrulhar(self, chave_id: str, embrulho: bytes, aad: str) -> bytes:
        if chave_id not in self._chaves:
            raise ChaveDesconhecida(f"key {chave_id!r} is not configured")
        cabecalho = bytes((_VERSAO, len(chave_id))) + chave_id.encode("ascii")
        try:
            return self._chaves[chave_id].decrypt(embrulho[:_NONCE], embrulho[_NONCE:], cabecalho + aad.encode())
        except InvalidTag:
            raise SeloInvalido(f"sealed data key does not match {aad}") from None


def _decodificar(codigo: str, posicao: int) -> bytes:
    try:
        chave = base64.b64decode(
            codigo.encode("ascii"), altchars=b"-_" if set(codigo) & set("-_") else None, validate=True
        )
    except (binascii.Error, UnicodeEncodeError):
        raise ChaveiroInvalido(f"key {posicao}: not base64") from None
    if len(chave) != _CHAVE:
        raise ChaveiroInvalido(f"key {posicao}: {len(chave)} bytes, 32 expected")
    return chave
