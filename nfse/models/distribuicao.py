"""What the distribution of the ADN brought, and how far it was read."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from arquivo.models import Documento
from comum.models import Usuario
from empresas.models import Empresa
from nfse.models.notas import Nota
from nfse.models.recebidas import NotaRecebida
from operacoes.models import Operacao


class CursorAdn(models.Model):
    """How far the distribution was read for one CNPJ or CPF. `nsu` is the last one filed, and moves in the transaction
    that files; `operacao` moved it last, at `avancou_em`. `lida_em` is when the service last answered, and `em_dia`
    whether it then had nothing newer. `falha` is why the last reading did not come (pt-BR), empty once one does."""

    documento = models.CharField("CNPJ ou CPF", max_length=14, primary_key=True)
    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="cursores_adn", verbose_name="empresa")
    nsu = models.PositiveBigIntegerField("último NSU", default=0)
    avancou_em = models.DateTimeField("avançou em", null=True)
    operacao = models.ForeignKey(
        Operacao, on_delete=models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="operação"
    )
    lida_em = models.DateTimeField("última leitura em", null=True)
    em_dia = models.BooleanField("em dia", default=False)
    falha = models.TextField("falha da última leitura", blank=True, default="")
    falhou_em = models.DateTimeField("falhou em", null=True)

    class Meta:
        verbose_name = "leitura da distribuição (ADN)"
        verbose_name_plural = "leituras da distribuição (ADN)"
        ordering = ["documento"]

    def __str__(self) -> str:
        return f"{self.documento}, NSU {self.nsu}"


class DocumentoAdnQuerySet(models.QuerySet["DocumentoAdn"]):
    def visiveis(self, usuario: Usuario) -> "DocumentoAdnQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))

    def a_ver(self) -> "DocumentoAdnQuerySet":
        """What a person should know of, and did not say to know of yet."""
        return self.filter(visto_em__isnull=True, pendente=False).filter(
            Q(salto__gt=0)
            | Q(papel=DocumentoAdn.Papel.ILEGIVEL)
            | Q(papel=DocumentoAdn.Papel.EMITIDA, nota__isnull=True)
        )


class DocumentoAdn(models.Model):
    """One item of the feed, each once: by its NSU, or by the SHA-256 of what came (`impressao`) where that cannot be
    read. `salto` is how many numbers before it never came to us. `pendente`: of a note of ours that is still being
    issued, to be looked at again. Of what could not be read `bruto` keeps the item as it came and `motivo` why."""

    class Papel(models.TextChoices):
        EMITIDA = "emitida", "Nota emitida"
        RECEBIDA = "recebida", "Nota recebida"
        EVENTO = "evento", "Evento"
        OUTRO = "outro", "Outro documento"
        ILEGIVEL = "ilegivel", "Não lido"

    cursor = models.ForeignKey(
        CursorAdn, on_delete=models.PROTECT, db_index=False, related_name="documentos", verbose_name="leitura"
    )
    empresa = models.ForeignKey(
        Empresa, on_delete=models.PROTECT, db_index=False, related_name="+", verbose_name="empresa"
    )
    nsu = models.PositiveBigIntegerField("NSU", null=True)
    impressao = models.CharField("SHA-256 do item", max_length=64, blank=True, default="")
    salto = models.PositiveBigIntegerField("números que faltam antes", default=0)
    papel = models.CharField("o que é", max_length=8, choices=Papel)
    chave = models.CharField("chave", max_length=60, blank=True, default="")
    evento = models.CharField("código do evento", max_length=6, blank=True, default="")
    instante = models.DateTimeField("gerado em", null=True)
    motivo = models.TextField("por que não foi lido", blank=True, default="")
    bruto = models.JSONField("como veio", null=True)
    xml = models.ForeignKey(
        Documento, on_delete=models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="XML"
    )
    nota = models.ForeignKey(
        Nota, on_delete=models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="nota"
    )
    recebida = models.ForeignKey(
        NotaRecebida, on_delete=models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="recebida"
    )
    pendente = models.BooleanField("espera a nota", default=False)
    operacao = models.ForeignKey(
        Operacao, on_delete=models.PROTECT, db_index=False, related_name="+", verbose_name="operação"
    )
    lido_em = models.DateTimeField("lido em", auto_now_add=True)
    visto_em = models.DateTimeField("visto em", null=True)
    visto_por = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name="visto por",
    )

    objects = DocumentoAdnQuerySet.as_manager()

    class Meta:
        verbose_name = "documento da distribuição (ADN)"
        verbose_name_plural = "documentos da distribuição (ADN)"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["cursor", "nsu"], condition=Q(nsu__isnull=False), name="adn_nsu_unico"),
            models.UniqueConstraint(
                fields=["cursor", "impressao"], condition=Q(nsu__isnull=True), name="adn_sem_nsu_unico"
            ),
        ]
        indexes = [
            models.Index(fields=["cursor", "chave"], name="adn_chave"),
            models.Index(fields=["empresa"], name="adn_pendente", condition=Q(pendente=True)),
            models.Index(
                fields=["empresa", "id"],
                name="adn_a_ver",
                condition=Q(visto_em__isnull=True, pendente=False)
                & (Q(salto__gt=0) | Q(papel="ilegivel") | Q(papel="emitida", nota__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_papel_display()}, NSU {self.nsu if self.nsu is not None else 'desconhecido'}"
