"""The database's part: every table by COPY, in one snapshot, and back into a schema that the migrations make.

Why not pg_dump: docs/backup.md.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from config.copia.formato import BANCO, CopiaErro

# Log-ins in course, and heartbeats of workers: true of the moment only, and not of the machine it is put back on.
FORA = frozenset({"django_session", "operacoes_trabalhador"})
PROVISORIO = "guiche_restauracao"
_PARTE = 8 << 20  # bytes of a part, compressed: what is held in memory
_GZIP = 31  # zlib's way to say gzip

# The same text whatever the settings of a server, and no hurry between two tables.
_SESSAO = (
    "SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL timezone = 'UTC';"
    " SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL client_encoding = 'UTF8';"
    " SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0"
)
# What is unlogged is worked out anew (comum.tocadas).
_TABELAS = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = ''),
       pg_table_size(c.oid), pg_total_relation_size(c.oid)
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
 GROUP BY c.oid, c.relname ORDER BY c.relname
"""
_CHAVES_ESTRANGEIRAS = """
SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
 WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Tabela:
    nome: str
    colunas: list[str]
    tamanho: int  # bytes on the server's disk, without and with indexes
    com_indices: int


def _cru() -> psycopg.Connection[Any]:
    connection.ensure_connection()
    return connection.connection  # type: ignore[no-any-return]


def _comando(texto: str, **nomes: str) -> sql.Composed:
    return sql.SQL(texto).format(**{nome: sql.Identifier(valor) for nome, valor in nomes.items()})


def _lista(nomes: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, nomes))


def tabelas() -> dict[str, Tabela]:
    with connection.cursor() as cursor:
        cursor.execute(_TABELAS)
        return {linha[0]: Tabela(*linha) for linha in cursor.fetchall()}


def sequencias() -> dict[str, list[Any]]:
    """Where each sequence stands: [last value, whether it was given out]."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace"
            " ORDER BY relname"
        )
        nomes = [nome for (nome,) in cursor.fetchall()]
        posicoes = {}
        for nome in nomes:
            cursor.execute(_comando("SELECT last_value, is_called FROM {s}", s=nome))
            posicoes[nome] = list(cursor.fetchone())
    return posicoes


def migracoes() -> dict[str, list[str]]:
    """What is applied, by app."""
    por_app: dict[str, list[str]] = {}
    for app, nome in sorted(MigrationRecorder(connection).applied_migrations()):
        por_app.setdefault(app, []).append(nome)
    return por_app


def servidor() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


