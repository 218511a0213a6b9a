"""Which operation a path is, in which of the two contexts; every part of a path is a setting."""

from dataclasses import dataclass

from sandbox.totvs.opcoes import Opcoes
from sandbox.totvs.operacoes import IMPOSTOS, OPERACOES, Operacao

EXTERNO, PORTAL = "externo", "portal"


@dataclass(frozen=True)
class Rota:
    """`operacoes` are those of the path, by verb; `identificador` is the variable part of the tax listing."""

    ambiente: str
    operacoes: dict[str, Operacao]
    identificador: str = ""


def achar(caminho: str, opcoes: Opcoes) -> Rota | None:
    """The route of a path below the base, which begins with a slash; None when there is none."""
    for ambiente in (EXTERNO, PORTAL):
        contexto = opcoes[f"contexto_{ambiente}"].rstrip("/")
        if caminho.startswith(f"{contexto}/") and (rota := _no_contexto(ambiente, caminho[len(contexto) :], opcoes)):
            return rota
    return None


def _no_contexto(ambiente: str, resto: str, opcoes: Opcoes) -> Rota | None:
    recurso = opcoes["caminho_recurso"].rstrip("/")
    achadas = {
        operacao.metodo: operacao
        for operacao in OPERACOES
        if operacao.nome != IMPOSTOS and resto.rstrip("/") == f"{recurso}{opcoes[operacao.opcao]}".rstrip("/")
    }
    if achadas:
        return Rota(ambiente, achadas)
    antes, depois = opcoes["caminho_impostos"].split("{IdVendorsPayments}")
    meio = resto.removeprefix(antes).removesuffix("/" if not depois.endswith("/") else "").removesuffix(depois)
    inteiro = antes + meio + depois
    if resto.rstrip("/") == inteiro.rstrip("/") and meio and "/" not in meio:
        return Rota(ambiente, {operacao.metodo: operacao for operacao in OPERACOES if operacao.nome == IMPOSTOS}, meio)
    return None
