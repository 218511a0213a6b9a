"""Rate limits, as set: so many calls in a sliding window, and a block of some time when one comes over.

A call counts in every limit it falls under; one that is refused counts in none, and does not lengthen a block.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.nucleo import rapido
from sandbox.nucleo.livro import gravacao
from sandbox.nucleo.models import Bloqueio, Passagem

POR = ("token", "documento")  # a limit of each token, or of each document a token asks for
EXCEDIDO, BLOQUEADO = "excedido", "bloqueado"


@dataclass(frozen=True)
class Estouro:
    """A call that a limit refuses: why, and the Retry-After (None: the limit does not tell it)."""

    motivo: str
    espera: int | None


def passar(
    limites: list[dict[str, Any]], agora: datetime, *, operacao: str, token: str, documento: str
) -> Estouro | None:
    """Count a call, or say which refusal it meets."""
    seus = [limite for limite in limites if limite["operacao"] in ("", operacao)]
    if not seus:
        return None
    with gravacao():
        chaves = [_chave(limite, token, documento) for limite in seus]
        for limite, chave in zip(seus, chaves, strict=True):
            if estouro := _estouro(limite, chave, agora):
                return estouro
        for chave in chaves:
            rapido.inserir(Passagem(chave=chave, instante=agora))
    return None


def _chave(limite: dict[str, Any], token: str, documento: str) -> str:
    chave = f"{limite['nome']}/{hashlib.sha256(token.encode()).hexdigest()[:16]}"
    return f"{chave}/{documento}" if limite["por"] == "documento" else chave


def _estouro(limite: dict[str, Any], chave: str, agora: datetime) -> Estouro | None:
    bloqueio = rapido.primeiro(Bloqueio, "chave = %s AND ate > %s", [chave, rapido.instante(agora)])
    if bloqueio is not None:
        return Estouro(BLOQUEADO, _espera(limite, bloqueio.ate - agora))
    inicio = rapido.instante(agora - timedelta(seconds=limite["segundos"]))
    rapido.executar("DELETE FROM nucleo_passagem WHERE chave = %s AND instante <= %s", [chave, inicio])
    [(passadas,)] = rapido.todas("SELECT count(*) FROM nucleo_passagem WHERE chave = %s", [chave])
    if passadas < limite["quantidade"]:
        return None
    bloqueio_s = timedelta(seconds=limite["bloqueio_segundos"])
    Bloqueio.objects.update_or_create(chave=chave, defaults={"ate": agora + bloqueio_s})
    return Estouro(EXCEDIDO, _espera(limite, bloqueio_s))


def _espera(limite: dict[str, Any], resto: timedelta) -> int | None:
    return math.ceil(resto.total_seconds()) if limite["retry_after"] else None
