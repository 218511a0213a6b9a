"""Shared by every test: nothing but loopback can be reached, and the cast of users and empresas."""

import gc
import ipaddress
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import hypothesis
import pytest
from django.db import connection
from django.test import TransactionTestCase
from whitenoise.base import StaticFile
from whitenoise.middleware import WhiteNoiseMiddleware

from tests import banco

os.environ.setdefault("GUICHE_PG_SEM_FSYNC", "1")

# A busy machine is not a slow property.
hypothesis.settings.register_profile("guiche", deadline=None)
hypothesis.settings.load_profile("guiche")

pytest_plugins = ["tests.cast", "tests.sandbox_fixture"]

_connect, _connect_ex, _getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo


def _is_loopback(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = address[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return bool(host == "localhost")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


class OutsideCall(RuntimeError):
    pass


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long and mostly waits begins first, beside everything else; at the end it would run alone."""
    items.sort(key=lambda item: item.get_closest_marker("demorado") is None)


def pytest_collection_finish() -> None:
    """What was imported and collected lives until the end: it is not looked through again and again for garbage, which
    took a tenth of the time of the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Iterator[None]:
    """A connection to anything but this machine, or the question where it is, fails the test that tried it."""

    def conferir(family: int, address: Any) -> None:
        if family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address):
            raise OutsideCall(f"a test tried to reach {address!r}")

    def connect(self: socket.socket, address: Any) -> Any:
        conferir(self.family, address)
        return _connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        conferir(self.family, address)
        return _connect_ex(self, address)

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        nome = host.decode() if isinstance(host, bytes) else host
        if nome and nome not in ("localhost", socket.gethostname()) and not _is_number(nome):
            raise OutsideCall(f"a test asked for the address of {nome!r}")
        return _getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as trocas:
        trocas.setattr(socket.socket, "connect", connect)
        trocas.setattr(socket.socket, "connect_ex", connect_ex)
        trocas.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_blocker: Any,
    django_db_keepdb: bool,
    django_db_createdb: bool,
) -> ExitStack:
    """What is closed once the database stands."""
    vez = ExitStack()
    if django_db_keepdb and not django_db_createdb:
        with django_db_blocker.unblock():
            vez.enter_context(banco.preparando())
    return vez


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_modify_db_settings: ExitStack, django_db_blocker: Any
) -> Iterator[None]:
    """Ids of tests begin above a million, as in an office of some years: a template that writes them localised
    ("1.000.001") into a link or a value then fails its test. After a test that commits, banco.voltar()."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('ALTER SEQUENCE %I.%I RESTART 1000001', schemaname, sequencename) FROM pg_sequences"
            " WHERE schemaname = 'public' AND coalesce(last_value, 0) < 1000000"
        )
        for (comando,) in cursor.fetchall():
            cursor.execute(comando)
        banco.guardar()
    with django_db_blocker.unblock():
        django_db_modify_db_settings.close()
    with pytest.MonkeyPatch.context() as trocas:
        trocas.setattr(TransactionTestCase, "_fixture_teardown", lambda _: banco.voltar())
        yield


@pytest.fixture(scope="session", autouse=True)
def estaticos_vistos_uma_vez() -> Iterator[None]:
    """Each Client starts the middleware anew, which looks through every static file: only the first one does."""
    vistos: dict[str, StaticFile] = {}
    olhar = WhiteNoiseMiddleware.add_files_from_finders

    def lembrar(self: WhiteNoiseMiddleware) -> None:
        if not vistos:
            olhar(self)
            vistos.update(self.files)
        self.files.update(vistos)

    with pytest.MonkeyPatch.context() as trocas:
        trocas.setattr(WhiteNoiseMiddleware, "add_files_from_finders", lembrar)
        yield


@pytest.fixture(autouse=True)
def arquivos_do_teste(settings: Any, tmp_path: Any) -> None:
    """Documents of a test live and die with it."""
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "arquivo"},
        }
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
