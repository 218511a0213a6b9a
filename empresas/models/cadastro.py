import uuid
from copy import copy
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Left, LPad
from django.urls import reverse

from comum.documentos import eh_cnpj, mascarar
from comum.formatos import normalizar
from comum.models import Usuario
from empresas.models.oficiais import Cnae, Municipio


class Carteira(models.Model):
    """A group of empresas that users are given."""

    nome = models.CharField("nome", max_length=60, unique=True)
    usuarios = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="carteiras", verbose_name="usuários"
    )

    class Meta:
        verbose_name = "carteira"
        ordering = ["nome"]

    def __str__(self) -> str:
        return self.nome


def com_carteiras_lidas(usuario: Usuario) -> Usuario:
    """The user as one who sees the empresas of these carteiras, whatever they are given or lose meanwhile: what is read
    for them is of `carteiras_lidas` and of nothing else, so that it may be kept for all who have the same ones."""
    visto = copy(usuario)
    if not usuario.administra:
        minhas = Carteira.usuarios.through.objects.filter(usuario=usuario).order_by("carteira")
        visto.carteiras_lidas = tuple(minhas.values_list("carteira", flat=True))
    return visto


class Regime(models.TextChoices):
    MEI = "mei", "MEI"
    SIMPLES = "simples", "Simples Nacional"
    PRESUMIDO = "presumido", "Lucro Presumido"
    REAL = "real", "Lucro Real"
    OUTRO = "outro", "Outro"


