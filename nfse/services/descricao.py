"""The description of a service, with the month that a note is for."""

import re
from datetime import date

MESES = (
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
)
_CHAVE = re.compile(r"\{(M[EÊ]S|MM|ANO)\}", re.IGNORECASE)


def montar_descricao(texto: str, competencia: date) -> str:
    """`texto` with {MES} (novembro), {MM} (11) and {ANO} (2026) of the competência; other braces stay as they are."""
    valores = {
        "MES": MESES[competencia.month - 1],
        "MÊS": MESES[competencia.month - 1],
        "MM": f"{competencia.month:02d}",
        "ANO": f"{competencia.year:04d}",
    }
    return _CHAVE.sub(lambda achado: valores[achado[1].upper()], texto)
