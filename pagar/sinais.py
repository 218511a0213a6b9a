"""What happens elsewhere and changes titles here."""

from typing import Any

from django.dispatch import receiver

from nfse.models import NotaRecebida
from nfse.sinais import recebida_cancelada
from pagar.services import notas


@receiver(recebida_cancelada)
def nota_cancelada(sender: type[NotaRecebida], nota: NotaRecebida, **_: Any) -> None:
    notas.cancelada(nota)