class UmaDe(models.Func):
    """`a = ANY(array)`, a condition."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()


class EmpresaQuerySet(models.QuerySet["Empresa"]):
    def visiveis(self, usuario: Usuario) -> "EmpresaQuerySet":
        """The empresas that exist for this user: all for an Administrador, those of the carteiras given otherwise."""
        if usuario.administra:
            return self
        # An array read once, not a join: through the membership table, too small for statistics, the database takes
        # 100,000 rows for a few and joins them one by one. And rows never repeat, update()/delete() stay possible.
        lidas = usuario.carteiras_lidas
        if lidas is not None:
            return self.filter(UmaDe("carteira", Value([*lidas], ArrayField(models.BigIntegerField()))))
        minhas = Carteira.usuarios.through.objects.filter(usuario=usuario).values("carteira")
        return self.filter(UmaDe("carteira", ArraySubquery(minhas)))

    def procurar(self, texto: str) -> "EmpresaQuerySet":
        """Every word of `texto` occurs in code, names or document; a masked document is found too. Marks of masks
        alone ("-", "./") are no word: they find nothing."""
        palavras = [palavra for parte in texto.split() if (palavra := sem_pontuacao(parte))]
        consulta = self if palavras else self.none()
        # What tells most comes first: the database stops at the first word that a row lacks.
        for palavra in sorted(palavras, key=lambda p: (not any(map(str.isdigit, p)), -len(p))):
            consulta = consulta.filter(busca__contains=palavra)
        return consulta


_MASCARA = str.maketrans("", "", "./-")


def sem_pontuacao(texto: str) -> str:
    """Normalised for `busca`, without the marks of masks: what is typed with them and without them is the same."""
    return normalizar(texto.translate(_MASCARA))


class Empresa(models.Model):
    """A client of the office. `documento` is the CNPJ (14 characters, letters allowed) or CPF (11 digits), unmasked.

    `regime` is the one in force today, kept for lists by services.atualizar_regimes(); for a competência ask
    regime_em(). `busca`, `ordem` and `lugar` (município, for order) are normalised text (lower case, no accents): the
    database's collation is not ours to choose, and a sort across a join reads every row.
    A filial and its `matriz` share the `raiz` (first 8 positions of the CNPJ): the database refuses any other pair.
    """

    # First in the row: a search reads this column of every row, and what stands before it would be read too.
    busca = models.TextField(editable=False)
    ordem = models.CharField(max_length=150, editable=False)
    lugar = models.CharField(max_length=63, editable=False, blank=True)
    codigo = models.CharField("código", max_length=12, blank=True)
    documento = models.CharField("CNPJ ou CPF", max_length=14)
    razao_social = models.CharField("razão social", max_length=150)
    nome_fantasia = models.CharField("nome fantasia", max_length=150, blank=True)
    regime = models.CharField("regime", max_length=10, choices=Regime, editable=False)
    # Foreign keys without their own index: those in Meta do the work, and each one more slows an import.
    municipio = models.ForeignKey(
        Municipio,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        verbose_name="município",
        related_name="empresas",
    )
    inscricao_municipal = models.CharField("inscrição municipal", max_length=20, blank=True)
    cnae = models.ForeignKey(
        Cnae,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        verbose_name="CNAE principal",
        related_name="empresas",
    )
    matriz = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        verbose_name="matriz",
        related_name="filiais",
    )
    email_fiscal = models.EmailField("e-mail fiscal", blank=True)
    carteira = models.ForeignKey(
        Carteira,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        verbose_name="carteira",
        related_name="empresas",
    )
    inicio_atividade = models.DateField("início de atividade", null=True, blank=True)
    ativa = models.BooleanField("ativa", default=True)
    criada_em = models.DateTimeField("criada em", auto_now_add=True)
    alterada_em = models.DateTimeField("alterada em", auto_now=True)
    # 9 before 10, whether or not the ERP pads its codes.
    codigo_ordem = models.GeneratedField(
        expression=LPad("codigo", 12, Value("0")), output_field=models.CharField(max_length=12), db_persist=True
    )
    raiz = models.GeneratedField(
        expression=Left("documento", 8), output_field=models.CharField("raiz", max_length=8), db_persist=True
    )

    objects = EmpresaQuerySet.as_manager()

    class Meta:
        verbose_name = "empresa"
        ordering = ["ordem", "id"]
        indexes = [
            models.Index(fields=["ordem", "id"], name="empresa_ordem"),
            models.Index(fields=["carteira", "ordem", "id"], name="empresa_carteira_ordem"),
            # A search inside carteiras reads this alone: a third of the table, and only the carteiras asked for.
            models.Index(fields=["carteira", "busca"], include=["id", "ativa"], name="empresa_carteira_busca"),
            models.Index(fields=["codigo_ordem", "id"], name="empresa_codigo_ordem"),
            models.Index(fields=["regime", "ordem", "id"], name="empresa_regime_ordem"),
            models.Index(fields=["lugar", "ordem", "id"], name="empresa_lugar_ordem"),
            models.Index(fields=["municipio"], name="empresa_municipio"),
            models.Index(fields=["matriz"], name="empresa_filiais", condition=Q(matriz__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["documento"], include=["id"], name="empresa_documento_unico"),
            models.UniqueConstraint(fields=["codigo"], condition=~Q(codigo=""), name="empresa_codigo_unico"),
            models.CheckConstraint(
                condition=Q(documento__regex=r"^([0-9]{11}|[0-9A-Z]{12}[0-9]{2})$"), name="empresa_documento_formato"
            ),
            models.UniqueConstraint(fields=["raiz", "id"], name="empresa_raiz_id"),  # target of the matriz key
            models.CheckConstraint(condition=Q(matriz=None) | ~Q(matriz=F("id")), name="empresa_matriz_outra"),
            models.CheckConstraint(condition=Q(regime__in=Regime.values), name="empresa_regime_conhecido"),
        ]

    def __str__(self) -> str:
        return f"{self.codigo} {self.razao_social}".strip()

    def preparar(self) -> None:
        """Fill the derived columns. save() does it; before bulk_create() the caller does."""
        self.busca, self.ordem = texto_de_busca(self.codigo, self.documento, self.razao_social, self.nome_fantasia)
        self.lugar = f"{self.municipio.busca} {self.municipio.uf.lower()}" if self.municipio else ""

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.preparar()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("empresas:ver", args=[self.pk])

    @property
    def documento_mascarado(self) -> str:
        return mascarar(self.documento)

    @property
    def eh_pj(self) -> bool:
        return eh_cnpj(self.documento)

    def regime_em(self, quando: date) -> str | None:
        """The regime in force on a date (a Regime value), or None before the first one known."""
        linha = self.regimes.filter(desde__lte=quando).order_by("-desde").first()
        return linha.regime if linha else None


def texto_de_busca(codigo: str, documento: str, razao_social: str, nome_fantasia: str) -> tuple[str, str]:
    """The `busca` and `ordem` columns of an Empresa."""
    partes = [sem_pontuacao(codigo), documento.lower(), sem_pontuacao(razao_social)]
    if nome_fantasia:
        partes.append(sem_pontuacao(nome_fantasia))
    return " ".join(partes), normalizar(razao_social)[:150]


class RegimeEmpresa(models.Model):
    """The tax regime of an empresa from a date on (until the next row)."""

    empresa = models.ForeignKey(
        Empresa, on_delete=models.CASCADE, db_index=False, related_name="regimes", verbose_name="empresa"
    )
    regime = models.CharField("regime", max_length=10, choices=Regime)
    desde = models.DateField("desde")

    class Meta:
        verbose_name = "regime da empresa"
        verbose_name_plural = "regimes da empresa"
        ordering = ["empresa", "-desde"]
        constraints = [
            models.UniqueConstraint(fields=["empresa", "desde"], name="regime_unico_na_data"),
            models.CheckConstraint(condition=Q(regime__in=Regime.values), name="regime_conhecido"),
        ]

    def __str__(self) -> str:
        return f"{self.get_regime_display()} desde {self.desde:%d/%m/%Y}"


class ImportacaoQuerySet(models.QuerySet["Importacao"]):
    def visiveis(self, usuario: Usuario) -> "ImportacaoQuerySet":
        """A file is seen by who brought it and by an Administrador. The heavy columns are read only when asked for."""
        consulta = self.defer("conteudo", "recusas")
        return consulta if usuario.administra else consulta.filter(usuario=usuario)


class Importacao(models.Model):
    """A file brought by a user: the content as it came, what the check found, and whether it was applied.

    `resultado`: {"novas", "alteradas", "iguais", "recusadas": int, "avisos": [str], "pendencias": [[text, action,
    url]]}. `recusas`: every [line number, column label, value, reason], and the same with a fifth element for the
    warnings of lines that were accepted. `previa`: {"recusas": the first of
    them, "alteracoes": [line number, who, column label, before, after]}. Nothing else of the file is stored before
    *Importar*.
    """

    class Situacao(models.TextChoices):
        NA_FILA = "na_fila", "Na fila"
        CONFERINDO = "conferindo", "Conferindo"
        CONFERIDA = "conferida", "Conferida"
        IMPORTANDO = "importando", "Importando"
        IMPORTADA = "importada", "Importada"
        FALHOU = "falhou", "Não importada"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tipo = models.CharField("tipo", max_length=20)
    usuario = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name="usuário", related_name="importacoes"
    )
    nome_arquivo = models.CharField("arquivo", max_length=200)
    conteudo = models.BinaryField("conteúdo")
    sha256 = models.CharField("SHA-256", max_length=64)
    parametros = models.JSONField("parâmetros", default=dict)
    situacao = models.CharField("situação", max_length=12, choices=Situacao, default=Situacao.NA_FILA)
    linhas = models.PositiveIntegerField("linhas", default=0)
    feitas = models.PositiveIntegerField("linhas já lidas", default=0)
    resultado = models.JSONField("resultado", default=dict)
    previa = models.JSONField("prévia", default=dict)
    recusas = models.JSONField("recusas", default=list)
    mensagem = models.TextField("mensagem", blank=True)
    criada_em = models.DateTimeField("criada em", auto_now_add=True)
    encerrada_em = models.DateTimeField("encerrada em", null=True)

    objects = ImportacaoQuerySet.as_manager()

    class Meta:
        verbose_name = "importação"
        verbose_name_plural = "importações"
        ordering = ["-criada_em"]

    def __str__(self) -> str:
        return self.nome_arquivo

    @property
    def em_andamento(self) -> bool:
        return self.situacao in (self.Situacao.NA_FILA, self.Situacao.CONFERINDO, self.Situacao.IMPORTANDO)
