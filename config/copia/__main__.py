"""`./run backup [PASTA|ARQUIVO]` and `./run restaurar ARQUIVO`."""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.db import Error

from config import partida, postgres  # partida reads the installation, and says in words what it lacks
from config.copia.formato import CopiaErro
from config.instalacao import BANCO_EXTERNO, PASTA, POSTGRES_EMBUTIDO

INCOMPLETA = 3  # made, but documents were missing


def _argumentos() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run", description="Cópia de segurança do Guichê (docs/backup.md).")
    atos = parser.add_subparsers(dest="ato", required=True)
    backup = atos.add_parser("backup", help="guarda banco e documentos num arquivo, também com o Guichê aberto")
    backup.add_argument("destino", nargs="?", metavar="PASTA|ARQUIVO", help="padrão: a pasta copias em GUICHE_VAR")
    volta = atos.add_parser("restaurar", help="traz de volta o que um backup guardou")
    volta.add_argument("arquivo", type=Path, metavar="ARQUIVO")
    volta.add_argument("--substituir", action="store_true", help="apaga os dados que houver, depois de confirmar")
    volta.add_argument("--sem-chaves", action="store_true", help="restaura mesmo sem as chaves dos segredos")
    for ato in (backup, volta):
        ato.add_argument("--treino", action="store_true", help="o banco do mês de treino")
    return parser.parse_args()


@contextlib.contextmanager
def _banco() -> Iterator[None]:
    """The embedded server stays as it was found: running beside an open product, or not running."""
    rodava = bool(BANCO_EXTERNO) or postgres.running(POSTGRES_EMBUTIDO)
    partida.banco().close()  # says in words why it does not open
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.db import connection

    # One connection does it all: a restore looks whether anybody else is there.
    connection.settings_dict["OPTIONS"].pop("pool", None)
    try:
        yield
    finally:
        partida.largar_banco()
        if not rodava:
            postgres.stop(POSTGRES_EMBUTIDO)


def _backup(opcoes: argparse.Namespace) -> int:
    with _banco():
        from comum.formatos import contar, format_numero
        from comum.instalacao import check_ambiente
        from config.copia.guardar import guardar
        from config.copia.terminal import Terminal, tamanho

        check_ambiente()
        terminal = Terminal()
        feita = guardar(Path(opcoes.destino).expanduser() if opcoes.destino else PASTA / "copias", terminal)
        terminal.dizer(
            f"Cópia pronta: {feita.caminho} ({tamanho(feita.bytes)}), com {format_numero(feita.linhas)} linhas do "
            f"banco e {contar(feita.documentos, 'documento', 'documentos')}."
        )
        terminal.dizer("Ela não leva as chaves. Guarde à parte, fora desta máquina, os valores do .env:")
        for linha in feita.chaves:
            terminal.dizer(f"  {linha}")
        terminal.dizer("Leve o arquivo para outro lugar: uma cópia no mesmo disco se perde com ele.")
        if not feita.faltam:
            return 0
        terminal.dizer(f"ATENÇÃO: {contar(len(feita.faltam), 'documento não está', 'documentos não estão')} na cópia:")
        for falta in feita.faltam[:50]:
            terminal.dizer(f"  {falta}")
        terminal.dizer("O arquivo deles sumiu ou foi alterado. Procure-os numa cópia anterior ou no serviço de origem.")
        return INCOMPLETA


def _restaurar(opcoes: argparse.Namespace) -> int:
    with partida.unica(PASTA), _banco():
        from django.utils import timezone

        from comum.formatos import contar, format_numero
        from config.copia.restaurar import restaurar
        from config.copia.terminal import Terminal

        terminal = Terminal()
        caminho = opcoes.arquivo.expanduser()
        feita = restaurar(caminho, terminal, substituir=opcoes.substituir, sem_chaves=opcoes.sem_chaves)
        terminal.dizer(
            f"Restaurada a cópia de {timezone.localtime(feita.feita_em):%d/%m/%Y %H:%M}: {format_numero(feita.linhas)} "
            f"linhas do banco e {contar(feita.documentos, 'documento', 'documentos')} "
            f"({format_numero(feita.repostos)} postos agora, os demais já estavam aqui)."
        )
        for aviso in feita.avisos:
            terminal.dizer(f"ATENÇÃO: {aviso}")
        terminal.dizer(
            f"Nada é enviado por enquanto: {', '.join(feita.reteve.servicos)} em pausa. O que foi pedido ou enviado "
            "depois da cópia não consta neste banco."
        )
        if feita.reteve.a_conferir or feita.reteve.de_pessoas:
            conferir = contar(feita.reteve.a_conferir, "operação será conferida", "operações serão conferidas")
            pessoas = contar(feita.reteve.de_pessoas, "aguarda", "aguardam")
            terminal.dizer(f"{conferir} com o serviço antes de sair; {pessoas} a resposta de uma pessoa.")
        terminal.dizer("Abra o Guichê com ./run, veja Operações e retome cada serviço depois de conferir.")
        return 0


def main() -> int:
    opcoes = _argumentos()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was half written is removed
    try:
        return (_backup if opcoes.ato == "backup" else _restaurar)(opcoes)
    except (CopiaErro, ImproperlyConfigured) as erro:
        sys.exit(str(erro))
    except Error as erro:
        sys.exit(f"O banco de dados recusou ou saiu do ar, e nada foi concluído: {str(erro).strip()}")
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
