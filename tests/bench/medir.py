"""Time and memory of a piece of work, for the benchmarks."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.test import Client

from comum.models import Usuario
from empresas.models import Empresa

REPETICOES = 9


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


def medir_pagina(usuario: Usuario, endereco: str, escrever: Callable[[], object], **cabecalhos: str) -> dict[str, Any]:
    """Server time of a page through the test client, beside an aim of 50 ms: the fields of a row but its name, and
    `depois`, seconds of the first one after a write. Medians."""
    cliente = Client(headers=cabecalhos)
    cliente.force_login(usuario)
    tempos: dict[bool, list[float]] = {False: [], True: []}
    with medir() as medida:
        for vez in range(2 * REPETICOES):
            escrita = vez % 2 == 0
            if escrita:
                escrever()
            inicio = time.perf_counter()
            resposta = cliente.get(endereco)
            tempos[escrita].append(time.perf_counter() - inicio)
    if resposta.status_code != 200:
        raise RuntimeError(f"{endereco}: {resposta.status_code}")
    mediana, depois = (statistics.median(tempos[escrita]) for escrita in (False, True))
    return {
        "depois": depois,
        "nosso_s": mediana,
        "referencia": "50 ms",
        "referencia_s": 0.05,
        "razao": mediana / 0.05,
        "memoria_mb": medida.memoria_mb,
    }
