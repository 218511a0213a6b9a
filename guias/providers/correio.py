"""A message handed to a mail server, phase by phase: what is known of a failure depends on how far it got.

Source: RFC 5321 (SMTP), 3.3 and 4.2: until the line with a single dot ends DATA the server has accepted nothing; its
answer to that line accepts or refuses the message, and there is no command that asks about a message afterwards.
"""

import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

import structlog

from operacoes import relogio
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas
from operacoes.redacao import limpar

log = structlog.get_logger(__name__)

_FASE_S = 30.0  # the longest that one answer is waited for, within the deadline of the whole
_PONTO = re.compile(rb"(?m)^\.")
_ACEITA, _CONTINUE = 250, 354
# The server does not take mail from this account: the same for every message.
_SEM_CONTA = (530, 534, 535, 538)


@dataclass(frozen=True, repr=False)
class Servidor:
    """Where mail is handed over. `seguranca`: "starttls", "tls" or "" (none)."""

    host: str
    porta: int
    seguranca: str = "starttls"
    usuario: str = ""
    senha: str = ""

    def __repr__(self) -> str:
        return f"<Servidor {self.host}:{self.porta}>"


@dataclass(frozen=True)
class Envelope:
    """One message for one recipient: `mensagem` is the whole of it (RFC 5322), with its Message-ID."""

    de: str
    para: str
    id: str
    mensagem: bytes


@dataclass(frozen=True)
class Entregue:
    """The server's own words on taking the message, which usually name it in its log."""

    palavras: str


class Correio:
    """A client of one server. A connection is of one message: servers close idle ones, and a doubt stays of its own."""

    def __init__(self, servidor: Servidor) -> None:
        self._servidor = servidor

    def __repr__(self) -> str:
        return f"<Correio {self._servidor!r}>"

    def entregar(self, envelope: Envelope, *, chamadas: Chamadas) -> Entregue:
        """Hand over one message, once.

        Raises ProviderRefused when the recipient or the message is refused (5xx); AccessDenied(CREDENCIAL) when the
        account or the sender is; ProviderUnavailable when nothing was handed over (no connection, 4xx);
        OutcomeUnknown when the message left and its answer did not come: SMTP has no way to ask about it.
        """
        if chamadas.vez is not None:
            chamadas.vez()
        registro = _registro(self._servidor, envelope)
        chamadas.registros.append(registro)
        inicio = time.monotonic()
        try:
            return self._conversar(envelope, chamadas, registro)
        except Exception as error:
            registro["erro"] = f"{type(error).__name__}: {error}"[:500]
            raise
        finally:
            registro["duracao_ms"] = round((time.monotonic() - inicio) * 1000)

    def _conversar(self, envelope: Envelope, chamadas: Chamadas, registro: dict[str, Any]) -> Entregue:
        conexao = _Conexao(chamadas.deadline)
        try:
            conexao.abrir(self._servidor)
            conexao.exigir(conexao.mail(envelope.de), registro, _remetente_recusado)
            conexao.exigir(conexao.rcpt(envelope.para), registro, _destinatario_recusado)
            conexao.exigir(conexao.docmd("data"), registro, _mensagem_recusada, esperado=_CONTINUE)
            return self._mandar(conexao, envelope, chamadas, registro)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            _nao_saiu(error, self._servidor)
        finally:
            conexao.largar()

    @staticmethod
    def _mandar(conexao: "_Conexao", envelope: Envelope, chamadas: Chamadas, registro: dict[str, Any]) -> Entregue:
        """From here on the message may have been taken, until an answer says that it was not."""
        conexao.restante()
        del registro["status"], registro["recebido"]  # the word to go on is no answer to the message
        chamadas.sem_volta.append(registro)
        with chamadas.veredito(registro):
            try:
                conexao.send(_PONTO.sub(b"..", envelope.mensagem.rstrip(b"\r\n")) + b"\r\n.\r\n")
                resposta = conexao.getreply()
            except (smtplib.SMTPException, OSError, ValueError) as error:
                raise OutcomeUnknown(
                    "A mensagem saiu e a conexão com o servidor de e-mail caiu antes da resposta dele. O correio não "
                    "tem como perguntar se ela foi aceita.",
                    codigo="SEM-RESPOSTA",
                    texto=f"{type(error).__name__}: {error}"[:300],
                ) from error
            if resposta[0] != _ACEITA and not 400 <= resposta[0] < 600:
                raise OutcomeUnknown(
                    "O servidor de e-mail respondeu de um jeito que não diz se aceitou a mensagem.",
                    codigo=f"SMTP-{resposta[0]}",
                    texto=_dito(resposta),
                )
            conexao.exigir(resposta, registro, _mensagem_recusada)
        return Entregue(_dito(resposta))


