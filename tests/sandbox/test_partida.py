"""Starting and stopping `python -m sandbox`."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from tests.sandbox_fixture import Controle, iniciar, parar


@pytest.fixture(scope="module")
def pasta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("partida")


@pytest.fixture(scope="module")
def vivos(pasta: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    processos: list[subprocess.Popen[bytes]] = []
    yield processos
    for processo in processos:
        if processo.poll() is None:
            parar(processo)
        processo.communicate()


@pytest.fixture
def vivo(vivos: list[subprocess.Popen[bytes]], pasta: Path) -> subprocess.Popen[bytes]:
    """A running sandbox: the one the test before left, or a new one."""
    if not vivos or vivos[-1].poll() is not None:
        vivos.append(iniciar(pasta, subprocess.PIPE))
    return vivos[-1]


def enderecos(pasta: Path) -> dict[str, object]:
    return dict(json.loads((pasta / "enderecos.json").read_text()))


def test_prints_one_line_per_address(vivo: subprocess.Popen[bytes]) -> None:
    assert vivo.stdout is not None
    linhas = [vivo.stdout.readline().decode() for _ in range(16)]
    assert [linha.split(": ")[0] for linha in linhas] == [
        "Integra Contador (autenticacao)",
        "Integra Contador (producao)",
        "Integra Contador (teste)",
        "SISGENF-e (producao)",
        "SISGENF-e (homologacao)",
        "Integra Notas (producao)",
        "Integra Notas (homologacao)",
        "NFS-e Nacional (sefin)",
        "NFS-e Nacional (adn)",
        "NFS-e Nacional (parametros)",
        "NFS-e Nacional (danfse)",
        "TOTVS Datasul (producao)",
        "TOTVS Datasul (externo)",
        "TOTVS Datasul (portal)",
        "Servidor de e-mail do sandbox",
        "Controle do sandbox",
    ]


def test_writes_its_addresses(vivo: subprocess.Popen[bytes], pasta: Path) -> None:
    lidos = enderecos(pasta)
    servicos = {"integra_contador", "sisgenfe", "integranotas", "nacional", "totvs", "correio"}
    assert set(lidos) == {*servicos, "controle", "porta_tls", "porta_smtp", "ca"}
    assert httpx.get(f"{lidos['controle']}controle/api/saude", trust_env=False).json() == {"situacao": "ok"}


def test_two_sandboxes_do_not_share_a_folder(vivo: subprocess.Popen[bytes], pasta: Path) -> None:
    comando = [sys.executable, "-m", "sandbox", "--dir", str(pasta), "--porta-tls", "0", "--porta-controle", "0"]
    segundo = subprocess.run(comando, capture_output=True, text=True, timeout=60)
    assert segundo.returncode == 1
    assert "Já existe um sandbox" in segundo.stderr


def test_busy_port_is_said(vivo: subprocess.Popen[bytes], pasta: Path, tmp_path: Path) -> None:
    porta = str(enderecos(pasta)["controle"]).rsplit(":", 1)[1].strip("/")
    pronta = shutil.copytree(pasta, tmp_path / "pronta")
    comando = [sys.executable, "-m", "sandbox", "--dir", str(pronta), "--porta-tls", porta, "--porta-controle", "0"]
    segundo = subprocess.run(comando, capture_output=True, text=True, timeout=60)
    assert segundo.returncode == 1
    assert f"A porta {porta} está ocupada" in segundo.stderr


def test_takes_its_addresses_away_at_the_end_and_a_second_start_keeps_the_state(
    vivo: subprocess.Popen[bytes], vivos: list[subprocess.Popen[bytes]], pasta: Path
) -> None:
    controle = Controle(str(enderecos(pasta)["controle"]))
    antes = controle.contratantes()
    controle.cenario(acao="erro", descricao="fica")
    assert parar(vivo) == 0
    assert not (pasta / "enderecos.json").exists()
    vivos.append(iniciar(pasta, subprocess.PIPE))
    controle = Controle(str(enderecos(pasta)["controle"]))
    sem_porta = [{**dono, "a1": ""} for dono in antes]
    assert [{**dono, "a1": ""} for dono in controle.contratantes()] == sem_porta
    assert [c["descricao"] for c in controle.get("cenarios")["cenarios"] if c["origem"] == "controle"] == ["fica"]


def test_interrupt_from_the_keyboard_stops_it_too(vivo: subprocess.Popen[bytes]) -> None:
    vivo.send_signal(signal.SIGINT)
    assert vivo.wait(timeout=20) == 0


def test_servers_die_with_a_killed_parent(vivo: subprocess.Popen[bytes]) -> None:
    filhos = psutil.Process(vivo.pid).children(recursive=True)
    assert filhos
    os.kill(vivo.pid, signal.SIGKILL)
    vivo.wait()
    _, restantes = psutil.wait_procs(filhos, timeout=15)
    assert restantes == []


def test_migrations_tell_the_models(pasta: Path) -> None:
    comando = [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"]
    ambiente = {**os.environ, "SANDBOX_DIR": str(pasta), "DJANGO_SETTINGS_MODULE": "sandbox.settings"}
    assert subprocess.run(comando, env=ambiente, capture_output=True, timeout=60).returncode == 0


_UMA_PLANEJADA_E_UM_DEFEITO = """
import django
django.setup()
from django.http import HttpResponse
from django.test import Client
from django.test.utils import override_settings
from django.urls import path

def defeito(request):
    raise RuntimeError("a real fault")

urlpatterns = [path("planejada", lambda request: HttpResponse(status=500)), path("defeito", defeito)]
with override_settings(ROOT_URLCONF="__main__"):
    cliente = Client(raise_request_exception=False, SERVER_NAME="localhost")
    print([cliente.get(endereco).status_code for endereco in ("/planejada", "/defeito")])
"""


def test_only_a_real_fault_reaches_the_log(pasta: Path) -> None:
    ambiente = {**os.environ, "SANDBOX_DIR": str(pasta), "DJANGO_SETTINGS_MODULE": "sandbox.settings"}
    comando = [sys.executable, "-c", _UMA_PLANEJADA_E_UM_DEFEITO]
    feito = subprocess.run(comando, env=ambiente, capture_output=True, text=True, timeout=60)
    assert feito.stdout == "[500, 500]\n"
    assert "Internal Server Error: /defeito" in feito.stderr
    assert "RuntimeError: a real fault" in feito.stderr
    assert "planejada" not in feito.stderr
