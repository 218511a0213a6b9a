"""Receitas, the months before, and the PGDAS-D of a competência."""

from decimal import Decimal

from django.conf import settings
from django.db import models

from arquivo.models import Documento
from comum.models import Usuario
from empresas.models import Empresa, Municipio
from guias.calculo import ajustes
from guias.calculo.atividades import ATIVIDADES

# Operacoes that belong to an Apuracao: their pedido carries its pk and `versao`.
TIPOS_DA_APURACAO = ("guias.pgdasd.simular", "guias.pgdasd.transmitir", "guias.das.emitir")

# PGDAS-D activities whose sale says which tax was collected upstream, those whose ISS is due elsewhere, and those whose
# ICMS may be: transport and communication are of the state in which the service begins.
COM_TRATAMENTO = (2, 5)
COM_OUTRO_MUNICIPIO = (10, 13, 16, 19, 22, 25, 40)
COM_OUTRA_UF = (34, 35, 36, 37)


class Tratamento(models.TextChoices):
    """Taxes of a sale already collected upstream."""

    COMUM = "", "Comum"
    ST = "st", "ICMS por substituição"
    MONOFASICA = "mono", "PIS/Cofins monofásica"
    ST_MONOFASICA = "st_mono", "ICMS-ST e monofásica"
    ANTECIPACAO = "ant", "ICMS por antecipação"
    ANT_MONOFASICA = "ant_mono", "ICMS por antecipação e monofásica"


class Receita(models.Model):
    """Revenue of one establishment in one competência for one PGDAS-D activity (ids 1 to 43), in reais: accrued, or
    received where the empresa opted for cash in that year (OpcaoRegime).

    `municipio_iss` is where the ISS is due when the activity is taxed in another municipality; None stands for its own.
    `uf_icms` is the state to which the ICMS of a transport or communication is due, empty for its own.
    `ajuste` says what takes a tribute away from this portion ("isento-iss": guias.calculo.ajustes), empty for none: the
    same activity has one row for each.
    """

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="receitas", verbose_name="empresa")
    competencia = models.DateField("competência")
    atividade = models.PositiveSmallIntegerField("atividade")
    tratamento = models.CharField("tratamento", max_length=8, choices=Tratamento, default="", blank=True)
    valor = models.DecimalField("valor", max_digits=14, decimal_places=2)
    municipio_iss = models.ForeignKey(
        Municipio, on_delete=models.PROTECT, null=True, blank=True, verbose_name="município do ISS", related_name="+"
    )
    uf_icms = models.CharField("UF do ICMS", max_length=2, blank=True, default="", db_default="")
    ajuste = models.CharField("ajuste", max_length=100, blank=True, default="", db_default="")

    class Meta:
        verbose_name = "receita"
        ordering = ["empresa", "competencia", "atividade"]
        constraints = [
            models.UniqueConstraint(
                fields=["empresa", "competencia", "atividade", "tratamento", "municipio_iss", "uf_icms", "ajuste"],
                name="receita_da_porcao_unica",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(valor__gt=0), name="receita_positiva"),
            models.CheckConstraint(
                condition=models.Q(tratamento="") ^ models.Q(atividade__in=COM_TRATAMENTO),
                name="receita_tratamento_devido",
            ),
            models.CheckConstraint(
                condition=models.Q(municipio_iss__isnull=True) ^ models.Q(atividade__in=COM_OUTRO_MUNICIPIO),
                name="receita_municipio_devido",
            ),
            models.CheckConstraint(
                condition=models.Q(uf_icms="") | models.Q(atividade__in=COM_OUTRA_UF), name="receita_uf_devida"
            ),
        ]
        indexes = [models.Index(fields=["competencia", "empresa"], name="receita_comp_empresa")]

    def __str__(self) -> str:
        return f"{self.competencia:%m/%Y} atividade {self.atividade}"

    @property
    def nome_da_atividade(self) -> str:
        return ATIVIDADES[self.atividade].nome

    @property
    def rotulo_do_ajuste(self) -> str:
        return ajustes.rotulo_de(self.ajuste)


