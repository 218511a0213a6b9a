"""Through which service an empresa issues its notes, and from when on."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from comum.documentos import mascarar
from comum.models import Usuario
from credentials.models import CertificadoA1
from empresas.models import Empresa, Municipio, Regime
from nfse.models.exigencias import Exigibilidade, Natureza, RegimeApuracao, RegimeTributacao

PREFIXO = "canal:"


class TipoCanal(models.TextChoices):
    SISGENFE = "sisgenfe", "SISGENF-e"
    INTEGRANOTAS = "integranotas", "Integra Notas"
    NACIONAL = "nacional", "NFS-e Nacional"

    def com(self, preposicao: str) -> str:
        """Its name with its article, in a preposition ("d", "n", "pel") or alone ("")."""
        return f"{preposicao}{'a' if self is TipoCanal.NACIONAL else 'o'} {self.label}"

    @property
    def rps(self) -> str:
        """What the number that we give is called there."""
        return "DPS" if self is TipoCanal.NACIONAL else "RPS"


class ContaSofthouse(models.Model):
    """The office's own account at Integra Notas: its token opens `/soft` and is the key of the webhook's signature."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    nome = models.CharField("nome", max_length=80, unique=True)
    token = models.BinaryField("token (selado)", blank=True)
    # Part of the webhook's address: nobody who does not know it reaches the check of the signature.
    endereco = models.UUIDField("endereço do webhook", db_default=RandomUUID(), unique=True, editable=False)
    ativa = models.BooleanField("ativa", default=True)
    alterada_em = models.DateTimeField("alterada em", db_default=Now())

    class Meta:
        verbose_name = "conta de software house"
        verbose_name_plural = "contas de software house"
        ordering = ["nome"]

    def __str__(self) -> str:
        return self.nome

    @property
    def acesso(self) -> str:
        """The engine's name for it."""
        return f"softhouse:{self.pk.hex[:20]}"


class CanalQuerySet(models.QuerySet["CanalNfse"]):
    def visiveis(self, usuario: Usuario) -> "CanalQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))


