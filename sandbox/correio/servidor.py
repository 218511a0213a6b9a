"""The SMTP edge (RFC 5321), on loopback: strict about the order of the commands, their syntax and the message itself.

One connection, one thread. No TLS and no log-in: what is simulated is how a message ends, not how a line is kept
secret.
"""

import re
import socket
import socketserver
import struct
import threading
import time
from contextlib import suppress

from django.db import connection

from sandbox.correio import entrega
from sandbox.correio.entrega import Saida

MAIOR = 25 * 1024 * 1024
_LINHA = 1000  # RFC 5321, 4.5.3.1.6, with CRLF
_COMANDO = 512
_ESPERA_S = 120.0
_GOTAS = 10
_SEM_ESPERA = struct.pack("ii", 1, 0)
_CAMINHO = re.compile(r"<(?P<endereco>[^<>\s@]+@[^<>\s@]+)>(?P<resto>( \S+)*)", re.ASCII)
_TAMANHO = re.compile(r"SIZE=(\d{1,20})", re.I)


class Fim(Exception):
    """The connection ends here."""


class Conversa(socketserver.StreamRequestHandler):
    """One client from greeting to QUIT."""

    timeout = _ESPERA_S

    def handle(self) -> None:
        self._apresentado, self._de, self._para = False, "", list[str]()
        try:
            self._dizer(220, "sandbox ESMTP")
            while True:
                self._comando(self._linha(_COMANDO))
        except (Fim, OSError):
            return
        finally:
            connection.close()

    def _dizer(self, codigo: int, *textos: str) -> None:
        linhas = [f"{codigo}{'-' if n < len(textos) else ' '}{texto}\r\n" for n, texto in enumerate(textos, 1)]
        self.wfile.write("".join(linhas).encode())

    def _linha(self, maior: int) -> bytes:
        lida = self.rfile.readline(maior + 1)
        if not lida:
            raise Fim
        if not lida.endswith(b"\r\n"):
            self._dizer(500, "5.5.2 Line too long, or not ended by CRLF")
            raise Fim
        return lida[:-2]

    def _comando(self, linha: bytes) -> None:
        texto = linha.decode("ascii", "replace")
        verbo, _, resto = texto.partition(" ")
        match verbo.upper():
            case "EHLO" | "HELO" if resto.strip():
                self._apresentado = True
                self._zerar()
                if verbo.upper() == "HELO":
                    self._dizer(250, "sandbox")
                else:
                    self._dizer(250, "sandbox", f"SIZE {MAIOR}", "8BITMIME", "ENHANCEDSTATUSCODES")
            case "EHLO" | "HELO":
                self._dizer(501, "5.5.4 Say who you are")
            case "NOOP":
                self._dizer(250, "2.0.0 Ok")
            case "RSET":
                self._zerar()
                self._dizer(250, "2.0.0 Ok")
            case "QUIT":
                self._dizer(221, "2.0.0 Bye")
                raise Fim
            case "MAIL" | "RCPT" | "DATA" if not self._apresentado:
                self._dizer(503, "5.5.1 Send EHLO first")
            case "MAIL":
                self._mail(resto)
            case "RCPT":
                self._rcpt(resto)
            case "DATA":
                self._data(resto)
            case _:
                self._dizer(502, "5.5.1 Command not implemented")

    def _zerar(self) -> None:
        self._de, self._para = "", []

    def _mail(self, resto: str) -> None:
        lido = _CAMINHO.fullmatch(resto[5:]) if resto[:5].upper() == "FROM:" else None
        if self._de:
            self._dizer(503, "5.5.1 Sender already given")
        elif lido is None:
            self._dizer(501, "5.1.7 Bad sender address syntax")
        elif (tamanho := _TAMANHO.search(lido["resto"])) and int(tamanho[1]) > MAIOR:
            self._dizer(552, "5.3.4 Message size exceeds the limit")
        else:
            self._de = lido["endereco"]
            self._dizer(250, "2.1.0 Ok")

    def _rcpt(self, resto: str) -> None:
        lido = _CAMINHO.fullmatch(resto[3:]) if resto[:3].upper() == "TO:" else None
        if not self._de:
            self._dizer(503, "5.5.1 Send MAIL first")
        elif lido is None:
            self._dizer(501, "5.1.3 Bad recipient address syntax")
        elif entrega.local(lido["endereco"]) == "recusado":
            self._dizer(550, "5.1.1 User unknown")
        else:
            self._para.append(lido["endereco"])
            self._dizer(250, "2.1.5 Ok")

    def _data(self, resto: str) -> None:
        if resto:
            self._dizer(501, "5.5.4 DATA takes no argument")
        elif not self._para:
            self._dizer(503, "5.5.1 Send RCPT first")
        else:
            self._dizer(354, "End data with <CR><LF>.<CR><LF>")
            mensagem = self._mensagem()
            if mensagem is None:
                self._dizer(552, "5.3.4 Message size exceeds the limit")
            else:
                self._mandar(entrega.receber(self._de, self._para, mensagem))
            self._zerar()

    def _mensagem(self) -> bytes | None:
        """The lines up to the one with a single dot, the dots that protect them taken off; None: too large. A client
        that leaves before that has sent no message."""
        linhas, tamanho = [], 0
        while (linha := self._linha(_LINHA)) != b".":
            tamanho += len(linha) + 2
            if tamanho <= MAIOR:
                linhas.append(linha.removeprefix(b"."))
        return b"\r\n".join(linhas) + b"\r\n" if tamanho <= MAIOR else None

    def _mandar(self, saida: Saida) -> None:
        if saida.corte:
            self._cortar(secamente=saida.rst)
            raise Fim
        dito = saida.bytes
        if saida.metade:
            self.wfile.write(dito[: len(dito) // 2])
            raise Fim
        if not saida.gotas_s:
            self.wfile.write(dito)
            return
        passo = -(-len(dito) // _GOTAS)
        for inicio in range(0, len(dito), passo):
            time.sleep(saida.gotas_s / _GOTAS)
            self.wfile.write(dito[inicio : inicio + passo])

    def _cortar(self, *, secamente: bool) -> None:
        with suppress(OSError):  # the client may have left first
            if secamente:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _SEM_ESPERA)
            else:
                self.connection.shutdown(socket.SHUT_RDWR)


class Servidor(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, escuta: socket.socket) -> None:
        super().__init__(escuta.getsockname(), Conversa, bind_and_activate=False)
        self.socket.close()
        self.socket = escuta


def servir(descritor: int) -> None:
    """Answer on a listening socket for as long as the process lives, in a thread of its own."""
    servidor = Servidor(socket.socket(fileno=descritor))
    threading.Thread(target=servidor.serve_forever, daemon=True).start()
