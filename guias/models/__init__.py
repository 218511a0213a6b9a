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
from guias.models.federais import (
    ApuracaoMit,
    Darf,
    DarfQuerySet,
    DctfwebQuerySet,
    DeclaracaoDctfweb,
    MitQuerySet,
    ReceitaSicalc,
    TaxaSelic,
)
from guias.models.guia import Entrega, Guia, GuiaQuerySet, SituacaoGuia
from guias.models.respostas import Consulta, ConsultaQuerySet, Procuracao

__all__ = [
    "COM_OUTRO_MUNICIPIO",
    "COM_TRATAMENTO",
    "TIPOS_DA_APURACAO",
    "Apuracao",
    "ApuracaoMit",
    "ApuracaoQuerySet",
    "Consulta",
    "ConsultaQuerySet",
    "Darf",
    "DarfQuerySet",
    "DctfwebQuerySet",
    "DeclaracaoDctfweb",
    "Entrega",
    "Guia",
    "GuiaQuerySet",
    "HistoricoMensal",
    "MitQuerySet",
    "Procuracao",
    "Receita",
    "ReceitaSicalc",
    "SituacaoGuia",
    "TaxaSelic",
    "Tratamento",
]
