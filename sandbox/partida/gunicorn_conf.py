"""gunicorn settings of both faces. The TLS face asks for the client certificate and lets its absence through, because
the simulator answers it as the documentation says; its dates are checked against the sandbox's clock, not here. Those
of a second authority, which no service trusts, come through too: each service refuses them in its own words."""

import os
import signal
import ssl
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

_NAO_CONFERIR_DATAS = 0x200000  # X509_V_FLAG_NO_CHECK_TIME
# A header name with a hyphen would reach WSGI as the documented one with an underscore.
_IMITACOES = {"JWT-TOKEN", "AUTENTICAR-PROCURADOR-TOKEN"}
_SERVICOS = os.environ.get("SANDBOX_FACE") == "servicos"

wsgi_app = "sandbox.wsgi:application"
bind = f"fd://{os.environ.get('SANDBOX_FD', '0')}"
worker_class = "gthread"
workers = 1
threads = 96 if _SERVICOS else 8
timeout = 120
graceful_timeout = 1  # who calls it has stopped before
keepalive = 75
header_map = "dangerous"  # keeps jwt_token, whose name has an underscore
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
if _SERVICOS:
    certfile = os.environ["SANDBOX_CERTIFICADO"]
    keyfile = os.environ["SANDBOX_CHAVE"]
    ca_certs = os.environ["SANDBOX_CA"]
    cert_reqs = int(ssl.CERT_OPTIONAL)


@cache
def _contexto(certificado: str, chave: str, ca: str) -> ssl.SSLContext:
    contexto = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    contexto.minimum_version = ssl.TLSVersion.TLSv1_2
    contexto.load_cert_chain(certificado, chave)
    contexto.load_verify_locations(ca)
    contexto.load_verify_locations(os.environ["SANDBOX_CA_ESTRANHA"])
    contexto.verify_mode = ssl.CERT_OPTIONAL
    contexto.verify_flags = ssl.VerifyFlags(contexto.verify_flags | _NAO_CONFERIR_DATAS)
    return contexto


def ssl_context(config: Any, default_ssl_context_factory: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """One context for all connections: gunicorn would otherwise load the files again for each of them."""
    return _contexto(config.certfile, config.keyfile, config.ca_certs)


def pre_request(worker: Any, req: Any) -> None:
    req.headers = [cabecalho for cabecalho in req.headers if cabecalho[0] not in _IMITACOES]


def post_worker_init(worker: Any) -> None:
    """Stop with the process that started us, even when that one is killed: its end of the pipe closes. Beside the
    services over TLS stands the mail server."""
    descritor = int(os.environ["SANDBOX_PULSO"])

    def vigiar() -> None:
        os.read(descritor, 1)
        os.kill(os.getppid(), signal.SIGTERM)

    threading.Thread(target=vigiar, daemon=True).start()
    if _SERVICOS:  # where the ledger is written: SQLite takes one writer at a time
        from sandbox.correio import servidor

        servidor.servir(int(os.environ["SANDBOX_FD_SMTP"]))
