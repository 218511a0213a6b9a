"""State of the Integra Notas simulator: accounts, emitentes, notes and what the town halls know of them, webhooks."""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

# situacao of a Nota, as the service has it
PROCESSANDO, AUTORIZADA, CANCELADA, CANCELANDO = "processando", "autorizada", "cancelada", "cancelando"
# situacao of an Aviso
PENDENTE, ENVIANDO, ENTREGUE, FALHOU = "pendente", "enviando", "entregue", "falhou"
# leiaute of a Recebida: ABRASF, the national one, and one that only its town knows
MUNICIPAL, NACIONAL, PROPRIO = "municipal", "nacional", "proprio"


class Conta(models.Model):
    """A software house in one environment (`producao` or `homolog`)."""

    nome = models.CharField(max_length=100)
    ambiente = models.CharField(max_length=10)
    token = models.CharField(max_length=300, unique=True)


class Emitente(models.Model):
    """A company that issues notes. `dados` are the fields of its record, `comportamento` how its town treats it."""

    conta = models.ForeignKey(Conta, on_delete=models.CASCADE, related_name="emitentes")
    ambiente = models.CharField(max_length=10)
    documento = models.CharField(max_length=14)
    token = models.CharField(max_length=300, unique=True)
    dados = models.JSONField(default=dict)
    comportamento = models.JSONField(default=dict)
    webhook = models.CharField(max_length=300, blank=True)
    removido = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["conta", "documento"], name="emitente_unico")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["documento"], name="emitente_documento")]


class Certificado(models.Model):
    """What was read of an A1 file. The file itself is not kept: nothing here needs its key."""

    emitente = models.OneToOneField(Emitente, on_delete=models.CASCADE, related_name="certificado")
    titular = models.CharField(max_length=14)
    nome = models.CharField(max_length=200)
    valido_de = models.DateTimeField()
    valido_ate = models.DateTimeField()


class Nota(models.Model):
    """A document of the service. `situacao` is what the service thinks; `prefeitura` what the town has: empty,
    `autorizada` or `cancelada`. A refused document has no row: see Apagada."""

    emitente = models.ForeignKey(Emitente, on_delete=models.CASCADE, related_name="notas")
    chave = models.CharField(max_length=50, unique=True)
    chave_nacional = models.CharField(max_length=50, blank=True, db_index=True)
    serie = models.CharField(max_length=5)
    numero = models.PositiveIntegerField()
    versao = models.PositiveSmallIntegerField()
    situacao = models.CharField(max_length=12, default=PROCESSANDO)
    prefeitura = models.CharField(max_length=12, blank=True)
    prefeitura_em = models.DateTimeField(null=True)
    pedido = models.JSONField(encoder=DjangoJSONEncoder)
    comportamento = models.JSONField()
    municipio = models.CharField(max_length=7)
    tomador = models.CharField(max_length=14)
    valor = models.DecimalField(max_digits=15, decimal_places=2)
    emissao = models.DateTimeField()
    competencia = models.DateField()
    criada = models.DateTimeField()
    autorizada = models.DateTimeField(null=True)
    cancelada = models.DateTimeField(null=True)
    numero_nfse = models.PositiveBigIntegerField(null=True)
    codigo_verificacao = models.CharField(max_length=20, blank=True)
    protocolo = models.CharField(max_length=20, blank=True)
    codigo_cancelamento = models.CharField(max_length=2, blank=True)
    motivo_cancelamento = models.CharField(max_length=255, blank=True)
    substitui = models.CharField(max_length=50, blank=True)
    arquivos_pedidos = models.DateTimeField(null=True)
    tag = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["emitente", "serie", "numero"], name="nota_unica")
        ]


class Apagada(models.Model):
    """A document that was deleted: why, and whether a consult told it already."""

    emitente = models.ForeignKey(Emitente, on_delete=models.CASCADE, related_name="apagadas")
    chave = models.CharField(max_length=50, unique=True)
    serie = models.CharField(max_length=5)
    numero = models.PositiveIntegerField()
    codigo = models.PositiveIntegerField()
    mensagem = models.TextField()
    instante = models.DateTimeField()
    contada = models.BooleanField(default=False)


class Recebida(models.Model):
    """A note that somebody issued to an emitente (service taken), visible from `disponivel` on. `valor` is that of the
    services, `retencoes` what of it the taker keeps, by tax, as text."""

    emitente = models.ForeignKey(Emitente, on_delete=models.CASCADE, related_name="recebidas")
    chave = models.CharField(max_length=50)
    prestador = models.CharField(max_length=14)
    nome = models.CharField(max_length=150)
    municipio = models.CharField(max_length=7)
    numero = models.PositiveBigIntegerField()
    valor = models.DecimalField(max_digits=15, decimal_places=2)
    emissao = models.DateTimeField()
    discriminacao = models.CharField(max_length=2000)
    leiaute = models.CharField(max_length=10, default=MUNICIPAL)
    competencia = models.DateField(null=True)
    retencoes = models.JSONField(default=dict)
    disponivel = models.DateTimeField()
    cancelada = models.DateTimeField(null=True)
    arquivos_pedidos = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["emitente", "chave"], name="recebida_unica")
        ]


class Aviso(models.Model):
    """A webhook message, from the moment its document left processing. `corpo` is what was last sent, to the letter."""

    emitente = models.ForeignKey(Emitente, on_delete=models.CASCADE, related_name="avisos")
    url = models.CharField(max_length=300)
    quando = models.DateTimeField()
    situacao = models.CharField(max_length=10, default=PENDENTE)
    conteudo = models.JSONField()
    tentativas = models.PositiveSmallIntegerField(default=0)
    corpo = models.TextField(blank=True)
    resposta = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["situacao", "quando"], name="aviso_pendente")]
