"""The personal link of a delivery: who has it sees that one guia, without a log-in, for a time."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from guias.models import Entrega

_SAL = "guias.entrega"


class LinkVencido(Exception):
    """It was ours and its time is over."""


class LinkInvalido(Exception):
    """It is not ours, or was cut on its way."""


def ficha(entrega: int) -> str:
    """What the link carries: the key of the delivery and when it was signed. The signature makes it unguessable."""
    return signing.TimestampSigner(salt=_SAL).sign(str(entrega))


def endereco(entrega: int, base: str) -> str:
    return f"{base}{reverse('guia_do_cliente', args=[ficha(entrega)])}"


def abrir(texto: str) -> Entrega:
    """The delivery of a link, with its guia and empresa. Raises LinkInvalido and LinkVencido.

    It ends with ENTREGA_LINK_DIAS, or with the time for which the guia's PDF is kept, whichever comes first.
    """
    try:
        chave = signing.TimestampSigner(salt=_SAL).unsign(texto, max_age=timedelta(days=settings.ENTREGA_LINK_DIAS))
    except signing.SignatureExpired:
        raise LinkVencido from None
    except signing.BadSignature:
        raise LinkInvalido from None
    entrega = Entrega.objects.select_related("guia__empresa", "guia__documento").filter(pk=chave).first()
    if entrega is None:
        raise LinkInvalido
    documento = entrega.guia.documento
    if documento is not None and documento.reter_ate < timezone.localdate():
        raise LinkVencido
    return entrega


def marcar(entrega: Entrega) -> None:
    """Once: the first opening is the one that counts."""
    Entrega.objects.filter(pk=entrega.pk, lida_em=None).update(lida_em=Now())
