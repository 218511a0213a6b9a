"""What is kept for the national NFS-e beside the notes: what was signed, and what each município agreed to."""

from django.db import models

from empresas.models import Municipio
from operacoes.models import Operacao


class DocumentoAssinado(models.Model):
    """The signed bytes of one Operacao (a DPS, a request of event): made at the first try, the same in every repeat.
    `identificador` is the Id inside, by which the service is asked whether it has it."""

    operacao = models.OneToOneField(
        Operacao, on_delete=models.PROTECT, primary_key=True, related_name="assinado", verbose_name="operação"
    )
    identificador = models.CharField("identificador", max_length=62)
    xml = models.BinaryField("XML assinado")
    assinado_em = models.DateTimeField("assinado em", auto_now_add=True)

    class Meta:
        verbose_name = "documento assinado"
        verbose_name_plural = "documentos assinados"

    def __str__(self) -> str:
        return self.identificador


class ConvenioNacional(models.Model):
    """What a município agreed to with the national system, as last read. `ativo`: the system knows its rates, which
    decides who tells the rate of a note; `emite`: its taxpayers issue by the national emitter."""

    municipio = models.OneToOneField(
        Municipio, on_delete=models.CASCADE, primary_key=True, related_name="+", verbose_name="município"
    )
    ativo = models.BooleanField("ativo no ambiente nacional")
    emite = models.BooleanField("usa o emissor nacional")
    lido_em = models.DateTimeField("lido em")

    class Meta:
        verbose_name = "convênio com a NFS-e Nacional"
        verbose_name_plural = "convênios com a NFS-e Nacional"

    def __str__(self) -> str:
        return f"Convênio de {self.municipio}"
