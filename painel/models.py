from django.conf import settings
from django.db import models


class Ciente(models.Model):
    """A person said to know that something ends (`item` of painel.validades), at one of the warnings before its end:
    the next warning, `marco` days before, is shown again."""

    usuario = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, verbose_name="usuário")
    item = models.CharField("item", max_length=80)
    marco = models.SmallIntegerField("aviso (dias antes)")
    em = models.DateTimeField("em", auto_now_add=True)

    class Meta:
        verbose_name = "aviso de validade visto"
        verbose_name_plural = "avisos de validade vistos"
        constraints = [models.UniqueConstraint(fields=["usuario", "item", "marco"], name="ciente_uma_vez")]

    def __str__(self) -> str:
        return f"{self.item} a {self.marco} dias"
