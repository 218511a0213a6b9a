"""The rate limits of each access, the same for the queue and for what a screen reads at once. The first one of a tuple
is the access's queue."""

from datetime import timedelta

from django.conf import settings

from nfse.providers.integranotas.limites import BLOQUEIO
from operacoes.handlers import Limite


def limites_sisgenfe(acesso: str) -> tuple[Limite, ...]:
    """Of one prestador, one call at a time. No limit is published."""
    return (Limite(f"sisgenfe:{acesso}", settings.SISGENFE_POR_SEGUNDO, timedelta(seconds=1), em_serie=True),)


def limites_nacional(acesso: str) -> tuple[Limite, ...]:
    """Of one empresa's certificate. No limit is published."""
    return (Limite(f"nacional:{acesso}", settings.NFSE_NACIONAL_POR_SEGUNDO, timedelta(seconds=1)),)


def limites_integranotas(acesso: str) -> tuple[Limite, ...]:
    """Of one emitente's token, and of this server's address."""
    token = Limite(f"integranotas:{acesso}", settings.INTEGRANOTAS_POR_MINUTO, timedelta(minutes=1), bloqueio=BLOQUEIO)
    return token, _host()


def limites_softhouse(acesso: str) -> tuple[Limite, ...]:
    """Of one software-house account (`/soft`), and of this server's address."""
    conta = Limite(f"integranotas:{acesso}", settings.INTEGRANOTAS_SOFT_POR_HORA, timedelta(hours=1), bloqueio=BLOQUEIO)
    return conta, _host()


def limite_da_nota(acesso: str, chave: str) -> Limite:
    """Of the calls that name one note by its chave."""
    return Limite(f"integranotas:{acesso}:{chave[-50:]}", 1, intervalo_da_nota(), bloqueio=BLOQUEIO)


def intervalo_da_nota() -> timedelta:
    return timedelta(seconds=settings.INTEGRANOTAS_SEGUNDOS_POR_NOTA)


def _host() -> Limite:
    return Limite("integranotas:host", settings.INTEGRANOTAS_HOST_POR_SEGUNDO, timedelta(seconds=1), bloqueio=BLOQUEIO)
