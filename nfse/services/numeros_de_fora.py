"""Numbers of RPS and DPS that another system used, known from the XML of its notes."""

from collections.abc import Iterable
from dataclasses import dataclass

from nfse.models import NumeroDeFora

_MAIOR = 10**15 - 1  # what a DPS takes; no RPS is longer


@dataclass(frozen=True)
class Numeracao:
    """Série and number of the RPS, or of the DPS (`nacional`), of one note."""

    serie: str
    numero: int
    nacional: bool

    @classmethod
    def lida(cls, serie: str, numero: str | int, *, nacional: bool) -> "Numeracao | None":
        """As a file says it; None where it names no number."""
        texto, serie = str(numero), serie.strip().lstrip("0")
        if not texto.isascii() or not texto.isdecimal() or len(serie) > 20 or not 0 < int(texto[:20]) <= _MAIOR:
            return None
        return cls(serie, int(texto), nacional)


def guardar(numeros: Iterable[tuple[int, Numeracao]]) -> None:
    """(empresa, number), each once, whatever is told again."""
    NumeroDeFora.objects.bulk_create(
        [
            NumeroDeFora(empresa_id=empresa, nacional=um.nacional, serie=um.serie, numero=um.numero)
            for empresa, um in numeros
        ],
        batch_size=1000,
        ignore_conflicts=True,
    )
