"""SITFIS: the report of situação fiscal, asked for by protocol and drawn later.

The wait is the service's own, in milliseconds: asked for sooner, the report costs a call and does not come.
Source: SERPRO, API Integra Contador, pages of SITFIS (version 2.0).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from guias.providers import wire
from guias.providers.catalogo import achar
from guias.providers.cliente import IntegraContador, Resposta, lendo
from guias.providers.interface import Partes
from operacoes.errors import ProviderUnavailable
from operacoes.http import Chamadas

SOLICITARPROTOCOLO91 = achar("SITFIS", "SOLICITARPROTOCOLO91")
RELATORIOSITFIS92 = achar("SITFIS", "RELATORIOSITFIS92")

# The protocol of the day comes again without saying how long is left of its wait.
ESPERA_COMUM = timedelta(seconds=4)
_MAIOR_ESPERA = timedelta(hours=1)
_RECOMECAR = "ER05"


@dataclass(frozen=True)
class Protocolo:
    """Valid on its day only, for the same three parties; the report is asked for after `espera`."""

    numero: str
    espera: timedelta


@dataclass(frozen=True)
class AindaNao:
    """The report is not ready: ask again after `espera`. `recomecar`: with another protocol, this one is lost."""

    espera: timedelta
    recomecar: bool = False


def solicitar(cliente: IntegraContador, partes: Partes, *, chamadas: Chamadas) -> Protocolo:
    """Free. While there is a protocol of the day, it is the answer again (304)."""
    resposta = cliente.chamar(SOLICITARPROTOCOLO91, partes, None, chamadas, aceita=(200, 304))
    with lendo(SOLICITARPROTOCOLO91):
        if resposta.status == 304:
            return Protocolo(_da_etag(resposta, "protocoloRelatorio"), ESPERA_COMUM)
        numero = str(resposta.dados["protocoloRelatorio"])
        if not numero:
            raise ValueError("no protocol")
        return Protocolo(numero, _milissegundos(resposta.dados.get("tempoEspera")))


def relatorio(cliente: IntegraContador, partes: Partes, protocolo: str, *, chamadas: Chamadas) -> bytes | AindaNao:
    """The PDF, or how long it still takes."""
    dados = {"protocoloRelatorio": protocolo}
    try:
        resposta = cliente.chamar(RELATORIOSITFIS92, partes, dados, chamadas, aceita=(200, 202, 204))
    except ProviderUnavailable as erro:
        if erro.codigo.upper().endswith(_RECOMECAR):
            return AindaNao(ESPERA_COMUM, recomecar=True)
        raise
    with lendo(RELATORIOSITFIS92):
        if resposta.status == 204:
            return AindaNao(_milissegundos(_da_etag(resposta, "tempoEspera")))
        corpo = wire.um(resposta.dados)
        if resposta.status == 202:
            return AindaNao(_milissegundos(corpo.get("tempoEspera")))
        return wire.pdf_obrigatorio(corpo["pdf"])


def _da_etag(resposta: Resposta, nome: str) -> str:
    """The value of an etag written as "nome:valor"."""
    antes, _, valor = resposta.etag.partition(":")
    if antes.strip() != nome or not valor.strip():
        raise ValueError(f"etag without {nome}")
    return valor.strip()


def _milissegundos(valor: Any) -> timedelta:
    espera = timedelta(milliseconds=int(valor)) if valor is not None else ESPERA_COMUM
    return min(max(espera, timedelta(0)), _MAIOR_ESPERA)
