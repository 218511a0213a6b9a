"""From an Operacao to the client that carries it out."""

import time

from credentials.services.acesso import acesso_de_nome
from guias.providers.integra_contador import IntegraContador
from operacoes.models import Operacao

# Opening the vault for every item of a bulk run would cost more than the call; a change of the credencial counts from
# here on, and the engine's pauses are looked at for every item all the same.
VALE_S = 2.0
_clientes: dict[str, tuple[float, IntegraContador]] = {}


def abrir(operacao: Operacao) -> IntegraContador:
    """The client on the Operacao's own access. Raises AccessDenied when the credencial cannot be used."""
    guardado = _clientes.get(operacao.acesso)
    if guardado is not None and guardado[0] > time.monotonic():
        return guardado[1]
    cliente = IntegraContador(acesso_de_nome(operacao.acesso))
    _clientes[operacao.acesso] = (time.monotonic() + VALE_S, cliente)
    return cliente


def esquecer() -> None:
    """Open again at the next call."""
    _clientes.clear()
