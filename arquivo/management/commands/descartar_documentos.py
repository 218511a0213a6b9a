from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from arquivo.services import descarte
from comum.formatos import contar, format_data
from comum.models import Usuario


class Command(BaseCommand):
    help = (
        "Diz quais documentos passaram do prazo de guarda. Com --descartar e o administrador que responde por isso, "
        "pergunta duas vezes e apaga os arquivos; o registro de cada um fica."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--descartar", action="store_true", help="apaga, depois de perguntar duas vezes")
        parser.add_argument("--usuario", default="", help="o administrador em cujo nome a auditoria registra")

    def handle(self, *args: Any, descartar: bool = False, usuario: str = "", **options: Any) -> None:
        hoje = timezone.localdate()
        resumo = descarte.resumo(hoje)
        quantos = sum(n for _, n, _ in resumo)
        if not quantos:
            if descartar and (sobras := descarte.apagar_sobras()):
                self.stdout.write(f"{contar(sobras, 'arquivo', 'arquivos')} de um descarte interrompido apagados.")
            self.stdout.write(f"Nenhum documento passou do prazo de guarda até {format_data(hoje)}.")
            return
        for tipo, n, tamanho in resumo:
            self.stdout.write(f"{tipo}: {contar(n, 'documento', 'documentos')}, {filesizeformat(tamanho)}")
        self.stdout.write(f"{contar(quantos, 'documento', 'documentos')} com prazo de guarda terminado.")
        if not descartar:
            self.stdout.write("Nada foi apagado. Para descartar: --descartar --usuario NOME.")
            return
        quem = self._quem(usuario)
        if self._perguntar(f"Digite quantos documentos serão descartados ({quantos}): ") != str(quantos):
            raise CommandError("O número não confere. Nada foi apagado.")
        if self._perguntar("Os arquivos não voltam. Digite DESCARTAR para confirmar: ") != "DESCARTAR":
            raise CommandError("Sem a confirmação. Nada foi apagado.")
        arquivos = sum(descarte.descartar(quem, hoje)) + descarte.apagar_sobras()
        self.stdout.write(f"{contar(quantos, 'documento descartado', 'documentos descartados')}, {arquivos} arquivos.")

    def _quem(self, nome: str) -> Usuario:
        if not nome:
            raise CommandError("Diga quem responde pelo descarte: --usuario NOME. Nada foi apagado.")
        usuario = Usuario.objects.filter(username=nome, is_active=True).first()
        if usuario is None or not usuario.administra:
            raise CommandError(f"“{nome}” não é um administrador ativo. Nada foi apagado.")
        return usuario

    def _perguntar(self, texto: str) -> str:
        try:
            return input(texto).strip()
        except EOFError:
            raise CommandError("Sem a confirmação. Nada foi apagado.") from None
