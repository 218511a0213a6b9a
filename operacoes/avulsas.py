"""Readings that a screen makes at once, beside the queue: no Operacao, no effect outside, but the limits of the queue.

What has an effect is an Operacao (docs/motor.md). A person waits for the answer, so the whole has a short deadline, the
wait for a turn in the limits counted.
"""

from collections.abc import Callable, Sequence
from uuid import uuid4

from operacoes import relogio, throttle
from operacoes.errors import ProviderUnavailable
from operacoes.handlers import Limite
from operacoes.http import Chamadas
from operacoes.motor.vez import bloquear, largar_conexao, tomar_partida

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

    try:
        return chamar(Chamadas(tag=uuid4().hex, deadline=deadline, vez=vez))
    except ProviderUnavailable as erro:
        bloquear(erro, limites)
        raise
