"""A worker whose host's clock is wrong holds nobody up."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import time_machine

from operacoes import tasks
from operacoes.management.commands.trabalhador import _a_cada


def correr(corotina: Coroutine[Any, Any, object]) -> None:
    """In a thread of its own: where a browser test ran before, this one has a loop already."""
    with ThreadPoolExecutor(1) as fio:
        fio.submit(asyncio.run, corotina).result()


def test_a_stalled_job_is_due_at_once_whatever_the_clock_of_who_finds_it() -> None:
    """Two hours ahead, the job waited two hours, and its queueing lock kept every other round out."""
    retomados: list[datetime] = []

    class Gerente:
        async def get_stalled_jobs(self, **_: Any) -> list[Any]:
            return [SimpleNamespace(id=1, task_name="operacoes.recuperar")]

        async def retry_job(self, job: Any, retry_at: datetime) -> None:
            retomados.append(retry_at)

    contexto: Any = SimpleNamespace(app=SimpleNamespace(job_manager=Gerente()))
    agora = datetime.now(UTC)
    with time_machine.travel(agora + timedelta(hours=2), tick=True):
        correr(tasks._retomar_jobs(contexto))
    assert len(retomados) == 1
    assert retomados[0] < agora


def test_the_rounds_of_a_worker_go_on_when_its_clock_jumps_back() -> None:
    feitas: list[int] = []
    fim = asyncio.Event()

    async def rodar() -> None:
        ronda = asyncio.create_task(_a_cada(0.01, lambda: feitas.append(1), fim))
        with time_machine.travel(datetime.now(UTC) - timedelta(hours=2), tick=True):
            antes = len(feitas)
            while len(feitas) < antes + 3:
                await asyncio.sleep(0.01)
        fim.set()
        await ronda

    correr(asyncio.wait_for(rodar(), 60))
    assert len(feitas) >= 3


def test_a_round_that_fails_is_made_again() -> None:
    feitas: list[int] = []
    fim = asyncio.Event()

    def falhar() -> None:
        feitas.append(1)
        if len(feitas) == 3:
            fim.set()
        raise RuntimeError("the database is away")

    correr(asyncio.wait_for(_a_cada(0.01, falhar, fim), 60))
    assert len(feitas) >= 3
