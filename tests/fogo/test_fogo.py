"""A short run of the harness, and what every handler brings for it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from operacoes.handlers import Handler, todos
from tests.fogo import plano

RAIZ = Path(__file__).resolve().parents[2]


def do_produto() -> list[Handler]:
    return [handler for handler in todos() if not type(handler).__module__.startswith("tests.")]


@pytest.mark.parametrize("handler", do_produto(), ids=lambda handler: handler.tipo)
def test_every_handler_can_be_exercised(handler: Handler) -> None:
    """Registering a handler is enough for the harness, because each one brings its pedidos and its ledger key."""
    assert type(handler).ensaiar is not Handler.ensaiar
    assert type(handler).no_livro is not Handler.no_livro


def test_a_seed_is_a_plan() -> None:
    medidas = plano.inteira(2000, 4)
    um, outro = plano.eventos(7, medidas), plano.eventos(7, medidas)
    assert um == outro != plano.eventos(8, medidas)
    assert {evento.tipo for evento in um} == {evento.tipo for evento in plano.eventos(8, medidas)}
    regras = [plano.regras_da_empresa(7, f"{n:014d}", medidas, com_efeito=True) for n in range(2000)]
    assert regras == [plano.regras_da_empresa(7, f"{n:014d}", medidas, com_efeito=True) for n in range(2000)]
    assert {regra.falha for grupo in regras for regra in grupo} == {*plano.FALHAS, plano.TARDIA}


def test_a_short_run_under_every_fault_does_nothing_twice_and_loses_nothing() -> None:
    comando = [sys.executable, "-m", "tests.fogo", "--curta", "--operacoes=60", "--trabalhadores=2", "--semente=7"]
    feito = subprocess.run(comando, cwd=RAIZ, capture_output=True, text=True, timeout=280)
    assert feito.returncode == 0, feito.stdout[-6000:] + feito.stderr[-3000:]
    # It did burn: every handler, effects outside, faults that touched calls.
    assert all(re.search(rf"^{re.escape(handler.tipo)} .*\| [1-9]", feito.stdout, re.M) for handler in do_produto())
    transmitidas = re.search(r"^guias\.pgdasd\.transmitir +\| (\d+) +\| (\d+)", feito.stdout, re.M)
    assert transmitidas is not None
    assert int(transmitidas[2]) > 5
    falhas = re.search(r"(\d+) faults of machines, (\d+) of the service", feito.stdout)
    assert falhas is not None
    assert int(falhas[1]) >= 12
    assert int(falhas[2]) > 10
