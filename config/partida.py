"""Start-up of the product: `./run` (everything, supervised) or one part of it.

The parts are children of supervisord, which brings a killed worker or web server back and stops all of them on Ctrl+C.
"""

import argparse
import contextlib
import fcntl
import getpass
import hashlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
from django.core.exceptions import ImproperlyConfigured

if "--treino" in sys.argv:  # said before the installation is read
    os.environ["GUICHE_TREINO"] = "1"
try:
    from config import instalacao, postgres
except ImproperlyConfigured as erro:
    sys.exit(str(erro))

RAIZ = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent
MARCA = "GUICHE_PARTIDA"  # in the environment of every process of ./run: the folder it belongs to
PREPARACAO = 20261121  # key of the advisory lock under which a database is prepared

# The highest priority stops first: the sandbox stays until the calls in course have ended.
SUPERVISOR = """\
[supervisord]
nodaemon=true
silent=true
user={usuario}
logfile={pasta}/supervisor.log
logfile_maxbytes=1MB
logfile_backups=1
pidfile={pasta}/supervisor.pid
childlogdir={pasta}

[group:guiche]
programs=trabalhador,web
priority=2
"""
PROGRAMA = """
[program:{nome}]
command={comando}
directory={raiz}
autorestart=true
startsecs=2
startretries=100
stopsignal=TERM
stopwaitsecs={espera}
stopasgroup=false
killasgroup=true
redirect_stderr=true
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
priority=1
"""


def _arguments() -> tuple[argparse.Namespace, list[str]]:
    """Our own, and those that the sandbox alone takes besides."""
    parser = argparse.ArgumentParser(prog="./run")
    parser.add_argument("--treino", action="store_true", help="um banco de ensaio à parte, no sandbox")
    parser.add_argument("--porta", type=int, default=0, help="porta da web (padrão: 8000; com --treino, 8010)")
    parser.add_argument("--so", choices=["web", "trabalhador", "sandbox"], help=argparse.SUPPRESS)
    parser.add_argument(
        "--concorrencia",
        type=int,
        default=0,
        metavar="N",
        help="chamadas simultâneas do trabalhador (padrão: TRABALHADOR_THREADS)",
    )
    opcoes, demais = parser.parse_known_args()
    if demais and opcoes.so != "sandbox":
        parser.error(f"unrecognized arguments: {' '.join(demais)}")
    return opcoes, demais


def _impressao(ambiente: str) -> str:
    """Fingerprint of everything the preparations depend on."""
    soma = hashlib.sha256(ambiente.encode())
    apps = [arquivo.parent for arquivo in RAIZ.glob("*/apps.py")]
    for pasta in (*sorted(apps), RAIZ / "static"):
        for arquivo in sorted(pasta.rglob("*")):
            if arquivo.is_file() and arquivo.suffix != ".pyc":
                soma.update(str(arquivo.relative_to(RAIZ)).encode() + b"\0" + arquivo.read_bytes())
    soma.update((RAIZ / "requirements.lock").read_bytes())
    return soma.hexdigest()


def banco() -> psycopg.Connection[Any]:
    """A connection to the installation's database; starts the embedded server."""
    try:
        valores: dict[str, Any] = instalacao.BANCO_EXTERNO or postgres.start(instalacao.POSTGRES_EMBUTIDO)
    except postgres.NotStarted as erro:
        sys.exit(str(erro))
    endereco: dict[str, Any] = {
        "host": valores["HOST"],
        "port": valores["PORT"],
        "user": valores["USER"],
        "password": valores["PASSWORD"],
        "dbname": valores["NAME"],
    }
    try:
        return psycopg.connect(
            **{nome: valor for nome, valor in endereco.items() if valor}, **valores.get("OPTIONS", {}), autocommit=True
        )
    except psycopg.OperationalError as erro:
        sys.exit(
            f"O banco de dados não abriu: {str(erro).strip()}\n"
            "Confira se o servidor está no ar e se DATABASE_URL (ou TREINO_DATABASE_URL) diz o endereço, o usuário, "
            "a senha e um banco que existe."
        )


