"""All that an empresa's A1 does at the national NFS-e: one client for each of its three services."""

from nfse.providers.nacional.adn import Adn
from nfse.providers.nacional.parametros import Parametros
from nfse.providers.nacional.sefin import Sefin
from nfse.providers.nacional.transporte import AcessoNacional


class Nacional:
    def __init__(self, acesso: AcessoNacional, *, servico_com_pontos: bool = False) -> None:
        self.sefin = Sefin(acesso)
        self.adn = Adn(acesso)
        self.parametros = Parametros(acesso, com_pontos=servico_com_pontos)
