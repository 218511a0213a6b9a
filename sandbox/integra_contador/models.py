"""State of the Integra Contador simulator: tokens, declarations and slips of the PGDAS-D, what the Receita tells."""

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


class ProtocoloSitfis(models.Model):
    """A protocol of the report of situação fiscal, good on `dia` only. Asked before `liberado` the report costs a call;
    before `pronto` it is not there. `perdido`: the service forgot it (ER05)."""

    contribuinte = models.CharField(max_length=14)
    autor = models.CharField(max_length=14)
    contratante = models.CharField(max_length=14)
    dia = models.DateField()
    numero = models.CharField(max_length=60, unique=True)
    liberado = models.DateTimeField()
    pronto = models.DateTimeField()
    perdido = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["contribuinte", "dia"], name="protocolo_do_dia")]


class MensagemCaixa(models.Model):
    """A message in a mailbox. `lida`: when it was first read, by whoever."""

    contribuinte = models.CharField(max_length=14, db_index=True)
    assunto = models.CharField(max_length=300)
    parametro = models.CharField(max_length=50, blank=True)
    corpo = models.TextField(blank=True)
    variaveis = models.JSONField(default=list)
    remetente = models.CharField(max_length=100)
    controle = models.CharField(max_length=20, blank=True)
    relevante = models.BooleanField(default=False)
    enviada = models.DateTimeField()
    validade = models.DateField(null=True)
    lida = models.DateTimeField(null=True)


class Enquadramento(models.Model):
    """The domicílio tributário of a CNPJ; one that is absent opted through the Simples (1)."""

    contribuinte = models.CharField(max_length=14, primary_key=True)
    dte = models.SmallIntegerField()


class OpcaoDeRegime(models.Model):
    contribuinte = models.CharField(max_length=14)
    ano = models.PositiveSmallIntegerField()
    regime = models.CharField(max_length=11)
    feita = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["contribuinte", "ano"], name="opcao_unica")
        ]


class Defis(models.Model):
    """A DEFIS that was transmitted: `portal` marks those the control page told about."""

    contribuinte = models.CharField(max_length=14)
    ano = models.PositiveSmallIntegerField()
    sequencia = models.PositiveSmallIntegerField()
    numero = models.CharField(max_length=15, unique=True)
    tipo = models.PositiveSmallIntegerField()
    transmitida = models.DateTimeField()
    portal = models.BooleanField(default=False)
    conteudo = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["contribuinte", "ano", "sequencia"], name="defis_unica")
        ]


class VinculoContabil(models.Model):
    """A CNPJ that named `contador` (CNPJ) at the Redesim."""

    contador = models.CharField(max_length=14)
    cnpj = models.CharField(max_length=14)
    uf = models.CharField(max_length=2, default="SP")
    municipio = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["contador", "cnpj"], name="vinculo_unico")
        ]


class PedidoDeRenuncia(models.Model):
    """A request to give up a vínculo; `decidida` is when it takes effect, under `numero`."""

    solicitacao = models.CharField(max_length=60, unique=True)
    contador = models.CharField(max_length=14)
    cnpj = models.CharField(max_length=14)
    responsavel = models.CharField(max_length=11)
    numero = models.PositiveIntegerField(unique=True)
    pedida = models.DateTimeField()
    decidida = models.DateTimeField()


class ProcessoDigital(models.Model):
    contribuinte = models.CharField(max_length=14, db_index=True)
    numero = models.CharField(max_length=17)
    protocolo = models.DateField()
    tipo = models.CharField(max_length=60)
    subtipo = models.CharField(max_length=60, blank=True)
    localizacao = models.CharField(max_length=60, blank=True)
    situacao = models.CharField(max_length=40, default="EM ANDAMENTO")
