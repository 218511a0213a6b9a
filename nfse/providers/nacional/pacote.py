"""How XML travels: Base64 of GZip of UTF-8, and what may be read of it without harm.

Nothing that comes from outside is expanded beyond a limit, and no document with a DTD is read at all: entities,
external or a million deep, have nowhere to begin.
"""

import base64
import binascii
import gzip
import zlib
from typing import Any

from lxml import etree

INFLADO_MAXIMO = 50 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_NIVEL = 1  # most of a document is the certificate, which does not shrink: 6 takes a quarter more time for 2 % less


class DocumentoInvalido(ValueError):
    """The text is no document that may be read; the message (pt-BR) says why."""


def empacotar(xml: bytes) -> str:
    """The same document always gives the same text."""
    return base64.b64encode(gzip.compress(xml, _NIVEL, mtime=0)).decode()


def desempacotar(texto: Any) -> bytes:
    """The bytes of a packed document; also one packed in Base64 twice, as production sends some events. Raises
    DocumentoInvalido."""
    if not isinstance(texto, str) or not texto.strip():
        raise DocumentoInvalido("O documento não veio na resposta.")
    conteudo = _de_base64("".join(texto.split()))
    if not conteudo.startswith(_GZIP):
        dentro = _outra_camada(conteudo)
        if dentro is None:
            raise DocumentoInvalido("O documento não veio compactado (GZip) como o serviço promete.")
        conteudo = dentro
    return _inflar(conteudo)


def _de_base64(texto: str | bytes) -> bytes:
    try:
        return base64.b64decode(texto, validate=True)
    except (binascii.Error, ValueError) as erro:
        raise DocumentoInvalido("O documento veio fora do formato Base64.") from erro


def _outra_camada(conteudo: bytes) -> bytes | None:
    try:
        dentro = _de_base64(conteudo.strip())
    except DocumentoInvalido:
        return None
    return dentro if dentro.startswith(_GZIP) else None


def _inflar(conteudo: bytes) -> bytes:
    inflador = zlib.decompressobj(wbits=31)
    try:
        inflado = inflador.decompress(conteudo, INFLADO_MAXIMO + 1)
    except zlib.error as erro:
        raise DocumentoInvalido("O documento compactado veio estragado.") from erro
    if len(inflado) > INFLADO_MAXIMO:
        raise DocumentoInvalido(f"O documento passa de {INFLADO_MAXIMO // 1024 // 1024} MB depois de aberto.")
    if not inflador.eof:
        raise DocumentoInvalido("O documento compactado veio cortado.")
    return inflado


def ler_xml(conteudo: bytes, raiz: str) -> etree._Element:
    """The root of a document whose root is called `raiz`. Raises DocumentoInvalido for what is not UTF-8, has a DTD,
    is too large, is not well formed, or is another document."""
    if len(conteudo) > INFLADO_MAXIMO:
        raise DocumentoInvalido(f"O XML passa de {INFLADO_MAXIMO // 1024 // 1024} MB.")
    try:
        conteudo.decode("utf-8")
    except UnicodeDecodeError as erro:
        raise DocumentoInvalido("O XML não está em UTF-8.") from erro
    if b"<!DOCTYPE" in conteudo or b"<!ENTITY" in conteudo:
        raise DocumentoInvalido("O XML traz uma declaração de tipo (DTD), que nenhum documento fiscal tem.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        no = etree.fromstring(conteudo.removeprefix(_BOM), parser)
    except (etree.XMLSyntaxError, ValueError) as erro:
        raise DocumentoInvalido(f"O XML está malformado: {erro}.") from erro
    codificacao = (no.getroottree().docinfo.encoding or "utf-8").lower()
    if codificacao not in ("utf-8", "utf8", "ascii", "us-ascii"):
        raise DocumentoInvalido(f"O XML se diz em {codificacao}, e a NFS-e nacional é em UTF-8.")
    if etree.QName(no).localname != raiz:
        raise DocumentoInvalido(f"O XML é um documento {etree.QName(no).localname}, e se esperava {raiz}.")
    return no
