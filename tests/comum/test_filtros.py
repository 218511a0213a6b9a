"""Template filters for Brazilian formats."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template


@pytest.mark.parametrize(
    ("filtro", "valor", "esperado"),
    [
        ("dinheiro", Decimal("1234.5"), "R$ 1.234,50"),
        ("dinheiro", None, ""),
        ("dinheiro", Decimal(0), "R$ 0,00"),
        ("numero", 100000, "100.000"),
        ("numero:2", Decimal("1.5"), "1,50"),
        ('contar:"recusada,recusadas"', 1, "1 recusada"),
        ('contar:"recusada,recusadas"', 1234, "1.234 recusadas"),
        ('contar:"recusada,recusadas"', 0, "0 recusadas"),
        ("competencia", date(2026, 11, 1), "11/2026"),
        ("data", date(2026, 11, 5), "05/11/2026"),
        ("data", datetime(2026, 11, 21, 1, 0, tzinfo=UTC), "20/11/2026"),
        ("data", None, ""),
        ("datahora", datetime(2026, 11, 21, 1, 5, tzinfo=UTC), "20/11/2026 22:05"),
        ("documento", "12ABC34501DE35", "12.ABC.345/01DE-35"),
        ("documento", "", ""),
    ],
)
def test_filter(filtro: str, valor: object, esperado: str) -> None:
    template = Template("{% load formatos %}{{ valor|" + filtro + " }}")
    assert template.render(Context({"valor": valor})) == esperado
