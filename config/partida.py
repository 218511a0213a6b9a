"""Start-up of the product: `./run` (everything, supervised) or one part of it.

The parts are children of supervisord, which brings a killed worker or web server back and stops all of them on Ctrl+C.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

RAIZ = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent

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
"""
PROGRAMA = """
[program:{nome}]
command={comando}
directory={raiz}
autorestart=true
startsecs=2
startretries=10
stopsignal=TERM
stopwaitsecs=25
stopasgroup=false
killasgroup=true
redirect_stderr=true
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
priority={prioridade}
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run")
    parser.add_argument("--treino", action="store_true", help="um banco de ensaio à parte, no sandbox")
    parser.add_argument("--porta", type=int, default=0, help="porta da web (padrão: 8000; com --treino, 8010)")
    parser.add_argument("--so", choices=["web", "trabalhador"], help=argparse.SUPPRESS)
    return parser.parse_known_args()[0]


def _django(treino: bool) -> Any:
    """Load the settings, which starts the embedded PostgreSQL, and bring the schema up to date."""
    if treino:
        os.environ["GUICHE_TREINO"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.chdir(RAIZ)
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    if settings.AMBIENTE.value != "sandbox":
        call_command("collectstatic", verbosity=0, interactive=False)
    return settings


def _escuta(porta: int) -> tuple[str, int]:
    """Host and port the web is bound to."""
    host, _, numero = os.environ.get("GUICHE_ENDERECO", f"127.0.0.1:{porta}").rpartition(":")
    if not numero.isdecimal():
        sys.exit("GUICHE_ENDERECO precisa ser um endereço e uma porta, como 127.0.0.1:8000.")
    return host, int(numero)


def _alcance(host: str) -> str:
    """The host by which this machine reaches itself when bound to `host`."""
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104 - a comparison


def _web(host: str, porta: int) -> list[str]:
    return [
        str(BIN / "gunicorn"),
        "config.wsgi",
        f"--bind={host}:{porta}",
        "--worker-class=gthread",
        "--workers=" + os.environ.get("WEB_PROCESSOS", "2"),
        "--threads=" + os.environ.get("WEB_THREADS", "8"),
        "--timeout=60",
        "--graceful-timeout=15",
        "--log-level=warning",
    ]


def _trabalhador() -> list[str]:
    return [PYTHON, "manage.py", "trabalhador"]


def _sandbox(settings: Any) -> list[str]:
    return [
        PYTHON,
        "-m",
        "sandbox",
        "--dir",
        str(settings.SANDBOX_PASTA),
        "--porta-tls",
        str(settings.SANDBOX_PORTA_TLS),
        "--porta-controle",
        str(settings.SANDBOX_PORTA_CONTROLE),
    ]


def _check_port(porta: int, de_quem: str, host: str = "127.0.0.1") -> None:
    familia = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    with socket.socket(familia) as prova:
        prova.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            prova.bind((host.strip("[]"), porta))
        except OSError:
            sys.exit(
                f"A porta {porta} ({de_quem}) já está em uso. O Guichê já está aberto em outro terminal? "
                "Feche-o, ou escolha outras portas: --porta, SANDBOX_PORTA_TLS e SANDBOX_PORTA_CONTROLE."
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


def _demonstracao(settings: Any) -> None:
    """On the first start of a sandbox installation: invented data, with credenciais made by the sandbox's authority."""
    from django.core.management import call_command

    from comum.models import Usuario

    if Usuario.objects.exists():
        return
    print("Primeira partida: criando os dados de demonstração…", flush=True)
    sandbox = subprocess.Popen(_sandbox(settings), stdout=subprocess.DEVNULL)  # noqa: S603 - our own module
    try:
        if not _answers(f"http://127.0.0.1:{settings.SANDBOX_PORTA_CONTROLE}/controle/api/saude", 60):
            sys.exit("O sandbox não respondeu. Veja as mensagens acima e tente de novo com ./run sandbox.")
        call_command("demo", verbosity=0)
    finally:
        sandbox.terminate()
        sandbox.wait(30)


def _supervise(programas: dict[str, list[str]], pasta: Path, aviso: str, endereco: str, host: str) -> int:
    import getpass
    import shlex

    texto = SUPERVISOR.format(pasta=pasta, usuario=getpass.getuser())
    for prioridade, (nome, comando) in enumerate(programas.items(), 1):
        linha = shlex.join(comando).replace("%", "%%")
        texto += PROGRAMA.format(nome=nome, comando=linha, raiz=RAIZ, prioridade=prioridade)
    with tempfile.NamedTemporaryFile("w", dir=pasta, prefix="supervisor-", suffix=".conf") as arquivo:
        arquivo.write(texto)
        arquivo.flush()
        # A session of its own: Ctrl+C reaches this process alone, which then asks supervisord to stop in order.
        processo = subprocess.Popen(  # noqa: S603 - our own program
            [str(BIN / "supervisord"), "-c", arquivo.name], start_new_session=True
        )
        for sinal in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sinal, lambda *_: processo.terminate())
        if _answers(endereco, 60, host):
            print(aviso, flush=True)
        return processo.wait()


def _aviso(endereco: str, settings: Any) -> str:
    linhas = ["", f"  Guichê está aberto em {endereco}"]
    if settings.AMBIENTE.value == "sandbox":
        linhas += [
            f"  Ambiente: SANDBOX{' (mês de treino)' if settings.TREINO else ''}, sem valor fiscal",
            f"  Controle do sandbox: http://127.0.0.1:{settings.SANDBOX_PORTA_CONTROLE}/controle/",
            "",
            "  Acessos de demonstração (usuário / senha):",
            "    ana   / guiche-demo-ana      Administradora",
            "    bruno / guiche-demo-bruno    Operador da carteira Fiscal A",
            "    carla / guiche-demo-carla    Consulta da carteira Fiscal A",
        ]
    return "\n".join([*linhas, "", "  Ctrl+C encerra tudo; os dados ficam guardados.", ""])


def main() -> int:
    opcoes = _arguments()
    settings = _django(opcoes.treino)
    host, porta = _escuta(opcoes.porta or (8010 if settings.TREINO else 8000))
    if opcoes.so:
        comando = _web(host, porta) if opcoes.so == "web" else _trabalhador()
        os.execv(comando[0], comando)  # noqa: S606 - our own program
    sandbox = settings.AMBIENTE.value == "sandbox"
    _check_port(porta, "web", host)
    programas = {}
    if sandbox:
        _check_port(settings.SANDBOX_PORTA_TLS, "sandbox")
        _check_port(settings.SANDBOX_PORTA_CONTROLE, "controle do sandbox")
        _demonstracao(settings)
        programas["sandbox"] = _sandbox(settings)
    programas |= {"trabalhador": _trabalhador(), "web": _web(host, porta)}
    # Only names in ALLOWED_HOSTS are answered; "*" and ".domain" stand for any.
    nome = settings.ALLOWED_HOSTS[0].lstrip(".*") if settings.ALLOWED_HOSTS else ""
    endereco = f"http://{_alcance(host)}:{porta}"
    try:
        return _supervise(programas, settings.PASTA, _aviso(endereco, settings), f"{endereco}/saude/", nome)
    finally:
        if settings.POSTGRES_EMBUTIDO:
            from config import postgres

            postgres.stop(settings.POSTGRES_EMBUTIDO)


if __name__ == "__main__":
    sys.exit(main())
