"""The worker of the product, on a host whose clock can be made to jump, beside services that take at most FOGO_DEMORA
seconds.

`python -m tests.fogo.trabalhador [options of manage.py trabalhador]`. The file named by FOGO_RELOGIO holds the seconds
by which this host's clock is off; every change of it is a jump. The monotonic clock goes on as it would.
"""

import os
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine


def _acompanhar(arquivo: Path) -> None:
    desvio, coordenadas = 0.0, None
    while True:
        try:
            novo = float(arquivo.read_text() or 0)
        except (OSError, ValueError):
            novo = desvio
        if novo != desvio:
            if coordenadas is None:
                coordenadas = time_machine.travel(datetime.now(UTC), tick=True).start()
            coordenadas.shift(timedelta(seconds=novo - desvio))
            desvio = novo
        time.sleep(0.1)


def main() -> None:
    if arquivo := os.environ.get("FOGO_RELOGIO"):
        threading.Thread(target=_acompanhar, args=[Path(arquivo)], daemon=True).start()
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    from operacoes.handlers import todos

    for handler in todos():
        type(handler).demora_maxima = min(handler.demora_maxima, timedelta(seconds=float(os.environ["FOGO_DEMORA"])))
    execute_from_command_line(["manage.py", "trabalhador", *sys.argv[1:]])


if __name__ == "__main__":
    main()
