"""REGIMEAPURACAO: the yearly option between caixa and competência. It cannot be changed once made.

Source: SERPRO, API Integra Contador, pages of REGIME (Integra SN).
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guias.providers import wire
from guias.providers.catalogo import Servico, achar
from guias.providers.cliente import IntegraContador, NadaEncontrado, lendo
from guias.providers.interface import Partes
from guias.providers.textos import texto_de
from operacoes.http import Chamadas

EFETUAROPCAOREGIME101 = achar("REGIMEAPURACAO", "EFETUAROPCAOREGIME101")
CONSULTARANOSCALENDARIOS102 = achar("REGIMEAPURACAO", "CONSULTARANOSCALENDARIOS102")
CONSULTAROPCAOREGIME103 = achar("REGIMEAPURACAO", "CONSULTAROPCAOREGIME103")
CONSULTARRESOLUCAO104 = achar("REGIMEAPURACAO", "CONSULTARRESOLUCAO104")

COMPETENCIA, CAIXA = "COMPETENCIA", "CAIXA"
_TIPOS = {COMPETENCIA: 0, CAIXA: 1}


@dataclass(frozen=True)
class OpcaoLida:
    """The option of a year: `regime` is COMPETENCIA or CAIXA, `agora` the service's clock at the answer."""

    ano: int
    regime: str
    feita_em: datetime | None
    demonstrativo: bytes = b""
    agora: datetime | None = None


def optar(cliente: IntegraContador, partes: Partes, ano: int, regime: str, *, chamadas: Chamadas) -> OpcaoLida:
    """Make the option of a year, agreeing with the resolution."""
    dados = {"anoOpcao": ano, "tipoRegime": _TIPOS[regime], "descritivoRegime": regime, "deAcordoResolucao": True}
    resposta = cliente.chamar(EFETUAROPCAOREGIME101, partes, dados, chamadas)
    with lendo(EFETUAROPCAOREGIME101):
        return _opcao(resposta.dados, resposta.agora)


def anos(cliente: IntegraContador, partes: Partes, *, chamadas: Chamadas) -> dict[int, str]:
    """The regime of each year with an option."""
    try:
        resposta = cliente.chamar(CONSULTARANOSCALENDARIOS102, partes, None, chamadas)
    except NadaEncontrado:
        return {}
    with lendo(CONSULTARANOSCALENDARIOS102):
        return {int(item["anoCalendario"]): _regime(item["regimeApurado"]) for item in resposta.dados or []}


def opcao(cliente: IntegraContador, partes: Partes, ano: int, *, chamadas: Chamadas) -> OpcaoLida | None:
    try:
        resposta = cliente.chamar(CONSULTAROPCAOREGIME103, partes, {"anoCalendario": ano}, chamadas)
    except NadaEncontrado:
        return None
    with lendo(CONSULTAROPCAOREGIME103):
        return _opcao(resposta.dados, resposta.agora)


def resolucao(cliente: IntegraContador, partes: Partes, ano: int, *, chamadas: Chamadas) -> str:
    """The text of the resolution that the option for caixa agrees with."""
    resposta = cliente.chamar(CONSULTARRESOLUCAO104, partes, {"anoCalendario": ano}, chamadas)
    with lendo(CONSULTARRESOLUCAO104):
        return _texto(CONSULTARRESOLUCAO104, wire.um(resposta.dados)["textoResolucao"])


def _opcao(dados: Any, agora: datetime | None) -> OpcaoLida:
    corpo = wire.um(dados)
    feita = corpo.get("dataHoraOpcao")
    return OpcaoLida(
        ano=int(corpo["anoCalendario"]),
        regime=_regime(corpo["regimeEscolhido"]),
        feita_em=wire.instante(feita) if feita else None,
        demonstrativo=wire.pdf(corpo.get("demonstrativoPdf")),
        agora=agora,
    )


def _regime(valor: Any) -> str:
    regime = str(valor).strip().upper().replace("Ê", "E")
    if regime not in _TIPOS:
        raise ValueError(f"regime {regime}")
    return regime


def _texto(servico: Servico, codificado: Any) -> str:
    bruto = base64.b64decode(str(codificado), validate=True)
    try:
        texto = bruto.decode("utf-8")
    except UnicodeDecodeError:
        texto = bruto.decode("cp1252")
    limpo = texto_de(texto)
    if not limpo:
        raise ValueError(f"{servico}: empty resolution")
    return limpo