class HistoricoMensal(models.Model):
    """Revenue (accrued) and payroll of a month of the whole company (matriz and filiais), for RBT12 and fator r.

    `interno` None means that the revenue is not known (`externo` is then zero): a month may have its payroll only.
    Revenue typed by activity (Receita) wins over the one here, except in a year of cash, whose Receitas are what was
    received. `declarada` says that the Receita Federal already has the month in a PGDAS-D, which must then not be sent
    again (MSG_ISN_048).
    """

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="historico", verbose_name="empresa")
    competencia = models.DateField("competência")
    interno = models.DecimalField("receita no mercado interno", max_digits=14, decimal_places=2, null=True, blank=True)
    externo = models.DecimalField("receita no mercado externo", max_digits=14, decimal_places=2, default=Decimal(0))
    folha = models.DecimalField("folha de salários", max_digits=14, decimal_places=2, null=True, blank=True)
    declarada = models.BooleanField("já declarada no PGDAS-D", default=False)

    class Meta:
        verbose_name = "histórico mensal"
        verbose_name_plural = "histórico mensal"
        ordering = ["empresa", "-competencia"]
        constraints = [
            models.UniqueConstraint(fields=["empresa", "competencia"], name="historico_unico"),
            models.CheckConstraint(
                condition=models.Q(interno__isnull=True, externo=0) | models.Q(interno__gte=0, externo__gte=0),
                name="historico_receita_inteira",
            ),
            models.CheckConstraint(
                condition=models.Q(folha__isnull=True) | models.Q(folha__gte=0), name="historico_folha_positiva"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.competencia:%m/%Y}"


class ApuracaoQuerySet(models.QuerySet["Apuracao"]):
    def visiveis(self, usuario: Usuario) -> "ApuracaoQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))


class Apuracao(models.Model):
    """The PGDAS-D of one company (matriz) in one competência.

    Amounts by tribute are JSON {"1001": "44.00", ...} (codes of PGDASD, reais with two places): `calculado` is our own
    computation, `simulado` what SERPRO computed, `aprovado` what was pinned by a person and is what gets transmitted,
    `declarado` what the Receita accepted. `versao` grows whenever the figures are no longer the ones that were worked
    on, and travels in each pedido, so that an answer about older figures is not taken for these. `impedimento` says in
    Portuguese why our own computation is missing. `exige_simulacao`: the Receita refused a transmission because it
    computed other values, so nothing is approved before a new simulation. `impressao` is the digest of the declaration
    that the figures are of (services.pedidos.impressao_de), empty where it was never taken: another declaration undoes
    them. `reaberta_porque` says in Portuguese what undid the last approval, until the next one.
    """

    class Situacao(models.TextChoices):
        ABERTA = "aberta", "A apurar"
        SIMULADA = "simulada", "Simulada"
        CONFERIDA = "conferida", "Conferida"
        TRANSMITIDA = "transmitida", "Transmitida"

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="apuracoes", verbose_name="empresa")
    competencia = models.DateField("competência")
    situacao = models.CharField("situação", max_length=12, choices=Situacao, default=Situacao.ABERTA)
    sem_movimento = models.BooleanField("sem movimento", default=False)
    retificadora = models.BooleanField("retificadora", default=False)
    fixo_icms = models.DecimalField("ICMS em valor fixo", max_digits=14, decimal_places=2, null=True, blank=True)
    fixo_iss = models.DecimalField("ISS em valor fixo", max_digits=14, decimal_places=2, null=True, blank=True)
    preparada_por = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name="preparada por", related_name="+"
    )
    revisao = models.PositiveSmallIntegerField("revisão", default=1)
    versao = models.PositiveIntegerField("versão", default=1)
    receita_total = models.DecimalField("receita", max_digits=14, decimal_places=2, default=Decimal(0))
    receita_externa = models.DecimalField(
        "receita no mercado externo", max_digits=14, decimal_places=2, default=Decimal(0)
    )
    rbt12 = models.DecimalField("RBT12", max_digits=14, decimal_places=2, null=True)
    impedimento = models.TextField("por que não foi calculada", blank=True)
    calculado = models.JSONField("calculado", default=dict)
    total_calculado = models.DecimalField("DAS calculado", max_digits=14, decimal_places=2, null=True)
    explicacao = models.JSONField("memória de cálculo", default=list)
    impressao = models.CharField("impressão da declaração", max_length=64, blank=True, default="", db_default="")
    reaberta_porque = models.TextField("por que a aprovação foi desfeita", blank=True, default="", db_default="")
    simulado = models.JSONField("simulado", default=dict)
    total_simulado = models.DecimalField("DAS simulado", max_digits=14, decimal_places=2, null=True)
    exige_simulacao = models.BooleanField("exige nova simulação", default=False)
    aprovado = models.JSONField("aprovado", default=dict)
    total_aprovado = models.DecimalField("DAS aprovado", max_digits=14, decimal_places=2, null=True)
    conferida_por = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name="conferida por", related_name="+"
    )
    conferida_em = models.DateTimeField("conferida em", null=True)
    declarado = models.JSONField("declarado", default=dict)
    total_declarado = models.DecimalField("DAS declarado", max_digits=14, decimal_places=2, null=True)
    id_declaracao = models.CharField("número da declaração", max_length=17, blank=True)
    transmitida_em = models.DateTimeField("transmitida em", null=True)
    documento_declaracao = models.ForeignKey(
        Documento, on_delete=models.PROTECT, null=True, verbose_name="declaração", related_name="+"
    )
    documento_recibo = models.ForeignKey(
        Documento, on_delete=models.PROTECT, null=True, verbose_name="recibo", related_name="+"
    )

    objects = ApuracaoQuerySet.as_manager()

    class Meta:
        verbose_name = "apuração"
        verbose_name_plural = "apurações"
        ordering = ["-competencia", "empresa"]
        constraints = [
            models.UniqueConstraint(fields=["empresa", "competencia"], name="apuracao_unica"),
            models.CheckConstraint(
                condition=~models.Q(situacao="conferida")
                | models.Q(total_aprovado__isnull=False, conferida_por__isnull=False),
                name="apuracao_conferida_com_valores",
            ),
            models.CheckConstraint(
                condition=~models.Q(situacao="transmitida") | ~models.Q(id_declaracao=""), name="apuracao_com_numero"
            ),
            models.CheckConstraint(
                condition=models.Q(fixo_icms__isnull=True) | models.Q(fixo_icms__gt=0), name="apuracao_fixo_icms"
            ),
            models.CheckConstraint(
                condition=models.Q(fixo_iss__isnull=True) | models.Q(fixo_iss__gt=0), name="apuracao_fixo_iss"
            ),
        ]
        indexes = [models.Index(fields=["competencia", "situacao"], name="apuracao_comp_situacao")]

    def __str__(self) -> str:
        return f"PGDAS-D {self.competencia:%m/%Y}"
