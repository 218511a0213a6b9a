"""The one place where httpx is imported: total deadlines, records and the translation of transport errors.

Plain Python, no Django: provider clients build on `Provider` and hand over values only. Every outside call of the
product passes through `Provider.request`, so a Tentativa whose `Chamadas` has nothing in `registros` sent nothing.
"""

import contextlib
import hashlib
import json
import os
import re
import secrets
import socket
import ssl
import struct
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpcore
import httpx
import structlog
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, pkcs12

from operacoes import relogio
from operacoes.errors import (
    AccessDenied,
    Alcance,
    OutcomeUnknown,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
)
from operacoes.redacao import LONGO, limpar, redigir, redigir_corpo
from operacoes.wire import encode_json, parse_json

log = structlog.get_logger(__name__)

# Shorter than the keep-alive of the servers spoken to (gateways close idle connections after 60 s or more), so that a
# call is seldom sent into a connection that the other side is closing.
KEEPALIVE_S = 20.0
MAX_BODY = 40 * 1024 * 1024
_MAX_TRANSPORTS = 64


@dataclass
class Chamadas:
    """What one Tentativa sent and received. `tag` goes out as X-Request-Tag; `registros` are redacted exchanges.

    Whoever appends a registro redacts it first (Provider does). `sem_volta` holds the registro of each call that may
    have had its effect: from just before it leaves, until an answer says that it was not executed. While it is empty,
    no failure can have done anything outside. A registro with `cobrada` true is a call the service charges, of class
    `classe` (empty: the Operacao's). `vez` waits for the turn of each call that counts in the service's rate limits.
    """

    tag: str
    deadline: float  # relogio.segundos() value at which every phase of every call must have ended
    registros: list[dict[str, Any]] = field(default_factory=list)
    sem_volta: list[dict[str, Any]] = field(default_factory=list)
    vez: Callable[[], None] | None = None

    def nao_executada(self, registro: dict[str, Any]) -> None:
        """The service said that it did not carry out this call."""
        self.sem_volta = [outro for outro in self.sem_volta if outro is not registro]

    @contextlib.contextmanager
    def veredito(self, registro: dict[str, Any]) -> Iterator[None]:
        """Around the judging of one call's answer: every error of the family but OutcomeUnknown says that this call
        was not executed."""
        try:
            yield
        except OutcomeUnknown:
            raise
        except ProviderError:
            self.nao_executada(registro)
            raise


@dataclass(frozen=True)
class Reply:
    """An answer that arrived whole. `registro` is its redacted record, where the client may set `cobrada`."""

    status: int
    headers: httpx.Headers
    content: bytes
    registro: dict[str, Any]
    repeatable: bool

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", errors="replace")

    @property
    def palavras(self) -> str:
        """The start of the body without secrets: what may be kept and shown as the service's words."""
        try:
            limpo = redigir(parse_json(self.content))
        except ValueError:
            limpo = limpar(self.text[:LONGO])
        return (limpo if isinstance(limpo, str) else json.dumps(limpo, ensure_ascii=False))[:500]

    def json(self) -> Any:
        """The body as JSON, numbers with a fraction as Decimal. Raises OutcomeUnknown (ProviderUnavailable for a
        repeatable call) when it is not JSON."""
        try:
            return parse_json(self.content)
        except ValueError as error:
            classe = ProviderUnavailable if self.repeatable else OutcomeUnknown
            raise classe(
                "O serviço respondeu com um texto que não se consegue ler.",
                codigo="RESPOSTA-ILEGIVEL",
                status=self.status,
            ) from error


# -- deadlines -----------------------------------------------------------------------------------------------------


class _Vez(threading.local):
    """The call this thread is making: its deadline, and whether a byte of the request has left."""

    deadline = float("inf")
    enviou = False


_vez = _Vez()


def _restante(timeout: float | None, expirou: type[Exception]) -> float:
    """Seconds this phase may take: what it asked for, within what is left of the whole."""
    restante = _vez.deadline - relogio.segundos()
    if restante <= 0:
        raise expirou("total deadline over")
    return restante if timeout is None else min(timeout, restante)


_SEM_ESPERA = struct.pack("ii", 1, 0)  # linger for no time: reset the connection, drop what was not sent


