"""Work of this app that goes on behind the screens."""

import structlog
from django.db import OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from comum.banco import conexao_devolvida
from comum.models import Usuario
from guias.models import Rotina
from guias.providers.eventos import Evento
from guias.services import barras, lembretes, novidades, rotina, seguimento

log = structlog.get_logger(__name__)

_FATIA_S = 45.0
_BANCO_FORA = RetryStrategy(max_attempts=5, wait=10, retry_exceptions=[OperationalError])


@app.periodic(cron="* * * * *")
@app.task(name="guias.examinar", queueing_lock="guias.examinar")
def examinar(timestamp: int) -> None:
    """Each minute: the PDFs of the guias drawn since are opened and compared, and their bar codes kept."""
    with conexao_devolvida():
        if feitas := barras.examinar_novas(_FATIA_S):
            log.info("guias examined", guias=feitas)


@app.periodic(cron="*/15 * * * *")
@app.task(name="guias.lembrar", queueing_lock="guias.lembrar")
def lembrar(timestamp: int) -> None:
    """Every quarter of an hour, since one may be missed: the reminders of the day, each submitted once."""
    with conexao_devolvida():
        if feitos := lembretes.lembrar():
            log.info("reminders submitted", reminders=feitos)


@app.periodic(cron="30 9 * * *")
@app.task(name="guias.consultar_novidades", queueing_lock="guias.consultar_novidades")
def consultar_novidades(timestamp: int) -> None:
    """Daily, early in the morning of Brasília, where the office wants it: the free question before the paid ones."""
    with conexao_devolvida():
        if rotina.em_vigor() == Rotina.NADA:
            return
        pedidos = novidades.consultar_todas(list(Evento))
        log.info("news asked", requests=pedidos)


@app.periodic(cron="*/15 * * * *")
@app.task(name="guias.buscar_pagamentos", queueing_lock="guias.buscar_pagamentos")
def buscar_pagamentos(timestamp: int) -> None:
    """Every quarter of an hour, where the office wants it: the payments of whom the news of the morning named, once for
    each news. What the cap of cost kept out is looked at again."""
    with conexao_devolvida():
        if (run := rotina.buscar()) is not None:
            log.info("payments searched", run=run.pk)


@app.task(name=seguimento.TAREFA_SUBLIMITE, retry=_BANCO_FORA)
def seguir_sublimite(uf: str, ano: int, usuario_id: int) -> None:
    """A sublimit of a state was put in, altered or taken out in the back office."""
    with conexao_devolvida():
        feitas = seguimento.seguir_sublimite(uf, ano, Usuario.objects.filter(pk=usuario_id).first())
        log.info("sublimit followed", uf=uf, year=ano, companies=feitas)
