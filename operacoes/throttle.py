"""GCRA throttle: one row per bucket, the database's clock, shared by every thread, worker and host.

A take reserves the next start and says how long to wait for it, so starts are spaced and calls still overlap. The claim
(motor/tomada.py) takes its row and a start in each of its limits in one statement; what is here serves the calls beyond
the first of a try.
"""

from collections.abc import Iterable

from django.db import connection, transaction

from operacoes.handlers import Limite

# Whoever takes a start locks the rows of its limits. Others on the same bucket would wait for one flush to disk after
# another, so the commit does not; what a crash of the database may forget is the starts of its last half second.
SEM_ESPERAR_O_DISCO = "(SELECT set_config('synchronous_commit', 'off', true)) IS NOT NULL"

# Rows are locked in one order, as the claim does (motor/tomada.py), so that nobody waits for each other.
_TOMAR = f"""
WITH livres AS MATERIALIZED (
    SELECT nome FROM operacoes_balde
     WHERE {SEM_ESPERAR_O_DISCO} AND nome = ANY (%(baldes)s::text[])
       AND (bloqueado_ate IS NULL OR bloqueado_ate <= statement_timestamp())
       AND tat - tolerancia <= statement_timestamp() + make_interval(secs => %(espera)s)
     ORDER BY nome FOR UPDATE
), tomadas AS (
    UPDATE operacoes_balde b SET tat = greatest(b.tat, statement_timestamp()) + b.intervalo
      FROM livres l WHERE b.nome = l.nome AND (SELECT count(*) FROM livres) = cardinality(%(baldes)s::text[])
    RETURNING b.tat - b.intervalo - b.tolerancia - statement_timestamp() AS espera
)
SELECT greatest(0, extract(epoch FROM max(espera)))::float FROM tomadas HAVING count(*) > 0
"""  # noqa: S608 - a constant


def garantir(limites: Iterable[Limite]) -> None:
    """Create the buckets of these limits, or bring their pace up to date. Rows are touched in one order, and only those
    that change: an upsert locks what it conflicts with, and every take of the bucket would wait for our commit."""
    linhas = {}
    for limite in limites:
        intervalo = limite.periodo / limite.quantidade
        linhas[limite.balde] = (limite.balde, intervalo, intervalo * (limite.rajada - 1), limite.em_serie)
    if not linhas:
        return
    nomes, intervalos, tolerancias, em_serie = zip(*(linhas[nome] for nome in sorted(linhas)), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO operacoes_balde (nome, intervalo, tolerancia, em_serie)
            SELECT n.* FROM unnest(%s::text[], %s::interval[], %s::interval[], %s::boolean[])
                AS n (nome, intervalo, tolerancia, em_serie)
             WHERE NOT EXISTS (
                SELECT 1 FROM operacoes_balde a
                 WHERE (a.nome, a.intervalo, a.tolerancia, a.em_serie)
                     = (n.nome, n.intervalo, n.tolerancia, n.em_serie))
             ORDER BY n.nome
            ON CONFLICT (nome) DO UPDATE
               SET intervalo = excluded.intervalo, tolerancia = excluded.tolerancia, em_serie = excluded.em_serie
            """,
            [list(nomes), list(intervalos), list(tolerancias), list(em_serie)],
        )


def tomar(baldes: Iterable[str], max_espera: float) -> float | None:
    """Reserve a start in each bucket, or in none: seconds to wait for it, at most `max_espera`. None: blocked by the
    provider, or further off."""
    with connection.cursor() as cursor:
        cursor.execute(_TOMAR, {"baldes": sorted(set(baldes)), "espera": max_espera})
        linha = cursor.fetchone()
    return None if linha is None else float(linha[0])


def falta(baldes: Iterable[str]) -> float:
    """Seconds until all of the buckets give a start."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT extract(epoch FROM max(greatest(tat - tolerancia, bloqueado_ate)) - statement_timestamp())::float
              FROM operacoes_balde WHERE nome = ANY (%s)
            """,
            [list(baldes)],
        )
        linha = cursor.fetchone()
    return max(0.0, float(linha[0])) if linha and linha[0] is not None else 0.0


def bloqueio(baldes: Iterable[str]) -> float:
    """Seconds for which the provider still wants nothing of one of the buckets."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT extract(epoch FROM max(bloqueado_ate) - statement_timestamp())::float
              FROM operacoes_balde WHERE nome = ANY (%s)
            """,
            [list(baldes)],
        )
        linha = cursor.fetchone()
    return max(0.0, float(linha[0])) if linha and linha[0] is not None else 0.0


def bloquear(balde: str, segundos: float) -> None:
    """The provider said 429: nothing leaves this bucket for that time."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE operacoes_balde
               SET bloqueado_ate = greatest(bloqueado_ate, statement_timestamp() + make_interval(secs => %s))
             WHERE nome = %s
            """,
            [segundos, balde],
        )


def soltar(operacoes: Iterable[int]) -> None:
    """Let the next Operacao of a bucket that is worked one at a time be taken. Harmless for the others."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE operacoes_balde SET dono = NULL, dono_ate = NULL WHERE dono = ANY (%s)", [list(operacoes)]
        )


def deter(baldes: Iterable[str], dono: int, segundos: float) -> bool:
    """Hold buckets that are worked one at a time, all or none, for what is no Operacao (`dono` below zero); False while
    somebody else holds one."""
    nomes = sorted(set(baldes))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT nome FROM operacoes_balde
             WHERE nome = ANY (%s) AND (dono_ate IS NULL OR dono_ate <= statement_timestamp()) ORDER BY nome FOR UPDATE
            """,
            [nomes],
        )
        if len(cursor.fetchall()) < len(nomes):
            return False
        cursor.execute(
            """
            UPDATE operacoes_balde SET dono = %s, dono_ate = statement_timestamp() + make_interval(secs => %s)
             WHERE nome = ANY (%s)
            """,
            [dono, segundos, nomes],
        )
    return True
