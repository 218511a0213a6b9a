"""The test database after a test that commits: back to what the migrations left.

Django's own way is to truncate every table and load the official ones again; here only the tables that changed are
emptied, and their first rows come from a copy.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache

from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction

_TABELAS = """
    SELECT c.relname, array_agg(format('%I', a.attname) ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '')
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'django_migrations'
        AND c.relpersistence = 'p'
    GROUP BY c.oid
"""


_MODELO = "guiche_teste_modelo"


@contextmanager
def preparando() -> Iterator[None]:
    """Around the making of this process's database, one process at a time: the first one migrates, the others begin
    with a copy of what it made."""
    nome = connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}"
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [_MODELO])  # until this connection is closed
        cursor.execute("SELECT datname FROM pg_database")
        ha = {linha[0] for linha in cursor.fetchall()}
        if _MODELO in ha and nome not in ha:
            cursor.execute(f'CREATE DATABASE "{nome}" TEMPLATE {_MODELO}')
        yield
        if _MODELO not in ha:
            connection.close()  # what is copied may not be in use
            cursor.execute(f'CREATE DATABASE {_MODELO} TEMPLATE "{nome}"')


def esvaziar(*tabelas: str) -> None:
    """TRUNCATE with what refers to them; the archive, which refuses it, is asked not to."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE arquivo_documento DISABLE TRIGGER documento_nao_esvazia")
        cursor.execute(f"TRUNCATE {_nomes(tabelas)} CASCADE")
        cursor.execute("ALTER TABLE arquivo_documento ENABLE TRIGGER documento_nao_esvazia")


def guardar() -> None:
    """Copy every row into the schema `modelo`. Once a session, before the first test."""
    with connection.cursor() as cursor:
        # The database may have been used before, perhaps by a run that was killed.
        cursor.execute("DROP SCHEMA IF EXISTS modelo CASCADE")
        cursor.execute("SET session_replication_role = replica")  # some tables refuse to be emptied
        cursor.execute("TRUNCATE " + _nomes(_tabelas()))
        cursor.execute("RESET session_replication_role")
        emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
        cursor.execute("CREATE SCHEMA modelo")
        for tabela in _tabelas():
            cursor.execute(f'CREATE TABLE modelo."{tabela}" AS TABLE public."{tabela}"')
    _conferencia()


def voltar() -> None:
    """Bring back the rows that guardar() copied, and only those.

    Rows are deleted, which takes a twentieth of the time of new empty files for a table and its indexes, with triggers
    off, for some tables let nobody delete. What the others would have told is told here.
    """
    comando, somas = _conferencia()
    tabelas = _tabelas()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(comando)
        mudadas = [tabela for tabela, soma in cursor.fetchall() if soma != somas[tabela]]
        if not mudadas:
            return
        cursor.execute("SET LOCAL session_replication_role = replica")
        for tabela in mudadas:
            cursor.execute(f'DELETE FROM public."{tabela}"')
            if somas[tabela] is not None:
                colunas = ", ".join(tabelas[tabela])
                cursor.execute(
                    f'INSERT INTO public."{tabela}" ({colunas}) OVERRIDING SYSTEM VALUE'
                    f' SELECT {colunas} FROM modelo."{tabela}"'
                )
        for tabela in mudadas:
            for aviso in _avisos().get(tabela, ()):
                cursor.execute(aviso)


def _nomes(tabelas: Iterable[str]) -> str:
    return ", ".join(f'public."{tabela}"' for tabela in sorted(tabelas))


@cache
def _tabelas() -> dict[str, list[str]]:
    """Name of a table -> the columns that can be written."""
    with connection.cursor() as cursor:
        cursor.execute(_TABELAS)
        return dict(cursor.fetchall())


@cache
def _avisos() -> dict[str, list[str]]:
    """Name of a table -> what its triggers would do for who keeps answers about it (comum.contagens, comum.tocadas)."""
    avisos: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(r"SELECT substr(relname, 8) FROM pg_class WHERE relkind = 'S' AND relname LIKE 'versao\_%'")
        for (tabela,) in cursor.fetchall():
            avisos.setdefault(tabela, []).append(f"SELECT nextval('\"versao_{tabela}\"')")
        cursor.execute(r"SELECT substr(proname, 7) FROM pg_proc WHERE proname LIKE 'tocar\_%'")
        for (tabela,) in cursor.fetchall():
            avisos.setdefault(tabela, []).append(f"INSERT INTO comum_tocada (tabela) VALUES ('{tabela}')")
    return avisos


@cache
def _conferencia() -> tuple[str, dict[str, int | None]]:
    """The query that sums each table up, and its answer of now."""
    comando = " UNION ALL ".join(
        f"SELECT '{tabela}', sum(hash_record_extended(t, 0)) FROM public.\"{tabela}\" t" for tabela in _tabelas()
    )
    with connection.cursor() as cursor:
        cursor.execute(comando)
        return comando, dict(cursor.fetchall())
