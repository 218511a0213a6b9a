"""What the services last said, kept: most of it was paid for."""

from django.db import models

from arquivo.models import Documento
from comum.models import Usuario
from credentials.models import Credencial
from empresas.models import Empresa
from operacoes.models import Operacao


class ConsultaQuerySet(models.QuerySet["Consulta"]):
    def visiveis(self, usuario: Usuario) -> "ConsultaQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))

    def ultimas(self) -> "ConsultaQuerySet":
        """Of each question about an empresa, the last answer."""
        depois = Consulta.objects.filter(
            empresa=models.OuterRef("empresa"),
            servico=models.OuterRef("servico"),
            chave=models.OuterRef("chave"),
            pk__gt=models.OuterRef("pk"),
        )
        return self.exclude(models.Exists(depois))


class Consulta(models.Model):
    """One answer of a service that only tells: kept with its age, since asking again is mostly paid.

    `servico` is "SISTEMA/SERVICO" of SERPRO's catalogue, `chave` what was asked, in short ("2026"; empty when the
    service takes no input), `parametros` the whole input. `resposta` is the answer in our own shape (money as text
    with two places, dates ISO), `documento` the PDF that came.
    """

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="consultas", verbose_name="empresa")
    servico = models.CharField("serviço", max_length=60)
    chave = models.CharField("o que foi perguntado", max_length=60, blank=True, default="")
    parametros = models.JSONField("parâmetros", default=dict)
    resposta = models.JSONField("resposta", default=dict)
    documento = models.ForeignKey(
        Documento, on_delete=models.PROTECT, null=True, verbose_name="documento", related_name="+"
    )
    operacao = models.OneToOneField(
        Operacao, on_delete=models.PROTECT, verbose_name="operação", related_name="consulta"
    )
    consultada_em = models.DateTimeField("consultada em")

    objects = ConsultaQuerySet.as_manager()

    class Meta:
        verbose_name = "consulta"
        ordering = ["-consultada_em"]
        indexes = [models.Index(fields=["empresa", "servico", "chave", "-id"], name="consulta_ultima")]

    def __str__(self) -> str:
        return f"{self.servico} {self.chave}".strip()


class Procuracao(models.Model):
    """What OBTERPROCURACAO41 last said for one empresa and grantee; a paid answer, so it is kept.

    `sistemas` are power names as given, or ["TODOS"] for an unlimited grant; empty means none active. `validades` says
    until when each power recognised in them holds: {"00146": "2027-03-20"}, or "TODOS" (guias.services.poderes).
    """

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="procuracoes", verbose_name="empresa")
    credencial = models.ForeignKey(Credencial, on_delete=models.PROTECT, related_name="+", verbose_name="credencial")
    outorgado = models.CharField("outorgado", max_length=14)
    sistemas = models.JSONField("sistemas", default=list)
    validades = models.JSONField("validade de cada poder", default=dict, db_default={})
    expira = models.DateField("expira em", null=True)
    consultada_em = models.DateTimeField("consultada em")

    class Meta:
        verbose_name = "procuração"
        verbose_name_plural = "procurações"
        constraints = [models.UniqueConstraint(fields=["empresa", "outorgado"], name="procuracao_unica")]

    def __str__(self) -> str:
        return f"{self.empresa_id} para {self.outorgado}"
