"""What happens elsewhere and changes titles here."""

from typing import Any

from django.dispatch import receiver

from guias import ligacoes
from guias.models import Guia
from guias.sinais import guia_paga, guia_reemitida
from nfse.models import NotaRecebida
from nfse.sinais import recebida_cancelada
from pagar.services import guias, notas

ligacoes.registrar(guias.ligacoes)


@receiver(recebida_cancelada)
def nota_cancelada(sender: type[NotaRecebida], nota: NotaRecebida, **_: Any) -> None:
    notas.cancelada(nota)


@receiver(guia_paga)
def guia_foi_paga(sender: type[Guia], guia: Guia, **_: Any) -> None:
    guias.paga(guia)


@receiver(guia_reemitida)
def guia_foi_reemitida(sender: type[Guia], guia: Guia, **_: Any) -> None:
    guias.reemitida(guia)
