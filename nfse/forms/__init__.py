from nfse.forms.contratos import ContratoForm, ReajusteForm
from nfse.forms.servicos import ServicoForm
from nfse.forms.tomadores import TomadorForm

__all__ = ["ContratoForm", "ReajusteForm", "ServicoForm", "TomadorForm"]
