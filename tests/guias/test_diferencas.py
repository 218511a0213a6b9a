"""Late payment and late delivery by the worked figures, and why two computations are not the same."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guias.calculo.acrescimos import juros_de_mora, multa_de_mora
from guias.calculo.diferencas import diferencas, listas_da_recusa, razao
from guias.calculo.maed import meses_de_atraso, multa_por_atraso
from guias.calculo.memoria import Receita
from guias.calculo.rbt12 import ReceitaMes
from guias.calculo.recusa import Recusa
from guias.calculo.simples import Entrada, Resultado, calcular
from guias.calculo.tributos import Tributo
from tests.guias.test_simples import AQUI, NOVEMBRO, TABELA

EXEMPLOS: dict[str, dict[str, Any]] = {
    exemplo["nome"].split()[0].rstrip(":"): exemplo
    for exemplo in json.loads((AQUI / "simples_exemplos.json").read_text(encoding="utf-8"))
}
ATRASOS = {
    "8a": (date(2026, 10, 20), date(2026, 11, 21), {}),
    "8b": (
        date(2026, 10, 20),
        date(2027, 1, 15),
        {date(2026, 11, 1): Decimal("1.05"), date(2026, 12, 1): Decimal("1.12")},
    ),
}


@pytest.mark.parametrize("numero", ["8a", "8b"])
def test_worked_example_of_a_late_das(numero: str) -> None:
    exemplo = EXEMPLOS[numero]
    vencimento, pagamento, selic = ATRASOS[numero]
    principal = Decimal(exemplo["principal"])
    multa, juros = (
        multa_de_mora(principal, vencimento, pagamento),
        juros_de_mora(principal, vencimento, pagamento, selic),
    )
    assert (multa, juros) == (Decimal(exemplo["multa"]), Decimal(exemplo["juros"]))
    assert not isinstance(juros, Recusa)
    assert principal + multa + juros == Decimal(exemplo["total"])


@pytest.mark.parametrize("numero", ["8c", "8d"])
def test_worked_example_of_the_truncation(numero: str) -> None:
    """The samples tell days and interest, not dates: any due date so many days before serves."""
    exemplo = EXEMPLOS[numero]
    principal, vencimento = Decimal(exemplo["principal"]), date(2026, 1, 31 - exemplo["dias"] % 31)
    pagamento = date.fromordinal(vencimento.toordinal() + exemplo["dias"])
    assert multa_de_mora(principal, vencimento, pagamento) == Decimal(exemplo["multa"])
    selic = {date(2026, 2, 1): Decimal(exemplo["juros_pct"]) - 1}
    juros = juros_de_mora(principal, date(2026, 1, 20), date(2026, 3, 2), selic)
    assert juros == Decimal(exemplo["juros"])


def test_no_interest_in_the_month_of_the_due_date_and_none_invented() -> None:
    cem = Decimal("100.00")
    assert juros_de_mora(cem, date(2026, 10, 20), date(2026, 10, 31), {}) == 0
    falta = juros_de_mora(cem, date(2026, 10, 20), date(2026, 12, 1), {})
    assert isinstance(falta, Recusa)
    assert "11/2026" in falta.motivo


def test_worked_examples_of_the_late_declaration() -> None:
    a, b = EXEMPLOS["9a"], EXEMPLOS["9b"]
    assert meses_de_atraso(date(2026, 7, 20), date(2026, 9, 5)) == a["meses"]
    assert multa_por_atraso(Decimal(a["base"]), date(2026, 7, 20), date(2026, 9, 5)) == Decimal(a["multa_bruta"])
    assert multa_por_atraso(Decimal(b["base"]), date(2026, 7, 20), date(2026, 7, 31)) == Decimal(b["multa_bruta"])


def test_the_fine_of_the_declaration_has_a_ceiling_and_none_when_in_time() -> None:
    mil = Decimal("1000.00")
    assert multa_por_atraso(mil, date(2025, 1, 20), date(2026, 11, 1)) == Decimal("200.00")
    assert multa_por_atraso(mil, date(2026, 7, 20), date(2026, 7, 20)) == 0
    assert multa_por_atraso(Decimal(0), date(2026, 7, 20), date(2026, 7, 21)) == Decimal("50.00")


# -- differences -----------------------------------------------------------------------------------------------


def entrada(*receitas: Receita, rbt12: str = "500000", **campos: Any) -> Entrada:
    campos.setdefault("competencia", NOVEMBRO)
    campos.setdefault("receita_ano", ReceitaMes())
    return Entrada(receitas=receitas, rbt12=ReceitaMes(Decimal(rbt12)), **campos)


def por_codigo(dada: Entrada) -> dict[str, Decimal]:
    feito = calcular(dada, TABELA)
    assert isinstance(feito, Resultado)
    return feito.por_codigo()


COMERCIO = Receita(1, Decimal("45000.00"))
SERVICO = Receita(14, Decimal("45000.00"))


def test_each_tribute_is_told_in_words() -> None:
    itens = diferencas(
        {"1001": Decimal("10.00"), "1007": Decimal("5.00"), "1006": Decimal("1.00"), "1005": Decimal("3.00")},
        {"1001": Decimal("10.01"), "1010": Decimal("7.00"), "1006": Decimal("4.00"), "1005": Decimal("3.00")},
    )
    assert [(item.codigo, item.valor) for item in itens] == [
        ("1001", Decimal("0.01")),
        ("1006", Decimal("3.00")),
        ("1007", Decimal("-5.00")),
        ("1010", Decimal("7.00")),
    ]
    ditos = " ".join(item.dito for item in itens)
    assert "IRPJ: a Receita calculou R$ 10,01, R$ 0,01 a mais que os nossos R$ 10,00. É arredondamento" in ditos
    assert "ICMS: nós calculamos R$ 5,00, e a Receita não cobra." in ditos
    assert "ISS: a Receita cobra R$ 7,00, e nós não." in ditos


def test_equal_values_have_no_reason() -> None:
    nossa = entrada(COMERCIO)
    assert razao(nossa, TABELA, por_codigo(nossa)) == ""


@pytest.mark.parametrize(
    ("nossa", "delas", "dito"),
    [
        (entrada(COMERCIO), entrada(COMERCIO, rbt12="512345.67"), "RBT12 de cerca de R$ 512.3"),
        (entrada(SERVICO, rbt12="2400000"), entrada(SERVICO, rbt12="900000"), "RBT12 de cerca de R$ 900.0"),
        (
            entrada(Receita(11, Decimal(9000)), folha12=Decimal(200000)),
            entrada(Receita(11, Decimal(9000)), folha12=Decimal(1000)),
            "A Receita usou o Anexo V",
        ),
        (
            entrada(Receita(11, Decimal(9000)), folha12=Decimal(1000)),
            entrada(Receita(11, Decimal(9000)), folha12=Decimal(200000)),
            "A Receita usou o Anexo III",
        ),
        (
            entrada(COMERCIO, SERVICO, rbt12="3500000"),
            entrada(COMERCIO, SERVICO, rbt12="3500000", icms_iss_fora=True),
            "passou do sublimite",
        ),
        (
            entrada(COMERCIO, SERVICO, rbt12="1200000", sublimite=Decimal(1_800_000)),
            entrada(COMERCIO, SERVICO, rbt12="1200000", icms_iss_fora=True),
            "passou do sublimite",
        ),
        (
            entrada(COMERCIO, SERVICO, rbt12="1200000", sublimite_anterior=Decimal(1_800_000)),
            entrada(COMERCIO, SERVICO, rbt12="1200000", icms_iss_fora=True),
            "passou do sublimite",
        ),
        (
            entrada(Receita(2, Decimal(9000)), COMERCIO),
            entrada(Receita(2, Decimal(9000), removidos=frozenset()), COMERCIO),
            "não descontou ICMS dos R$ 9.000,00 da atividade 2",
        ),
        (
            entrada(Receita(14, Decimal(9000), reducoes={Tributo.ISS: Decimal(40)})),
            entrada(Receita(14, Decimal(9000))),
            "não aceitou a isenção ou redução de ISS",
        ),
        (
            entrada(SERVICO),
            entrada(Receita(14, SERVICO.valor, afastados=frozenset({Tributo.ISS}))),
            "falta informar",
        ),
    ],
)
def test_the_reason_is_found_by_computing_again(nossa: Entrada, delas: Entrada, dito: str) -> None:
    assert dito in razao(nossa, TABELA, por_codigo(delas))


def test_a_cent_is_rounding_and_what_nothing_explains_is_said_so() -> None:
    nossa = entrada(COMERCIO)
    deles = por_codigo(nossa)
    assert "arredondamento" in razao(nossa, TABELA, deles | {"1001": deles["1001"] + Decimal("0.01")})
    assert "RBT12 ou a receita do mês é outra" in razao(
        nossa, TABELA, {codigo: valor * 3 for codigo, valor in deles.items()}
    )
    teto = entrada(SERVICO, rbt12="2400000")
    valores = por_codigo(teto)
    mudados = valores | {"1010": valores["1010"] + 7, "1006": valores["1006"] - 7}
    assert "teto de 5 % do ISS" in razao(teto, TABELA, mudados)


def test_both_lists_are_read_from_the_words_of_the_refusal() -> None:
    enviados = {"1001": Decimal("166.53"), "1002": Decimal("105.97")}
    do_sandbox = (
        "SN-Entregar: Os valores informados diferem dos calculados. Informados: 1001=166.53; 1002=105.97. "
        "Calculados: 1001=166.52; 1002=105.97. A declaração não foi transmitida."
    )
    calculados = {"1001": Decimal("166.52"), "1002": Decimal("105.97")}
    assert listas_da_recusa(do_sandbox, enviados) == calculados
    por_extenso = "calculado [1001: R$ 1.166,52] [1002: 105,97] informado [1001: 166,53] [1002: 105,97]"
    assert listas_da_recusa(por_extenso, enviados) == calculados | {"1001": Decimal("1166.52")}
    com_outro = "Informados: 1001=166.53; 1002=105.97. Calculados: 1007=1.00; 1001=166.52."
    assert listas_da_recusa(com_outro, enviados) == {"1007": Decimal("1.00"), "1001": Decimal("166.52")}


@pytest.mark.parametrize(
    "texto", ["", "Os valores diferem.", "1001=166.53; 1002=105.97", "Informados: 1001=1.00. Calculados: 1001=2.00."]
)
def test_words_without_both_lists_tell_nothing(texto: str) -> None:
    assert listas_da_recusa(texto, {"1001": Decimal("166.53"), "1002": Decimal("105.97")}) is None
