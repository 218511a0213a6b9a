"""The web server's worker leans on gunicorn's own, whose inside may change with its version."""

import gc
import inspect

import pytest
from gunicorn.util import load_class  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from config import partida
from config.servidor import Atendente


def test_gunicorn_loads_our_worker_and_has_what_it_uses() -> None:
    (nome,) = (parte.partition("=")[2] for parte in partida._web("", 0) if parte.startswith("--worker-class="))
    atendente = load_class(nome)
    assert issubclass(atendente, ThreadWorker)
    dentro = inspect.getsource(ThreadWorker)
    for usado in ("_DEFER", "self.method_queue", "self.pending_conns", "def murder_pending", "def murder_keepalived"):
        assert usado in dentro


def test_what_was_loaded_is_left_out_of_full_collections(monkeypatch: pytest.MonkeyPatch) -> None:
    carregado = [[n] for n in range(1000)]
    monkeypatch.setattr(ThreadWorker, "load_wsgi", lambda self: None)
    antes = gc.get_freeze_count()
    try:
        Atendente.load_wsgi(object.__new__(Atendente))
        assert gc.get_freeze_count() - antes > len(carregado)
    finally:
        gc.unfreeze()
