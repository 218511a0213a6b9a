"""The DAS-MEI of a month, and why the Receita's may be another.

LC 123/2006, art. 18-A, § 3, V: 5 % of the minimum wage for social security (art. 18-F: 12 % for the truck driver),
R$ 1,00 of ICMS and R$ 5,00 of ISS, each where it is due. LC 214/2025: from the period of January 2027 on, R$ 0,994 of
CBS and R$ 0,006 of IBS more.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path

from comum.formatos import format_dinheiro

_ARQUIVO = Path(__file__).resolve().parent.parent / "dados" / "salario_minimo.csv"
_CENTAVO = Decimal("0.01")
_ANO_DA_CBS = 2027
INSS, ICMS, ISS, CBS, IBS = "INSS", "ICMS", "ISS", "CBS", "IBS"
_FIXOS = {ICMS: Decimal("1.00"), ISS: Decimal("5.00")}
_DESDE_2027 = {CBS: Decimal("0.994"), IBS: Decimal("0.006")}
DO_CODIGO = {"0151": INSS, "0083": ICMS, "0125": ISS}  # the revenue codes of the service


@dataclass(frozen=True)
class AtividadeMei:
    """Which fixed tributes the activities bring, and whether the social security is that of the truck driver."""

    icms: bool
    iss: bool
    caminhoneiro: bool = False


# Divisions of the CNAE: goods and transport between towns pay ICMS, the rest of the services ISS. Whoever has other
# activities pays both, which the main CNAE does not tell.
_ICMS = frozenset({*range(1, 34), 35, 45, 46, 47, 49, 50, 56, 61})
_DE_SERVICO = frozenset({"4520", "4543"})  # repair of vehicles and motorcycles, inside the trade's division
_CAMINHAO = {
    "4930201": AtividadeMei(icms=False, iss=True, caminhoneiro=True),  # inside the town
    "4930202": AtividadeMei(icms=True, iss=False, caminhoneiro=True),  # between towns
    "4930203": AtividadeMei(icms=True, iss=True, caminhoneiro=True),
    "4930204": AtividadeMei(icms=True, iss=True, caminhoneiro=True),
}


def atividade_do_cnae(cnae: str) -> AtividadeMei | None:
    """What the main CNAE (7 digits) lets expect; None without one."""
    if len(cnae) != 7 or not cnae.isdecimal():
        return None
    if cnae in _CAMINHAO:
        return _CAMINHAO[cnae]
    icms = int(cnae[:2]) in _ICMS and cnae[:4] not in _DE_SERVICO
    return AtividadeMei(icms=icms, iss=not icms)


def atividade_da_composicao(tributos: Mapping[str, Decimal], salario: Decimal) -> AtividadeMei | None:
    """What a DAS-MEI that the Receita drew shows; None when it had no social security (a benefit, a rest)."""
    inss = tributos.get(INSS)
    if not inss:
        return None
    return AtividadeMei(icms=ICMS in tributos, iss=ISS in tributos, caminhoneiro=inss > salario / 10)


@lru_cache(maxsize=1)
def _salarios() -> tuple[tuple[date, Decimal], ...]:
    with _ARQUIVO.open(encoding="utf-8", newline="") as arquivo:
        return tuple((date.fromisoformat(linha["desde"]), Decimal(linha["valor"])) for linha in csv.DictReader(arquivo))


def salario_minimo(mes: date) -> Decimal | None:
    """In reais; None before the table begins, and for a year whose wage is not in it yet."""
    conhecidos = [(desde, valor) for desde, valor in _salarios() if desde <= mes]
    return conhecidos[-1][1] if conhecidos and conhecidos[-1][0].year == mes.year else None


def das_mei(mes: date, atividade: AtividadeMei, salario: Decimal, *, beneficio: bool = False) -> dict[str, Decimal]:
    """Tribute -> reais. With a social security benefit in the month, no INSS."""
    taxa = Decimal("0.12") if atividade.caminhoneiro else Decimal("0.05")
    tributos = {} if beneficio else {INSS: (salario * taxa).quantize(_CENTAVO, ROUND_DOWN)}
    if atividade.icms:
        tributos[ICMS] = _FIXOS[ICMS]
    if atividade.iss:
        tributos[ISS] = _FIXOS[ISS]
    if mes.year >= _ANO_DA_CBS:
        tributos |= {nome: valor.quantize(_CENTAVO, ROUND_HALF_UP) for nome, valor in _DESDE_2027.items()}
    return tributos


def tributos_de(composicao: list[dict[str, str]]) -> dict[str, Decimal]:
    """Principal by tribute of a guia's composition, by code, else by the name the service gives."""
    tributos: dict[str, Decimal] = {}
    for parte in composicao:
        nome = DO_CODIGO.get(parte["codigo"]) or parte["denominacao"].upper() or f"código {parte['codigo']}"
        tributos[nome] = tributos.get(nome, Decimal(0)) + Decimal(parte["principal"])
    return tributos


def explicar(esperado: Mapping[str, Decimal], cobrado: Mapping[str, Decimal]) -> list[str]:
    """Each tribute in which the Receita's slip is not what was expected, in pt-BR; empty when they agree."""
    ditos = []
    for nome in (*esperado, *(outro for outro in cobrado if outro not in esperado)):
        nosso, dela = esperado.get(nome, Decimal(0)), cobrado.get(nome, Decimal(0))
        if nosso != dela:
            ditos.append(_dizer(nome, nosso, dela))
    return ditos


def _dizer(nome: str, nosso: Decimal, dela: Decimal) -> str:
    if not dela:
        porque = (
            "há benefício previdenciário informado no mês, ou ele está em dívida ativa"
            if nome == INSS
            else "pelas atividades no CCMEI a empresa não o deve, ou ele está em dívida ativa"
        )
        return f"Sem {nome} ({format_dinheiro(nosso)} esperados): {porque}."
    if not nosso:
        porque = (
            "o benefício do mês não consta lá"
            if nome == INSS
            else "a empresa tem outra atividade além do CNAE principal"
        )
        return f"{nome} de {format_dinheiro(dela)} que não se esperava: {porque}."
    valores = f"{nome} de {format_dinheiro(dela)}, e o esperado é {format_dinheiro(nosso)}"
    return f"{valores}: confira o salário mínimo e o CCMEI."
