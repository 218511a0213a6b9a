"""Files the office already has: recognised by the apps that know their layouts, checked, filed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any


class NaoLido(Exception):
    """The file is of a kind that somebody knows, and cannot be filed; the text (pt-BR) says why."""


@dataclass(frozen=True)
class Papel:
    """Whose document it is, and as what: one file may be the note issued of one empresa and the one taken of another.
    `documento` is the CNPJ or CPF, unmasked."""

    documento: str
    tipo: str
    nome: str


@dataclass(frozen=True)
class Reconhecido:
    """`aviso` is what a person should know of a file that enters all the same (pt-BR). `varios`: several files of this
    kind may have one chave. `sem_dono`: said in place of whose it is, where the user sees none of its empresas.
    `dados`: what the reader's own app is told again once the file is kept (see documentos_importados)."""

    papeis: tuple[Papel, ...]
    competencia: date
    mime: str
    chave: str = ""
    numero: str = ""
    referencia: str = ""
    aviso: str = ""
    varios: bool = False
    sem_dono: str = ""
    dados: Any = None


# A reader: what the file is, None where it is nothing of its kind. Raises NaoLido.
Leitor = Callable[[bytes], Reconhecido | None]
_LEITORES: list[Leitor] = []


def registrar_leitor(leitor: Leitor) -> None:
    """Offer a reader (in an app's `importadores` module)."""
    _LEITORES.append(leitor)


def reconhecer(conteudo: bytes) -> Reconhecido:
    """Raises NaoLido."""
    for leitor in _LEITORES:
        if (lido := leitor(conteudo)) is not None:
            return lido
    if conteudo.startswith(b"%PDF-"):
        raise NaoLido(
            "O PDF não traz a chave de uma NFS-e nem a linha digitável de uma guia, ou é uma imagem sem texto. Se é de "
            "uma nota, importe o XML dela; se é de uma guia, emita-a de novo em Guias."
        )
    raise NaoLido("Não é XML nem PDF de um tipo que o Guichê reconhece.")
