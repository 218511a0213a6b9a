"""Which empresas were written about since an answer was made, so that only those are read again.

After each statement that writes to a followed table, triggers note the empresas of the rows, as they were and as they
are, in the unlogged `comum_tocada`; a statement of more than _MUITAS rows notes that it may be any. A reader keeps the
snapshot of its reading: what committed after it is what that snapshot does not see, whoever was open then. What a crash
empties, and what esquecer() took away, is told by `comum_tocadas_vida`: then everything counts as written. Who writes
with triggers off (session_replication_role, logical replication) is not seen: nothing of ours does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

_MUITAS = 1000  # rows of one statement
_QUANTAS = 4000  # empresas noted since the reading, beyond which all may as well be read
_GUARDADAS = 100_000  # rows of the log that need not be taken away

CRIAR = """
CREATE UNLOGGED TABLE comum_tocada (
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    tabela text NOT NULL,
    empresa bigint,
    competencia date
);
CREATE INDEX comum_tocada_xid ON comum_tocada (xid);
CREATE UNLOGGED TABLE comum_tocadas_vida (
    uma boolean PRIMARY KEY DEFAULT true CHECK (uma),
    marca uuid NOT NULL DEFAULT gen_random_uuid(),
    servidor bigint NOT NULL,
    esquecidas xid8 NOT NULL DEFAULT '0',
    proximas xid8 NOT NULL DEFAULT '0'
);
"""
DESFAZER = "DROP TABLE comum_tocada; DROP TABLE comum_tocadas_vida;"

_DE_QUE = """
CREATE FUNCTION "tocar_{tabela}"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO comum_tocada (tabela) VALUES ('{tabela}');
    ELSIF TG_OP = 'INSERT' THEN
        IF (SELECT count(*) > {muitas} FROM (SELECT FROM novas LIMIT {muitas} + 1) x) THEN
            INSERT INTO comum_tocada (tabela) VALUES ('{tabela}');
        ELSE
            INSERT INTO comum_tocada (tabela, empresa, competencia) {das_novas};
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF (SELECT count(*) > {muitas} FROM (SELECT FROM antigas LIMIT {muitas} + 1) x) THEN
            INSERT INTO comum_tocada (tabela) VALUES ('{tabela}');
        ELSE
            INSERT INTO comum_tocada (tabela, empresa, competencia) {das_antigas};
        END IF;
    ELSE
        IF (SELECT count(*) > {muitas} FROM (SELECT FROM novas LIMIT {muitas} + 1) x) THEN
            INSERT INTO comum_tocada (tabela) VALUES ('{tabela}');
        ELSE
            INSERT INTO comum_tocada (tabela, empresa, competencia) {das_antigas} UNION {das_novas};
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "{tabela}_tocou_i" AFTER INSERT ON "{tabela}"
    REFERENCING NEW TABLE AS novas FOR EACH STATEMENT EXECUTE FUNCTION "tocar_{tabela}"();
CREATE TRIGGER "{tabela}_tocou_u" AFTER UPDATE ON "{tabela}"
    REFERENCING OLD TABLE AS antigas NEW TABLE AS novas FOR EACH STATEMENT EXECUTE FUNCTION "tocar_{tabela}"();
CREATE TRIGGER "{tabela}_tocou_d" AFTER DELETE ON "{tabela}"
    REFERENCING OLD TABLE AS antigas FOR EACH STATEMENT EXECUTE FUNCTION "tocar_{tabela}"();
CREATE TRIGGER "{tabela}_tocou_t" AFTER TRUNCATE ON "{tabela}"
    FOR EACH STATEMENT EXECUTE FUNCTION "tocar_{tabela}"();
"""


def anotar(
    tabela: str, empresa: str = "empresa_id", competencia: str = "NULL::date", junto: str = ""
) -> tuple[str, str]:
    """The SQL of a migration that begins, and that ends, to note who is written about in this table. `empresa` and
    `competencia` are SQL of a row `t`, the second NULL for what concerns every month; `junto` a JOIN that they need."""

    def das(linhas: str) -> str:
        de = f"SELECT DISTINCT '{tabela}', {empresa}, {competencia} FROM {linhas} t {junto}"  # noqa: S608 - of a migration
        return f"{de} WHERE {empresa} IS NOT NULL"

    ida = _DE_QUE.format(tabela=tabela, muitas=_MUITAS, das_novas=das("novas"), das_antigas=das("antigas"))
    volta = "".join(f'DROP TRIGGER "{tabela}_tocou_{quando}" ON "{tabela}";\n' for quando in "iudt")
    return ida, volta + f'DROP FUNCTION "tocar_{tabela}"();\n'


@dataclass(frozen=True, slots=True)
class Momento:
    """When something was read: the database's snapshot, and the life of the log."""

    instante: str
    vida: str


