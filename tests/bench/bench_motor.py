"""The engine itself: real worker processes against a service that answers at once, so that nothing else is measured.

Every figure is the median of interleaved rounds, with the time a fixed loop took beside it: the machine may be busy.
BENCH_MOTOR chooses parts (vazao, cheio, limite, memoria); BENCH_ITENS, BENCH_RODADAS, BENCH_TERMINADAS and
BENCH_MEMORIA their sizes. In each round the service's ledger must hold every item exactly once.
"""

import os
import statistics
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from django.db import connection
from django.db.models import Model

from operacoes.models import Operacao, Tentativa
from operacoes.motor import NovaOperacao, submeter
from tests.bench import instantaneo
from tests.bench.medir import laco
from tests.bench.processos import (
    Escritas,
    cpu,
    cpu_do_banco,
    escritas,
    esperar,
    trabalhadores,
    tudo_feito,
    usar_banco,
)
from tests.bench.respondedor import Respondedor, respondedor

ITENS = int(os.environ.get("BENCH_ITENS", "2000"))
RODADAS = int(os.environ.get("BENCH_RODADAS", "3"))
TERMINADAS = int(os.environ.get("BENCH_TERMINADAS", "1000000"))
MEMORIA = int(os.environ.get("BENCH_MEMORIA", "50000"))
LATENCIA_MS, SIMULTANEAS, CHAMADAS = 300, 32, 1000

_QUANDO = "(now() - n * (interval '1 year' / %(n)s))"
# What differs from the one real row that the others are copies of, spread over the last year.
_OPERACAO = {
    "id": "1000000 + n",
    "chave": "'historico:' || n",
    "pedido": "jsonb_build_object('chave', 'historico:' || n)",
    "turno": "n",
    **dict.fromkeys(("proxima_em", "enviada_em", "enviada_ate", "criada_em", "encerrada_em"), _QUANDO),
}
_TENTATIVA = {
    "id": "gen_random_uuid()",
    "operacao_id": "1000000 + n",
    **dict.fromkeys(("iniciada_em", "encerrada_em"), _QUANDO),
}


def _copiar(modelo: type[Model], trocas: dict[str, str]) -> None:
    colunas = [str(campo.column) for campo in modelo._meta.concrete_fields]
    valores = ", ".join(trocas.get(coluna, f"o.{coluna}") for coluna in colunas)
    tabela = modelo._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {tabela} ({', '.join(colunas)}) SELECT {valores}"
            f" FROM (SELECT * FROM {tabela} LIMIT 1) o, generate_series(1, %(n)s) AS n",
            {"n": TERMINADAS},
        )


@dataclass
class Rodada:
    segundos: float
    cpu_ms: float  # of the workers, per item
    cpu_banco_ms: float
    escritas: Escritas
    memoria_mb: float
    laco: float


def executar() -> list[dict[str, Any]]:
    pedidas = os.environ.get("BENCH_MOTOR", "vazao,cheio,limite,memoria").split(",")
    linhas: list[dict[str, Any]] = []
    banco = str(connection.settings_dict["NAME"])
    with tempfile.TemporaryDirectory() as pasta:
        with respondedor(Path(pasta) / "ja") as servico:
            if "vazao" in pedidas:
                linhas += _vazao(banco, servico)
            if "cheio" in pedidas:
                linhas += _cheio(banco, servico)
            if "memoria" in pedidas:
                linhas += _memoria(banco, servico)
        if "limite" in pedidas:
            with respondedor(Path(pasta) / "lento", LATENCIA_MS) as lento:
                linhas += _limite(banco, lento)
    return linhas


def submeter_novas(quantas: int) -> set[str]:
    lote = uuid.uuid4().hex[:12]
    chaves = [f"{lote}-{n}" for n in range(quantas)]
    submeter(
        [
            NovaOperacao(tipo=instantaneo.TIPO, chave=chave, pedido={"chave": chave}, acesso=instantaneo.ACESSO)
            for chave in chaves
        ],
        usuario=None,
    )
    return set(chaves)


def _rodada(
    banco: str, servico: Respondedor, quantos: int, itens: int = ITENS, threads: int = 32, ate: float = 1800
) -> Rodada:
    usar_banco(banco)
    servico.esquecer()
    antes, banco_antes, do_laco = escritas(), cpu_do_banco(), laco()
    with trabalhadores(quantos, banco, servico, threads) as processos:
        cpu_antes = sum(map(cpu, processos))
        chaves = submeter_novas(itens)
        inicio = time.perf_counter()
        segundos = esperar(tudo_feito, "the run did not end", ate) - inicio
        gasto = sum(map(cpu, processos)) - cpu_antes
        memoria = max(_rss(processo) for processo in processos)
    livro = servico.livro()
    assert livro == dict.fromkeys(chaves, 1), "the ledger does not hold each item once"
    return Rodada(
        segundos,
        gasto / itens * 1000,
        (cpu_do_banco() - banco_antes) / itens * 1000,
        escritas() - antes,
        memoria,
        (do_laco + laco()) / 2,
    )


