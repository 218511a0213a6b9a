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


class Darf(models.Model):
    """A DARF of SICALC that was drawn. Amounts in reais; `periodo` as it was asked for ("01/2026")."""

    numero = models.CharField(max_length=17, unique=True)
    contribuinte = models.CharField(max_length=14)
    receita = models.CharField(max_length=4)
    extensao = models.CharField(max_length=2)
    periodo = models.CharField(max_length=10)
    referencia = models.CharField(max_length=17, blank=True)
    cota = models.PositiveSmallIntegerField(null=True)
    observacao = models.CharField(max_length=100, blank=True)
    emitido = models.DateTimeField()
    vencimento = models.DateField()
    limite = models.DateField()
    principal = models.DecimalField(max_digits=15, decimal_places=2)
    multa = models.DecimalField(max_digits=15, decimal_places=2)
    juros = models.DecimalField(max_digits=15, decimal_places=2)
    pago = models.DateField(null=True)


class Dctfweb(models.Model):
    """A declaration: in progress until it is transmitted (`recibo`), then active until another takes its place.

    `periodo` is AAAA, AAAAMM or AAAAMMDD by its category, `identificador` its CNO or process. `debitos` are
    {"origem", "codigo", "valor"}; `calculada` changes with them, and with it the XML.
    """

    contribuinte = models.CharField(max_length=14)
    categoria = models.PositiveSmallIntegerField()
    periodo = models.CharField(max_length=8)
    identificador = models.CharField(max_length=30, blank=True)
    sequencia = models.PositiveSmallIntegerField()
    debitos = models.JSONField(default=list)
    calculada = models.DateTimeField()
    recibo = models.CharField(max_length=20, blank=True)
    transmitida = models.DateTimeField(null=True)
    atrasada = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["contribuinte", "categoria", "periodo", "identificador", "sequencia"], name="dctfweb_unica"
            )
        ]


class GuiaDctfweb(models.Model):
    """A DARF drawn of a declaration. Amounts in reais."""

    numero = models.CharField(max_length=17, unique=True)
    declaracao = models.ForeignKey(Dctfweb, on_delete=models.CASCADE, related_name="guias")
    emitida = models.DateTimeField()
    vencimento = models.DateField()
    limite = models.DateField()
    principal = models.DecimalField(max_digits=15, decimal_places=2)
    multa = models.DecimalField(max_digits=15, decimal_places=2)
    juros = models.DecimalField(max_digits=15, decimal_places=2)
    pago = models.DateField(null=True)


class Mit(models.Model):
    """A month sent to MIT: closing until `pronta`, then closed, or in edition again where it has `pendencias`.
    `assentada`: what became of it was carried into the DCTFWeb."""

    contribuinte = models.CharField(max_length=14)
    pa = models.PositiveIntegerField()
    protocolo = models.CharField(max_length=36, unique=True)
    enviada = models.DateTimeField()
    pronta = models.DateTimeField()
    debitos = models.JSONField(default=list)
    total = models.DecimalField(max_digits=15, decimal_places=2)
    pendencias = models.JSONField(default=list)
    assentada = models.BooleanField(default=False)
