from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from painel import demonstracao


class Command(BaseCommand):
    help = "Cria (ou completa) o escritório de demonstração. Só no sandbox; ./run o chama na primeira partida."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--empresas", type=int, default=300, help="quantas empresas ao todo (padrão: 300)")
        parser.add_argument("--sem-credenciais", action="store_true", help="não fala com o sandbox")

    def handle(self, *args: Any, **opcoes: Any) -> None:
        if settings.AMBIENTE.value != "sandbox":
            raise CommandError("Dados de demonstração só existem no sandbox.")
        controle = None if opcoes["sem_credenciais"] else f"http://127.0.0.1:{settings.SANDBOX_PORTA_CONTROLE}"
        try:
            resumo = demonstracao.criar(empresas=opcoes["empresas"], controle=controle)
        except OSError as error:
            raise CommandError(
                f"O sandbox não respondeu em {controle} ({error}). Abra-o com ./run sandbox, ou use --sem-credenciais."
            ) from error
        if opcoes["verbosity"]:
            self.stdout.write(
                f"{resumo.empresas} empresas incluídas, {resumo.vinculos} vinculadas, {resumo.receitas} receitas, "
                f"{resumo.notas} notas de serviço."
            )
