"""Web, two worker hosts, PostgreSQL and the outside service, each in a network namespace of its own.

One worker host is cut off in mid-run and comes back. What happened is asked of the sandbox's ledger.
"""

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from config import postgres

RAIZ = Path(__file__).resolve().parents[2]
HOSTS = {"pg": "10.213.0.2", "sbx": "10.213.0.3", "web": "10.213.0.4", "w1": "10.213.0.5", "w2": "10.213.0.6"}
PORTA_TLS, PORTA_CONTROLE, PORTA_WEB = 18443, 18480, 18000
QUANTAS = 30
PACIENCIA_S = 150  # on a busy machine


def _ip(*argumentos: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["ip", *argumentos], capture_output=True)


def _motivo() -> str:
    """Why this machine cannot run the test, empty when it can."""
    if shutil.which("ip") is None:
        return "the program ip (iproute2) is not installed"
    if os.geteuid() != 0:
        return "network namespaces need root"
    nome = f"gcprova{os.getpid()}"
    try:
        if _ip("netns", "add", nome).returncode or _ip("netns", "exec", nome, "true").returncode:
            return "this machine does not allow network namespaces"
        if _ip("-n", nome, "link", "add", "ponte", "type", "bridge").returncode:
            return "this machine does not allow bridges"
        return ""
    finally:
        _ip("netns", "del", nome)


class Rede:
    """A switch and a namespace for each host on it."""

    def __init__(self) -> None:
        self.prefixo = f"gc{os.getpid()}"
        self.processos: list[subprocess.Popen[bytes]] = []

    def ns(self, host: str) -> str:
        return f"{self.prefixo}-{host}"

    def montar(self) -> None:
        troca = self.ns("troca")
        self._fazer("netns", "add", troca)
        self._fazer("-n", troca, "link", "add", "ponte", "type", "bridge")
        self._fazer("-n", troca, "link", "set", "ponte", "up")
        for host, endereco in HOSTS.items():
            ns = self.ns(host)
            self._fazer("netns", "add", ns)
            self._fazer("-n", troca, "link", "add", "name", host, "type", "veth", "peer", "name", "eth0", "netns", ns)
            self._fazer("-n", troca, "link", "set", host, "master", "ponte", "up")
            self._fazer("-n", ns, "addr", "add", f"{endereco}/24", "dev", "eth0")
            self._fazer("-n", ns, "link", "set", "eth0", "up")
            self._fazer("-n", ns, "link", "set", "lo", "up")
        for host in ("w1", "w2"):  # the sandbox's certificate is that of localhost
            pasta = Path("/etc/netns") / self.ns(host)
            pasta.mkdir(parents=True)
            (pasta / "hosts").write_text(f"{HOSTS['sbx']} localhost\n")

    def _fazer(self, *argumentos: str) -> None:
        feito = _ip(*argumentos)
        assert feito.returncode == 0, (argumentos, feito.stderr)

    def cabo(self, host: str, *, ligado: bool) -> None:
        self._fazer("-n", self.ns("troca"), "link", "set", host, "up" if ligado else "down")

    def iniciar(self, host: str, *comando: str, **ambiente: str) -> "subprocess.Popen[bytes]":
        processo = subprocess.Popen(
            ["ip", "netns", "exec", self.ns(host), *comando],
            cwd=RAIZ,
            env=_ambiente() | ambiente,
            stdout=subprocess.DEVNULL,
        )
        self.processos.append(processo)
        return processo

    def perguntar(self, host: str, *comando: str, **ambiente: str) -> bytes:
        return subprocess.run(
            ["ip", "netns", "exec", self.ns(host), *comando],
            cwd=RAIZ,
            env=_ambiente() | ambiente,
            check=True,
            stdout=subprocess.PIPE,
            timeout=PACIENCIA_S,
        ).stdout

    def desmontar(self) -> None:
        for processo in reversed(self.processos):
            # PostgreSQL waits for its clients when told to end by TERM.
            processo.send_signal(signal.SIGINT if "-D" in processo.args else signal.SIGTERM)  # type: ignore[operator]
        for processo in self.processos:
            try:
                processo.wait(15)
            except subprocess.TimeoutExpired:
                processo.kill()
                processo.wait()
        for host in ("troca", *HOSTS):
            _ip("netns", "del", self.ns(host))
            shutil.rmtree(Path("/etc/netns") / self.ns(host), ignore_errors=True)


