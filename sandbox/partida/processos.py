"""The two gunicorns: start, wait until they answer, stop."""

import os
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

from sandbox.partida.pasta import Pasta

_ESPERA = 90.0  # on a busy machine
_RAIZ = Path(__file__).resolve().parents[2]


class FalhaDePartida(Exception):
    """A face did not come up; the text (pt-BR) says which."""


def reservar_porta(porta: int) -> socket.socket:
    """A listening loopback socket to hand to gunicorn; port 0 picks a free one."""
    escuta = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    escuta.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        escuta.bind(("127.0.0.1", porta))
    except OSError as erro:
        escuta.close()
        raise FalhaDePartida(f"A porta {porta} está ocupada: escolha outra ou pare quem a usa.") from erro
    escuta.listen(512)
    return escuta


class Faces:
    """Both servers of one sandbox; the mail server is a thread of the first."""

    def __init__(self, pasta: Pasta, tls: socket.socket, controle: socket.socket, smtp: socket.socket) -> None:
        self._leitura, self._pulso = os.pipe()
        self._smtp = smtp
        self._processos = [self._subir(pasta, "servicos", tls), self._subir(pasta, "controle", controle)]
        self._portas = (tls.getsockname()[1], controle.getsockname()[1])

    def _subir(self, pasta: Pasta, face: str, escuta: socket.socket) -> subprocess.Popen[bytes]:
        ambiente = {
            **os.environ,
            "SANDBOX_DIR": str(pasta.raiz),
            "SANDBOX_FACE": face,
            "SANDBOX_FD": str(escuta.fileno()),
            "SANDBOX_FD_SMTP": str(self._smtp.fileno()),
            "SANDBOX_PULSO": str(self._leitura),
            "SANDBOX_CERTIFICADO": str(pasta.servidor),
            "SANDBOX_CHAVE": str(pasta.servidor_chave),
            "SANDBOX_CA": str(pasta.ca),
            "SANDBOX_CA_ESTRANHA": str(pasta.ca_estranha),
            "DJANGO_SETTINGS_MODULE": "sandbox.settings",
        }
        comando = [sys.executable, "-m", "gunicorn", "-c", "python:sandbox.partida.gunicorn_conf"]
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            comando,
            env=ambiente,
            cwd=_RAIZ,
            pass_fds=(escuta.fileno(), self._smtp.fileno(), self._leitura),
            stdin=subprocess.DEVNULL,
        )

    def vivas(self) -> bool:
        return all(processo.poll() is None for processo in self._processos)

    def esperar(self) -> None:
        """Until both answer an HTTP request. Raises FalhaDePartida."""
        prazo = time.monotonic() + _ESPERA
        pendentes = [self._portas[0], self._portas[1]]
        while pendentes:
            if not self.vivas() or time.monotonic() > prazo:
                raise FalhaDePartida("Um dos servidores do sandbox não subiu: veja a mensagem acima.")
            if _responde(pendentes[0], tls=pendentes[0] == self._portas[0]):
                pendentes.pop(0)
            else:
                time.sleep(0.05)

    def parar(self) -> None:
        for processo in self._processos:
            if processo.poll() is None:
                processo.terminate()
        for processo in self._processos:
            try:
                processo.wait(timeout=8)
            except subprocess.TimeoutExpired:
                processo.kill()
                processo.wait()
        os.close(self._pulso)
        os.close(self._leitura)


def _responde(porta: int, *, tls: bool) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", porta), timeout=10) as crua:
            conexao: socket.socket = crua
            if tls:
                contexto = ssl.create_default_context()
                contexto.check_hostname, contexto.verify_mode = False, ssl.CERT_NONE
                conexao = contexto.wrap_socket(crua)
            conexao.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return conexao.recv(5) == b"HTTP/"
    except OSError:
        return False
