"""The web server's worker leans on gunicorn's own, whose inside may change with its version."""

import inspect

from gunicorn.util import load_class  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from config import partida


def test_gunicorn_loads_our_worker_and_has_what_it_uses() -> None:
    (nome,) = (parte.partition("=")[2] for parte in partida._web("", 0) if parte.startswith("--worker-class="))
    atendente = load_class(nome)
    assert issubclass(atendente, ThreadWorker)
    dentro = inspect.getsource(ThreadWorker)
    for usado in ("_DEFER", "self.method_queue", "self.pending_conns", "def murder_pending", "def murder_keepalived"):
        assert usado in dentro
