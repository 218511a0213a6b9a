"""A guia known by its linha digitável and nothing else: printed on a PDF that came without figures, or copied by a
person."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from comum.documentos import LinhaDigitavel
from guias.providers.interface import DasEmitido
from guias.services.barras import unica


@dataclass(frozen=True)
class LidaDoPdf:
    guia: DasEmitido
    codigo_barras: str


def da_linha(linha: LinhaDigitavel, pdf: bytes, vencimento: date | None = None) -> DasEmitido:
    """Fine and interest are not told apart: the line says only their sum with the principal. Raises ValueError for a
    line without number or value, or of which neither it nor `vencimento` says the day."""
    limite = linha.limite or vencimento
    if not linha.documento or linha.valor is None or limite is None:
        raise ValueError("a line that is not that of a guia")
    return DasEmitido(
        numero=linha.documento,
        vencimento=min(vencimento or limite, limite),
        limite=limite,
        principal=linha.valor,
        multa=Decimal("0.00"),
        juros=Decimal("0.00"),
        total=linha.valor,
        composicao=[],
        observacoes=(),
        pdf=pdf,
    )


def ler(pdf: bytes, vencimento: date | None = None) -> LidaDoPdf | str:
    """Why it cannot be told (pt-BR), when the PDF does not bring one line, and one only, with number, value and day."""
    linha = unica(pdf)
    if isinstance(linha, str):
        return linha
    if linha.limite is None or linha.valor is None or not linha.documento:
        return "O PDF não traz linha digitável que se leia."
    return LidaDoPdf(da_linha(linha, pdf, vencimento), linha.codigo_barras)
