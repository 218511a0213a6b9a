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
    "Entrega",
    "Escritorio",
    "Guia",
    "GuiaQuerySet",
    "HistoricoMensal",
    "MensagemEntrega",
    "Novidade",
    "OpcaoDeRegime",
    "Processo",
    "ProcessoQuerySet",
    "Procuracao",
    "Receita",
    "Retificacao",
    "SituacaoGuia",
    "Tratamento",
]
