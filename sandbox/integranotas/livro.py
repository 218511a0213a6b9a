"""The rows of this simulator in the ledger of effects."""

from datetime import datetime

from sandbox.integranotas.catalogo import SERVICO
from sandbox.integranotas.models import Emitente, Nota
from sandbox.nucleo.livro import registrar


def da_nota(tipo: str, nota: Nota, emitente: Emitente, instante: datetime, tag: str) -> None:
    """Inside the `gravacao` that makes the effect."""
    registrar(
        instante=instante,
        servico=SERVICO,
        tipo=tipo,
        contribuinte=emitente.documento,
        pa=nota.competencia.strftime("%Y%m"),
        numero=str(nota.numero_nfse),
        valor=nota.valor,
        tag=tag,
        documento=identificacao(nota),
    )


def identificacao(nota: Nota) -> str:
    """What names a document before the town numbers it: serie/numero of the RPS."""
    return f"{nota.serie}/{nota.numero}"


def do_emitente(tipo: str, emitente: Emitente, instante: datetime, tag: str) -> None:
    registrar(instante=instante, servico=SERVICO, tipo=tipo, contribuinte=emitente.documento, tag=tag)