def _preparar(*, demonstracao: bool) -> None:
    """Schema, official tables, static files and, on the first start of a sandbox, the demo office.

    Skipped when nothing has changed since the last time: the database remembers it in the comment of a table, which
    also goes into its backups, and the static files beside themselves.
    """
    impressao = _impressao(instalacao.AMBIENTE)
    estaticos = instalacao.STATIC_ROOT / ".impressao"
    with banco() as conexao:

        def lembrada() -> str | None:
            linha = conexao.execute("SELECT obj_description(to_regclass('django_migrations'))").fetchone()
            return linha[0] if linha else None

        if lembrada() != impressao:
            # Another machine of the same office may be preparing it right now.
            conexao.execute("SELECT pg_advisory_lock(%s)", [PREPARACAO])
        antes = lembrada()
        if antes != impressao:
            print("Preparando o banco de dados…", flush=True)
            with _sandbox_provisorio(ligado=demonstracao and instalacao.DEMO and antes is None):
                _django("migrate", interactive=False)
                if demonstracao and antes is None and _falta_demonstracao():
                    print("Primeira partida: criando o escritório de demonstração…", flush=True)
                    _django("demo")
            if not _tem_usuarios():
                demo = "./run cria os de demonstração, e " if instalacao.DEMO else ""
                print(f"Ainda não há usuários: {demo}./run manage.py createsuperuser cria o administrador.", flush=True)
            elif antes is None and _falta_demonstracao():
                print("O escritório de demonstração está incompleto: ./run o completa.", flush=True)
            else:
                conexao.execute(f"COMMENT ON TABLE django_migrations IS '{impressao}'")
            largar_banco()
    if not instalacao.DEMO and (not estaticos.exists() or estaticos.read_text() != impressao):
        print("Preparando os arquivos estáticos…", flush=True)
        _django("collectstatic", interactive=False)
        estaticos.write_text(impressao)


def _django(comando: str, **opcoes: Any) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import CommandError, call_command

    django.setup()
    try:
        call_command(comando, verbosity=0, **opcoes)
    except (CommandError, ImproperlyConfigured) as erro:
        sys.exit(str(erro))


def largar_banco() -> None:
    """End the pool of connections, whose threads would hold the end of this process."""
    from django.db import connection

    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def _tem_usuarios() -> bool:
    from comum.models import Usuario

    return Usuario.objects.exists()


def _falta_demonstracao() -> bool:
    from painel import demonstracao

    return instalacao.DEMO and demonstracao.falta()


def _escuta(porta: int) -> tuple[str, int]:
    """Host and port the web is bound to."""
    host, _, numero = instalacao.env.str("GUICHE_ENDERECO", default="127.0.0.1:8000").rpartition(":")
    if not numero.isdecimal():
        sys.exit("GUICHE_ENDERECO precisa ser um endereço e uma porta, como 127.0.0.1:8000.")
    return host, porta or (8010 if instalacao.TREINO else int(numero))


def _alcance(host: str) -> str:
    """The host by which this machine reaches itself when bound to `host`."""
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104 - a comparison


def _web(host: str, porta: int) -> list[str]:
    return [
        str(BIN / "gunicorn"),
        "config.wsgi",
        f"--bind={host}:{porta}",
        "--worker-class=config.servidor.Atendente",
        "--preload",  # loaded once, shared by all
        f"--workers={instalacao.env.int('WEB_PROCESSOS', default=2)}",
        f"--threads={instalacao.env.int('WEB_THREADS', default=8)}",
        "--no-control-socket",
        "--timeout=60",
        "--graceful-timeout=15",
        "--log-level=warning",
    ]


def _trabalhador(concorrencia: int = 0) -> list[str]:
    quantas = [f"--concorrencia={concorrencia}"] if concorrencia else []
    return [PYTHON, "manage.py", "trabalhador", *quantas]


def _sandbox() -> list[str]:
    return [
        PYTHON,
        "-m",
        "sandbox",
        "--dir",
        str(instalacao.SANDBOX_PASTA),
        "--porta-tls",
        str(instalacao.SANDBOX_PORTA_TLS),
        "--porta-controle",
        str(instalacao.SANDBOX_PORTA_CONTROLE),
    ]


