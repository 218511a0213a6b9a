"""The vault: what is sealed opens only in its own place, with a known key, untouched."""

import base64
import copy
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comum.cofre import ChaveDesconhecida, Chaveiro, ChaveiroInvalido, SeloInvalido, aad, id_da_chave

CHAVE_A = base64.b64encode(bytes(range(32))).decode()
CHAVE_B = base64.b64encode(bytes(range(32, 64))).decode()
LUGAR = aad("credentials_credencial", "0190c3de-0000-7000-8000-000000000001", "consumer_secret")


@pytest.fixture
def chaveiro() -> Chaveiro:
    return Chaveiro(f"2026a:{CHAVE_A}")


@given(st.binary(max_size=5000), st.text(max_size=50))
def test_what_is_sealed_opens(texto: bytes, lugar: str) -> None:
    chaveiro = Chaveiro(f"a:{CHAVE_A}")
    assert chaveiro.abrir(chaveiro.selar(texto, aad=lugar), aad=lugar) == texto


def test_the_same_text_is_never_sealed_alike(chaveiro: Chaveiro) -> None:
    assert chaveiro.selar(b"segredo", aad=LUGAR) != chaveiro.selar(b"segredo", aad=LUGAR)


def test_a_blob_of_another_record_does_not_open(chaveiro: Chaveiro) -> None:
    blob = chaveiro.selar(b"segredo", aad=LUGAR)
    with pytest.raises(SeloInvalido):
        chaveiro.abrir(blob, aad=LUGAR.replace("consumer_secret", "pfx"))


def test_every_altered_byte_is_noticed(chaveiro: Chaveiro) -> None:
    blob = chaveiro.selar(b"segredo", aad=LUGAR)
    for posicao in range(len(blob)):
        outro = bytearray(blob)
        outro[posicao] ^= 1
        with pytest.raises((SeloInvalido, ChaveDesconhecida)):
            chaveiro.abrir(bytes(outro), aad=LUGAR)


def test_every_cut_is_noticed(chaveiro: Chaveiro) -> None:
    blob = chaveiro.selar(b"segredo", aad=LUGAR)
    for tamanho in range(len(blob)):
        with pytest.raises(SeloInvalido):
            chaveiro.abrir(blob[:tamanho], aad=LUGAR)


def test_unknown_key_is_named(chaveiro: Chaveiro) -> None:
    blob = Chaveiro(f"antiga:{CHAVE_B}").selar(b"segredo", aad=LUGAR)
    with pytest.raises(ChaveDesconhecida, match="antiga"):
        chaveiro.abrir(blob, aad=LUGAR)


def test_right_id_with_another_key_does_not_open(chaveiro: Chaveiro) -> None:
    blob = Chaveiro(f"2026a:{CHAVE_B}").selar(b"segredo", aad=LUGAR)
    with pytest.raises(SeloInvalido):
        chaveiro.abrir(blob, aad=LUGAR)


def test_rotation_wraps_again_and_the_old_key_can_go(chaveiro: Chaveiro) -> None:
    blob = chaveiro.selar(b"segredo", aad=LUGAR)
    novo = Chaveiro(f"2026b:{CHAVE_B},2026a:{CHAVE_A}").regravar(blob, aad=LUGAR)
    assert id_da_chave(novo) == "2026b"
    assert novo.endswith(blob[-20:])
    assert Chaveiro(f"2026b:{CHAVE_B}").abrir(novo, aad=LUGAR) == b"segredo"


def test_rotation_leaves_the_current_key_alone(chaveiro: Chaveiro) -> None:
    blob = chaveiro.selar(b"segredo", aad=LUGAR)
    assert chaveiro.regravar(blob, aad=LUGAR) == blob


def test_first_key_is_the_current_one() -> None:
    chaveiro = Chaveiro(f" b:{CHAVE_B} , a:{CHAVE_A} ")
    assert chaveiro.atual == "b"
    assert id_da_chave(chaveiro.selar(b"", aad=LUGAR)) == "b"


def test_url_safe_base64_is_accepted() -> None:
    codigo = base64.urlsafe_b64encode(b"\xfb" * 32).decode()
    assert Chaveiro(f"a:{codigo}").atual == "a"


@pytest.mark.parametrize(
    "texto",
    ["", " , ", CHAVE_A, f":{CHAVE_A}", "a:", "a:não", "a:YWJj", f"a:{CHAVE_A},a:{CHAVE_B}", f"com espaço:{CHAVE_A}"],
)
def test_wrong_keys_are_refused_without_being_shown(texto: str) -> None:
    with pytest.raises(ChaveiroInvalido) as erro:
        Chaveiro(texto)
    relato = "".join(traceback.format_exception(erro.value, limit=0))
    assert CHAVE_A not in relato
    assert "YWJj" not in relato


def test_repr_shows_ids_only(chaveiro: Chaveiro) -> None:
    assert repr(chaveiro) == "<Chaveiro 2026a>"


@pytest.mark.parametrize("copiar", [pickle.dumps, copy.deepcopy])
def test_keys_are_never_serialised(chaveiro: Chaveiro, copiar: object) -> None:
    with pytest.raises(TypeError):
        copiar(chaveiro)  # type: ignore[operator]


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_our_error(blob: bytes) -> None:
    with pytest.raises((SeloInvalido, ChaveDesconhecida)):
        Chaveiro(f"a:{CHAVE_A}").abrir(blob, aad=LUGAR)
