"""The turn of a call in its limits: waited for within a deadline, and stopped by the service's own block."""

import time
from collections.abc import Collection, Sequence

from django.db import connection

from operacoes import relogio, throttle
from operacoes.errors import ProviderUnavailable
from operacoes.handlers import Limite
from operacoes.motor.julgamento import LIMITE_NOSSO
from operacoes.ritmo import no_ritmo

ADIANTO_S = 1.0  # how far ahead of its start a row is claimed


def largar_conexao() -> None:
    """Hand the connection back to the pool while this thread waits for something outside."""
    if not connection.in_atomic_block:
        connection.close()


def limite_atingido(segundos: float) -> ProviderUnavailable:
    return ProviderUnavailable(
        "Limite de chamadas do serviço atingido; a vez volta sozinha.",
        bloqueio=True,
        retry_after=segundos,
        codigo=LIMITE_NOSSO,
    )


def recusar_bloqueada(baldes: Collection[str]) -> None:
    """Raises ProviderUnavailable while the service wants nothing of one of the buckets."""
    if resto := throttle.bloqueio(baldes):
        raise limite_atingido(resto)


def tomar_partida(baldes: Collection[str], limite: float) -> None:
    """Take a start in each of the buckets and wait for it. Raises ProviderUnavailable when one is blocked, or when the
    start lies beyond `limite` (by relogio.segundos)."""
    while (espera := throttle.tomar(baldes, ADIANTO_S)) is None:
        recusar_bloqueada(baldes)
        falta = throttle.falta(baldes)
        if relogio.segundos() + falta >= limite:
            raise limite_atingido(falta)
        largar_conexao()
        time.sleep(max(0.05, falta - ADIANTO_S / 2))
    if espera:
        largar_conexao()
        time.sleep(espera)
        recusar_bloqueada(baldes)


def bloquear(erro: ProviderUnavailable, limites: Sequence[Limite]) -> None:
    """The service said 429: nothing leaves the bucket it spoke of for the time it stated, or for the limit's own."""
    if not erro.bloqueio or erro.codigo == LIMITE_NOSSO:
        return  # our own brake is not the service's word
    limite = next((limite for limite in limites if limite.balde == erro.balde), limites[0])
    segundos = no_ritmo(limite.bloqueio).total_seconds() if erro.retry_after is None else erro.retry_after
    throttle.bloquear(limite.balde, segundos)