@dataclass(frozen=True, slots=True)
class Tocadas:
    """The empresas of the rows written, by table."""

    por_tabela: dict[str, set[int]]

    def em(self, tabelas: Iterable[str]) -> set[int]:
        return set().union(*(self.por_tabela.get(tabela, ()) for tabela in tabelas))


_DESDE = """
SELECT pg_current_snapshot()::text, v.tableoid || ':' || v.marca, v.esquecidas <= pg_snapshot_xmin(i.antes),
       t.tabela, t.empresa
  FROM comum_tocadas_vida v
       CROSS JOIN (SELECT coalesce(%(antes)s::pg_snapshot, pg_current_snapshot()) AS antes) i
       LEFT JOIN LATERAL (
           SELECT DISTINCT tabela, empresa FROM comum_tocada
            WHERE xid >= pg_snapshot_xmin(i.antes) AND NOT pg_visible_in_snapshot(xid, i.antes)
              AND tabela = ANY(%(tabelas)s) AND (competencia IS NULL OR competencia = %(competencia)s)
            LIMIT %(quantas)s
       ) t ON true
 WHERE pg_current_xact_id_if_assigned() IS NULL
       AND v.servidor = (SELECT system_identifier FROM pg_control_system())
"""
# What a copy of another server brought counts its transactions otherwise: some of them would be yet to come.
_NASCER = """
DELETE FROM comum_tocada WHERE xid >= pg_snapshot_xmax(pg_current_snapshot());
INSERT INTO comum_tocadas_vida (servidor) SELECT system_identifier FROM pg_control_system()
    ON CONFLICT (uma) DO UPDATE
       SET marca = gen_random_uuid(), servidor = excluded.servidor, esquecidas = '0', proximas = '0'
     WHERE comum_tocadas_vida.servidor <> excluded.servidor;
"""


def desde(antes: Momento | None, tabelas: Iterable[str], competencia: date) -> tuple[Momento | None, Tocadas | None]:
    """To be asked before reading: what to keep with what is read now, and who was written about in these tables, of the
    competência, since `antes`. No Momento: nothing may be kept, this transaction has written. No Tocadas: any."""
    valores: dict[str, Any] = {
        "antes": antes and antes.instante,
        "tabelas": [*tabelas],
        "competencia": competencia,
        "quantas": _QUANTAS + 1,
    }
    with connection.cursor() as cursor:
        linhas = cursor.execute(_DESDE, valores).fetchall()
        if not linhas:
            if connection.in_atomic_block:
                return None, None
            cursor.execute(_NASCER)
            linhas = cursor.execute(_DESDE, valores | {"antes": None}).fetchall()
    agora = Momento(linhas[0][0], linhas[0][1])
    if antes is None or antes.vida != agora.vida or not linhas[0][2] or len(linhas) > _QUANTAS:
        return agora, None
    por_tabela: dict[str, set[int]] = {}
    for *_, tabela, empresa in linhas:
        if tabela is not None:
            if empresa is None:
                return agora, None
            por_tabela.setdefault(tabela, set()).add(empresa)
    return agora, Tocadas(por_tabela)


def esquecer() -> None:
    """Take away what was noted before the last time, where it is much. Who read before then reads all again. What a
    transaction may still not have seen stays."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM comum_tocada")
        if cursor.fetchone()[0] <= _GUARDADAS:  # type: ignore[index]
            return
        cursor.execute(
            "UPDATE comum_tocadas_vida SET esquecidas = proximas, proximas = pg_snapshot_xmin(pg_current_snapshot())"
            " RETURNING esquecidas::text"
        )
        if linha := cursor.fetchone():
            cursor.execute("DELETE FROM comum_tocada WHERE xid < %s::xid8", [linha[0]])
