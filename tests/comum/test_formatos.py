"""Formats: what people may type, what is refused, and what is shown back."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comum.documentos import Invalido, Motivo
from comum.formatos import (
    format_competencia,
    format_data,
    format_dinheiro,
    format_numero,
    format_quantidade,
    normalizar,
    parse_competencia,
    parse_data,
    parse_dinheiro,
    parse_quantidade,
    parse_sim_nao,
)
from comum.formularios import QuantidadeField


def motivo(resultado: object) -> Motivo:
    assert isinstance(resultado, Invalido), resultado
    return resultado.motivo


@pytest.mark.parametrize(
    "texto", ["11/2026", "112026", "11/26", "2026-11", " 11/2026 ", "11-2026", "2026/11", "202611"]
)
def test_competencia_is_the_first_day(texto: str) -> None:
    assert parse_competencia(texto) == date(2026, 11, 1)


def test_six_digits_have_one_reading() -> None:
    assert parse_competencia("122012") == date(2012, 12, 1)
    assert parse_competencia("201202") == date(2012, 2, 1)
    assert parse_competencia("1/2026") == date(2026, 1, 1)


@pytest.mark.parametrize("texto", ["", "2026", "11", "1126", "12026", "nov/2026", "11/2026/01", "١١/٢٠٢٦", "11/202"])
def test_competencia_out_of_format_is_refused(texto: str) -> None:
    assert motivo(parse_competencia(texto)) is Motivo.FORMATO


@pytest.mark.parametrize("texto", ["13/2026", "00/2026", "2026-13", "11/2206", "11/1026"])
def test_competencia_that_does_not_exist_is_refused(texto: str) -> None:
    assert motivo(parse_competencia(texto)) is Motivo.INEXISTENTE


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_dates_come_back_as_shown(dia: date) -> None:
    assert parse_data(format_data(dia)) == parse_data(dia.isoformat()) == parse_data(f"{dia:%d%m%Y}") == dia
    primeiro = dia.replace(day=1)
    assert parse_competencia(format_competencia(primeiro)) == primeiro
    assert parse_competencia(f"{primeiro:%m%Y}") == primeiro


@pytest.mark.parametrize("texto", ["20/11/2026", "20112026", "2026-11-20", "20/11/26", "20.11.2026", "20-11-2026"])
def test_data_is_read(texto: str) -> None:
    assert parse_data(texto) == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("texto", "esperado"),
    [
        ("31/02/2026", Motivo.INEXISTENTE),
        ("29/02/2027", Motivo.INEXISTENTE),
        ("20/13/2026", Motivo.INEXISTENTE),
        ("20/11/2206", Motivo.INEXISTENTE),
        ("20/11", Motivo.FORMATO),
        ("", Motivo.FORMATO),
        ("hoje", Motivo.FORMATO),
        ("2011206", Motivo.FORMATO),
    ],
)
def test_data_is_refused_with_the_reason(texto: str, esperado: Motivo) -> None:
    assert motivo(parse_data(texto)) is esperado


@pytest.mark.parametrize(
    ("texto", "valor"),
    [
        ("R$ 1.234,56", "1234.56"),
        ("R$\xa01.234,56", "1234.56"),
        ("r$1234,56", "1234.56"),
        ("1234,56", "1234.56"),
        ("1234.56", "1234.56"),
        ("1234,5", "1234.50"),
        ("1234.5", "1234.50"),
        ("1.234", "1234.00"),
        ("1.234.567", "1234567.00"),
        ("1.234.567,8", "1234567.80"),
        ("1234", "1234.00"),
        ("0", "0.00"),
        ("0,01", "0.01"),
        ("-0", "0.00"),
        ("999.999.999.999,99", "999999999999.99"),
    ],
)
def test_money_is_read_the_brazilian_way(texto: str, valor: str) -> None:
    lido = parse_dinheiro(texto)
    assert lido == Decimal(valor)
    assert str(lido) == valor


@pytest.mark.parametrize(
    ("texto", "esperado", "trecho"),
    [
        ("1,234.56", Motivo.FORMATO, "americano"),
        ("1234,567", Motivo.FORMATO, "duas casas"),
        ("1234.567", Motivo.FORMATO, "duas casas"),
        ("0.123", Motivo.FORMATO, "duas casas"),
        ("12.5678", Motivo.FORMATO, "duas casas"),
        ("1.23.456", Motivo.FORMATO, "formato"),
        ("1 234,56", Motivo.FORMATO, "formato"),
        ("12,3,4", Motivo.FORMATO, "formato"),
        ("1e5", Motivo.FORMATO, "formato"),
        ("NaN", Motivo.FORMATO, "formato"),
        ("١٢", Motivo.FORMATO, "formato"),
        ("US$ 10", Motivo.FORMATO, "formato"),
        ("", Motivo.TAMANHO, "branco"),
        ("R$", Motivo.TAMANHO, "branco"),
        ("1.000.000.000.000,00", Motivo.TAMANHO, "grande"),
        ("-1,00", Motivo.PROIBIDO, "negativo"),
        ("R$ -1,00", Motivo.PROIBIDO, "negativo"),
    ],
)
def test_money_is_refused_with_the_reason(texto: str, esperado: Motivo, trecho: str) -> None:
    assert motivo(parse_dinheiro(texto)) is esperado
    assert trecho in str(parse_dinheiro(texto))


@pytest.mark.parametrize(
    ("texto", "valor"),
    [
        ("1", "1"),
        ("2,5", "2.5"),
        ("2.5", "2.5"),
        ("1000", "1000"),
        ("1.000,5", "1000.5"),
        ("1.234.567", "1234567"),
        ("0.125", "0.125"),
        ("1.2345", "1.2345"),
        ("0,0001", "0.0001"),
        ("10,5000", "10.5"),
    ],
)
def test_a_quantity_is_read_with_up_to_four_decimals(texto: str, valor: str) -> None:
    assert parse_quantidade(texto) == Decimal(valor)


def test_a_quantity_that_may_be_a_thousand_or_one_is_refused_with_both_readings() -> None:
    assert "1.234 pode ser 1234 ou 1,234" in str(parse_quantidade("1.234"))


def test_a_quantity_is_shown_with_dots_and_no_zero_at_the_end() -> None:
    assert format_quantidade(Decimal("1000.5000")) == "1.000,5"


@pytest.mark.parametrize("valor", ["1", "2.5", "1000", "1000.5", "1234567", "0.0001"])
def test_a_quantity_that_a_field_shows_is_read_back(valor: str) -> None:
    mostrada = QuantidadeField().prepare_value(Decimal(valor))
    assert parse_quantidade(mostrada) == Decimal(valor)


@pytest.mark.parametrize(
    ("texto", "trecho"),
    [
        ("0", "maior que zero"),
        ("-1", "negativa"),
        ("1,23456", "quatro casas"),
        ("1,234.5", "formato"),
        ("", "formato"),
        ("100000000", "grande"),
    ],
)
def test_a_quantity_is_refused_with_the_reason(texto: str, trecho: str) -> None:
    assert trecho in str(parse_quantidade(texto))


def test_negative_money_is_read_where_it_is_accepted() -> None:
    assert parse_dinheiro("-R$ 1.234,56", aceita_negativo=True) == Decimal("-1234.56")


@given(st.decimals(min_value=0, max_value=Decimal("999999999999.99"), places=2, allow_nan=False))
def test_money_comes_back_as_shown(valor: Decimal) -> None:
    assert parse_dinheiro(format_dinheiro(valor)) == valor


@given(st.text())
def test_no_text_raises(texto: str) -> None:
    parse_competencia(texto)
    parse_data(texto)
    parse_dinheiro(texto)
    parse_sim_nao(texto)
    assert normalizar(normalizar(texto)) == normalizar(texto)


def test_numbers_are_shown_the_brazilian_way() -> None:
    assert format_dinheiro(Decimal("1234567.8")) == "R$ 1.234.567,80"
    assert format_dinheiro(Decimal("-0.5")) == "-R$ 0,50"
    assert format_dinheiro(Decimal("-0.001")) == "R$ 0,00"
    assert format_numero(100000) == "100.000"
    assert format_numero(Decimal("6.728"), 2) == "6,73"


@pytest.mark.parametrize(
    ("texto", "esperado"),
    [
        ("  São   João  d'Aliança ", "sao joao d alianca"),
        ("Embu-Guaçu", "embu guacu"),
        ("D’Oeste", "d oeste"),
        ("SANT´ANA", "sant ana"),
        ("Razão_Social", "razao_social"),
        ("Ação & Cia. Ltda.", "acao & cia. ltda."),
        ("Straße ﬁm", "strasse fim"),
        ("", ""),
    ],
)
def test_normalizar_gives_one_form_for_search(texto: str, esperado: str) -> None:
    assert normalizar(texto) == esperado


@pytest.mark.parametrize(("texto", "valor"), [("Sim", True), ("s", True), ("X", True), ("NÃO", False), ("0", False)])
def test_yes_and_no(texto: str, valor: bool) -> None:
    assert parse_sim_nao(texto) is valor


@pytest.mark.parametrize("texto", ["", "talvez"])
def test_neither_yes_nor_no(texto: str) -> None:
    assert motivo(parse_sim_nao(texto)) is Motivo.FORMATO
