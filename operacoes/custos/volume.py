"""How many calls a billing period has so far, by conta and class.

What a page shows reads the volume each time; only the estimate stored with each call (`preco_unitario`) uses what this
process remembers of it. What is stored is therefore the price at the tier known at that moment: an estimate that the
invoice can only lower.
"""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, DateTimeField, F, Func, IntegerField, Value
from django.utils import timezone

from operacoes.custos.precos import Precos, instantes, meia_noite, periodo
from operacoes.models import AcessoCobrado, Classe, Tentativa

_VALIDADE_S = 60.0
_PARTE_DO_TEMPO = 200  # counting takes at most this part of the time, however many calls there are


def volumes(contas: Iterable[str], inicio: date) -> dict[tuple[str, str], int]:
    """Calls charged by (conta, classe) in the billing period that begins on `inicio`."""
    return {chave: sum(ns) for chave, ns in volumes_por_fase(contas, inicio, [inicio]).items()}


def volumes_por_fase(
    contas: Iterable[str], inicio: date, fases: Sequence[date], ate: datetime | None = None
) -> dict[tuple[str, str], list[int]]:
    """The same, apart for each of the `fases` of the period (Precos.fases); only those made before `ate`."""
    desde, fim = instantes(inicio)
    quais = Tentativa.objects.cobradas().filter(
        conta__in=set(contas), iniciada_em__gte=desde, iniciada_em__lt=ate or fim
    )
    fase = fase_de(fases) if len(fases) > 1 else Value(1)
    # By the whole list of a try's classes, which are few: taking the lists apart in the database costs twice as much.
    linhas = quais.order_by().annotate(fase=fase).values_list("conta", "cobrancas", "fase").annotate(n=Count("*"))
    somas: dict[tuple[str, str], list[int]] = {}
    for conta, cobrancas, qual, n in linhas:
        for classe in cobrancas:
            somas.setdefault((conta, classe), [0] * len(fases))[qual - 1] += n
    return somas


def fase_de(fases: Sequence[date]) -> Func:
    """In which of these, each until the next, a row of Tentativa was begun; from 1."""
    vetor = Value([meia_noite(dia) for dia in fases], output_field=ArrayField(DateTimeField()))
    return Func(F("iniciada_em"), vetor, function="width_bucket", output_field=IntegerField())


class _Memoria:
    """Volumes, tiers and contas of this process, read again every minute (less often where counting takes long); the
    calls made here are added as they happen."""

    def __init__(self) -> None:
        self._trava = threading.Lock()
        self._vez = threading.Lock()
        self._volumes: dict[tuple[str, str, date], tuple[float, int]] = {}
        self._precos: tuple[float, Precos | None] = (0.0, None)
        self._contas: tuple[float, Mapping[str, str]] = (0.0, {})

    def volume(self, conta: str, classe: str, inicio: date) -> int:
        chave = (conta, classe, inicio)
        lido, valor = self._volumes.get(chave, (0.0, 0))
        if lido and time.monotonic() - lido <= _VALIDADE_S:
            return valor
        # Counting a busy period takes a while: one thread does it, and the others go on with what was known.
        if not self._vez.acquire(blocking=not lido):
            return valor
        try:
            if self._volumes.get(chave, (0.0, 0))[0] == lido:
                comeco = time.monotonic()
                contado = volumes([conta], inicio).get((conta, classe), 0)
                agora = time.monotonic()
                adiamento = max(0.0, (agora - comeco) * _PARTE_DO_TEMPO - _VALIDADE_S)
                with self._trava:
                    self._volumes[chave] = (agora + adiamento, contado)
            return self._volumes.get(chave, (0.0, 0))[1]
        finally:
            self._vez.release()

    def somar(self, conta: str, classe: str, inicio: date) -> None:
        with self._trava:
            if (chave := (conta, classe, inicio)) in self._volumes:
                lido, valor = self._volumes[chave]
                self._volumes[chave] = (lido, valor + 1)

    def precos(self) -> Precos:
        lido, precos = self._precos
        if precos is None or time.monotonic() - lido > _VALIDADE_S:
            precos = Precos.ler()
            self._precos = (time.monotonic(), precos)
        return precos

    def conta(self, acesso: str) -> str:
        lido, contas = self._contas
        if not lido or time.monotonic() - lido > _VALIDADE_S:
            contas = dict(AcessoCobrado.objects.order_by().values_list("acesso", "conta"))
            self._contas = (time.monotonic(), contas)
        return contas.get(acesso, acesso)

    def limpar(self) -> None:
        self._volumes.clear()
        self._precos, self._contas = (0.0, None), (0.0, {})


_memoria = _Memoria()
limpar_memoria = _memoria.limpar
precos_lembrados = _memoria.precos


def preco_unitario(classe: str, acesso: str, quando: date | None = None, *, planejadas: int = 1) -> Decimal:
    """R$ per call of a class, at the tier that the period's volume reaches with `planejadas` more calls."""
    if classe in ("", Classe.GRATIS):
        return Decimal(0)
    dia = quando or timezone.localdate()
    total = _memoria.volume(_memoria.conta(acesso), classe, periodo(dia)[0]) + planejadas
    return _memoria.precos().unitario(classe, total, dia)


def somar(acesso: str, classes: Iterable[str]) -> None:
    """Calls just recorded as charged: keeps the volume known here up to date between two readings."""
    for classe in classes:
        _memoria.somar(_memoria.conta(acesso), classe, periodo(timezone.localdate())[0])
