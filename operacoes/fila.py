"""The queue: Procrastinate jobs that only wake `drenar(balde)`. The rows are the truth; a lost or doubled job changes
nothing. Tasks are declared in each app's tasks.py."""

from collections.abc import Mapping

from django.conf import settings
from django.db import connection
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.types import JSONDict

FILA = "operacoes"  # drenar's own queue, so that bulk runs never keep imports and housekeeping waiting
DRENAR = "operacoes.drenar"
POR_JOB = 5  # drains that one job stands for: it calls for help where it runs (motor/ajuda.py)


def drenos(chamadas: int | None = None) -> int:
    """Drains that keep `chamadas` calls in course: a few more than the calls, as some of them are recording."""
    quantas = settings.TRABALHADOR_THREADS if chamadas is None else chamadas
    return int(quantas + (quantas + 3) // 4)


def configurar(_app: App) -> None:
    """PROCRASTINATE_ON_APP_READY: nothing beyond the tasks that Django's autodiscovery found."""


def acordar(vagas: Mapping[str, int]) -> None:
    """Defer the `drenar` jobs for that many drains per bucket, in the caller's transaction. A database that is away is
    told in its own errors, as by every other statement of that transaction."""
    tarefas: list[JSONDict] = [
        {"balde": balde} for balde, quantas in sorted(vagas.items()) for _ in range(-(-quantas // POR_JOB))
    ]
    if tarefas:
        try:
            app.configure_task(DRENAR, queue=FILA).batch_defer(*tarefas)
        except ConnectorException as erro:
            with connection.wrap_database_errors:
                raise erro.__cause__ or erro from None
