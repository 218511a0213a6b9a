"""SISGENF-e, the web service with which some town halls of Pernambuco issue service invoices: its client.

JSON over HTTPS, a log-in that gives a JWT, synchronous issue, a small language of queries. No certificate, no signed
XML, no PDF and no idempotency key: a lost answer is settled by looking for the note's marker (`Sisgenfe.procurar`).
Source: Systema Informática, API SISGENF-e, version 1.1. It documents no error, no limit and no lifetime of the token;
where it is silent the modules say what is done.
"""

from nfse.providers.sisgenfe.acesso import AcessoSisgenfe, esquecer
from nfse.providers.sisgenfe.chamada import CANCELAMENTO_JA_PEDIDO
from nfse.providers.sisgenfe.cliente import MARCA_REPETIDA, Busca, Sisgenfe
from nfse.providers.sisgenfe.envio import TIPOS_DE_CANCELAMENTO, informa_iss, problemas
from nfse.providers.sisgenfe.referencias import Atividade, Municipio, Referencias, TomadorNoServico, Unidade

__all__ = [
    "CANCELAMENTO_JA_PEDIDO",
    "MARCA_REPETIDA",
    "TIPOS_DE_CANCELAMENTO",
    "AcessoSisgenfe",
    "Atividade",
    "Busca",
    "Municipio",
    "Referencias",
    "Sisgenfe",
    "TomadorNoServico",
    "Unidade",
    "esquecer",
    "informa_iss",
    "problemas",
]
