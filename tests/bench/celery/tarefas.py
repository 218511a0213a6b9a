"""Plain Celery, as its guide says for work that must not be lost: acks_late, reject_on_worker_lost, one prefetched.

Runs under the interpreter of tests/bench/celery/requirements.txt, in this folder.
"""

import os
import ssl

import httpx
from celery import Celery  # type: ignore[import-not-found]

app = Celery("tarefas", broker=os.environ["BENCH_BROKER"])
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    broker_transport_options={"visibility_timeout": int(os.environ["BENCH_VISIBILIDADE"])},
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
)
_cliente: list[httpx.Client] = []


def _http() -> httpx.Client:
    if not _cliente:
        contexto = ssl.create_default_context(cafile=os.environ["BENCH_CA"])
        sem_limite = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        _cliente.append(httpx.Client(verify=contexto, trust_env=False, timeout=10, limits=sem_limite))
    return _cliente[0]


@app.task(name="efeito")  # type: ignore[untyped-decorator]
def efeito(chave: str) -> None:
    _http().post(f"{os.environ['BENCH_URL']}/efeitos/{chave}", json={"chave": chave}).raise_for_status()
