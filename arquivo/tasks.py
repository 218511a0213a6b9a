"""Work of this app that goes on behind the screens."""

import contextlib
import time
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from arquivo.services import verificacao
from comum.banco import conexao_devolvida

log = structlog.get_logger(__name__)

_FATIA_S = 20.0
TAREFA = "arquivo.verificar"


@app.periodic(cron="*/10 * * * *")
@app.task(name=TAREFA, queueing_lock=TAREFA)
def verificar(timestamp: int) -> None:
    """Every ten minutes: a slice of the round that reads every kept file, until it ends; then it rests. At once when
    somebody asks for a round (`pedir`)."""
    with conexao_devolvida():
        if not settings.ARQUIVO_VERIFICAR_DIAS and not verificacao.em_curso():
            return
        if lidos := verificacao.fatia(_FATIA_S, timedelta(days=settings.ARQUIVO_VERIFICAR_DIAS)):
            log.info("kept files read", files=lidos)


def pedir() -> None:
    """Begin a round, or go on with the one there is, now rather than at the next ten minutes."""
    verificacao.ronda_aberta()
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(TAREFA).defer(timestamp=int(time.time()))
