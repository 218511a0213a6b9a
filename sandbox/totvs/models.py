"""State of the Datasul simulator: one ERP, whatever the context it is called by.

A title is known by its chave (branch/class/series/supplier/number/parcel, upper case) inside a company.
"""

from typing import ClassVar

from django.db import models


class Registros(models.Model):
    """The registers of the ERP, whole, as JSON (see `registros`). One row."""

    conteudo = models.JSONField()


class Usuario(models.Model):
    """A user of the ERP. Empty `estabelecimentos` or `programas` (operations) mean all of them."""

    nome = models.CharField(max_length=60, unique=True)
    senha = models.CharField(max_length=100)
    token = models.CharField(max_length=400, blank=True)
    estabelecimentos = models.JSONField(default=list)
    programas = models.JSONField(default=list)
    bloqueado = models.BooleanField(default=False)


class Referencia(models.Model):
    """A reference spent in a branch, by a title batch, a prepayment, a payment batch or a movement."""

    empresa = models.CharField(max_length=3)
    estabelecimento = models.CharField(max_length=5)
    referencia = models.CharField(max_length=10)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["empresa", "estabelecimento", "referencia"], name="totvs_referencia_unica")
        ]


class Titulo(models.Model):
    """A title, a forecast, a tax title or a prepayment. `dados` are the fields that no rule looks at again."""

    class Situacao(models.TextChoices):
        ABERTO = "aberto", "Aberto"
        BORDERO = "bordero", "Em borderô"
        LIQUIDADO = "liquidado", "Liquidado"
        CANCELADO = "cancelado", "Cancelado"
        ESTORNADO = "estornado", "Estornado"

    empresa = models.CharField(max_length=3)
    chave = models.CharField(max_length=60)
    tipo = models.CharField(max_length=20)
    estabelecimento = models.CharField(max_length=5)
    especie = models.CharField(max_length=3)
    serie = models.CharField(max_length=3, blank=True)
    fornecedor = models.PositiveIntegerField()
    numero = models.CharField(max_length=16)
    parcela = models.CharField(max_length=2, blank=True)
    referencia = models.CharField(max_length=10)
    situacao = models.CharField(max_length=10, choices=Situacao.choices, default=Situacao.ABERTO)
    transacao = models.DateField()
    emissao = models.DateField()
    vencimento = models.DateField()
    previsao = models.DateField()
    valor = models.DecimalField(max_digits=13, decimal_places=2)
    saldo = models.DecimalField(max_digits=13, decimal_places=2)
    moeda = models.CharField(max_length=8)
    portador = models.CharField(max_length=5, blank=True)
    forma = models.CharField(max_length=3, blank=True)
    bloqueado = models.BooleanField(default=False)
    pago = models.BooleanField(default=False)
    barras = models.CharField(max_length=50, blank=True)
    titulo_banco = models.CharField(max_length=20, blank=True)
    dados = models.JSONField(default=dict)
    origem = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="dos_impostos")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["empresa", "chave"], name="totvs_titulo_chave"),
            models.Index(fields=["empresa", "referencia"], name="totvs_titulo_ref"),
        ]


class Movimento(models.Model):
    """What happened to a title. `valor` is what the balance lost; `dados` what undoing it needs."""

    titulo = models.ForeignKey(Titulo, on_delete=models.CASCADE, related_name="movimentos")
    tipo = models.CharField(max_length=4)
    referencia = models.CharField(max_length=10, blank=True)
    data = models.DateField()
    valor = models.DecimalField(max_digits=13, decimal_places=2)
    estornado = models.BooleanField(default=False)
    dados = models.JSONField(default=dict)


class Bordero(models.Model):
    """A borderô, in its branch and collector."""

    empresa = models.CharField(max_length=3)
    estabelecimento = models.CharField(max_length=5)
    portador = models.CharField(max_length=5)
    numero = models.PositiveIntegerField()
    data = models.DateField()
    confirmado = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["empresa", "estabelecimento", "portador", "numero"], name="totvs_bordero_unico"
            )
        ]


class ItemBordero(models.Model):
    """A title in a borderô; `dados` is its settlement, to be made when the bank confirms."""

    bordero = models.ForeignKey(Bordero, on_delete=models.CASCADE, related_name="itens")
    titulo = models.ForeignKey(Titulo, on_delete=models.CASCADE)
    dados = models.JSONField()


class Imposto(models.Model):
    """A tax of a title, as the listing tells it; `dados` has the listing's own names."""

    titulo = models.ForeignKey(Titulo, on_delete=models.CASCADE, related_name="impostos")
    dados = models.JSONField()
