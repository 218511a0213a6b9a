"""XML written by hand, already in canonical form: what is signed is the very text that is sent.

The digest of a signature is over the canonical form of an element. Text built here needs none made: one default
namespace, no prefix, no attribute but Id and versao, no empty element, and the escapes of Canonical XML. (Making it by
lxml of an element still in its tree is a trap: inclusive C14N may then write an xmlns="" that is not there.) The tests
compare every document with what libxml2 and xmlsec make of it.

Source: W3C, Canonical XML 1.0, section 2.3; layout of the NFS-e, "form of the XML".
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

NS = "http://www.sped.fazenda.gov.br/nfse"
VERSAO = "1.01"
_DECLARACAO = '<?xml version="1.0" encoding="UTF-8"?>'
_ESPECIAIS = re.compile("[&<>\r]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"}
# What XML 1.0 cannot carry in any form.
_IMPOSSIVEIS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Montado:
    """A document to be signed: its root, the element that the signature covers and what stands inside it."""

    raiz: str
    elemento: str
    id: str
    corpo: str

    @property
    def canonico(self) -> bytes:
        """Canonical form, exclusive and inclusive alike, of the element that is signed."""
        return f'<{self.elemento} xmlns="{NS}" Id="{self.id}">{self.corpo}</{self.elemento}>'.encode()

    def documento(self, assinatura: str = "") -> bytes:
        return (
            f'{_DECLARACAO}<{self.raiz} xmlns="{NS}" versao="{VERSAO}"><{self.elemento} Id="{self.id}">'
            f"{self.corpo}</{self.elemento}>{assinatura}</{self.raiz}>"
        ).encode()


def campo(nome: str, valor: str) -> str:
    """An element with text; nothing at all without text, since the layout admits no empty element."""
    if not valor:
        return ""
    if not valor.isalnum() and _ESPECIAIS.search(valor):
        valor = _ESPECIAIS.sub(lambda achado: _ESCAPES[achado[0]], valor)
    return f"<{nome}>{valor}</{nome}>"


def grupo(nome: str, *partes: str) -> str:
    """An element with elements; nothing at all when none of them is there."""
    dentro = "".join(partes)
    return f"<{nome}>{dentro}</{nome}>" if dentro else ""


def dinheiro(valor: Decimal | None) -> str:
    """Reais with exactly two decimals; empty for none. Raises ValueError for what has more than two."""
    if valor is None:
        return ""
    texto = str(valor)
    if texto[-3:-2] == "." and "E" not in texto:
        return texto  # nearly always: money comes out of the database with its two decimals
    if valor.as_tuple().exponent < -2 and valor != valor.quantize(Decimal("0.01")):  # type: ignore[operator]
        raise ValueError(f"{valor} does not fit two decimals")
    return f"{valor:.2f}"


percentual = dinheiro  # the same form, with fewer digits before the point


def instante(quando: datetime) -> str:
    """AAAA-MM-DDThh:mm:ss with an offset of whole hours: Z and fractions of a second are refused."""
    deslocamento = quando.utcoffset()
    if deslocamento is None or deslocamento.total_seconds() % 3600:
        raise ValueError("an instant needs an offset of whole hours")
    return quando.replace(microsecond=0).isoformat()


def dia(quando: date | None) -> str:
    return quando.isoformat() if quando else ""


# Signs that word processors put in the place of plain ones.
_TROCAS = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'",
        "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
        "…": "...", "•": "-", "‣": "-", "●": "-", "▪": "-", "™": "(TM)", "€": "EUR", "\xad": "",
        "Œ": "OE", "œ": "oe", "Š": "S", "š": "s", "Ž": "Z", "ž": "z", "Ÿ": "Y",
        "ﬁ": "fi", "ﬂ": "fl", "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "ı": "i",
    }
)  # fmt: skip
_INVISIVEIS = re.compile("[\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_BRANCOS = re.compile(r"\s+")
# Most texts are already as they must go, and are only looked at: words of the letters admitted, one space between them.
_RESTRITO = re.compile("(?:[!-~¡-ÿ]+(?: [!-~¡-ÿ]+)*)?")
_NOME = re.compile(r"(?:[^\s\x00-\x1f\ud800-\udfff\ufffe\uffff]+(?: [^\s\x00-\x1f\ud800-\udfff\ufffe\uffff]+)*)?")


def restrito(texto: str) -> str:
    """A text for the types that take only U+0020 to U+00FF: signs of word processors become plain ones, letters lose
    the accents that are not there, any run of blanks and line breaks becomes one space."""
    if _RESTRITO.fullmatch(texto) and "\xad" not in texto:
        return texto
    return _BRANCOS.sub(" ", simples(texto)).strip()


def simples(texto: str) -> str:
    """The same text with no letter beyond U+00FF, line breaks as they are."""
    texto = _INVISIVEIS.sub("", _sem_impossiveis(texto).translate(_TROCAS))
    return "".join(letra if letra <= "ÿ" else _sem_acento(letra) for letra in texto)


def _sem_acento(letra: str) -> str:
    if letra.isspace():
        return " "
    decomposta = unicodedata.normalize("NFKD", letra)
    return "".join(parte for parte in decomposta if parte <= "ÿ" and not unicodedata.combining(parte))


def nome(texto: str) -> str:
    """A name: any letter, on one line."""
    if _NOME.fullmatch(texto):
        return texto
    return _BRANCOS.sub(" ", _sem_impossiveis(texto)).strip()


def paragrafos(texto: str) -> str:
    """A text that may have line breaks."""
    if _NOME.fullmatch(texto):
        return texto
    return _sem_impossiveis(texto).replace("\r\n", "\n").replace("\r", "\n").strip()


def _sem_impossiveis(texto: str) -> str:
    return _IMPOSSIVEIS.sub("", texto)
