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
    "Consulta",
    "ConsultaQuerySet",
    "Entrega",
    "Guia",
    "GuiaQuerySet",
    "HistoricoMensal",
    "MensagemEntrega",
    "Novidade",
    "Procuracao",
    "Receita",
    "SituacaoGuia",
    "Tratamento",
]
