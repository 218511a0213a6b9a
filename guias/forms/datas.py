"""Days as a person types them, or as a page carries them on (ISO)."""

from datetime import date

from comum.documentos import Invalido
from comum.formatos import parse_data


def ler_dia(texto: str) -> date | Invalido:
    try:
        return date.fromisoformat(texto.strip())
    except ValueError:
        return parse_data(texto)
