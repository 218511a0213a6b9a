"""Files inside answers: base64, with or without gzip inside, always bytes."""

import base64
import binascii
import zlib
from typing import Any

from operacoes.http import MAX_BODY

_GZIP = b"\x1f\x8b"
_INICIO = {"xml": (b"<", b"\xef\xbb\xbf<"), "pdf": (b"%PDF",)}


def decodificar(texto: Any) -> bytes:
    """The bytes of a file. Raises ValueError when they are neither plain base64 nor gzip in base64."""
    if not isinstance(texto, str):
        raise ValueError("a file is base64 text")
    try:
        conteudo = base64.b64decode("".join(texto.split()), validate=True)
    except binascii.Error as erro:
        raise ValueError("not base64") from erro
    return _inflar(conteudo) if conteudo.startswith(_GZIP) else conteudo


def _inflar(conteudo: bytes) -> bytes:
    inflador = zlib.decompressobj(wbits=31)
    try:
        inflado = inflador.decompress(conteudo, MAX_BODY)
    except zlib.error as erro:
        raise ValueError("broken gzip") from erro
    if not inflador.eof:
        raise ValueError("gzip cut, or a file that is too large")
    return inflado


def arquivo(texto: Any, tipo: str) -> bytes:
    """The file of a field `tipo` ("xml", "pdf"); empty when there is none. Raises ValueError when it is not one."""
    if not texto:
        return b""
    conteudo = decodificar(texto)
    if not conteudo.lstrip().startswith(_INICIO[tipo]):
        raise ValueError(f"not a {tipo}")
    return conteudo


def codificar(conteudo: bytes) -> str:
    return base64.b64encode(conteudo).decode()
