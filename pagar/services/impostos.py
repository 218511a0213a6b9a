"""The taxes that the ERP has linked to a title, read at once for a screen."""

from collections.abc import Mapping, Sequence

from operacoes import avulsas
from pagar.models import ContaErp
from pagar.providers.interface import ImpostoListado
from pagar.services import acesso

PRAZO = 60.0  # seconds: a listing of many pages

# What a listing is sorted by, in the ERP's names, and how each is called here.
ORDENS: Mapping[str, str] = {
    "TaxCode": "Imposto",
    "TaxSort": "Classificação",
    "TaxDescription": "Descrição",
    "TaxDueDate": "Vencimento",
    "TaxAmount": "Valor",
    "-TaxAmount": "Valor, do maior ao menor",
}


def listar(conta: ContaErp, identificador: int, ordem: str = "") -> Sequence[ImpostoListado]:
    """To the end of its pages, in the ERP's own order, or that of `ordem` (a key of ORDENS). Not inside a transaction.
    Raises the error family."""
    sessao = acesso.abrir(conta)
    return avulsas.ler(
        lambda chamadas: sessao.cliente.impostos(identificador, chamadas=chamadas, ordem=ordem),
        acesso.limites(conta.acesso),
        prazo=PRAZO,
    )
