"""What the calls cost: billing periods, the tier reached, forecasts.

What a page shows reads the volume each time; only the estimate stored with each call (`preco_unitario`) uses what this
process remembers of it.

Source: annex of a SERPRO Integra Contador contract, extracted on 06/12/2025 (rows of FaixaPreco; adjusted every year,
so an administrator may add rows from a newer date). A billing period goes from day 21 to day 20, the three classes
count apart, and the tier reached prices the whole volume of the period. What is stored with each call is therefore the
price at the tier known at that moment: an estimate that the invoice can only lower.
"""

import csv
import threading
import time
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection, models
from django.utils import timezone

from operacoes.models import Classe, FaixaPreco, Operacao, Tentativa

_DADOS = Path(__file__).resolve().parent / "dados" / "precos.csv"
_VALIDADE_S = 60.0
_PARTE_DO_TEMPO = 200  # counting takes at most this part of the time, however many calls there are


def carregar_precos(**_kwargs: Any) -> None:
    """post_migrate: add the published rows that are missing; rows an administrator changed are left as they are."""
    with _DADOS.open(encoding="utf-8", newline="") as arquivo:
        FaixaPreco.objects.bulk_create(
            [
                FaixaPreco(
                    vigente_desde=date.fromisoformat(linha["vigente_desde"]),
                    classe=linha["classe"],
                    ate=int(linha["ate"]) if linha["ate"] else None,
                    preco=Decimal(linha["preco"]),
                )
                for linha in csv.DictReader(arquivo)
            ],
            ignore_conflicts=True,
        )


def periodo(quando: date) -> tuple[date, date]:
    """First and last day of the billing period of a date: day 21 to day 20 of the next month."""
    mes = quando if quando.day >= 21 else quando.replace(day=1) - timedelta(days=1)
    inicio = mes.replace(day=21)
    return inicio, (inicio + timedelta(days=31)).replace(day=20)


class _Memoria:
    """Volumes and tiers of this process, read again every minute (less often where counting takes long); the calls made
    here are added as they happen."""

    def __init__(self) -> None:
        self._trava = threading.Lock()
        self._vez = threading.Lock()
        self._volumes: dict[tuple[str, str, date], tuple[float, int]] = {}
        self._faixas: tuple[float, list[FaixaPreco]] = (0.0, [])

    def volume(self, acesso: str, classe: str, inicio: date) -> int:
        chave = (acesso, classe, inicio)
        lido, valor = self._volumes.get(chave, (0.0, 0))
        if lido and time.monotonic() - lido <= _VALIDADE_S:
            return valor
        # Counting a busy period takes a while: one thread does it, and the others go on with what was known.
        if not self._vez.acquire(blocking=not lido):
            return valor
        try:
            if self._volumes.get(chave, (0.0, 0))[0] == lido:
                comeco = time.monotonic()
                contado = volumes([acesso], inicio).get((acesso, classe), 0)
                agora = time.monotonic()
                adiamento = max(0.0, (agora - comeco) * _PARTE_DO_TEMPO - _VALIDADE_S)
                with self._trava:
                    self._volumes[chave] = (agora + adiamento, contado)
            return self._volumes.get(chave, (0.0, 0))[1]
        finally:
            self._vez.release()

    def somar(self, acesso: str, classe: str, inicio: date) -> None:
        with self._trava:
            if (chave := (acesso, classe, inicio)) in self._volumes:
                lido, valor = self._volumes[chave]
                self._volumes[chave] = (lido, valor + 1)

    def faixas(self) -> list[FaixaPreco]:
        lido, valores = self._faixas
        if time.monotonic() - lido > _VALIDADE_S or not lido:
            valores = list(FaixaPreco.objects.all())
            self._faixas = (time.monotonic(), valores)
        return valores

    def limpar(self) -> None:
        self._volumes.clear()
        self._faixas = (0.0, [])


_memoria = _Memoria()
limpar_memoria = _memoria.limpar


def volumes(acessos: Iterable[str], inicio: date) -> dict[tuple[str, str], int]:
    """Calls charged by (acesso, classe) in the billing period that begins on `inicio`."""
    fim = periodo(inicio)[1] + timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT o.acesso, c.classe, count(*) FROM operacoes_tentativa t
              JOIN operacoes_operacao o ON o.id = t.operacao_id, unnest(t.cobrancas) AS c (classe)
             WHERE t.cobrada AND o.acesso = ANY(%s) AND t.iniciada_em >= %s AND t.iniciada_em < %s GROUP BY 1, 2
            """,
            [list(acessos), _meia_noite(inicio), _meia_noite(fim)],
        )
        return {(acesso, classe): n for acesso, classe, n in cursor.fetchall()}


def _meia_noite(dia: date) -> datetime:
    return datetime.combine(dia, datetime.min.time(), timezone.get_default_timezone())


def preco_unitario(classe: str, acesso: str, quando: date | None = None, *, planejadas: int = 1) -> Decimal:
    """R$ per call of a class, at the tier that the period's volume reaches with `planejadas` more calls."""
    if classe in ("", Classe.GRATIS):
        return Decimal(0)
    dia = quando or timezone.localdate()
    total = _memoria.volume(acesso, classe, periodo(dia)[0]) + planejadas
    return _preco(classe, total, dia)


