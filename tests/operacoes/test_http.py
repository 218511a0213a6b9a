"""The HTTP base on real sockets: deadlines against servers that drip, what each failure means, what is kept."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12
from cryptography.x509 import load_pem_x509_certificate

from operacoes import relogio
from operacoes.errors import (
    AccessDenied,
    Alcance,
    OutcomeUnknown,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from operacoes.http import Certificado, Chamadas, Provider, Reply, retry_after, tls_context, transport_for

Conversa = Callable[[socket.socket], None]


@contextmanager
def servidor(conversa: Conversa, contexto: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server on loopback that gives each connection to `conversa` after reading the request's headers."""
    escuta = socket.create_server(("127.0.0.1", 0))
    fim = threading.Event()

    def atender(cru: socket.socket) -> None:
        try:
            conexao = contexto.wrap_socket(cru, server_side=True) if contexto else cru
            conversa(conexao)
            conexao.close()
        except OSError:
            pass
        finally:
            cru.close()

    def aceitar() -> None:
        escuta.settimeout(0.1)
        while not fim.is_set():
            try:
                cru, _ = escuta.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            threading.Thread(target=atender, args=(cru,), daemon=True).start()

    fio = threading.Thread(target=aceitar, daemon=True)
    fio.start()
    try:
        yield f"{'https' if contexto else 'http'}://127.0.0.1:{escuta.getsockname()[1]}"
    finally:
        fim.set()
        escuta.close()
        fio.join(2)


def ler_pedido(conexao: socket.socket) -> bytes:
    dados = b""
    while b"\r\n\r\n" not in dados:
        dados += conexao.recv(65536)
    cabecalhos, _, corpo = dados.partition(b"\r\n\r\n")
    falta = next(
        (
            int(linha.split(b":")[1])
            for linha in cabecalhos.split(b"\r\n")
            if linha.lower().startswith(b"content-length")
        ),
        0,
    )
    while len(corpo) < falta:
        corpo += conexao.recv(65536)
    return cabecalhos + b"\r\n\r\n" + corpo


def responder(status: int = 200, corpo: bytes = b"{}", extra: str = "") -> Conversa:
    def conversa(conexao: socket.socket) -> None:
        ler_pedido(conexao)
        conexao.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: {len(corpo)}\r\n{extra}\r\n".encode() + corpo)

    return conversa


def provider(url: str, certificado: Certificado | None = None, ca: Path | None = None) -> Provider:
    return Provider(url, transport=transport_for(certificado, ca, url))


def chamadas(segundos: float = 5.0) -> Chamadas:
    return Chamadas(tag="abc123", deadline=relogio.segundos() + segundos)


def chamar(url: str, *, repeatable: bool = True, segundos: float = 5.0, onde: Chamadas | None = None):
    return provider(url).request(
        "POST", "Emitir", chamadas=onde or chamadas(segundos), repeatable=repeatable, json={"a": 1}
    )


# -- the good way ---------------------------------------------------------------------------------------------------


def test_sends_tag_and_json_and_reads_decimals() -> None:
    visto: list[bytes] = []

    def conversa(conexao: socket.socket) -> None:
        visto.append(ler_pedido(conexao))
        conexao.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"valor": 1.1}')

    registro = chamadas()
    with servidor(conversa) as url:
        reply = chamar(url, onde=registro)
    assert reply.json() == {"valor": Decimal("1.1")}
    assert b"POST /Emitir" in visto[0]
    assert b"x-request-tag: abc123" in visto[0].lower()
    assert visto[0].endswith(b'{"a":1}')
    assert registro.registros[0]["status"] == 200


def test_decimals_go_out_exactly() -> None:
    visto: list[bytes] = []

    def conversa(conexao: socket.socket) -> None:
        visto.append(ler_pedido(conexao))
        conexao.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with servidor(conversa) as url:
        provider(url).request("POST", "x", chamadas=chamadas(), repeatable=True, json={"v": Decimal("812.31")})
    assert visto[0].endswith(b'{"v":812.31}')


def test_connections_are_kept_and_shared() -> None:
    conexoes: list[int] = []

    def conversa(conexao: socket.socket) -> None:
        conexoes.append(1)
        for _ in range(2):
            ler_pedido(conexao)
            conexao.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with servidor(conversa) as url:
        chamar(url)
        chamar(url)
    assert len(conexoes) == 1


def test_the_charge_is_recorded_by_status() -> None:
    registro = chamadas()
    with servidor(responder(403)) as url, pytest.raises(AccessDenied):
        provider(url).request(
            "POST", "x", chamadas=registro, repeatable=True, cobrada=lambda status: status == 403, classe="consulta"
        )
    assert (registro.registros[0]["cobrada"], registro.registros[0]["classe"]) == (True, "consulta")


