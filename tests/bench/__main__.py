"""The benchmarks: `./run bench [name...]` runs tests/bench/bench_*.py and prints one table.

Each module offers `executar()`, which returns rows of {o_que, nosso_s, referencia, referencia_s, razao, memoria_mb}.
Times are seconds; `razao` is ours divided by the reference (below 1: ours is faster). Nothing here fails on time.
"""

import importlib
import os
import platform
import sys
from pathlib import Path
from typing import Any

PASTA = Path(__file__).parent


def _table(linhas: list[dict[str, Any]]) -> str:
    cabecalho = ("what", "ours", "reference", "reference time", "ratio", "memory MB")
    celulas = [
        (
            str(linha["o_que"]),
            f"{linha['nosso_s']:.3f} s",
            str(linha.get("referencia", "")),
            f"{linha['referencia_s']:.3f} s" if linha.get("referencia_s") is not None else "",
            f"{linha['razao']:.2f}" if linha.get("razao") is not None else "",
            f"{linha['memoria_mb']:.0f}" if linha.get("memoria_mb") is not None else "",
        )
        for linha in linhas
    ]
    larguras = [max(len(linha[i]) for linha in [cabecalho, *celulas]) for i in range(len(cabecalho))]
    return "\n".join(
        " | ".join(celula.ljust(largura) for celula, largura in zip(linha, larguras, strict=True)).rstrip()
        for linha in [cabecalho, tuple("-" * largura for largura in larguras), *celulas]
    )


def _maquina(lacos: list[float]) -> str:
    """What the figures depend on. The loop tells most: how an interpreter was built and who else uses the machine each
    make it, and everything else, two or three times as slow."""
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, embedded PostgreSQL;"
        f" a loop of 5 million additions took {min(lacos):.2f} to {max(lacos):.2f} s meanwhile"
    )


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.test.runner import DiscoverRunner
    from django.test.utils import setup_test_environment

    from tests.bench.medir import laco

    pedidos = sys.argv[1:]
    nomes = sorted(path.stem for path in PASTA.glob("bench_*.py"))
    escolhidos = [nome for nome in nomes if not pedidos or any(pedido in nome for pedido in pedidos)]
    setup_test_environment(debug=False)
    settings.ALLOWED_HOSTS = ["*"]
    linhas: list[dict[str, Any]] = []
    lacos: list[float] = []
    for nome in escolhidos:  # a fresh database each, so that one does not slow the next
        runner = DiscoverRunner(verbosity=0, interactive=False)
        bancos = runner.setup_databases()
        try:
            print(f"{nome}…", file=sys.stderr, flush=True)
            lacos.append(laco())
            linhas += importlib.import_module(f"tests.bench.{nome}").executar()
            lacos.append(laco())
        finally:
            runner.teardown_databases(bancos)
    print(f"{_maquina(lacos)}\n\n{_table(linhas)}")


if __name__ == "__main__":
    main()