class CanalNfse(models.Model):
    """One empresa at one service: how it logs in there, and how its notes are numbered.

    Secrets are sealed and write-only on screen. SISGENF-e opens with `usuario`, `senha` and `chave_aplicacao`;
    Integra Notas with `token`, and numbers by our `serie` and `proximo_numero` (RPS). `ultimo_numero` is the highest
    number of the town's that was seen: what is issued from now on has a higher one. `versao_emissao` is the version
    of Integra Notas by which notes are made: 1 for towns with a layout of their own, 2 for those on the national one.
    A canal of the national system is on the national layout (2) always, and opens with `certificado`.
    What its town asks of every note of the prestador is in `regime_tributacao` to `carga_municipal` (percent of the
    price, Lei 12.741/2012); `natureza` and `exigibilidade` stand in for a note that says none.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    codigo = models.PositiveIntegerField("código", unique=True)
    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="canais", verbose_name="empresa")
    tipo = models.CharField("serviço", max_length=12, choices=TipoCanal)
    ativo = models.BooleanField("ativo", default=True)
    usuario = models.CharField("usuário", max_length=80, blank=True)
    senha = models.BinaryField("senha (selada)", blank=True)
    chave_aplicacao = models.BinaryField("chave de aplicação (selada)", blank=True)
    token = models.BinaryField("token (selado)", blank=True)
    conta = models.ForeignKey(
        ContaSofthouse, on_delete=models.PROTECT, null=True, blank=True, related_name="canais", verbose_name="conta"
    )
    certificado = models.ForeignKey(
        CertificadoA1, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="certificado A1"
    )
    certificado_enviado_em = models.DateTimeField("certificado enviado em", null=True, blank=True)
    serie = models.CharField("série", max_length=5, blank=True)
    proximo_numero = models.PositiveIntegerField("próximo número", default=1)
    ultimo_numero = models.PositiveBigIntegerField("maior número de nota visto", default=0)
    versao_emissao = models.PositiveSmallIntegerField("versão da emissão", default=1)
    regime_tributacao = models.CharField(
        "regime especial de tributação", max_length=15, choices=RegimeTributacao, blank=True, default="", db_default=""
    )
    regime_apuracao = models.CharField(
        "regime de apuração no Simples", max_length=15, choices=RegimeApuracao, blank=True, default="", db_default=""
    )
    incentivo_fiscal = models.BooleanField("incentivo fiscal", null=True, blank=True)
    natureza = models.CharField(
        "natureza da operação", max_length=15, choices=Natureza, blank=True, default="", db_default=""
    )
    exigibilidade = models.CharField(
        "exigibilidade do ISS", max_length=15, choices=Exigibilidade, blank=True, default="", db_default=""
    )
    carga_municipal = models.DecimalField(
        "carga tributária municipal (%)", max_digits=5, decimal_places=2, null=True, blank=True
    )
    # Of the national system: whether the IM goes in the DPS, and the approximate taxes of Lei 12.741/2012 (percent).
    informa_im = models.BooleanField("informa a inscrição municipal", default=False, db_default=False)
    total_simples = models.DecimalField(
        "alíquota do Simples nos tributos aproximados (%)", max_digits=5, decimal_places=2, null=True, blank=True
    )
    carga_federal = models.DecimalField(
        "carga tributária federal (%)", max_digits=5, decimal_places=2, null=True, blank=True
    )
    carga_estadual = models.DecimalField(
        "carga tributária estadual (%)", max_digits=5, decimal_places=2, null=True, blank=True
    )
    opcoes = models.JSONField("opções do município", default=dict, blank=True)
    referencias_em = models.DateTimeField("cadastros do serviço lidos em", null=True, blank=True)
    testado_em = models.DateTimeField("testado em", null=True, blank=True)
    testado_por = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name="testado por",
        related_name="+",
    )
    teste_ok = models.BooleanField("conectou no último teste", default=False)
    teste_resultado = models.CharField("resultado do último teste", max_length=600, blank=True)
    criado_em = models.DateTimeField("criado em", auto_now_add=True)
    # By the database's clock: the engine compares it with its own instants (acesso_mudou).
    alterado_em = models.DateTimeField("alterado em", db_default=Now())

    objects = CanalQuerySet.as_manager()

    class Meta:
        verbose_name = "canal de NFS-e"
        verbose_name_plural = "canais de NFS-e"
        ordering = ["codigo"]
        constraints = [
            models.UniqueConstraint(fields=["empresa", "tipo"], name="canal_unico_na_empresa"),
            models.CheckConstraint(condition=Q(tipo__in=TipoCanal.values), name="canal_conhecido"),
            models.CheckConstraint(condition=Q(versao_emissao__in=[1, 2]), name="canal_versao_conhecida"),
            models.CheckConstraint(condition=Q(proximo_numero__gte=1), name="canal_numero_positivo"),
            models.CheckConstraint(
                condition=~Q(tipo=TipoCanal.NACIONAL) | Q(versao_emissao=2), name="canal_nacional_versao"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_tipo_display()} · {self.empresa}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.tipo == TipoCanal.NACIONAL:
            self.versao_emissao = 2
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("nfse:canal", args=[self.codigo])

    @property
    def acesso(self) -> str:
        """The engine's name for it."""
        return f"{PREFIXO}{self.codigo}"

    @property
    def prestador_mascarado(self) -> str:
        return mascarar(self.empresa.documento)

    @property
    def pelo(self) -> str:
        return TipoCanal(self.tipo).com("pel")

    @property
    def rps(self) -> str:
        return TipoCanal(self.tipo).rps

    @property
    def numera(self) -> bool:
        """Whether we give the number (RPS), rather than the town hall."""
        return self.tipo != TipoCanal.SISGENFE


class NumeroLivre(models.Model):
    """A number given to a note that was abandoned before it was authorised: the next note takes it."""

    canal = models.ForeignKey(CanalNfse, on_delete=models.CASCADE, related_name="numeros_livres", verbose_name="canal")
    serie = models.CharField("série", max_length=5)
    numero = models.PositiveIntegerField("número")

    class Meta:
        verbose_name = "número livre"
        verbose_name_plural = "números livres"
        ordering = ["canal", "serie", "numero"]
        constraints = [models.UniqueConstraint(fields=["canal", "serie", "numero"], name="numero_livre_unico")]

    def __str__(self) -> str:
        return f"{self.serie}/{self.numero}"


