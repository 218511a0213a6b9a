"""Worker processes of a benchmark, and what they and the database spent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import psutil
from django.db import connection

from operacoes.models import Trabalhador
from tests.bench.respondedor import Respondedor

_RAIZ = Path(__file__).resolve().parents[2]
_ESPERA_S = 120.0
# Rows not yet settled, each part by an index of its own: a plain count would read every finished row.
_POR_FAZER = """
    SELECT EXISTS (SELECT FROM operacoes_operacao WHERE situacao IN ('pendente', 'incerta', 'aceita'))
        OR EXISTS (SELECT FROM operacoes_operacao WHERE tentativa_atual IS NOT NULL)
"""


def usar_banco(nome: str) -> None:
    """Point this process at another database of the same server."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    connection.settings_dict["NAME"] = nome


def iniciar(
    banco: str, servico: Respondedor | None, threads: int = 32, outros: Mapping[str, str] = MappingProxyType({})
) -> subprocess.Popen[bytes]:
    """`servico` is the responder of this folder, where the work is for it; `outros` are settings of the product."""
    ambiente = {**os.environ, "BENCH_BANCO": banco, **outros}
    if servico is not None:
        ambiente |= {"BENCH_URL": servico.url, "BENCH_CA": servico.ca}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.bench.trabalhador", str(threads)],
        cwd=_RAIZ,
        env=ambiente,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if "BENCH_LOG" not in os.environ else None,
    )


@contextmanager
def trabalhadores(
    quantos: int,
    banco: str,
    servico: Respondedor | None,
    threads: int = 32,
    outros: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[list[psutil.Process]]:
    """That many workers, at work and beating; ended in order with the block."""
    processos = [iniciar(banco, servico, threads, outros) for _ in range(quantos)]
    try:
        esperar(lambda: Trabalhador.objects.count() >= quantos, "the workers did not start")
        time.sleep(2.0)  # their queues listen
        yield [psutil.Process(processo.pid) for processo in processos]
    finally:
        for processo in processos:
            if processo.poll() is None:
                processo.send_signal(signal.SIGTERM)
        for processo in processos:
            processo.wait(60)


def esperar(pronto: object, aviso: str, ate: float = _ESPERA_S) -> float:
    """Poll until `pronto()`; the instant it was."""
    assert callable(pronto)
    limite = time.monotonic() + ate
    while not pronto():
        if time.monotonic() > limite:
            raise RuntimeError(aviso)
        time.sleep(0.05)
    return time.perf_counter()


def tudo_feito() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_POR_FAZER)
        return not cursor.fetchone()[0]


def cpu(processo: psutil.Process) -> float:
    tempos = processo.cpu_times()
    return float(tempos.user + tempos.system)


def cpu_do_banco() -> float:
    """CPU seconds of the database server so far: its living processes and those that ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_read_file('postmaster.pid')")
        numero = int(cursor.fetchone()[0].split()[0])
    mae = psutil.Process(numero)
    tempos = mae.cpu_times()
    total = float(tempos.user + tempos.system + tempos.children_user + tempos.children_system)
    for filha in mae.children():
        try:
            total += cpu(filha)
        except psutil.NoSuchProcess:
            continue
    return total


@dataclass
class Escritas:
    """What was written to the database: rows, transactions, bytes of journal, and rows by table."""

    transacoes: int = 0
    linhas: int = 0
    wal: int = 0
    tabelas: dict[str, int] = field(default_factory=dict)

    def __sub__(self, antes: "Escritas") -> "Escritas":
        tabelas = {nome: n - antes.tabelas.get(nome, 0) for nome, n in self.tabelas.items()}
        return Escritas(
            self.transacoes - antes.transacoes,
            self.linhas - antes.linhas,
            self.wal - antes.wal,
            {nome: n for nome, n in tabelas.items() if n},
        )


def escritas() -> Escritas:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT xact_commit, tup_inserted + tup_updated + tup_deleted FROM pg_stat_database"
            " WHERE datname = current_database()"
        )
        transacoes, linhas = cursor.fetchone()
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        wal = int(cursor.fetchone()[0])
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables")
        return Escritas(transacoes, linhas, wal, {nome: int(n) for nome, n in cursor.fetchall()})
