"""Document numbers: every worked row of the official rules, and equality with python-stdnum over random numbers."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.br import cnpj as stdnum_cnpj
from stdnum.br import cpf as stdnum_cpf

from comum.documentos import (
    Invalido,
    LinhaDigitavel,
    Motivo,
    cnae,
    cnpj,
    codigo_ibge_dv_confere,
    cpf,
    documento,
    eh_cnpj,
    linha_digitavel,
    mascarar,
    raiz,
)


def motivo(resultado: object) -> Motivo:
    assert isinstance(resultado, Invalido), resultado
    assert resultado.mensagem.endswith(".")
    return resultado.motivo


CPFS = (
    "529.982.247-25",
    "390.533.447-05",
    "111.444.777-35",
    "123.456.789-09",
    "000.000.001-91",
    "935.411.347-80",
    "453.178.287-91",
)
CNPJS = (
    "11.222.333/0001-81",
    "11.444.777/0001-61",
    "16.727.230/0001-97",
    "33.000.167/0001-01",
    "00.000.000/0001-91",
    "19.131.243/0001-97",
    "60.409.475/0001-68",
    "12.ABC.345/01DE-35",
    "12.ABC.345/0001-88",
    "A1.B2C.3D4/0001-93",
    "ZZ.ZZZ.ZZZ/0001-91",
    "9Z.K7Q.X3W/0001-62",
    "AB.CDE.FGH/IJKL-80",
    "1A.2B3.C4D/0001-79",
)


@pytest.mark.parametrize("texto", CPFS)
def test_cpf_keeps_only_the_digits(texto: str) -> None:
    assert cpf(texto) == texto.replace(".", "").replace("-", "") == documento(texto)
    assert mascarar(str(cpf(texto))) == texto


@pytest.mark.parametrize(
    ("texto", "esperado"),
    [
        ("529.982.247-24", Motivo.DIGITO),
        ("390.533.447-50", Motivo.DIGITO),
        ("111.111.111-11", Motivo.PROIBIDO),
        ("123.456.789-01", Motivo.DIGITO),
        ("000.000.000-00", Motivo.PROIBIDO),
        ("9354113478", Motivo.TAMANHO),
        ("4531782879A", Motivo.FORMATO),
        ("529/982/247-25", Motivo.FORMATO),
        ("529,982,247-25", Motivo.FORMATO),
        ("٥٢٩٩٨٢٢٤٧٢٥", Motivo.FORMATO),
        ("", Motivo.TAMANHO),
    ],
)
def test_cpf_refuses_with_the_reason(texto: str, esperado: Motivo) -> None:
    assert motivo(cpf(texto)) is esperado
    assert motivo(documento(texto)) is esperado


@pytest.mark.parametrize("texto", CNPJS)
def test_cnpj_keeps_fourteen_characters(texto: str) -> None:
    limpo = texto.replace(".", "").replace("/", "").replace("-", "")
    assert cnpj(texto) == cnpj(limpo) == documento(texto) == limpo
    assert mascarar(limpo) == texto


@pytest.mark.parametrize(
    ("texto", "esperado"),
    [
        ("11.222.333/0001-82", Motivo.DIGITO),
        ("11.444.777/0001-16", Motivo.DIGITO),
        ("16.727.230/0001-98", Motivo.DIGITO),
        ("33.000.167/0002-01", Motivo.DIGITO),
        ("00.000.000/0000-00", Motivo.PROIBIDO),
        ("11.111.111/1111-11", Motivo.PROIBIDO),
        ("1122233300018", Motivo.TAMANHO),
        ("12.ABC.345/01DE-36", Motivo.DIGITO),
        ("12.ABC.345/01DE-A5", Motivo.FORMATO),
        ("12ABC34501DE3", Motivo.TAMANHO),
        ("12.ÁBC.345/01DE-35", Motivo.FORMATO),
        ("9Z.K7Q.X3W/0001-26", Motivo.DIGITO),
        ("AB.CDE.FGH/IJKL-08", Motivo.DIGITO),
        ("1A#2B3C4D000179", Motivo.FORMATO),
        ("I2ABC34501DE35", Motivo.DIGITO),
        ("1,12223E+13", Motivo.FORMATO),
        ("ıABC34501DE355", Motivo.FORMATO),
        ("12ABC34501D\x0035", Motivo.FORMATO),
        ("", Motivo.TAMANHO),
    ],
)
def test_cnpj_refuses_with_the_reason(texto: str, esperado: Motivo) -> None:
    assert motivo(cnpj(texto)) is esperado
    assert motivo(documento(texto)) is esperado


def test_lower_case_and_blanks_are_accepted() -> None:
    assert cnpj(" 12abc34501de35\xa0") == "12ABC34501DE35"


def test_documento_of_another_length_names_both_lengths() -> None:
    resultado = documento("123456789012")
    assert motivo(resultado) is Motivo.TAMANHO
    assert "11 números" in str(resultado)
    assert "14 posições" in str(resultado)


def test_root_and_kind() -> None:
    assert raiz("12ABC34501DE35") == "12ABC345"
    assert eh_cnpj("12ABC34501DE35")
    assert not eh_cnpj("52998224725")


@given(st.text("0123456789ABCXYZ", min_size=12, max_size=12), st.text("0123456789", min_size=2, max_size=2))
def test_cnpj_agrees_with_python_stdnum(base: str, dv: str) -> None:
    certo = base + stdnum_cnpj.calc_check_digits(base)
    if certo != certo[0] * 14:
        assert cnpj(certo) == certo
        assert (cnpj(base + dv) == base + dv) == stdnum_cnpj.is_valid(base + dv)


@given(st.text("0123456789", min_size=9, max_size=9), st.text("0123456789", min_size=2, max_size=2))
def test_cpf_agrees_with_python_stdnum(base: str, dv: str) -> None:
    certo = base + stdnum_cpf._calc_check_digits(base)
    for numero in (certo, base + dv):
        if numero != numero[0] * 11:
            assert (cpf(numero) == numero) == stdnum_cpf.is_valid(numero)


@given(st.text())
def test_no_text_raises(texto: str) -> None:
    for leitor in (cpf, cnpj, documento, cnae, linha_digitavel):
        assert isinstance(leitor(texto), str | Invalido | LinhaDigitavel)


@pytest.mark.parametrize("codigo", ["3550308", "3304557", "3106200", "5300108", "4314902", "2927408"])
def test_ibge_check_digit_holds(codigo: str) -> None:
    assert codigo_ibge_dv_confere(codigo)


@pytest.mark.parametrize("codigo", ["3550309", "3304575", "310620", "4314903", "29274O8", "5203939", "3599999", ""])
def test_ibge_check_digit_fails(codigo: str) -> None:
    assert not codigo_ibge_dv_confere(codigo)


@pytest.mark.parametrize(
    ("texto", "codigo"),
    [
        ("6201-5/01", "6201501"),
        ("6202-3/00", "6202300"),
        ("6203-1/00", "6203100"),
        ("6209-1/00", "6209100"),
        ("6311-9/00", "6311900"),
        ("6920-6/01", "6920601"),
        ("7020-4/00", "7020400"),
        ("62.01-5-01", "6201501"),
        (" 6201501 ", "6201501"),
    ],
)
def test_cnae_keeps_seven_digits(texto: str, codigo: str) -> None:
    assert cnae(texto) == codigo


@pytest.mark.parametrize(
    ("texto", "esperado"),
    [
        ("6201-4/01", Motivo.DIGITO),
        ("6202-3/0", Motivo.TAMANHO),
        ("6203/1-00", Motivo.FORMATO),
        ("0000-0/00", Motivo.INEXISTENTE),
        ("6311-9/AA", Motivo.FORMATO),
        ("6920-6", Motivo.TAMANHO),
        ("702040", Motivo.TAMANHO),
        ("", Motivo.TAMANHO),
    ],
)
def test_cnae_refuses_with_the_reason(texto: str, esperado: Motivo) -> None:
    assert motivo(cnae(texto)) is esperado


LINHAS = [
    ("858800000008 860503282639 270720262953 123456780004", Decimal("86.05"), "5", "0328"),
    ("858100000056 682103852630 240716263108 123456741009", Decimal("568.21"), "5", "0385"),
    ("856800000007 819003282632 270720262954 123456780006", Decimal("81.90"), "5", "0328"),
    ("816300000014 234512342028 611200000002 000000000000", Decimal("123.45"), "1", "1234"),
    ("858200000007 000103852638 540716263409 000000110000", Decimal("0.01"), "5", "0385"),
    ("837499999998 999900481006 018097565735 130015800001", None, "3", "0048"),
]


@pytest.mark.parametrize(("texto", "valor", "segmento", "orgao"), LINHAS)
def test_collection_slip_is_read(texto: str, valor: Decimal | None, segmento: str, orgao: str) -> None:
    guia = linha_digitavel(texto)
    assert isinstance(guia, LinhaDigitavel)
    assert (guia.valor, guia.segmento, guia.orgao) == (valor, segmento, orgao)
    assert guia.linha == texto.replace(" ", "")
    assert linha_digitavel(guia.codigo_barras) == guia


def test_slips_of_the_receita_say_their_number_and_the_last_day_to_pay() -> None:
    das, iptu = linha_digitavel(LINHAS[0][0]), linha_digitavel(LINHAS[3][0])
    assert isinstance(das, LinhaDigitavel)
    assert isinstance(iptu, LinhaDigitavel)
    assert (das.documento, das.limite) == ("07202629512345678", date(2026, 11, 23))
    assert (iptu.documento, iptu.limite) == ("", None)


@pytest.mark.parametrize(
    ("texto", "esperado"),
    [
        ("858800000009 860503282639 270720262953 123456780004", Motivo.DIGITO),
        ("858800000008 860503282639 270720262953 123456780005", Motivo.DIGITO),
        ("857800000008 860503282639 270720262953 123456780004", Motivo.DIGITO),
        ("958800000008 860503282639 270720262953 123456780004", Motivo.FORMATO),
        ("85880000000860503282639270720262953123456780", Motivo.DIGITO),
        ("8588 0000 0008 8605 0328", Motivo.TAMANHO),
        ("00190500954014481606906809350314337370000000100", Motivo.TAMANHO),
        ("85880000000A 860503282639 270720262953 123456780004", Motivo.FORMATO),
        ("", Motivo.TAMANHO),
    ],
)
def test_collection_slip_is_refused_with_the_reason(texto: str, esperado: Motivo) -> None:
    assert motivo(linha_digitavel(texto)) is esperado


def test_wrong_block_is_named() -> None:
    assert "2º bloco" in str(linha_digitavel("858800000008 860503282638 270720262953 123456780004"))
