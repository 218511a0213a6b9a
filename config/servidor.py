"""The web server's worker: gunicorn's threads, whose open connections hold a stop only while a request is in course."""

import gc
from types import FrameType
from typing import Any

from django.urls import get_resolver
from gunicorn.workers.gthread import _DEFER, ThreadWorker  # type: ignore[import-untyped]

_PRIMEIROS_BYTES_S = 0.05


class Atendente(ThreadWorker):  # type: ignore[misc]
    def load_wsgi(self) -> None:
        super().load_wsgi()
        # What was loaded stays: a full collection, which stops a request, no longer looks through it (4 ms, not 130).
        _ = get_resolver().url_patterns
        gc.collect()
        gc.freeze()

    def handle(self, conn: Any) -> Any:
        # A browser opens connections ahead of its requests: they wait beside the kept-alive ones, not in a thread.
        if not conn.initialized and not conn.wait_for_data(_PRIMEIROS_BYTES_S):
            return _DEFER
        return super().handle(conn)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.method_queue.defer(self._soltar_ociosas)

    def _soltar_ociosas(self) -> None:
        for conn in self.pending_conns:
            conn.timeout = 0.0
        self.murder_pending()
        self.murder_keepalived(force=True)
