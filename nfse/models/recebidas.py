"""Notes of services taken, and what the gateway tells us without being asked."""

import uuid
from decimal import Decimal
from typing import Any

from django.db import models
from django.urls import reverse

from arquivo.models import Documento
from comum.documentos import mascarar
from comum.formatos import normalizar
from comum.models import Usuario
from empresas.models import Empresa
from empresas.models.cadastro import sem_pontuacao
from nfse.models.cadastro import com_as_palavras
from nfse.models.canais import CanalNfse, ContaSofthouse
from operacoes.models import Operacao

ZERO = Decimal(0)


class NotaRecebidaQuerySet(models.QuerySet["NotaRecebida"]):
    def visiveis(self, usuario: Usuario) -> "NotaRecebidaQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))

    def procurar(self, texto: str) -> "NotaRecebidaQuerySet":
        """Every word of `texto` occurs in number, prestador, chave or description; masks are ignored."""
        return com_as_palavras(self, texto)

    def com_retencao(self) -> "NotaRecebidaQuerySet":
        """Those of which `retido` is not zero."""
        return self.filter(
            models.Q(iss__gt=0)
            | models.Q(ir__gt=0)
            | models.Q(pis__gt=0)
            | models.Q(cofins__gt=0)
            | models.Q(csll__gt=0)
            | models.Q(inss__gt=0)
        )


class NotaRecebida(models.Model):
    """A service taken, as its XML tells it. Amounts in reais; the withholdings are what the empresa owes in the place
    of the prestador. An empresa has a chave once. `ilegivel`: the XML could not be read, and nothing but the chave is
    known. `eventos` is what the service told of it since: a list of {"tipo", "em"}, `em` an ISO instant or empty."""

    class Situacao(models.TextChoices):
        NORMAL = "normal", "Normal"
        CANCELADA = "cancelada", "Cancelada"

    busca = models.TextField(editable=False, db_default="")
    ordem = models.CharField(max_length=150, editable=False, db_default="")
    empresa = models.ForeignKey(
        Empresa, on_delete=models.PROTECT, db_index=False, related_name="notas_recebidas", verbose_name="empresa"
    )
    canal = models.ForeignKey(
        CanalNfse, on_delete=models.PROTECT, db_index=False, related_name="recebidas", verbose_name="canal"
    )
    chave = models.CharField("chave", max_length=60)
    prestador = models.CharField("CNPJ ou CPF do prestador", max_length=14)
    prestador_nome = models.CharField("prestador", max_length=150, blank=True)
    numero = models.CharField("número", max_length=20, blank=True)
    emissao = models.DateField("data de emissão", null=True)
    competencia = models.DateField("competência")
    descricao = models.TextField("serviço", blank=True)
    valor_servicos = models.DecimalField("valor dos serviços", max_digits=14, decimal_places=2, default=ZERO)
    iss = models.DecimalField("ISS retido", max_digits=14, decimal_places=2, default=ZERO)
    ir = models.DecimalField("IR retido", max_digits=14, decimal_places=2, default=ZERO)
    pis = models.DecimalField("PIS retido", max_digits=14, decimal_places=2, default=ZERO)
    cofins = models.DecimalField("COFINS retida", max_digits=14, decimal_places=2, default=ZERO)
    csll = models.DecimalField("CSLL retida", max_digits=14, decimal_places=2, default=ZERO)
    inss = models.DecimalField("INSS retido", max_digits=14, decimal_places=2, default=ZERO)
    valor_liquido = models.DecimalField("valor líquido", max_digits=14, decimal_places=2, default=ZERO)
    situacao = models.CharField("situação", max_length=10, choices=Situacao, default=Situacao.NORMAL)
    xml = models.ForeignKey(
        Documento, on_delete=models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="XML"
    )
    ilegivel = models.BooleanField("XML não lido", db_default=False)
    eventos = models.JSONField("eventos", default=list)
    recebida_em = models.DateTimeField("recebida em", auto_now_add=True)

    objects = NotaRecebidaQuerySet.as_manager()

    class Meta:
        verbose_name = "nota recebida"
        verbose_name_plural = "notas recebidas"
        ordering = ["-competencia", "-id"]
        constraints = [models.UniqueConstraint(fields=["empresa", "chave"], name="recebida_chave_unica")]
        indexes = [
            models.Index(fields=["competencia", "empresa"], name="recebida_competencia"),
            models.Index(fields=["competencia", "emissao", "id"], name="recebida_emissao"),
            models.Index(fields=["competencia", "ordem", "id"], name="recebida_ordem"),
        ]

    def __str__(self) -> str:
        return "NFS-e recebida não lida" if self.ilegivel else f"NFS-e {self.numero} de {self.prestador_nome}"

    def preparar(self) -> None:
        """Fill the derived columns. save() does it; before bulk_create() the caller does."""
        palavras = f"{sem_pontuacao(self.prestador_nome)} {sem_pontuacao(self.descricao[:500])}"
        self.busca = f"{self.numero} {self.prestador.lower()} {self.chave.lower()} {palavras}"
        self.ordem = normalizar(self.prestador_nome)[:150]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.preparar()
        if (campos := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*campos, "busca", "ordem"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("nfse:recebida", args=[self.pk])

    @property
    def prestador_mascarado(self) -> str:
        return mascarar(self.prestador) if self.prestador else ""

    @property
    def retido(self) -> Decimal:
        return self.iss + self.ir + self.pis + self.cofins + self.csll + self.inss


class AvisoWebhook(models.Model):
    """A message of the gateway's webhook: a hint only, confirmed by a consult before anything changes.

    `assinatura` is the SHA-256 of its signature, so that a replay is refused; nothing of its body is kept but what
    names the note.
    """

    class Situacao(models.TextChoices):
        ACEITO = "aceito", "Aceito"
        SEM_NOTA = "sem_nota", "Sem nota correspondente"
        TESTE = "teste", "Teste de conexão"
        RECUSADO = "recusado", "Recusado"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conta = models.ForeignKey(ContaSofthouse, on_delete=models.PROTECT, related_name="avisos", verbose_name="conta")
    assinatura = models.CharField("SHA-256 da assinatura", max_length=64)
    origem = models.CharField("origem", max_length=20, blank=True)
    documento = models.CharField("CNPJ ou CPF", max_length=14, blank=True)
    chave = models.CharField("chave", max_length=60, blank=True)
    situacao = models.CharField("situação", max_length=10, choices=Situacao)
    motivo = models.CharField("motivo", max_length=200, blank=True)
    operacao = models.ForeignKey(
        Operacao, on_delete=models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="operação"
    )
    recebido_em = models.DateTimeField("recebido em", auto_now_add=True)

    class Meta:
        verbose_name = "aviso do webhook"
        verbose_name_plural = "avisos do webhook"
        ordering = ["-recebido_em"]
        constraints = [
            models.UniqueConstraint(
                fields=["assinatura"], condition=~models.Q(situacao="recusado"), name="aviso_assinatura_unica"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_situacao_display()} {self.recebido_em:%d/%m/%Y %H:%M}"
