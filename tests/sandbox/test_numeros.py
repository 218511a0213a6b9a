"""Check digits, calendar and PDF of the sandbox itself."""

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest

from sandbox.arrecadacao import codigo_barras, linha_digitavel, mascara_documento, numero_documento
from sandbox.calendario import dia_bancario, distancia, pascoa, soma_meses, vencimento_das
from sandbox.documentos import cnpj_valido, cpf_valido
from sandbox.nucleo.desfechos import ACOES
from sandbox.nucleo.documentos_teste import DOCUMENTOS
from sandbox.pdf import montar, reais, texto


@pytest.mark.parametrize(
    "cnpj",
    ["11222333000181", "00000000000191", "12ABC34501DE35", "A1B2C3D4000193", "ZZZZZZZZ000191", "ABCDEFGHIJKL80"],
)
def test_valid_cnpj(cnpj: str) -> None:
    assert cnpj_valido(cnpj)


@pytest.mark.parametrize(
    "cnpj",
    ["11222333000182", "00000000000000", "12ABC34501DE3A", "12abc34501de35", "1122233300018", "12ÁBC34501DE35", ""],
)
def test_invalid_cnpj(cnpj: str) -> None:
    assert not cnpj_valido(cnpj)


@pytest.mark.parametrize(
    ("cpf", "valido"),
    [
        ("52998224725", True),
        ("00000000191", True),
        ("52998224724", False),
        ("11111111111", False),
        ("5299822472", False),
    ],
)
def test_cpf(cpf: str, valido: bool) -> None:
    assert cpf_valido(cpf) is valido


@pytest.mark.parametrize(
    ("pa", "vencimento"),
    [
        (202601, date(2026, 2, 20)),
        (202605, date(2026, 6, 22)),
        (202608, date(2026, 9, 21)),
        (202610, date(2026, 11, 23)),
        (202611, date(2026, 12, 21)),
        (202612, date(2027, 1, 20)),
    ],
)
def test_due_date_of_the_das(pa: int, vencimento: date) -> None:
    assert vencimento_das(pa) == vencimento


def test_easter() -> None:
    domingos = {ano: pascoa(ano) for ano in (2019, 2024, 2025, 2026, 2027, 2028)}
    assert domingos == {
        2019: date(2019, 4, 21),
        2024: date(2024, 3, 31),
        2025: date(2025, 4, 20),
        2026: date(2026, 4, 5),
        2027: date(2027, 3, 28),
        2028: date(2028, 4, 16),
    }


@pytest.mark.parametrize(
    "dia", [date(2026, 2, 16), date(2026, 2, 17), date(2026, 4, 3), date(2026, 6, 4), date(2026, 11, 20)]
)
def test_days_without_bank(dia: date) -> None:
    assert not dia_bancario(dia)


def test_twentieth_of_november_was_a_bank_day_before_2024() -> None:
    assert dia_bancario(date(2023, 11, 20))


def test_months() -> None:
    assert soma_meses(202612, 1) == 202701
    assert soma_meses(202601, -13) == 202412
    assert distancia(202512, 202702) == 14


def test_linha_digitavel_of_a_known_slip() -> None:
    codigo = codigo_barras(Decimal("86.05"), date(2026, 11, 23), "07202629512345678", "0328")
    assert linha_digitavel(codigo) == "858800000008 860503282639 270720262953 123456780004"


def test_document_number() -> None:
    numero = numero_documento("0720", date(2026, 10, 22), 1234567)
    assert numero[:16] == "0720262951234567"
    assert mascara_documento(numero).startswith("07.20.26295.1234567-")


def test_pdf_is_read_back_with_accents_and_parentheses() -> None:
    leitor = pypdf.PdfReader(io.BytesIO(montar(texto(40, 40, "Ação (é) \\ fim"), titulo="Título")))
    assert leitor.pages[0].extract_text() == "Ação (é) \\ fim"
    assert leitor.metadata is not None
    assert leitor.metadata.title == "Título"


def test_money_is_written_the_brazilian_way() -> None:
    assert reais(Decimal("1234567.8")) == "1.234.567,80"


def test_readme_lists_every_test_document_and_action() -> None:
    lido = (Path(__file__).parents[2] / "sandbox" / "README.md").read_text(encoding="utf-8")
    assert [
        documento.cnpj for documento in DOCUMENTOS if f"| `{documento.cnpj}` | {documento.titulo} |" not in lido
    ] == []
    assert [acao for acao in ACOES if f"| `{acao}` |" not in lido] == []
