"""Which function answers each simulated service, and what the edge needs to know before calling it."""

import json
from collections.abc import Callable
from typing import Any

from sandbox.integra_contador import envelope, procuracoes
from sandbox.integra_contador.envelope import Pedido, Resultado
from sandbox.integra_contador.erros import Recusa, gerenciador
from sandbox.integra_contador.pgdasd import consultas, das, transmitir
from sandbox.nucleo import ajustes as ajustes_do_nucleo
from sandbox.nucleo.ajustes import Ajustes

Servico = Callable[[Pedido, Ajustes, str], Resultado]

_SIMULADOS: dict[str, Servico] = {
    "TRANSDECLARACAO11": transmitir.transmitir,
    "GERARDAS12": das.gerar,
    "CONSDECLARACAO13": consultas.listar,
    "CONSULTIMADECREC14": consultas.ultima,
    "CONSDECREC15": consultas.por_numero,
    "CONSEXTRATO16": consultas.extrato,
    "OBTERPROCURACAO41": procuracoes.obter,
}
SIMULADOS = tuple(_SIMULADOS)
_COM_EFEITO = {"GERARDAS12"}


def atender(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    """Run a service. Raises Recusa; 028 for a service of the catalogue that is not simulated."""
    if pedido.servico not in _SIMULADOS:
        raise gerenciador(28, {"servico": pedido.servico})
    return _SIMULADOS[pedido.servico](pedido, ajustes, tag)


def cumprir_adiado(pedido: dict[str, Any]) -> None:
    """Carry out a request whose connection was dropped; a refusal leaves no effect, as it would have."""
    lido = envelope.ler(json.dumps(pedido["corpo"]).encode())
    try:
        atender(lido, ajustes_do_nucleo.ler(), pedido["tag"])
    except Recusa:
        return


def _dados(pedido: Pedido) -> dict[str, Any]:
    try:
        dados = envelope.ler_json(pedido.dados)
    except ValueError:
        return {}
    return dados if isinstance(dados, dict) else {}


def periodo(pedido: Pedido) -> str:
    """The AAAAMM a request is about, for the record of calls; empty when it has none."""
    dados = _dados(pedido)
    valor = str(dados.get("pa") or dados.get("periodoApuracao") or "")
    return valor if len(valor) == 6 and valor.isdecimal() else ""


def pede_efeito(pedido: Pedido) -> bool:
    """Whether the request asks for something to happen outside, not for a reading or a simulation."""
    if pedido.servico == "TRANSDECLARACAO11":
        return _dados(pedido).get("indicadorTransmissao") is True
    return pedido.servico in _COM_EFEITO
