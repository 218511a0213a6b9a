"""What the sandbox leaves open about the services that tell and those of once a year."""

from typing import Any

from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.simuladores import Opcao


def _natural(valor: Any) -> bool:
    return isinstance(valor, int) and not isinstance(valor, bool) and valor >= 0


# Milliseconds that a protocol says to wait; how much longer than that the report takes; seconds until a renúncia is
# decided.
OPCOES = {
    "integra_contador.sitfis_espera_ms": Opcao(4000, _natural),
    "integra_contador.sitfis_demora_ms": Opcao(0, _natural),
    "integra_contador.renuncia_segundos": Opcao(20, _natural),
}


def opcao(ajustes: Ajustes, nome: str) -> int:
    return int(ajustes.valores[f"integra_contador.{nome}"])
