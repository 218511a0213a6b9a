"""Readings that a screen makes at once, beside the queue: no Operacao, no effect outside, but the limits of the queue.

What has an effect is an Operacao (docs/motor.md). A person waits for the answer, so the whole has a short deadline, the
wait for a turn in the limits counted.
"""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from uuid import uuid4

from operacoes import relogio, throttle
from operacoes.errors import ProviderUnavailable
from operacoes.handlers import Limite
from operacoes.http import Chamadas
from operacoes.motor.vez import bloquear, largar_conexao, limite_atingido, tomar_partida

PRAZO = 20.0  # seconds


def ler[R](chamar: Callable[[Chamadas], R], limites: Sequence[Limite], *, prazo: float = PRAZO) -> R:
    """What `chamar` answers, each of its calls after a start in every one of `limites` (strictest first).

    Not inside a transaction. Raises the error family; ProviderUnavailable also when no start comes within `prazo`
    seconds. A 429 stops the bucket for the queue as well.
    """
    throttle.garantir(limites)
    baldes = [limite.balde for limite in limites]
    deadline = relogio.segundos() + prazo

    def vez() -> None:
        tomar_partida(baldes, deadline)
        largar_conexao()

    with _um_por_vez([limite.balde for limite in limites if limite.em_serie], deadline):
        try:
            return chamar(Chamadas(tag=uuid4().hex, deadline=deadline, vez=vez))
        except ProviderUnavailable as erro:
            bloquear(erro, limites)
            raise


@contextlib.contextmanager
def _um_por_vez(baldes: Sequence[str], deadline: float) -> Iterator[None]:
    """Where the service wants one call at a time, wait for the Operacao in course and hold the next one back."""
    if not baldes:
        yield
        return
    dono = -1 - secrets.randbelow(2**62)
    while not throttle.deter(baldes, dono, deadline - relogio.segundos()):
        if relogio.segundos() + 0.2 >= deadline:
            raise limite_atingido(0)
        largar_conexao()
        time.sleep(0.2)
    try:
        yield
    finally:
        throttle.soltar([dono])