def test_accepted_statuses_come_back_to_the_client() -> None:
    with servidor(responder(500, b'{"codigo": 1}')) as url:
        reply = provider(url).request("POST", "x", chamadas=chamadas(), repeatable=False, accept={500})
    assert reply.status == 500


# -- deadlines ------------------------------------------------------------------------------------------------------


def pingar(antes: bytes) -> Conversa:
    def conversa(conexao: socket.socket) -> None:
        ler_pedido(conexao)
        conexao.sendall(antes)
        while True:
            conexao.sendall(b"x")
            time.sleep(0.05)

    return conversa


@pytest.mark.parametrize(
    "antes",
    [b"HTTP/1.1 200 OK\r\nX-Lento: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"],
    ids=["headers", "body"],
)
def test_a_dripping_answer_ends_with_the_total_deadline(antes: bytes) -> None:
    inicio = time.monotonic()
    with servidor(pingar(antes)) as url, pytest.raises(OutcomeUnknown):
        chamar(url, repeatable=False, segundos=0.6)
    assert time.monotonic() - inicio > 0.5  # and it would drip for ever


def test_a_silent_tls_handshake_ends_with_the_deadline_and_nothing_was_sent() -> None:
    solto, fartou_se = threading.Event(), list[bool]()
    with servidor(lambda conexao: fartou_se.append(not solto.wait(30))) as url:
        with pytest.raises(ProviderUnavailable):
            chamar(url.replace("http://", "https://"), repeatable=False, segundos=0.5)
        assert not fartou_se  # it is silent still
        solto.set()


