from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, close_old_connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from empresas import services
from empresas.importacao import base

_BANCO_FORA = RetryStrategy(max_attempts=5, wait=10, retry_exceptions=[OperationalError])


@contextmanager
def _conexao_devolvida() -> Iterator[None]:
    """The worker's threads outlive a task; its connection goes back to the pool."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()


@app.task(name="empresas.conferir_importacao", retry=_BANCO_FORA)
def conferir_importacao(importacao_id: str) -> None:
    with _conexao_devolvida():
        base.conferir(importacao_id)


@app.task(name="empresas.importar", retry=_BANCO_FORA)
def importar(importacao_id: str) -> None:
    with _conexao_devolvida():
        base.importar(importacao_id)


# Hourly, not daily: soon after midnight in São Paulo whatever zone the worker's clock is in.
@app.periodic(cron="1 * * * *")
@app.task(name="empresas.atualizar_regimes", queueing_lock="empresas.atualizar_regimes")
def atualizar_regimes(timestamp: int) -> None:
    with _conexao_devolvida():
        services.atualizar_regimes()
