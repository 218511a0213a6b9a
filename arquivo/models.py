import uuid

from django.db import models

from comum.models import Usuario
from empresas.models import Empresa


def caminho_de(sha256: str) -> str:
    """Where the content of this hash is kept."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


class DocumentoQuerySet(models.QuerySet["Documento"]):
    def visiveis(self, usuario: Usuario) -> "DocumentoQuerySet":
        if usuario.administra:
            return self
        return self.filter(empresa__in=Empresa.objects.visiveis(usuario))


class Documento(models.Model):
    """A PDF or XML kept whole: the file's name in storage is its own SHA-256, so equal content is stored once.

    Kept until `reter_ate` (five years counted from the first day of the year after the competência: CTN, art. 173).
    """

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

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="documentos", verbose_name="empresa")
    tipo = models.CharField("tipo", max_length=12, choices=Tipo)
    competencia = models.DateField("competência")
    nome = models.CharField("nome do arquivo", max_length=120)
    referencia = models.CharField("referência", max_length=60, blank=True, help_text="número no serviço de origem")
    mime = models.CharField("tipo de conteúdo", max_length=40)
    tamanho = models.PositiveIntegerField("tamanho (bytes)")
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    criado_em = models.DateTimeField("guardado em", auto_now_add=True)
    reter_ate = models.DateField("guardar até")

    objects = DocumentoQuerySet.as_manager()

    class Meta:
        verbose_name = "documento"
        ordering = ["-criado_em"]
        indexes = [models.Index(fields=["empresa", "competencia", "tipo"], name="documento_empresa_comp")]

    def __str__(self) -> str:
        return self.nome

    @property
    def caminho(self) -> str:
        return caminho_de(self.sha256)
