"""What calls cost: the contract that pays for an access, prices by date, the cap of a period, SERPRO's own report."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from comum.formatos import format_data, format_dinheiro
from operacoes.models.motor import Classe


class AcessoCobrado(models.Model):
    """Which contract (`conta`: the CNPJ of the contratante) pays for the calls of an access, and both in words.

    Several accesses of one contratante share its volume. Kept by the app that owns the access; an access that has no
    row is a conta of its own.
    """

    acesso = models.CharField("acesso", max_length=40, primary_key=True)
    conta = models.CharField("conta", max_length=40, db_index=True)
    nome = models.CharField("contratante", max_length=150, blank=True)
    rotulo = models.CharField("acesso em palavras", max_length=120)

    class Meta:
        verbose_name = "acesso cobrado"
        verbose_name_plural = "acessos cobrados"
        ordering = ["rotulo"]

    def __str__(self) -> str:
        return f"{self.rotulo} · {self.nome or self.conta}"


class TabelaPreco(models.Model):
    """The prices in force from a date on: where they come from and how certain they are, for who reads a cost."""

    vigente_desde = models.DateField("vigente desde", primary_key=True)
    fonte = models.CharField("fonte", max_length=200, help_text="O contrato ou o aditivo, com a data.")
    certeza = models.CharField(
        "quanto se sabe", max_length=300, blank=True, help_text="Aparece ao lado dos preços na página Custos."
    )
    criada_em = models.DateTimeField("criada em", db_default=Now(), editable=False)

    class Meta:
        verbose_name = "tabela de preços"
        verbose_name_plural = "tabelas de preços"
        ordering = ["-vigente_desde"]

    def __str__(self) -> str:
        return f"Preços desde {format_data(self.vigente_desde)}"


class FaixaPreco(models.Model):
    """Price per call of one class while the period's volume is at most `ate` (null: no upper limit), valid from a date.

    The tier reached prices the whole volume of the billing period (day 21 to day 20).
    Source: SERPRO contract annex as extracted on 06/12/2025; adjusted yearly, so it is data.
    """

    tabela = models.ForeignKey(
        TabelaPreco,
        on_delete=models.CASCADE,
        verbose_name="tabela",
        related_name="faixas",
        db_column="vigente_desde",
        db_index=False,
    )
    classe = models.CharField(
        "classe", max_length=12, choices=[escolha for escolha in Classe.choices if escolha[0] != Classe.GRATIS]
    )
    ate = models.PositiveIntegerField("até (chamadas)", null=True, blank=True, validators=[MinValueValidator(1)])
    preco = models.DecimalField(
        "preço (R$)", max_digits=8, decimal_places=4, validators=[MinValueValidator(Decimal("0.0001"))]
    )

    class Meta:
        verbose_name = "faixa de preço"
        verbose_name_plural = "faixas de preço"
        ordering = ["-tabela", "classe", "ate"]
        constraints = [
            models.UniqueConstraint(fields=["tabela", "classe", "ate"], name="faixa_preco_unica", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.get_classe_display()} até {self.ate or '…'}: R$ {self.preco}"


class Teto(models.Model):
    """What a conta may cost in one billing period, in reais, as an Administrador says.

    Reached, the optional calls stop; with `parar_tudo` all that are charged. `parado_ate`: the cap was found reached in
    the period that ends at this instant, so that the claim holds back what is queued.
    """

    conta = models.CharField("conta", max_length=40, primary_key=True)
    valor = models.DecimalField(
        "teto do período (R$)", max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    parar_tudo = models.BooleanField("parar tudo", default=False)
    parado_ate = models.DateTimeField("parado até", null=True, editable=False)
    alterado_por = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name="alterado por")
    alterado_em = models.DateTimeField("alterado em", auto_now=True)

    class Meta:
        verbose_name = "teto de custo"
        verbose_name_plural = "tetos de custo"

    def __str__(self) -> str:
        return f"{self.conta}: {format_dinheiro(self.valor)}"


class Consumo(models.Model):
    """One consumption report of SERPRO that was imported: of which conta and billing period, and what days it covers.

    The same file is imported once for a conta.
    """

    conta = models.CharField("conta", max_length=40)
    sha256 = models.CharField("SHA-256 do arquivo", max_length=64)
    nome_arquivo = models.CharField("arquivo", max_length=200)
    inicio = models.DateField("período desde")
    de = models.DateField("primeiro dia")
    ate = models.DateField("último dia")
    linhas = models.PositiveIntegerField("linhas")
    importado_por = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name="importado por")
    importado_em = models.DateTimeField("importado em", db_default=Now())

    class Meta:
        verbose_name = "relatório de consumo"
        verbose_name_plural = "relatórios de consumo"
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["conta", "sha256"], name="consumo_unico")]

    def __str__(self) -> str:
        return f"{self.nome_arquivo} ({format_data(self.de)} a {format_data(self.ate)})"

    def get_absolute_url(self) -> str:
        return reverse("custos:consumo", args=[self.pk])


class LinhaConsumo(models.Model):
    """One line of a report, as SERPRO wrote it, with the class of its route and whether the contract charges its
    answer (columns DATA, CNPJ/CPF, URL, RESPONSE_CODE, IP, OBSERVAÇÃO, TAG, QUANTIDADE)."""

    class Cobranca(models.TextChoices):
        SIM = "sim", "Cobrada"
        NAO = "nao", "Não cobrada"
        INCERTA = "incerta", "Cobrança incerta"

    consumo = models.ForeignKey(Consumo, on_delete=models.CASCADE, related_name="itens", db_index=False)
    numero = models.PositiveIntegerField("linha do arquivo")
    quando = models.DateTimeField("data")
    documento = models.CharField("CNPJ/CPF", max_length=20, blank=True)
    url = models.CharField("URL", max_length=200)
    status = models.PositiveSmallIntegerField("código da resposta")
    ip = models.CharField("IP", max_length=45, blank=True)
    observacao = models.CharField("observação", max_length=200, blank=True)
    tag = models.CharField("tag", max_length=64, blank=True)
    quantidade = models.PositiveIntegerField("quantidade")
    classe = models.CharField("classe", max_length=12, choices=Classe)
    cobranca = models.CharField("cobrança", max_length=7, choices=Cobranca)

    class Meta:
        verbose_name = "linha do relatório de consumo"
        verbose_name_plural = "linhas do relatório de consumo"
        ordering = ["numero"]
        indexes = [
            models.Index(
                fields=["consumo", "tag"], name="consumo_tag", condition=~Q(cobranca="nao"), include=["classe"]
            )
        ]
        constraints = [models.UniqueConstraint(fields=["consumo", "numero"], name="consumo_linha")]

    def __str__(self) -> str:
        return f"linha {self.numero}: {self.url}"
