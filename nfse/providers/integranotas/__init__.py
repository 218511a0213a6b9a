"""Client of Integra Notas (formerly CloudDFe), a gateway of NFS-e for many town halls.

Sources: the vendor's page "Fluxo da API" (authoritative), its public client libraries (cloud-dfe/sdk-php,
sdk-python, sdk-nodejs, sdk-go, as of May 2026) and what integrators read from its answers. docs/integra-notas.md tells
what is certain, what is not, and what this client does about it.
"""

from nfse.providers.integranotas.emitente import DoEmitente
from nfse.providers.integranotas.faltas import MOTIVO_MAXIMO, MOTIVO_MINIMO
from nfse.providers.integranotas.notas import Notas
from nfse.providers.integranotas.payload import problemas
from nfse.providers.integranotas.recebidas import Recebidas
from nfse.providers.integranotas.softhouse import Softhouse
from nfse.providers.integranotas.transporte import AcessoIntegraNotas


class IntegraNotas(Notas, Recebidas, DoEmitente):
    """All that an emitente's token does."""


__all__ = ["MOTIVO_MAXIMO", "MOTIVO_MINIMO", "AcessoIntegraNotas", "IntegraNotas", "Softhouse", "problemas"]
