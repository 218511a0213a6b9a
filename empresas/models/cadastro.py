import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
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


class Regime(models.TextChoices):
    MEI = "mei", "MEI"
    SIMPLES = "simples", "Simples Nacional"
    PRESUMIDO = "presumido", "Lucro Presumido"
    REAL = "real", "Lucro Real"
    OUTRO = "outro", "Outro"


class EmpresaQuerySet(models.QuerySet["Empresa"]):
    def visiveis(self, usuario: Usuario) -> "EmpresaQuerySet":
        """The empresas that exist for this user: all for an Administrador, those of the carteiras given otherwise."""
        if usuario.administra:
            return self
        # A subquery, not a join: rows never repeat and update()/delete() stay possible.
        return self.filter(carteira__in=Carteira.usuarios.through.objects.filter(usuario=usuario).values("carteira"))

    def procurar(self, texto: str) -> "EmpresaQuerySet":
        """Every word of `texto` occurs in code, names or document; a masked document is found too."""
        consulta = self
        for palavra in texto.split():
            alternativas = Q(busca__contains=normalizar(palavra))
            sem_mascara = palavra.translate(_SEM_MASCARA).lower()
            if sem_mascara and sem_mascara != palavra.lower():
                alternativas |= Q(busca__contains=sem_mascara)
            consulta = consulta.filter(alternativas)
        return consulta


_SEM_MASCARA = str.maketrans("", "", "./-")


class Empresa(models.Model):
    """A client of the office. `documento` is the CNPJ (14 characters, letters allowed) or CPF (11 digits), unmasked.

    `regime` is the one in force today, kept for lists by RegimeEmpresa.refresh(); for a competência ask regime_em().
    `busca` and `ordem` are normalised text (lower case, no accents): the database's collation is not ours to choose.
    """

    codigo = models.CharField("código", max_length=12, blank=True)
    documento = models.CharField("CNPJ ou CPF", max_length=14, unique=True)
    razao_social = models.CharField("razão social", max_length=150)
    nome_fantasia = models.CharField("nome fantasia", max_length=150, blank=True)
    regime = models.CharField("regime", max_length=10, choices=Regime, editable=False)
    municipio = models.ForeignKey(
        Municipio, on_delete=models.PROTECT, null=True, blank=True, verbose_name="município", related_name="empresas"
    )
    inscricao_municipal = models.CharField("inscrição municipal", max_length=20, blank=True)
    cnae = models.ForeignKey(
        Cnae, on_delete=models.PROTECT, null=True, blank=True, verbose_name="CNAE principal", related_name="empresas"
    )
    matriz = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, verbose_name="matriz", related_name="filiais"
    )
    email_fiscal = models.EmailField("e-mail fiscal", blank=True)
    carteira = models.ForeignKey(
        Carteira, on_delete=models.PROTECT, null=True, blank=True, verbose_name="carteira", related_name="empresas"
    )
    inicio_atividade = models.DateField("início de atividade", null=True, blank=True)
    ativa = models.BooleanField("ativa", default=True)
    criada_em = models.DateTimeField("criada em", auto_now_add=True)
    alterada_em = models.DateTimeField("alterada em", auto_now=True)
    busca = models.TextField(editable=False)
    ordem = models.CharField(max_length=150, editable=False)

    objects = EmpresaQuerySet.as_manager()

    class Meta:
        verbose_name = "empresa"
        ordering = ["ordem", "id"]
        indexes = [
            models.Index(fields=["ordem", "id"], name="empresa_ordem"),
            models.Index(fields=["carteira", "ordem", "id"], name="empresa_carteira_ordem"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["codigo"], condition=~Q(codigo=""), name="empresa_codigo_unico"),
            models.CheckConstraint(
                condition=Q(documento__regex=r"^([0-9]{11}|[0-9A-Z]{12}[0-9]{2})$"), name="empresa_documento_formato"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.codigo} {self.razao_social}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.busca, self.ordem = texto_de_busca(self.codigo, self.documento, self.razao_social, self.nome_fantasia)
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
    ordem = normalizar(razao_social)
    partes = [codigo.lower(), documento.lower(), ordem]
    if nome_fantasia:
        partes.append(normalizar(nome_fantasia))
    return " ".join(partes), ordem[:150]


class RegimeEmpresa(models.Model):
    """The tax regime of an empresa from a date on (until the next row)."""

    empresa = models.ForeignKey(Empresa, on_delete=models.CASCADE, related_name="regimes", verbose_name="empresa")
    regime = models.CharField("regime", max_length=10, choices=Regime)
    desde = models.DateField("desde")

    class Meta:
        verbose_name = "regime da empresa"
        verbose_name_plural = "regimes da empresa"
        ordering = ["empresa", "-desde"]
        constraints = [models.UniqueConstraint(fields=["empresa", "desde"], name="regime_unico_na_data")]

    def __str__(self) -> str:
        return f"{self.get_regime_display()} desde {self.desde:%d/%m/%Y}"


class Importacao(models.Model):
    """A CSV brought by a user: the file as it came, what the check found, and whether it was applied.

    `resultado`: {"novas", "alteradas", "iguais", "recusadas": int, "avisos": [str]}; `recusas`: list of
    [line number, column label, value, reason]. Nothing else of the file is stored before *Importar*.
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
    usuario = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name="usuário")
    nome_arquivo = models.CharField("arquivo", max_length=200)
    conteudo = models.BinaryField("conteúdo")
    parametros = models.JSONField("parâmetros", default=dict)
    situacao = models.CharField("situação", max_length=12, choices=Situacao, default=Situacao.NA_FILA)
    linhas = models.PositiveIntegerField("linhas", default=0)
    feitas = models.PositiveIntegerField("linhas já lidas", default=0)
    resultado = models.JSONField("resultado", default=dict)
    recusas = models.JSONField("recusas", default=list)
    mensagem = models.TextField("mensagem", blank=True)
    criada_em = models.DateTimeField("criada em", auto_now_add=True)
    encerrada_em = models.DateTimeField("encerrada em", null=True)

    class Meta:
        verbose_name = "importação"
        verbose_name_plural = "importações"
        ordering = ["-criada_em"]

    def __str__(self) -> str:
        return self.nome_arquivo
