"""Strict reading of JSON requests: exact types, no key twice, no number that a JSON number cannot carry."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NoReturn

from sandbox.sisgenfe.erros import Recusa, invalido

_AUSENTE: Any = object()
_MAIS_ALGARISMOS = 15
_MAIS_DECIMAIS = 10


def _constante(nome: str) -> NoReturn:
    raise ValueError(nome)


def _sem_repeticao(pares: list[tuple[str, Any]]) -> dict[str, Any]:
    lido = dict(pares)
    if len(lido) < len(pares):
        raise ValueError("key twice")
    return lido


def ler_json(corpo: bytes) -> Any:
    """The JSON of a body, decimals kept exact. Raises Recusa 400."""
    try:
        lido = json.loads(
            corpo.decode("utf-8"),
            parse_float=Decimal,
            parse_constant=_constante,
            object_pairs_hook=_sem_repeticao,
        )
        if b"\\u" in corpo:  # half a surrogate pair is JSON and is not text
            json.dumps(lido, ensure_ascii=False, default=str).encode()
    except (ValueError, ArithmeticError, RecursionError):
        raise Recusa(400, "O corpo da requisição não é um JSON válido.") from None
    return lido


class Campos:
    """One object of a request. Every field asked for is known; `fim` refuses the others unless `tolera`."""

    def __init__(self, valor: Any, caminho: str = "", *, tolera: bool = False) -> None:
        if not isinstance(valor, dict):
            raise Recusa(400, f"{caminho or 'O corpo'} deve ser um objeto.", caminho or None)
        self._valor, self._caminho, self._tolera = valor, caminho, tolera
        self._vistos: set[str] = set()

    def caminho(self, nome: str) -> str:
        return f"{self._caminho}.{nome}" if self._caminho else nome

    def tem(self, nome: str) -> bool:
        self._vistos.add(nome)
        return nome in self._valor

    def bruto(self, nome: str, padrao: Any = _AUSENTE) -> Any:
        """The value as it came. Without `padrao` the field is required."""
        self._vistos.add(nome)
        valor = self._valor.get(nome, padrao)
        if valor is _AUSENTE:
            raise invalido(self.caminho(nome), f"Informe {self.caminho(nome)}: é obrigatório.")
        return valor

    def texto(self, nome: str, padrao: str | None = None) -> str:
        """With `padrao` the field may be absent or empty."""
        valor = self.bruto(nome, _AUSENTE if padrao is None else padrao)
        if not isinstance(valor, str):
            raise self._tipo(nome, "um texto")
        if padrao is None and not valor.strip():
            raise invalido(self.caminho(nome), f"{self.caminho(nome)} está em branco.")
        return valor

    def inteiro(self, nome: str, padrao: int | None = None) -> int:
        valor = self.bruto(nome, _AUSENTE if padrao is None else padrao)
        if not isinstance(valor, int) or isinstance(valor, bool):
            raise self._tipo(nome, "um número inteiro")
        if abs(valor) >= 10**_MAIS_ALGARISMOS:
            raise invalido(self.caminho(nome), f"{self.caminho(nome)} tem algarismos demais.")
        return valor

    def booleano(self, nome: str, padrao: bool) -> bool:
        valor = self.bruto(nome, padrao)
        if not isinstance(valor, bool):
            raise self._tipo(nome, "true ou false")
        return valor

    def numero(self, nome: str) -> Decimal:
        """A JSON number that a double holds exactly enough: up to 15 digits, 10 of them decimals."""
        valor = self.bruto(nome)
        if isinstance(valor, bool) or not isinstance(valor, int | Decimal):
            raise self._tipo(nome, "um número, com ponto e sem aspas")
        numero = Decimal(valor)
        if numero and (numero.adjusted() > _MAIS_ALGARISMOS or not _cabe(numero)):
            raise invalido(
                self.caminho(nome),
                f"{self.caminho(nome)} aceita até {_MAIS_ALGARISMOS} algarismos, {_MAIS_DECIMAIS} deles decimais.",
            )
        return numero

    def objeto(self, nome: str, padrao: dict[str, Any] | None = None) -> "Campos":
        valor = self.bruto(nome, _AUSENTE if padrao is None else padrao)
        return Campos(valor, self.caminho(nome), tolera=self._tolera)

    def lista(self, nome: str) -> "list[Campos]":
        valor = self.bruto(nome)
        if not isinstance(valor, list):
            raise self._tipo(nome, "uma lista")
        return [Campos(item, f"{self.caminho(nome)}[{n}]", tolera=self._tolera) for n, item in enumerate(valor)]

    def nomes(self) -> list[str]:
        """Every key of the object, in its order; all of them count as known."""
        self._vistos |= set(self._valor)
        return list(self._valor)

    def fim(self, *outros: "Campos | Iterable[Campos]") -> None:
        """Refuse the keys nobody asked for, here and in `outros`."""
        sobra = next((nome for nome in self._valor if nome not in self._vistos), None)
        if sobra is not None and not self._tolera:
            raise invalido(self.caminho(sobra), f"Campo desconhecido: {self.caminho(sobra)}.")
        for outro in outros:
            for campos in (outro,) if isinstance(outro, Campos) else outro:
                campos.fim()

    def _tipo(self, nome: str, esperado: str) -> Recusa:
        return invalido(self.caminho(nome), f"{self.caminho(nome)} deve ser {esperado}.")


def _cabe(numero: Decimal) -> bool:
    _, algarismos, expoente = numero.normalize().as_tuple()
    return (
        isinstance(expoente, int)
        and len(algarismos) + max(expoente, 0) <= _MAIS_ALGARISMOS
        and (expoente >= -_MAIS_DECIMAIS)
    )
