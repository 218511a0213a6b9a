"""What goes with the declarations besides the receitas: processes, rectifications, and how the office works."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from comum.models import Usuario
from empresas.models import Empresa, Municipio
from guias.models.apuracao import Apuracao


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


class NaoOptante(models.Model):
    """The process that lets a company (matriz) declare as of the Simples in periods in which the Receita does not have
    it as opting. While the row exists it goes with every declaration."""

    class Esfera(models.IntegerChoices):
        FEDERAL = 1, "1 · Federal"
        DISTRITAL = 2, "2 · Distrital"
        ESTADUAL = 3, "3 · Estadual"
        MUNICIPAL = 4, "4 · Municipal"

    empresa = models.OneToOneField(
        Empresa, on_delete=models.PROTECT, related_name="nao_optante", verbose_name="empresa"
    )
    esfera = models.PositiveSmallIntegerField("esfera administrativa", choices=Esfera)
    municipio = models.ForeignKey(Municipio, on_delete=models.PROTECT, verbose_name="município", related_name="+")
    processo = models.CharField("número do processo", max_length=20)

    class Meta:
        verbose_name = "declaração de não optante"
        verbose_name_plural = "declarações de não optantes"
        constraints = [
            models.CheckConstraint(condition=models.Q(processo__regex=r"^[0-9]{1,20}$"), name="nao_optante_processo"),
            models.CheckConstraint(condition=models.Q(esfera__in=[1, 2, 3, 4]), name="nao_optante_esfera"),
        ]

    def __str__(self) -> str:
        return self.processo


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


class ForaDoDas(models.Model):
    """What a company (matriz) pays outside the DAS from a competência on, as the office says: ICMS and ISS (sublimit
    passed in months that the Guichê does not have), CBS and IBS (regular regime, from 2027). The newest row holds."""

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="fora_do_das", verbose_name="empresa")
    desde = models.DateField("desde a competência")
    icms_iss = models.BooleanField("ICMS e ISS fora do DAS", default=False)
    ibs_cbs = models.BooleanField("CBS e IBS pelo regime regular", default=False)

    class Meta:
        verbose_name = "tributos fora do DAS"
        verbose_name_plural = "tributos fora do DAS"
        ordering = ["empresa", "-desde"]
        constraints = [models.UniqueConstraint(fields=["empresa", "desde"], name="fora_do_das_desde")]

    def __str__(self) -> str:
        return f"{self.empresa_id} desde {self.desde:%m/%Y}"


class Sublimite(models.Model):
    """Revenue of a year up to which ICMS and ISS stay in the DAS, where a state chose another than the common one."""

    uf = models.CharField("UF", max_length=2)
    ano = models.PositiveSmallIntegerField("ano", validators=[MinValueValidator(2018), MaxValueValidator(2100)])
    valor = models.DecimalField("sublimite", max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = "sublimite do estado"
        verbose_name_plural = "sublimites dos estados"
        ordering = ["-ano", "uf"]
        constraints = [
            models.UniqueConstraint(fields=["uf", "ano"], name="sublimite_do_ano"),
            models.CheckConstraint(condition=models.Q(valor__gt=0), name="sublimite_positivo"),
        ]

    def __str__(self) -> str:
        return f"{self.uf} {self.ano}"


class Caminho(models.TextChoices):
    """How the values of a declaration are proved before it is transmitted."""

    ECONOMICO = "economico", "Econômico: transmitir os nossos valores, com comparação"
    SIMULAR = "simular", "Simular antes, transmitir depois"


class Rotina(models.TextChoices):
    """What the office asks about payments by itself."""

    DA_INSTALACAO = "", "Como a instalação diz (GUIAS_NOVIDADES_DIARIAS)"
    NADA = "nada", "Nada: só quando alguém pede"
    NOVIDADES = "novidades", "As novidades, toda manhã, sem custo"
    PAGAMENTOS = "pagamentos", "As novidades e, de quem tem pagamento novo e guia a pagar, os pagamentos (cobrado)"


class Escritorio(models.Model):
    """How this office works; one row. `segunda_pessoa`: whoever prepared an apuração does not approve it. `rotina`:
    what is asked about payments by itself, in the name of `rotina_de`, who chose it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    caminho = models.CharField(
        "caminho da transmissão", max_length=10, choices=Caminho, default=Caminho.ECONOMICO, db_default="economico"
    )
    segunda_pessoa = models.BooleanField("outra pessoa aprova", default=False, db_default=False)
    rotina = models.CharField(
        "consultar pagamentos sozinho",
        max_length=10,
        choices=Rotina,
        default=Rotina.DA_INSTALACAO,
        db_default="",
        blank=True,
    )
    rotina_de = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = "preferências do escritório"
        verbose_name_plural = "preferências do escritório"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="escritorio_unico")]

    def __str__(self) -> str:
        return "Preferências do escritório"

    @classmethod
    def atual(cls) -> "Escritorio":
        return cls.objects.filter(pk=1).first() or cls()
