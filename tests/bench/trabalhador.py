"""A real worker process that also knows the bench's kind of effect: `python -m tests.bench.trabalhador THREADS`.

BENCH_BANCO names the database; BENCH_URL and BENCH_CA lead to the responder.
"""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from tests.bench import instantaneo  # noqa: F401 - registers its handler
    from tests.bench.processos import usar_banco

    usar_banco(os.environ["BENCH_BANCO"])
    call_command("trabalhador", threads=int(sys.argv[1]))


if __name__ == "__main__":
    main()
