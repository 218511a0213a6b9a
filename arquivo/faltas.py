"""What should be in the archive and is not. Each app brings its own kinds, in a module `faltas` (found by
ArquivoConfig.ready), since the archive knows none of their records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

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
    """What asks the service again for the marked ones: the form of these records' own list. It takes `ids`."""

    rotulo: str
    url: str


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


_FONTES: list[Fonte] = []


def registrar(fonte: Fonte) -> None:
    _FONTES.append(fonte)


def fontes() -> list[Fonte]:
    return [fonte for fonte in _FONTES if fonte.existe()]
