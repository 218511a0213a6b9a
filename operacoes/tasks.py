"""Queue tasks of the engine. They take names or nothing, and call the motor."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from django.db.models.functions import Now
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from comum import auditoria, tocadas
from operacoes import fila, publico
from operacoes.models import Trabalhador
from operacoes.motor import execucao, recuperacao
from operacoes.motor.ajuda import ajuda
from operacoes.motor.vez import largar_conexao

log = structlog.get_logger(__name__)

_GUARDAR_JOBS_H = 48
_RONDA_S = max(1, round(recuperacao.RONDA_S))
# Now, by whatever clock: with that of a host which is ahead, the job would wait, and its lock keep others out.
_JA = datetime(2000, 1, 1, tzinfo=UTC)


@app.task(name=fila.DRENAR, queue=fila.FILA)
def drenar(balde: str) -> None:
    """Work a bucket for one slice of time; when rows remain, another job goes on from here."""
    with ajuda.contar():
        continua = execucao.drenar(balde)
    if continua:
        fila.acordar({balde: 1})


@app.periodic(cron=f"* * * * * */{_RONDA_S}")
@app.task(name="operacoes.recuperar", queueing_lock="operacoes.recuperar", pass_context=True)
async def recuperar(context: JobContext, timestamp: int) -> None:
    """Every 15 s: jobs of dead queue workers. What matters to the rows is the round of each worker (trabalhador)."""
    await _retomar_jobs(context)


async def _retomar_jobs(context: JobContext) -> None:
    gerente = context.app.job_manager
    retomados: Counter[str] = Counter()
    for job in await gerente.get_stalled_jobs(seconds_since_heartbeat=recuperacao.SEM_SINAL_S):
        try:
            await gerente.retry_job(job, retry_at=_JA)
        except ConnectorException:
            # Its queueing lock is held by a newer job of the same task, which does the same work.
            await gerente.finish_job(job, status=Status.FAILED, delete_job=False)
        retomados[job.task_name] += 1
    if retomados:
        log.warning("jobs of a worker that died taken up", **retomados)


@app.periodic(cron="*/5 * * * *")
@app.task(name="operacoes.selar_auditoria", queueing_lock="operacoes.selar_auditoria")
def selar_auditoria(timestamp: int) -> None:
    auditoria.selar()


@app.periodic(cron="*/5 * * * *")
@app.task(name="operacoes.esquecer_tocadas", queueing_lock="operacoes.esquecer_tocadas")
def esquecer_tocadas(timestamp: int) -> None:
    tocadas.esquecer()


@app.periodic(cron="17 * * * *")
@app.task(name="operacoes.limpar", queueing_lock="operacoes.limpar", pass_context=True)
async def limpar(context: JobContext, timestamp: int) -> None:
    """Hourly: finished jobs older than two days, the names of workers long gone, and who asked at the public pages."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=_GUARDAR_JOBS_H, include_failed=True, include_cancelled=True, include_aborted=True
    )
    await _em_thread(_esquecer_trabalhadores)
    await _em_thread(publico.esquecer)


def _esquecer_trabalhadores() -> None:
    Trabalhador.objects.filter(batida__lt=Now() - timedelta(days=1)).delete()


async def _em_thread(funcao: Callable[[], object]) -> None:
    def rodar() -> None:
        try:
            funcao()
        finally:
            largar_conexao()

    await asyncio.get_running_loop().run_in_executor(None, rodar)
