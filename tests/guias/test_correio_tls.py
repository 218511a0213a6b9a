"""The office's mail server as it is in production: over TLS, with a log-in."""

import base64
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from guias.providers.correio import Correio, Servidor
from operacoes.errors import AccessDenied, ProviderUnavailable
from tests.guias.test_correio import carta, chamadas
from tests.sandbox_fixture import SandboxVivo


@dataclass
class Cofre:
    """A server with the sandbox's certificate; what it heard once the line was secret."""

    contexto: ssl.SSLContext
    desde_o_inicio: bool
    senha: str = "boa"
    ouvido: list[str] = field(default_factory=list)
    as_claras: list[str] = field(default_factory=list)

    def atender(self, escuta: socket.socket) -> None:
        conexao, _ = escuta.accept()
        if self.desde_o_inicio:
            conexao = self.contexto.wrap_socket(conexao, server_side=True)
        conexao.sendall(b"220 cofre\r\n")
        if not self.desde_o_inicio:
            self._conversar(conexao, self.as_claras, b"250-cofre\r\n250 STARTTLS\r\n")
            conexao = self.contexto.wrap_socket(conexao, server_side=True)
        self._conversar(conexao, self.ouvido, b"250-cofre\r\n250 AUTH PLAIN\r\n")
        conexao.close()

    def _conversar(self, conexao: socket.socket, ouvido: list[str], ola: bytes) -> None:
        linhas = conexao.makefile("rb")
        dados = False
        for linha in linhas:
            texto = linha.decode().rstrip("\r\n")
            if dados:
                dados = texto != "."
                resposta = b"" if dados else b"250 guardada\r\n"
            else:
                ouvido.append(texto)
                dados = texto.lower() == "data"
                resposta = self._responder(texto, ola)
            conexao.sendall(resposta)
            if resposta.startswith((b"220", b"535")):
                return

    def _responder(self, texto: str, ola: bytes) -> bytes:
        match texto.split(" ")[0].upper():
            case "EHLO":
                return ola
            case "STARTTLS":
                return b"220 vamos\r\n"
            case "DATA":
                return b"354 diga\r\n"
            case "AUTH":
                certa = base64.b64decode(texto.split(" ")[2]) == f"\0eu\0{self.senha}".encode()
                return b"235 entre\r\n" if certa else b"535 nao\r\n"
        return b"250 ok\r\n"


Abrir = Callable[[str], tuple[Cofre, int]]


@pytest.fixture
def cofre(sandbox_vivo: SandboxVivo) -> Iterator[Abrir]:
    escuta = socket.create_server(("127.0.0.1", 0))

    def abrir(seguranca: str) -> tuple[Cofre, int]:
        contexto = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        contexto.load_cert_chain(sandbox_vivo.pasta / "servidor.pem", sandbox_vivo.pasta / "servidor-chave.pem")
        feito = Cofre(contexto, seguranca == "tls")
        threading.Thread(target=_sem_barulho(feito, escuta), daemon=True).start()
        return feito, int(escuta.getsockname()[1])

    yield abrir
    escuta.close()


def _sem_barulho(feito: Cofre, escuta: socket.socket) -> Callable[[], None]:
    def rodar() -> None:
        try:
            feito.atender(escuta)
        except OSError:
            return  # the client left, or did not like the certificate

    return rodar


@pytest.mark.parametrize("seguranca", ["tls", "starttls"])
def test_the_log_in_and_the_message_go_in_secret(
    cofre: Abrir, sandbox_vivo: SandboxVivo, monkeypatch: pytest.MonkeyPatch, seguranca: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(sandbox_vivo.ca))
    servidor, porta = cofre(seguranca)
    entregue = Correio(Servidor("127.0.0.1", porta, seguranca, "eu", "boa")).entregar(carta(), chamadas=chamadas())
    assert entregue.palavras == "250 guardada"
    assert any(linha.startswith("AUTH PLAIN") for linha in servidor.ouvido)
    assert not any("AUTH" in linha or "MAIL" in linha.upper() for linha in servidor.as_claras)


@pytest.mark.parametrize("seguranca", ["tls", "starttls"])
def test_a_server_that_nobody_vouches_for_gets_nothing(cofre: Abrir, seguranca: str) -> None:
    servidor, porta = cofre(seguranca)
    feitas = chamadas()
    with pytest.raises(ProviderUnavailable, match="certificado"):
        Correio(Servidor("127.0.0.1", porta, seguranca, "eu", "boa")).entregar(carta(), chamadas=feitas)
    assert (servidor.ouvido, feitas.sem_volta) == ([], [])


def test_a_wrong_password_is_the_accounts_fault(
    cofre: Abrir, sandbox_vivo: SandboxVivo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(sandbox_vivo.ca))
    _, porta = cofre("tls")
    feitas = chamadas()
    with pytest.raises(AccessDenied) as dito:
        Correio(Servidor("127.0.0.1", porta, "tls", "eu", "segredo-ruim")).entregar(carta(), chamadas=feitas)
    assert dito.value.codigo == "CONTA-RECUSADA"
    assert "segredo-ruim" not in f"{dito.value} {dito.value.texto} {feitas.registros}"