def _check_port(porta: int, de_quem: str, como: str, host: str = "127.0.0.1") -> None:
    familia = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    with socket.socket(familia) as prova:
        prova.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            prova.bind((host.strip("[]"), porta))
        except OSError:
            sys.exit(
                f"A porta {porta} ({de_quem}) já está em uso. O Guichê já está aberto em outro terminal? "
                f"Feche-o, ou escolha outra porta: {como}."
            )


def _answers(endereco: str, segundos: float, host: str = "") -> bool:
    """Whether an address answers in time; `host` is the name to call it by when it is not its own."""
    pedido = urllib.request.Request(endereco, headers={"Host": host} if host else {})  # noqa: S310 - our own address
    limite = time.monotonic() + segundos
    while time.monotonic() < limite:
        try:
            with urllib.request.urlopen(pedido, timeout=2):  # noqa: S310 - our own address
                return True
        except OSError:
            time.sleep(0.1)
    return False


@contextlib.contextmanager
def _sandbox_provisorio(*, ligado: bool) -> Iterator[None]:
    """The sandbox beside the preparations of a new database: it issues the certificates of the demo office."""
    if not ligado:
        yield
        return
    sandbox = subprocess.Popen(  # noqa: S603 - our own module
        _sandbox(), stdout=subprocess.DEVNULL, env=_ambiente_marcado(), start_new_session=True
    )
    try:
        if not _answers(f"http://127.0.0.1:{instalacao.SANDBOX_PORTA_CONTROLE}/controle/api/saude", 60):
            sys.exit("O sandbox não respondeu. Veja as mensagens acima e tente de novo com ./run sandbox.")
        yield
    finally:
        sandbox.terminate()
        sandbox.wait(30)


def _ambiente_marcado() -> dict[str, str]:
    return os.environ | {MARCA: str(instalacao.PASTA)}


@contextlib.contextmanager
def unica(pasta: Path) -> Iterator[None]:
    """Only one ./run per folder. What an earlier one that was killed left running is stopped first."""
    pasta.mkdir(parents=True, exist_ok=True)
    with (pasta / "partida.lock").open("a+") as trava:
        trava.seek(0)
        try:
            fcntl.flock(trava, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.exit(
                f"O Guichê desta pasta ({pasta}) já está aberto, no processo {trava.read()}. Use-o, ou "
                "feche-o com Ctrl+C no terminal dele. Outra instalação ao lado precisa de outra pasta (GUICHE_VAR) "
                "e de outras portas."
            )
        if trava.read():  # emptied by an orderly end
            _encerrar_restos(pasta)
        trava.truncate(0)
        trava.write(str(os.getpid()))
        trava.flush()
        try:
            yield
        finally:
            trava.truncate(0)


def _paciencia(*, trabalhador: bool) -> float:
    """Seconds a part that was told to stop is given before it is killed."""
    return instalacao.TRABALHADOR_PARADA_S + 10 if trabalhador else 25


def _encerrar_restos(pasta: Path) -> None:
    """Stop the processes of a ./run that is no more."""
    restos: dict[bool, list[psutil.Process]] = {False: [], True: []}
    for processo in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            # The database is left alone: it is found and used again.
            if processo.environ().get(MARCA) == str(pasta) and processo.name() != "postgres":
                nomes = {Path(parte).name for parte in processo.cmdline()}
                processo.terminate()
                restos[bool(nomes & {"trabalhador", "supervisord"})].append(processo)  # who waits for the worker too
    if any(restos.values()):
        print("Encerrando o que uma partida anterior deixou aberto: as chamadas em curso terminam antes…", flush=True)
    for trabalhador, processos in restos.items():
        for processo in psutil.wait_procs(processos, timeout=_paciencia(trabalhador=trabalhador))[1]:
            with contextlib.suppress(psutil.Error):
                processo.kill()


def _supervise(programas: dict[str, list[str]], pasta: Path, endereco: str, host: str) -> int:
    texto = SUPERVISOR.format(pasta=pasta, usuario=getpass.getuser())
    for nome, comando in programas.items():
        linha = shlex.join(comando).replace("%", "%%")
        espera = _paciencia(trabalhador=nome == "trabalhador")
        texto += PROGRAMA.format(nome=nome, comando=linha, raiz=RAIZ, espera=round(espera))
    arquivo = pasta / "supervisor.conf"
    arquivo.write_text(texto)
    # A session of its own: Ctrl+C reaches this process alone, which then asks supervisord to stop in order.
    processo = subprocess.Popen(  # noqa: S603 - our own program
        [str(BIN / "supervisord"), "-c", str(arquivo)], env=_ambiente_marcado(), start_new_session=True
    )
    encerrando: list[bool] = []

    def encerrar(*_: Any) -> None:
        if not encerrando:
            print("\nEncerrando: as chamadas em curso terminam antes…", flush=True)
        encerrando.append(True)
        processo.terminate()

    for sinal in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sinal, encerrar)
    anunciado = False
    while processo.poll() is None:
        if not anunciado and _answers(f"{endereco}/saude/", 1, host):
            print(_aviso(endereco), flush=True)
            anunciado = True
        with contextlib.suppress(subprocess.TimeoutExpired):
            processo.wait(1)
        if not encerrando and not instalacao.BANCO_EXTERNO:
            with contextlib.suppress(postgres.NotStarted):
                postgres.keep(instalacao.POSTGRES_EMBUTIDO)
    if processo.returncode:
        _encerrar_restos(pasta)
    return processo.returncode


