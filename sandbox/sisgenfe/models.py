"""State of the SISGENF-e simulator. Customers and notes live apart in each ambiente; who may call is the same in both.

Municipalities, activities and units are tables of the service (`tabelas`), not rows: nothing here changes them.
"""

from typing import ClassVar

from django.db import models


class Aplicativo(models.Model):
    """The application key of an integrating software. Blocked, nothing is done with it, nor with its tokens."""

    chave = models.CharField(max_length=64, unique=True)
    cnpj = models.CharField(max_length=14, blank=True)
    nome = models.CharField(max_length=100, blank=True)
    bloqueado = models.BooleanField(default=False)


class Prestador(models.Model):
    """An issuer. `municipio` is an internal id; `atividades` maps an internal id to the ISS rate in percent as text, or
    null for the service's own; `aplicativos` are the keys it lets in, any of them when empty."""

    cnpj = models.CharField(max_length=14, unique=True)
    nome = models.CharField(max_length=150)
    municipio = models.PositiveIntegerField()
    habilitado = models.BooleanField(default=True)
    atividades = models.JSONField(default=dict)
    aplicativos = models.JSONField(default=list)


class Usuario(models.Model):
    prestador = models.ForeignKey(Prestador, on_delete=models.CASCADE, related_name="usuarios")
    nome = models.CharField(max_length=60)
    senha = models.CharField(max_length=100)
    permissoes = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["prestador", "nome"], name="sisgenfe_usuario_unico")
        ]


class Token(models.Model):
    """A token given by the login, by the SHA-256 of its text: it says nothing itself of when it ends."""

    resumo = models.CharField(max_length=64, unique=True)
    ambiente = models.CharField(max_length=10)
    prestador = models.ForeignKey(Prestador, on_delete=models.CASCADE)
    aplicativo = models.ForeignKey(Aplicativo, on_delete=models.CASCADE)
    permissoes = models.JSONField(default=list)
    expira = models.DateTimeField()


class Tomador(models.Model):
    """A customer of one prestador. `documento` keeps its mask; `corpo` is the object as queries give it, JSON."""

    ambiente = models.CharField(max_length=10)
    prestador = models.ForeignKey(Prestador, on_delete=models.CASCADE)
    documento = models.CharField(max_length=18)
    corpo = models.TextField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["ambiente", "prestador", "documento"], name="sisgenfe_tomador_unico")
        ]


class Nota(models.Model):
    """A note, with its items inside `corpo`: the object as queries give it, JSON."""

    class Situacao(models.TextChoices):
        EMITIDA = "emitida", "Emitida"
        SOLICITADA = "cancelamento_solicitado", "Cancelamento solicitado"
        CANCELADA = "cancelada", "Cancelada"

    ambiente = models.CharField(max_length=10)
    prestador = models.ForeignKey(Prestador, on_delete=models.CASCADE)
    numero = models.PositiveIntegerField()
    chave = models.CharField(max_length=45, unique=True)
    emitida = models.DateTimeField()
    situacao = models.CharField(max_length=25, choices=Situacao.choices, default=Situacao.EMITIDA)
    tomador = models.CharField(max_length=18)
    valor = models.DecimalField(max_digits=17, decimal_places=2)
    observacao = models.TextField(blank=True)
    corpo = models.TextField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["ambiente", "prestador", "numero"], name="sisgenfe_nota_unica")
        ]


class Correcao(models.Model):
    """A correction letter, at the end of its note."""

    nota = models.ForeignKey(Nota, on_delete=models.CASCADE, related_name="correcoes")
    instante = models.DateTimeField()
    historico = models.TextField()


class Cancelamento(models.Model):
    """The one cancellation request of a note. `decide_em` is when the town hall answers by itself, `aprova` what it
    says then; `decidido` and `aprovado` are what it has said."""

    nota = models.OneToOneField(Nota, on_delete=models.CASCADE, related_name="cancelamento")
    tipo = models.PositiveSmallIntegerField()
    historico = models.TextField()
    solicitado = models.DateTimeField(db_index=True)
    decide_em = models.DateTimeField(null=True)
    aprova = models.BooleanField(default=True)
    decidido = models.DateTimeField(null=True)
    aprovado = models.BooleanField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["decide_em"], name="sisgenfe_a_decidir", condition=models.Q(decidido__isnull=True))
        ]
