"""The words of a service, made for a competência."""

import re
from datetime import date

MESES = (
    *("janeiro", "fevereiro", "março", "abril", "maio", "junho"),
    *("julho", "agosto", "setembro", "outubro", "novembro", "dezembro"),
)
_CAMPO = re.compile(r"\{(MES|MM|ANO)\}")


def montar_descricao(texto: str, competencia: date) -> str:
    """{MES} is the month's name, {MM} its number, {ANO} the year; other braces stay."""
    valores = {"MES": MESES[competencia.month - 1], "MM": f"{competencia:%m}", "ANO": f"{competencia:%Y}"}
    return _CAMPO.sub(lambda achado: valores[achado[1]], texto)
