"""Start-up: one product per folder, what a killed one left behind, and a database that is away."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from django.db import OperationalError
from django.db.backends.utils import CursorWrapper
from django.test import Client

from comum.models import Usuario
from config import instalacao, partida, postgres
from painel import demonstracao


def test_a_second_run_in_the_same_folder_says_who_has_it(tmp_path: Path) -> None:
    aberto = f"já está aberto, no processo {os.getpid()}"
    with partida.unica(tmp_path), pytest.raises(SystemExit, match=aberto), partida.unica(tmp_path):
        pass
    with partida.unica(tmp_path):
        pass


def test_what_a_killed_run_left_is_stopped_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "partida.lock").write_text("4242")
    resto = subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1, env={partida.MARCA: str(tmp_path)})
    alheio = subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1, env={partida.MARCA: str(tmp_path / "x")})
    try:
        with partida.unica(tmp_path):
            assert not psutil.pid_exists(resto.pid)
            assert alheio.poll() is None
    finally:
        for processo in (resto, alheio):
            processo.kill()
            processo.communicate()
    assert (tmp_path / "partida.lock").read_text() == ""


def test_a_worker_left_behind_is_given_the_time_its_calls_take(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    esperas: dict[int, float] = {}

    def esperar(processos: list[Any], timeout: float) -> tuple[list[Any], list[Any]]:
        esperas.update({processo.pid: timeout for processo in processos})
        return processos, []

    monkeypatch.setattr(psutil, "wait_procs", esperar)
    ambiente = {partida.MARCA: str(tmp_path)}
    restos = [
        subprocess.Popen([sys.executable, "-c", "print(flush=True); input()", nome], stdin=-1, stdout=-1, env=ambiente)
        for nome in ("trabalhador", "gunicorn")
    ]
    try:
        for resto in restos:
            assert resto.stdout is not None
            resto.stdout.readline()  # it is there, with its environment
        partida._encerrar_restos(tmp_path)
        assert [esperas[resto.pid] for resto in restos] == [instalacao.TRABALHADOR_PARADA_S + 10, 25]
    finally:
        for resto in restos:
            resto.kill()
            resto.communicate()


def test_the_sandbox_alone_stands_where_the_installation_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    comandos: list[list[str]] = []

    def tomar_o_lugar(_: str, comando: list[str]) -> None:
        comandos.append(comando)
        raise KeyboardInterrupt  # this process would be no more

    monkeypatch.setattr(os, "execv", tomar_o_lugar)
    monkeypatch.setattr(instalacao, "SANDBOX_PASTA", tmp_path)
    monkeypatch.setattr(instalacao, "SANDBOX_PORTA_TLS", 8463)
    monkeypatch.setattr(sys, "argv", ["./run", "--so", "sandbox", "--porta-controle", "8500"])
    assert partida.main() == 130
    assert comandos[0][1:7] == ["-m", "sandbox", "--dir", str(tmp_path), "--porta-tls", "8463"]
    assert comandos[0][-2:] == ["--porta-controle", "8500"]


def test_run_uv_is_the_installer_that_run_itself_uses(tmp_path: Path) -> None:
    shutil.copy(partida.RAIZ / "run", tmp_path)
    uv = tmp_path / ".tools" / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    uv.write_text('#!/bin/sh\necho "$VIRTUAL_ENV" "$@"')
    uv.chmod(0o755)
    dito = subprocess.run([tmp_path / "run", "uv", "pip", "compile"], capture_output=True, text=True, check=True)
    assert dito.stdout.split() == [f"{tmp_path}/.venv", "pip", "compile"]


class _Lembranca:
    """The connection that keeps the fingerprint."""

    def __init__(self) -> None:
        self.impressao: str | None = None

    def __enter__(self) -> "_Lembranca":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, comando: str, _: object = None) -> "_Lembranca":
        if comando.startswith("COMMENT"):
            self.impressao = comando.split("'")[1]
        return self

    def fetchone(self) -> tuple[str | None]:
        return (self.impressao,)


@pytest.mark.django_db
def test_a_first_start_interrupted_in_the_demo_is_taken_up_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    banco, comandos = _Lembranca(), list[str]()

    def django(comando: str, **_: object) -> None:
        comandos.append(comando)
        if comando == "demo":
            demonstracao.criar(empresas=0, controle="http://127.0.0.1:9" if comandos.count("demo") == 1 else None)

    monkeypatch.setattr(partida, "banco", lambda: banco)
    monkeypatch.setattr(partida, "_sandbox_provisorio", lambda ligado: contextlib.nullcontext())
    monkeypatch.setattr(partida, "largar_banco", lambda: None)
    monkeypatch.setattr(partida, "_django", django)
    with pytest.raises(OSError, match="refused"):
        partida._preparar(demonstracao=True)
    assert Usuario.objects.exists()
    partida._preparar(demonstracao=False)
    assert banco.impressao is None
    partida._preparar(demonstracao=True)
    assert banco.impressao
    assert comandos == ["migrate", "demo", "migrate", "migrate", "demo"]


def test_a_postmaster_file_that_names_another_program_is_forgotten(tmp_path: Path) -> None:
    arquivo = tmp_path / "postmaster.pid"
    arquivo.write_text(f"{os.getpid()}\n{tmp_path}\n")
    assert not postgres._alive(tmp_path)
    assert not arquivo.exists()


def test_a_postmaster_file_of_a_dead_server_is_left_to_postgresql(tmp_path: Path) -> None:
    morto = subprocess.Popen([sys.executable, "-c", ""])
    morto.wait()
    (tmp_path / "postmaster.pid").write_text(f"{morto.pid}\n{tmp_path}\n")
    assert not postgres._alive(tmp_path)
    assert (tmp_path / "postmaster.pid").exists()


def test_a_server_that_leaves_between_two_questions_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A process that starts in the very moment of a restart ended in its settings."""
    servidor = {"HOST": "/run", "PORT": "5432", "USER": "postgres", "PASSWORD": ""}
    respostas: list[Exception | None] = [
        psycopg.OperationalError("the database system is shutting down"),
        psycopg.OperationalError("the database system is starting up"),
        None,
    ]

    def criar(_: dict[str, str]) -> None:
        resposta = respostas.pop(0)
        if resposta:
            raise resposta

    monkeypatch.setattr(postgres, "_connection", lambda _: servidor)
    monkeypatch.setattr(postgres, "_create_database", criar)
    assert postgres.start(tmp_path) == servidor | {"NAME": "guiche"}
    assert respostas == []
    respostas.append(psycopg.OperationalError("the database system is starting up"))
    monkeypatch.setattr(postgres, "PATIENCE_S", 0)
    with pytest.raises(postgres.NotStarted, match="não iniciou"):
        postgres.start(tmp_path)


@pytest.mark.django_db
def test_a_database_that_is_away_is_a_503_page(ana: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cliente = Client(raise_request_exception=False)
    cliente.force_login(ana)

    def cair(*_: Any) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(CursorWrapper, "execute", cair)
    resposta = cliente.get("/empresas/")
    assert (resposta.status_code, resposta["Retry-After"]) == (503, "30")
    assert "banco de dados não respondeu" in resposta.content.decode()
