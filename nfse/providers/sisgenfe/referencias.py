"""What SISGENF-e knows by numbers of its own: município, unidade, atividade; and the tomador as it keeps him.

The internal ids are not the official codes and differ between environments. `Referencias` maps one to the other for a
client; whoever keeps them (a table, a session) hands it over and saves what it learnt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Municipio:
    """`ibge` is the 7-digit code; `uf` is empty where the service leaves the state out."""

    id: int
    nome: str
    ibge: str
    uf: str = ""


@dataclass(frozen=True)
class Unidade:
    id: int
    nome: str


@dataclass(frozen=True)
class Atividade:
    """`cnae` as the service writes it ("4221-9/03"); `lc116` is text ("7.05": as a number 7.10 would be 7.1)."""

    id: int
    nome: str
    cnae: str
    lc116: str
    lc116_id: int | None = None
    lc116_descricao: str = ""


@dataclass(frozen=True)
class TomadorNoServico:
    """A customer as registered. `documento` and `cep` unmasked, `alterado_em` aware."""

    documento: str
    nome: str
    email: str = ""
    logradouro: str = ""
    numero: str = ""
    bairro: str = ""
    cep: str = ""
    municipio: Municipio | None = None
    pessoa_fisica: bool | None = None
    alterado_em: datetime | None = None
    bruto: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Referencias:
    """Internal ids of one environment: municípios by IBGE code, unidades by the name the service writes.

    `novas` holds what a client read that was not here, or was here with another id, for the caller to keep.
    """

    municipios: dict[str, int] = field(default_factory=dict)
    unidades: dict[str, int] = field(default_factory=dict)
    novas: list[Municipio | Unidade] = field(default_factory=list)

    def aprender(self, lidas: Iterable[Municipio | Unidade]) -> None:
        for item in lidas:
            if isinstance(item, Municipio):
                ids, chave = self.municipios, item.ibge
            else:
                ids, chave = self.unidades, item.nome
            if ids.get(chave) != item.id:
                ids[chave] = item.id
                self.novas.append(item)


# IBGE, codes of the Unidades da Federação.
# fmt: off
_UFS = {
    "11": "RO", "12": "AC", "13": "AM", "14": "RR", "15": "PA", "16": "AP", "17": "TO", "21": "MA", "22": "PI",
    "23": "CE", "24": "RN", "25": "PB", "26": "PE", "27": "AL", "28": "SE", "29": "BA", "31": "MG", "32": "ES",
    "33": "RJ", "35": "SP", "41": "PR", "42": "SC", "43": "RS", "50": "MS", "51": "MT", "52": "GO", "53": "DF",
}
# fmt: on


def uf_do_ibge(codigo: str) -> str:
    """The UF of a município by the first two digits of its IBGE code; empty when there is none."""
    return _UFS.get(codigo[:2], "")
