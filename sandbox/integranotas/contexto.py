"""What a service is given of one call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sandbox.integranotas.models import Conta, Emitente
from sandbox.integranotas.opcoes import Opcoes
from sandbox.nucleo.ajustes import Ajustes

PRODUCAO, HOMOLOGACAO = "producao", "homolog"
AMBIENTES = (PRODUCAO, HOMOLOGACAO)


@dataclass(frozen=True)
class Contexto:
    """Either `de_emitente` or `de_conta` is there, by whose token the operation takes. `base` is the address of this
    simulator, `partes` are the variable parts of the route."""

    ajustes: Ajustes
    versao: int = 1
    de_emitente: Emitente | None = None
    de_conta: Conta | None = None
    corpo: Mapping[str, Any] = field(default_factory=dict)
    partes: Mapping[str, str] = field(default_factory=dict)
    tag: str = ""
    base: str = ""

    @cached_property
    def opcoes(self) -> Opcoes:
        return Opcoes(self.ajustes)

    @cached_property
    def agora(self) -> datetime:
        return self.ajustes.agora()

    @property
    def emitente(self) -> Emitente:
        if self.de_emitente is None:
            raise LookupError("this operation has no emitente")
        return self.de_emitente

    @property
    def conta(self) -> Conta:
        if self.de_conta is None:
            raise LookupError("this operation has no software house")
        return self.de_conta
