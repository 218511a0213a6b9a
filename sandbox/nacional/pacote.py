"""A document on the wire: Base64 of GZip of UTF-8 XML, and what is checked before any schema."""

import base64
import binascii
import gzip
import zlib
from typing import Any

from lxml import etree

from sandbox.nacional.codigos import recusa

_GZIP = 16 + zlib.MAX_WBITS
Arvore = etree._Element


def abrir(codificado: object, maximo: int) -> bytes:
    """The XML inside. Raises Recusa E1225 also for one that would inflate beyond `maximo` bytes."""
    if not isinstance(codificado, str) or not codificado:
        raise recusa("E1225", "O campo do documento falta ou não é texto.")
    try:
        comprimido = base64.b64decode(codificado, validate=True)
    except (binascii.Error, ValueError):
        raise recusa("E1225", "O conteúdo não é Base64.") from None
    inflador = zlib.decompressobj(_GZIP)
    try:
        xml = inflador.decompress(comprimido, maximo)
    except zlib.error:
        raise recusa("E1225", "O conteúdo não é GZip.") from None
    if inflador.unconsumed_tail:
        raise recusa("E1225", f"O documento descompactado passa de {maximo} bytes.")
    if not inflador.eof or inflador.unused_data:
        raise recusa("E1225", "O GZip está incompleto ou tem dados depois do fim.")
    return xml


def fechar(xml: bytes) -> str:
    return base64.b64encode(gzip.compress(xml, mtime=0)).decode()


def ler(xml: bytes) -> Arvore:
    """The root of a document that is well formed, in UTF-8 and without prefixes, in this order."""
    try:
        raiz = etree.fromstring(xml, _analisador())
    except (etree.XMLSyntaxError, ValueError) as erro:
        raise recusa("E1226" if _em_utf8(xml) else "E1229", str(erro)[:200]) from None
    informacoes: Any = raiz.getroottree().docinfo  # its stubs have no doctype
    if informacoes.doctype:
        raise recusa("E1226", "DOCTYPE não é permitido.")
    codificacao = str(informacoes.encoding or "UTF-8").upper()
    if codificacao not in ("UTF-8", "UTF8") or not _em_utf8(xml):
        raise recusa("E1229", codificacao)
    for elemento in raiz.iter(etree.Element):
        if elemento.prefix or any(prefixo for prefixo in elemento.nsmap):
            raise recusa("E1228", str(elemento.tag).rpartition("}")[2])
    return raiz


def _em_utf8(xml: bytes) -> bool:
    try:
        xml.decode()
    except UnicodeDecodeError:
        return False
    return True


def _analisador() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, strip_cdata=False, huge_tree=False)


def nua(xml: bytes) -> bytes:
    """The document from its root's opening tag on: what stands in another one, byte by byte."""
    if xml.startswith(b"\xef\xbb\xbf"):
        xml = xml[3:]
    if xml.startswith(b"<?xml"):
        xml = xml[xml.index(b"?>") + 2 :]
    return xml.strip()
