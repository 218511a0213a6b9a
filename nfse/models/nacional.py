"""What is kept for the national NFS-e beside the notes: what was signed, and what each município agreed to."""

from django.db import models

from empresas.models import Municipio
from operacoes.models import Operacao


class DocumentoAssinado(models.Model):
    """The signed bytes of one Operacao (a DPS, a request of event): made at the first try, the same in every repeat.
    `identificador` is the Id inside, by which the service is asked whether it has it; `endereco` is the Sefin they are
    sent to, in every repeat and every doubt (empty: the national one)."""

    operacao = models.OneToOneField(
        Operacao, on_delete=models.PROTECT, primary_key=True, related_name="assinado", verbose_name="operação"
    )
    identificador = models.CharField("identificador", max_length=62)
    xml = models.BinaryField("XML assinado")
    endereco = models.URLField("enviado para", max_length=200, blank=True, default="", db_default="")
    assinado_em = models.DateTimeField("assinado em", auto_now_add=True)

    class Meta:
        verbose_name = "documento assinado"
        verbose_name_plural = "documentos assinados"

    def __str__(self) -> str:
        return self.identificador


class ConvenioNacionalQuerySet(models.QuerySet["ConvenioNacional"]):
    def lidos(self) -> "ConvenioNacionalQuerySet":
        """Those that some reading brought."""
        return self.filter(lido_em__isnull=False)


class ConvenioNacional(models.Model):
    """What a município agreed to with the national system, as last read (`lido_em` None: asked for in vain, never
    read). `ativo`: the system knows its rates, which decides who tells the rate of a note; `emite`: its taxpayers issue
    by the national emitter. `falhou_em` and `falha` (pt-BR) are of the last reading, when it brought nothing: what
    stands is then the older one."""

    municipio = models.OneToOneField(
        Municipio, on_delete=models.CASCADE, primary_key=True, related_name="+", verbose_name="município"
    )
    ativo = models.BooleanField("ativo no ambiente nacional", default=False)
    emite = models.BooleanField("usa o emissor nacional", default=False)
    lido_em = models.DateTimeField("lido em", null=True)
    falhou_em = models.DateTimeField("a última leitura falhou em", null=True, blank=True)
    falha = models.CharField("por que falhou", max_length=300, blank=True, default="", db_default="")

    objects = ConvenioNacionalQuerySet.as_manager()

    class Meta:
        verbose_name = "convênio com a NFS-e Nacional"
        verbose_name_plural = "convênios com a NFS-e Nacional"

    def __str__(self) -> str:
        return f"Convênio de {self.municipio}"


class ParametroMunicipal(models.Model):
    """One answer of a município's parameters, as last read (nfse.services.parametros says how `resposta` is written;
    None: the município set nothing). `lido_em` None: no reading brought anything yet. `falhou_em` and `falha` as in
    ConvenioNacional. `servico` is the cTribNac, or the number of a benefício; empty for what the município set for all
    of them."""

    class Tipo(models.TextChoices):
        ALIQUOTA = "aliquota", "Alíquota do ISS"
        REGIMES = "regimes", "Regimes especiais"
        RETENCOES = "retencoes", "Retenções do ISS"
        BENEFICIO = "beneficio", "Benefício municipal"

    municipio = models.ForeignKey(
        Municipio, on_delete=models.CASCADE, db_index=False, related_name="+", verbose_name="município"
    )
    tipo = models.CharField("o que se perguntou", max_length=10, choices=Tipo)
    servico = models.CharField("código nacional (cTribNac) ou número do benefício", max_length=14, blank=True)
    competencia = models.DateField("competência")
    resposta = models.JSONField("resposta", null=True)
    lido_em = models.DateTimeField("lido em", null=True)
    falhou_em = models.DateTimeField("a última leitura falhou em", null=True)
    falha = models.CharField("por que falhou", max_length=300, blank=True)

    class Meta:
        verbose_name = "parâmetro municipal"
        verbose_name_plural = "parâmetros municipais"
        constraints = [
            models.UniqueConstraint(
                fields=["municipio", "competencia", "tipo", "servico"], name="parametro_municipal_unico"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_tipo_display()} de {self.municipio}"


class EmissorMunicipal(models.Model):
    """A município whose own emitter speaks the API of the Sefin Nacional: the notes of its prestadores go to `sefin`
    while it is `ativo`, instead of the national address. Which address each note went to stays with its signed bytes.
    """

    municipio = models.OneToOneField(
        Municipio, on_delete=models.PROTECT, primary_key=True, related_name="+", verbose_name="município"
    )
    sefin = models.URLField("endereço da Sefin", max_length=200)
    fundamento = models.CharField("fundamento", max_length=250)
    ativo = models.BooleanField("ativo", default=True)

    class Meta:
        verbose_name = "emissor municipal"
        verbose_name_plural = "emissores municipais"
        ordering = ["municipio__nome"]

    def __str__(self) -> str:
        return f"Emissor de {self.municipio}"
