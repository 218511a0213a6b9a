"""The tables of the service: municipalities, activities, units of measure. What the documentation shows has its ids.

The documented ids of municipalities are their place in the order of IBGE codes, plus two: the others follow that rule.
Those of activities follow the order of the CNAE likewise; the rates and units that no document shows are invented.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

_DADOS = Path(__file__).resolve().parents[1] / "dados"
_PRIMEIRO_MUNICIPIO = 3
_NOMES_DA_DOCUMENTACAO = {"2606903": "Iguaraci"}

# uf -> (IBGE code, name); Pernambuco is 1 in the documentation, the others follow in this order
_ESTADOS = {
    "PE": ("26", "Pernambuco"),
    "RO": ("11", "Rondônia"),
    "AC": ("12", "Acre"),
    "AM": ("13", "Amazonas"),
    "RR": ("14", "Roraima"),
    "PA": ("15", "Pará"),
    "AP": ("16", "Amapá"),
    "TO": ("17", "Tocantins"),
    "MA": ("21", "Maranhão"),
    "PI": ("22", "Piauí"),
    "CE": ("23", "Ceará"),
    "RN": ("24", "Rio Grande do Norte"),
    "PB": ("25", "Paraíba"),
    "AL": ("27", "Alagoas"),
    "SE": ("28", "Sergipe"),
    "BA": ("29", "Bahia"),
    "MG": ("31", "Minas Gerais"),
    "ES": ("32", "Espírito Santo"),
    "RJ": ("33", "Rio de Janeiro"),
    "SP": ("35", "São Paulo"),
    "PR": ("41", "Paraná"),
    "SC": ("42", "Santa Catarina"),
    "RS": ("43", "Rio Grande do Sul"),
    "MS": ("50", "Mato Grosso do Sul"),
    "MT": ("51", "Mato Grosso"),
    "GO": ("52", "Goiás"),
    "DF": ("53", "Distrito Federal"),
}

UNIDADES: dict[int, dict[str, Any]] = {
    ident: {"id": ident, "nome": nome}
    for ident, nome in (
        (1, "Metro"),
        (2, "Metro Quadrado"),
        (3, "Metro Cúbico"),
        (5, "Quilômetro"),
        (6, "Quilograma"),
        (7, "Serviço"),
        (9, "Tonelada"),
        (12, "Litro"),
        (15, "Hora"),
        (16, "Diária"),
        (19, "Unidade"),
        (21, "Semana"),
        (24, "Mês"),
        (27, "Ano"),
    )
}


@dataclass(frozen=True)
class Atividade:
    """`aliquota` is the service's ISS rate in percent; None for the general one."""

    corpo: dict[str, Any]
    lei116: str
    aliquota: Decimal | None


def _estado(uf: str) -> dict[str, Any]:
    codigo, nome = _ESTADOS[uf]
    return {"nome": nome, "codigo": codigo, "uf": uf, "id": list(_ESTADOS).index(uf) + 1}


@cache
def municipios() -> Mapping[int, dict[str, Any]]:
    """Internal id -> municipality with its `estado`."""
    estados = {uf: _estado(uf) for uf in _ESTADOS}
    with (_DADOS / "municipios.csv").open(encoding="utf-8", newline="") as arquivo:
        linhas = sorted(csv.DictReader(arquivo), key=lambda linha: linha["codigo_ibge"])
    return {
        ident: {
            "nome": _NOMES_DA_DOCUMENTACAO.get(linha["codigo_ibge"], linha["nome"]),
            "codigo": linha["codigo_ibge"][2:],
            "codigoCompleto": linha["codigo_ibge"],
            "estado": estados[linha["uf"]],
            "id": ident,
        }
        for ident, linha in enumerate(linhas, _PRIMEIRO_MUNICIPIO)
    }


@cache
def municipios_por_ibge() -> Mapping[str, int]:
    return {municipio["codigoCompleto"]: ident for ident, municipio in municipios().items()}


@cache
def atividades() -> Mapping[int, Atividade]:
    """Internal id -> activity."""
    with (_DADOS / "sisgenfe_atividades.csv").open(encoding="utf-8", newline="") as arquivo:
        return {int(linha["id"]): _atividade(linha) for linha in csv.DictReader(arquivo)}


def _atividade(linha: dict[str, str]) -> Atividade:
    lei116 = {
        "descricao": linha["lei116_descricao"],
        "codigo": linha["lei116_codigo"],
        "id": int(linha["lei116_id"]),
    }
    corpo = {"nome": linha["nome"], "lei116": lei116, "codigo": linha["codigo"], "id": int(linha["id"])}
    return Atividade(corpo, linha["lei116_codigo"], Decimal(linha["aliquota"]) if linha["aliquota"] else None)
