"""What each simulated service gives to the edge: a system's module lists its own in `SERVICOS`, by idServico."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.integra_contador.envelope import Pedido, Resultado, ler_json
from sandbox.nucleo.ajustes import Ajustes


def dados_de(pedido: Pedido) -> dict[str, Any]:
    """The object inside `dados`; empty for anything else, which the service itself refuses."""
    try:
        dados = ler_json(pedido.dados)
    except ValueError:
        return {}
    return dados if isinstance(dados, dict) else {}


def le(pedido: Pedido) -> bool:
    return False


def tem_efeito(pedido: Pedido) -> bool:
    return True


@dataclass(frozen=True)
class Simulado:
    """`atender` answers or raises Recusa. `pede_efeito`: whether this request asks for something to happen outside, not
    for a reading or a simulation."""

    atender: Callable[[Pedido, Ajustes, str], Resultado]
    pede_efeito: Callable[[Pedido], bool] = le
