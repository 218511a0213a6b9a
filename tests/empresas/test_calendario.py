"""Due dates: the published dates of 2026, and the worked ones of each kind of rule."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empresas.calendario import (
    RegraVencimento,
    dia_util,
    dia_util_anterior,
    proximo_dia_util,
    regra_da_tabela,
    somar_meses,
    vencimento,
    vencimento_das,
)
from sandbox import calendario as do_sandbox

DADOS = Path(__file__).resolve().parents[2] / "empresas" / "dados"


def _linhas(arquivo: str) -> Iterator[dict[str, str]]:
    with (DADOS / arquivo).open(encoding="utf-8", newline="") as aberto:
        yield from csv.DictReader(aberto)


FERIADOS = frozenset(date.fromisoformat(linha["data"]) for linha in _linhas("feriados_nacionais.csv"))
OBRIGACOES = {linha["codigo"]: linha for linha in _linhas("obrigacoes.csv")}


def regra(codigo: str) -> RegraVencimento:
    lida = regra_opcional(codigo)
    assert lida is not None
    return lida


def regra_opcional(codigo: str) -> RegraVencimento | None:
    linha = OBRIGACOES[codigo]
    return regra_da_tabela(
        codigo=codigo,
        periodicidade=linha["periodicidade"],
        dia=linha["dia"],
        mes=linha["mes"],
        meses_apos=linha["meses_apos"],
        ajuste=linha["ajuste_dia_nao_util"],
    )


def _easter(ano: int) -> date:
    """Meeus/Jones/Butcher, to prove the movable holidays of the table."""
    a, b, c = ano % 19, ano // 100, ano % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(ano, f // 31, f % 31 + 1)


@pytest.mark.parametrize("ano", range(2018, 2041))
def test_the_table_of_holidays_is_the_law_of_the_year(ano: int) -> None:
    fixos = [(1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (12, 25), (12, 31)]
    fixos += [(11, 20)] if ano >= 2024 else []  # Lei 14.759/2023
    moveis = {_easter(ano) + timedelta(days=dias) for dias in (-48, -47, -2, 60)}
    assert {dia for dia in FERIADOS if dia.year == ano} == {date(ano, m, d) for m, d in fixos} | moveis


@pytest.mark.parametrize("ano", range(2018, 2036))
def test_product_and_sandbox_keep_the_same_bank_days(ano: int) -> None:
    assert {dia for dia in FERIADOS if dia.year == ano} == do_sandbox.feriados(ano)


@pytest.mark.parametrize(
    ("mes", "esperado"),
    [
        (1, "2026-02-20"),
        (2, "2026-03-20"),
        (3, "2026-04-20"),
        (4, "2026-05-20"),
        (5, "2026-06-22"),
        (6, "2026-07-20"),
        (7, "2026-08-20"),
        (8, "2026-09-21"),
        (9, "2026-10-20"),
        (10, "2026-11-23"),
        (11, "2026-12-21"),
        (12, "2027-01-20"),
    ],
)
def test_das_of_2026_falls_due_as_published(mes: int, esperado: str) -> None:
    assert vencimento_das(date(2026, mes, 1), FERIADOS, {}) == date.fromisoformat(esperado)
    assert vencimento(regra("DAS"), date(2026, mes, 1), FERIADOS, {}) == date.fromisoformat(esperado)


@pytest.mark.parametrize(
    ("competencia", "esperado"), [("2018-09", "2018-10-22"), ("2020-11", "2020-12-21"), ("2021-10", "2021-11-22")]
)
def test_das_of_the_examples_of_receita(competencia: str, esperado: str) -> None:
    assert vencimento_das(date.fromisoformat(f"{competencia}-01"), FERIADOS, {}) == date.fromisoformat(esperado)


@pytest.mark.parametrize(
    ("codigo", "competencia", "esperado"),
    [
        ("DARF-PIS-COFINS", "2026-09", "2026-10-23"),
        ("DARF-PIS-COFINS", "2026-06", "2026-07-24"),
        ("DARF-CSRF", "2025-08", "2025-09-19"),
        ("FGTS", "2026-10", "2026-11-19"),
        ("DCTFWEB", "2026-10", "2026-11-30"),
        ("DARF-IRPJ-CSLL-TRI", "2026-09", "2026-10-30"),
        ("DARF-IRPJ-CSLL-TRI", "2026-07", "2026-10-30"),
        ("DARF-IRPJ-CSLL-EST", "2026-11", "2026-12-30"),  # banks serve nobody on the 31st
        ("CARNE-LEAO", "2020-11", "2020-12-30"),
        ("DARF-PREV", "2023-10", "2023-11-20"),  # a holiday only from 2024
        ("DASN-SIMEI", "2024-01", "2025-05-31"),
        ("DASN-SIMEI", "2024-12", "2025-05-31"),
        ("13-2", "2026-01", "2026-12-18"),
        ("DIMOB", "2026-01", "2027-02-26"),
        ("SALARIO", "2026-10", "2026-11-07"),
        ("EFD-CONTRIB", "2026-09", "2026-11-16"),
        ("ESOCIAL", "2026-10", "2026-11-16"),
    ],
)
def test_each_kind_of_rule(codigo: str, competencia: str, esperado: str) -> None:
    dia = date.fromisoformat(f"{competencia}-01")
    assert vencimento(regra(codigo), dia, FERIADOS, {}) == date.fromisoformat(esperado)


def test_every_row_of_the_table_is_read_or_known_as_unsettled() -> None:
    abertas = {codigo for codigo in OBRIGACOES if regra_opcional(codigo) is None}
    assert abertas == {"ESOCIAL-ADM", "DIRBI", "DIRPF", "ISS"}


def test_an_official_postponement_wins() -> None:
    adiado = {date(2026, 10, 1): date(2026, 12, 30)}
    assert vencimento_das(date(2026, 10, 1), FERIADOS, adiado) == date(2026, 12, 30)
    assert vencimento_das(date(2026, 9, 1), FERIADOS, adiado) == date(2026, 10, 20)


def test_a_day_the_month_lacks_is_its_last() -> None:
    assert vencimento(RegraVencimento(dia=31), date(2027, 1, 1), FERIADOS, {}) == date(2027, 2, 28)


@given(st.dates(date(2018, 2, 1), date(2040, 11, 30)))
def test_moved_dates_are_business_days_with_none_skipped(dia: date) -> None:
    depois, antes = proximo_dia_util(dia, FERIADOS), dia_util_anterior(dia, FERIADOS)
    assert antes <= dia <= depois
    assert dia_util(depois, FERIADOS)
    assert dia_util(antes, FERIADOS)
    entre = (antes + timedelta(days=n) for n in range(1, (depois - antes).days))
    assert not any(dia_util(parado, FERIADOS) for parado in entre)


@given(st.dates(date(1950, 1, 1), date(2050, 1, 1)), st.integers(-500, 500))
def test_months_add_and_take_away(dia: date, meses: int) -> None:
    primeiro = dia.replace(day=1)
    assert somar_meses(somar_meses(primeiro, meses), -meses) == primeiro