def test_past_the_deadline_nothing_is_sent() -> None:
    visto: list[int] = []
    with servidor(lambda conexao: visto.append(1)) as url, pytest.raises(ProviderUnavailable):
        chamar(url, repeatable=False, segundos=-1)
    assert visto == []


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="this system's monotonic clock goes on in a sleep")
def test_the_time_that_the_machine_slept_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lid closed for an hour: the monotonic clock stood still, the lease ran out."""
    acordada, ler = chamadas(), time.clock_gettime
    monkeypatch.setattr(time, "clock_gettime", lambda qual: ler(qual) + 3600 * (qual == time.CLOCK_BOOTTIME))
    visto: list[int] = []
    with servidor(lambda conexao: visto.append(1)) as url, pytest.raises(ProviderUnavailable):
        chamar(url, repeatable=False, onde=acordada)
    assert visto == []


# -- what each failure means ----------------------------------------------------------------------------------------


def test_nothing_sent_is_unavailable_even_for_what_is_not_repeatable() -> None:
    escuta = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{escuta.getsockname()[1]}"
    escuta.close()
    with pytest.raises(ProviderUnavailable, match="Nada foi enviado"):
        chamar(url, repeatable=False)


def cortar(conexao: socket.socket) -> None:
    ler_pedido(conexao)


def meio_corpo(conexao: socket.socket) -> None:
    ler_pedido(conexao)
    conexao.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


def lixo(conexao: socket.socket) -> None:
    ler_pedido(conexao)
    conexao.sendall(b"isto nao e HTTP\r\n\r\n")


@pytest.mark.parametrize(
    "conversa", [cortar, meio_corpo, lixo, responder(500), responder(503), responder(408), responder(302)]
)
@pytest.mark.parametrize(("repeatable", "erro"), [(True, ProviderUnavailable), (False, OutcomeUnknown)])
def test_a_failure_after_sending(conversa: Conversa, repeatable: bool, erro: type[Exception]) -> None:
    with servidor(conversa) as url, pytest.raises(erro):
        chamar(url, repeatable=repeatable)


def test_a_failing_status_is_told_without_the_protocol() -> None:
    with servidor(responder(504)) as url, pytest.raises(OutcomeUnknown, match=r"falhou depois do envio \(código 504\)"):
        chamar(url, repeatable=False)


@pytest.mark.parametrize(("repeatable", "erro"), [(True, ProviderUnavailable), (False, OutcomeUnknown)])
@pytest.mark.parametrize("corpo", [b"<html>", b"", b'{"a": NaN}', b"[" * 200_000])
def test_an_unreadable_2xx(corpo: bytes, repeatable: bool, erro: type[Exception]) -> None:
    with servidor(responder(200, corpo)) as url:
        reply = chamar(url, repeatable=repeatable)
        with pytest.raises(erro):
            reply.json()


def test_429_is_a_block_with_its_time() -> None:
    with servidor(responder(429, extra="Retry-After: 37\r\n")) as url, pytest.raises(ProviderUnavailable) as info:
        chamar(url, repeatable=False)
    assert (info.value.bloqueio, info.value.retry_after) == (True, 37.0)


def test_other_4xx_are_refusals_with_the_words() -> None:
    with servidor(responder(400, b'{"mensagem": "faltou"}')) as url, pytest.raises(ProviderRefused) as info:
        chamar(url, repeatable=False)
    assert (info.value.codigo, info.value.texto) == ("HTTP-400", '{"mensagem": "faltou"}')


def test_only_a_call_with_effect_marks_the_point_of_no_return() -> None:
    leitura, efeito = chamadas(), chamadas()
    for onde, repeatable in ((leitura, True), (efeito, False)):
        with servidor(responder()) as url:
            chamar(url, onde=onde, repeatable=repeatable)
    assert (leitura.sem_volta, efeito.sem_volta) == ([], efeito.registros)


@pytest.mark.parametrize(
    ("status", "pode_ter_feito"), [(429, False), (401, False), (422, False), (408, True), (503, True)]
)
def test_an_answer_that_says_not_executed_leaves_only_the_calls_before_it(status: int, pode_ter_feito: bool) -> None:
    """Such an answer speaks of its own call, not of the effect that an earlier one of the same try had."""
    sozinha, segunda = chamadas(), chamadas()
    with servidor(responder()) as url:
        chamar(url, onde=segunda, repeatable=False)
    for onde in (sozinha, segunda):
        with servidor(responder(status)) as url, pytest.raises(ProviderError):
            chamar(url, onde=onde, repeatable=False)
    assert sozinha.sem_volta == (sozinha.registros if pode_ter_feito else [])
    assert segunda.sem_volta == (segunda.registros if pode_ter_feito else segunda.registros[:1])


def test_a_call_that_could_not_connect_leaves_no_doubt() -> None:
    escuta = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{escuta.getsockname()[1]}"
    escuta.close()
    onde = chamadas()
    with pytest.raises(ProviderUnavailable):
        chamar(url, onde=onde, repeatable=False)
    assert onde.sem_volta == []


def test_retry_after_reads_seconds_and_dates() -> None:
    em_um_minuto = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert retry_after({"Retry-After": "5"}) == 5.0
    assert 55 < (retry_after({"Retry-After": em_um_minuto}) or 0) <= 60
    assert retry_after({"Retry-After": "amanhã"}) is None
    assert retry_after({}) is None


def test_retry_after_is_read_by_the_services_clock() -> None:
    """A host an hour ahead would not wait at all, one behind an hour too long."""
    cabecalhos = {"Date": "Sat, 21 Nov 2020 10:00:00 GMT", "Retry-After": "Sat, 21 Nov 2020 10:05:00 GMT"}
    assert retry_after(cabecalhos) == 300.0


def test_a_retry_after_that_is_over_says_nothing() -> None:
    """The limit's own block holds then: at once is not what a 429 means."""
    assert retry_after({"Retry-After": "0"}) is None
    passado = {"Date": "Sat, 21 Nov 2020 10:05:00 GMT", "Retry-After": "Sat, 21 Nov 2020 10:00:00 GMT"}
    assert retry_after(passado) is None


# -- certificates ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def autoridade() -> trustme.CA:
    return trustme.CA()


def pfx(autoridade: trustme.CA, senha: str = "segredo") -> Certificado:
    emitido = autoridade.issue_cert("escritorio.exemplo")
    chave: Any = load_pem_private_key(emitido.private_key_pem.bytes(), None)
    certificado = load_pem_x509_certificate(emitido.cert_chain_pems[0].bytes())
    dados = pkcs12.serialize_key_and_certificates(
        b"a1",
        chave,
        certificado,
        None,
        BestAvailableEncryption(senha.encode()),
    )
    return Certificado(dados, senha)


@pytest.fixture
def ca_pem(autoridade: trustme.CA, tmp_path: Path) -> Path:
    caminho = tmp_path / "ca.pem"
    autoridade.cert_pem.write_to_path(caminho)
    return caminho


def contexto_servidor(autoridade: trustme.CA, clientes: trustme.CA) -> ssl.SSLContext:
    contexto = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    autoridade.issue_cert("127.0.0.1").configure_cert(contexto)
    clientes.configure_trust(contexto)
    contexto.verify_mode = ssl.CERT_REQUIRED
    return contexto


def test_the_certificate_reaches_the_server_without_touching_the_disk(autoridade: trustme.CA, ca_pem: Path) -> None:
    vistos: list[object] = []

    def conversa(conexao: socket.socket) -> None:
        vistos.append(conexao.getpeercert())  # type: ignore[attr-defined]
        responder()(conexao)

    with servidor(conversa, contexto_servidor(autoridade, autoridade)) as url:
        provider(url, pfx(autoridade), ca_pem).request("POST", "x", chamadas=chamadas(), repeatable=True)
    assert vistos[0]


