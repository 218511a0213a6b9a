"""State shared by every simulator: who exists, what was called, what really happened, what is set to go wrong."""

from datetime import date
from typing import ClassVar

from django.db import models


class Ajuste(models.Model):
    """One setting of the running sandbox, as JSON (clock, latency, Selic ...)."""

    chave = models.CharField(max_length=40, primary_key=True)
    valor = models.JSONField()


class Contador(models.Model):
    """Sequences that must never give the same number twice."""

    nome = models.CharField(max_length=40, primary_key=True)
    valor = models.BigIntegerField(default=0)


class Contratante(models.Model):
    """A company that bought the API: its key and the e-CNPJ it uses."""

    cnpj = models.CharField(max_length=14, unique=True)
    nome = models.CharField(max_length=100)
    consumer_key = models.CharField(max_length=64, unique=True)
    consumer_secret = models.CharField(max_length=64)
    senha_a1 = models.CharField(max_length=64)


class Contribuinte(models.Model):
    """What the sandbox was told about a taxpayer. One that is absent is an old business with its head office only."""

    documento = models.CharField(max_length=14, primary_key=True)
    razao_social = models.CharField(max_length=150, blank=True)
    abertura = models.DateField(null=True)
    procuracao_padrao = models.BooleanField(default=True)
    filiais = models.JSONField(default=list)


class Procuracao(models.Model):
    """An electronic procuração: codes of the powers granted, or TODOS, from the day `inicio` to the day `expira`."""

    outorgante = models.CharField(max_length=14)
    outorgado = models.CharField(max_length=14)
    poderes = models.JSONField(default=list)
    inicio = models.DateField(default=date(2000, 1, 1))
    expira = models.DateField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["outorgante", "outorgado"])]


class Chamada(models.Model):
    """One call received, whatever the answer. `limite`: `excedido` when it came over a rate limit, `bloqueado` during
    the block that follows."""

    instante = models.DateTimeField(db_index=True)
    servico = models.CharField(max_length=30)
    ambiente = models.CharField(max_length=10)
    rota = models.CharField(max_length=60)
    operacao = models.CharField(max_length=60, blank=True)
    contratante = models.CharField(max_length=14, blank=True)
    autor = models.CharField(max_length=14, blank=True)
    contribuinte = models.CharField(max_length=14, blank=True, db_index=True)
    pa = models.CharField(max_length=6, blank=True)
    tag = models.CharField(max_length=64, blank=True)
    status_http = models.PositiveSmallIntegerField(default=0)
    codigos = models.JSONField(default=list)
    classe = models.CharField(max_length=15, blank=True)
    cobranca = models.CharField(max_length=7, default="nao")
    entrega = models.CharField(max_length=12, default="inteira")
    cenario = models.CharField(max_length=60, blank=True)
    limite = models.CharField(max_length=10, blank=True)
    ip = models.GenericIPAddressField(null=True)
    duracao_ms = models.PositiveIntegerField(default=0)


class Passagem(models.Model):
    """A call that a rate limit let through, counted while it is inside the limit's window."""

    chave = models.CharField(max_length=120)
    instante = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["chave", "instante"], name="passagem_janela")]


class Bloqueio(models.Model):
    """Until when a rate limit that was passed lets nothing through."""

    chave = models.CharField(max_length=120, primary_key=True)
    ate = models.DateTimeField()


class Efeito(models.Model):
    """The ledger: what happened outside, once per row. Triggers refuse changes; only a reset empties it.

    `documento` says which document it happened to, as its service names one to us (a note's own mark or number).
    """

    instante = models.DateTimeField()
    servico = models.CharField(max_length=30)
    tipo = models.CharField(max_length=40)
    contribuinte = models.CharField(max_length=14, db_index=True)
    pa = models.CharField(max_length=6, blank=True)
    sequencia = models.PositiveIntegerField(default=1)
    numero = models.CharField(max_length=60, blank=True)
    valor = models.DecimalField(max_digits=17, decimal_places=2, null=True)
    tag = models.CharField(max_length=64, blank=True)
    documento = models.CharField(max_length=60, blank=True, db_index=True)


class Cenario(models.Model):
    """A rule that makes matching calls go wrong. Empty fields match everything."""

    descricao = models.CharField(max_length=200, blank=True)
    origem = models.CharField(max_length=10, default="controle")
    servico = models.CharField(max_length=30, blank=True)
    operacao = models.CharField(max_length=60, blank=True)
    contribuinte = models.CharField(max_length=14, blank=True)
    tag = models.CharField(max_length=64, blank=True)
    pa = models.CharField(max_length=6, blank=True)
    documento = models.CharField(max_length=60, blank=True)
    so_efeito = models.BooleanField(default=False)
    nesima = models.PositiveIntegerField(default=1)
    vezes = models.PositiveIntegerField(null=True)
    probabilidade = models.FloatField(null=True)
    semente = models.BigIntegerField(default=0)
    conta_por = models.CharField(max_length=12, default="regra")
    acao = models.CharField(max_length=20)
    parametros = models.JSONField(default=dict)


class Contagem(models.Model):
    """How many calls a rule has seen and touched, per `conta_por`."""

    cenario = models.ForeignKey(Cenario, on_delete=models.CASCADE, related_name="contagens")
    chave = models.CharField(max_length=80, blank=True)
    vistas = models.PositiveIntegerField(default=0)
    aplicadas = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["cenario", "chave"], name="contagem_unica")
        ]


class EfeitoAdiado(models.Model):
    """A call whose connection was dropped and whose effect lands when the clock reaches `quando`."""

    quando = models.DateTimeField(db_index=True)
    servico = models.CharField(max_length=30)
    pedido = models.JSONField()
