"""Connections of the pool."""

import select
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool


def conferir(conexao: psycopg.Connection[Any]) -> None:
    """The pool's check of a connection about to be lent; it raises OperationalError for a dead one.

    A server that goes away closes its side, so it is asked only where the socket has something to say: a bulk run
    borrows a connection for each item, and a question each time costs as much as one of its statements.
    """
    escuta = select.poll()
    escuta.register(conexao.fileno(), select.POLLIN)
    if escuta.poll(0):
        ConnectionPool.check_connection(conexao)
