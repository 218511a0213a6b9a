from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arquivo.models import Documento
from arquivo.services import ArquivoForaDoAr, conferir_arquivo


class Command(BaseCommand):
    help = "Lê todos os documentos guardados e diz quais faltam ou foram alterados."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._conferir()
        except ArquivoForaDoAr as erro:
            raise CommandError(str(erro)) from erro

    def _conferir(self) -> None:
        defeitos = 0
        for defeito in conferir_arquivo():
            defeitos += 1
            documento = defeito.documento
            self.stdout.write(
                f"{defeito.motivo}: {documento.nome} · {documento.get_tipo_display()} de "
                f"{documento.competencia:%m/%Y} · {documento.empresa} · SHA-256 {documento.sha256}"
            )
        if defeitos:
            raise CommandError(f"{defeitos} documento(s) com defeito. Recupere-os de uma cópia de segurança.")
        self.stdout.write(f"{Documento.objects.count()} documento(s) conferidos, todos íntegros.")
