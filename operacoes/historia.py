"""The story of a record: what happened to it beside every try of the operações about it, the newest first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from operacoes.handlers import Handler, handler_de
from operacoes.models import Operacao, Tentativa

MOSTRADOS = 60


@dataclass
class Passo:
    """One entry of the story. `tom` as the chips'. `palavras` are the service's own. Of tries, `vezes` in a row that
    ended alike are one entry, from `desde` to `em`, and `tentativa` is the last of them. `acao` is (words, address) of
    what can be done about it."""

    em: datetime
    tom: str
    titulo: str
    quem: str = ""
    texto: str = ""
    palavras: str = ""
    operacao: Operacao | None = None
    handler: Handler | None = None
    tentativa: Tentativa | None = None
    vezes: int = 1
    desde: datetime | None = None
    acao: tuple[str, str] | None = None
    # Of the same instant, what came of a try stands above the try.
    peso: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Historia:
    """The newest steps, and how many older ones there are."""

    passos: Sequence[Passo]
    ocultos: int


def montar(passos: list[Passo], *, tudo: bool = False) -> Historia:
    """The steps in their order; `tudo` for the older ones too."""
    passos.sort(key=lambda passo: (passo.em, passo.peso), reverse=True)
    mostrados = passos if tudo else passos[:MOSTRADOS]
    _trazer_protocolo(mostrados)
    return Historia(mostrados, len(passos) - len(mostrados))


_TOM_DO_DESFECHO = {
    Tentativa.Desfecho.CONCLUIDA: "ok",
    Tentativa.Desfecho.RECUSADA: "erro",
    Tentativa.Desfecho.SEM_ACESSO: "erro",
    Tentativa.Desfecho.INDISPONIVEL: "atencao",
    Tentativa.Desfecho.ABANDONADA: "atencao",
    Tentativa.Desfecho.INCERTA: "duvida",
    Tentativa.Desfecho.NAO_SEI: "duvida",
    Tentativa.Desfecho.NAO_ACONTECEU: "neutro",
}


def das_tentativas(operacoes: Mapping[int, Operacao]) -> Iterator[Passo]:
    """One step for each run of tries of an operação that were of one kind and ended alike."""
    lidas = Tentativa.objects.filter(operacao__in=operacoes).defer("enviado", "recebido").order_by("iniciada_em")
    por_operacao: dict[int, list[Tentativa]] = {}
    for tentativa in lidas:
        por_operacao.setdefault(tentativa.operacao_id, []).append(tentativa)
    for pk, tentativas in por_operacao.items():
        operacao = operacoes[pk]
        for _, grupo in groupby(tentativas, key=lambda t: (t.especie, t.desfecho, t.detalhe)):
            iguais = list(grupo)
            ultima = iguais[-1]
            yield Passo(
                em=ultima.iniciada_em,
                tom=_TOM_DO_DESFECHO.get(Tentativa.Desfecho(ultima.desfecho), "info"),
                titulo=f"{handler_de(operacao.tipo).rotulo}: {ultima.get_especie_display().lower()}",
                texto=ultima.detalhe,
                operacao=operacao,
                handler=handler_de(operacao.tipo),
                tentativa=ultima,
                vezes=len(iguais),
                desde=iguais[0].iniciada_em if len(iguais) > 1 else None,
            )


def _trazer_protocolo(passos: Iterable[Passo]) -> None:
    """The calls of the tries that are shown: read for them alone, since each may be long."""
    mostradas = {passo.tentativa.pk: passo for passo in passos if passo.tentativa is not None}
    for tentativa in Tentativa.objects.filter(pk__in=mostradas):
        mostradas[tentativa.pk].tentativa = tentativa
