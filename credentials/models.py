import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from comum.documentos import mascarar
from empresas.models import Empresa


class CertificadoA1(models.Model):
    """A PKCS#12 file with its password, both sealed; the readable columns come from the certificate itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    titular = models.CharField("titular", max_length=150)
    documento = models.CharField("CNPJ ou CPF do titular", max_length=14)
    emissor = models.CharField("emissor", max_length=150)
    valido_de = models.DateTimeField("válido de")
    valido_ate = models.DateTimeField("válido até")
    impressao = models.CharField("impressão digital (SHA-256)", max_length=64)
    pfx = models.BinaryField("arquivo (selado)")
    senha = models.BinaryField("senha (selada)")
    criado_em = models.DateTimeField("guardado em", auto_now_add=True)

    class Meta:
        verbose_name = "certificado A1"
        verbose_name_plural = "certificados A1"
        ordering = ["-criado_em"]

    def __str__(self) -> str:
        return f"{self.titular} até {timezone.localtime(self.valido_ate):%d/%m/%Y}"

    @property
    def vencido(self) -> bool:
        return self.valido_ate <= timezone.now()

    @property
    def dias_para_vencer(self) -> int:
        return (timezone.localdate(self.valido_ate) - timezone.localdate()).days


class Credencial(models.Model):
    """Table 102: what SERPRO supplies after the purchase. Key and Secret are sealed, the Secret write-only on screen.

    Source: SIGER help page "API Integra Contador", table 102 (menu LFI 1.3-I).
    """

    class TipoCertificado(models.TextChoices):
        A1 = "A1", "A1 (arquivo)"
        A3 = "A3", "A3 (fora do servidor)"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    codigo = models.PositiveIntegerField("código", unique=True)
    descricao = models.CharField("descrição", max_length=80)
    contratante = models.CharField("CNPJ do contratante", max_length=14, blank=True)
    contratante_nome = models.CharField("contratante", max_length=150, blank=True)
    consumer_key = models.BinaryField("Consumer Key (selada)", blank=True)
    consumer_secret = models.BinaryField("Consumer Secret (selado)", blank=True)
    secret_trocado_em = models.DateTimeField("Secret trocado em", null=True, blank=True)
    tipo_certificado = models.CharField(
        "tipo do certificado", max_length=2, choices=TipoCertificado, default=TipoCertificado.A1
    )
    certificado = models.ForeignKey(
        CertificadoA1, on_delete=models.PROTECT, null=True, blank=True, verbose_name="certificado", related_name="+"
    )
    ativa = models.BooleanField("ativa", default=True)
    testada_em = models.DateTimeField("testada em", null=True, blank=True)
    testada_por = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name="testada por",
        related_name="+",
    )
    teste_ok = models.BooleanField("conectou no último teste", default=False)
    teste_resultado = models.CharField("resultado do último teste", max_length=600, blank=True)
    versao = models.PositiveIntegerField("versão", default=1)
    criada_em = models.DateTimeField("criada em", auto_now_add=True)
    # By the database's clock, as testada_em: the engine compares both with its own instants (acesso_mudou).
    alterada_em = models.DateTimeField("alterada em", db_default=Now())

    class Meta:
        verbose_name = "credencial"
        verbose_name_plural = "credenciais"
        ordering = ["codigo"]

    def __str__(self) -> str:
        return f"{self.codigo} · {self.descricao}"

    def get_absolute_url(self) -> str:
        return reverse("credenciais:ver", args=[self.codigo])

    @property
    def acesso(self) -> str:
        """The engine's name for it."""
        return f"credencial:{self.codigo}"

    @property
    def contratante_mascarado(self) -> str:
        return mascarar(self.contratante) if self.contratante else ""

    @property
    def mudou_depois_do_teste(self) -> bool:
        return self.testada_em is not None and self.alterada_em > self.testada_em


