"""TOTVS Datasul, Contas a Pagar: the client of the ERP's REST API of titles.

JSON over HTTP with Basic or a ready Bearer token, in one of two contexts of the same programs. Source: TOTVS, page of
the REST API of Contas a Pagar (bodies, errors, listing of taxes), its published swagger (paths) and its API guide.
"""

from pagar.providers.datasul.acesso import (
    CODIGOS_DO_SIMULADOR,
    CONTEXTO_API,
    CONTEXTO_PORTAL,
    AcessoDatasul,
    Caminhos,
    Motivo,
)
from pagar.providers.datasul.cliente import CORPO_MAXIMO, Datasul
from pagar.providers.datasul.corpo import codificar, montar
from pagar.providers.datasul.erros import JA_USADAS, ConfiguracaoErrada, JaUsada, RecusaErp

__all__ = [
    "CODIGOS_DO_SIMULADOR",
    "CONTEXTO_API",
    "CONTEXTO_PORTAL",
    "CORPO_MAXIMO",
    "JA_USADAS",
    "AcessoDatasul",
    "Caminhos",
    "ConfiguracaoErrada",
    "Datasul",
    "JaUsada",
    "Motivo",
    "RecusaErp",
    "codificar",
    "montar",
]
