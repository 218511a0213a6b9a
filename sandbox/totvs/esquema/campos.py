"""Fields of a body: name, type, size; and the strict reading of an object by its table of fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.totvs import erros
from sandbox.totvs.erros import Falhas
from sandbox.totvs.esquema.json_exato import ComExpoente, Pares
from sandbox.totvs.opcoes import Opcoes

_CENTAVOS = 2


@dataclass(frozen=True)
class Campo:
    """`tamanho`: characters of a text (or the option that tells them), integer digits of a value. `ou` names the field
    that may stand for a required one. `minimo` None: the value may be negative."""

    nome: str
    tipo: str
    obrigatorio: bool = False
    ou: str = ""
    tamanho: int | str = 0
    casas: int = _CENTAVOS
    minimo: int | None = 0
    maximo: int | None = None
    positivo: bool = False
    esquema: "Esquema | None" = None

    @property
    def dentro(self) -> "Esquema":
        """The fields of the object, or of each object of the list."""
        if self.esquema is None:
            raise TypeError(f"{self.nome} has no fields")
        return self.esquema


@dataclass(frozen=True)
class Esquema:
    """The fields of one object. `solto`: entries that the vendor's page fills with placeholders."""

    campos: Mapping[str, Campo]
    solto: bool = False
    nomes: Mapping[str, str] = field(default_factory=dict)


def esquema(*campos: Campo | tuple[Campo, ...], solto: bool = False) -> Esquema:
    lista = [um for parte in campos for um in (parte if isinstance(parte, tuple) else (parte,))]
    nomes = {campo.nome.lower(): campo.nome for campo in lista}
    if len(nomes) < len(lista):
        raise ValueError("two fields of one name")
    return Esquema({campo.nome: campo for campo in lista}, solto, nomes)


def texto(nome: str, tamanho: int | str, *, obr: bool = False, ou: str = "") -> Campo:
    return Campo(nome, "texto", obr, ou, tamanho)


def textos(tamanho: int | str, *nomes: str) -> tuple[Campo, ...]:
    return tuple(texto(nome, tamanho) for nome in nomes)


def inteiro(nome: str, minimo: int = 0, maximo: int = 999_999_999, *, obr: bool = False) -> Campo:
    return Campo(nome, "inteiro", obr, minimo=minimo, maximo=maximo)


def valor(
    nome: str, digitos: int, casas: int = _CENTAVOS, *, obr: bool = False, positivo: bool = False, sinal: bool = False
) -> Campo:
    return Campo(nome, "valor", obr, tamanho=digitos, casas=casas, positivo=positivo, minimo=None if sinal else 0)


def logico(nome: str) -> Campo:
    return Campo(nome, "logico")


def data(nome: str, *, obr: bool = False) -> Campo:
    return Campo(nome, "data", obr)


def sequencia(nome: str, *, obr: bool = True, minimo: int = 1) -> Campo:
    return Campo(nome, "sequencia", obr, minimo=minimo, maximo=9999)


def lista(nome: str, de: Esquema, *, obr: bool = False, maximo: int | None = None) -> Campo:
    return Campo(nome, "lista", obr, maximo=maximo, esquema=de)


def objeto(nome: str, de: Esquema, *, obr: bool = False) -> Campo:
    return Campo(nome, "objeto", obr, esquema=de)


_VAZIOS: dict[str, Any] = {"texto": ""}


