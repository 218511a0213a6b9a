from typing import Any

from django.core.management.base import BaseCommand, CommandError

from comum import auditoria
from comum.models import Auditoria, SeloAuditoria


class Command(BaseCommand):
    help = "Refaz a cadeia de selos da auditoria e diz se algum registro foi alterado ou apagado."

    def handle(self, *args: Any, **options: Any) -> None:
        problemas = auditoria.conferir_selos()
        if problemas:
            raise CommandError("\n".join(problemas))
        ultimo = SeloAuditoria.objects.first()
        ate = ultimo.ate if ultimo else 0
        sem_selo = Auditoria.objects.filter(pk__gt=ate).count()
        self.stdout.write(
            f"{SeloAuditoria.objects.count()} selos conferem, até o registro {ate}; {sem_selo} sem selo ainda."
        )