class Previsao:
    """Forecasts over the volume of the billing period, read once when this is made."""

    def __init__(self, acessos: Iterable[str], quando: date | None = None) -> None:
        self._dia = quando or timezone.localdate()
        self._ja = volumes(acessos, periodo(self._dia)[0])

    def custo(self, classe: str, quantidade: int, acesso: str) -> Decimal:
        """R$ that `quantidade` more calls would cost, each at the tier the whole volume then reaches."""
        if classe in ("", Classe.GRATIS):
            return _reais(Decimal(0))
        total = self._ja.get((acesso, classe), 0) + quantidade
        return _reais(_preco(classe, total, self._dia) * quantidade)


def previsto(classe: str, quantidade: int, acesso: str, quando: date | None = None) -> Decimal:
    return Previsao([acesso], quando).custo(classe, quantidade, acesso)


class Custo(NamedTuple):
    """R$ charged: by the calls of the work itself, and by those that only asked about a doubt. `talvez`: what sendings
    whose answer was lost may have cost besides."""

    trabalho: Decimal = Decimal(0)
    conferencias: Decimal = Decimal(0)
    quantas_conferencias: int = 0
    talvez: Decimal = Decimal(0)


def das_operacoes(operacoes: models.QuerySet[Operacao]) -> Custo:
    """R$ of the calls charged to these Operacoes so far, at the tier that the period of each has reached by now. A
    sending that may have been charged counts as one call of its class."""
    filtro, parametros = operacoes.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT o.acesso, c.classe, (t.iniciada_em AT TIME ZONE %s)::date, t.especie = %s, t.cobrada, count(*)
              FROM operacoes_tentativa t
              JOIN operacoes_operacao o ON o.id = t.operacao_id,
                   unnest(CASE WHEN t.cobrada THEN t.cobrancas ELSE ARRAY[t.classe] END) AS c (classe)
             WHERE (t.cobrada OR t.especie = %s AND t.desfecho = ANY(%s) AND t.classe <> %s)
               AND t.operacao_id IN ({filtro})
             GROUP BY 1, 2, 3, 4, 5
            """,  # noqa: S608 - the filter is the ORM's own SQL, its values are parameters
            [
                timezone.get_default_timezone_name(),
                Tentativa.Especie.CONFERENCIA.value,
                Tentativa.Especie.ENVIO.value,
                [desfecho.value for desfecho in Tentativa.SEM_RESPOSTA],
                Classe.GRATIS.value,
                *parametros,
            ],
        )
        linhas = cursor.fetchall()
    acessos = {acesso for acesso, *_ in linhas}
    ja = {inicio: volumes(acessos, inicio) for inicio in {periodo(dia)[0] for _, _, dia, *_ in linhas}}
    trabalho = conferencias = talvez = Decimal(0)
    quantas = 0
    for acesso, classe, dia, conferencia, cobrada, n in linhas:
        valor = _preco(classe, ja[periodo(dia)[0]].get((acesso, classe), 0), dia) * n
        if not cobrada:
            talvez += valor
        elif conferencia:
            conferencias, quantas = conferencias + valor, quantas + n
        else:
            trabalho += valor
    return Custo(_reais(trabalho), _reais(conferencias), quantas, _reais(talvez))


def _reais(valor: Decimal) -> Decimal:
    return valor.quantize(Decimal("0.01"))


def somar(acesso: str, classes: Iterable[str]) -> None:
    """Calls just recorded as charged: keeps the volume known here up to date between two readings."""
    for classe in classes:
        _memoria.somar(acesso, classe, periodo(timezone.localdate())[0])


def _preco(classe: str, total: int, dia: date) -> Decimal:
    vigentes = [f for f in _memoria.faixas() if f.classe == classe and f.vigente_desde <= dia]
    if not vigentes:
        return Decimal(0)
    desde = max(faixa.vigente_desde for faixa in vigentes)
    atuais = sorted(
        (faixa for faixa in vigentes if faixa.vigente_desde == desde), key=lambda f: (f.ate is None, f.ate or 0)
    )
    return next((faixa.preco for faixa in atuais if faixa.ate is None or total <= faixa.ate), atuais[-1].preco)
