"""What the rooms above tell of a guia on its page: they register here, since nothing below imports them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from comum.models import Usuario
from guias.models import Guia


@dataclass(frozen=True)
class Ligacao:
    """A line of the guia's page: what it is, where it is seen, its state in a word, `tom` of the chip, and more."""

    rotulo: str
    url: str
    estado: str
    tom: str
    texto: str = ""


Fonte = Callable[[Sequence[Guia], Usuario], list[Ligacao]]
_fontes: list[Fonte] = []


def registrar(fonte: Fonte) -> None:
    """`fonte` is asked about the copies of one dívida, for somebody who looks at them."""
    if fonte not in _fontes:
        _fontes.append(fonte)


def ligacoes(guias: Sequence[Guia], usuario: Usuario) -> list[Ligacao]:
    return [ligacao for fonte in _fontes for ligacao in fonte(guias, usuario)]
