"""From an Operacao to the client that carries it out."""

from credentials.services.acesso import acesso_de_nome
from guias.providers.cliente import IntegraContador
from operacoes.clientes import Clientes
from operacoes.models import Operacao

# A change of the credencial counts a moment later; the engine's pauses are looked at for every item all the same.
_clientes: Clientes[IntegraContador] = Clientes()
esquecer = _clientes.esquecer


def abrir(operacao: Operacao) -> IntegraContador:
    """The client on the Operacao's own access. Raises AccessDenied when the credencial cannot be used."""
    return _clientes.achar(operacao.acesso, "", lambda: IntegraContador(acesso_de_nome(operacao.acesso)))
