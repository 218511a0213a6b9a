"""Connections of the pool."""

import select
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

# A host that falls off the network says nothing: without these both sides would wait for each other for hours, the
# server with the locks of whatever was in course.
_DO_CLIENTE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
_DO_SERVIDOR = (
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;"
    " SET tcp_user_timeout = 25000; SET idle_in_transaction_session_timeout = '60s'"
)


def opcoes(banco: dict[str, Any]) -> dict[str, Any]:
    """The client's side, for a server that is reached over the network; what DATABASE_URL says comes first."""
    local = not banco.get("HOST") or str(banco["HOST"]).startswith("/")
    ditas: dict[str, Any] = banco.get("OPTIONS", {})
    return ({} if local else _DO_CLIENTE) | ditas


def conferir(conexao: psycopg.Connection[Any]) -> None:
    """The pool's check of a connection about to be lent; it raises OperationalError for a dead one.

    A server that goes away closes its side, so it is asked only where the socket has something to say: a bulk run
    borrows a connection for each item, and a question each time costs as much as one of its statements. A new one is
    told the server's side of the limits above: Django keeps the pool's own hook for that to itself.
    """
    if not hasattr(conexao, "_do_servidor"):  # lent for the first time
        conexao.execute(_DO_SERVIDOR)
        conexao.commit()
        conexao._do_servidor = True  # type: ignore[attr-defined]
    escuta = select.poll()
    escuta.register(conexao.fileno(), select.POLLIN)
    if escuta.poll(0):
        ConnectionPool.check_connection(conexao)
