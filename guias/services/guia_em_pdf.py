"""A DARF that comes as a PDF and nothing else: its number, value and last day to pay are those of its line."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guias.providers.interface import DasEmitido
from guias.services.barras import unica


@dataclass(frozen=True)
class LidaDoPdf:
    guia: DasEmitido
    codigo_barras: str


def ler(pdf: bytes, vencimento: date) -> LidaDoPdf | str:
    """Why it cannot be told (pt-BR), when the PDF brings none or more than one line with number, value and day. Fine
    and interest are not told apart: the line says only their sum with the principal."""
    linha = unica(pdf)
    if isinstance(linha, str):
        return linha
    limite, valor = linha.limite, linha.valor
    if limite is None or valor is None:
        return "O PDF não traz linha digitável que se leia."
    guia = DasEmitido(
        numero=linha.documento,
        vencimento=min(vencimento, limite),
        limite=limite,
        principal=valor,
        multa=Decimal("0.00"),
        juros=Decimal("0.00"),
        total=valor,
        composicao=[],
        observacoes=(),
        pdf=pdf,
    )
    return LidaDoPdf(guia, linha.codigo_barras)
