"""Between the JSON of the services and our values: money as Decimal in reais, dates, PDFs."""

import base64
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

BRASILIA = ZoneInfo("America/Sao_Paulo")


def numero(valor: Decimal) -> float:
    """A JSON number with the same digits. Binary floats keep up to 15 significant digits; amounts here have fewer."""
    lido = float(valor)
    if Decimal(repr(lido)) != valor:
        raise ValueError(f"amount with too many digits: {valor}")
    return lido


def pa(competencia: date) -> int:
    return competencia.year * 100 + competencia.month


def um(dados: Any) -> dict[str, Any]:
    """The one object of an answer that comes as an array of one, or as the object itself."""
    item = dados[0] if isinstance(dados, list) else dados
    if not isinstance(item, dict):
        raise TypeError("expected one object")
    return item


def dinheiro(valor: Any) -> Decimal:
    return (Decimal(0) if valor is None else Decimal(str(valor))).quantize(Decimal("0.01"))


def data(valor: Any) -> date:
    return datetime.strptime(str(valor)[:8], "%Y%m%d").replace(tzinfo=BRASILIA).date()


def mes(valor: Any) -> date:
    """AAAAMM as the first day of that month."""
    return data(f"{str(valor).strip()[:6]}01")


def data_ou_nada(valor: Any) -> date | None:
    """A date where the service may leave it empty: null, zero or no text."""
    return data(valor) if valor and str(valor).strip("0 ") else None


def instante(valor: Any) -> datetime:
    return datetime.strptime(str(valor)[:14], "%Y%m%d%H%M%S").replace(tzinfo=BRASILIA)


def relogio(valor: Any) -> datetime | None:
    try:
        lido = datetime.fromisoformat(str(valor))
    except ValueError:
        return None
    return lido if lido.tzinfo else None


def pdf(texto: Any) -> bytes:
    return base64.b64decode(texto, validate=True) if texto else b""


def pdf_obrigatorio(texto: Any) -> bytes:
    conteudo = pdf(texto)
    if not conteudo.startswith(b"%PDF"):
        raise ValueError("not a PDF")
    return conteudo
