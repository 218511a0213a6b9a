"""Start the sandbox: python -m sandbox [--dir DIR] [--porta-tls 8443] [--porta-controle 8480] [--porta-smtp 0]."""

import argparse
import fcntl
import json
import os
import secrets
import signal
import sys
import time
from pathlib import Path
from typing import IO

from sandbox import autoridade
from sandbox.partida.pasta import Pasta, gravar_privado, pasta_padrao
from sandbox.partida.processos import Faces, FalhaDePartida, reservar_porta


def _opcoes() -> argparse.Namespace:
    opcoes = argparse.ArgumentParser(prog="python -m sandbox", description="Simuladores locais dos serviços de fora.")
    opcoes.add_argument("--dir", type=Path, default=pasta_padrao(), help="pasta do estado")
    opcoes.add_argument("--porta-tls", type=int, default=int(os.environ.get("SANDBOX_PORTA_TLS", "8443")))
    opcoes.add_argument("--porta-controle", type=int, default=int(os.environ.get("SANDBOX_PORTA_CONTROLE", "8480")))
    opcoes.add_argument("--porta-smtp", type=int, default=int(os.environ.get("SANDBOX_PORTA_SMTP", "0")))
    return opcoes.parse_args()


def _preparar(pasta: Pasta) -> None:
    """Authority, certificates, database, demonstration companies; what exists stays."""
    autoridade.criar(pasta)
    if not pasta.chave_sessao.exists():
        gravar_privado(pasta.chave_sessao, secrets.token_urlsafe(48).encode())
    os.environ["SANDBOX_DIR"] = str(pasta.raiz)
    os.environ["DJANGO_SETTINGS_MODULE"] = "sandbox.settings"
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0)
    from sandbox.nucleo.reinicio import preparar

    preparar()
    connection.close()


def _enderecos(pasta: Pasta, tls: int, controle: int, smtp: int) -> dict[str, object]:
    from sandbox.nucleo import simuladores

    base = f"https://127.0.0.1:{tls}"
    return {
        **{simulador.nome: simulador.enderecos(base) for simulador in simuladores.todos()},
        "correio": {"smtp": f"smtp://127.0.0.1:{smtp}"},
        "controle": f"http://127.0.0.1:{controle}/",
        "porta_tls": tls,
        "porta_smtp": smtp,
        "ca": str(pasta.ca),
    }


def _anunciar(tls: int) -> None:
    from sandbox.nucleo import simuladores

    for simulador in simuladores.todos():
        for nome, endereco in simulador.enderecos(f"https://127.0.0.1:{tls}").items():
            print(f"{simulador.rotulo} ({nome}): {endereco}", flush=True)


def _travar(pasta: Pasta) -> IO[str]:
    """One sandbox per folder; the lock lasts as long as the returned file."""
    arquivo = pasta.trava.open("w")
    try:
        fcntl.flock(arquivo, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise FalhaDePartida(f"Já existe um sandbox em execução com a pasta {pasta.raiz}.") from None
    return arquivo


def _servir(pasta: Pasta, porta_tls: int, porta_controle: int, porta_smtp: int) -> int:
    parar = []
    for sinal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sinal, lambda numero, _: parar.append(numero))
    reservar = reservar_porta
    with reservar(porta_tls) as tls, reservar(porta_controle) as controle, reservar(porta_smtp) as smtp:
        faces = Faces(pasta, tls, controle, smtp)
        try:
            faces.esperar()
            enderecos = _enderecos(pasta, *(escuta.getsockname()[1] for escuta in (tls, controle, smtp)))
            gravar_privado(pasta.enderecos, json.dumps(enderecos, indent=1).encode())
            _anunciar(tls.getsockname()[1])
            print(f"Servidor de e-mail do sandbox: smtp://127.0.0.1:{enderecos['porta_smtp']}", flush=True)
            print(f"Controle do sandbox: {enderecos['controle']}controle/", flush=True)
            while not parar and faces.vivas():
                time.sleep(0.2)
        finally:
            pasta.enderecos.unlink(missing_ok=True)
            faces.parar()
    return 0 if parar else 1


def main() -> int:
    opcoes = _opcoes()
    opcoes.dir.mkdir(parents=True, exist_ok=True)
    pasta = Pasta(opcoes.dir)
    trava = None
    try:
        trava = _travar(pasta)
        pasta.enderecos.unlink(missing_ok=True)
        _preparar(pasta)
        return _servir(pasta, opcoes.porta_tls, opcoes.porta_controle, opcoes.porta_smtp)
    except FalhaDePartida as falha:
        print(falha, file=sys.stderr)
        return 1
    finally:
        if trava is not None:
            trava.close()


if __name__ == "__main__":
    sys.exit(main())