@contextmanager
def instante() -> Iterator[None]:
    """All that is read inside is of one moment, whatever others write meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(_SESSAO)
        yield


# -- out ------------------------------------------------------------------------------------------------------------


def despejar(tabela: Tabela, parte: Callable[[str, bytes], None], andou: Callable[[int], None]) -> int:
    """Write a table as parts of a few MB; the number of its rows."""
    linhas = numero = tamanho = 0
    pedacos: list[bytes] = []
    compressor = zlib.compressobj(4, wbits=_GZIP)

    def fechar() -> None:
        nonlocal numero, compressor, pedacos, tamanho
        numero += 1
        pedacos.append(compressor.flush())
        parte(f"{BANCO}{tabela.nome}/{numero:05d}.copy.gz", b"".join(pedacos))
        compressor, pedacos, tamanho = zlib.compressobj(4, wbits=_GZIP), [], 0

    comando = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(tabela.nome), _lista(tabela.colunas))
    with _cru().cursor() as cursor, cursor.copy(comando) as copia:
        for bloco in copia:
            linhas += bytes(bloco).count(b"\n")  # one inside a value is written as \n
            pedaco = compressor.compress(bloco)
            if pedaco:
                pedacos.append(pedaco)
                tamanho += len(pedaco)
                if tamanho >= _PARTE:
                    fechar()
            andou(len(bloco))
    if linhas:
        fechar()
    return linhas


# -- in -------------------------------------------------------------------------------------------------------------


def desconhecidas(ditas: Mapping[str, list[str]]) -> list[str]:
    """Migrations of a backup that this version does not have: it was made by a newer one."""
    conhecidas = set(MigrationLoader(None).disk_migrations)
    return [f"{app}.{nome}" for app, nomes in sorted(ditas.items()) for nome in nomes if (app, nome) not in conhecidas]


@contextmanager
def esquema_provisorio() -> Iterator[None]:
    """A schema beside the present one, in which all of a restore is made; gone at the end, unless `trocar` used it."""
    with connection.cursor() as cursor:
        cursor.execute(_comando("DROP SCHEMA IF EXISTS {s} CASCADE", s=PROVISORIO))
        cursor.execute(_comando("CREATE SCHEMA {s}", s=PROVISORIO))
        cursor.execute(_comando("SET search_path TO {s}", s=PROVISORIO))
    try:
        yield
    finally:
        # Where the server went away the next restore drops it.
        with suppress(Error), connection.cursor() as cursor:
            cursor.execute("RESET search_path")
            cursor.execute(_comando("DROP SCHEMA IF EXISTS {s} CASCADE", s=PROVISORIO))


def migrar_ate(ditas: Mapping[str, list[str]]) -> None:
    """The schema as it was at the backup."""
    executor = MigrationExecutor(connection)
    todas = {(app, nome) for app, nomes in ditas.items() for nome in nomes}
    grafo = executor.loader.graph
    folhas = [no for no in todas if not any(filho.key in todas for filho in grafo.node_map[no].children)]
    executor.migrate(sorted(folhas))


def migrar_adiante() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def carregar(
    ditas: Mapping[str, dict[str, Any]], posicoes: Mapping[str, list[Any]], parte: Callable[[str], Iterator[bytes]]
) -> list[str]:
    """Fill the tables with the rows of the backup, all or nothing. `parte(table)` gives its compressed parts.

    No trigger of ours runs (they refuse changes, or count them) and no foreign key is looked at until all rows are
    there; then every one of them is checked. Returns the tables left out because this product does not know them.
    """
    aqui = tabelas()
    alheias = sorted(set(ditas) - set(aqui))
    conhecidas = {nome: dita for nome, dita in ditas.items() if nome in aqui}
    for nome, dita in conhecidas.items():
        if sorted(dita["colunas"]) != sorted(aqui[nome].colunas):
            diferentes = sorted(set(dita["colunas"]) ^ set(aqui[nome].colunas))
            raise CopiaErro(
                f"A tabela {nome} da cópia não tem as colunas desta versão ({', '.join(diferentes)}): o banco de que "
                "ela veio foi alterado à mão. Nada foi restaurado."
            )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SESSAO)
        cursor.execute(_CHAVES_ESTRANGEIRAS)
        estrangeiras = cursor.fetchall()
        for tabela, nome, _ in estrangeiras:
            cursor.execute(_comando("ALTER TABLE {t} DROP CONSTRAINT {c}", t=tabela, c=nome))
        for nome in aqui:
            cursor.execute(_comando("ALTER TABLE {t} DISABLE TRIGGER USER", t=nome))
        cursor.execute(sql.SQL("TRUNCATE {}").format(_lista(aqui)))
        for nome, dita in conhecidas.items():
            _encher(nome, dita, parte(nome))
        for nome in aqui:
            cursor.execute(_comando("ALTER TABLE {t} ENABLE TRIGGER USER", t=nome))
        for tabela, nome, definicao in estrangeiras:
            cursor.execute(_comando("ALTER TABLE {t} ADD CONSTRAINT {c} ", t=tabela, c=nome) + sql.SQL(definicao))
        daqui = sequencias()
        for nome, (ultimo, dado) in posicoes.items():
            if nome in daqui:
                cursor.execute("SELECT setval(%s::regclass, %s, %s)", [f'"{nome}"', ultimo, dado])
    return alheias


def _encher(nome: str, dita: dict[str, Any], partes: Iterator[bytes]) -> None:
    comando = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(nome), _lista(dita["colunas"]))
    with _cru().cursor() as cursor:
        with cursor.copy(comando) as copia:
            for comprimida in partes:
                descompressor = zlib.decompressobj(wbits=_GZIP)
                dados = descompressor.decompress(comprimida, _PARTE)
                while dados:
                    copia.write(dados)
                    dados = descompressor.decompress(descompressor.unconsumed_tail, _PARTE)
                copia.write(descompressor.flush())
        if cursor.rowcount != dita["linhas"]:
            raise CopiaErro(
                f"A tabela {nome} recebeu {cursor.rowcount} linhas, e a cópia diz {dita['linhas']}. Nada foi "
                "restaurado."
            )


def trocar(de: str) -> None:
    """Put the filled schema in the place of the present one, which is no more: one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        # The next ./run migrates and prepares; it does not take this for a first start (config/partida.py).
        cursor.execute("COMMENT ON TABLE django_migrations IS 'restaurado de uma cópia'")
        cursor.execute(_comando("DROP SCHEMA {s} CASCADE", s=de))
        cursor.execute(_comando("ALTER SCHEMA {s} RENAME TO {n}", s=PROVISORIO, n=de))
        cursor.execute(_comando("GRANT USAGE ON SCHEMA {s} TO PUBLIC", s=de))  # as a new database has it


def de_hoje() -> str:
    """The schema that is in use."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0] or "")
