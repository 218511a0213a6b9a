"""GCRA throttle: one row per bucket, the database's clock, shared by every thread, worker and host.

A take reserves the next start and says how long to wait for it, so starts are spaced and calls still overlap.
"""

from collections.abc import Iterable

from django.db import connection

from operacoes.handlers import Limite

BLOQUEIO_PADRAO_S = 60.0  # a 429 without Retry-After

_TOMAR = """
UPDATE operacoes_balde
   SET tat = greatest(tat, statement_timestamp()) + intervalo
 WHERE nome = %s
   AND (bloqueado_ate IS NULL OR bloqueado_ate <= statement_timestamp())
   AND greatest(tat, statement_timestamp()) - tolerancia <= statement_timestamp() + make_interval(secs => %s)
RETURNING greatest(0, extract(epoch FROM tat - intervalo - tolerancia - statement_timestamp()))::float
"""


def garantir(limites: Iterable[Limite]) -> None:
    """Create the buckets of these limits, or bring their pace up to date. Rows are touched in one order, and only those
    that change: an upsert locks what it conflicts with, and every take of the bucket would wait for our commit."""
    linhas = {}
    for limite in limites:
        intervalo = limite.periodo / limite.quantidade
        linhas[limite.balde] = (limite.balde, intervalo, intervalo * (limite.rajada - 1))
    if not linhas:
        return
    nomes, intervalos, tolerancias = zip(*(linhas[nome] for nome in sorted(linhas)), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO operacoes_balde (nome, intervalo, tolerancia)
            SELECT n.* FROM unnest(%s::text[], %s::interval[], %s::interval[]) AS n (nome, intervalo, tolerancia)
             WHERE NOT EXISTS (
                SELECT 1 FROM operacoes_balde a
                 WHERE (a.nome, a.intervalo, a.tolerancia) = (n.nome, n.intervalo, n.tolerancia))
             ORDER BY n.nome
            ON CONFLICT (nome) DO UPDATE SET intervalo = excluded.intervalo, tolerancia = excluded.tolerancia
            """,
            [list(nomes), list(intervalos), list(tolerancias)],
        )


def tomar(balde: str, max_espera: float) -> float | None:
    """Reserve a start: seconds to wait for it, at most `max_espera`. None: blocked by the provider, or further off."""
    with connection.cursor() as cursor:
        cursor.execute(_TOMAR, [balde, max_espera])
        linha = cursor.fetchone()
    return None if linha is None else float(linha[0])


def falta(balde: str) -> float:
    """Seconds until the bucket gives its next start."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT extract(epoch FROM greatest(tat - tolerancia, bloqueado_ate) - statement_timestamp())::float
              FROM operacoes_balde WHERE nome = %s
            """,
            [balde],
        )
        linha = cursor.fetchone()
    return max(0.0, float(linha[0])) if linha else 0.0


def devolver(balde: str) -> None:
    """Give back a start that was not used."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE operacoes_balde SET tat = tat - intervalo WHERE nome = %s", [balde])


def tomar_todos(baldes: Iterable[str], max_espera: float) -> float | None:
    """Reserve a start in each bucket, or in none: the longest of the waits."""
    tomados: list[str] = []
    maior = 0.0
    for balde in baldes:
        espera = tomar(balde, max_espera)
        if espera is None:
            for outro in tomados:
                devolver(outro)
            return None
        tomados.append(balde)
        maior = max(maior, espera)
    return maior


def bloquear(balde: str, segundos: float | None) -> None:
    """The provider said 429: nothing leaves this bucket for the stated time."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE operacoes_balde
               SET bloqueado_ate = greatest(bloqueado_ate, statement_timestamp() + make_interval(secs => %s))
             WHERE nome = %s
            """,
            [BLOQUEIO_PADRAO_S if segundos is None else segundos, balde],
        )
