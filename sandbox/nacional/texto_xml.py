"""XML as text: what is written stays written, byte by byte, beside what came from outside."""

from decimal import Decimal
from xml.sax.saxutils import escape

from sandbox.nacional.calculo import arredondar


def campo(nome: str, valor: object) -> str:
    return f"<{nome}>{escape(str(valor))}</{nome}>"


def se_houver(nome: str, valor: str) -> str:
    return campo(nome, valor) if valor else ""


def dinheiro(nome: str, valor: Decimal) -> str:
    return campo(nome, arredondar(valor))


def grupo(nome: str, *partes: str) -> str:
    return f"<{nome}>{''.join(partes)}</{nome}>"
