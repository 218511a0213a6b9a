"""Help for a drain: more of them in the same process, while rows are left and there is room.

Jobs of the queue come to a worker one by one, tens of milliseconds apart, and another worker may take most of them. A
drain that finds work therefore calls for another, and that one too, so a worker is at full strength a moment after its
first job. Helpers count with the jobs against the process's number of drains and give way when jobs need their room, so
that a run of one bucket keeps no other bucket waiting.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor

import structlog

log = structlog.get_logger(__name__)


class Ajuda:
    """The drains at work in this process. Without `definir` (tests, a drain run by hand) nobody helps."""

    def __init__(self) -> None:
        self._trava = threading.Lock()
        self._em_curso = 0
        self.definir(0, None)

    def definir(self, limite: int, fios: Executor | None) -> None:
        """At most `limite` drains in all; `fios` runs the helpers."""
        self._limite, self._fios = limite, fios

    @contextlib.contextmanager
    def contar(self) -> Iterator[None]:
        """A job of the queue drains here meanwhile."""
        with self._trava:
            self._em_curso += 1
        try:
            yield
        finally:
            self._sair()

    def sobra(self) -> bool:
        """Whether jobs came for more than there is room: a helper ends."""
        return self._em_curso > self._limite

    def chamar(self, drenar: Callable[[], object]) -> bool:
        """Run `drenar` beside the others, if there is room for one more."""
        fios = self._fios
        if fios is None or self._em_curso >= self._limite:
            return False
        with self._trava:
            if self._em_curso >= self._limite:
                return False
            self._em_curso += 1
        try:
            fios.submit(self._ajudar, drenar)
        except RuntimeError:  # the worker is ending
            self._sair()
            return False
        return True

    def _ajudar(self, drenar: Callable[[], object]) -> None:
        try:
            drenar()
        except Exception:
            log.exception("helping drain failed")  # what it held is recovered like a lost job's
        finally:
            self._sair()

    def _sair(self) -> None:
        with self._trava:
            self._em_curso -= 1


ajuda = Ajuda()
