from empresas.models.cadastro import Carteira, Empresa, Importacao, Regime, RegimeEmpresa, com_carteiras_lidas
from empresas.models.contatos import Contato
from empresas.models.oficiais import (
    Cnae,
    FaixaSimples,
    Feriado,
    ItemLc116,
    Municipio,
    Obrigacao,
    ProrrogacaoVencimento,
    ReceitaFederal,
    ServicoNacional,
    TabelaCarregada,
)

__all__ = [
    "Carteira",
    "Cnae",
    "Contato",
    "Empresa",
    "FaixaSimples",
    "Feriado",
    "Importacao",
    "ItemLc116",
    "Municipio",
    "Obrigacao",
    "ProrrogacaoVencimento",
    "ReceitaFederal",
    "Regime",
    "RegimeEmpresa",
    "ServicoNacional",
    "TabelaCarregada",
    "com_carteiras_lidas",
]
