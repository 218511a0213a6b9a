"""The rate limits of the service: each call counts in one bucket of its token, and in its machine's when that is on.

Published: 5 a minute on /soft, 2 a minute for each token and chave, 60 a minute for the rest, a block of 5 minutes.
"""

from typing import Any

from sandbox.integranotas.catalogo import CHAVE, Operacao
from sandbox.integranotas.opcoes import Opcoes
from sandbox.nucleo import limites
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.limites import Estouro

_SEPARADAS = ("nfse_pdf", "nfse_resolve")


def _limite(opcoes: Opcoes, nome: str, quantidade: int, por: str) -> dict[str, Any]:
    return {
        "nome": f"integranotas.{nome}",
        "por": por,
        "operacao": "",
        "quantidade": quantidade,
        "segundos": opcoes["limite_segundos"],
        "bloqueio_segundos": opcoes["limite_bloqueio_segundos"],
        "janela": opcoes["limite_janela"],
        "estende": opcoes["limite_estende"],
        "retry_after": opcoes["limite_retry_after"],
    }


def _seus(operacao: Operacao, opcoes: Opcoes) -> list[dict[str, Any]]:
    if not opcoes["limites"]:
        return []
    nome, por = operacao.balde, "documento" if operacao.balde == CHAVE else "token"
    balde = nome
    if nome == CHAVE and opcoes["limite_chave_separada"] and operacao.nome in _SEPARADAS:
        balde = operacao.nome
    achados = []
    if quantidade := opcoes[f"limite_{nome}"]:
        achados.append(_limite(opcoes, balde, quantidade, por))
    if por_ip := opcoes["limite_ip"]:
        achados.append(_limite(opcoes, "ip", por_ip, "ip"))
    return achados


def passar(ajustes: Ajustes, operacao: Operacao, *, token: str, chave: str, ip: str) -> Estouro | None:
    """Count a call, in the service's own limits and in those of the control page."""
    return limites.passar(
        [*_seus(operacao, Opcoes(ajustes)), *ajustes.valores["limites"]],
        ajustes.agora(),
        operacao=operacao.nome,
        token=token,
        documento=chave,
        ip=ip,
    )
