from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arquivo.models import Defeito, Ronda
from arquivo.services import ArquivoForaDoAr
from arquivo.services.verificacao import andar, ronda_aberta
from comum.formatos import contar


class Command(BaseCommand):
    help = (
        "Lê todos os documentos guardados e diz quais faltam ou foram alterados. Interrompida, a verificação continua "
        "de onde parou na próxima vez."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--do-inicio", action="store_true", help="lê tudo de novo, em vez de continuar")

    def handle(self, *args: Any, do_inicio: bool = False, **options: Any) -> None:
        ronda = ronda_aberta()
        if do_inicio:
            Ronda.objects.filter(pk=ronda.pk).update(ate="", arquivos=0, tamanho=0)
            ronda.ate = ""
        elif ronda.ate:
            self.stdout.write(
                f"Continua a verificação que já tinha lido {contar(ronda.arquivos, 'arquivo', 'arquivos')}."
            )
        try:
            for passo in andar(ronda):
                for defeito in passo.defeitos:
                    self._dizer(defeito)
        except ArquivoForaDoAr as erro:
            raise CommandError(str(erro)) from erro
        ronda.refresh_from_db()
        abertos = Defeito.objects.abertos().count()
        if abertos:
            raise CommandError(
                f"{contar(abertos, 'documento', 'documentos')} com defeito. Veja em Arquivo, Verificação, e recupere "
                "os arquivos de uma cópia de segurança."
            )
        self.stdout.write(f"{contar(ronda.arquivos, 'arquivo lido', 'arquivos lidos')}, todos íntegros.")

    def _dizer(self, defeito: Defeito) -> None:
        documento = defeito.documento
        self.stdout.write(
            f"{defeito.get_motivo_display()}: {documento.nome} · {documento.get_tipo_display()} de "
            f"{documento.competencia:%m/%Y} · {documento.empresa} · SHA-256 {documento.sha256}"
        )
