"""The worker: drains the queue of operations in many threads, and runs the other tasks beside it."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connections
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.db_cleanup import close_db_connections
from procrastinate.worker import Worker

from comum.instalacao import check_ambiente
from operacoes.fila import FILA, drenos
from operacoes.motor import execucao, recuperacao
from operacoes.motor.ajuda import ajuda
from operacoes.motor.tomada import NOME
from operacoes.motor.vez import largar_conexao

log = structlog.get_logger(__name__)

OUTRAS_TAREFAS = 4  # threads for imports and housekeeping, which never wait behind a bulk run
# Most threads wait for a service or the database, and hold a call slot or a row meanwhile: whoever has an answer goes
# on soon, at the price of more switches (the interpreter's own interval is five times this).
_TROCA_S = 0.001
_RECOMECO_S = 3.0
_ESPERA_PELO_BANCO_S = 120.0


class Command(BaseCommand):
    # Some of the checks ask the database, which may be starting beside us: `handle` waits for it first.
    requires_system_checks = ()
    help = "Executa as operações e as tarefas de fundo. SIGTERM ou Ctrl+C encerra depois das chamadas em curso."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--concorrencia",
            "--threads",
            dest="threads",
            metavar="N",
            type=int,
            default=settings.TRABALHADOR_THREADS,
            help="chamadas simultâneas aos serviços (padrão: TRABALHADOR_THREADS)",
        )
        parser.add_argument(
            "--parada",
            type=float,
            default=settings.TRABALHADOR_PARADA_S,
            metavar="SEGUNDOS",
            help="tempo máximo para encerrar depois do aviso (padrão: TRABALHADOR_PARADA_S)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        threads = max(1, options["threads"])
        sys.setswitchinterval(_TROCA_S)
        execucao.vagas.definir(threads)
        nascer_quando_houver_banco(threads)
        self.stdout.write(f"Trabalhador {NOME}: até {threads} chamadas simultâneas.")
        try:
            # A second App beside the global one: tasks that defer others keep doing it inside Django's transaction.
            asyncio.run(_viver(app.with_connector(app.connector.get_worker_connector()), threads, options["parada"]))  # type: ignore[attr-defined]
        finally:
            despedir()
        self.stdout.write("Trabalhador encerrado.")


def nascer_quando_houver_banco(threads: int) -> None:
    """Announce this worker, once the database is there: whoever restarts a machine starts both together."""
    limite = time.monotonic() + _ESPERA_PELO_BANCO_S
    while True:
        try:
            check_ambiente()
            recuperacao.nascer(threads)
            return
        except (OperationalError, InterfaceError):
            if time.monotonic() > limite:
                raise
            log.warning("database away, waiting for it")
        finally:
            connections.close_all()  # this thread only waits from here on
        time.sleep(1)


def despedir() -> None:
    """Take this worker's name off the list. Where the database is away its silence tells."""
    try:
        recuperacao.morrer()
    except (OperationalError, InterfaceError):
        log.warning("database away, ended without taking leave")
    finally:
        connections.close_all()


def _desistir() -> None:
    """The time to stop is over: what is still running is left as after a kill, for others to find out about."""
    log.error("calls still in course, ending without them")
    os._exit(os.EX_TEMPFAIL)


async def _viver(trabalhador: App, threads: int, parada: float) -> None:
    """Run until told to stop; a lost database connection is waited out, not fatal."""
    loop = asyncio.get_running_loop()
    # The queue would run sync tasks in asyncio's default executor, a handful of threads on a small machine.
    loop.set_default_executor(ThreadPoolExecutor(drenos(threads) + OUTRAS_TAREFAS + 2, thread_name_prefix="guiche"))
    ajudantes = ThreadPoolExecutor(drenos(threads), thread_name_prefix="ajuda")
    ajuda.definir(drenos(threads), ajudantes)
    fim, acabou = asyncio.Event(), asyncio.Event()

    def encerrar() -> None:
        if not fim.is_set():
            ultimo = threading.Timer(parada, _desistir)
            ultimo.daemon = True
            ultimo.start()
        execucao.parar.set()
        fim.set()

    for sinal in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sinal, encerrar)

    def bater() -> None:
        recuperacao.bater(threads)

    # By the monotonic clock: the queue's own periodic tasks go by the host's, which may be wrong or jump. The beat goes
    # on while the last calls end, or others would take them for lost.
    sempre = [
        asyncio.create_task(_a_cada(recuperacao.BATIDA_S, bater, acabou)),
        asyncio.create_task(_a_cada(recuperacao.RONDA_S, recuperacao.recuperar, fim)),
    ]
    while not fim.is_set():
        try:
            async with trabalhador.open_async():
                await _rodar(trabalhador, threads, fim)
        except Exception:
            log.exception("worker stopped unexpectedly, starting again")
        # Periodic jobs are deferred through Django's connection of asgiref's own thread, which nobody else would renew.
        await sync_to_async(connections.close_all)()
        if not fim.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(fim.wait(), _RECOMECO_S)
    ajuda.definir(0, None)
    await loop.run_in_executor(None, ajudantes.shutdown)
    acabou.set()
    await asyncio.gather(*sempre)


async def _rodar(trabalhador: App, threads: int, fim: asyncio.Event) -> None:
    partes = [
        _worker(trabalhador, [FILA], drenos(threads)),
        _worker(trabalhador, ["default"], OUTRAS_TAREFAS),
    ]
    tarefas = [asyncio.create_task(parte.run()) for parte in partes]  # type: ignore[no-untyped-call]
    espera = asyncio.create_task(fim.wait())
    # One part ending by itself has lost its connection: both end and start again together.
    await asyncio.wait([*tarefas, espera], return_when=asyncio.FIRST_COMPLETED)
    espera.cancel()
    for parte in partes:
        parte.stop()  # type: ignore[no-untyped-call]
    await asyncio.gather(*tarefas)


def _worker(trabalhador: App, filas: list[str], vagas: int) -> Worker:
    return Worker(
        trabalhador,
        queues=filas,
        concurrency=vagas,
        name="_".join(filas),
        install_signal_handlers=False,
        update_heartbeat_interval=recuperacao.BATIDA_S,
        stalled_worker_timeout=recuperacao.SEM_SINAL_S,
        task_middleware=[close_db_connections],
    )


async def _a_cada(segundos: float, funcao: Callable[[], object], fim: asyncio.Event) -> None:
    def uma_vez() -> None:
        try:
            funcao()
        finally:
            largar_conexao()

    loop = asyncio.get_running_loop()
    while not fim.is_set():
        try:
            await loop.run_in_executor(None, uma_vez)
        except Exception:
            log.warning("round failed", what=funcao.__name__, exc_info=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(fim.wait(), segundos)
