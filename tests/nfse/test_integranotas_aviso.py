"""The webhook's signature and message. Signatures are made here; the product only judges them."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from nfse.providers.integranotas.aviso import (
    AssinaturaInvalida,
    AssinaturaValida,
    AvisoIlegivel,
    MotivoAssinatura,
    conferir_assinatura,
    ler_aviso,
)
from tests.nfse.apoio_integranotas import CHAVE

TOKEN = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.softhouse-de-teste.assinada"
AGORA = datetime(2026, 10, 20, 17, 30, tzinfo=UTC)
IV = bytes(range(16))


def cifrar(texto: bytes, token: str, iv: bytes, *, enchimento: bool = True) -> str:
    enchedor = PKCS7(128).padder()
    claro = enchedor.update(texto) + enchedor.finalize() if enchimento else texto
    cifrador = Cipher(AES(token.encode()[:16]), CBC(iv)).encryptor()
    cifra = cifrador.update(claro) + cifrador.finalize()
    mac = hmac.digest(token.encode(), cifra, hashlib.sha256)
    return base64.b64encode(iv + mac + cifra).decode()


def assinar(token: str, quando: datetime, iv: bytes = IV) -> str:
    return cifrar(str(int(quando.timestamp())).encode(), token, iv)


def motivo(assinatura: str, agora: datetime = AGORA) -> MotivoAssinatura | None:
    conferida = conferir_assinatura(assinatura, TOKEN, agora)
    return conferida.motivo if isinstance(conferida, AssinaturaInvalida) else None


def test_a_signature_of_now_is_valid() -> None:
    conferida = conferir_assinatura(assinar(TOKEN, AGORA), TOKEN, AGORA)
    assert isinstance(conferida, AssinaturaValida)
    assert conferida.instante == AGORA


@pytest.mark.parametrize(
    ("idade", "esperado"),
    [
        (timedelta(seconds=299), None),
        (timedelta(seconds=300), MotivoAssinatura.EXPIRADA),
        (timedelta(seconds=-60), None),
        (timedelta(seconds=-61), MotivoAssinatura.FUTURA),
    ],
)
def test_a_signature_is_good_for_five_minutes(idade: timedelta, esperado: MotivoAssinatura | None) -> None:
    assert motivo(assinar(TOKEN, AGORA - idade)) is esperado


def test_a_signature_of_another_token_is_refused_for_its_token() -> None:
    assert motivo(assinar(TOKEN[:-1] + "X", AGORA)) is MotivoAssinatura.TOKEN


def test_a_forged_cipher_text_is_refused_before_it_is_deciphered() -> None:
    bruta = bytearray(base64.b64decode(assinar(TOKEN, AGORA)))
    bruta[-1] ^= 1
    assert motivo(base64.b64encode(bruta).decode()) is MotivoAssinatura.TOKEN


@pytest.mark.parametrize(
    "assinatura",
    [
        "",
        "não é base64",
        base64.b64encode(b"x" * 63).decode(),
        base64.b64encode(b"x" * 80).decode(),
        assinar(TOKEN, AGORA) + "\n",
    ],
)
def test_what_has_not_the_form_of_a_signature_is_refused_for_it(assinatura: str) -> None:
    assert motivo(assinatura) is MotivoAssinatura.FORMATO


@pytest.mark.parametrize("claro", [b"x" * 16, b"\x00" * 16, b"9" * 15 + b"\x01", b"agora mesmo\x05\x05\x05\x05\x05"])
def test_a_signed_text_that_is_no_time_is_refused_for_its_form(claro: bytes) -> None:
    assert motivo(cifrar(claro, TOKEN, IV, enchimento=False)) is MotivoAssinatura.FORMATO


def test_a_captured_signature_dated_anew_keeps_its_mark() -> None:
    # The IV is not under the MAC: whoever knows the time signed writes another one in its place.
    bruta = bytearray(base64.b64decode(assinar(TOKEN, AGORA)))
    depois = AGORA + timedelta(hours=1)
    antes, agora = (str(int(quando.timestamp())).encode() for quando in (AGORA, depois))
    for posicao, (velho, novo) in enumerate(zip(antes, agora, strict=True)):
        bruta[posicao] ^= velho ^ novo
    redatada = conferir_assinatura(base64.b64encode(bruta).decode(), TOKEN, depois)
    original = conferir_assinatura(assinar(TOKEN, AGORA), TOKEN, AGORA)
    assert isinstance(redatada, AssinaturaValida)
    assert isinstance(original, AssinaturaValida)
    assert redatada.marca == original.marca


def test_a_token_too_short_for_its_key_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="shorter"):
        conferir_assinatura(assinar(TOKEN, AGORA), "curto", AGORA)


# -- the message ---------------------------------------------------------------------------------------------

CORPO = {
    "origem": "NFSE",
    "cnpj_cpf": "90000001000129",
    "sucesso": True,
    "codigo": "100",
    "mensagem": "NFS-e autorizada",
    "chave": CHAVE,
    "link_pdf": "https://notas.prefeitura.exemplo/7",
    "xml": "H4sIAAAA",
    "signature": "c2VncmVkbw==",
}


def test_reads_which_note_to_consult() -> None:
    aviso = ler_aviso(json.dumps(CORPO).encode())
    assert (aviso.documento, aviso.chave, aviso.sucesso, aviso.codigo) == ("90000001000129", CHAVE, True, 100)
    assert aviso.de_nota
    assert not aviso.teste
    assert "c2VncmVkbw" not in repr(aviso)


def test_a_connectivity_test_asks_for_nothing() -> None:
    aviso = ler_aviso(json.dumps({"origem": "TESTE", "cnpj_cpf": "52998224725", "signature": "x"}).encode())
    assert aviso.teste
    assert not aviso.de_nota


def test_another_kind_of_document_is_not_ours() -> None:
    assert not ler_aviso(json.dumps(CORPO | {"origem": "NFE"}).encode()).de_nota


@pytest.mark.parametrize(
    ("corpo", "palavras"),
    [
        (b"\xff\xfe\x00", "não é JSON"),
        (b"<html>", "não é JSON"),
        (b"[]", "não é um objeto"),
        (b'{"origem": "NFSE"}', "sem assinatura"),
        (b'{"signature": 7}', "sem assinatura"),
    ],
)
def test_a_body_that_is_no_message_says_why(corpo: bytes, palavras: str) -> None:
    with pytest.raises(AvisoIlegivel, match=palavras):
        ler_aviso(corpo)


def test_odd_values_of_a_message_are_left_out() -> None:
    aviso = ler_aviso(
        json.dumps(CORPO | {"chave": 7, "sucesso": "sim", "codigo": [], "link_pdf": "javascript:1"}).encode()
    )
    assert (aviso.chave, aviso.sucesso, aviso.codigo, aviso.link) == ("", None, None, "")
