"""Late DAS and late PGDAS-D: the worked examples and the edges of each rule."""

import json
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guias.calculo.acrescimos import Acrescimos, multa_juros_das, multa_pgdasd
from guias.calculo.recusa import Recusa

EXEMPLOS: dict[str, dict[str, Any]] = {
    exemplo["nome"].split()[0]: exemplo
    for exemplo in json.loads((Path(__file__).parent / "simples_exemplos.json").read_text(encoding="utf-8"))
}
SELIC = {
    date(2026, 10, 1): Decimal("1.22"),
    date(2026, 11, 1): Decimal("1.05"),
    date(2026, 12, 1): Decimal("1.12"),
}


def calculado(principal: str, vencimento: date, pagamento: date) -> Acrescimos:
    resultado = multa_juros_das(Decimal(principal), vencimento, pagamento, SELIC)
    assert isinstance(resultado, Acrescimos), resultado
    return resultado


@pytest.mark.parametrize(
    ("numero", "vencimento", "pagamento"),
    [
        ("8a", date(2026, 10, 20), date(2026, 11, 21)),
        ("8b", date(2026, 10, 20), date(2027, 1, 15)),
        ("8c", date(2026, 10, 30), date(2026, 11, 7)),
        ("8d", date(2026, 9, 21), date(2026, 11, 6)),
    ],
)
def test_late_das_as_worked(numero: str, vencimento: date, pagamento: date) -> None:
    exemplo = EXEMPLOS[numero]
    obtido = calculado(exemplo["principal"], vencimento, pagamento)
    assert obtido.dias == exemplo["dias"]
    for campo in ("multa_pct", "multa", "juros_pct", "juros", "total"):
        assert getattr(obtido, campo) == Decimal(exemplo[campo]), campo


@pytest.mark.parametrize("pagamento", [date(2026, 10, 20), date(2026, 10, 1)])
def test_nothing_is_added_up_to_the_due_date(pagamento: date) -> None:
    assert calculado("1000.00", date(2026, 10, 20), pagamento).total == Decimal("1000.00")


def test_no_interest_in_the_month_of_the_due_date() -> None:
    obtido = calculado("1000.00", date(2026, 10, 20), date(2026, 10, 31))
    assert (obtido.multa, obtido.juros) == (Decimal("36.30"), Decimal("0.00"))


def test_the_fine_stops_at_a_fifth_on_day_61() -> None:
    vencimento = date(2026, 10, 20)
    dias = [calculado("1000.00", vencimento, vencimento + timedelta(days=n)).multa for n in (60, 61, 62)]
    assert dias == [Decimal("198.00"), Decimal("200.00"), Decimal("200.00")]


def test_a_missing_selic_is_asked_for_by_its_month() -> None:
    resultado = multa_juros_das(Decimal(100), date(2026, 11, 20), date(2027, 2, 1), SELIC)
    assert isinstance(resultado, Recusa)
    assert "01/2027" in resultado.motivo


def test_the_rounding_can_be_chosen() -> None:
    obtido = multa_juros_das(
        Decimal("1728.00"), date(2026, 10, 30), date(2026, 11, 7), SELIC, arredondamento=ROUND_HALF_UP
    )
    assert isinstance(obtido, Acrescimos)
    assert obtido.multa == Decimal("45.62")


@given(st.integers(0, 100), st.integers(0, 100))
def test_paying_later_never_costs_less(a: int, b: int) -> None:
    antes, depois = (date(2026, 9, 21) + timedelta(days=n) for n in sorted((a, b)))
    assert calculado("117.00", date(2026, 9, 21), antes).total <= calculado("117.00", date(2026, 9, 21), depois).total


@pytest.mark.parametrize(
    ("tributos", "entrega", "esperado"),
    [
        (EXEMPLOS["9a"]["base"], date(2026, 9, 5), EXEMPLOS["9a"]["multa_bruta"]),
        (EXEMPLOS["9b"]["base"], date(2026, 7, 31), EXEMPLOS["9b"]["multa_bruta"]),
        ("2000.00", date(2026, 7, 20), "0.00"),
        ("2000.00", date(2028, 1, 1), "400.00"),
        ("0.00", date(2026, 7, 21), "50.00"),
    ],
)
def test_late_return(tributos: str, entrega: date, esperado: str) -> None:
    assert multa_pgdasd(Decimal(tributos), date(2026, 7, 20), entrega) == Decimal(esperado)


def test_a_deadline_on_the_last_day_counts_from_the_next_month() -> None:
    assert multa_pgdasd(Decimal(10000), date(2026, 7, 31), date(2026, 8, 1)) == Decimal("200.00")
