"""What goes with the declarations besides the receitas: regime of recognition, processes, rectifications, and how the
office works."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from comum.models import Usuario
from empresas.models import Empresa, Municipio
from guias.models.apuracao import Apuracao


class OpcaoDeRegime(models.Model):
    """How a company (matriz) recognises revenue in a calendar year; without a row, by accrual (competência).

    The option is made once a year and holds for all of it (Resolução CGSN 140/2018, art. 16, § 1).
    """

    class Regime(models.TextChoices):
        COMPETENCIA = "competencia", "Competência"
        CAIXA = "caixa", "Caixa"

    empresa = models.ForeignKey(
        Empresa, on_delete=models.PROTECT, related_name="opcoes_de_regime", verbose_name="empresa"
    )
    ano = models.PositiveSmallIntegerField("ano", validators=[MinValueValidator(2018), MaxValueValidator(2100)])
    regime = models.CharField("regime", max_length=11, choices=Regime)

    class Meta:
        verbose_name = "regime de reconhecimento da receita"
        verbose_name_plural = "regimes de reconhecimento da receita"
        ordering = ["empresa", "-ano"]
        constraints = [models.UniqueConstraint(fields=["empresa", "ano"], name="opcao_de_regime_unica")]

    def __str__(self) -> str:
        return f"{self.ano}: {self.get_regime_display()}"


class ProcessoQuerySet(models.QuerySet["Processo"]):
    def visiveis(self, usuario: Usuario) -> "ProcessoQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))


class Processo(models.Model):
    """A judicial or administrative process of a company (matriz) that suspends the exigibility of tributes (CTN, art.
    151). `numero` has digits only; `municipio` where the tribute is municipal. Receitas name it in their `ajuste`."""

    class Motivo(models.IntegerChoices):
        LIMINAR_EM_MANDADO = 1, "Liminar em mandado de segurança"
        DEPOSITO_JUDICIAL = 2, "Depósito judicial"
        TUTELA = 3, "Antecipação de tutela"
        LIMINAR_EM_CAUTELAR = 4, "Liminar em medida cautelar"
        DEPOSITO_ADMINISTRATIVO = 5, "Depósito administrativo"
        OUTRO = 6, "Outro motivo"

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="suspensoes", verbose_name="empresa")
    numero = models.CharField("número do processo", max_length=20)
    uf = models.CharField("UF", max_length=2)
    vara = models.CharField("vara", max_length=60)
    municipio = models.ForeignKey(
        Municipio, on_delete=models.PROTECT, null=True, blank=True, verbose_name="município", related_name="+"
    )
    deposito = models.BooleanField("há depósito do valor", default=False)
    motivo = models.PositiveSmallIntegerField("motivo", choices=Motivo)

    objects = ProcessoQuerySet.as_manager()

    class Meta:
        verbose_name = "processo"
        ordering = ["empresa", "numero"]
        constraints = [
            models.UniqueConstraint(fields=["empresa", "numero"], name="processo_unico"),
            models.CheckConstraint(condition=models.Q(numero__regex=r"^[0-9]{1,20}$"), name="processo_numero"),
            models.CheckConstraint(condition=models.Q(motivo__in=[1, 2, 3, 4, 5, 6]), name="processo_motivo"),
        ]

    def __str__(self) -> str:
        return self.numero


class Retificacao(models.Model):
    """Why a declaration that the Receita had was opened again, and what it said: `valores` by tribute as
    Apuracao.declarado, `receitas` [[CNPJ, activity in words, reais as text]] as they were declared. `revisao` is the
    one of the Apuracao that it began."""

    apuracao = models.ForeignKey(
        Apuracao, on_delete=models.PROTECT, related_name="retificacoes", verbose_name="apuração"
    )
    revisao = models.PositiveSmallIntegerField("revisão")
    motivo = models.TextField("motivo", max_length=500)
    usuario = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name="aberta por", related_name="+"
    )
    aberta_em = models.DateTimeField("aberta em", auto_now_add=True)
    id_declaracao = models.CharField("declaração anterior", max_length=17)
    valores = models.JSONField("valores declarados", default=dict)
    total = models.DecimalField("DAS declarado", max_digits=14, decimal_places=2, null=True)
    receitas = models.JSONField("receitas declaradas", default=list)

    class Meta:
        verbose_name = "retificação"
        verbose_name_plural = "retificações"
        ordering = ["apuracao", "-revisao"]
        constraints = [models.UniqueConstraint(fields=["apuracao", "revisao"], name="retificacao_unica")]

    def __str__(self) -> str:
        return f"{self.apuracao}, revisão {self.revisao}"


class Caminho(models.TextChoices):
    """How the values of a declaration are proved before it is transmitted."""

    ECONOMICO = "economico", "Econômico: transmitir os nossos valores, com comparação"
    SIMULAR = "simular", "Simular antes, transmitir depois"


class Escritorio(models.Model):
    """How this office works; one row. `segunda_pessoa`: whoever prepared an apuração does not approve it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    caminho = models.CharField(
        "caminho da transmissão", max_length=10, choices=Caminho, default=Caminho.ECONOMICO, db_default="economico"
    )
    segunda_pessoa = models.BooleanField("outra pessoa aprova", default=False, db_default=False)

    class Meta:
        verbose_name = "preferências do escritório"
        verbose_name_plural = "preferências do escritório"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="escritorio_unico")]

    def __str__(self) -> str:
        return "Preferências do escritório"

    @classmethod
    def atual(cls) -> "Escritorio":
        return cls.objects.filter(pk=1).first() or cls()
