"""What should be in the archive and is not, and whose the damaged files are. Each app brings its own kinds, in a module
`faltas` (found by ArquivoConfig.ready), since the archive knows none of their records."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from arquivo.models import Documento
from comum.models import Usuario
from empresas.models import Empresa


@dataclass(frozen=True)
class Falta:
    """One record without its document. `nome` leads to `url`, the page where one goes on; `detalhe` and `motivo` (what
    is missing, and what to do) are pt-BR."""

    chave: int
    empresa: Empresa
    competencia: date
    nome: str
    url: str
    motivo: str
    detalhe: str = ""


@dataclass(frozen=True)
class Acao:
    """What asks the service again: of the marked ones the form of these records' own list, which takes `ids`; of one
    record its own, with these `campos`."""

    rotulo: str
    url: str
    campos: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fonte:
    """A kind of absence. `consulta(usuario)` are the records, with `empresa` and `competencia`; `faltas` turns those of
    a page into words, in few queries. Without `acao` nothing asks the service for many of them, and `como` says what
    does. `existe`: whether the office has what the pages of these records ask for."""

    nome: str
    titulo: str
    como: str
    consulta: Callable[[Usuario], QuerySet[Any]]
    faltas: Callable[[Sequence[Any]], list[Falta]]
    acao: Callable[[], Acao] | None = None
    existe: Callable[[], bool] = lambda: True


@dataclass(frozen=True)
class Dono:
    """The record that a document is of: `nome` leads to `url`, its page. `acao` where its service gives the same file
    again."""

    nome: str
    url: str
    acao: Acao | None = None


Donos = Callable[[Usuario, Sequence[Documento]], Iterable[tuple[UUID, Dono]]]

_FONTES: list[Fonte] = []
_DONOS: list[Donos] = []


def registrar(fonte: Fonte) -> None:
    _FONTES.append(fonte)


def fontes() -> list[Fonte]:
    return [fonte for fonte in _FONTES if fonte.existe()]


def registrar_donos(donos: Donos) -> None:
    """Of the documents of a page, (pk, record) of those that are of this app's; in few queries."""
    _DONOS.append(donos)


def donos_de(usuario: Usuario, documentos: Sequence[Documento]) -> dict[UUID, Dono]:
    """The records, as far as the user sees them."""
    return dict(par for donos in _DONOS for par in donos(usuario, documentos)) if documentos else {}
