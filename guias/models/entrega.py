"""What the office writes to its clients when it sends a guia."""

from django.conf import settings
from django.db import models


class MensagemEntrega(models.Model):
    """The office's own words of one kind of message, with named fields in braces (guias.services.mensagens); without
    a row, those the product comes with. `ligada` false: messages of this kind are not sent."""

    class Tipo(models.TextChoices):
        ENTREGA = "entrega", "Envio da guia"
        LEMBRETE = "lembrete", "Lembrete antes do vencimento"

    tipo = models.CharField("tipo", max_length=10, choices=Tipo, unique=True)
    assunto = models.CharField("assunto", max_length=150)
    corpo = models.TextField("texto", max_length=4000)
    ligada = models.BooleanField("enviar", default=True)
    alterada_em = models.DateTimeField("alterada em", auto_now=True)
    alterada_por = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name="alterada por", related_name="+"
    )

    class Meta:
        verbose_name = "mensagem ao cliente"
        verbose_name_plural = "mensagens ao cliente"
        ordering = ["tipo"]

    def __str__(self) -> str:
        return self.get_tipo_display()