class Leitor:
    """Reads objects, gathering everything wrong. What is read has the tables' spelling, every field present: empty
    text, empty list, or None for what was not informed."""

    def __init__(self, opcoes: Opcoes) -> None:
        self.opcoes, self.falhas = opcoes, Falhas()
        self._exemplos = bool(opcoes["exemplos_da_pagina"])

    def objeto(self, de: Esquema, valor: Any, caminho: str) -> dict[str, Any]:
        lido = {campo.nome: _vazio(campo) for campo in de.campos.values()}
        if not isinstance(valor, Pares):
            self.falhas.add(erros.TIPO, caminho, f"{_fim(caminho)} deve ser um objeto.")
            return lido
        vistos: set[str] = set()
        for escrito, bruto in valor:
            nome = de.nomes.get(escrito.lower())
            onde = f"{caminho}.{escrito[:60]}" if caminho else escrito[:60]
            if nome is None or not self._grafia(escrito, nome):
                self.falhas.add(erros.NOME, onde, f"{escrito[:60]} não é um campo deste corpo.")
            elif nome in vistos:
                self.falhas.add(erros.NOME, onde, f"{nome} aparece mais de uma vez no mesmo objeto.")
            else:
                vistos.add(nome)
                lido[nome] = self._campo(de.campos[nome], bruto, f"{caminho}.{nome}" if caminho else nome, de.solto)
        self._faltas(de, lido, caminho)
        return lido

    def _grafia(self, escrito: str, nome: str) -> bool:
        match self.opcoes["nomes"]:
            case "pascal":
                return escrito == nome
            case "camel":
                return escrito in (nome[:1].lower() + nome[1:], _sigla_minuscula(nome))
        return True

    def _faltas(self, de: Esquema, lido: Mapping[str, Any], caminho: str) -> None:
        soltos = de.solto and self._exemplos
        for campo in de.campos.values():
            if soltos and campo.tipo == "texto":
                continue
            falta = campo.obrigatorio and not _informado(lido[campo.nome])
            if falta and not (campo.ou and _informado(lido[campo.ou])):
                onde = f"{caminho}.{campo.nome}" if caminho else campo.nome
                if not any(falha.caminho == onde for falha in self.falhas):
                    alternativa = f" (ou {campo.ou})" if campo.ou else ""
                    self.falhas.add(erros.FALTA, onde, f"Informe {campo.nome}{alternativa}: é obrigatório.")

    def _campo(self, campo: Campo, bruto: Any, onde: str, solto: bool) -> Any:
        if bruto is None:
            return _vazio(campo)
        match campo.tipo:
            case "texto":
                return self._texto(campo, bruto, onde, solto)
            case "inteiro":
                return self._inteiro(campo, bruto, onde)
            case "sequencia":
                return self._sequencia(campo, bruto, onde)
            case "valor":
                return self._valor(campo, bruto, onde)
            case "logico":
                return bruto if isinstance(bruto, bool) else self._tipo(campo, onde, "true ou false")
            case "data":
                return self._data(campo, bruto, onde)
            case "lista":
                return self._lista(campo, bruto, onde)
        return self.objeto(campo.dentro, bruto, onde)

    def _tipo(self, campo: Campo, onde: str, esperado: str) -> Any:
        self.falhas.add(erros.TIPO, onde, f"{campo.nome} deve ser {esperado}.")
        return _vazio(campo)

    def _texto(self, campo: Campo, bruto: Any, onde: str, solto: bool) -> Any:
        if not isinstance(bruto, str):
            return self._tipo(campo, onde, "um texto entre aspas")
        maior = campo.tamanho if isinstance(campo.tamanho, int) else self.opcoes[campo.tamanho]
        limpo = bruto.rstrip()
        if len(limpo) > maior and not (solto and self._exemplos):
            self.falhas.add(
                erros.TAMANHO, onde, f"{campo.nome} tem {len(limpo)} caracteres e aceita até {maior}: encurte-o."
            )
        return limpo

    def _inteiro(self, campo: Campo, bruto: Any, onde: str) -> Any:
        if not isinstance(bruto, int) or isinstance(bruto, bool):
            return self._tipo(campo, onde, "um número inteiro, sem aspas")
        return self._faixa(campo, bruto, onde)

    def _faixa(self, campo: Campo, numero: int, onde: str) -> int:
        menor, maior = campo.minimo or 0, campo.maximo or 0
        if numero < menor:
            self.falhas.add(erros.TIPO, onde, f"{campo.nome} deve ser {menor} ou mais.")
        elif numero > maior:
            self.falhas.add(erros.TAMANHO, onde, f"{campo.nome} aceita até {maior}.")
        return numero

    def _sequencia(self, campo: Campo, bruto: Any, onde: str) -> Any:
        if isinstance(bruto, str) and not bruto.strip():
            return None
        if isinstance(bruto, str) and bruto.isascii() and bruto.isdecimal() and len(bruto) < 10:
            bruto = int(bruto)
        if not isinstance(bruto, int) or isinstance(bruto, bool):
            return self._tipo(campo, onde, "um número inteiro, ou um texto só de algarismos")
        return self._faixa(campo, bruto, onde)

    def _valor(self, campo: Campo, bruto: Any, onde: str) -> Any:
        if isinstance(bruto, bool | ComExpoente) or not isinstance(bruto, int | Decimal):
            return self._tipo(campo, onde, "um número com ponto, sem aspas e sem expoente")
        numero = Decimal(bruto)
        exato = numero.normalize()
        if -int(exato.as_tuple().exponent) > campo.casas:
            self.falhas.add(erros.TIPO, onde, f"{campo.nome} aceita até {campo.casas} casas decimais.")
        elif numero and numero.adjusted() >= int(campo.tamanho):
            self.falhas.add(
                erros.TAMANHO, onde, f"{campo.nome} aceita até {campo.tamanho} algarismos antes da vírgula."
            )
        elif (campo.positivo and numero <= 0) or (campo.minimo is not None and numero < 0):
            minimo = "maior que zero" if campo.positivo else "zero ou mais"
            self.falhas.add(erros.TIPO, onde, f"{campo.nome} deve ser {minimo}.")
        return numero

    def _data(self, campo: Campo, bruto: Any, onde: str) -> date | None:
        if not isinstance(bruto, str):
            return self._tipo(campo, onde, "uma data AAAA-MM-DD entre aspas")  # type: ignore[no-any-return]
        if not bruto.strip():
            return None
        try:
            if len(bruto) != len("AAAA-MM-DD"):
                raise ValueError(bruto)
            return date.fromisoformat(bruto)
        except ValueError:
            return self._tipo(campo, onde, "uma data AAAA-MM-DD que exista")  # type: ignore[no-any-return]

    def _lista(self, campo: Campo, bruto: Any, onde: str) -> Any:
        if not isinstance(bruto, list) or isinstance(bruto, Pares):
            return self._tipo(campo, onde, "uma lista")
        if campo.maximo is not None and len(bruto) > campo.maximo:
            self.falhas.add(erros.TAMANHO, onde, f"{campo.nome} aceita até {campo.maximo} itens.")
            return []
        return [self.objeto(campo.dentro, item, f"{onde}[{posicao}]") for posicao, item in enumerate(bruto)]


def _vazio(campo: Campo) -> Any:
    return [] if campo.tipo == "lista" else _VAZIOS.get(campo.tipo)


def _informado(lido: Any) -> bool:
    """Whether something is there: zero and false are, blank text and empty lists are not."""
    return lido is not None and lido != "" and lido != []


def _fim(caminho: str) -> str:
    return caminho.rpartition(".")[2] or "O corpo"


def _sigla_minuscula(nome: str) -> str:
    """GLAppropriationValue as glAppropriationValue, INSSDeduction as inssDeduction."""
    maiusculas = len(nome) - len(nome.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    corte = max(1, maiusculas - 1) if maiusculas < len(nome) else maiusculas
    return nome[:corte].lower() + nome[corte:]
