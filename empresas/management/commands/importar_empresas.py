from typing import Any

from django.core.management.base import CommandParser

from comum.models import Usuario
from empresas.importacao.comando import ComandoDeImportacao


class Command(ComandoDeImportacao):
    help = "Confere e importa um CSV de empresas, como a tela Empresas › Importar CSV. Tudo ou nada nas linhas aceitas."
    tipo = "empresas"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--criar-carteiras", action="store_true", help="cria as carteiras que faltam")

    def parametros(self, usuario: Usuario, options: dict[str, Any]) -> dict[str, Any]:
        return {"criar_carteiras": options["criar_carteiras"]}