class Servico(models.TextChoices):
    """What an empresa may be asked of Integra Contador through a credencial."""

    PGDASD = "pgdasd", "PGDAS-D"
    DAS = "das", "DAS"
    DARF = "darf", "DARF"
    DCTFWEB = "dctfweb", "DCTFWeb"
    MEI = "mei", "MEI"
    PROCURACOES = "procuracoes", "Procurações"
    PAGAMENTOS = "pagamentos", "Pagamentos"
    SITUACAO_FISCAL = "sitfis", "Situação fiscal"
    CAIXA_POSTAL = "caixapostal", "Caixa postal"
    PARCELAMENTOS = "parcelas", "Parcelamentos"
    ANUAIS = "anuais", "DEFIS e regime"
    PROCESSOS = "processos", "e-Processo e Redesim"


class Autor(models.TextChoices):
    CONTRATANTE = "contratante", "Contratante"
    PROCURADOR = "procurador", "Procurador"
    CONTRIBUINTE = "contribuinte", "O próprio contribuinte"


class ConfiguracaoVinculo(models.Model):
    """The editable part of a Vinculo, shared with the draft of it: which services, asked by whom."""

    servicos = ArrayField(models.CharField(max_length=12, choices=Servico), default=list, verbose_name="serviços")
    autor = models.CharField("autor do pedido", max_length=12, choices=Autor, default=Autor.CONTRATANTE)
    procurador = models.CharField("CPF ou CNPJ do procurador", max_length=14, blank=True)
    procurador_certificado = models.ForeignKey(
        CertificadoA1,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name="certificado do procurador",
        related_name="+",
    )
    observacao = models.CharField("observação", max_length=200, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=(Q(autor="procurador") & ~Q(procurador=""))
                | (~Q(autor="procurador") & Q(procurador="", procurador_certificado__isnull=True)),
                name="%(class)s_procurador",
            )
        ]

    @property
    def servicos_rotulos(self) -> list[str]:
        return [servico.label for servico in Servico if servico in self.servicos]


# The columns a draft edits, a replication copies and Avançar writes.
CAMPOS_VINCULO = ("servicos", "autor", "procurador", "procurador_certificado", "observacao")


class Vinculo(ConfiguracaoVinculo):
    """Credencial x Empresa. One-to-one with the empresa: an empresa is in at most one credencial, by constraint.

    `versao` is the number of the Gravacao that wrote the row, so a version never comes back, not even when the row is
    removed and included again; 0 for a row that no Gravacao wrote.
    """

    empresa = models.OneToOneField(Empresa, on_delete=models.PROTECT, related_name="vinculo", verbose_name="empresa")
    credencial = models.ForeignKey(
        Credencial, on_delete=models.PROTECT, related_name="vinculos", verbose_name="credencial", db_index=False
    )
    versao = models.PositiveBigIntegerField("versão", default=0)
    gravado_por = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name="gravado por", related_name="+"
    )
    gravado_em = models.DateTimeField("gravado em")

    class Meta(ConfiguracaoVinculo.Meta):
        verbose_name = "vínculo"
        ordering = ["id"]
        indexes = [models.Index(fields=["credencial", "empresa"], name="vinculo_credencial_empresa")]

    def __str__(self) -> str:
        return f"{self.empresa_id} em {self.credencial_id}"


class TermoAutorizacao(models.Model):
    """A signed Termo de Autorização: `autor` (CPF or CNPJ) lets `contratante` ask in his name until `vigencia`. The XML
    is signed once and sent for as long as it holds: the same one sent again gives the same token."""

    contratante = models.CharField("CNPJ do contratante", max_length=14)
    autor = models.CharField("CPF ou CNPJ do autor do pedido", max_length=14)
    autor_nome = models.CharField("autor do pedido", max_length=150)
    certificado = models.ForeignKey(
        CertificadoA1, on_delete=models.CASCADE, verbose_name="certificado", related_name="termos"
    )
    assinado_em = models.DateField("assinado em")
    vigencia = models.DateField("vale até")
    xml = models.TextField("XML assinado")

    class Meta:
        verbose_name = "termo de autorização"
        verbose_name_plural = "termos de autorização"
        ordering = ["-vigencia"]
        constraints = [
            models.UniqueConstraint(fields=["contratante", "certificado", "assinado_em"], name="termo_do_dia_unico")
        ]

    def __str__(self) -> str:
        return f"{self.autor_nome} até {self.vigencia:%d/%m/%Y}"


