"""The fields of a batch of titles that a person may fill when it is sent; the rest of its header is the services'."""

from django.http import QueryDict

from pagar.forms.corpo import CorpoDigitado
from pagar.providers.campos import PADRAO
from pagar.providers.interface import LoteTitulos

SEM = ("empresa", "estabelecimento", "referencia", "data", "total", "matriz", "titulos")


def do_lote(dados: QueryDict | None) -> CorpoDigitado[LoteTitulos]:
    return CorpoDigitado(LoteTitulos, PADRAO, dados=dados, sem=SEM, prefixo="lote")
