"""The client certificate of a call over TLS."""

import ssl
from datetime import UTC, datetime
from functools import lru_cache

from cryptography import x509
from django.conf import settings
from django.http import HttpRequest

from sandbox.autoridade import emitido_por


def do_cliente(request: HttpRequest) -> x509.Certificate | None:
    """What the client presented. The TLS layer has checked that one of the two authorities signed it, not its dates."""
    conexao: ssl.SSLSocket = request.META["gunicorn.socket"]
    der = conexao.getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(der) if der else None


def da_autoridade(certificado: x509.Certificate) -> bool:
    """Whether the authority that the services trust signed it."""
    return emitido_por(certificado, _autoridade())


@lru_cache(maxsize=1)
def _autoridade() -> x509.Certificate:
    return x509.load_pem_x509_certificate(settings.PASTA.ca.read_bytes())


def dentro_da_validade(certificado: x509.Certificate, agora: datetime) -> bool:
    """Its dates are wrong only when they are so by the sandbox's clock and by the machine's: a rehearsal of another
    year goes on with the A1 files made today."""
    validade = (certificado.not_valid_before_utc, certificado.not_valid_after_utc)
    return any(validade[0] <= instante <= validade[1] for instante in (agora, datetime.now(UTC)))
