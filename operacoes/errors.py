"""The error family every provider client raises; nothing else leaves a client (docs/motor.md)."""

from collections.abc import Mapping
from enum import StrEnum


class Alcance(StrEnum):
    """What an AccessDenied concerns: one empresa, the whole credencial, or the service for everybody."""

    EMPRESA = "empresa"
    CREDENCIAL = "credencial"
    SERVICO = "servico"


class ProviderError(Exception):
    """Base. `codigo` and `texto` are the provider's own words; `mensagem` is ours, in Portuguese, with what to do."""

    def __init__(self, mensagem: str, *, codigo: str = "", texto: str = "", status: int | None = None) -> None:
        super().__init__(mensagem)
        self.mensagem = mensagem
        self.codigo = codigo
        self.texto = texto
        self.status = status


class ProviderRefused(ProviderError):
    """Understood and said no: show it, do not repeat."""


class AccessDenied(ProviderError):
    """Credential wrong, expired or without mandate: pause what `alcance` reaches."""

    def __init__(
        self, mensagem: str, *, alcance: Alcance, codigo: str = "", texto: str = "", status: int | None = None
    ):
        super().__init__(mensagem, codigo=codigo, texto=texto, status=status)
        self.alcance = alcance


class ProviderUnavailable(ProviderError):
    """Not executed, or only a reading. `retry_after` in seconds when stated; `bloqueio` when the provider's rate
    limit spoke (429), which stops the bucket and is no failure of the service; `balde` names the bucket when the
    service tells which limit it was, empty for the Operacao's first."""

    def __init__(
        self,
        mensagem: str,
        *,
        retry_after: float | None = None,
        bloqueio: bool = False,
        balde: str = "",
        codigo: str = "",
        texto: str = "",
        status: int | None = None,
    ) -> None:
        super().__init__(mensagem, codigo=codigo, texto=texto, status=status)
        self.retry_after = retry_after
        self.bloqueio = bloqueio
        self.balde = balde


class OutcomeUnknown(ProviderError):
    """Sent, and the answer was lost or unreadable: ask first, never repeat blindly. `lembrar` is what the service did
    tell and a question will need (the handle of the document): it is kept in Operacao.resposta."""

    def __init__(
        self,
        mensagem: str,
        *,
        codigo: str = "",
        texto: str = "",
        status: int | None = None,
        lembrar: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(mensagem, codigo=codigo, texto=texto, status=status)
        self.lembrar = dict(lembrar or {})
