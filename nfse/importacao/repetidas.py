"""Which lines of a file are notes already: by their referência, and by what they say where they have none."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from comum.formatos import format_dinheiro
from nfse.models import Nota
from nfse.services.rascunhos import com_estas_referencias

PREFIXO = "csv:"


def referencia_padrao(sha256: str, linha: int) -> str:
    """The name of a note whose line has none: its file and its place in it."""
    return f"{PREFIXO}{sha256[:12]}:{linha}"


@dataclass(frozen=True)
class Candidata:
    """A good line. `tomador` None: it is not registered yet."""

    linha: int
    empresa: int
    referencia: str
    nomeada: bool  # the referência is the office's own
    tomador: int | None
    competencia: date
    valor: Decimal


@dataclass
class Repetidas:
    """`iguais`: lines whose note exists. `conflitos`: lines whose referência is another note's, with the reason.
    `de_outro_arquivo`: lines without referência that say what a note of another file says, which is the same file sent
    again corrected more often than not: they are not made a second time."""

    iguais: set[int]
    conflitos: dict[int, str]
    de_outro_arquivo: set[int]


def achar_repetidas(candidatas: Sequence[Candidata], sha256: str) -> Repetidas:
    """At most three queries."""
    pares = {(candidata.empresa, candidata.referencia): candidata for candidata in candidatas}
    tomadas = com_estas_referencias(list(pares))
    feitas = Repetidas(set(), {}, set())
    notas = (
        Nota.objects.select_related("tomador", "canal")
        .defer("tomador__busca")
        .in_bulk([pk for par, pk in tomadas.items() if pares[par].nomeada])
    )
    for par, pk in tomadas.items():
        candidata, nota = pares[par], notas.get(pk)
        if nota is None or _e_a_mesma(candidata, nota):
            feitas.iguais.add(candidata.linha)
        else:
            feitas.conflitos[candidata.linha] = (
                f"A referência já é da nota {nota.nome} ({nota.tomador}, {format_dinheiro(nota.valor_servicos)}). Se "
                "esta é outra nota, dê outra referência; se é a mesma, altere-a na tela."
            )
    feitas.de_outro_arquivo = _de_outro_arquivo(
        [c for c in candidatas if not c.nomeada and c.linha not in feitas.iguais], sha256
    )
    return feitas


def _e_a_mesma(candidata: Candidata, nota: Nota) -> bool:
    return candidata.tomador == nota.tomador_id and candidata.valor == nota.valor_servicos


def _de_outro_arquivo(candidatas: Iterable[Candidata], sha256: str) -> set[int]:
    """One line for each such note: the second of two equal lines is new when the other file had only one."""
    por_conteudo: dict[tuple[int, int, date, Decimal], list[int]] = defaultdict(list)
    for c in candidatas:
        if c.tomador is not None:
            por_conteudo[c.empresa, c.tomador, c.competencia, c.valor].append(c.linha)
    if not por_conteudo:
        return set()
    notas = (
        Nota.objects.filter(
            empresa__in={chave[0] for chave in por_conteudo},
            competencia__in={chave[2] for chave in por_conteudo},
            referencia__startswith=PREFIXO,
        )
        .exclude(referencia__startswith=referencia_padrao(sha256, 0)[:-1])
        .exclude(situacao=Nota.Situacao.ABANDONADA)
    )
    existem = Counter(notas.values_list("empresa_id", "tomador_id", "competencia", "valor_servicos"))
    return {linha for chave, linhas in por_conteudo.items() for linha in linhas[: existem[chave]]}
