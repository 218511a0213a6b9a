"""Time and memory of a piece of work, for the benchmarks."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from empresas.models import Empresa


@dataclass
class Medida:
    segundos: float = 0.0
    memoria_mb: float | None = None


def _status(nome: str) -> int:
    for linha in Path("/proc/self/status").read_text().splitlines():
        if linha.startswith(f"{nome}:"):
            return int(linha.split()[1])
    return 0


def laco() -> float:
    """Seconds that a fixed piece of Python takes: how busy the machine is just now."""
    inicio, x = time.perf_counter(), 0
    for i in range(5_000_000):
        x += i
    return time.perf_counter() - inicio


@contextmanager
def medir() -> Iterator[Medida]:
    """Seconds and peak memory (MB above the start; None where the system does not tell) of the block."""
    medida = Medida()
    gc.collect()
    zerar = Path("/proc/self/clear_refs")
    try:
        zerar.write_text("5")  # forget the peak so far
        antes = _status("VmRSS")
    except OSError:
        antes = None
    inicio = time.perf_counter()
    yield medida
    medida.segundos = time.perf_counter() - inicio
    if antes is not None:
        medida.memoria_mb = (_status("VmHWM") - antes) / 1024


def escrever() -> None:
    """Somebody wrote to the table: what was counted before is counted again."""
    Empresa.objects.filter(codigo="-").update(nome_fantasia="")
