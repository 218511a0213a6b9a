"""Commands that import a file whose lines belong to empresas."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from comum.documentos import Invalido
from comum.models import Usuario
from empresas.importacao.comando import ComandoDeImportacao
from nfse.importacao.empresas import Empresas


class ComandoComEmpresa(ComandoDeImportacao):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--empresa", help="código ou CNPJ da empresa das linhas que não trazem a coluna")

    def parametros(self, usuario: Usuario, options: dict[str, Any]) -> dict[str, Any]:
        if not options["empresa"]:
            return {}
        achada = Empresas(usuario).achar(options["empresa"])
        if isinstance(achada, Invalido):
            raise CommandError(achada.mensagem)
        return {"empresa": int(achada)}
