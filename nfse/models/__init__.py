from nfse.models.cadastro import Contrato, Servico, Tomador, TomadorNoCanal
from nfse.models.canais import (
    PREFIXO,
    CanalNfse,
    ContaSofthouse,
    NumeroDeFora,
    NumeroLivre,
    ReferenciaCanal,
    RegraCanal,
    TipoCanal,
)
from nfse.models.distribuicao import CursorAdn, DocumentoAdn
from nfse.models.exigencias import Exigibilidade, Natureza, RegimeApuracao, RegimeTributacao, Responsavel
from nfse.models.nacional import ConvenioNacional, DocumentoAssinado, EmissorMunicipal, ParametroMunicipal
from nfse.models.notas import Cancelamento, CartaCorrecao, EventoNota, Nota, NotaItem, nova_marca
from nfse.models.recebidas import AvisoWebhook, NotaRecebida

__all__ = [
    "PREFIXO",
    "AvisoWebhook",
    "CanalNfse",
    "Cancelamento",
    "CartaCorrecao",
    "ContaSofthouse",
    "Contrato",
    "ConvenioNacional",
    "CursorAdn",
    "DocumentoAdn",
    "DocumentoAssinado",
    "EmissorMunicipal",
    "EventoNota",
    "Exigibilidade",
    "Natureza",
    "Nota",
    "NotaItem",
    "NotaRecebida",
    "NumeroDeFora",
    "NumeroLivre",
    "ParametroMunicipal",
    "ReferenciaCanal",
    "RegimeApuracao",
    "RegimeTributacao",
    "RegraCanal",
    "Responsavel",
    "Servico",
    "TipoCanal",
    "Tomador",
    "TomadorNoCanal",
    "nova_marca",
]
