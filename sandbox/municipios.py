"""Municipalities by IBGE code (`sandbox/dados/municipios.csv`)."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_ARQUIVO = Path(__file__).resolve().parent / "dados" / "municipios.csv"


@dataclass(frozen=True)
class Municipio:
    ibge: str
    nome: str
    uf: str


@lru_cache(maxsize=1)
def municipios() -> dict[str, Municipio]:
    with _ARQUIVO.open(encoding="utf-8", newline="") as arquivo:
        linhas = csv.DictReader(arquivo)
        return {linha["codigo_ibge"]: Municipio(linha["codigo_ibge"], linha["nome"], linha["uf"]) for linha in linhas}


def municipio(ibge: str) -> Municipio | None:
    return municipios().get(ibge)


@lru_cache(maxsize=1)
def ufs() -> frozenset[str]:
    return frozenset(municipio.uf for municipio in municipios().values())