def _rss(processo: psutil.Process) -> float:
    return float(processo.memory_info().rss) / 2**20


def _mediana(rodadas: list[Rodada]) -> Rodada:
    return sorted(rodadas, key=lambda r: r.segundos)[len(rodadas) // 2]


def _linha(nome: str, rodadas: list[Rodada], itens: int, **resto: Any) -> dict[str, Any]:
    meio = _mediana(rodadas)
    laco_s = statistics.median(r.laco for r in rodadas)
    escrito = meio.escritas
    return {
        "o_que": f"{nome}: {itens / meio.segundos:.0f} items/s, CPU {meio.cpu_ms:.1f} ms + database"
        f" {meio.cpu_banco_ms:.1f} ms, {escrito.linhas / itens:.1f} rows in {escrito.transacoes / itens:.1f}"
        f" transactions and {escrito.wal / itens / 1024:.1f} kB of journal an item (loop {laco_s:.2f} s)",
        "nosso_s": meio.segundos,
        "memoria_mb": meio.memoria_mb,
        **resto,
    }


def _vazao(banco: str, servico: Respondedor) -> list[dict[str, Any]]:
    medidas: dict[int, list[Rodada]] = {1: [], 2: [], 4: []}
    for _ in range(RODADAS):
        for quantos, rodadas in medidas.items():
            rodadas.append(_rodada(banco, servico, quantos))
    um = _mediana(medidas[1]).segundos
    return [
        _linha(
            f"{ITENS} items, {quantos} worker(s)",
            rodadas,
            ITENS,
            referencia="1 worker",
            referencia_s=um,
            razao=_mediana(rodadas).segundos / um,
        )
        for quantos, rodadas in medidas.items()
    ]


def _cheio(banco: str, servico: Respondedor) -> list[dict[str, Any]]:
    """The same beside a copy of the database that also holds years of finished work."""
    cheio = f"{banco}_cheio"
    usar_banco(banco)
    submeter_novas(1)  # the bucket exists
    with trabalhadores(1, banco, servico):
        esperar(tudo_feito, "the first item did not end")
    usar_banco("postgres")
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{cheio}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{cheio}" TEMPLATE "{banco}"')
    try:
        usar_banco(cheio)
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # no checks of what is known to be right
            _copiar(Operacao, _OPERACAO)
            _copiar(Tentativa, _TENTATIVA)
            cursor.execute("VACUUM ANALYZE")
        medidas: dict[str, list[Rodada]] = {banco: [], cheio: []}
        for volta in range(RODADAS):
            for nome in (banco, cheio) if volta % 2 else (cheio, banco):
                medidas[nome].append(_rodada(nome, servico, 2))
    finally:
        usar_banco("postgres")
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{cheio}" WITH (FORCE)')
        usar_banco(banco)
    vazio = _mediana(medidas[banco])
    return [
        _linha("without history, 2 workers", medidas[banco], ITENS),
        _linha(
            f"with {TERMINADAS:,} finished, 2 workers",
            medidas[cheio],
            ITENS,
            referencia="without",
            referencia_s=vazio.segundos,
            razao=_mediana(medidas[cheio]).segundos / vazio.segundos,
        ),
    ]


def _limite(banco: str, servico: Respondedor) -> list[dict[str, Any]]:
    rodadas = [_rodada(banco, servico, 1, CHAMADAS, SIMULTANEAS) for _ in range(RODADAS)]
    ideal = CHAMADAS * LATENCIA_MS / 1000 / SIMULTANEAS
    meio = _mediana(rodadas)
    return [
        _linha(
            f"{CHAMADAS} calls of {LATENCIA_MS} ms, {SIMULTANEAS} at once ({ideal / meio.segundos:.0%} of ideal)",
            rodadas,
            CHAMADAS,
            referencia="ideal",
            referencia_s=ideal,
            razao=meio.segundos / ideal,
        )
    ]


def _memoria(banco: str, servico: Respondedor) -> list[dict[str, Any]]:
    """One worker process through all of it, its memory after the first thousand and at the end."""
    usar_banco(banco)
    servico.esquecer()
    with trabalhadores(1, banco, servico) as [processo]:
        inicio = time.perf_counter()
        submeter_novas(1000)
        esperar(tudo_feito, "the run did not end", 600)
        depois_de_mil = _rss(processo)
        for _ in range((MEMORIA - 1000) // 1000):
            submeter_novas(1000)
            esperar(tudo_feito, "the run did not end", 600)
        fim, no_fim = time.perf_counter(), _rss(processo)
    return [
        {
            "o_que": f"memory of a worker: {depois_de_mil:.0f} MB after 1000 items, {no_fim:.0f} MB after {MEMORIA}"
            f" ({no_fim / depois_de_mil:.2f} times)",
            "nosso_s": fim - inicio,
            "memoria_mb": no_fim,
        }
    ]
