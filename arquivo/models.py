import re
import uuid
from datetime import date

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from comum.formatos import normalizar
from comum.models import Usuario
from empresas.models import Empresa

ANOS_DE_GUARDA = 5
_CONFIGURACAO = "simple"  # the words as they are: numbers, names and keys have no grammar


def caminho_de(sha256: str) -> str:
    """Where the content of this hash is kept."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def palavras(texto: str) -> list[str]:
    """The words of a text as Documento.busca has them."""
    return re.findall(r"[a-z0-9]+", normalizar(texto))


class DocumentoQuerySet(models.QuerySet["Documento"]):
    def visiveis(self, usuario: Usuario) -> "DocumentoQuerySet":
        if usuario.administra:
            return self
        return self.filter(empresa__in=Empresa.objects.visiveis(usuario))

    def guardados(self) -> "DocumentoQuerySet":
        """Those whose file is kept: not discarded after their date."""
        return self.filter(descartado_em__isnull=True)

    def procurar(self, texto: str) -> "DocumentoQuerySet":
        """Every word of `texto` begins a word of name, number, key or reference, or all of them are of the empresa."""
        ditas = palavras(texto)
        if not ditas:
            return self.none()
        pedido = SearchQuery(" & ".join(f"{p}:*" for p in ditas), config=_CONFIGURACAO, search_type="raw")
        # Their keys are read first: a condition beside OR that is a query of its own would read every row.
        empresas = list(Empresa.objects.procurar(texto).values_list("pk", flat=True))
        consulta = self.alias(_palavras=SearchVector("busca", config=_CONFIGURACAO))
        return consulta.filter(models.Q(_palavras=pedido) | models.Q(empresa__in=empresas))


class Documento(models.Model):
    """A PDF or XML kept whole: the file's name in storage is its own SHA-256, so equal content is stored once.

    Rows are never deleted nor changed, but that `reter_ate` may grow and that, once it has passed, the file may be
    discarded (`descartado_em`): the row stays and tells what was kept. The database refuses the rest, and itself keeps
    `reter_ate` at least as late as the RegraGuarda in force and fills `busca` (migration 0005).
    """

    class Origem(models.TextChoices):
        SERVICO = "servico", "Do serviço"
        IMPORTADO = "importado", "Importado"

    class Tipo(models.TextChoices):
        DAS = "das", "DAS"
        DECLARACAO = "declaracao", "Declaração PGDAS-D"
        RECIBO = "recibo", "Recibo PGDAS-D"
        EXTRATO = "extrato", "Extrato do DAS"
        NOTIFICACAO_MAED = "maed", "Notificação de multa (MAED)"
        DARF_MAED = "darf_maed", "DARF da multa (MAED)"
        GUIA = "guia", "Guia de pagamento"
        COMPROVANTE = "comprovante", "Comprovante de arrecadação"
        SITUACAO_FISCAL = "sitfis", "Relatório de situação fiscal"
        CCMEI = "ccmei", "Certificado de MEI (CCMEI)"
        DEFIS = "defis", "Declaração DEFIS"
        DEFIS_RECIBO = "defis_recibo", "Recibo DEFIS"
        DCTFWEB = "dctfweb", "Declaração DCTFWeb"
        DCTFWEB_RECIBO = "dctf_recibo", "Recibo DCTFWeb"
        DCTFWEB_XML = "dctfweb_xml", "Declaração DCTFWeb (XML)"
        REGIME = "regime", "Opção pelo regime de apuração"
        TERMO = "termo", "Termo de autorização assinado"
        RENUNCIA = "renuncia", "Comprovante de renúncia"
        NFSE_XML = "nfse_xml", "NFS-e (XML)"
        NFSE_PDF = "nfse_pdf", "NFS-e (PDF)"
        CANCELAMENTO_XML = "cancel_xml", "Cancelamento de NFS-e (XML)"
        CANCELAMENTO_PDF = "cancel_pdf", "Cancelamento de NFS-e (PDF)"
        NFSE_RECEBIDA = "recebida_xml", "NFS-e recebida (XML)"
        EVENTO_XML = "evento_xml", "Evento de NFS-e (XML)"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    empresa = models.ForeignKey(  # documento_empresa_comp begins with it
        Empresa, on_delete=models.PROTECT, db_index=False, related_name="documentos", verbose_name="empresa"
    )
    tipo = models.CharField("tipo", max_length=12, choices=Tipo)
    competencia = models.DateField("competência")
    nome = models.CharField("nome do arquivo", max_length=120)
    referencia = models.CharField("referência", max_length=60, blank=True, help_text="número no serviço de origem")
    chave = models.CharField("chave de acesso", max_length=60, blank=True, default="", db_default="")
    numero = models.CharField("número", max_length=60, blank=True, default="", db_default="")
    origem = models.CharField(
        "origem", max_length=9, choices=Origem, default=Origem.SERVICO, db_default=Origem.SERVICO.value
    )
    mime = models.CharField("tipo de conteúdo", max_length=40)
    tamanho = models.PositiveIntegerField("tamanho (bytes)")
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    criado_em = models.DateTimeField("guardado em", auto_now_add=True)
    reter_ate = models.DateField("guardar até")
    descartado_em = models.DateTimeField("descartado em", null=True, blank=True)
    busca = models.TextField(editable=False, default="", db_default="")

    objects = DocumentoQuerySet.as_manager()

    class Meta:
        verbose_name = "documento"
        ordering = ["-criado_em"]
        indexes = [
            models.Index(fields=["empresa", "competencia", "tipo"], name="documento_empresa_comp"),
            # The smallest: what a list of all the months comes to is counted in it, of some carteiras too.
            models.Index(fields=["empresa"], name="documento_empresa", condition=models.Q(descartado_em__isnull=True)),
            models.Index(
                fields=["competencia", "criado_em", "id"],
                name="documento_comp",
                include=["tamanho"],  # what a month comes to is summed without its rows
                condition=models.Q(descartado_em__isnull=True),
            ),
            models.Index(
                fields=["criado_em", "id"],
                name="documento_guardado",
                condition=models.Q(descartado_em__isnull=True),
            ),
            models.Index(
                fields=["tipo", "competencia", "criado_em", "id"],
                name="documento_tipo",
                condition=models.Q(descartado_em__isnull=True),
            ),
            models.Index(
                fields=["reter_ate", "id"],
                name="documento_reter",
                condition=models.Q(descartado_em__isnull=True),
            ),
            models.Index(fields=["chave"], name="documento_chave", condition=~models.Q(chave="")),
            models.Index(fields=["numero"], name="documento_numero", condition=~models.Q(numero="")),
            GinIndex(SearchVector("busca", config=_CONFIGURACAO), name="documento_busca"),
        ]

    def __str__(self) -> str:
        return self.nome

    @property
    def caminho(self) -> str:
        return caminho_de(self.sha256)

    @property
    def estrago(self) -> str:
        """What was wrong with its file when it was last read, in pt-BR; empty when nothing. Of many: with `defeito`
        selected."""
        defeito = getattr(self, "defeito", None)
        return "" if defeito is None or defeito.sanado_em is not None else defeito.get_motivo_display()


def guarda_padrao(competencia: date) -> date:
    """31 December of the fifth year after the one in which the obligation falls due, which is the month after the
    competência (that of a year's declaration is its December): before it nothing could be assessed (CTN, art. 173, I).
    The migration has the same rule in SQL."""
    return date(competencia.year + (competencia.month == 12) + ANOS_DE_GUARDA, 12, 31)


class RegraGuarda(models.Model):
    """That documents of a kind (none: of every kind) are kept for more years, from a competência on. Of several the
    longest holds. It only grows: the database refuses less, moves the dates of what is kept already, and keeps the
    rule itself."""

    tipo = models.CharField(
        "tipo", max_length=12, choices=Documento.Tipo, blank=True, default="", help_text="em branco: todos os tipos"
    )
    desde = models.DateField("desde a competência", default=date(2000, 1, 1))
    anos = models.PositiveSmallIntegerField(
        "anos de guarda",
        default=ANOS_DE_GUARDA,
        validators=[MinValueValidator(ANOS_DE_GUARDA), MaxValueValidator(90)],
        help_text="contados do ano em que a obrigação vence, até 31 de dezembro; nunca menos de 5, e só aumenta",
    )
    motivo = models.CharField("motivo", max_length=200, help_text="a lei, o contrato ou a decisão que pede mais tempo")

    class Meta:
        verbose_name = "regra de guarda"
        verbose_name_plural = "regras de guarda"
        ordering = ["tipo", "desde"]
        constraints = [
            models.UniqueConstraint(fields=["tipo", "desde"], name="regra_guarda_unica"),
            models.CheckConstraint(
                condition=models.Q(anos__gte=ANOS_DE_GUARDA, anos__lte=90), name="regra_guarda_ao_menos_cinco"
            ),
        ]

    def __str__(self) -> str:
        de = self.get_tipo_display() or "Todos os documentos"
        return f"{de}, desde {self.desde:%m/%Y}: {self.anos} anos"

    def clean(self) -> None:
        antes = RegraGuarda.objects.filter(pk=self.pk).first() if self.pk else None
        if antes is None or self.anos is None or self.desde is None:
            return
        if self.tipo != antes.tipo or self.desde > antes.desde or self.anos < antes.anos:
            raise ValidationError(
                "Uma regra de guarda só aumenta: os anos não diminuem, a competência não avança e o tipo não muda. "
                "Para outro tipo, inclua outra regra."
            )


class Ronda(models.Model):
    """One reading of every kept file, in slices. `ate` is the last SHA-256 read: the next slice goes on after it."""

    comecou_em = models.DateTimeField("começou em", auto_now_add=True)
    andou_em = models.DateTimeField("última leitura em", auto_now=True)
    terminou_em = models.DateTimeField("terminou em", null=True)
    ate = models.CharField("até o SHA-256", max_length=64, blank=True, default="")
    arquivos = models.PositiveIntegerField("arquivos lidos", default=0)
    tamanho = models.PositiveBigIntegerField("bytes lidos", default=0)
    parada = models.CharField("por que parou", max_length=300, blank=True, default="")

    class Meta:
        verbose_name = "verificação do arquivo"
        verbose_name_plural = "verificações do arquivo"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(terminou_em__isnull=True), name="ronda_uma_por_vez"
            )
        ]

    def __str__(self) -> str:
        return f"Verificação de {self.comecou_em:%d/%m/%Y}"


class DefeitoQuerySet(models.QuerySet["Defeito"]):
    def visiveis(self, usuario: Usuario) -> "DefeitoQuerySet":
        if usuario.administra:
            return self
        return self.filter(documento__empresa__in=Empresa.objects.visiveis(usuario))

    def abertos(self) -> "DefeitoQuerySet":
        return self.filter(sanado_em__isnull=True, documento__descartado_em__isnull=True)

    def sanar(self) -> None:
        """The files of these are whole again."""
        agora = timezone.now()
        self.filter(sanado_em__isnull=True).update(sanado_em=agora, visto_em=agora)


class Defeito(models.Model):
    """A document whose file was missing or changed when it was read; `sanado_em` when it was found whole again."""

    class Motivo(models.TextChoices):
        AUSENTE = "ausente", "Arquivo não encontrado"
        ALTERADO = "alterado", "Arquivo alterado"

    documento = models.OneToOneField(
        Documento, on_delete=models.PROTECT, related_name="defeito", verbose_name="documento"
    )
    motivo = models.CharField("motivo", max_length=8, choices=Motivo)
    achado_em = models.DateTimeField("achado em")
    visto_em = models.DateTimeField("lido pela última vez em")
    sanado_em = models.DateTimeField("sanado em", null=True)

    objects = DefeitoQuerySet.as_manager()

    class Meta:
        verbose_name = "defeito do arquivo"
        verbose_name_plural = "defeitos do arquivo"
        ordering = ["-achado_em"]
        indexes = [
            models.Index(fields=["achado_em"], name="defeito_aberto", condition=models.Q(sanado_em__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.get_motivo_display()}: {self.documento}"
