"""What a service tells without being asked: a reason to look sooner, never a fact."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from operacoes.fila import acordar

# A row being looked at just now keeps its lease; one due sooner keeps its time.
_ADIANTAR = """
UPDATE operacoes_operacao o
   SET proxima_em = q.quando
  FROM (SELECT p.id, greatest(statement_timestamp(), max(t.iniciada_em) + %(intervalo)s) AS quando
          FROM operacoes_operacao p LEFT JOIN operacoes_tentativa t ON t.operacao_id = p.id
         WHERE p.id = ANY (%(ids)s) GROUP BY p.id) q
 WHERE o.id = q.id AND o.situacao IN ('aceita', 'incerta') AND o.tentativa_atual IS NULL AND o.proxima_em > q.quando
RETURNING o.balde
"""


def adiantar(operacoes: Iterable[int], *, intervalo: timedelta = timedelta(0)) -> int:
    """Ask the service now about those that it accepted or that are in doubt, but no sooner than `intervalo` after the
    last try of each. Returns how many were put forward; what waits for nothing, or is being asked about, stays."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            parametros: dict[str, Any] = {"ids": sorted(operacoes), "intervalo": intervalo}
            cursor.execute(_ADIANTAR, parametros)
            baldes = [balde for (balde,) in cursor.fetchall()]
        acordar(dict.fromkeys(baldes, 1))
    return len(baldes)
