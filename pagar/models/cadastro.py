"""How the office reaches its ERP, and how what is owed is written there: accounts, suppliers and mapping tables.

Codes (espécie, conta, fluxo...) are those of the ERP's own registers, text in which leading zeros count. What the
documents of TOTVS leave open is a setting of the account (docs/datasul.md).
"""

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from comum.documentos import mascarar
from empresas.models import Empresa, Municipio

PREFIXO = "erp:"
MAIOR_FORNECEDOR = 999_999_999


class Momento(models.TextChoices):
    """When a withheld tax is written: with the title, or with its payment. Never both."""

    IMPLANTACAO = "implantacao", "Na implantação do título"
    PAGAMENTO = "pagamento", "No pagamento"


class ContaErp(models.Model):
    """One company of one Datasul: where it answers, who enters, and what its base does in its own way.

    `senha` and `token` are sealed and write-only on screen; with a `token` the calls go as Bearer, else as Basic.
    `matriz` is the matriz de tradução of external codes. `caminhos` replaces paths of the API (fields of Caminhos),
    `tamanhos` sizes of fields, `numeros` the numbers of choices, `codigos` maps the ERP's message codes to what they
    mean (datasul.Motivo): without them a doubt is settled by a person. `formas` gives the código of each way to pay.
    `titulos_por_lote` bounds a batch: all of it is refused with one bad item.
    """

    class Contexto(models.TextChoices):
        API = "/api", "Externo (/api)"
        PORTAL = "/dts/datasul-rest/resources/prg", "Portal (/dts/datasul-rest/resources/prg)"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    codigo = models.PositiveIntegerField("código", unique=True)
    nome = models.CharField("nome", max_length=80, unique=True)
    base = models.CharField("endereço do servidor", max_length=200, help_text="Como https://erp.exemplo:8280")
    contexto = models.CharField("contexto", max_length=80, choices=Contexto, default=Contexto.API)
    usuario = models.CharField("usuário do ERP", max_length=60, blank=True)
    senha = models.BinaryField("senha (selada)", blank=True)
    token = models.BinaryField("token (selado)", blank=True)
    ativa = models.BooleanField("ativa", default=True)
    empresa = models.CharField("empresa no ERP", max_length=3)
    estabelecimento = models.CharField("estabelecimento padrão", max_length=5)
    matriz = models.CharField("matriz de tradução", max_length=8, blank=True)
    moeda = models.CharField("moeda", max_length=8, default="Real")
    portador = models.CharField("portador dos títulos", max_length=5)
    portador_do_bordero = models.CharField("portador do borderô", max_length=5, blank=True)
    especie_antecipacao = models.CharField("espécie de antecipação", max_length=3, blank=True, default="AN")
    formas = models.JSONField("formas de pagamento", default=dict, blank=True)
    reter_em = models.CharField("impostos retidos", max_length=12, choices=Momento, default=Momento.IMPLANTACAO)
    titulos_por_lote = models.PositiveSmallIntegerField(
        "títulos por lote", default=100, validators=[MinValueValidator(1), MaxValueValidator(3000)]
    )
    por_segundo = models.PositiveSmallIntegerField(
        "chamadas por segundo", default=5, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    caminhos = models.JSONField("caminhos próprios", default=dict, blank=True)
    tamanhos = models.JSONField("tamanhos próprios", default=dict, blank=True)
    numeros = models.JSONField("números das opções", default=dict, blank=True)
    codigos = models.JSONField("códigos de mensagem do ERP", default=dict, blank=True)
    omitir_vazios = models.BooleanField("deixar de fora o que está em branco", default=False)
    permitir_1099 = models.BooleanField("campos do formulário 1099 (EUA)", default=False)
    idioma = models.CharField("idioma das mensagens", max_length=10, default="pt-BR")
    por_pagina = models.PositiveSmallIntegerField(
        "impostos por página", default=100, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    paginas_maximas = models.PositiveSmallIntegerField(
        "páginas de impostos, no máximo", default=50, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    testada_em = models.DateTimeField("testada em", null=True, blank=True)
    teste_ok = models.BooleanField("respondeu no último teste", default=False)
    teste_resultado = models.CharField("resultado do último teste", max_length=600, blank=True)
    # By the database's clock: the engine compares it with its own instants (acesso_mudou).
    alterada_em = models.DateTimeField("alterada em", db_default=Now())

    class Meta:
        verbose_name = "conta do ERP"
        verbose_name_plural = "contas do ERP"
        ordering = ["codigo"]

    def __str__(self) -> str:
        return self.nome

    def get_absolute_url(self) -> str:
        return reverse("pagar:conta", args=[self.codigo])

    @property
    def acesso(self) -> str:
        """The engine's name for it."""
        return f"{PREFIXO}{self.codigo}"


class Fornecedor(models.Model):
    """Who is paid, by the code that the ERP has for them. `papel` finds the one of a guia or of a withheld tax."""

    class Papel(models.TextChoices):
        COMUM = "", "Fornecedor"
        RECEITA = "receita", "Receita Federal"
        PREFEITURA = "prefeitura", "Prefeitura"

    conta = models.ForeignKey(ContaErp, on_delete=models.PROTECT, related_name="fornecedores", verbose_name="conta")
    codigo = models.PositiveIntegerField(
        "código no ERP", validators=[MinValueValidator(1), MaxValueValidator(MAIOR_FORNECEDOR)]
    )
    nome = models.CharField("nome", max_length=150)
    documento = models.CharField("CNPJ ou CPF", max_length=14, blank=True)
    papel = models.CharField("papel", max_length=10, choices=Papel, blank=True, default="")
    municipio = models.ForeignKey(
        Municipio, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="município"
    )
    ativo = models.BooleanField("ativo", default=True)

    class Meta:
        verbose_name = "fornecedor"
        verbose_name_plural = "fornecedores"
        ordering = ["nome"]
        constraints = [
            models.UniqueConstraint(fields=["conta", "codigo"], name="fornecedor_codigo_unico"),
            models.UniqueConstraint(
                fields=["conta", "documento"],
                condition=Q(ativo=True) & ~Q(documento=""),
                name="fornecedor_documento_unico",
            ),
            models.UniqueConstraint(
                fields=["conta"], condition=Q(papel="receita", ativo=True), name="fornecedor_receita_unica"
            ),
            models.UniqueConstraint(
                fields=["conta", "municipio"],
                condition=Q(papel="prefeitura", ativo=True),
                name="fornecedor_prefeitura_unica",
            ),
            models.CheckConstraint(
                condition=Q(codigo__gte=1, codigo__lte=MAIOR_FORNECEDOR), name="fornecedor_codigo_valido"
            ),
            models.CheckConstraint(
                condition=Q(papel="prefeitura", municipio__isnull=False)
                | (~Q(papel="prefeitura") & Q(municipio__isnull=True)),
                name="fornecedor_prefeitura_tem_municipio",
                violation_error_message="Informe o município de uma prefeitura, e só dela.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.codigo} {self.nome}"

    @property
    def documento_mascarado(self) -> str:
        return mascarar(self.documento) if self.documento else ""


class EstabelecimentoErp(models.Model):
    """Where the titles of an empresa go, when not to the standing establishment of the only account."""

    empresa = models.OneToOneField(
        Empresa, on_delete=models.PROTECT, related_name="estabelecimento_erp", verbose_name="empresa"
    )
    conta = models.ForeignKey(ContaErp, on_delete=models.PROTECT, related_name="estabelecimentos", verbose_name="conta")
    empresa_erp = models.CharField("empresa no ERP", max_length=3)
    estabelecimento = models.CharField("estabelecimento", max_length=5)

    class Meta:
        verbose_name = "estabelecimento de empresa"
        verbose_name_plural = "estabelecimentos das empresas"
        ordering = ["empresa"]
        indexes = [models.Index(fields=["conta", "empresa_erp", "estabelecimento"], name="estabelecimento_erp")]

    def __str__(self) -> str:
        return f"{self.empresa}: {self.empresa_erp}/{self.estabelecimento}"


class Contabilizacao(models.Model):
    """The codes of one line of accounting. `plano_contas` and `centro_custo`: as the ERP has them."""

    plano_contas = models.CharField("plano de contas", max_length=8, blank=True)
    conta_contabil = models.CharField("conta contábil", max_length=20)
    unidade_negocio = models.CharField("unidade de negócio", max_length=3)
    plano_centro_custo = models.CharField("plano de centro de custo", max_length=8, blank=True)
    centro_custo = models.CharField("centro de custo", max_length=11, blank=True)
    fluxo = models.CharField("tipo de fluxo financeiro", max_length=12)

    class Meta:
        abstract = True

    def clean(self) -> None:
        if bool(self.plano_centro_custo) != bool(self.centro_custo):
            raise ValidationError({"centro_custo": "O centro de custo e o seu plano vão juntos: informe os dois."})


class Origem(models.TextChoices):
    """What a title pays."""

    DAS = "das", "DAS"
    DAS_MEI = "das_mei", "DAS-MEI"
    DAS_PARCELA = "das_parc", "DAS de parcela"
    DARF = "darf", "DARF"
    DARF_DCTFWEB = "darf_dctf", "DARF da DCTFWeb"
    NOTA = "nota", "Nota de serviço tomado"


class RegraTitulo(Contabilizacao):
    """How a kind of document is written as a title. `codigo` narrows it: the código de receita of a DARF, the CNPJ or
    CPF of the prestador of a note; blank is for all the others. `fornecedor` blank: the Receita Federal for a guia, the
    prestador for a note. `prazo_dias`: days from the issue of a note to its due date, of the first parcela; the
    following ones come `intervalo_dias` apart."""

    conta = models.ForeignKey(ContaErp, on_delete=models.PROTECT, related_name="regras", verbose_name="conta")
    origem = models.CharField("documento", max_length=10, choices=Origem)
    codigo = models.CharField(
        "código", max_length=14, blank=True, help_text="Código de receita do DARF, ou CNPJ do prestador; vazio: todos."
    )
    especie = models.CharField("espécie", max_length=3)
    serie = models.CharField("série", max_length=3, blank=True)
    fornecedor = models.ForeignKey(
        Fornecedor, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="fornecedor"
    )
    portador = models.CharField("portador", max_length=5, blank=True, help_text="Vazio: o da conta.")
    forma_pagamento = models.CharField("forma de pagamento", max_length=3, blank=True)
    parcelas = models.PositiveSmallIntegerField(
        "parcelas", default=1, validators=[MinValueValidator(1), MaxValueValidator(99)]
    )
    prazo_dias = models.PositiveSmallIntegerField("prazo (dias)", default=30, validators=[MaxValueValidator(720)])
    intervalo_dias = models.PositiveSmallIntegerField(
        "intervalo entre parcelas (dias)", default=30, validators=[MaxValueValidator(720)]
    )

    class Meta:
        verbose_name = "regra de título"
        verbose_name_plural = "regras de títulos"
        ordering = ["conta", "origem", "codigo"]
        constraints = [
            models.UniqueConstraint(
                fields=["conta", "origem", "codigo"],
                name="regra_titulo_unica",
                violation_error_message="Já há uma regra desta conta para este documento e código.",
            ),
            models.CheckConstraint(condition=Q(parcelas__gte=1, parcelas__lte=99), name="regra_titulo_parcelas"),
        ]

    def __str__(self) -> str:
        return f"{self.get_origem_display()} {self.codigo}".strip()


class Retencao(models.TextChoices):
    """A tax withheld from who renders a service."""

    IRRF = "irrf", "IRRF"
    CSRF = "csrf", "PIS/COFINS/CSLL"
    INSS = "inss", "INSS"
    ISS = "iss", "ISS"


class RegraImposto(models.Model):
    """How a withheld tax is written. `municipio` narrows the ISS. `aliquota` (percent) is sent at payment, where it is
    required, when the note does not tell its own. `fornecedor` blank: the Receita Federal, or the prefeitura of the
    ISS. `especie` opens a tax title. `vence_dia`: of the month after the note's, moved to the bank day before
    (`adiantar`) or after when that day has no bank."""

    conta = models.ForeignKey(ContaErp, on_delete=models.PROTECT, related_name="impostos", verbose_name="conta")
    retencao = models.CharField("retenção", max_length=5, choices=Retencao)
    municipio = models.ForeignKey(
        Municipio, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="município"
    )
    imposto = models.CharField("imposto no ERP", max_length=5)
    classificacao = models.CharField("classificação", max_length=5, help_text="Em geral o código de receita.")
    aliquota = models.DecimalField("alíquota (%)", max_digits=4, decimal_places=2, null=True, blank=True)
    momento = models.CharField(
        "quando reter", max_length=12, choices=Momento, blank=True, default="", help_text="Vazio: como a conta."
    )
    fornecedor = models.ForeignKey(
        Fornecedor, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="favorecido"
    )
    especie = models.CharField("espécie do título do imposto", max_length=3, blank=True)
    serie = models.CharField("série do título do imposto", max_length=3, blank=True)
    plano_contas = models.CharField("plano de contas", max_length=8, blank=True)
    conta_contabil = models.CharField("conta contábil", max_length=20, blank=True)
    vence_dia = models.PositiveSmallIntegerField(
        "vence no dia", default=20, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    adiantar = models.BooleanField("sem expediente bancário, vence antes", default=True)

    class Meta:
        verbose_name = "regra de imposto retido"
        verbose_name_plural = "regras de impostos retidos"
        ordering = ["conta", "retencao", "municipio"]
        constraints = [
            models.UniqueConstraint(
                fields=["conta", "retencao", "municipio"],
                name="regra_imposto_unica",
                nulls_distinct=False,
                violation_error_message="Já há uma regra desta conta para esta retenção e município.",
            ),
            models.CheckConstraint(
                condition=Q(municipio__isnull=True) | Q(retencao="iss"),
                name="regra_imposto_municipio_do_iss",
                violation_error_message="Só o ISS tem município.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_retencao_display()} {self.classificacao}"
