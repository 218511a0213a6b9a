"""The late fine: 2 % a month begun, between R$ 50,00 and 20 %."""

from datetime import date
from decimal import Decimal

import pytest

from guias.calculo.maed import base_do_minimo, maed, meses_de_atraso

PRAZO = date(2026, 7, 20)


@pytest.mark.parametrize(
    ("prazo", "entrega", "meses"),
    [
        (PRAZO, date(2026, 7, 20), 0),
        (PRAZO, date(2026, 7, 21), 1),
        (PRAZO, date(2026, 7, 31), 1),
        (PRAZO, date(2026, 8, 1), 2),
        (PRAZO, date(2026, 9, 5), 3),
        (PRAZO, date(2027, 1, 4), 7),
        (date(2026, 7, 31), date(2026, 8, 3), 1),  # the day after the deadline is in August already
    ],
)
def test_each_month_that_the_delay_touches_counts(prazo: date, entrega: date, meses: int) -> None:
    assert meses_de_atraso(prazo, entrega) == meses


@pytest.mark.parametrize(
    ("tributos", "meses", "multa"),
    [
        ("2000.00", 3, "120.00"),  # due 20/07/2026, sent 05/09/2026
        ("100.00", 1, "50.00"),
        ("0.00", 1, "50.00"),
        ("2500.00", 1, "50.00"),
        ("2500.50", 1, "50.01"),
        ("2533.33", 1, "50.66"),  # 50.6666: cents are cut
        ("10000.00", 10, "2000.00"),
        ("10000.00", 11, "2000.00"),  # 20 % at most
        ("10000.00", 0, "0.00"),
    ],
)
def test_worked_examples(tributos: str, meses: int, multa: str) -> None:
    assert maed(Decimal(tributos), meses) == Decimal(multa)


@pytest.mark.parametrize("meses", [1, 3, 12])
def test_up_to_the_base_of_the_minimum_it_is_the_minimum(meses: int) -> None:
    base = base_do_minimo(meses)
    assert maed(base, meses) == Decimal("50.00") < maed(base + 1, meses)
