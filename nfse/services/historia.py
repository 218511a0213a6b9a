"""The timeline of a note: one place where its events are written."""

from typing import Any

from comum.models import Usuario
from nfse.models import EventoNota, Nota
from operacoes.models import Operacao


def contar(
    nota: Nota,
    tipo: EventoNota.Tipo,
    *,
    usuario: Usuario | None = None,
    operacao: Operacao | None = None,
    texto: str = "",
    dados: dict[str, Any] | None = None,
) -> EventoNota:
    """Add one event, inside the transaction that makes it true."""
    return EventoNota.objects.create(
        nota=nota, tipo=tipo, usuario=usuario, operacao=operacao, texto=texto, dados=dados or {}
    )
