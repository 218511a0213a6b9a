"""The text of a PDF somebody sends."""

import io

import pypdf
from pypdf.errors import PyPdfError

_PAGINAS = 3  # a note or a guia has one; what follows is not needed to know whose it is


def texto_do_pdf(conteudo: bytes) -> str | None:
    """None when it cannot be read."""
    try:
        paginas = pypdf.PdfReader(io.BytesIO(conteudo)).pages
        return "\n".join(pagina.extract_text() for pagina in paginas[:_PAGINAS])
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, AssertionError, RecursionError):
        return None
