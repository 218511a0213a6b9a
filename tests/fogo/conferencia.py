"""The sandbox's ledger of effects and record of calls against our own tables: what was done twice, lost, or is not
explained."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.db.models import Q

from operacoes.ensaio import NoLivro
from operacoes.handlers import handler_de
from operacoes.models import Efeito, Operacao, Pausa, Situacao, Tentativa
from operacoes.motor import NovaOperacao
from operacoes.motor.desfecho import LIMITE_FALHAS
from operacoes.motor.julgamento import ENVIO_SEM_RESPOSTA
from tests.fogo import plano


@dataclass(frozen=True)
class Registro:
    """One Operacao as we know it. `tags` are those of its Tentativas, which every call carried outside; `falhas` counts
    tries in a row that did not execute, `paradas` those whose worker stopped."""

    pk: int
    tipo: str
    efeito: str
    situacao: str
    motivo: str
    grupo: str
    livro: NoLivro | None
    tags: frozenset[str]
    segundos: float | None  # from intent to end
    pausa: str = ""
    falhas: int = 0
    paradas: int = 0
    entradas: frozenset[str] = frozenset()  # operations of the service that only open the access
    recusas: frozenset[str] = frozenset()  # codes with which the sandbox was told to refuse it


@dataclass
class Linha:
    """The findings about one handler."""

    tipo: str
    previstas: int = 0
    efeitos: int = 0
    a_mais: int = 0
    duplicadas: list[str] = field(default_factory=list)
    perdidas: list[str] = field(default_factory=list)
    desconhecidas: list[str] = field(default_factory=list)
    inexplicadas: list[str] = field(default_factory=list)
    aguardam: Counter[str] = field(default_factory=Counter)
    recusadas: Counter[str] = field(default_factory=Counter)
    demora: float = 0.0

    @property
    def mal(self) -> bool:
        return bool(self.duplicadas or self.perdidas or self.desconhecidas or self.inexplicadas)


_ENCERRADAS = (Situacao.CONCLUIDA, Situacao.RECUSADA, Situacao.DESISTIDA)
Chave = tuple[str, str, str, str, str]
Vista = Mapping[str, Any]  # a row of the sandbox: an effect of its ledger, or a call it received


def comparar(
    registros: Sequence[Registro],
    livro: Sequence[Vista],
    *,
    chamadas: Iterable[Vista] = (),
    previstas: Iterable[tuple[str, str]] = (),
    repetidas: Iterable[tuple[str, str]] = (),
) -> list[Linha]:
    """One Linha per handler. `livro` are rows of the sandbox's ledger, `chamadas` the calls it received, `previstas`
    (tipo, what) of intents that never became an Operacao, `repetidas` of those that became more than one."""
    linhas: dict[str, Linha] = {}

    def linha(tipo: str) -> Linha:
        return linhas.setdefault(tipo, Linha(tipo))

    por_tag = {tag: registro for registro in registros for tag in registro.tags}
    recebidas: dict[str, list[Vista]] = defaultdict(list)
    for chamada in chamadas:
        recebidas[chamada["tag"]].append(chamada)
    principais: dict[int, list[Vista]] = defaultdict(list)
    por_chave: dict[Chave, int] = Counter()
    for efeito in livro:
        por_chave[_chave_do_efeito(efeito)] += 1
        dono = por_tag.get(efeito["tag"])
        if dono is not None and dono.livro is not None and _chave_do_efeito(efeito) in _chaves(dono.livro):
            principais[dono.pk].append(efeito)
        elif dono is None or dono.livro is None or efeito["tipo"] not in dono.livro.tambem:
            de_quem = dono.tipo if dono else _de_quem(registros, efeito["tipo"])
            linha(de_quem).desconhecidas.append(
                f"{efeito['tipo']} {efeito['numero']} of {efeito['contribuinte']} {efeito['pa']} {efeito['documento']}"
            )
    for registro in registros:
        suas = [chamada for tag in registro.tags for chamada in recebidas[tag]]
        _conferir(linha(registro.tipo), registro, principais[registro.pk], suas)
    for tipo, dito in _duplicadas(registros, principais, por_chave):
        linha(tipo).duplicadas.append(dito)
    for tipo, o_que in previstas:
        linha(tipo).perdidas.append(f"{o_que}: the intent is nowhere")
    for tipo, o_que in repetidas:
        linha(tipo).duplicadas.append(o_que)
    return sorted(linhas.values(), key=lambda item: item.tipo)


def _chaves(livro: NoLivro) -> list[Chave]:
    return [(livro.servico, livro.tipo, livro.contribuinte, livro.pa, documento) for documento in livro.documentos]


def _chave_do_efeito(efeito: Vista) -> Chave:
    return efeito["servico"], efeito["tipo"], efeito["contribuinte"], efeito["pa"], efeito["documento"]


def _de_quem(registros: Sequence[Registro], tipo_do_efeito: str) -> str:
    return next((r.tipo for r in registros if r.livro and tipo_do_efeito in (r.livro.tipo, *r.livro.tambem)), "(none)")


def _conferir(linha: Linha, registro: Registro, efeitos: Sequence[Vista], chamadas: Sequence[Vista]) -> None:
    linha.previstas += 1
    linha.efeitos += len(efeitos)
    linha.demora = max(linha.demora, registro.segundos or 0.0)
    if registro.efeito == Efeito.DOCUMENTO:
        vezes = len(efeitos) if registro.livro else sum(chamada["cobranca"] == "sim" for chamada in chamadas)
        linha.a_mais += max(0, vezes - (0 if efeitos and registro.situacao == Situacao.RECUSADA else 1))
    numeros = {efeito["numero"] for efeito in efeitos}
    nome = f"operação {registro.pk}"
    if registro.livro is not None and registro.livro.a_caminho and registro.situacao in _ENCERRADAS:
        linha.perdidas.append(f"{nome}: {registro.situacao}, and we hold what it is about as still on its way")
    match registro.situacao:
        case Situacao.CONCLUIDA if registro.livro is not None:
            for chave in _chaves(registro.livro):
                numeros = {efeito["numero"] for efeito in efeitos if _chave_do_efeito(efeito) == chave}
                qual = f"{nome} {chave[-1]}".strip()
                if not numeros:
                    linha.inexplicadas.append(f"{qual}: we say done, nothing happened outside")
                elif registro.livro.numero not in numeros:
                    linha.perdidas.append(
                        f"{qual}: {sorted(numeros)} outside, we hold {registro.livro.numero or 'nothing'}"
                    )
        case Situacao.CONCLUIDA:
            # A call whose tokens were not taken has no operation.
            if not any(chamada["operacao"] not in {"", *registro.entradas} for chamada in chamadas):
                linha.inexplicadas.append(f"{nome}: we say done, nothing was asked outside")
        case Situacao.RECUSADA | Situacao.DESISTIDA:
            # A documento drawn by a try that lost its answer, whose next one was refused, costs a charge; that it may
            # exist is told with the refusal.
            if efeitos and not (registro.efeito == Efeito.DOCUMENTO and ENVIO_SEM_RESPOSTA in registro.motivo):
                linha.perdidas.append(
                    f"{nome}: {sorted(numeros)} outside, we say {registro.situacao}: {registro.motivo}"
                )
            linha.recusadas[registro.grupo or "(no code)"] += 1
            if not _recusa_prevista(registro, chamadas):
                linha.inexplicadas.append(
                    f"{nome}: {registro.situacao}, {registro.grupo or 'no code'}, and nothing planned made it so:"
                    f" {registro.motivo or 'without a word'}"
                )
        case Situacao.AGUARDA_PESSOA if not registro.motivo:
            linha.inexplicadas.append(f"{nome}: waits for a person without a reason")
        case Situacao.AGUARDA_PESSOA:
            linha.aguardam[registro.motivo] += 1
            if not registro.paradas and not any(chamada["cenario"] for chamada in chamadas):
                linha.inexplicadas.append(f"{nome}: waits for a person over no fault at all: {registro.motivo}")
        case _ if registro.pausa:
            linha.aguardam[registro.pausa] += 1
        case _:
            linha.perdidas.append(f"{nome}: still {registro.situacao}: {registro.motivo}")


def _recusa_prevista(registro: Registro, chamadas: Sequence[Vista]) -> bool:
    """The plan, or what the sandbox was told of this one, made the service say this no, or be away at as many tries as
    the engine makes. Nobody is there to give an Operacao up."""
    if registro.situacao != Situacao.RECUSADA or not registro.motivo:
        return False
    ditas = set(registro.recusas)
    for chamada in chamadas:
        if chamada["cenario"] == plano.RECUSA:
            # Where a service has no codes of its own its client tells the status.
            ditas |= {*chamada["codigos"], f"HTTP-{chamada['status_http']}"}
    atingidas = {chamada["tag"] for chamada in chamadas if chamada["cenario"]}
    return registro.grupo in ditas or registro.falhas >= LIMITE_FALHAS <= len(atingidas)


def _duplicadas(
    registros: Sequence[Registro], principais: Mapping[int, Sequence[Vista]], por_chave: Mapping[Chave, int]
) -> Iterable[tuple[str, str]]:
    """Effects of an `unico` beyond one for each Operacao, by the key of the intent and by who sent them."""
    unicos: dict[Chave, list[Registro]] = defaultdict(list)
    for registro in registros:
        if registro.efeito == Efeito.UNICO and (livro := registro.livro):
            for chave in _chaves(livro):
                unicos[chave].append(registro)
    for chave, donos in unicos.items():
        suas = [[e for e in principais.get(dono.pk, ()) if _chave_do_efeito(e) == chave] for dono in donos]
        de_um_so = sum(max(0, len(deles) - 1) for deles in suas)
        # What was refused may have been repeated: those two are one intent.
        intencoes = max(1, sum(dono.situacao not in (Situacao.RECUSADA, Situacao.DESISTIDA) for dono in donos))
        for _ in range(max(por_chave.get(chave, 0) - intencoes, de_um_so)):
            yield donos[0].tipo, f"operação {donos[0].pk}: {por_chave[chave]} x {' '.join(chave[1:])}"


Intencao = tuple[object, ...]


def _intencao(operacao: Operacao | NovaOperacao) -> Intencao:
    alvo = handler_de(operacao.tipo).no_sandbox.alvo(operacao.pedido)
    return operacao.tipo, *sorted(alvo.items()), operacao.competencia


def demais(novas: Iterable[NovaOperacao]) -> Iterator[tuple[str, str]]:
    """What was asked for once and became more than one Operacao, under whatever key; a *Repetir* counts with what it
    repeats. What a refusal left to be sent, or a reading to be read, follows it once, and nothing else."""
    previstas = Counter(map(_intencao, novas))
    primeiras = [(operacao, _resto_de(operacao)) for operacao in Operacao.objects.filter(anterior=None)]
    feitas = Counter(_intencao(operacao) for operacao, de in primeiras if de is None)
    restos = Counter(de for _, de in primeiras if de is not None)
    acabou = Q(situacao=Situacao.RECUSADA) | Q(situacao=Situacao.CONCLUIDA, efeito=Efeito.DOCUMENTO)
    seguidas = set(Operacao.objects.filter(acabou, pk__in=restos).values_list("pk", flat=True))
    for operacao, de in primeiras:
        if de is not None and (restos[de] > 1 or de not in seguidas):
            yield operacao.tipo, f"operação {operacao.pk}: one of {restos[de]} that go on with operação {de}"
    for intencao, quantas in previstas.items():
        if feitas[intencao] > quantas:
            yield str(intencao[0]), f"{intencao}: asked {quantas} x, {feitas[intencao]} operations"


def _resto_de(operacao: Operacao) -> int | None:
    return handler_de(operacao.tipo).no_sandbox.resto_de(operacao.pedido)


_REVISAO = re.compile(r":r\d+$")


def acima_do_limite(chamadas: Iterable[Vista]) -> list[str]:
    """What a service counted as more than it allows: the limits are ours to keep, whatever befalls the machines."""
    acima = Counter(chamada["servico"] for chamada in chamadas if chamada["limite"] == "excedido")
    return [f"{servico}: {n} calls over its limit" for servico, n in sorted(acima.items())]


def ler_registros(recusas: Mapping[str, frozenset[str]] = MappingProxyType({})) -> list[Registro]:
    """Every Operacao of the database; `recusas` as the factories told them (Palco), also of what repeats it."""
    tags: dict[int, set[str]] = defaultdict(set)
    paradas: Counter[int] = Counter()
    for operacao, tentativa, desfecho in Tentativa.objects.values_list("operacao_id", "pk", "desfecho"):
        tags[operacao].add(tentativa.hex)
        paradas[operacao] += desfecho == Tentativa.Desfecho.ABANDONADA
    pausas = dict(Pausa.objects.values_list("acesso", "motivo"))
    return [
        Registro(
            pk=operacao.pk,
            tipo=operacao.tipo,
            efeito=operacao.efeito,
            situacao=operacao.situacao,
            motivo=operacao.mensagem,
            grupo=operacao.grupo,
            livro=handler_de(operacao.tipo).no_livro(operacao),
            tags=frozenset(tags[operacao.pk]),
            segundos=(operacao.encerrada_em - operacao.criada_em).total_seconds() if operacao.encerrada_em else None,
            pausa=pausas.get(operacao.acesso, "") if operacao.situacao == Situacao.PENDENTE else "",
            falhas=operacao.falhas,
            paradas=paradas[operacao.pk],
            entradas=handler_de(operacao.tipo).no_sandbox.entradas,
            recusas=recusas.get(_REVISAO.sub("", operacao.chave), frozenset()),
        )
        for operacao in Operacao.objects.order_by("pk")
    ]


_COLUNAS = (
    "handler",
    "intended",
    "effects outside",
    "duplicates",
    "extra charges",
    "lost",
    "unknown to us",
    "unexplained",
    "waiting for a person",
    "refused",
    "longest to settle",
)


def tabela(linhas: Sequence[Linha]) -> str:
    celulas = [
        (
            linha.tipo,
            str(linha.previstas),
            str(linha.efeitos),
            str(len(linha.duplicadas)),
            str(linha.a_mais),
            str(len(linha.perdidas)),
            str(len(linha.desconhecidas)),
            str(len(linha.inexplicadas)),
            str(linha.aguardam.total()),
            str(linha.recusadas.total()),
            f"{linha.demora:.0f} s",
        )
        for linha in linhas
    ]
    larguras = [max(len(linha[i]) for linha in [_COLUNAS, *celulas]) for i in range(len(_COLUNAS))]
    texto = [
        " | ".join(celula.ljust(largura) for celula, largura in zip(linha, larguras, strict=True)).rstrip()
        for linha in [_COLUNAS, tuple("-" * largura for largura in larguras), *celulas]
    ]
    for linha in linhas:
        texto += [f"  {linha.tipo} waits for a person, {n} x: {motivo}" for motivo, n in linha.aguardam.most_common()]
        texto += [f"  {linha.tipo} refused, {n} x: {grupo}" for grupo, n in linha.recusadas.most_common()]
        for nome in ("duplicadas", "perdidas", "desconhecidas", "inexplicadas"):
            texto += [f"  {nome.upper()} {linha.tipo}: {dito}" for dito in getattr(linha, nome)[:20]]
    return "\n".join(texto)
