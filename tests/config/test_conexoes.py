"""The pool's check: a living connection is lent without a word, a dead one is not lent."""

import psycopg
import pytest
from django.db import connection

from config.conexoes import conferir

pytestmark = pytest.mark.django_db


def test_a_connection_that_the_server_closed_is_found_out() -> None:
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as conexao:
        conferir(conexao)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [conexao.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            conferir(conexao)
