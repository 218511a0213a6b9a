"""Bank calendar and due dates. Pure functions: holidays and postponements come as arguments.

Sources: Resolução CGSN 140/2018, art. 40, § 3 (DAS moves to the next business day); the official table `obrigacoes.csv`
says for every other obligation in which direction its date moves.
"""

import re
from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_UM_DIA = timedelta(days=1)
_SABADO, _DOMINGO = 5, 6


class Ajuste(StrEnum):
    """Where a date goes when it is not a business day."""

    POSTERGA = "posterga"
    ANTECIPA = "antecipa"
    NENHUM = "nenhum"


class Contagem(StrEnum):
    """What `RegraVencimento.dia` counts: day of the month, nth business day, or nothing (last business day)."""

    DIA_DO_MES = "dia_do_mes"
    DIA_UTIL = "dia_util"
    ULTIMO_UTIL = "ultimo_util"


@dataclass(frozen=True, slots=True)
class RegraVencimento:
    """When an obligation falls due.

    Either `meses_apos` (months after the competência, or after the last month of its quarter) or `mes` (fixed month of
    the year after the competência, or of the same year). `sabado_util`: Saturday counts, as for salaries.
    """

    dia: int = 1
    contagem: Contagem = Contagem.DIA_DO_MES
    meses_apos: int = 1
    mes: int | None = None
    mesmo_ano: bool = False
    trimestral: bool = False
    ajuste: Ajuste = Ajuste.NENHUM
    sabado_util: bool = False


DAS = RegraVencimento(dia=20, ajuste=Ajuste.POSTERGA)

# Annual rules whose month is in the base year itself, and the one for which Saturday is a business day (CLT, art. 459).
_MESMO_ANO = frozenset({"13-1", "13-2", "DCTFWEB-13"})
_SABADO_UTIL = frozenset({"SALARIO"})


def regra_da_tabela(
    *, codigo: str, periodicidade: str, dia: str, mes: str, meses_apos: str, ajuste: str
) -> RegraVencimento | None:
    """The rule of a row of `obrigacoes.csv`, all as text.

    None when the table does not settle the date: events, dates set by each município, and directions still to confirm.
    """
    achado = re.fullmatch(r"(?P<ultimo>ultimo_util)|(?P<dia>\d{1,2})(?P<util>_util)?", dia, re.ASCII)
    if not achado or periodicidade == "evento" or ajuste not in (*Ajuste, "nao_se_aplica"):
        return None
    if achado["ultimo"]:
        contagem = Contagem.ULTIMO_UTIL
    else:
        contagem = Contagem.DIA_UTIL if achado["util"] else Contagem.DIA_DO_MES
    return RegraVencimento(
        dia=int(achado["dia"] or 1),
        contagem=contagem,
        meses_apos=int(meses_apos or 0),
        mes=int(mes) if mes else None,
        mesmo_ano=codigo in _MESMO_ANO,
        trimestral=periodicidade == "trimestral",
        ajuste=Ajuste.NENHUM if ajuste == "nao_se_aplica" else Ajuste(ajuste),
        sabado_util=codigo in _SABADO_UTIL,
    )


def dia_util(data: date, feriados: Collection[date], *, sabado_util: bool = False) -> bool:
    """Neither Sunday nor Saturday (unless it counts) nor one of the holidays."""
    parado = data.weekday() == _DOMINGO or (data.weekday() == _SABADO and not sabado_util)
    return not parado and data not in feriados


def proximo_dia_util(data: date, feriados: Collection[date], *, sabado_util: bool = False) -> date:
    """The date itself when it is a business day, else the first one after it."""
    while not dia_util(data, feriados, sabado_util=sabado_util):
        data += _UM_DIA
    return data


def dia_util_anterior(data: date, feriados: Collection[date], *, sabado_util: bool = False) -> date:
    """The date itself when it is a business day, else the last one before it."""
    while not dia_util(data, feriados, sabado_util=sabado_util):
        data -= _UM_DIA
    return data


def somar_meses(competencia: date, meses: int) -> date:
    """First day of the month `meses` away (negative goes back)."""
    ordem = competencia.year * 12 + competencia.month - 1 + meses
    return date(ordem // 12, ordem % 12 + 1, 1)


def _ultimo_dia(mes: date) -> date:
    return mes.replace(day=monthrange(mes.year, mes.month)[1])


def _mes_do_vencimento(regra: RegraVencimento, competencia: date) -> date:
    if regra.mes is not None:
        return date(competencia.year + (0 if regra.mesmo_ano else 1), regra.mes, 1)
    fim = competencia
    if regra.trimestral:
        fim = somar_meses(competencia, 2 - (competencia.month - 1) % 3)
    return somar_meses(fim, regra.meses_apos)


def _dias_uteis(mes: date, feriados: Collection[date], sabado_util: bool) -> Iterator[date]:
    for dia in range(1, _ultimo_dia(mes).day + 1):
        if dia_util(mes.replace(day=dia), feriados, sabado_util=sabado_util):
            yield mes.replace(day=dia)


def vencimento(
    regra: RegraVencimento, competencia: date, feriados: Collection[date], excecoes: Mapping[date, date]
) -> date:
    """Due date of a competência, given as day 1 of a month: any month of the year for annual rules, of the quarter for
    quarterly ones.

    `excecoes` maps a competência to the date that an official act gave it, which wins as it stands. A day that the
    month does not have (31) is its last one.
    """
    if competencia in excecoes:
        return excecoes[competencia]
    mes = _mes_do_vencimento(regra, competencia)
    if regra.contagem is Contagem.ULTIMO_UTIL:
        return dia_util_anterior(_ultimo_dia(mes), feriados, sabado_util=regra.sabado_util)
    if regra.contagem is Contagem.DIA_UTIL:
        return list(_dias_uteis(mes, feriados, regra.sabado_util))[regra.dia - 1]
    data = mes.replace(day=min(regra.dia, _ultimo_dia(mes).day))
    if regra.ajuste is Ajuste.POSTERGA:
        return proximo_dia_util(data, feriados, sabado_util=regra.sabado_util)
    if regra.ajuste is Ajuste.ANTECIPA:
        return dia_util_anterior(data, feriados, sabado_util=regra.sabado_util)
    return data


def vencimento_das(competencia: date, feriados: Collection[date], excecoes: Mapping[date, date]) -> date:
    """Due date of the DAS, ME/EPP and MEI: the 20th of the next month, or the next business day."""
    return vencimento(DAS, competencia, feriados, excecoes)
