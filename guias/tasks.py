"""Queue tasks of guias."""

import structlog
from django.conf import settings
from procrastinate.contrib.django import app

from guias.providers.eventos import Evento
from guias.services import novidades

log = structlog.get_logger(__name__)


@app.periodic(cron="30 9 * * *")
@app.task(name="guias.consultar_novidades", queueing_lock="guias.consultar_novidades")
def consultar_novidades(timestamp: int) -> None:
    """Daily, early in the morning of Brasília, where the office wants it: the free question before the paid ones."""
    if settings.GUIAS_NOVIDADES_DIARIAS:
        pedidos = novidades.consultar_todas([Evento.PAGAMENTOS])
        log.info("news of payments asked", requests=pedidos)
