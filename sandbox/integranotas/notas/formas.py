"""How one value of a payload must look. Each form takes a value that is there and says what is wrong with it (pt-BR),
or nothing."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sandbox.municipios import municipio, ufs

Forma = Callable[[Any], str]

_VALOR = re.compile(r"\d{1,11}(\.\d{1,2})?", re.ASCII)
_QUANTIDADE = re.compile(r"\d{1,9}(\.\d{1,8})?", re.ASCII)
_TAXA = re.compile(r"\d{1,3}(\.\d{1,4})?", re.ASCII)
_DATA_HORA = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DATA = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Texto:
    """Text; `limite` is the length that integrators keep to, checked in the profile of lengths."""

    limite: int = 0

    def __call__(self, valor: Any) -> str:
        return "" if isinstance(valor, str) else "Deve ser texto."


def opcoes_de_texto(*aceitos: str) -> Forma:
    def conferir(valor: Any) -> str:
        return "" if valor in aceitos else f"Deve ser um destes textos: {', '.join(aceitos)}."

    return conferir


def digitos(minimo: int, maximo: int | None = None) -> Forma:
    maximo = maximo or minimo

    def conferir(valor: Any) -> str:
        if isinstance(valor, str) and minimo <= len(valor) <= maximo and valor.isascii() and valor.isdecimal():
            return ""
        quantos = f"{minimo}" if minimo == maximo else f"de {minimo} a {maximo}"
        return f"Deve ser texto só com dígitos, {quantos} deles."

    return conferir


def alfanumerico(minimo: int, maximo: int) -> Forma:
    def conferir(valor: Any) -> str:
        if isinstance(valor, str) and minimo <= len(valor) <= maximo and valor.isascii() and valor.isalnum():
            return ""
        return f"Deve ser texto de {minimo} a {maximo} letras ou dígitos, sem espaços nem sinais."

    return conferir


def codigo_de_servico(valor: Any) -> str:
    """An item of the LC 116 list, in the formats that towns use: 107, 01.07, 3205."""
    if isinstance(valor, str) and re.fullmatch(r"\d{1,2}\.\d{2}(\.\d{2})?|\d{2,9}", valor, re.ASCII):
        return ""
    return "Deve ser o item da lista de serviços, como 107, 01.07 ou 010701."


def booleano(valor: Any) -> str:
    return "" if isinstance(valor, bool) else "Deve ser true ou false."


def texto_ou_booleano(valor: Any) -> str:
    return "" if isinstance(valor, str | bool) else "Deve ser texto ou booleano."


def _numero(valor: Any, forma: re.Pattern[str], descricao: str) -> str:
    if isinstance(valor, bool) or not isinstance(valor, str | int | Decimal):
        return descricao
    return "" if forma.fullmatch(str(valor)) else descricao


def quantia(valor: Any) -> str:
    return _numero(valor, _VALOR, "Deve ser um valor em reais com ponto decimal e até 2 casas, como 1234.56.")


def quantia_positiva(valor: Any) -> str:
    return quantia(valor) or ("" if Decimal(str(valor)) > 0 else "Deve ser maior que zero.")


def taxa(valor: Any) -> str:
    return _numero(valor, _TAXA, "Deve ser um percentual com ponto decimal e até 4 casas, como 2.00.")


def quantidade(valor: Any) -> str:
    return _numero(valor, _QUANTIDADE, "Deve ser um número com ponto decimal, como 1.5.")


NUMERICAS: tuple[Forma, ...] = (quantia, taxa, quantidade)


def data_hora(valor: Any) -> str:
    try:
        if isinstance(valor, str) and _DATA_HORA.fullmatch(valor):
            datetime.fromisoformat(valor)
            return ""
    except ValueError:
        pass
    return "Deve ser data e hora com fuso, como 2026-11-21T10:00:00-03:00."


def dia(valor: Any) -> str:
    try:
        if isinstance(valor, str) and _DATA.fullmatch(valor):
            date.fromisoformat(valor)
            return ""
    except ValueError:
        pass
    return "Deve ser uma data AAAA-MM-DD."


def codigo_ibge(valor: Any) -> str:
    if descricao := digitos(7)(valor):
        return descricao
    return "" if municipio(valor) else f"O código {valor} não consta da tabela de municípios do IBGE."


def sigla_uf(valor: Any) -> str:
    return "" if isinstance(valor, str) and valor in ufs() else "Deve ser a sigla de uma UF."


def objeto(valor: Any) -> str:
    return "" if isinstance(valor, dict) else "Deve ser um objeto."
