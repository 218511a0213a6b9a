"""A one-page PDF writer for forms: text in the base fonts, lines, boxes, interleaved 2 of 5 bars.

fpdf2 takes about 5.6 ms to draw a slip with its bar code, which would bound the sandbox to under 100 slips a second;
this takes a fraction of that because a form's fixed drawing is a constant. Format: ISO 32000-1,
sections 7.5 and 9.6.2.2.

Coordinates are in points from the upper left corner of an A4 page.
"""

import zlib
from decimal import Decimal
from functools import cache

LARGURA, ALTURA = 595, 842
_FONTES = {"normal": "/F1", "negrito": "/F2", "fixa": "/F3", "fixa_negrito": "/F4"}
_NOMES = ("Helvetica", "Helvetica-Bold", "Courier", "Courier-Bold")
_LARGURA_FIXA = 0.6
_2DE5 = ("00110", "10001", "01001", "11000", "00101", "10100", "01100", "00011", "10010", "01010")


def texto(x: float, y: float, conteudo: str, *, tamanho: float = 9, fonte: str = "normal") -> str:
    """Drawing of one line of text whose base line is at `y`."""
    limpo = conteudo.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT {_FONTES[fonte]} {tamanho} Tf {x} {ALTURA - y} Td ({limpo}) Tj ET\n"


def direita(x: float, y: float, conteudo: str, *, tamanho: float = 9, fonte: str = "fixa") -> str:
    """Text that ends at `x`, in a fixed-width font."""
    return texto(round(x - len(conteudo) * tamanho * _LARGURA_FIXA, 2), y, conteudo, tamanho=tamanho, fonte=fonte)


def caixa(x: float, y: float, largura: float, altura: float) -> str:
    return f"{x} {ALTURA - y - altura} {largura} {altura} re S\n"


def linha(x1: float, y1: float, x2: float, y2: float) -> str:
    return f"{x1} {ALTURA - y1} m {x2} {ALTURA - y2} l S\n"


def marca_dagua(conteudo: str) -> str:
    return f"q 0.88 g BT {_FONTES['negrito']} 58 Tf 0.77 0.64 -0.64 0.77 120 190 Tm ({conteudo}) Tj ET Q\n"


def barras(x: float, y: float, digitos: str, *, altura: float = 40, modulo: float = 0.85) -> str:
    """Interleaved 2 of 5 (wide = 3 narrow), from `x` rightwards; an even number of digits."""
    pares = "".join(_par(digitos[inicio : inicio + 2]) for inicio in range(0, len(digitos), 2))
    return f"q {modulo} 0 0 {altura} {x} {ALTURA - y - altura} cm\n{_listras('0000')}{pares}{_listras('100')}Q\n"


@cache
def _par(digitos: str) -> str:
    """The first digit in the bars, the second in the spaces."""
    return _listras(
        "".join(barra + vao for barra, vao in zip(*(_2DE5[int(digito)] for digito in digitos), strict=True))
    )


def _listras(elementos: str) -> str:
    """Bars and spaces in turn (1 is wide), one unit high and one wide each narrow; moves the origin to their end."""
    desenho, x = [], 0
    for numero, elemento in enumerate(elementos):
        largura = 3 if elemento == "1" else 1
        if numero % 2 == 0:
            desenho.append(f"{x} 0 {largura} 1 re")
        x += largura
    return f"{' '.join(desenho)} f 1 0 0 1 {x} 0 cm\n"


def montar(desenho: str, *, titulo: str) -> bytes:
    """The bytes of a PDF with one page; characters outside Windows-1252 become question marks."""
    conteudo = zlib.compress(desenho.encode("cp1252", "replace"), 6)
    fontes = " ".join(f"/F{n} {n + 4} 0 R" for n in range(1, 5))
    objetos = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {LARGURA} {ALTURA}] /Contents 4 0 R "
        f"/Resources << /Font << {fontes} >> >> >>".encode(),
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(conteudo), conteudo),
        *(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{nome} /Encoding /WinAnsiEncoding >>".encode()
            for nome in _NOMES
        ),
        b"<< /Title <%b> /Producer (sandbox) >>" % titulo.encode("utf-16-be").hex().join(("feff", "")).encode(),
    ]
    return _arquivo(objetos)


def _arquivo(objetos: list[bytes]) -> bytes:
    partes, posicao, tabela = [b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"], 15, []
    for numero, objeto in enumerate(objetos, start=1):
        tabela.append(b"%010d 00000 n \n" % posicao)
        parte = b"%d 0 obj\n%b\nendobj\n" % (numero, objeto)
        partes.append(parte)
        posicao += len(parte)
    total = len(objetos) + 1
    partes.append(b"xref\n0 %d\n0000000000 65535 f \n" % total + b"".join(tabela))
    partes.append(
        b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (total, total - 1, posicao)
    )
    return b"".join(partes)


def reais(valor: Decimal) -> str:
    """1234.5 -> 1.234,50"""
    return f"{valor:,.2f}".translate(str.maketrans(",.", ".,"))
