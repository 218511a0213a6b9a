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
from guias.models.declaracao import Caminho, Escritorio, OpcaoDeRegime, Processo, ProcessoQuerySet, Retificacao
from guias.models.entrega import MensagemEntrega
from guias.models.guia import Entrega, Guia, GuiaQuerySet, SituacaoGuia
from guias.models.pagamentos import Arrecadacao, ArrecadacaoQuerySet, Novidade
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
    "Arrecadacao",
    "ArrecadacaoQuerySet",
    "Caminho",
    "Consulta",
    "ConsultaQuerySet",
    "ConsultaRedesim",
    "DaEmpresaQuerySet",
    "DeclaracaoDefis",
    "Entrega",
    "Escritorio",
    "Guia",
    "GuiaQuerySet",
    "HistoricoMensal",
    "MensagemEcac",
    "MensagemEntrega",
    "Novidade",
    "OpcaoDeRegime",
    "OpcaoRegime",
    "Processo",
    "ProcessoQuerySet",
    "Procuracao",
    "RascunhoDefis",
    "Receita",
    "Renuncia",
    "Retificacao",
    "SituacaoGuia",
    "Tratamento",
]
