"""Effects that land late. They land when the clock has reached their instant and something looks: a call or a query.

Nothing can observe the difference between landing at an instant and landing at the first look after it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sandbox.nucleo import rapido
from sandbox.nucleo.livro import gravacao
from sandbox.nucleo.models import EfeitoAdiado

_CUMPRIR: dict[str, Callable[[dict[str, Any]], None]] = {}


def atender(servico: str, cumprir: Callable[[dict[str, Any]], None]) -> None:
    """Register how a service carries out a postponed request."""
    _CUMPRIR[servico] = cumprir


def adiar(servico: str, pedido: dict[str, Any], agora: datetime, segundos: float) -> None:
    EfeitoAdiado.objects.create(servico=servico, pedido=pedido, quando=agora + timedelta(seconds=segundos))


def pousar(agora: datetime) -> None:
    """Carry out every postponed request whose time has come."""
    if not rapido.existe("SELECT 1 FROM nucleo_efeitoadiado WHERE quando <= %s LIMIT 1", [rapido.instante(agora)]):
        return
    vencidos = EfeitoAdiado.objects.filter(quando__lte=agora).order_by("quando", "id")
    with gravacao():
        for adiado in vencidos:
            adiado.delete()
            _CUMPRIR[adiado.servico](adiado.pedido)