def _aviso(endereco: str) -> str:
    linhas = ["", f"  Guichê está aberto em {endereco}"]
    if instalacao.DEMO:
        linhas += [
            f"  Ambiente: SANDBOX{' (mês de treino)' if instalacao.TREINO else ''}, sem valor fiscal",
            f"  Controle do sandbox: http://127.0.0.1:{instalacao.SANDBOX_PORTA_CONTROLE}/controle/",
            "",
            "  Acessos de demonstração (usuário / senha):",
            "    ana   / guiche-demo-ana      Administradora",
            "    bruno / guiche-demo-bruno    Operador da carteira Fiscal A",
            "    carla / guiche-demo-carla    Consulta da carteira Fiscal A",
        ]
    return "\n".join([*linhas, "", "  Ctrl+C encerra tudo; os dados ficam guardados.", ""])


def _parte(nome: str, host: str, porta: int, concorrencia: int) -> None:
    """Become the web or the worker, started alone."""
    if nome == "web":
        _check_port(porta, "web", "./run --porta 8020", host)
    _preparar(demonstracao=False)
    comando = _web(host, porta) if nome == "web" else _trabalhador(concorrencia)
    if nome == "web":
        print(f"A web do Guichê escuta em http://{host}:{porta}", flush=True)
    os.execv(comando[0], comando)  # noqa: S606 - our own program


def _tudo(host: str, porta: int, concorrencia: int) -> int:
    with unica(instalacao.PASTA):
        programas = {}
        _check_port(porta, "web", "./run --porta 8020", host)
        if instalacao.DEMO:
            _check_port(instalacao.SANDBOX_PORTA_TLS, "sandbox", "SANDBOX_PORTA_TLS=8463 ./run")
            _check_port(instalacao.SANDBOX_PORTA_CONTROLE, "controle do sandbox", "SANDBOX_PORTA_CONTROLE=8500 ./run")
            programas["sandbox"] = _sandbox()
        programas |= {"trabalhador": _trabalhador(concorrencia), "web": _web(host, porta)}
        # Only names in ALLOWED_HOSTS are answered; "*" and ".domain" stand for any.
        nome = instalacao.ALLOWED_HOSTS[0].lstrip(".*") if instalacao.ALLOWED_HOSTS else ""
        try:
            _preparar(demonstracao=True)
            return _supervise(programas, instalacao.PASTA, f"http://{_alcance(host)}:{porta}", nome)
        finally:
            if not instalacao.BANCO_EXTERNO:
                postgres.stop(instalacao.POSTGRES_EMBUTIDO)


def main() -> int:
    opcoes, demais = _arguments()
    os.chdir(RAIZ)
    try:
        if opcoes.so == "sandbox":
            comando = [*_sandbox(), *demais]
            os.execv(comando[0], comando)  # noqa: S606 - our own program
        host, porta = _escuta(opcoes.porta)
        if opcoes.so:
            _parte(opcoes.so, host, porta, opcoes.concorrencia)
        return _tudo(host, porta, opcoes.concorrencia)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
