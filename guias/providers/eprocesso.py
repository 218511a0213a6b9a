"""EPROCESSO: the digital processes in which a contribuinte is interested.

Source: SERPRO, API Integra Contador, pages of EPROCESSO (version 2.0, April 2026).
"""

from dataclasses import dataclass

from guias.providers.catalogo import achar
from guias.providers.cliente import IntegraContador, NadaEncontrado, lendo
from guias.providers.interface import Partes
from operacoes.http import Chamadas

CONSPROCPORINTER271 = achar("EPROCESSO", "CONSPROCPORINTER271")


@dataclass(frozen=True)
class Processo:
    """In the service's words; `protocolo` is DD/MM/AAAA."""

    numero: str
    relacao: str
    protocolo: str
    tipo: str
    subtipo: str
    localizacao: str
    situacao: str


def processos(cliente: IntegraContador, partes: Partes, *, chamadas: Chamadas) -> list[Processo]:
    try:
        resposta = cliente.chamar(CONSPROCPORINTER271, partes, None, chamadas)
    except NadaEncontrado:
        return []
    with lendo(CONSPROCPORINTER271):
        return [
            Processo(
                numero=str(item["numeroDoProcesso"]),
                relacao=str(item.get("relacaoDoInteressadoComOProcesso") or ""),
                protocolo=str(item.get("dataDeProtocolo") or ""),
                tipo=str(item.get("tipoDoProcesso") or ""),
                subtipo=str(item.get("subtipoDoProcesso") or ""),
                localizacao=str(item.get("localizacao") or ""),
                situacao=str(item.get("situacao") or ""),
            )
            for item in resposta.dados or []
        ]
