"""What the Receita tells an empresa and what is told to it once a year: messages, DEFIS, regime, Redesim."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from arquivo.models import Documento
from comum.models import Usuario
from credentials.models import Credencial
from empresas.models import Empresa
from operacoes.models import Operacao


class DaEmpresaQuerySet[M: models.Model](models.QuerySet[M]):
    """Rows of an empresa: they exist for who sees it."""

    def visiveis(self, usuario: Usuario) -> "DaEmpresaQuerySet[M]":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))


class MensagemEcac(models.Model):
    """A message of the caixa postal (e-CAC). Read once, it is kept for ever.

    `corpo` is plain text, empty while nobody asked for it; asking notifies the empresa of it (`aberta_em`, by
    `operacao`; `ciencia_em` as the Receita tells it). `lida_na_receita_em`: first reading by anyone, there. `lida_em`
    and `lida_por`: the office's own mark.
    """

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="mensagens", verbose_name="empresa")
    isn = models.CharField("número na caixa postal", max_length=20)
    assunto = models.CharField("assunto", max_length=400)
    remetente = models.CharField("remetente", max_length=120, blank=True, default="")
    controle = models.CharField("número de controle", max_length=30, blank=True, default="")
    relevante = models.BooleanField("relevante", default=False)
    enviada_em = models.DateTimeField("enviada em")
    validade = models.DateField("disponível até", null=True, blank=True)
    lida_na_receita_em = models.DateTimeField("lida na Receita em", null=True, blank=True)
    ciencia_em = models.DateField("ciência em", null=True, blank=True)
    corpo = models.TextField("texto", blank=True, default="")
    aberta_em = models.DateTimeField("aberta em", null=True, blank=True)
    operacao = models.ForeignKey(
        Operacao, on_delete=models.PROTECT, null=True, blank=True, verbose_name="operação", related_name="+"
    )
    lida_em = models.DateTimeField("lida no escritório em", null=True, blank=True)
    lida_por = models.ForeignKey(
        Usuario, on_delete=models.PROTECT, null=True, blank=True, verbose_name="lida por", related_name="+"
    )

    objects = DaEmpresaQuerySet["MensagemEcac"].as_manager()

    class Meta:
        verbose_name = "mensagem da caixa postal"
        verbose_name_plural = "mensagens da caixa postal"
        ordering = ["-enviada_em"]
        constraints = [models.UniqueConstraint(fields=["empresa", "isn"], name="mensagem_da_empresa")]
        indexes = [
            models.Index(
                fields=["-relevante", "-enviada_em", "-id"],
                name="mensagem_por_ler",
                condition=models.Q(lida_em__isnull=True),
            ),
            models.Index(fields=["-enviada_em", "-id"], name="mensagem_recentes"),
        ]

    def __str__(self) -> str:
        return self.assunto


class RascunhoDefis(models.Model):
    """A DEFIS being filled in. `dados` is what was typed, as it was typed, right or wrong."""

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="+", verbose_name="empresa")
    ano = models.PositiveSmallIntegerField("ano-calendário")
    dados = models.JSONField("o que foi digitado", default=dict)
    alterado_por = models.ForeignKey(Usuario, on_delete=models.PROTECT, related_name="+", verbose_name="alterado por")
    alterado_em = models.DateTimeField("alterado em", auto_now=True)

    objects = DaEmpresaQuerySet["RascunhoDefis"].as_manager()

    class Meta:
        verbose_name = "rascunho de DEFIS"
        verbose_name_plural = "rascunhos de DEFIS"
        constraints = [models.UniqueConstraint(fields=["empresa", "ano"], name="rascunho_defis_do_ano")]

    def __str__(self) -> str:
        return f"DEFIS {self.ano} de {self.empresa_id}"


class DeclaracaoDefis(models.Model):
    """A DEFIS that the Receita has. `tipo`: 1 original, 2 retificadora, 3 and 4 the same in a special situation."""

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="defis", verbose_name="empresa")
    ano = models.PositiveSmallIntegerField("ano-calendário")
    numero = models.CharField("número", max_length=15, unique=True)
    tipo = models.PositiveSmallIntegerField("tipo", default=1)
    transmitida_em = models.DateTimeField("transmitida em", null=True)
    declaracao = models.ForeignKey(
        Documento, on_delete=models.PROTECT, null=True, blank=True, verbose_name="declaração", related_name="+"
    )
    recibo = models.ForeignKey(
        Documento, on_delete=models.PROTECT, null=True, blank=True, verbose_name="recibo", related_name="+"
    )
    registrada_em = models.DateTimeField("registrada em", db_default=Now())

    objects = DaEmpresaQuerySet["DeclaracaoDefis"].as_manager()

    class Meta:
        verbose_name = "DEFIS"
        verbose_name_plural = "DEFIS"
        ordering = ["-ano", "-numero"]
        indexes = [models.Index(fields=["ano", "empresa", "-numero"], name="defis_do_ano")]

    def __str__(self) -> str:
        return f"DEFIS {self.ano} {self.numero}"


class OpcaoRegime(models.Model):
    """How a company of the Simples (matriz) recognises the revenue of a calendar year; without a row, by accrual.

    The option is made once and holds for the whole year (Resolução CGSN 140/2018, art. 16, § 1). `na_receita`: made at
    the Receita or told by it; otherwise it is what the office says, until the Receita says its own.
    """

    class Regime(models.TextChoices):
        COMPETENCIA = "COMPETENCIA", "Competência"
        CAIXA = "CAIXA", "Caixa"

    empresa = models.ForeignKey(
        Empresa, on_delete=models.PROTECT, related_name="opcoes_de_regime", verbose_name="empresa"
    )
    ano = models.PositiveSmallIntegerField(
        "ano-calendário", validators=[MinValueValidator(2018), MaxValueValidator(2100)]
    )
    regime = models.CharField("regime", max_length=11, choices=Regime)
    na_receita = models.BooleanField("consta na Receita", default=True, db_default=True)
    feita_em = models.DateTimeField("feita em", null=True)
    demonstrativo = models.ForeignKey(
        Documento, on_delete=models.PROTECT, null=True, blank=True, verbose_name="demonstrativo", related_name="+"
    )
    registrada_em = models.DateTimeField("registrada em", db_default=Now())

    objects = DaEmpresaQuerySet["OpcaoRegime"].as_manager()

    class Meta:
        verbose_name = "opção pelo regime de apuração"
        verbose_name_plural = "opções pelo regime de apuração"
        ordering = ["-ano"]
        constraints = [models.UniqueConstraint(fields=["empresa", "ano"], name="opcao_de_regime_do_ano")]

    def __str__(self) -> str:
        return f"{self.get_regime_display()} em {self.ano}"


class ConsultaRedesim(models.Model):
    """Whose contador a contratante is, as the Redesim last said. `vinculos`: [{"cnpj", "tipo", "situacao", "uf",
    "municipio"}]."""

    credencial = models.ForeignKey(Credencial, on_delete=models.PROTECT, related_name="+", verbose_name="credencial")
    vinculos = models.JSONField("vínculos", default=list)
    operacao = models.OneToOneField(Operacao, on_delete=models.PROTECT, related_name="+", verbose_name="operação")
    consultada_em = models.DateTimeField("consultada em")

    class Meta:
        verbose_name = "consulta de vínculos na Redesim"
        verbose_name_plural = "consultas de vínculos na Redesim"
        ordering = ["-consultada_em"]

    def __str__(self) -> str:
        return f"Redesim, {self.credencial_id}"


class ConsultaDeRenuncias(models.Model):
    """The renúncias of a contratante that took effect, as the Redesim last told them, of empresas known here or not.
    `renuncias`: [{"numero", "cnpj", "feita_em"}], the instant ISO."""

    credencial = models.ForeignKey(Credencial, on_delete=models.PROTECT, related_name="+", verbose_name="credencial")
    renuncias = models.JSONField("renúncias", default=list)
    operacao = models.OneToOneField(Operacao, on_delete=models.PROTECT, related_name="+", verbose_name="operação")
    consultada_em = models.DateTimeField("consultada em")

    class Meta:
        verbose_name = "consulta de renúncias na Redesim"
        verbose_name_plural = "consultas de renúncias na Redesim"
        ordering = ["-consultada_em"]

    def __str__(self) -> str:
        return f"Renúncias, {self.credencial_id}"


class Renuncia(models.Model):
    """A vínculo of contador that was given up; it cannot be taken back."""

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="renuncias", verbose_name="empresa")
    credencial = models.ForeignKey(Credencial, on_delete=models.PROTECT, related_name="+", verbose_name="credencial")
    numero = models.BigIntegerField("número", unique=True)
    feita_em = models.DateTimeField("feita em")
    comprovante = models.ForeignKey(
        Documento, on_delete=models.PROTECT, null=True, blank=True, verbose_name="comprovante", related_name="+"
    )

    objects = DaEmpresaQuerySet["Renuncia"].as_manager()

    class Meta:
        verbose_name = "renúncia na Redesim"
        verbose_name_plural = "renúncias na Redesim"
        ordering = ["-feita_em"]

    def __str__(self) -> str:
        return f"Renúncia {self.numero}"
