"""A short run of the harness, and what every handler brings for it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from operacoes.handlers import Handler, todos
from operacoes.models import Efeito
from tests.fogo import plano
from tests.fogo.__main__ import _opcoes, de_novo

RAIZ = Path(__file__).resolve().parents[2]


def do_produto() -> list[Handler]:
    return [handler for handler in todos() if not type(handler).__module__.startswith("tests.")]


@pytest.mark.parametrize("handler", do_produto(), ids=lambda handler: handler.tipo)
def test_every_handler_can_be_exercised(handler: Handler) -> None:
    """Registering a handler is enough for the harness, because each one brings its pedidos and its ledger key."""
    assert type(handler).ensaiar is not Handler.ensaiar
    assert type(handler).no_livro is not Handler.no_livro
    assert handler.no_sandbox.alvo is not None
    assert handler.efeito_no_livro or handler.efeito == Efeito.DOCUMENTO


def test_a_seed_is_a_plan() -> None:
    medidas = plano.inteira(2000, 4)
    um, outro = plano.eventos(7, medidas), plano.eventos(7, medidas)
    assert um == outro != plano.eventos(8, medidas)
    assert {evento.tipo for evento in um} == {evento.tipo for evento in plano.eventos(8, medidas)}

    def falhas() -> list[list[plano.Regra]]:
        alvos = ({"contribuinte": f"{n:014d}"} for n in range(2000))
        return [plano.regras_do_alvo(7, "integra_contador", alvo, medidas, com_efeito=True) for alvo in alvos]

    regras = falhas()
    assert regras == falhas()
    assert {regra.falha for grupo in regras for regra in grupo} == {*plano.FALHAS, plano.TARDIA}


def test_the_command_that_repeats_a_run_is_whole() -> None:
    dito = "./run fogo --operacoes 60 --semente 7 --trabalhadores 2 --minutos 2.5 --so nfse. --curta"
    opcoes = _opcoes(dito.split()[2:])
    assert de_novo(opcoes) == dito


def _rodar(arquivo: Path, *opcoes: str) -> tuple[int, str]:
    """Exit code and output, in a file: a pipe would stay open as long as any of its processes."""
    with arquivo.open("wb") as saida:
        processo = subprocess.Popen(
            [sys.executable, "-m", "tests.fogo", *opcoes], cwd=RAIZ, stdout=saida, stderr=saida, start_new_session=True
        )
        try:
            codigo = processo.wait(timeout=300)
        except subprocess.TimeoutExpired:
            processo.terminate()  # it stops what it started
            codigo = processo.wait(timeout=50)
    return codigo, arquivo.read_text(encoding="utf-8")


@pytest.mark.demorado
def test_a_short_run_under_every_fault_does_nothing_twice_and_loses_nothing(tmp_path: Path) -> None:
    codigo, dito = _rodar(
        tmp_path / "fogo.log", "--curta", "--operacoes=90", "--trabalhadores=2", "--semente=7", "--minutos=3"
    )
    assert codigo == 0, dito[-9000:]
    assert re.match(r"seed 7, planned for \d\d/\d\d/\d{4}; again with: ./run fogo .* --minutos 3 --curta\n", dito)
    # It did burn: every handler, effects outside, faults that touched calls.
    assert all(re.search(rf"^{re.escape(handler.tipo)} .*\| [1-9]", dito, re.M) for handler in do_produto())
    transmitidas = re.search(r"^guias\.pgdasd\.transmitir +\| (\d+) +\| (\d+)", dito, re.M)
    assert transmitidas is not None
    assert int(transmitidas[2]) >= 2
    emitidas = [int(n) for n in re.findall(r"^nfse\.\w+\.emitir +\| \d+ +\| (\d+)", dito, re.M)]
    assert len(emitidas) == 3
    assert min(emitidas) > 3
    falhas = re.search(r"(\d+) faults of machines of (\d+) planned, (\d+) of the service", dito)
    assert falhas is not None
    feitas, planejadas, do_servico = map(int, falhas.groups())
    assert 12 <= feitas <= planejadas
    assert do_servico > 10
    formularios = re.search(r"web: \d+ pages, (\d+) forms", dito)
    assert formularios is not None
    assert int(formularios[1]) > 5
