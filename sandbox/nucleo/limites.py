"""Rate limits, as set: so many calls in a sliding window, and a block of some time when one comes over.

A call counts in every limit it falls under; one that is refused counts in none, and does not lengthen a block unless
the limit says so (`estende`). The window slides, unless `janela` is `fixa`: then it begins at every multiple of its
length.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.nucleo import rapido
from sandbox.nucleo.livro import gravacao
from sandbox.nucleo.models import Bloqueio, Passagem

POR = ("token", "documento", "ip")  # a limit of each token, of each document a token asks for, of each machine
DESLIZANTE, FIXA = "deslizante", "fixa"
EXCEDIDO, BLOQUEADO = "excedido", "bloqueado"


@dataclass(frozen=True)
class Estouro:
    """A call that a limit refuses: why, and the Retry-After (None: the limit does not tell it)."""

    motivo: str
    espera: int | None


def passar(
    limites: list[dict[str, Any]], agora: datetime, *, operacao: str, token: str, documento: str, ip: str = ""
) -> Estouro | None:
    """Count a call, or say which refusal it meets."""
    seus = [limite for limite in limites if limite["operacao"] in ("", operacao)]
    if not seus:
        return None
    with gravacao():
        chaves = [_chave(limite, token, documento, ip) for limite in seus]
        for limite, chave in zip(seus, chaves, strict=True):
            if estouro := _estouro(limite, chave, agora):
                return estouro
        for chave in chaves:
            rapido.inserir(Passagem(chave=chave, instante=agora))
    return None


def _chave(limite: dict[str, Any], token: str, documento: str, ip: str) -> str:
    if limite["por"] == "ip":
        return f"{limite['nome']}/{ip}"
    chave = f"{limite['nome']}/{hashlib.sha256(token.encode()).hexdigest()[:16]}"
    return f"{chave}/{documento}" if limite["por"] == "documento" else chave


def _estouro(limite: dict[str, Any], chave: str, agora: datetime) -> Estouro | None:
    bloqueio = rapido.primeiro(Bloqueio, "chave = %s AND ate > %s", [chave, rapido.instante(agora)])
    if bloqueio is not None:
        if limite.get("estende"):
            return _bloquear(limite, chave, agora, BLOQUEADO)
        return Estouro(BLOQUEADO, _espera(limite, bloqueio.ate - agora))
    inicio = rapido.instante(_inicio(limite, agora))
    rapido.executar("DELETE FROM nucleo_passagem WHERE chave = %s AND instante <= %s", [chave, inicio])
    [(passadas,)] = rapido.todas("SELECT count(*) FROM nucleo_passagem WHERE chave = %s", [chave])
    if passadas < limite["quantidade"]:
        return None
    return _bloquear(limite, chave, agora, EXCEDIDO)


def _inicio(limite: dict[str, Any], agora: datetime) -> datetime:
    """What came at this instant or before no longer counts."""
    segundos = limite["segundos"]
    if limite.get("janela", DESLIZANTE) == DESLIZANTE:
        return agora - timedelta(seconds=segundos)
    return agora - timedelta(seconds=agora.timestamp() % segundos, microseconds=1)


def _bloquear(limite: dict[str, Any], chave: str, agora: datetime, motivo: str) -> Estouro:
    bloqueio = timedelta(seconds=limite["bloqueio_segundos"])
    Bloqueio.objects.update_or_create(chave=chave, defaults={"ate": agora + bloqueio})
    return Estouro(motivo, _espera(limite, bloqueio))


def _espera(limite: dict[str, Any], resto: timedelta) -> int | None:
    return math.ceil(resto.total_seconds()) if limite["retry_after"] else None
