"""Periods (AAAAMM as integers), bank days and the due date of the DAS.

Resolução CGSN 140/2018, art. 40, § 3: without bank business on the 20th the payment moves to the next business day.
Holidays are computed, so that any year works: Lei 662/1949, Lei 6.802/1980, Lei 14.759/2023 (20 November, from 2024)
and the days without bank business (Carnival, Corpus Christi, last day of the year).
"""

from datetime import date, timedelta
from functools import lru_cache

_FIXOS = ((1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (12, 25), (12, 31))


def pascoa(ano: int) -> date:
    """Easter Sunday in the Gregorian calendar (Gauss, in the Meeus form)."""
    a, b, c = ano % 19, ano // 100, ano % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    mes = (h - m + r + 90) // 25
    return date(ano, mes, (h - m + r + mes + 19) % 32)


@lru_cache(maxsize=64)
def feriados(ano: int) -> frozenset[date]:
    domingo = pascoa(ano)
    dias = {date(ano, mes, dia) for mes, dia in _FIXOS}
    dias |= {domingo + timedelta(days=salto) for salto in (-48, -47, -2, 60)}
    if ano >= 2024:
        dias.add(date(ano, 11, 20))
    return frozenset(dias)


def dia_bancario(dia: date) -> bool:
    return dia.weekday() < 5 and dia not in feriados(dia.year)


def proximo_dia_bancario(dia: date) -> date:
    """The day itself when banks work on it, otherwise the next one."""
    while not dia_bancario(dia):
        dia += timedelta(days=1)
    return dia


def soma_meses(pa: int, meses: int) -> int:
    """AAAAMM plus a number of months: soma_meses(202612, 1) == 202701."""
    total = pa // 100 * 12 + pa % 100 - 1 + meses
    return total // 12 * 100 + total % 12 + 1


def distancia(inicio: int, fim: int) -> int:
    """Months from one AAAAMM to another: distancia(202611, 202701) == 2."""
    return (fim // 100 - inicio // 100) * 12 + fim % 100 - inicio % 100


def pa_de(dia: date) -> int:
    return dia.year * 100 + dia.month


def pa_valido(pa: int) -> bool:
    return 190001 <= pa <= 999912 and 1 <= pa % 100 <= 12


@lru_cache(maxsize=512)
def vencimento_das(pa: int) -> date:
    seguinte = soma_meses(pa, 1)
    return proximo_dia_bancario(date(seguinte // 100, seguinte % 100, 20))
