"""The bar code of a guia, which the service prints on its PDF and does not tell otherwise."""

import io
import re
from collections.abc import Iterable

import pypdf
from pypdf.errors import PyPdfError

from arquivo.services import ArquivoCorrompido, ArquivoForaDoAr, abrir
from comum.documentos import Invalido, LinhaDigitavel, linha_digitavel
from comum.formatos import format_dinheiro
from guias.models import Guia

_LINHA = re.compile(r"(?=(?<!\d)(8(?:[\s.\-]{0,3}\d){47})(?!\d))")  # 48 digits, in blocks or not
_PAGINAS = 3  # a guia has one; what follows is its extract


def completar(guias: Iterable[Guia]) -> dict[int, str]:
    """Read and keep the bar code of each guia that has none yet. Of those it cannot be read for, by pk, why (pt-BR)."""
    motivos: dict[int, str] = {}
    lidas = []
    for guia in guias:
        if guia.codigo_barras:
            continue
        lida = ler(guia)
        if isinstance(lida, str):
            motivos[guia.pk] = lida
        else:
            guia.codigo_barras = lida.codigo_barras
            lidas.append(guia)
    Guia.objects.bulk_update(lidas, ["codigo_barras"], batch_size=500)
    return motivos


def ler(guia: Guia) -> LinhaDigitavel | str:
    """The line on the PDF of a guia, its digits checked and its value and number compared with the answer of the
    service; else why it cannot be used, in pt-BR."""
    if guia.documento is None:
        return "A guia veio sem PDF e sem código de barras. Emita-a de novo."
    try:
        texto = _texto(abrir(guia.documento))
    except (ArquivoCorrompido, ArquivoForaDoAr) as erro:
        return str(erro)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError):
        return "O PDF da guia não pôde ser lido. Abra-o e digite a linha digitável no título."
    boas = _linhas(texto)
    if not boas:
        return "O PDF da guia não traz linha digitável que se leia. Abra-o e digite-a no título."
    suas = [lida for lida in boas if lida.documento in ("", guia.numero)]
    if not suas:
        return (
            f"A linha digitável do PDF é do documento {boas[0].documento}, e a guia é a {guia.numero}. Confira o PDF."
        )
    if suas[0].valor is not None and suas[0].valor != guia.total:
        return (
            f"A linha digitável do PDF é de {format_dinheiro(suas[0].valor)}, e a guia de "
            f"{format_dinheiro(guia.total)}. Confira o PDF, e emita a guia de novo se for preciso."
        )
    return suas[0]


def linhas_do_pdf(pdf: bytes) -> list[LinhaDigitavel]:
    """The lines printed on a PDF whose digits hold; none of one that cannot be read."""
    try:
        return _linhas(_texto(pdf))
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError):
        return []


def _linhas(texto: str) -> list[LinhaDigitavel]:
    lidas = (linha_digitavel(re.sub(r"\D", "", achada.group(1))) for achada in _LINHA.finditer(texto))
    return [lida for lida in lidas if not isinstance(lida, Invalido)]


def _texto(pdf: bytes) -> str:
    paginas = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return "\n".join(pagina.extract_text() for pagina in paginas[:_PAGINAS])
