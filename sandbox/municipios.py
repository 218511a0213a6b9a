"""Municipalities by IBGE code and by TOM code (`sandbox/dados`)."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_ARQUIVO = Path(__file__).resolve().parent / "dados" / "municipios.csv"
_TOM = _ARQUIVO.with_name("municipios_tom.csv")


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
def uf_por_tom() -> dict[str, str]:
    """UF of each TOM code: four digits, without the check digit."""
    with _TOM.open(encoding="utf-8", newline="") as arquivo:
        return {linha["codigo_tom"]: linha["uf"] for linha in csv.DictReader(arquivo)}


@lru_cache(maxsize=1)
def ufs() -> frozenset[str]:
    return frozenset(municipio.uf for municipio in municipios().values())
