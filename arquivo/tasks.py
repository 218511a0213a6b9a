"""Work of this app that goes on behind the screens."""

from datetime import timedelta

import structlog
from django.conf import settings
from procrastinate.contrib.django import app

from arquivo.services import verificacao
from comum.banco import conexao_devolvida

log = structlog.get_logger(__name__)

_FATIA_S = 20.0


@app.periodic(cron="*/10 * * * *")
@app.task(name="arquivo.verificar", queueing_lock="arquivo.verificar")
def verificar(timestamp: int) -> None:
    """Every ten minutes: a slice of the round that reads every kept file, until it ends; then it rests."""
    if not settings.ARQUIVO_VERIFICAR_DIAS:
        return
    with conexao_devolvida():
        if lidos := verificacao.fatia(_FATIA_S, timedelta(days=settings.ARQUIVO_VERIFICAR_DIAS)):
            log.info("kept files read", files=lidos)
