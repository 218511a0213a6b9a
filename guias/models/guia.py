"""The payment slips, and how they reach whoever pays them."""

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models.functions import Now

from arquivo.models import Documento
from comum.documentos import Invalido, linha_digitavel
from comum.models import Usuario
from empresas.models import Empresa
from guias.models.apuracao import Apuracao
from operacoes.models import Operacao

DIVIDA_DA_MAED = "maed:"


class SituacaoGuia(models.TextChoices):
    """What a guia is by now; read from its dates (GuiaQuerySet.com_situacao), not stored."""

    EMITIDA = "emitida", "Emitida"
    VENCIDA = "vencida", "Vencida"
    SUBSTITUIDA = "substituida", "Substituída"
    PAGA = "paga", "Paga"


class GuiaQuerySet(models.QuerySet["Guia"]):
    def visiveis(self, usuario: Usuario) -> "GuiaQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))

    def vigentes(self) -> "GuiaQuerySet":
        """One of each dívida, the last drawn: the copies before it ask for the same money."""
        return self.exclude(_depois())

    def que_contam(self) -> "GuiaQuerySet":
        """Of each dívida the copy that was paid, otherwise the last drawn."""
        return self.exclude(models.Q(paga_em__isnull=True) & models.Q(_outra_no_lugar()))

    def substituidas(self) -> "GuiaQuerySet":
        """The others: another copy of the same dívida stands in their place."""
        return self.filter(models.Q(paga_em__isnull=True) & models.Q(_outra_no_lugar()))

    def de_divida_paga(self) -> "GuiaQuerySet":
        """Those of which this copy, or another for the same money, was paid."""
        return self.filter(models.Q(paga_em__isnull=False) | models.Q(_outra_paga()))

    def por_pagar(self) -> "GuiaQuerySet":
        """The last copy of each dívida of which none was paid: what may still be asked of whoever pays."""
        return self.vigentes().filter(paga_em__isnull=True).exclude(_outra_paga())

    def com_situacao(self, hoje: date) -> "GuiaQuerySet":
        """Each with `situacao`, a SituacaoGuia; the first that holds of paga, substituída, vencida, emitida."""
        return self.annotate(
            situacao=models.Case(
                models.When(paga_em__isnull=False, then=models.Value(SituacaoGuia.PAGA)),
                models.When(_outra_no_lugar(), then=models.Value(SituacaoGuia.SUBSTITUIDA)),
                models.When(limite__lt=hoje, then=models.Value(SituacaoGuia.VENCIDA)),
                default=models.Value(SituacaoGuia.EMITIDA),
                output_field=models.CharField(),
            )
        )


def _depois() -> models.Exists:
    """Whether another guia of the same dívida was drawn later."""
    return models.Exists(Guia.objects.filter(divida=models.OuterRef("divida"), pk__gt=models.OuterRef("pk")))


def _paga() -> models.Q:
    return models.Q(revisao=models.OuterRef("revisao"), paga_em__isnull=False) & ~models.Q(pk=models.OuterRef("pk"))


def _outra_paga() -> models.Exists:
    """Whether another copy for the same money was paid: this one is not to be."""
    return models.Exists(Guia.objects.filter(_paga(), divida=models.OuterRef("divida")))


def _outra_no_lugar() -> models.Exists:
    """_depois() or _outra_paga(), in one look at the copies."""
    depois = models.Q(pk__gt=models.OuterRef("pk"))
    return models.Exists(Guia.objects.filter(depois | _paga(), divida=models.OuterRef("divida")))


