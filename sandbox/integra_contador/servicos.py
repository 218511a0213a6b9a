"""Which function answers each simulated service, and what the edge needs to know before calling it."""

import json
from typing import Any

from sandbox.integra_contador import ccmei, envelope, novidades, pagtoweb, procuracoes, procurador
from sandbox.integra_contador.dctfweb import servicos as dctfweb
from sandbox.integra_contador.envelope import Pedido, Resultado
from sandbox.integra_contador.erros import Recusa
from sandbox.integra_contador.mit import servicos as mit
from sandbox.integra_contador.parcelamentos import servicos as parcelamentos
from sandbox.integra_contador.pgdasd import servicos as pgdasd
from sandbox.integra_contador.pgmei import servicos as pgmei
from sandbox.integra_contador.receita import servicos as receita
from sandbox.integra_contador.sicalc import servicos as sicalc
from sandbox.integra_contador.simulado import Simulado, dados_de
from sandbox.nucleo import ajustes as ajustes_do_nucleo
from sandbox.nucleo.ajustes import Ajustes

_SIMULADOS: dict[str, Simulado] = {
    **ccmei.SERVICOS,
    **dctfweb.SERVICOS,
    **mit.SERVICOS,
    **novidades.SERVICOS,
    **pagtoweb.SERVICOS,
    **parcelamentos.SERVICOS,
    **pgdasd.SERVICOS,
    **pgmei.SERVICOS,
    **procuracoes.SERVICOS,
    **procurador.SERVICOS,
    **receita.SERVICOS,
    **sicalc.SERVICOS,
}
SIMULADOS = tuple(_SIMULADOS)


def atender(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    """Run a service that the catalogue has in production. Raises Recusa."""
    return _SIMULADOS[pedido.servico].atender(pedido, ajustes, tag)


def cumprir_adiado(pedido: dict[str, Any]) -> None:
    """Carry out a request whose connection was dropped; a refusal leaves no effect, as it would have."""
    lido = envelope.ler(json.dumps(pedido["corpo"]).encode())
    try:
        atender(lido, ajustes_do_nucleo.ler(), pedido["tag"])
    except Recusa:
        return


def periodo(pedido: Pedido) -> str:
    """The AAAAMM a request is about, for the record of calls; empty when it has none."""
    dados = dados_de(pedido)
    nomes = ("pa", "periodoApuracao", "parcelaParaEmitir", "anoMesParcela")
    valor = next((str(dados[nome]) for nome in nomes if dados.get(nome)), "")
    return valor if len(valor) == 6 and valor.isdecimal() else ""


def pede_efeito(pedido: Pedido) -> bool:
    """Whether the request asks for something to happen outside, not for a reading or a simulation."""
    simulado = _SIMULADOS.get(pedido.servico)
    return simulado is not None and simulado.pede_efeito(pedido)
