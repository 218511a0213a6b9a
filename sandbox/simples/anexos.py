"""Rates of the five annexes by period of validity, read from the official tables in `dados/`.

Until 12/2026: LC 123/2006 with LC 155/2016. 2027 and 2028: LC 214/2025, Resolução CGSN 190/2026 (PIS and Cofins leave,
CBS and IBS enter). Rates are fractions (0.06728), tributes are lower-case names.
"""

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

_DADOS = Path(__file__).resolve().parent.parent / "dados"
_CEM = Decimal(100)
TETO_ISS = Decimal("0.05")
SUBLIMITE = Decimal("3600000")
LIMITE = Decimal("4800000")

# Codes of the PGDAS-D. For CBS and IBS none has been published: 1011 and 1012 are the sandbox's own.
CODIGOS = {
    "irpj": 1001,
    "csll": 1002,
    "cofins": 1004,
    "pis": 1005,
    "cpp": 1006,
    "icms": 1007,
    "ipi": 1008,
    "iss": 1010,
    "cbs": 1011,
    "ibs": 1012,
}
TRIBUTOS = {codigo: nome for nome, codigo in CODIGOS.items()}

# Federal shares of what exceeds the 5 % of ISS, band 5 (notes of the annexes).
_EXCESSO_ISS = {
    "III": {"irpj": "6.02", "csll": "5.26", "cofins": "19.28", "pis": "4.18", "cbs": "23.20", "cpp": "65.26"},
    "IV": {"irpj": "31.33", "csll": "32.00", "cofins": "30.13", "pis": "6.54", "cbs": "36.27"},
}
_EXCESSO_IBS = {"III": "0.26", "IV": "0.40"}


class ForaDoSimulado(Exception):
    """A situation the sandbox refuses to estimate; the text (pt-BR) says which."""


@dataclass(frozen=True)
class Faixa:
    limite: Decimal
    nominal: Decimal
    deducao: Decimal
    partilha: dict[str, Decimal]

    def efetiva(self, rbt12: Decimal) -> Decimal:
        return (rbt12 * self.nominal - self.deducao) / rbt12 if rbt12 else self.nominal


@lru_cache(maxsize=2)
def _tabela(nome: str) -> dict[str, list[Faixa]]:
    tabela: dict[str, list[Faixa]] = {}
    with (_DADOS / nome).open(encoding="utf-8", newline="") as arquivo:
        for linha in csv.DictReader(arquivo):
            partilha = {
                tributo: Decimal(linha[tributo]) / _CEM for tributo in CODIGOS if Decimal(linha.get(tributo) or 0)
            }
            faixa = Faixa(
                Decimal(linha["limite_superior_rbt12"]),
                Decimal(linha["aliquota_nominal"]) / _CEM,
                Decimal(linha["parcela_deduzir"]),
                partilha,
            )
            tabela.setdefault(linha["anexo"], []).append(faixa)
    return tabela


def tabela_de(pa: int) -> dict[str, list[Faixa]]:
    if pa > 202812:
        raise ForaDoSimulado("As tabelas do Simples Nacional a partir de 2029 não estão no sandbox.")
    return _tabela("simples_anexos_2027.csv" if pa >= 202701 else "simples_anexos.csv")


def faixa_de(pa: int, anexo: str, rbt12: Decimal) -> int:
    """Number of the band, 1 to 6."""
    for numero, faixa in enumerate(tabela_de(pa)[anexo], start=1):
        if rbt12 <= faixa.limite:
            return numero
    raise ForaDoSimulado("RBT12 acima de R$ 4.800.000,00: o sandbox não divide a receita excedente.")


def aliquotas(pa: int, anexo: str, rbt12: Decimal) -> dict[str, Decimal]:
    """Share of each tribute in the revenue, ISS cap applied; adds up to the effective rate up to band 5.

    Band 6 carries federal tributes only; ICMS and ISS then follow the formula of band 5 (Resolução CGSN 140/2018,
    art. 24).
    """
    numero = faixa_de(pa, anexo, rbt12)
    faixas = tabela_de(pa)[anexo]
    faixa = faixas[numero - 1]
    efetiva = faixa.efetiva(rbt12)
    partes = {tributo: efetiva * parte for tributo, parte in faixa.partilha.items()}
    if numero == 6:
        return partes | _locais_da_quinta(faixas[4], rbt12)
    if partes.get("iss", Decimal(0)) > TETO_ISS and anexo in _EXCESSO_ISS:
        return _com_teto(pa, anexo, efetiva)
    return partes


def _locais_da_quinta(quinta: Faixa, rbt12: Decimal) -> dict[str, Decimal]:
    efetiva = quinta.efetiva(rbt12)
    presentes = {"icms", "iss"} & set(quinta.partilha)
    locais = {tributo: efetiva * quinta.partilha[tributo] for tributo in presentes}
    if "iss" in locais:
        locais["iss"] = min(locais["iss"], TETO_ISS)
    return locais


def _com_teto(pa: int, anexo: str, efetiva: Decimal) -> dict[str, Decimal]:
    """The federal tributes share what exceeds the 5 % of ISS in the proportions printed under the annex."""
    proporcoes = {**_EXCESSO_ISS[anexo], "ibs": _EXCESSO_IBS[anexo]}
    novos = {"cbs", "ibs"}
    ausentes = {"pis", "cofins"} if pa >= 202701 else novos
    excedente = efetiva - TETO_ISS
    partes = {t: excedente * Decimal(p) / _CEM for t, p in proporcoes.items() if t not in ausentes}
    return partes | {"iss": TETO_ISS}
