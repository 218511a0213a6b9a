"""Strict reading of JSON objects the way SN-Entregar does: unknown, missing or mistyped keys are MSG_ISN_036,
and the property is named in PascalCase."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.integra_contador.erros import Recusa, pgdasd

PREFIXO = "SN-Entregar: "
_CENTAVO = Decimal("0.01")
_MAXIMO = Decimal("999999999999.99")
Leitor = Callable[[Any, str], Any]


@dataclass(frozen=True)
class Campo:
    """How one key is read; `nulo` accepts null (read as None), `obrigatorio` refuses its absence."""

    leitor: Leitor
    obrigatorio: bool = True
    nulo: bool = False


def pascal(chave: str) -> str:
    return chave[:1].upper() + chave[1:]


def json_invalido(texto: str) -> Recusa:
    return pgdasd(36, f"{PREFIXO}JSON inválido. {texto}")


def objeto(valor: Any, nome: str, campos: dict[str, Campo]) -> dict[str, Any]:
    """Read an object; absent optional keys come back as None."""
    if not isinstance(valor, dict):
        raise json_invalido(f"A propriedade '{pascal(nome)}' deve ser um objeto.")
    for chave in valor:
        if chave not in campos:
            raise json_invalido(f"Propriedade desconhecida: '{pascal(chave)}'.")
    lido: dict[str, Any] = {}
    for chave, campo in campos.items():
        if chave not in valor:
            if campo.obrigatorio:
                raise json_invalido(f"A propriedade obrigatória '{pascal(chave)}' não foi informada.")
            lido[chave] = None
        elif valor[chave] is None and campo.nulo:
            lido[chave] = None
        else:
            lido[chave] = campo.leitor(valor[chave], chave)
    return lido


def lista(campos: dict[str, Campo]) -> Leitor:
    """A list of objects; null is MSG_ISN_009."""

    def ler(valor: Any, nome: str) -> list[dict[str, Any]]:
        if valor is None:
            raise pgdasd(9, f"{PREFIXO}A lista '{pascal(nome)}' não pode ser nula.")
        if not isinstance(valor, list):
            raise json_invalido(f"A propriedade '{pascal(nome)}' deve ser uma lista.")
        return [objeto(item, nome, campos) for item in valor]

    return ler


def um_objeto(campos: dict[str, Campo]) -> Leitor:
    return lambda valor, nome: objeto(valor, nome, campos)


def texto(valor: Any, nome: str) -> str:
    if not isinstance(valor, str):
        raise json_invalido(f"A propriedade '{pascal(nome)}' deve ser texto.")
    return valor


def inteiro(valor: Any, nome: str) -> int:
    if not isinstance(valor, int) or isinstance(valor, bool):
        raise json_invalido(f"A propriedade '{pascal(nome)}' deve ser um número inteiro.")
    return valor


def logico(valor: Any, nome: str) -> bool:
    if not isinstance(valor, bool):
        raise json_invalido(f"A propriedade '{pascal(nome)}' deve ser verdadeiro ou falso.")
    return valor


def texto_ou_inteiro(valor: Any, nome: str) -> str:
    """Fields that the documentation shows both as text and as number; a number loses its leading zeros."""
    if isinstance(valor, int) and not isinstance(valor, bool):
        return f"{valor:04d}"
    return texto(valor, nome)


def dinheiro(valor: Any, nome: str) -> Decimal:
    """A JSON number of reais, up to two decimals, never negative (MSG_ISN_010)."""
    if isinstance(valor, bool) or not isinstance(valor, int | Decimal):
        raise json_invalido(f"A propriedade '{pascal(nome)}' deve ser um número.")
    numero = Decimal(valor)
    if numero < 0:
        raise pgdasd(10, f"{PREFIXO}O valor de '{pascal(nome)}' não pode ser negativo.")
    if numero > _MAXIMO or numero != numero.quantize(_CENTAVO):
        raise campo_invalido(nome, "tem mais de duas casas decimais ou é grande demais")
    return numero.quantize(_CENTAVO)


def positivo(valor: Any, nome: str) -> Decimal:
    numero = dinheiro(valor, nome)
    if not numero:
        raise campo_invalido(nome, "deve ser maior que zero")
    return numero


def campo_invalido(nome: str, motivo: str) -> Recusa:
    return pgdasd(8, f"{PREFIXO}O campo '{pascal(nome)}' é inválido: {motivo}.")


def parametro_invalido(motivo: str) -> Recusa:
    return pgdasd(2, f"{PREFIXO}{motivo}")