class NumeroDeFora(models.Model):
    """A number (RPS; with `nacional`, DPS) of a note that the empresa issued by another system, known from its XML:
    what the archive does not lack. `serie` has no zeros before it, for files write them as they please."""

    empresa = models.ForeignKey(
        Empresa, on_delete=models.CASCADE, db_index=False, related_name="+", verbose_name="empresa"
    )
    nacional = models.BooleanField("do leiaute nacional")
    serie = models.CharField("série", max_length=20, blank=True)
    numero = models.PositiveBigIntegerField("número")

    class Meta:
        verbose_name = "número de fora"
        verbose_name_plural = "números de fora"
        ordering = ["empresa", "nacional", "serie", "numero"]
        constraints = [
            models.UniqueConstraint(fields=["empresa", "nacional", "serie", "numero"], name="numero_de_fora_unico")
        ]

    def __str__(self) -> str:
        return f"{self.serie}/{self.numero}"


class ReferenciaCanal(models.Model):
    """An internal id of SISGENF-e: of a município, of an atividade that the prestador may use, of a unit.

    `codigo` is how we know it (IBGE code, CNAE, unit name); `dados` are the service's own fields.
    """

    class Especie(models.TextChoices):
        MUNICIPIO = "municipio", "Município"
        ATIVIDADE = "atividade", "Atividade"
        UNIDADE = "unidade", "Unidade de medida"

    canal = models.ForeignKey(CanalNfse, on_delete=models.CASCADE, related_name="referencias", verbose_name="canal")
    especie = models.CharField("espécie", max_length=10, choices=Especie)
    codigo = models.CharField("código", max_length=60)
    id_servico = models.PositiveIntegerField("id no serviço")
    nome = models.CharField("nome", max_length=250, blank=True)
    lc116 = models.CharField("item da LC 116", max_length=5, blank=True)
    dados = models.JSONField("dados", default=dict)
    lida_em = models.DateTimeField("lida em")

    class Meta:
        verbose_name = "cadastro do serviço"
        verbose_name_plural = "cadastros do serviço"
        ordering = ["canal", "especie", "nome"]
        constraints = [
            models.UniqueConstraint(fields=["canal", "especie", "id_servico"], name="referencia_id_unico"),
        ]
        indexes = [models.Index(fields=["canal", "especie", "codigo"], name="referencia_codigo")]

    def __str__(self) -> str:
        return f"{self.codigo} {self.nome}".strip()


class RegraCanal(models.Model):
    """Which channel is used, as dated data. Of the rules that fit, the most particular wins (empresa, then município,
    then UF, then regime), and among equals the one that began last. `fundamento` cites the act.

    `do_guiche`: shipped with the product, and never edited. Another date is a new row that `substitui` the old one,
    which is switched off and stays to be seen (services.datas)."""

    empresa = models.ForeignKey(
        Empresa,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="regras_de_canal",
        verbose_name="empresa",
        help_text="Vazio: todas.",
    )
    municipio = models.ForeignKey(
        Municipio, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="município"
    )
    uf = models.CharField("UF", max_length=2, blank=True)
    regime = models.CharField("regime", max_length=10, choices=Regime, blank=True)
    canal = models.CharField("serviço", max_length=12, choices=TipoCanal)
    desde = models.DateField("competências desde")
    ate = models.DateField("até", null=True, blank=True)
    fundamento = models.CharField("fundamento", max_length=250, blank=True)
    ativa = models.BooleanField("ativa", default=True)
    do_guiche = models.BooleanField("veio com o Guichê", default=False, db_default=False, editable=False)
    substitui = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="substituta",
        verbose_name="substitui",
    )

    class Meta:
        verbose_name = "regra de canal"
        verbose_name_plural = "regras de canal"
        ordering = ["-desde", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ate=None) | Q(ate__gte=models.F("desde")), name="regra_canal_periodo"),
            models.CheckConstraint(condition=Q(canal__in=TipoCanal.values), name="regra_canal_conhecido"),
        ]

    def __str__(self) -> str:
        return f"{self.get_canal_display()} desde {self.desde:%d/%m/%Y}"

    @property
    def alcance(self) -> str:
        """Whom it concerns, in words. Reads empresa and municipio."""
        partes = [
            str(self.empresa) if self.empresa else "",
            str(self.municipio) if self.municipio else "",
            self.uf,
            str(self.get_regime_display()) if self.regime else "",
        ]
        return " · ".join(filter(None, partes)) or "todas as empresas"