class _Conexao(smtplib.SMTP):
    """A connection whose every phase ends with the deadline of the call; past it the socket is shut, however slowly
    the other side drips."""

    def __init__(self, limite: float) -> None:
        super().__init__(timeout=_FASE_S)
        self._limite = limite
        self._guarda: threading.Timer | None = None

    def restante(self) -> float:
        falta = self._limite - relogio.segundos()
        if falta <= 0:
            raise TimeoutError("total deadline over")
        return falta

    def abrir(self, servidor: Servidor) -> None:
        self.timeout = min(_FASE_S, self.restante())
        self._host = servidor.host  # the name that TLS checks, which smtplib keeps only from its constructor
        if servidor.seguranca == "tls":
            self._contexto = ssl.create_default_context()
        self._exigir_boas_vindas(self.connect(servidor.host, servidor.porta))
        self._guarda = threading.Timer(self.restante(), self._cortar)
        self._guarda.daemon = True
        self._guarda.start()
        if servidor.seguranca == "starttls":
            self.starttls(context=ssl.create_default_context())
        self.ehlo_or_helo_if_needed()
        if servidor.usuario:
            self.login(servidor.usuario, servidor.senha)

    _contexto: ssl.SSLContext | None = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # type: ignore[override]
        crua = socket.create_connection((host, port), timeout, self.source_address)
        return crua if self._contexto is None else self._contexto.wrap_socket(crua, server_hostname=host)

    @staticmethod
    def _exigir_boas_vindas(resposta: tuple[int, bytes]) -> None:
        if resposta[0] != 220:
            raise smtplib.SMTPConnectError(resposta[0], resposta[1])

    def _cortar(self) -> None:
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it has ended by itself

    def exigir(
        self,
        resposta: tuple[int, bytes],
        registro: dict[str, Any],
        recusa: Callable[[tuple[int, bytes]], NoReturn],
        *,
        esperado: int = _ACEITA,
    ) -> None:
        """Go on after the expected answer only. 4xx: later; anything else: `recusa` says what was refused."""
        registro["status"], registro["recebido"] = resposta[0], _dito(resposta)
        if resposta[0] == esperado or (esperado == _ACEITA and resposta[0] in (251, 252)):
            self.restante()
            return
        if resposta[0] in _SEM_CONTA:
            _conta_recusada(resposta)
        if 400 <= resposta[0] < 500:
            raise ProviderUnavailable(
                f"O servidor de e-mail pediu para tentar mais tarde ({_dito(resposta)}). Nada foi entregue.",
                codigo=f"SMTP-{resposta[0]}",
                texto=_dito(resposta),
                status=resposta[0],
            )
        recusa(resposta)

    def largar(self) -> None:
        """Close without waiting for a farewell: what is to be known is known."""
        if self._guarda is not None:
            self._guarda.cancel()
        self.close()


def _dito(resposta: tuple[int, bytes]) -> str:
    return limpar(f"{resposta[0]} {resposta[1].decode('utf-8', 'replace')}".replace("\n", " "))[:300]


def _registro(servidor: Servidor, envelope: Envelope) -> dict[str, Any]:
    return {
        "metodo": "SMTP",
        "url": f"smtp://{servidor.host}:{servidor.porta}",
        "em": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "cabecalhos": {"Message-ID": envelope.id},
        "enviado": {"de": envelope.de, "para": envelope.para, "bytes": len(envelope.mensagem)},
        "cobrada": False,
        "classe": "",
    }


def _destinatario_recusado(resposta: tuple[int, bytes]) -> NoReturn:
    raise ProviderRefused(
        "O servidor de e-mail recusou o endereço do destinatário. Confira o e-mail nos contatos da empresa.",
        codigo=f"RCPT-{resposta[0]}",
        texto=_dito(resposta),
        status=resposta[0],
    )


def _mensagem_recusada(resposta: tuple[int, bytes]) -> NoReturn:
    raise ProviderRefused(
        "O servidor de e-mail recusou a mensagem. Veja as palavras dele: tamanho, conteúdo ou política do destino.",
        codigo=f"DATA-{resposta[0]}",
        texto=_dito(resposta),
        status=resposta[0],
    )


def _remetente_recusado(resposta: tuple[int, bytes]) -> NoReturn:
    raise AccessDenied(
        "O servidor de e-mail não aceita mensagens deste remetente. O administrador confere o endereço do remetente e "
        "a conta do servidor.",
        alcance=Alcance.CREDENCIAL,
        codigo=f"MAIL-{resposta[0]}",
        texto=_dito(resposta),
        status=resposta[0],
    )


def _conta_recusada(resposta: tuple[int, bytes]) -> NoReturn:
    raise AccessDenied(
        "O servidor de e-mail não aceitou o usuário ou a senha. O administrador confere a conta do servidor.",
        alcance=Alcance.CREDENCIAL,
        codigo="CONTA-RECUSADA",
        texto=_dito(resposta),
        status=resposta[0],
    )


def _nao_saiu(error: Exception, servidor: Servidor) -> NoReturn:
    """Whatever failed before the message left."""
    texto = limpar(f"{type(error).__name__}: {error}")[:300]
    log.info("mail not handed over", server=repr(servidor), error=type(error).__name__)
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPNotSupportedError):
        raise AccessDenied(
            "O servidor de e-mail não aceitou o usuário ou a senha. O administrador confere a conta do servidor.",
            alcance=Alcance.CREDENCIAL,
            codigo="CONTA-RECUSADA",
            texto=texto,
        ) from error
    raise ProviderUnavailable(
        f"O servidor de e-mail {_motivo(error)}. Nada foi entregue.", codigo="SEM-CONEXAO", texto=texto
    ) from error


def _motivo(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "demorou demais"
        case ssl.SSLError():
            return "não foi reconhecido (certificado)"
        case smtplib.SMTPResponseException():
            return f"respondeu {error.smtp_code}"
    return "não respondeu"