class Rascunho(models.Model):
    """The edits of one user on one credencial, not yet written. Nobody's truth until *Avançar*.

    `credencial_versao` is the credencial's version that the user was looking at when the draft began.
    """

    usuario = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, verbose_name="usuário")
    credencial = models.ForeignKey(Credencial, on_delete=models.CASCADE, related_name="rascunhos")
    credencial_versao = models.PositiveIntegerField("versão da credencial")
    criado_em = models.DateTimeField("criado em", auto_now_add=True)
    salvo_em = models.DateTimeField("salvo em", auto_now=True)

    class Meta:
        verbose_name = "rascunho"
        ordering = ["-salvo_em"]
        constraints = [models.UniqueConstraint(fields=["usuario", "credencial"], name="rascunho_unico")]

    def __str__(self) -> str:
        return f"Rascunho de {self.usuario_id}"


class Acao(models.TextChoices):
    INCLUIR = "incluir", "Incluída"
    ALTERAR = "alterar", "Alterada"
    EXCLUIR = "excluir", "Excluída"


class ItemRascunho(ConfiguracaoVinculo):
    """One edited empresa: the whole configuration after the edit, and the Vinculo's version it was based on."""

    rascunho = models.ForeignKey(Rascunho, on_delete=models.CASCADE, related_name="itens", db_index=False)
    empresa = models.ForeignKey(
        Empresa, on_delete=models.CASCADE, related_name="+", verbose_name="empresa", db_index=False
    )
    acao = models.CharField("ação", max_length=8, choices=Acao)
    versao_base = models.PositiveBigIntegerField("versão de base", null=True)

    class Meta(ConfiguracaoVinculo.Meta):
        verbose_name = "item do rascunho"
        verbose_name_plural = "itens do rascunho"
        constraints = [
            *ConfiguracaoVinculo.Meta.constraints,
            models.UniqueConstraint(fields=["rascunho", "empresa"], name="item_rascunho_unico"),
            models.CheckConstraint(
                condition=Q(acao="incluir", versao_base__isnull=True)
                | (~Q(acao="incluir") & Q(versao_base__isnull=False)),
                name="item_rascunho_base",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_acao_display()} {self.empresa_id}"


class Gravacao(models.Model):
    """One *Avançar* (or the *Desfazer* of one), with what each empresa was before and became after.

    Append-only with its items: triggers refuse UPDATE and DELETE (migration 0002).
    """

    credencial = models.ForeignKey(Credencial, on_delete=models.PROTECT, related_name="gravacoes")
    usuario = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name="usuário")
    quando = models.DateTimeField("quando", auto_now_add=True)
    incluidas = models.PositiveIntegerField("incluídas", default=0)
    alteradas = models.PositiveIntegerField("alteradas", default=0)
    excluidas = models.PositiveIntegerField("excluídas", default=0)
    desfaz = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="desfeita_por")

    class Meta:
        verbose_name = "gravação"
        verbose_name_plural = "gravações"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Gravação {self.pk}"


class GravacaoItem(models.Model):
    # No database constraints: a Gravacao is never deleted (trigger), and rows are only written by services/avancar.py
    # while it holds the empresas locked. 20,000 checks at the commit of 10,000 rows would prove it again.
    # Measured: the check of empresa alone takes Avançar past three times bare SQL; its index does not.
    gravacao = models.ForeignKey(
        Gravacao, on_delete=models.PROTECT, related_name="itens", db_index=False, db_constraint=False
    )
    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    acao = models.CharField("ação", max_length=8, choices=Acao)
    antes = models.JSONField("antes", null=True)
    depois = models.JSONField("depois", null=True)

    class Meta:
        verbose_name = "item da gravação"
        verbose_name_plural = "itens da gravação"
        constraints = [models.UniqueConstraint(fields=["gravacao", "empresa"], name="gravacao_item_unico")]

    def __str__(self) -> str:
        return f"{self.get_acao_display()} {self.empresa_id}"


class PassoInicial(models.Model):
    """A step of *Primeiros passos* that only a person can confirm."""

    codigo = models.CharField("passo", max_length=20, primary_key=True)
    feito_em = models.DateField("feito em", default=timezone.localdate)
    feito_por = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name="feito por")

    class Meta:
        verbose_name = "passo inicial"
        verbose_name_plural = "passos iniciais"

    def __str__(self) -> str:
        return self.codigo