@pytest.mark.parametrize("com", [False, True], ids=["none", "unknown authority"])
def test_a_refused_certificate_is_the_credencial(autoridade: trustme.CA, ca_pem: Path, com: bool) -> None:
    certificado = pfx(trustme.CA()) if com else None
    with servidor(responder(), contexto_servidor(autoridade, autoridade)) as url, pytest.raises(AccessDenied) as info:
        provider(url, certificado, ca_pem).request("POST", "x", chamadas=chamadas(), repeatable=False)
    assert info.value.alcance == Alcance.CREDENCIAL
    assert "Certificado recusado" in info.value.mensagem


def test_a_server_we_do_not_know_gets_nothing(autoridade: trustme.CA, tmp_path: Path) -> None:
    outra = tmp_path / "outra.pem"
    trustme.CA().cert_pem.write_to_path(outra)
    with (
        servidor(responder(), contexto_servidor(autoridade, autoridade)) as url,
        pytest.raises(ProviderUnavailable, match="certificado do servidor"),
    ):
        provider(url, None, outra).request("POST", "x", chamadas=chamadas(), repeatable=False)


def test_a_wrong_password_is_told_apart(autoridade: trustme.CA) -> None:
    with pytest.raises(AccessDenied) as info:
        tls_context(Certificado(pfx(autoridade).pfx, "errada"), None)
    assert info.value.codigo == "CERTIFICADO-ILEGIVEL"


def test_a_certificate_never_shows_itself(autoridade: trustme.CA) -> None:
    texto = f"{pfx(autoridade)!r} {pfx(autoridade)}"
    assert "segredo" not in texto
    assert "pfx" not in texto


def test_one_transport_per_certificate_and_host(autoridade: trustme.CA, ca_pem: Path) -> None:
    certificado = pfx(autoridade)
    um = transport_for(certificado, ca_pem, "a.exemplo")
    assert transport_for(Certificado(certificado.pfx, certificado.senha), ca_pem, "a.exemplo") is um
    assert transport_for(pfx(autoridade), ca_pem, "a.exemplo") is not um


# -- what is kept ---------------------------------------------------------------------------------------------------


def test_secrets_never_reach_the_record() -> None:
    registro = chamadas()
    resposta = json.dumps({"access_token": "t0ken", "jwt_token": "jwt", "expires_in": 2008}).encode()
    with servidor(responder(200, resposta, "Set-Cookie: a=segredo\r\n")) as url:
        provider(url).request(
            "POST",
            "authenticate",
            chamadas=registro,
            repeatable=True,
            headers={"Authorization": "Basic c2VncmVkbw==", "jwt_token": "segredo"},
            json={"senha": "segredo", "tokens": {"a": "segredo"}},
        )
    texto = json.dumps(registro.registros)
    assert "segredo" not in texto
    assert "c2VncmVkbw" not in texto
    assert "t0ken" not in texto
    assert "2008" in texto


@pytest.mark.parametrize(
    ("corpo", "resto"),
    [
        ("Falha ao validar Bearer abcdef123456==", "Falha ao validar Bearer [removido]"),
        ("<p>eyJhbGciOi.eyJzdWIi.c2ln</p>", "<p>[removido]</p>"),
        ('{"erro": "x", "access_token": "segredo"}', '{"erro": "x", "access_token": "[removido]"}'),
        ("client_secret=segredo&scope=a", "client_secret=[removido]&scope=a"),
        ('cortado: {"access_token":"segredo', 'cortado: {"access_token":"[removido]'),
        ("Token inválido; peça outro.\x00", "Token inválido; peça outro.�"),
    ],
)
def test_the_words_of_a_service_are_kept_without_secrets(corpo: str, resto: str) -> None:
    reply = Reply(500, httpx.Headers(), corpo.encode(), {}, True)
    assert reply.palavras == resto


def test_a_call_that_its_deadline_ended_leaves_nothing_behind() -> None:
    """The connection is reset, not closed in order: what the system still held of the request is dropped."""
    fim: list[str] = []

    def conversa(conexao: socket.socket) -> None:
        ler_pedido(conexao)
        try:
            fim.append("closed" if conexao.recv(1) == b"" else "more")
        except ConnectionResetError:
            fim.append("reset")
            raise

    with servidor(conversa) as url, pytest.raises(OutcomeUnknown):
        chamar(url, repeatable=False, segundos=0.5)
    limite = time.monotonic() + 10
    while not fim and time.monotonic() < limite:
        time.sleep(0.02)
    assert fim == ["reset"]