def _ambiente() -> dict[str, str]:
    deles = ("DJANGO_", "GUICHE_", "SANDBOX_", "PYTEST")
    return {nome: valor for nome, valor in os.environ.items() if not nome.startswith(deles)}


BUSCAR = "import sys, urllib.request as u; sys.stdout.buffer.write(u.urlopen(sys.argv[1], timeout=20).read())"


@pytest.fixture
def rede(pasta: Path) -> Iterator[Rede]:
    if motivo := _motivo():
        pytest.skip(motivo)
    rede = Rede()
    try:
        rede.montar()
        yield rede
    finally:
        rede.desmontar()


@pytest.fixture
def pasta() -> Iterator[Path]:
    """A folder that the database's own user may enter."""
    caminho = Path(tempfile.mkdtemp(prefix="guiche-rede-"))
    caminho.chmod(0o755)
    yield caminho
    shutil.rmtree(caminho, ignore_errors=True)


@contextlib.contextmanager
def _postgres(rede: Rede, pasta: Path) -> Iterator[psycopg.Connection[Any]]:
    """A cluster that listens in its namespace, with the schema of the tests' database; asked through its socket."""
    biblioteca: Any = postgres._library(Path(str(connection.settings_dict["HOST"])))
    programas, dono = Path(biblioteca.bin_path), pwd.getpwnam("pgserver")
    dados = pasta / "pg"
    dados.mkdir(mode=0o700)
    os.chown(dados, dono.pw_uid, dono.pw_gid)
    como: dict[str, Any] = {"user": dono.pw_uid, "group": dono.pw_gid, "check": True, "stdout": subprocess.DEVNULL}
    iniciar = [str(programas / "initdb"), "-D", str(dados), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8"]
    subprocess.run(iniciar, **como)
    with (dados / "pg_hba.conf").open("a") as arquivo:
        arquivo.write("host all all 10.213.0.0/24 trust\n")
    trocar = (
        "import os, sys; os.setgroups([]); os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[2]));"
        " os.execv(sys.argv[3], sys.argv[3:])"
    )
    opcoes = {"listen_addresses": HOSTS["pg"], "port": "5432", "unix_socket_directories": str(dados), "fsync": "off"}
    argumentos = [parte for nome, valor in opcoes.items() for parte in ("-c", f"{nome}={valor}")]
    rede.iniciar(
        *("pg", sys.executable, "-c", trocar, str(dono.pw_gid), str(dono.pw_uid)),
        *(str(programas / "postgres"), "-D", str(dados), *argumentos),
    )
    destino = ["-h", str(dados), "-U", "postgres"]
    _esperar(lambda: subprocess.run([str(programas / "pg_isready"), *destino], stdout=-3).returncode == 0)
    subprocess.run([str(programas / "createdb"), *destino, "guiche"], check=True)
    origem = connection.settings_dict
    copia = subprocess.run(
        [
            *(str(programas / "pg_dump"), "-h", str(origem["HOST"]), "-p", str(origem["PORT"])),
            *("-U", str(origem["USER"]), "--no-owner", "-N", "modelo", str(origem["NAME"])),
        ],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    subprocess.run(
        [str(programas / "psql"), *destino, "-q", "-v", "ON_ERROR_STOP=1", "guiche"],
        input=copia,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with psycopg.connect(host=str(dados), user="postgres", dbname="guiche", autocommit=True) as conexao:
        yield conexao


def _esperar(condicao: Callable[[], bool]) -> None:
    fim = time.monotonic() + PACIENCIA_S
    while not condicao():
        assert time.monotonic() < fim, "timed out"
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
@pytest.mark.demorado
def test_a_host_cut_off_in_mid_run_doubles_nothing_and_loses_nothing(rede: Rede, pasta: Path) -> None:
    sandbox = ["-m", "sandbox", "--dir", str(pasta / "sandbox")]
    sandbox += ["--porta-tls", str(PORTA_TLS), "--porta-controle", str(PORTA_CONTROLE)]
    rede.iniciar("sbx", sys.executable, *sandbox)
    rede.iniciar("sbx", sys.executable, "-m", "tests.redes.ponte", HOSTS["sbx"], str(PORTA_TLS))
    ambiente = {"DATABASE_URL": f"postgres://postgres@{HOSTS['pg']}:5432/guiche", "ALLOWED_HOSTS": HOSTS["web"]}
    ambiente["MOTOR_RITMO"] = "0.1"  # a host is dead after 3 s of silence
    with _postgres(rede, pasta) as banco:
        _esperar((pasta / "sandbox" / "enderecos.json").exists)
        arquivo = str(pasta / "envio.json")
        envio = [sys.executable, "-m", "tests.redes.envio"]
        rede.perguntar("sbx", *envio, "preparar", arquivo, str(QUANTAS), GUICHE_VAR=str(pasta / "preparo"), **ambiente)

        banco.execute("UPDATE operacoes_operacao SET proxima_em = now() + interval '1 hour'")

        def contar(condicao: str) -> int:
            linha = banco.execute(f"SELECT count(*) FROM operacoes_operacao WHERE {condicao}").fetchone()  # type: ignore[arg-type]
            return int(linha[0]) if linha else 0

        def abandonadas() -> int:
            linha = banco.execute("SELECT count(*) FROM operacoes_tentativa WHERE desfecho = 'abandonada'").fetchone()
            return int(linha[0]) if linha else 0

        rede.iniciar(
            *("web", sys.executable, "-m", "gunicorn", "config.wsgi", f"--bind={HOSTS['web']}:{PORTA_WEB}"),
            *("--workers=1", "--threads=2", "--no-control-socket"),
            GUICHE_VAR=str(pasta / "web"),
            **ambiente,
        )
        w1, w2 = (
            rede.iniciar(host, *envio, "trabalhar", arquivo, GUICHE_VAR=str(pasta / host), **ambiente)
            for host in ("w1", "w2")
        )
        # Nothing is due until both hosts are at work, so that both have rows in course when the cable of one is pulled.
        _esperar(lambda: banco.execute("SELECT count(*) FROM operacoes_trabalhador").fetchone() == (2,))
        banco.execute("UPDATE operacoes_operacao SET proxima_em = now()")
        # ... and a call of the one that is cut off has just left.
        em_curso = (
            "SELECT split_part(t.trabalhador, ':', 2)::int FROM operacoes_operacao o"
            " JOIN operacoes_tentativa t ON t.id = o.tentativa_atual"
            " WHERE clock_timestamp() - o.enviada_em < interval '300 milliseconds'"
            " OR split_part(t.trabalhador, ':', 2) <> %s"
        )

        def em_curso_nos_dois() -> bool:
            donos = {dono for (dono,) in banco.execute(em_curso, [str(w1.pid)]).fetchall()}
            return donos == {w1.pid, w2.pid}

        _esperar(lambda: contar("situacao = 'concluida'") >= 4)
        _esperar(em_curso_nos_dois)
        rede.cabo("w1", ligado=False)
        saude = f"http://{HOSTS['web']}:{PORTA_WEB}/saude/"
        _esperar(lambda: _responde(rede, saude))  # the web goes on, seen from the other host
        _esperar(lambda: abandonadas() > 0)  # the other host finds out what this one had in course
        rede.cabo("w1", ligado=True)
        voltou = banco.execute("SELECT clock_timestamp()").fetchone()
        assert voltou is not None
        _esperar(lambda: contar("situacao <> 'concluida'") == 0)
        # The host that was away is at work again.
        vivos = "SELECT count(*) FROM operacoes_trabalhador WHERE batida > %s"
        _esperar(lambda: banco.execute(vivos, voltou).fetchone() == (2,))
        for processo in (w1, w2):
            processo.terminate()
        assert [processo.wait(PACIENCIA_S) for processo in (w1, w2)] == [0, 0]

        chaves = {chave for (chave,) in banco.execute("SELECT chave FROM operacoes_operacao").fetchall()}
    ledger = _controle(rede, "ledger?tipo=das_emitido")["efeitos"]
    assert Counter(efeito["contribuinte"] for efeito in ledger) == Counter(chaves)
    assert len(ledger) == QUANTAS
    # Both hosts, before, during and after the cut, kept the one limit they share.
    chamadas = _controle(rede, "chamadas?operacao=GERARDAS12")["chamadas"]
    assert len(chamadas) >= QUANTAS
    assert [chamada for chamada in chamadas if chamada["limite"]] == []


def _controle(rede: Rede, caminho: str) -> dict[str, Any]:
    endereco = f"http://127.0.0.1:{PORTA_CONTROLE}/controle/api/{caminho}"
    return dict(json.loads(rede.perguntar("sbx", sys.executable, "-c", BUSCAR, endereco)))


def _responde(rede: Rede, endereco: str) -> bool:
    try:
        rede.perguntar("w2", sys.executable, "-c", BUSCAR, endereco)
    except subprocess.CalledProcessError:
        return False
    return True
