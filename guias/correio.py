"""From the settings to who carries a message: the office's mail server, or Django's backend where there is none."""

import smtplib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, MailerDoesNotExist, mailers

from guias.providers.correio import Correio, Entregue, Envelope, Servidor
from operacoes.errors import AccessDenied, Alcance, ProviderUnavailable
from operacoes.http import Chamadas

ACESSO = "correio:principal"
NENHUM = (
    "Nenhum servidor de e-mail está configurado. O administrador informa o do escritório (SMTP_SERVIDOR), e o envio "
    "fica disponível."
)
_SMTP = "django.core.mail.backends.smtp.EmailBackend"


def configurado() -> bool:
    return "default" in settings.MAILERS


def remetente() -> tuple[str, str]:
    """(name, address) of who sends guias."""
    return parseaddr(settings.ENTREGA_REMETENTE)


@dataclass(frozen=True)
class Carta:
    """A message about to be sent. `para_django` is the same message for a backend that is no server."""

    envelope: Envelope
    para_django: EmailMessage


def escrever(
    *, para: str, assunto: str, corpo: str, id: str, tag: str, anexo: tuple[str, bytes, str] | None, automatica: bool
) -> Carta:
    """Write the whole message: `tag` names the try, as the tag of every other outside call."""
    nome, endereco = remetente()
    cabecalhos = {"Message-ID": id, "X-Request-Tag": tag}
    if automatica:
        cabecalhos["Auto-Submitted"] = "auto-generated"
    carta = EmailMessage(
        subject=assunto,
        body=corpo,
        from_email=formataddr((nome, endereco)),
        to=[para],
        reply_to=[settings.ENTREGA_RESPONDER_A] if settings.ENTREGA_RESPONDER_A else [],
        headers=cabecalhos,
    )
    if anexo is not None:
        carta.attach(*anexo)
    mensagem: Any = carta.message()
    return Carta(Envelope(endereco, para, id, mensagem.as_bytes(policy=mensagem.policy.clone(linesep="\r\n"))), carta)


def entregar(carta: Carta, *, chamadas: Chamadas) -> Entregue:
    """Hand the message to the office's server. Raises the error family of operacoes.errors."""
    if not configurado():
        raise AccessDenied(NENHUM, alcance=Alcance.CREDENCIAL, codigo="SEM-SERVIDOR")
    configuracao = settings.MAILERS["default"]
    if configuracao.get("BACKEND") != _SMTP:
        return _pelo_django(carta, chamadas)
    opcoes = configuracao["OPTIONS"]
    seguranca = "tls" if opcoes.get("use_ssl") else "starttls" if opcoes.get("use_tls") else ""
    servidor = Servidor(opcoes["host"], opcoes["port"], seguranca, opcoes["username"], opcoes["password"])
    return Correio(servidor).entregar(carta.envelope, chamadas=chamadas)


def _pelo_django(carta: Carta, chamadas: Chamadas) -> Entregue:
    """A backend that writes the message on this machine: a failure to write is nothing written."""
    if chamadas.vez is not None:
        chamadas.vez()
    registro = {
        "metodo": "ARQUIVO",
        "url": "correio",
        "em": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "cabecalhos": {"Message-ID": carta.envelope.id},
        "enviado": {
            "de": carta.envelope.de,
            "para": carta.envelope.para,
            "bytes": len(carta.envelope.mensagem),
        },
        "cobrada": False,
        "classe": "",
    }
    chamadas.registros.append(registro)
    chamadas.sem_volta.append(registro)
    with chamadas.veredito(registro):
        try:
            mailers["default"].send_messages([carta.para_django])
        except (OSError, smtplib.SMTPException, MailerDoesNotExist) as error:
            raise ProviderUnavailable(
                "A mensagem não pôde ser gravada na pasta do correio. Confira o espaço e a permissão da pasta.",
                codigo="PASTA-DO-CORREIO",
                texto=f"{type(error).__name__}: {error}"[:300],
            ) from error
    registro["status"] = 250
    return Entregue("gravada na pasta do correio")
