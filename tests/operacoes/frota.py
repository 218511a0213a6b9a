"""A fleet of real workers: `python -m tests.operacoes.frota DATABASE HOSTS WORKERS MODULE`.

One process loads the product and the module with the handlers of the test, then forks the workers, which call
themselves after so many different hosts. SIGTERM ends them all in order.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

RAIZ = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def frota(banco: str, modulo: str, trabalhadores: int, anfitrioes: int = 2) -> Iterator["subprocess.Popen[bytes]"]:
    """A fleet at work; ended in order when the block is left."""
    processo = subprocess.Popen(
        [sys.executable, "-m", "tests.operacoes.frota", banco, str(anfitrioes), str(trabalhadores), modulo],
        cwd=RAIZ,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield processo
    finally:
        processo.terminate()
        assert processo.wait(60) == 0


def _trabalhar(numero: int, anfitrioes: int) -> None:
    from django.core.management import call_command

    from operacoes.management.commands import trabalhador
    from operacoes.motor import recuperacao, tomada

    anfitriao = f"anfitriao{numero % anfitrioes}"
    nome = f"{anfitriao}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    for modulo in (tomada, recuperacao, trabalhador):
        vars(modulo).update(ANFITRIAO=anfitriao, NOME=nome)
    call_command("trabalhador", threads=8)


def _main(anfitrioes: int, trabalhadores: int) -> None:
    filhos: list[int] = []

    def encerrar(*_: Any) -> None:
        for filho in filhos:
            with contextlib.suppress(ProcessLookupError):
                os.kill(filho, signal.SIGTERM)

    for numero in range(trabalhadores):
        filho = os.fork()
        if filho == 0:
            _trabalhar(numero, anfitrioes)
            os._exit(0)
        filhos.append(filho)
    signal.signal(signal.SIGTERM, encerrar)
    sys.exit(max(os.waitstatus_to_exitcode(os.waitpid(filho, 0)[1]) for filho in filhos))


def esperar(processo: "subprocess.Popen[bytes]", condicao: Callable[[], bool], paciencia: float = 180.0) -> None:
    fim = time.monotonic() + paciencia
    while not condicao():
        assert processo.poll() is None, "the fleet ended by itself"
        assert time.monotonic() < fim, "timed out"
        time.sleep(0.2)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = sys.argv[1]
    django.setup()
    __import__(sys.argv[4])
    _main(int(sys.argv[2]), int(sys.argv[3]))
