"""The rows of this simulator in the ledger of effects. `documento` is the Id of the DPS, which names a note before and
after it is issued."""

from datetime import datetime

from sandbox.nacional.catalogo import SERVICO
from sandbox.nacional.models import Nota
from sandbox.nucleo.livro import registrar

AUTORIZADA, CANCELADA, EVENTO = "nfse_autorizada", "nfse_cancelada", "evento_registrado"


def da_nota(tipo: str, nota: Nota, agora: datetime, tag: str, numero: str = "") -> None:
    """Inside the `gravacao` that makes the effect. `numero`: that of the note, or the code of an event."""
    registrar(
        instante=agora,
        servico=SERVICO,
        tipo=tipo,
        contribuinte=nota.emitente,
        pa=nota.competencia.strftime("%Y%m"),
        numero=numero or str(nota.numero),
        valor=nota.valor,
        tag=tag,
        documento=nota.id_dps,
    )
