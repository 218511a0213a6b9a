"""From an Operacao to the client that carries it out."""

from django.conf import settings

from credentials.services.acesso import acesso_de_nome
from credentials.services.termos import termo_da_empresa
from guias.providers.cliente import IntegraContador
from guias.providers.procurador import Autorizacao
from operacoes.clientes import Clientes
from operacoes.models import Operacao

# A change of the credencial counts a moment later; the engine's pauses are looked at for every item all the same.
_clientes: Clientes[IntegraContador] = Clientes()
esquecer = _clientes.esquecer


def abrir(operacao: Operacao) -> IntegraContador:
    """The client on the Operacao's own access, authorised by the autor of its pedido. Raises AccessDenied when the
    credencial cannot be used, or the autor has no certificate to sign with."""
    cliente = _clientes.achar(operacao.acesso, "", lambda: IntegraContador(acesso_de_nome(operacao.acesso)))
    partes = operacao.pedido["partes"]
    contratante, autor = partes["contratante"], partes["autor"]
    if autor != contratante and not settings.INTEGRA_CONTADOR.bearer_publico:
        termo = termo_da_empresa(operacao.empresa_id, contratante, autor)
        cliente.autorizacoes[autor] = Autorizacao(operacao.acesso, autor, termo)
    return cliente
