"""A DARF that comes as a PDF and nothing else: its number, value and last day to pay are those of its line."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guias.providers.interface import DasEmitido
from guias.services.barras import linhas


@dataclass(frozen=True)
class LidaDoPdf:
    guia: DasEmitido
    codigo_barras: str


def ler(pdf: bytes, vencimento: date) -> LidaDoPdf | None:
    """None when the PDF brings no line with number, value and day. Fine and interest are not told apart: the line says
    only their sum with the principal."""
    for linha in linhas(pdf) or ():
        if linha.documento and linha.valor is not None and linha.limite is not None:
            guia = DasEmitido(
                numero=linha.documento,
                vencimento=min(vencimento, linha.limite),
                limite=linha.limite,
                principal=linha.valor,
                multa=Decimal("0.00"),
                juros=Decimal("0.00"),
                total=linha.valor,
                composicao=[],
                observacoes=(),
                pdf=pdf,
            )
            return LidaDoPdf(guia, linha.codigo_barras)
    return None
