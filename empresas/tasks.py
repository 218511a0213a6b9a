from django.db import OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from comum.banco import conexao_devolvida
from empresas import services
from empresas.importacao import base

_BANCO_FORA = RetryStrategy(max_attempts=5, wait=10, retry_exceptions=[OperationalError])


@app.task(name="empresas.conferir_importacao", retry=_BANCO_FORA)
def conferir_importacao(importacao_id: str) -> None:
    with conexao_devolvida():
        base.conferir(importacao_id)


@app.task(name="empresas.importar", retry=_BANCO_FORA)
def importar(importacao_id: str) -> None:
    with conexao_devolvida():
        base.importar(importacao_id)


# Hourly, not daily: soon after midnight in São Paulo whatever zone the worker's clock is in.
@app.periodic(cron="1 * * * *")
@app.task(name="empresas.atualizar_regimes", queueing_lock="empresas.atualizar_regimes")
def atualizar_regimes(timestamp: int) -> None:
    with conexao_devolvida():
        services.atualizar_regimes()
