"""Publish items: `publicar.py BATCH HOW_MANY`; says "pronto" when connected, and begins at a line of input."""

import sys

from tarefas import app, efeito  # type: ignore[import-not-found]


def main() -> None:
    lote, quantos = sys.argv[1], int(sys.argv[2])
    with app.producer_pool.acquire(block=True) as produtor:
        produtor.connection.ensure_connection(max_retries=3)
        print("pronto", flush=True)
        sys.stdin.readline()
        for n in range(quantos):
            efeito.apply_async((f"{lote}-{n}",), producer=produtor)
    print("publicado", flush=True)


if __name__ == "__main__":
    main()