class _Stream(httpcore.NetworkStream):
    """A socket whose every operation ends with the call's total deadline, however slowly the other side drips."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _restante(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), 65536):
            limite = _restante(timeout, httpcore.WriteTimeout)
            _vez.enviou = True
            self._inner.write(buffer[start : start + 65536], limite)

    def close(self) -> None:
        if relogio.segundos() >= _vez.deadline:
            # What the system still holds would leave when the network comes back, long after we said it cannot have.
            with contextlib.suppress(OSError, AttributeError):
                self._inner.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _SEM_ESPERA)
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _restante(timeout, httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Sockets under the deadline. The resolver of the operating system keeps its own time limit."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        limite = _restante(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.connect_tcp(host, port, limite, local_address, socket_options))


class _Transport(httpx.HTTPTransport):
    def __init__(self, context: ssl.SSLContext) -> None:
        # Threads bound the number of connections; a pool limit would only add one more way to wait.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=None,
            max_keepalive_connections=None,
            keepalive_expiry=KEEPALIVE_S,
            network_backend=_Backend(),
        )


# -- certificates and transports -----------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Certificado:
    """A PKCS#12 file and its password, in the open: lives in memory only, and never shows itself."""

    pfx: bytes
    senha: str

    @property
    def impressao(self) -> str:
        return hashlib.sha256(self.pfx).hexdigest()

    def __repr__(self) -> str:
        return f"<Certificado {self.impressao[:8]}>"


class CaIlegivel(OSError):
    """The bundle of authorities that the settings name does not open; the text (pt-BR) says why, after "O arquivo"."""


def tls_context(certificado: Certificado | None, ca: Path | None) -> ssl.SSLContext:
    """TLS client context; the private key passes through anonymous memory under a one-use password, never the disk.

    `ca` is a PEM bundle, None for the system's. Raises AccessDenied(CREDENCIAL) when the certificate does not open, and
    CaIlegivel when the bundle does not.
    """
    context = _com_as_autoridades(ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificado is not None:
        _load_certificate(context, certificado)
    return context


def _com_as_autoridades(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca) if ca else None)
    except ssl.SSLError as error:
        raise CaIlegivel("não traz certificados que se leiam (PEM)") from error
    except FileNotFoundError as error:
        raise CaIlegivel("não existe") from error
    except OSError as error:
        raise CaIlegivel(f"existe e não pode ser lido ({error.strerror})") from error


def _load_certificate(context: ssl.SSLContext, certificado: Certificado) -> None:
    try:
        key, cert, chain = pkcs12.load_key_and_certificates(certificado.pfx, certificado.senha.encode() or None)
    except ValueError as error:
        raise _certificado_ilegivel() from error
    if key is None or cert is None:
        raise _certificado_ilegivel()
    password = secrets.token_urlsafe(32)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password.encode()))
    pem += b"".join(c.public_bytes(Encoding.PEM) for c in (cert, *chain))
    memory = os.memfd_create("certificado", os.MFD_CLOEXEC)
    try:
        os.write(memory, pem)
        context.load_cert_chain(f"/proc/self/fd/{memory}", password=password)
    except ssl.SSLError as error:
        raise _certificado_ilegivel() from error
    finally:
        os.close(memory)


def _certificado_ilegivel() -> AccessDenied:
    return AccessDenied(
        "O certificado A1 guardado não abre. Envie o arquivo do certificado de novo na credencial.",
        alcance=Alcance.CREDENCIAL,
        codigo="CERTIFICADO-ILEGIVEL",
    )


_transports: OrderedDict[tuple[str, str, str], httpx.BaseTransport] = OrderedDict()
_transports_lock = threading.Lock()


def transport_for(certificado: Certificado | None, ca: Path | None, host: str) -> httpx.BaseTransport:
    """The shared transport of one certificate, CA bundle and host: one TLS context and one set of live connections.

    Making one costs 45-75 ms of TLS set-up, so it is kept; a replaced certificate has another fingerprint and so
    another transport, and the oldest unused ones are let go.
    """
    chave = (certificado.impressao if certificado else "", str(ca or ""), host)
    with _transports_lock:
        transport = _transports.get(chave)
        if transport is None:
            transport = _transports[chave] = _Transport(tls_context(certificado, ca))
        _transports.move_to_end(chave)
        while len(_transports) > _MAX_TRANSPORTS:
            _transports.popitem(last=False)  # not closed here: a thread may be using it; its sockets go with the object
    return transport


