"""What the Receita says was paid, and of whom it has news."""

from decimal import Decimal

from django.db import models

from comum.models import Usuario
from empresas.models import Empresa
from guias.models.guia import Guia
from operacoes.models import Operacao


class ArrecadacaoQuerySet(models.QuerySet["Arrecadacao"]):
    def visiveis(self, usuario: Usuario) -> "ArrecadacaoQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))


class Arrecadacao(models.Model):
    """One payment that the Receita has of an empresa: of the guia with its number, when that was drawn here.

    Amounts in reais, None where the Receita does not tell them; `tipo` as PAGTOWEB has it ("04" DARF, "09" DAS). Two
    payments of one document on one day are one row.
    """

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="arrecadacoes", verbose_name="empresa")
    numero = models.CharField("número do documento", max_length=20)
    dia = models.DateField("paga em")
    tipo = models.CharField("tipo", max_length=2)
    tipo_nome = models.CharField("documento", max_length=60, blank=True)
    receita = models.CharField("código de receita", max_length=7, blank=True)
    periodo = models.DateField("período de apuração", null=True)
    vencimento = models.DateField("vencimento", null=True)
    total = models.DecimalField("total", max_digits=14, decimal_places=2)
    principal = models.DecimalField("principal", max_digits=14, decimal_places=2, null=True)
    multa = models.DecimalField("multa", max_digits=14, decimal_places=2, null=True)
    juros = models.DecimalField("juros", max_digits=14, decimal_places=2, null=True)
    guia = models.ForeignKey(
        Guia, on_delete=models.PROTECT, null=True, related_name="arrecadacoes", verbose_name="guia"
    )
    operacao = models.ForeignKey(Operacao, on_delete=models.PROTECT, related_name="+", verbose_name="operação")
    vista_em = models.DateTimeField("vista em")

    objects = ArrecadacaoQuerySet.as_manager()

    class Meta:
        verbose_name = "pagamento na Receita"
        verbose_name_plural = "pagamentos na Receita"
        ordering = ["-dia", "-id"]
        constraints = [models.UniqueConstraint(fields=["empresa", "numero", "dia"], name="arrecadacao_do_dia")]

    def __str__(self) -> str:
        return f"{self.numero} em {self.dia:%d/%m/%Y}"

    @property
    def excedente(self) -> Decimal:
        return self.total - self.guia.total if self.guia else Decimal(0)


class Novidade(models.Model):
    """The last day on which something of an empresa changed in a system of the Receita, as EVENTOSATUALIZACAO last
    told; `dia` None: nothing in the 60 days before `perguntada_em`. `sem_procuracao`: it told nothing, for want of the
    power."""

    class Evento(models.TextChoices):
        DCTFWEB = "E0301", "DCTFWeb"
        CAIXA_POSTAL = "E0601", "Caixa postal"
        PAGAMENTOS = "E0701", "Pagamentos"

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="novidades", verbose_name="empresa")
    evento = models.CharField("sistema", max_length=5, choices=Evento)
    dia = models.DateField("última novidade", null=True)
    sem_procuracao = models.BooleanField("sem procuração", default=False)
    perguntada_em = models.DateTimeField("perguntada em")

    class Meta:
        verbose_name = "novidade da Receita"
        verbose_name_plural = "novidades da Receita"
        constraints = [models.UniqueConstraint(fields=["empresa", "evento"], name="novidade_do_sistema")]

    def __str__(self) -> str:
        return f"{self.get_evento_display()}: {self.dia or 'nada'}"
