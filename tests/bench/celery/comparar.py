"""The same items by plain Celery and by the engine, against the same ledger: how fast, how many twice, how many lost.

See README.md of this folder. Workers are killed with SIGKILL at a quarter and at half of the items and replaced at
once, as a supervisor would; the broker (Redis, PostgreSQL) is restarted at three quarters.
"""

import argparse
import contextlib
import os
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.bench.respondedor import Respondedor, respondedor

_AQUI = Path(__file__).resolve().parent
LATENCIA_MS = 300  # under kills: a service that has done it before it answers
QUIETO_S = 30.0  # beyond the visibility timeout: nothing more comes
THREADS = 32


@dataclass
class Resultado:
    segundos: float
    duplicados: int
    perdidos: int
    fim: str = ""


class Celery:
    """Two workers of 32 threads and a Redis with its packaged settings (snapshots, no append-only file)."""

    nome = "Celery, Redis, acks_late"

    def __init__(self, celery: Path, redis: Path, visibilidade: int, servico: Respondedor, pasta: Path) -> None:
        self._celery, self._redis, self._visibilidade, self._pasta = celery, redis, visibilidade, pasta
        with socket.socket() as livre:
            livre.bind(("127.0.0.1", 0))
            self._porta = livre.getsockname()[1]
        self._ambiente = {
            **{
                nome: valor
                for nome, valor in os.environ.items()
                if nome not in ("PYTHONPATH", "DJANGO_SETTINGS_MODULE")
            },
            "BENCH_BROKER": f"redis://127.0.0.1:{self._porta}/0",
            "BENCH_VISIBILIDADE": str(visibilidade),
            "BENCH_URL": servico.url,
            "BENCH_CA": servico.ca,
        }
        self._servico = servico
        self._quieto = visibilidade + QUIETO_S

    def __enter__(self) -> "Celery":
        self._broker = self._iniciar_broker()
        self._trabalhadores = [self._novo(), self._novo()]
        time.sleep(6)
        return self

    def __exit__(self, *_: object) -> None:
        for processo in [*self._trabalhadores, self._broker]:
            processo.kill()
            processo.wait()

    def _iniciar_broker(self) -> subprocess.Popen[bytes]:
        comando = [str(self._redis), "--port", str(self._porta), "--bind", "127.0.0.1", "--dir", str(self._pasta)]
        comando += ["--save", "3600 1 300 100 60 10000", "--appendonly", "no"]
        processo = subprocess.Popen(comando, stdout=subprocess.DEVNULL)
        limite = time.monotonic() + 30
        while time.monotonic() < limite:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._porta)):
                return processo
            time.sleep(0.05)
        raise RuntimeError("Redis did not start")

    def _novo(self) -> subprocess.Popen[bytes]:
        nome = f"{uuid.uuid4().hex[:8]}@%h"
        return subprocess.Popen(
            [
                str(self._celery),
                "-A",
                "tarefas",
                "worker",
                "-P",
                "threads",
                "-c",
                str(THREADS),
                "-n",
                nome,
                "-l",
                "ERROR",
            ],
            cwd=_AQUI,
            env=self._ambiente,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def publicar(self, lote: str, quantos: int) -> Callable[[], None]:
        comando = [str(self._celery.parent / "python"), "publicar.py", lote, str(quantos)]
        publicador = subprocess.Popen(
            comando, cwd=_AQUI, env=self._ambiente, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert publicador.stdout
        assert publicador.stdin
        assert publicador.stdout.readline().strip() == "pronto"

        def ja() -> None:
            assert publicador.stdin
            publicador.stdin.write("\n")
            publicador.stdin.flush()

        return ja

    def matar_trabalhador(self, n: int) -> None:
        self._trabalhadores[n].kill()
        self._trabalhadores[n].wait()
        self._trabalhadores[n] = self._novo()

    def reiniciar_broker(self, sinal: signal.Signals) -> None:
        self._broker.send_signal(sinal)
        self._broker.wait(30)
        self._broker = self._iniciar_broker()

    def acabou(self) -> bool:
        """Nothing new for longer than it takes a message to be delivered again."""
        agora, visto = time.monotonic(), self._servico.total()
        if getattr(self, "_visto", None) != visto:
            self._visto, self._desde = visto, agora
        return agora - self._desde > self._quieto

    def balanco(self, lote: str) -> str:
        return f"visibility timeout {self._visibilidade} s"


class Motor:
    """Two workers of 32 calls on an embedded PostgreSQL with its usual durability."""

    nome = "Guichê"

    def __init__(self, servico: Respondedor, banco: str) -> None:
        from config import instalacao

        self._servico, self._banco, self._pasta = servico, banco, instalacao.POSTGRES_EMBUTIDO

    def __enter__(self) -> "Motor":
        from operacoes.models import Trabalhador
        from tests.bench import processos

        processos.usar_banco(self._banco)
        self._trabalhadores = [processos.iniciar(self._banco, self._servico, THREADS) for _ in range(2)]
        processos.esperar(lambda: Trabalhador.objects.count() >= 2, "the workers did not start")
        time.sleep(2)
        return self

    def __exit__(self, *_: object) -> None:
        from operacoes.models import Trabalhador

        for processo in self._trabalhadores:
            processo.terminate()
        for processo in self._trabalhadores:
            processo.wait(60)
        Trabalhador.objects.all().delete()  # those that were killed

    def publicar(self, lote: str, quantos: int) -> Callable[[], None]:
        from operacoes.motor import NovaOperacao, submeter
        from tests.bench.instantaneo import ACESSO, TIPO

        chaves = [f"{lote}-{n}" for n in range(quantos)]
        pedidos = [NovaOperacao(tipo=TIPO, chave=c, pedido={"chave": c}, acesso=ACESSO) for c in chaves]

        def ja() -> None:
            submeter(pedidos, usuario=None)

        return ja

    def matar_trabalhador(self, n: int) -> None:
        from tests.bench import processos

        self._trabalhadores[n].kill()
        self._trabalhadores[n].wait()
        self._trabalhadores[n] = processos.iniciar(self._banco, self._servico, THREADS)

    def reiniciar_broker(self, sinal: signal.Signals) -> None:
        from config import postgres

        if sinal == signal.SIGKILL:
            numero = int((self._pasta / "postmaster.pid").read_text().split()[0])
            psutil.Process(numero).kill()
            time.sleep(1)
        else:
            postgres.stop(self._pasta)
        postgres.start(self._pasta)

    def acabou(self) -> bool:
        from django.db import Error, connection

        from tests.bench import processos

        try:
            return processos.tudo_feito()
        except Error:  # the database is away
            connection.close()
            return False

    def balanco(self, lote: str) -> str:
        from django.db.models import Count

        from operacoes.models import Operacao

        contagem = dict(
            Operacao.objects.filter(chave__startswith=lote).order_by().values_list("situacao").annotate(n=Count("pk"))
        )
        return ", ".join(f"{n} {situacao}" for situacao, n in contagem.items())


def rodada(lado: Any, servico: Respondedor, itens: int, *, mortes: signal.Signals | None) -> Resultado:
    servico.esquecer()
    lote = uuid.uuid4().hex[:12]
    chaves = {f"{lote}-{n}" for n in range(itens)}
    with lado:
        ja = lado.publicar(lote, itens)
        inicio = time.perf_counter()
        ja()
        if mortes is not None:
            for n, parte in enumerate((0.25, 0.50, 0.75)):
                while servico.total()[0] < itens * parte:
                    time.sleep(0.02)
                if n < 2:
                    lado.matar_trabalhador(n)
                else:
                    lado.reiniciar_broker(mortes)
        # The last effect counts; a side that kills lose is waited for until it does no more.
        ultimo, total = time.perf_counter(), servico.total()
        while True:
            if (agora := servico.total()) != total:
                ultimo, total = time.perf_counter(), agora
            if (mortes is None and total[0] >= itens) or (mortes is not None and lado.acabou()):
                break
            time.sleep(0.02)
        livro, fim = servico.livro(), ""
        if mortes is not None:
            fim = lado.balanco(lote)
    assert not set(livro) - chaves, "effects that nobody asked for"
    return Resultado(ultimo - inicio, sum(livro.values()) - len(livro), len(chaves - set(livro)), fim)


@contextlib.contextmanager
def _banco() -> Iterator[str]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.db import connection
    from django.test.runner import DiscoverRunner

    from tests.bench import instantaneo  # noqa: F401 - registers its handler
    from tests.bench.processos import usar_banco

    runner = DiscoverRunner(verbosity=0, interactive=False)
    bancos = runner.setup_databases()
    nome = str(connection.settings_dict["NAME"])
    try:
        yield nome
    finally:
        usar_banco(nome)
        runner.teardown_databases(bancos)


def _laco() -> float:
    from tests.bench.medir import laco

    return laco()


def main() -> None:
    opcoes = argparse.ArgumentParser()
    opcoes.add_argument("--celery", type=Path, required=True, help="the celery program of its own environment")
    opcoes.add_argument("--redis", type=Path, required=True, help="the redis-server program")
    opcoes.add_argument("--itens", type=int, default=2000)
    opcoes.add_argument("--rodadas", type=int, default=3)
    opcoes.add_argument("--visibilidade", type=int, default=30, help="seconds; Celery's default is 3600")
    opcoes.add_argument("--partes", default="vazao,ordem,morte", help="which of them")
    pedidas = opcoes.parse_args()
    with _banco() as banco, tempfile.TemporaryDirectory() as pasta:
        for parte in pedidas.partes.split(","):
            mortes = {"vazao": None, "ordem": signal.SIGTERM, "morte": signal.SIGKILL}[parte]
            with respondedor(Path(pasta) / parte, 0 if mortes is None else LATENCIA_MS) as servico:
                medidas: dict[str, list[Resultado]] = {}
                for volta in range(pedidas.rodadas):
                    lados: list[Any] = [
                        Celery(
                            pedidas.celery.absolute(),
                            pedidas.redis.absolute(),
                            pedidas.visibilidade,
                            servico,
                            Path(tempfile.mkdtemp(dir=pasta)),
                        ),
                        Motor(servico, banco),
                    ]
                    for lado in lados if volta % 2 == 0 else reversed(lados):
                        resultado = rodada(lado, servico, pedidas.itens, mortes=mortes)
                        medidas.setdefault(lado.nome, []).append(resultado)
                        print(f"{parte}: {lado.nome}: {resultado} (loop {_laco():.2f} s)", flush=True)
                for nome, resultados in medidas.items():
                    segundos = statistics.median(r.segundos for r in resultados)
                    print(
                        f"= {parte}: {nome}: {pedidas.itens / segundos:.0f} items/s, {segundos:.1f} s;"
                        f" twice {[r.duplicados for r in resultados]}; lost {[r.perdidos for r in resultados]}",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
