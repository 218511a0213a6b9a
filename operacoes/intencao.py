"""What a part of the product asks the engine for."""

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class NovaOperacao:
    """One intended effect. `chave` is made from the intent (who, what, competência, revision), so that the same
    intent submitted twice is one row; `prazo` is the legal due date that orders the queue."""

    tipo: str
    chave: str
    pedido: dict[str, Any]
    acesso: str
    empresa_id: int | None = None
    competencia: date | None = None
    prazo: date = date.max
    revisao: int = 1
    anterior_id: int | None = None  # the refused Operacao that this one repeats
    empresas: tuple[int, ...] = ()  # of a batch that has no `empresa_id`: every one it concerns
