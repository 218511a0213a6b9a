"""The fault harness: `./run fogo [--operacoes 2000] [--semente N] [--trabalhadores 4] [--minutos M] [--so nfse.]`.

docs/confiabilidade.md tells what it does and how to read its table. Exit 1 unless nothing was done twice, lost or left
without an explanation.
"""

import argparse
import secrets
import shutil
import signal
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.fogo import plano
from tests.fogo.cena import aberta

HOJE = datetime.now(ZoneInfo("America/Sao_Paulo")).date()  # as settings.TIME_ZONE, which is not there yet


def _opcoes(linha: list[str] | None = None) -> argparse.Namespace:
    opcoes = argparse.ArgumentParser(prog="./run fogo", description="Operations of every handler under seeded faults.")
    opcoes.add_argument("--operacoes", type=int, default=2000, help="about how many (default 2000)")
    opcoes.add_argument(
        "--semente", type=int, default=secrets.randbelow(1_000_000), help="of the plan (default: random)"
    )
    opcoes.add_argument("--trabalhadores", type=int, default=4, help="worker processes (default 4)")
    opcoes.add_argument("--minutos", type=float, default=30, help="give up after this long (default 30)")
    opcoes.add_argument("--so", default="", help="only the handlers whose name begins so (default: all)")
    opcoes.add_argument("--curta", action="store_true", help="short waits and few seconds, as in the tests")
    opcoes.add_argument("--guardar", action="store_true", help="keep the folder of the run also when it passes")
    return opcoes.parse_args(linha)


def de_novo(opcoes: argparse.Namespace) -> str:
    """The command that repeats a run."""
    return (
        f"./run fogo --operacoes {opcoes.operacoes} --semente {opcoes.semente} --trabalhadores {opcoes.trabalhadores}"
        f" --minutos {opcoes.minutos:g}{f' --so {opcoes.so}' * bool(opcoes.so)}{' --curta' * opcoes.curta}"
    )


def main() -> int:
    opcoes = _opcoes()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to stop"))  # and stops what it started
    medidas = (plano.curta if opcoes.curta else plano.inteira)(opcoes.operacoes, opcoes.trabalhadores)
    repetir = de_novo(opcoes)
    print(f"seed {opcoes.semente}, planned for {HOJE:%d/%m/%Y}; again with: {repetir}", flush=True)
    pasta = Path(tempfile.mkdtemp(prefix="fogo-"))
    passou = False
    try:
        with aberta(pasta, medidas.ritmo, medidas.demora) as (cena, controle):
            import django

            django.setup()
            from tests.fogo.conferencia import tabela
            from tests.fogo.rodada import Rodada

            resultado = Rodada(cena, controle, medidas, opcoes.semente, opcoes.minutos, HOJE, opcoes.so).executar()
            passou = resultado.passou
            print(
                f"\nseed {opcoes.semente}, planned for {HOJE:%d/%m/%Y}, {resultado.segundos:.0f} s,"
                f" {len(resultado.feitos)} faults of machines of {len(resultado.planejados)} planned,"
                f" {resultado.falhas.total()} of the service\n"
            )
            print(tabela(resultado.linhas))
            for nota in resultado.notas:
                print(f"  {nota}")
            for problema in resultado.problemas:
                print(f"  NOT OK: {problema}")
    finally:
        if passou and not opcoes.guardar:
            shutil.rmtree(pasta, ignore_errors=True)
        else:
            print(f"\nlogs, database and sandbox of this run: {pasta}\nagain with: {repetir}")
    print("\nnothing twice, nothing lost, nothing unexplained" if passou else "\nNOT OK")
    return 0 if passou else 1


if __name__ == "__main__":
    sys.exit(main())
