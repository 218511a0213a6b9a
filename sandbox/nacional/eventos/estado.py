"""The matrix of events: what the events of a note leave possible."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.nacional.eventos.catalogo import (
    ANALISE,
    ANULACAO,
    BLOQUEIO,
    CANCELAMENTO,
    CONFIRMACAO_TACITA,
    CONFIRMACAO_TOMADOR,
    DEFERIDO,
    DESBLOQUEIO,
    INDEFERIDO,
    MANIFESTACOES,
    REJEICOES,
    REPETIVEIS,
    SUBSTITUICAO,
)
from sandbox.nacional.models import Nota
from sandbox.nacional.municipios import ParametrosMunicipais


def codigos(nota: Nota) -> list[str]:
    """Of the note's events, oldest first."""
    return list(nota.eventos.order_by("id").values_list("codigo", flat=True))


def analise_pendente(historico: list[str]) -> bool:
    decisoes = [codigo for codigo in historico if codigo in (ANALISE, DEFERIDO, INDEFERIDO)]
    return bool(decisoes) and decisoes[-1] == ANALISE


def bloqueados(nota: Nota) -> set[str]:
    """The codes that blocks of the município keep out."""
    fora: set[str] = set()
    for codigo, bloqueia in nota.eventos.order_by("id").values_list("codigo", "bloqueia"):
        if codigo == BLOQUEIO:
            fora.add(bloqueia)
        elif codigo == DESBLOQUEIO:
            fora.discard(bloqueia)
    return fora


def impede_substituicao(nota: Nota) -> Iterator[str]:
    """For a note in force."""
    historico = codigos(nota)
    if analise_pendente(historico):
        yield "E0068"
    if CONFIRMACAO_TOMADOR in historico:
        yield "E0070"
    if CONFIRMACAO_TACITA in historico:
        yield "E0072"
    if SUBSTITUICAO in bloqueados(nota):
        yield "E0848"


def impede(nota: Nota, codigo: str, parametros: ParametrosMunicipais, agora: datetime) -> Iterator[str]:
    """Why an event cannot be registered on a note now."""
    historico = codigos(nota)
    if codigo in bloqueados(nota):
        yield "E0848"
    if codigo in MANIFESTACOES and any(anterior[:3] == codigo[:3] for anterior in _valem(historico)):
        yield "E1833"
    if nota.cancelamento:
        if codigo not in (BLOQUEIO, DESBLOQUEIO):
            yield "E0840"
        return
    if codigo == CANCELAMENTO:
        yield from _cancelamento(nota, historico, parametros, agora)
    elif not _cabe(codigo, historico):
        yield "E0845"


def _cabe(codigo: str, historico: list[str]) -> bool:
    """Whether an event has its place after those there are."""
    if codigo == ANALISE:
        return not analise_pendente(historico)
    if codigo in (DEFERIDO, INDEFERIDO):
        return analise_pendente(historico)
    if codigo == ANULACAO:
        return any(anterior in REJEICOES for anterior in _valem(historico))
    return codigo not in historico or codigo in REPETIVEIS | MANIFESTACOES


def _valem(historico: list[str]) -> list[str]:
    """The manifestations that stand: an annulment takes the rejections away."""
    em_vigor: list[str] = []
    for codigo in historico:
        if codigo == ANULACAO:
            em_vigor = [anterior for anterior in em_vigor if anterior not in REJEICOES]
        elif codigo in MANIFESTACOES:
            em_vigor.append(codigo)
    return em_vigor


def _cancelamento(nota: Nota, historico: list[str], parametros: ParametrosMunicipais, agora: datetime) -> Iterator[str]:
    if analise_pendente(historico):
        yield "E0068"
    dias, limite = parametros.cancelamento_dias, parametros.cancelamento_valor
    if dias is not None and agora > nota.emissao + timedelta(days=dias):
        yield "E0822"
    if limite is not None and nota.valor > Decimal(limite):
        yield "E0823"
