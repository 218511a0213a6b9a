from guias.models.apuracao import (
    COM_OUTRO_MUNICIPIO,
    COM_TRATAMENTO,
    TIPOS_DA_APURACAO,
    Apuracao,
    ApuracaoQuerySet,
    HistoricoMensal,
    Receita,
    Tratamento,
)
from guias.models.guia import Entrega, Guia, GuiaQuerySet, SituacaoGuia
from guias.models.receita import (
    ConsultaRedesim,
    DaEmpresaQuerySet,
    DeclaracaoDefis,
    MensagemEcac,
    OpcaoRegime,
    RascunhoDefis,
    Renuncia,
)
from guias.models.respostas import Consulta, ConsultaQuerySet, Procuracao

__all__ = [
    "COM_OUTRO_MUNICIPIO",
    "COM_TRATAMENTO",
    "TIPOS_DA_APURACAO",
    "Apuracao",
    "ApuracaoQuerySet",
    "Consulta",
    "ConsultaQuerySet",
    "ConsultaRedesim",
    "DaEmpresaQuerySet",
    "DeclaracaoDefis",
    "Entrega",
    "Guia",
    "GuiaQuerySet",
    "HistoricoMensal",
    "MensagemEcac",
    "OpcaoRegime",
    "Procuracao",
    "RascunhoDefis",
    "Receita",
    "Renuncia",
    "SituacaoGuia",
    "Tratamento",
]
