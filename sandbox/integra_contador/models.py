"""State of the Integra Contador simulator: tokens, declarations and slips of the PGDAS-D."""

from typing import ClassVar

from django.db import models


class ParDeTokens(models.Model):
    """access_token and jwt_token, always replaced together."""

    consumer_key = models.CharField(max_length=64)
    cnpj_contrato = models.CharField(max_length=14)
    ni_certificado = models.CharField(max_length=14)
    access_token = models.CharField(max_length=36, unique=True)
    jwt_token = models.TextField()
    expira = models.DateTimeField()


class TokenProcurador(models.Model):
    """The token a signed termo gave (`termo`: SHA-256 of its XML), until the coming midnight of Brasília."""

    termo = models.CharField(max_length=64, db_index=True)
    contratante = models.CharField(max_length=14)
    autor = models.CharField(max_length=14)
    token = models.CharField(max_length=36, unique=True)
    expira = models.DateTimeField()


class Declaracao(models.Model):
    """A PGDAS-D that was transmitted: `portal` marks the ones the control page declared as sent elsewhere."""

    contribuinte = models.CharField(max_length=14)
    pa = models.PositiveIntegerField()
    sequencia = models.PositiveSmallIntegerField()
    numero = models.CharField(max_length=17, unique=True)
    tipo = models.PositiveSmallIntegerField()
    transmitida = models.DateTimeField()
    portal = models.BooleanField(default=False)
    receita_interna = models.DecimalField(max_digits=15, decimal_places=2)
    receita_externa = models.DecimalField(max_digits=15, decimal_places=2)
    valores = models.JSONField(default=dict)
    quadro = models.JSONField(default=list)
    maed = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["contribuinte", "pa", "sequencia"], name="declaracao_unica")
        ]


class MesInformado(models.Model):
    """Revenue and payroll of a month that a declaration carried as information about the past."""

    contribuinte = models.CharField(max_length=14)
    pa = models.PositiveIntegerField()
    interno = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    externo = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    folha = models.DecimalField(max_digits=15, decimal_places=2, null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["contribuinte", "pa"], name="mes_informado_unico")
        ]


class Das(models.Model):
    """A slip that was drawn. Amounts in reais; `composicao` maps tribute code to its principal."""

    numero = models.CharField(max_length=17, unique=True)
    declaracao = models.ForeignKey(Declaracao, on_delete=models.CASCADE, related_name="das")
    emitido = models.DateTimeField()
    vencimento = models.DateField()
    limite = models.DateField()
    principal = models.DecimalField(max_digits=15, decimal_places=2)
    multa = models.DecimalField(max_digits=15, decimal_places=2)
    juros = models.DecimalField(max_digits=15, decimal_places=2)
    composicao = models.JSONField(default=dict)
    pago = models.DateField(null=True)
