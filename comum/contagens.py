"""What a list of 100,000 rows counts again at every page, kept while the tables it was read from do not change.

A trigger moves the sequence `versao_<table>` after each statement that writes to the table. A sequence takes no row
lock, so no writer waits for another. An answer is kept under the sequences' positions read before it was computed, and
only if no transaction that wrote to those tables was open then: what such a one wrote is not in the answer, though its
sequence moved already. Who writes later moves the sequence later, and the answer is not found again. Who writes with
triggers off (session_replication_role, logical replication) is not seen: nothing of ours does, but a restore, which
makes tables of its own that no process has read yet.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from hashlib import sha256
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

_TABELA = re.compile(r'(?:FROM|JOIN) "(\w+)"')
_QUANTAS = 500

_FUNCAO = """
CREATE OR REPLACE FUNCTION comum_mudou() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nextval(TG_ARGV[0]::regclass);
    RETURN NULL;
END $$;
"""
_ABERTAS = """
SELECT EXISTS (
    SELECT 1 FROM pg_locks
     WHERE locktype = 'relation' AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
       AND relation = ANY (%s::regclass[]::oid[]))
"""


def acompanhar(*tabelas: str) -> tuple[str, str]:
    """The SQL of a migration that begins, and that ends, to keep answers about these tables."""
    ida, volta = _FUNCAO, ""
    for tabela in tabelas:
        ida += (
            f'CREATE SEQUENCE "versao_{tabela}";\n'
            f'CREATE TRIGGER "{tabela}_mudou" AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{tabela}"'
            f" FOR EACH STATEMENT EXECUTE FUNCTION comum_mudou('versao_{tabela}');\n"
        )
        volta += f'DROP TRIGGER "{tabela}_mudou" ON "{tabela}";\nDROP SEQUENCE "versao_{tabela}";\n'
    return ida, volta


class _Guardados:
    """The answers used last, shared by the threads of this process."""

    def __init__(self) -> None:
        self._trava = threading.Lock()
        self._tudo: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()

    def achar(self, chave: Hashable, versao: Hashable) -> tuple[bool, Any]:
        with self._trava:
            guardada, valor = self._tudo.get(chave, (None, None))
            if guardada != versao:
                return False, None
            self._tudo.move_to_end(chave)
            return True, valor

    def guardar(self, chave: Hashable, versao: Hashable, valor: Any) -> None:
        with self._trava:
            self._tudo[chave] = (versao, valor)
            self._tudo.move_to_end(chave)
            while len(self._tudo) > _QUANTAS:
                self._tudo.popitem(last=False)


_guardados = _Guardados()


def enquanto_nada_muda[T](consulta: QuerySet[Any], o_que: str, calcular: Callable[[], T]) -> T:
    """`calcular()`, an answer about `consulta` named `o_que`, or the one kept since before. Exact either way.

    Costs a query when kept, two more than `calcular` when not. Where some table is not followed by the triggers nothing
    is kept.
    """
    try:
        sql, parametros = consulta.order_by().query.sql_with_params()
    except EmptyResultSet:
        return calcular()
    # Of thousands of keys among the parameters only a mark is kept.
    return guardado(set(_TABELA.findall(sql)), (o_que, sql, sha256(repr(parametros).encode()).digest()), calcular)


def guardado[T](lidas: Iterable[str], chave: Hashable, calcular: Callable[[], T]) -> T:
    """As enquanto_nada_muda(), of an answer that several queries make: `lidas` are all the tables they read, `chave`
    all that it depends on besides."""
    tabelas = tuple(sorted(lidas))
    versao = _versao(tabelas)
    if versao is None:
        return calcular()
    achado, valor = _guardados.achar(chave, versao)
    if achado:
        return valor  # type: ignore[no-any-return]
    # In this order: positions, open writers, answer.
    abertas = _ha_escritas_abertas(tabelas)
    valor = calcular()
    if not abertas:
        _guardados.guardar(chave, versao, valor)
    return valor


def contagem(consulta: QuerySet[Any]) -> int:
    return enquanto_nada_muda(consulta, "quantas", consulta.count)


_conhecidas: dict[str, set[str]] = {}


def _acompanhadas() -> set[str]:
    banco = str(connection.settings_dict["NAME"])
    if not _conhecidas.get(banco):
        with connection.cursor() as cursor:
            cursor.execute(r"SELECT substr(relname, 8) FROM pg_class WHERE relkind = 'S' AND relname LIKE 'versao\_%'")
            _conhecidas[banco] = {tabela for (tabela,) in cursor.fetchall()}
    return _conhecidas[banco]


def _versao(tabelas: tuple[str, ...]) -> Hashable:
    """Where the sequences of these tables stand, and in which life of the database: a crash may take back a position
    that nothing committed, and ends in a checkpoint; a database restored or promoted has other sequences or another
    timeline."""
    if not tabelas or not _acompanhadas().issuperset(tabelas):
        return None
    posicoes = " UNION ALL ".join(
        f"SELECT tableoid || ':' || (last_value + is_called::int) FROM \"versao_{tabela}\""  # noqa: S608 - tables' names
        for tabela in tabelas
    )
    vida = "SELECT timeline_id || ':' || redo_lsn FROM pg_control_checkpoint()"
    with connection.cursor() as cursor:
        cursor.execute(f"{posicoes} UNION ALL {vida}")
        return tuple(sorted(linha for (linha,) in cursor.fetchall()))


def _ha_escritas_abertas(tabelas: tuple[str, ...]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_ABERTAS, [list(tabelas)])
        return bool(cursor.fetchone()[0])
