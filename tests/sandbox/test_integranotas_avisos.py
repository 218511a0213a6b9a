"""Integra Notas: the webhook, its signature, and the bad messages that the control page sends."""

import base64
import gzip
import hmac
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.sandbox.integranotas import Notas, receptor

AGORA = 1795266000  # 21/11/2026 10:00 in Brasília


def abrir(assinatura: str, token: str) -> tuple[bool, int]:
    """Whether the MAC is of the token, and the instant inside."""
    bruta = base64.b64decode(assinatura)
    iv, mac, cifrado = bruta[:16], bruta[16:48], bruta[48:]
    decifrador = Cipher(algorithms.AES(token.encode()[:16]), modes.CBC(iv)).decryptor()
    retirador = padding.PKCS7(128).unpadder()
    claro = retirador.update(decifrador.update(cifrado) + decifrador.finalize()) + retirador.finalize()
    return hmac.compare_digest(mac, hmac.digest(token.encode(), cifrado, "sha256")), int(claro)


def registrar(notas: Notas, url: str, **comportamento: Any) -> None:
    notas.opcoes(aviso_relogio="sandbox")
    notas.cadastrar(notas.documento, webhook=url, **comportamento)


def entregar(notas: Notas) -> list[dict[str, Any]]:
    avisos = notas.controle.post("integranotas/avisos", {}).json()["avisos"]
    return [aviso for aviso in avisos if aviso["emitente__documento"] == notas.documento]


def test_message_when_a_document_leaves_processing(notas: Notas) -> None:
    with receptor() as (url, recebidos):
        registrar(notas, url, segundos=30)
        chave = notas.criar()["chave"]
        assert entregar(notas) == []
        notas.relogio("10:00:30")
        (aviso,) = entregar(notas)
    assert (aviso["situacao"], aviso["resposta"]) == ("entregue", "HTTP 200")
    (recebido,) = recebidos
    assert (recebido["origem"], recebido["cnpj_cpf"], recebido["chave"]) == ("NFSE", notas.documento, chave)
    assert (recebido["sucesso"], recebido["codigo"]) == (True, 100)
    assert gzip.decompress(base64.b64decode(recebido["pdf"])).startswith(b"%PDF-")
    assert abrir(recebido["signature"], notas.conta["token"]) == (True, AGORA + 30)


def test_message_of_a_refusal_has_no_files_and_leaves_the_consult_its_answer(notas: Notas) -> None:
    with receptor() as (url, recebidos):
        registrar(notas, url, segundos=30, desfecho="recusar", mensagem="Alíquota errada")
        chave = notas.criar()["chave"]
        notas.relogio("10:00:30")
        entregar(notas)
    assert (recebidos[0]["sucesso"], recebidos[0]["mensagem"], "xml" in recebidos[0]) == (
        False,
        "Alíquota errada",
        False,
    )
    assert notas.consultar(chave)["mensagem"] == "Alíquota errada"


def test_message_when_a_cancellation_is_decided(notas: Notas) -> None:
    with receptor() as (url, recebidos):
        registrar(notas, url, cancela_segundos=30)
        notas.cancelar(notas.criar()["chave"])
        notas.relogio("10:00:30")
        entregar(notas)
    assert [recebido["codigo"] for recebido in recebidos] == [101]


@pytest.mark.parametrize(("sincrono", "quantos"), [(False, 0), (True, 1)])
def test_synchronous_answer_may_be_told_too(notas: Notas, sincrono: bool, quantos: int) -> None:
    notas.opcoes(aviso_sincrono=sincrono)
    with receptor() as (url, recebidos):
        registrar(notas, url)
        notas.criar()
        entregar(notas)
    assert len(recebidos) == quantos


def test_message_goes_out_by_itself_when_a_call_comes(notas: Notas) -> None:
    notas.opcoes(aviso_automatico=True)
    with receptor() as (url, recebidos):
        registrar(notas, url, segundos=30)
        notas.criar()
        notas.relogio("10:00:30")
        notas.chamar("GET", "/emitente")
        entregar(notas)
    assert len(recebidos) == 1


def test_receiver_that_fails_is_tried_again_later(notas: Notas) -> None:
    with receptor(status=503) as (url, recebidos):
        registrar(notas, url, segundos=30)
        notas.opcoes(aviso_repeticoes=[60])
        notas.criar()
        situacoes = []
        for segundos in ("10:00:30", "10:01:29", "10:01:30", "10:09:00"):
            notas.relogio(segundos)
            situacoes.append(entregar(notas)[0]["situacao"])
    assert situacoes == ["pendente", "pendente", "falhou", "falhou"]
    assert len(recebidos) == 2


def test_receiver_that_is_not_there_holds_nobody(notas: Notas) -> None:
    notas.opcoes(aviso_automatico=True, aviso_repeticoes=[])
    registrar(notas, "http://127.0.0.1:9/", segundos=30)
    chave = notas.criar()["chave"]
    notas.relogio("10:00:30")
    assert notas.consultar(chave)["codigo"] == 100
    assert entregar(notas)[0]["situacao"] == "falhou"


def enviar(notas: Notas, tipo: str, chave: str = "") -> dict[str, Any]:
    pedido = {"emitente": notas.documento, "tipo": tipo, "chave": chave}
    return dict(notas.controle.post("integranotas/avisos/enviar", pedido).json()["corpo"])


@pytest.mark.parametrize(
    ("tipo", "mac", "instante"),
    [("correto", True, AGORA), ("expirado", True, AGORA - 301), ("futuro", True, AGORA + 600)],
)
def test_messages_on_demand(notas: Notas, tipo: str, mac: bool, instante: int) -> None:
    chave = notas.criar()["chave"]
    with receptor() as (url, recebidos):
        registrar(notas, url)
        enviado = enviar(notas, tipo, chave)
    assert recebidos == [enviado]
    assert abrir(enviado["signature"], notas.conta["token"]) == (mac, instante)


def test_forged_message_is_not_of_the_token(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    with receptor() as (url, _):
        registrar(notas, url)
        bruta = base64.b64decode(enviar(notas, "forjado", chave)["signature"])
    assert bruta[16:48] != hmac.digest(notas.conta["token"].encode(), bruta[48:], "sha256")


def test_connectivity_test_carries_the_document_and_the_signature_only(notas: Notas) -> None:
    with receptor() as (url, _):
        registrar(notas, url)
        assert set(enviar(notas, "teste")) == {"origem", "cnpj_cpf", "signature"}


def test_replayed_message_is_the_last_one_to_the_letter(notas: Notas) -> None:
    with receptor() as (url, recebidos):
        registrar(notas, url, segundos=30)
        notas.criar()
        notas.relogio("10:00:30")
        entregar(notas)
        enviar(notas, "repetido")
        trocado = enviar(notas, "corpo_trocado")
    assert recebidos[0] == recebidos[1]
    assert (trocado["signature"], trocado["sucesso"]) == (recebidos[0]["signature"], False)
    assert trocado["chave"] != recebidos[0]["chave"]


def test_signature_follows_the_clock_of_the_machine_unless_set(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    with receptor() as (url, _):
        registrar(notas, url)
        notas.opcoes(aviso_relogio="maquina")
        _, instante = abrir(enviar(notas, "correto", chave)["signature"], notas.conta["token"])
    assert abs(instante - time.time()) < 60
