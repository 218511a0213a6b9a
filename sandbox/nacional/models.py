"""State of the simulated Sefin Nacional and ADN: who is registered, the notes, their events, what is distributed."""

from typing import ClassVar

from django.db import models


class Inscrito(models.Model):
    """What the national register knows of a CNPJ or CPF. `im` is empty when the município did not put it in the CNC;
    `regimes` are {"opcao": opSimpNac, "desde": day}, oldest first, empty when nothing is known."""

    documento = models.CharField(max_length=14, primary_key=True)
    nome = models.CharField(max_length=150)
    municipio = models.CharField(max_length=7, blank=True)
    im = models.CharField(max_length=15, blank=True)
    abertura = models.DateField(null=True)
    regimes = models.JSONField(default=list)
    endereco = models.JSONField(default=dict)


class Nota(models.Model):
    """An NFS-e. `cancelamento` is the code of the event that ended it, empty while it is in force."""

    chave = models.CharField(max_length=50, unique=True)
    id_dps = models.CharField(max_length=45, unique=True)
    emitente = models.CharField(max_length=14, db_index=True)
    tomador = models.CharField(max_length=14, blank=True, db_index=True)
    intermediario = models.CharField(max_length=14, blank=True)
    municipio = models.CharField(max_length=7)
    serie = models.CharField(max_length=5)
    numero_dps = models.PositiveBigIntegerField()
    numero = models.PositiveBigIntegerField()
    competencia = models.DateField()
    valor = models.DecimalField(max_digits=17, decimal_places=2)
    liquido = models.DecimalField(max_digits=17, decimal_places=2)
    emissao = models.DateTimeField()
    cancelamento = models.CharField(max_length=6, blank=True)
    substitui = models.CharField(max_length=50, blank=True)
    xml = models.TextField()
    tag = models.CharField(max_length=64, blank=True)

    @property
    def atores(self) -> list[str]:
        """Who it is distributed to, the emitente first."""
        return [documento for documento in (self.emitente, self.tomador, self.intermediario) if documento]


class Evento(models.Model):
    """An event registered on a note. `bloqueia`: the code that a block (305102) keeps out while it stands."""

    nota = models.ForeignKey(Nota, on_delete=models.CASCADE, related_name="eventos")
    codigo = models.CharField(max_length=6)
    sequencia = models.PositiveSmallIntegerField(default=1)
    autor = models.CharField(max_length=14)
    instante = models.DateTimeField()
    bloqueia = models.CharField(max_length=6, blank=True)
    xml = models.TextField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["nota", "codigo", "sequencia"], name="evento_unico")
        ]


class Distribuido(models.Model):
    """A document in the feed of one CNPJ or CPF."""

    documento = models.CharField(max_length=14)
    nsu = models.PositiveBigIntegerField()
    nota = models.ForeignKey(Nota, on_delete=models.CASCADE, related_name="distribuidos")
    evento = models.ForeignKey(Evento, on_delete=models.CASCADE, null=True, related_name="distribuidos")
    instante = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["documento", "nsu"], name="nsu_unico")
        ]


class Recusada(models.Model):
    """A DPS or a request of an event that was refused, with every code of the answer. `identificacao`: its Id, empty
    when it could not be read."""

    instante = models.DateTimeField()
    operacao = models.CharField(max_length=20)
    identificacao = models.CharField(max_length=62, blank=True, db_index=True)
    autor = models.CharField(max_length=14, blank=True)
    codigos = models.JSONField(default=list)
    tag = models.CharField(max_length=64, blank=True)