class Guia(models.Model):
    """A payment slip as the service drew it. Amounts in reais.

    `divida` names what it pays, as "pgdasd:<pk of the Apuracao>": a second copy for the same debt is another row
    (`via`), and only the last is to be paid. `revisao` is the Apuracao's when it was drawn: a DAS of an earlier
    revision does not pay a rectified declaration. `competencia` is the month of the obligation; `periodo` says the
    period in the service's words when it is not a month ("4º trim/2026", "Diversos"). `receita` is the revenue code of
    a DARF ("0190-01"), `referencia` what else tells it apart (process, instalment).
    `codigo_barras` (44 digits) comes with the answer or is read from the PDF when it is first asked for
    (guias.services.barras). `examinada_em` and `problema`: when the PDF was opened and compared with the answer, and
    what does not agree, in pt-BR; empty when all does.
    `paga_em` is the day of the (last) payment as the Receita tells it, `valor_pago` what was paid; with the value alone
    the guia was paid in part. `fonte` says who told: CONSDECLARACAO13 knows that a DAS was paid, neither when nor how
    much, so that the day is the one on which it said so and the value the guia's.
    """

    class Tipo(models.TextChoices):
        DAS = "das", "DAS"
        DAS_MEI = "das_mei", "DAS-MEI"
        DAS_COBRANCA = "das_cobra", "DAS de cobrança"
        DAS_PROCESSO = "das_proc", "DAS de processo"
        DAS_AVULSO = "das_avulso", "DAS avulso"
        DAS_PARCELA = "das_parc", "DAS de parcela"
        DARF = "darf", "DARF"
        DARF_DCTFWEB = "darf_dctf", "DARF DCTFWeb"

    class Fonte(models.TextChoices):
        NENHUMA = "", ""
        PAGTOWEB = "pagtoweb", "Pagamentos da Receita"
        PGDASD = "pgdasd", "PGDAS-D"
        PARCELAS = "parcelas", "Parcelamento na Receita"

    tipo = models.CharField("tipo", max_length=10, choices=Tipo)
    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="guias", verbose_name="empresa")
    apuracao = models.ForeignKey(Apuracao, on_delete=models.PROTECT, null=True, related_name="guias")
    divida = models.CharField("dívida", max_length=120)
    competencia = models.DateField("competência")
    periodo = models.CharField("período", max_length=20, blank=True, default="", db_default="")
    receita = models.CharField("código de receita", max_length=7, blank=True, default="", db_default="")
    referencia = models.CharField("referência", max_length=40, blank=True, default="", db_default="")
    revisao = models.PositiveSmallIntegerField("revisão", default=1)
    via = models.PositiveSmallIntegerField("via", default=1)
    numero = models.CharField("número do documento", max_length=20, unique=True)
    vencimento = models.DateField("vencimento")
    limite = models.DateField("pagar até")
    principal = models.DecimalField("principal", max_digits=14, decimal_places=2)
    multa = models.DecimalField("multa", max_digits=14, decimal_places=2)
    juros = models.DecimalField("juros", max_digits=14, decimal_places=2)
    total = models.DecimalField("total", max_digits=14, decimal_places=2)
    codigo_barras = models.CharField("código de barras", max_length=44, blank=True, default="", db_default="")
    composicao = models.JSONField("composição", default=list)
    documento = models.ForeignKey(Documento, on_delete=models.PROTECT, null=True, verbose_name="PDF", related_name="+")
    extrato = models.ForeignKey(
        Documento, on_delete=models.PROTECT, null=True, verbose_name="extrato", related_name="+"
    )
    operacao = models.OneToOneField(Operacao, on_delete=models.PROTECT, verbose_name="operação", related_name="guia")
    emitida_em = models.DateTimeField("emitida em", auto_now_add=True)
    examinada_em = models.DateTimeField("PDF conferido em", null=True, blank=True)
    problema = models.TextField("o que não confere", blank=True, default="", db_default="")
    paga_em = models.DateField("paga em", null=True, blank=True)
    valor_pago = models.DecimalField("valor pago", max_digits=14, decimal_places=2, null=True, blank=True)
    fonte = models.CharField("quem informou", max_length=8, choices=Fonte, blank=True, default="", db_default="")
    comprovante = models.ForeignKey(
        Documento, on_delete=models.PROTECT, null=True, blank=True, verbose_name="comprovante", related_name="+"
    )

    objects = GuiaQuerySet.as_manager()

    class Meta:
        verbose_name = "guia"
        ordering = ["-emitida_em", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["divida", "revisao", "via"], name="guia_via_da_divida"),
            models.CheckConstraint(condition=~models.Q(divida=""), name="guia_com_divida"),
            models.CheckConstraint(
                condition=models.Q(paga_em__isnull=True) | models.Q(valor_pago__isnull=False),
                name="guia_paga_com_valor",
            ),
        ]
        indexes = [
            models.Index(fields=["competencia", "tipo", "empresa"], name="guia_comp_tipo"),
            models.Index(fields=["codigo_barras"], name="guia_barras", condition=~models.Q(codigo_barras="")),
            models.Index(fields=["limite"], name="guia_por_pagar", condition=models.Q(paga_em__isnull=True)),
            models.Index(
                fields=["id"],
                name="guia_por_examinar",
                condition=models.Q(examinada_em__isnull=True, documento__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nome} {self.numero}"

    @property
    def nome(self) -> str:
        """What it is to whoever reads it: the DARF of a fine (MAED) is told apart from that of a tribute."""
        return "DARF da MAED" if self.divida.startswith(DIVIDA_DA_MAED) else self.get_tipo_display()

    @property
    def acrescimos(self) -> Decimal:
        return self.multa + self.juros

    @property
    def so_a_soma(self) -> bool:
        """Asked for a day after its due date and known by its linha digitável alone, which says the fine and the
        interest only in the sum."""
        return self.limite > self.vencimento and not self.acrescimos and not self.composicao

    @property
    def do_periodo(self) -> str:
        return self.periodo or f"{self.competencia:%m/%Y}"

    @property
    def paga_em_parte(self) -> bool:
        return self.paga_em is None and self.valor_pago is not None

    @property
    def diferenca_paga(self) -> Decimal:
        """What was paid beyond (or, negative, short of) the total, in reais."""
        return Decimal(0) if self.valor_pago is None else self.valor_pago - self.total

    @property
    def falta_pagar(self) -> Decimal:
        return max(Decimal(0), -self.diferenca_paga)

    @property
    def linha(self) -> str:
        """The 48 digits of the linha digitável; empty while the bar code is not known."""
        lida = linha_digitavel(self.codigo_barras)
        return "" if isinstance(lida, Invalido) else lida.linha


class Entrega(models.Model):
    """A guia sent to a person by e-mail. `lida_em`: when its personal link was first opened; `lembrada_em`: when the
    reminder left. A row is written before anything is sent; the last sending is `operacao`, the reminder `lembrete`."""

    guia = models.ForeignKey(Guia, on_delete=models.PROTECT, related_name="entregas", verbose_name="guia")
    para = models.EmailField("para")
    criada_em = models.DateTimeField("pedida em", db_default=Now())
    operacao = models.ForeignKey(
        Operacao, on_delete=models.PROTECT, null=True, verbose_name="operação", related_name="entregas"
    )
    lembrete = models.OneToOneField(
        Operacao, on_delete=models.PROTECT, null=True, verbose_name="lembrete", related_name="lembrete_de"
    )
    enviada_em = models.DateTimeField("enviada em", null=True, blank=True)
    lida_em = models.DateTimeField("lida em", null=True, blank=True)
    lembrada_em = models.DateTimeField("lembrada em", null=True, blank=True)

    class Meta:
        verbose_name = "entrega"
        ordering = ["-criada_em"]
        constraints = [models.UniqueConstraint(fields=["guia", "para"], name="entrega_unica")]
        indexes = [
            models.Index(
                fields=["guia"],
                name="entrega_por_ler",
                condition=models.Q(enviada_em__isnull=False, lida_em__isnull=True, lembrete__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.guia} para {self.para}"
