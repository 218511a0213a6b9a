import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfse.providers.nacional import identificadores as ids
from nfse.providers.nacional.identificadores import IdentificadorInvalido
from tests.nfse.nacional.apoio import chave_de

ALFABETO = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
municipios = st.from_regex(r"[0-9]{7}", fullmatch=True).filter(str.isascii)
cnpjs = st.builds(
    str.__add__, st.text(ALFABETO, min_size=12, max_size=12), st.text("0123456789", min_size=2, max_size=2)
)
cpfs = st.text("0123456789", min_size=11, max_size=11)
documentos = st.one_of(cnpjs, cpfs)


def test_id_dps_is_the_one_of_the_layout() -> None:
    assert ids.id_dps("3550308", "11222333000181", "1", 1) == "DPS355030821122233300018100001000000000000001"
    assert ids.id_dps("3550308", "52998224725", 49999, 7) == "DPS355030810005299822472549999000000000000007"


@given(municipios, documentos, st.integers(1, ids.SERIE_MAXIMA), st.integers(1, ids.NUMERO_MAXIMO))
def test_id_dps_is_read_back(municipio: str, documento: str, serie: int, numero: int) -> None:
    texto = ids.id_dps(municipio, documento, serie, numero)
    assert len(texto) == 45
    assert ids.ler_id_dps(texto) == ids.IdDps(municipio, documento, serie, numero)


@pytest.mark.parametrize(
    "partes",
    [
        ("355030", "11222333000181", "1", 1),
        ("3550308", "11.222.333/0001-81", "1", 1),
        ("3550308", "1122233300018A", "1", 1),
        ("3550308", "11222333000181", "0", 1),
        ("3550308", "11222333000181", "50000", 1),
        ("3550308", "11222333000181", "A", 1),
        ("3550308", "11222333000181", "²", 1),
        ("3550308", "11222333000181", "1", 0),
        ("3550308", "11222333000181", "1", 10**15),
        ("355030٨", "11222333000181", "1", 1),
    ],
)
def test_id_dps_refuses_what_does_not_fit(partes: tuple[str, str, str, int]) -> None:
    with pytest.raises(IdentificadorInvalido):
        ids.id_dps(*partes)


@given(st.text(max_size=60))
def test_reading_never_raises_anything_else(texto: str) -> None:
    for ler in (ids.ler_id_dps, ids.ler_chave, ids.ler_id_evento):
        with pytest.raises(IdentificadorInvalido):
            ler(texto)


@given(municipios, documentos, st.integers(0, 10**13 - 1), st.sampled_from("12"), st.integers(1, 12))
def test_chave_is_read_back(municipio: str, documento: str, numero: int, gerador: str, mes: int) -> None:
    texto = chave_de(documento, municipio=municipio, numero=numero, gerador=gerador, ano_mes=f"26{mes:02d}")
    chave = ids.ler_chave(texto)
    assert len(texto) == 50
    assert (chave.municipio, chave.documento, chave.numero) == (municipio, documento, numero)
    assert (chave.ambiente_gerador, chave.ano_mes, str(chave)) == (gerador, f"26{mes:02d}", texto)
    assert chave.confere


@given(cnpjs, st.integers(0, 9))
def test_a_wrong_check_digit_is_told_and_not_refused(documento: str, troca: int) -> None:
    certa = chave_de(documento)
    chave = ids.ler_chave(certa[:49] + str(troca))
    assert chave.confere is (str(troca) == certa[49])


@pytest.mark.parametrize(
    "texto",
    [
        chave_de("12ABC34501DE35").lower(),
        chave_de("12ABC34501DE35")[:-1],
        "355030821122233300018A" + chave_de("11222333000181")[22:],
        "3550308" + "3" + chave_de("11222333000181")[8:],
        chave_de("52998224725")[:9] + "123" + chave_de("52998224725")[12:],
        chave_de("11222333000181")[:38] + "13" + chave_de("11222333000181")[40:],
    ],
)
def test_chave_refuses_what_is_not_one(texto: str) -> None:
    with pytest.raises(IdentificadorInvalido):
        ids.ler_chave(texto)


@given(cnpjs, st.sampled_from(["101101", "101103", "105102"]), st.integers(1, 999))
def test_ids_of_events_are_read_back(documento: str, codigo: str, sequencia: int) -> None:
    chave = chave_de(documento)
    pedido, evento = ids.id_pedido_de_evento(chave, codigo), ids.id_evento(chave, codigo, sequencia)
    assert (len(pedido), len(evento)) == (59, 62)
    assert ids.ler_id_evento(pedido) == (chave, codigo, 0)
    assert ids.ler_id_evento(evento) == (chave, codigo, sequencia)


def test_the_request_of_before_2026_is_refused() -> None:
    with pytest.raises(IdentificadorInvalido):
        ids.ler_id_evento(ids.id_pedido_de_evento(chave_de("11222333000181"), "101101") + "001")
