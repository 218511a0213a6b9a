"""What an event of a note does to it. Source: Sistema Nacional NFS-e, events of the layout 1.01."""

import re
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from comum.formatos import normalizar

# Cancelled by the emitter; by a replacement; by the town hall after an analysis; by the town hall on its own.
CANCELAM = frozenset({"101101", "105102", "105104", "305101"})
_CODIGO = re.compile(r"(?<![0-9])e?([0-9]{6})(?![0-9])")
# A request to the town hall (101103), and its denial (105105), have the word in their names as well.
_SO_FALAM = ("solicit", "indefer")


def cancela(tipo: str, xml: bytes = b"") -> bool:
    """Whether an event ends the note: by its code, told in `tipo` or by its XML; without one by the words of `tipo`."""
    if codigo := _codigo(tipo, xml):
        return codigo in CANCELAM
    palavras = normalizar(tipo)
    return "cancel" in palavras and not any(palavra in palavras for palavra in _SO_FALAM)


def _codigo(tipo: str, xml: bytes) -> str:
    if achado := _CODIGO.search(tipo.strip()):
        return achado[1]
    try:
        nomes = [str(no.tag).rpartition("}")[2] for no in fromstring(xml).iter()] if xml else []
    except (ParseError, DefusedXmlException, ValueError):
        return ""
    return next((achado[1] for nome in nomes if (achado := re.fullmatch(r"e([0-9]{6})", nome))), "")
