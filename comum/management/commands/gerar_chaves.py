import base64
import secrets
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone


class Command(BaseCommand):
    help = "Imprime uma SECRET_KEY e uma COFRE_CHAVES novas, para o ambiente ou o arquivo .env. Não grava nada."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        nome = f"k{timezone.now():%Y%m%d}"
        self.stdout.write(f"SECRET_KEY={secrets.token_urlsafe(50)}")
        self.stdout.write(f"COFRE_CHAVES={nome}:{base64.b64encode(secrets.token_bytes(32)).decode()}")
        self.stderr.write(
            "Guarde a COFRE_CHAVES também fora deste servidor: sem ela os certificados e secrets não abrem. "
            "Para trocar a chave, ponha a nova antes da antiga, separadas por vírgula, e rode cofre_girar."
        )