# -- the base of every client --------------------------------------------------------------------------------------

# Alerts by which a server says that it does not want our certificate: nothing of the request was looked at. TLS 1.3
# sends them after the client believes the handshake over, so they show at the first read.
_ALERTA_CERTIFICADO = re.compile(
    r"ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|CERTIFICATE_EXPIRED|CERTIFICATE_REVOKED|CERTIFICATE_UNKNOWN"
    r"|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|NO_CERTIFICATE)"
)
# The headers of an answer that help to understand it later; the rest is transport.
_CABECALHOS_UTEIS = frozenset({"content-type", "date", "etag", "location", "retry-after", "server", "x-request-id"})
_ACEITOS = frozenset((*range(200, 300), 304))
_SEMPRE = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": "Guiche"}


class Provider:
    """Base of the service clients: one call in, one whole answer or one error of the family out."""

    label = "serviço"  # pt-BR, used in messages: "O Integra Contador não respondeu"

    def __init__(self, base_url: str, *, transport: httpx.BaseTransport) -> None:
        self.base_url = base_url.rstrip("/")
        self._transport = transport

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.base_url}>"

    def request(
        self,
        method: str,
        path: str = "",
        *,
        chamadas: Chamadas,
        repeatable: bool,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        accept: Collection[int] = _ACEITOS,
        cobrada: Callable[[int], bool] | None = None,
        classe: str = "",
        limitada: bool = True,
    ) -> Reply:
        """Send one request and read the whole answer before `chamadas.deadline`.

        `repeatable` says that the call is only a reading, or may be made again without a second effect. Statuses in
        `accept` come back as a Reply for the client to judge, within `chamadas.veredito` where the call is not
        repeatable; the others raise (see _traduzir_status). `cobrada` tells by status whether the service charges the
        call, recorded under `classe`. `limitada` false: a log-in, which counts in none of the limits of the calls it
        serves.
        Raises ProviderUnavailable when nothing was sent, or on any transport failure of a repeatable call;
        OutcomeUnknown when a call that is not repeatable left and its answer did not arrive whole;
        AccessDenied(CREDENCIAL) when the server refuses our certificate.
        """
        if limitada and chamadas.vez is not None:
            chamadas.vez()
        url = f"{self.base_url}/{path}" if path else self.base_url
        cabecalhos = {"X-Request-Tag": chamadas.tag, **(headers or {})}
        corpo = encode_json(json) if json is not None else content
        if json is not None:
            cabecalhos.setdefault("Content-Type", "application/json")
        registro: dict[str, Any] = {
            "metodo": method,
            "url": url,
            "em": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "cabecalhos": redigir(cabecalhos),
            "enviado": redigir(json) if json is not None else redigir_corpo(content or b""),
            "cobrada": False,
            "classe": classe,
        }
        request = httpx.Request(method, url, headers=_SEMPRE | cabecalhos, content=corpo)
        chamadas.registros.append(registro)
        inicio = time.monotonic()
        if not repeatable:
            chamadas.sem_volta.append(registro)
        with chamadas.veredito(registro):
            try:
                reply = self._exchange(request, chamadas.deadline, registro, repeatable)
            except ProviderError as error:
                registro["erro"] = f"{type(error).__name__}: {error.texto}"[:500]
                raise
            finally:
                registro["duracao_ms"] = round((time.monotonic() - inicio) * 1000)
            registro["cobrada"] = bool(cobrada and cobrada(reply.status))
            if reply.status not in accept:
                self._traduzir_status(reply)
        return reply

    def _exchange(self, request: httpx.Request, deadline: float, registro: dict[str, Any], repeatable: bool) -> Reply:
        _vez.deadline, _vez.enviou = deadline, False
        try:
            # Straight to the transport: redirects, cookies and log-ins are not for these services, and httpx.Client
            # spends a third of a call finding that out.
            response = self._transport.handle_request(request)
            try:
                registro["status"] = response.status_code
                corpo = _read(response)
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError, OSError, ValueError) as error:
            self._traduzir_transporte(error, repeatable)
        finally:
            _vez.deadline = float("inf")
        registro["recebido"] = redigir_corpo(corpo)
        registro["cabecalhos_recebidos"] = {
            nome: redigir(valor, nome) for nome, valor in response.headers.items() if nome in _CABECALHOS_UTEIS
        }
        return Reply(response.status_code, response.headers, corpo, registro, repeatable)

    def _traduzir_transporte(self, error: Exception, repeatable: bool) -> NoReturn:
        texto = f"{type(error).__name__}: {error}"[:300]
        log.info("provider call failed", provider=self.label, error=texto, sent=_vez.enviou, repeatable=repeatable)
        if _ALERTA_CERTIFICADO.search(str(error)):
            raise AccessDenied(
                f"Certificado recusado por {self.label}. Confira na credencial se o certificado é o do contratante e "
                "se está dentro da validade.",
                alcance=Alcance.CREDENCIAL,
                codigo="CERTIFICADO-RECUSADO",
                texto=texto,
            ) from error
        if not _vez.enviou:
            motivo = (
                "o certificado do servidor não foi reconhecido"
                if "CERTIFICATE_VERIFY_FAILED" in str(error)
                else "não foi possível conectar"
            )
            raise ProviderUnavailable(
                f"{self.label}: {motivo}. Nada foi enviado.", codigo="SEM-CONEXAO", texto=texto
            ) from error
        if repeatable:
            raise ProviderUnavailable(
                f"{self.label} não respondeu a tempo.", codigo="SEM-RESPOSTA", texto=texto
            ) from error
        raise OutcomeUnknown(
            f"{self.label}: o pedido foi enviado, e a conexão caiu antes da resposta.",
            codigo="SEM-RESPOSTA",
            texto=texto,
        ) from error

    def _traduzir_status(self, reply: Reply) -> NoReturn:
        """Statuses no client asked to judge: 429 a block, 401/403 access, other 4xx a refusal, the rest failures."""
        status, codigo, texto = reply.status, f"HTTP-{reply.status}", reply.palavras
        if status == 429:
            raise ProviderUnavailable(
                f"{self.label} limitou o número de chamadas.",
                retry_after=retry_after(reply.headers),
                bloqueio=True,
                codigo=codigo,
                texto=texto,
                status=status,
            )
        if status in (401, 403):
            raise AccessDenied(
                f"{self.label} negou o acesso (código {status}). Confira a credencial.",
                alcance=Alcance.CREDENCIAL,
                codigo=codigo,
                texto=texto,
                status=status,
            )
        if 400 <= status < 500 and status != 408:
            raise ProviderRefused(
                f"{self.label} recusou o pedido (código {status}).", codigo=codigo, texto=texto, status=status
            )
        if reply.repeatable:
            raise ProviderUnavailable(
                f"{self.label} está com falha (código {status}).",
                retry_after=retry_after(reply.headers),
                codigo=codigo,
                texto=texto,
                status=status,
            )
        raise OutcomeUnknown(
            f"{self.label} falhou depois do envio (código {status}).",
            codigo=codigo,
            texto=texto,
            status=status,
        )


def _read(response: httpx.Response) -> bytes:
    partes, total = [], 0
    for parte in response.iter_bytes():
        total += len(parte)
        if total > MAX_BODY:
            raise ValueError(f"answer larger than {MAX_BODY} bytes")
        partes.append(parte)
    return b"".join(partes)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds stated by Retry-After (a number or an HTTP date), at most a day; None when it is absent, unreadable or
    already over.

    A date is read by the service's own clock, where the answer tells it: ours may be wrong.
    """
    texto = headers.get("Retry-After", "").strip()
    if texto.isdecimal():
        segundos = float(texto)
    elif quando := _data_http(texto):
        segundos = (quando - (_data_http(headers.get("Date", "")) or datetime.now(UTC))).total_seconds()
    else:
        return None
    return min(segundos, 86_400.0) if segundos > 0 else None


def _data_http(texto: str) -> datetime | None:
    try:
        quando = parsedate_to_datetime(texto)
    except ValueError:
        return None
    return quando if quando.tzinfo else quando.replace(tzinfo=UTC)


def host_of(url: str) -> str:
    """Host and port of an address: the last part of a client's cache key."""
    return urlsplit(url).netloc
