"""The pool's check: a living connection is lent without a word, a dead one is not lent."""

import psycopg
import pytest
from django.db import connection

from config.conexoes import conferir, opcoes

pytestmark = pytest.mark.django_db


def test_a_connection_that_the_server_closed_is_found_out() -> None:
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as conexao:
        conferir(conexao)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [conexao.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            conferir(conexao)


def test_both_sides_find_out_a_peer_that_fell_off_the_network() -> None:
    assert opcoes({"HOST": "/run/postgres"}) == {}
    assert opcoes({"HOST": ""}) == {}
    pela_rede = opcoes({"HOST": "10.0.0.2", "OPTIONS": {"keepalives_idle": 60, "sslmode": "require"}})
    assert (pela_rede["keepalives_idle"], pela_rede["sslmode"]) == (60, "require")
    assert pela_rede["tcp_user_timeout"] == 25_000
    with psycopg.connect(**connection.get_connection_params()) as conexao:
        conferir(conexao)
        limite = conexao.execute("SHOW idle_in_transaction_session_timeout").fetchone()
        assert limite == ("1min",)
