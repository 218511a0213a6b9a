"""What the office declares and pays to the Receita beside the Simples: DARF, DCTFWeb and MIT."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from arquivo.models import Documento
from comum.models import Usuario
from empresas.models import Empresa
from guias.models.guia import Guia
from operacoes.models import ABERTAS, Operacao, Situacao


class ReceitaSicalc(models.Model):
    """What CONSULTAAPOIORECEITAS52 last said of a revenue code: a free answer, kept with its age.

    `extensoes` as guias.services.receitas_federais writes them.
    """

    codigo = models.CharField("código", max_length=4, primary_key=True)
    denominacao = models.CharField("denominação", max_length=300)
    extensoes = models.JSONField("extensões", default=list)
    consultada_em = models.DateTimeField("consultada em")

    class Meta:
        verbose_name = "exigências de receita federal"
        verbose_name_plural = "exigências de receitas federais"
        ordering = ["codigo"]

    def __str__(self) -> str:
        return f"{self.codigo} {self.denominacao}"


class TaxaSelic(models.Model):
    """The Selic of a month, in percent, kept by the office: only our estimate of interest looks at it."""

    mes = models.DateField("mês", primary_key=True, help_text="Dia 1 do mês.")
    taxa = models.DecimalField("taxa do mês (%)", max_digits=6, decimal_places=2)

    class Meta:
        verbose_name = "taxa Selic"
        verbose_name_plural = "taxas Selic"
        ordering = ["-mes"]
        constraints = [
            models.CheckConstraint(condition=models.Q(mes__day=1), name="selic_do_primeiro_dia"),
            models.CheckConstraint(condition=models.Q(taxa__gte=0), name="selic_nao_negativa"),
        ]

    def __str__(self) -> str:
        return f"{self.mes:%m/%Y}: {self.taxa} %"


class DarfQuerySet(models.QuerySet["Darf"]):
    def visiveis(self, usuario: Usuario) -> "DarfQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))

    def com_situacao(self) -> "DarfQuerySet":
        """Each with `situacao`, a Darf.Situacao, read from its Operacao."""
        valores = Darf.Situacao
        emitido = models.Q(operacao__situacao=Situacao.CONCLUIDA)
        substituida = models.Exists(Guia.objects.filter(operacao=models.OuterRef("operacao")).substituidas())
        return self.annotate(
            situacao=models.Case(
                models.When(operacao__isnull=True, then=models.Value(valores.RASCUNHO)),
                models.When(emitido & substituida, then=models.Value(valores.SUBSTITUIDO)),
                models.When(emitido, then=models.Value(valores.EMITIDO)),
                models.When(
                    operacao__situacao__in=(Situacao.INCERTA, Situacao.AGUARDA_PESSOA),
                    then=models.Value(valores.EM_DUVIDA),
                ),
                models.When(operacao__situacao__in=ABERTAS, then=models.Value(valores.EM_ANDAMENTO)),
                default=models.Value(valores.RECUSADO),
                output_field=models.CharField(),
            )
        )


class Darf(models.Model):
    """A DARF wanted by the office, typed or from a file, and the Operacao that draws it. Amounts in reais.

    `periodo` is in the form of its `tipo_pa` ("03/2026" is March, or the third quarter), `competencia` the month it
    stands under. `multa` and `juros` only where the receita takes them by hand. `complemento` tells apart the debts
    that have all the rest alike (what was left out, another beneficiary). `divida` names what it pays: another DARF of
    it is another copy, and only one at a time is in preparation.
    """

    class Situacao(models.TextChoices):
        RASCUNHO = "rascunho", "A emitir"
        EM_ANDAMENTO = "andamento", "Em andamento"
        EM_DUVIDA = "duvida", "Em dúvida"
        RECUSADO = "recusada", "Recusado"
        EMITIDO = "emitida", "Emitido"
        SUBSTITUIDO = "substituida", "Substituído"

    class Periodo(models.TextChoices):
        ANUAL = "AN", "Ano"
        TRIMESTRAL = "TR", "Trimestre"
        MENSAL = "ME", "Mês"
        QUINZENAL = "QZ", "Quinzena"
        DECENDIAL = "DC", "Decêndio"
        SEMANAL = "SM", "Semana"
        DIARIO = "DI", "Dia"

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="darfs", verbose_name="empresa")
    receita = models.CharField("código de receita", max_length=4)
    extensao = models.CharField("extensão", max_length=2)
    tipo_pa = models.CharField("tipo de período", max_length=2, choices=Periodo)
    periodo = models.CharField("período de apuração", max_length=10)
    competencia = models.DateField("competência")
    vencimento = models.DateField("vencimento")
    consolidacao = models.DateField("pagar em")
    valor = models.DecimalField("principal", max_digits=14, decimal_places=2)
    multa = models.DecimalField("multa", max_digits=14, decimal_places=2, null=True, blank=True)
    juros = models.DecimalField("juros", max_digits=14, decimal_places=2, null=True, blank=True)
    referencia = models.CharField("número de referência", max_length=17, blank=True)
    cota = models.PositiveSmallIntegerField("quota", null=True, blank=True)
    complemento = models.PositiveSmallIntegerField("complemento", default=0, db_default=0)
    ganho_capital = models.BooleanField("ganho de capital", null=True, blank=True)
    alienacao = models.DateField("data da alienação", null=True, blank=True)
    cno = models.CharField("CNO", max_length=12, blank=True)
    cnpj_prestador = models.CharField("CNPJ do prestador", max_length=14, blank=True)
    observacao = models.CharField("observação", max_length=100, blank=True)
    so_barras = models.BooleanField("só o código de barras", default=False)
    divida = models.CharField("dívida", max_length=80, editable=False)
    criado_por = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name="criado por", related_name="+"
    )
    criado_em = models.DateTimeField("criado em", db_default=Now())
    operacao = models.OneToOneField(
        Operacao, on_delete=models.PROTECT, null=True, verbose_name="operação", related_name="darf"
    )

    objects = DarfQuerySet.as_manager()

    class Meta:
        verbose_name = "DARF"
        verbose_name_plural = "DARFs"
        ordering = ["-criado_em", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["divida"], condition=models.Q(operacao__isnull=True), name="darf_um_rascunho_por_divida"
            ),
            models.CheckConstraint(condition=models.Q(valor__gte=0), name="darf_nao_negativo"),
        ]
        indexes = [models.Index(fields=["competencia", "empresa"], name="darf_comp_empresa")]

    def __str__(self) -> str:
        return f"DARF {self.codigo} {self.periodo}"

    @property
    def codigo(self) -> str:
        return f"{self.receita}-{self.extensao}"

    @property
    def situacao_dita(self) -> str:
        """In words, of a row of com_situacao()."""
        return str(Darf.Situacao(getattr(self, "situacao", Darf.Situacao.RASCUNHO)).label)

    def nomear(self) -> None:
        """Write `divida` from what it pays."""
        cota, complemento = self.cota or "", f":{self.complemento}" if self.complemento else ""
        self.divida = f"darf:{self.empresa_id}:{self.codigo}:{self.periodo}:{self.referencia}:{cota}{complemento}"


class DctfwebQuerySet(models.QuerySet["DeclaracaoDctfweb"]):
    def visiveis(self, usuario: Usuario) -> "DctfwebQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))


class DeclaracaoDctfweb(models.Model):
    """A DCTFWeb as the Receita last told of it. `dia` only of a sports event, `identificador` the CNO or the process.

    `xml` is that of the declaration in progress, as it was found on `xml_em`: what is signed and transmitted.
    """

    class Categoria(models.IntegerChoices):
        GERAL_MENSAL = 40, "Geral, mensal"
        GERAL_13O_SALARIO = 41, "Geral, 13º salário"
        AFERICAO = 44, "Aferição de obra"
        ESPETACULO_DESPORTIVO = 45, "Espetáculo desportivo"
        RECLAMATORIA_TRABALHISTA = 46, "Reclamatória trabalhista"
        PF_MENSAL = 50, "Pessoa física, mensal"
        PF_13O_SALARIO = 51, "Pessoa física, 13º salário"

    class Situacao(models.TextChoices):
        NAO_CONSULTADA = "nao_consultada", "Não consultada"
        SEM_DECLARACAO = "sem_declaracao", "Sem declaração em andamento"
        EM_ANDAMENTO = "em_andamento", "Em andamento"
        TRANSMITIDA = "transmitida", "Transmitida"

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="dctfwebs", verbose_name="empresa")
    competencia = models.DateField("competência")
    categoria = models.PositiveSmallIntegerField("categoria", choices=Categoria, default=Categoria.GERAL_MENSAL)
    dia = models.PositiveSmallIntegerField("dia", default=0)
    identificador = models.CharField("CNO ou processo", max_length=30, blank=True, default="")
    situacao = models.CharField("situação", max_length=14, choices=Situacao, default=Situacao.NAO_CONSULTADA)
    consultada_em = models.DateTimeField("consultada em", null=True)
    xml = models.ForeignKey(Documento, on_delete=models.PROTECT, null=True, verbose_name="XML", related_name="+")
    xml_em = models.DateTimeField("XML buscado em", null=True)
    transmitida_em = models.DateTimeField("transmitida em", null=True)
    atrasada = models.BooleanField("transmitida com atraso", default=False)
    recibo = models.ForeignKey(Documento, on_delete=models.PROTECT, null=True, verbose_name="recibo", related_name="+")
    completa = models.ForeignKey(
        Documento, on_delete=models.PROTECT, null=True, verbose_name="declaração completa", related_name="+"
    )

    objects = DctfwebQuerySet.as_manager()

    class Meta:
        verbose_name = "DCTFWeb"
        verbose_name_plural = "DCTFWebs"
        ordering = ["-competencia", "empresa", "categoria"]
        constraints = [
            models.UniqueConstraint(
                fields=["empresa", "competencia", "categoria", "dia", "identificador"], name="dctfweb_unica"
            ),
        ]
        indexes = [models.Index(fields=["competencia", "categoria"], name="dctfweb_comp")]

    def __str__(self) -> str:
        return f"DCTFWeb {self.competencia:%m/%Y} ({self.get_categoria_display()})"


class MitQuerySet(models.QuerySet["ApuracaoMit"]):
    def visiveis(self, usuario: Usuario) -> "MitQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))


class ApuracaoMit(models.Model):
    """A month of MIT: what the office typed to be closed, and how far the Receita says it is. Amounts in reais.

    `debitos` are {"tributo", "codigo", "valor", "periodo", "cnpj_scp", "estabelecimento", "evento", "referente"} as
    text, in the order typed; `suspensoes` as guias.services.suspensoes_mit reads them; `eventos` {"dia", "tipo"} by
    day; `balanco` only of the lucro real by estimate. `pendencias` are the
    words of the Receita. `versao` guards what two people type at once; `envio` counts the closings asked for.
    """

    class Situacao(models.TextChoices):
        EDICAO = "edicao", "Em preparação"
        ENCERRANDO = "encerrando", "Encerrando"
        PENDENTE = "pendente", "Com pendências"
        ENCERRADA = "encerrada", "Encerrada"

    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="mits", verbose_name="empresa")
    competencia = models.DateField("competência")
    sem_movimento = models.BooleanField("sem movimento", default=False)
    qualificacao = models.PositiveSmallIntegerField("qualificação da PJ", default=1)
    tributacao = models.PositiveSmallIntegerField("tributação do lucro", default=3)
    variacoes = models.PositiveSmallIntegerField("variações monetárias", default=1)
    regime = models.PositiveSmallIntegerField("regime do PIS e da Cofins", default=2)
    cpf_responsavel = models.CharField("CPF do responsável", max_length=11, blank=True)
    balanco = models.BooleanField("balanço de suspensão ou redução", default=False, db_default=False)
    eventos = models.JSONField("eventos especiais", default=list, db_default=models.Value([], models.JSONField()))
    debitos = models.JSONField("débitos", default=list)
    suspensoes = models.JSONField("suspensões", default=list, db_default=models.Value([], models.JSONField()))
    total = models.DecimalField("total dos débitos", max_digits=14, decimal_places=2, default=Decimal(0))
    situacao = models.CharField("situação", max_length=10, choices=Situacao, default=Situacao.EDICAO)
    protocolo = models.CharField("protocolo", max_length=36, blank=True)
    id_apuracao = models.CharField("apuração no MIT", max_length=20, blank=True)
    pendencias = models.JSONField("pendências", default=list)
    encerrada_em = models.DateTimeField("encerrada em", null=True)
    consultada_em = models.DateTimeField("consultada em", null=True)
    total_na_receita = models.DecimalField("total na Receita", max_digits=14, decimal_places=2, null=True)
    envio = models.PositiveSmallIntegerField("envio", default=1)
    versao = models.PositiveIntegerField("versão", default=1)
    preparada_por = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name="preparada por", related_name="+"
    )

    objects = MitQuerySet.as_manager()

    class Meta:
        verbose_name = "apuração do MIT"
        verbose_name_plural = "apurações do MIT"
        ordering = ["-competencia", "empresa"]
        constraints = [models.UniqueConstraint(fields=["empresa", "competencia"], name="mit_unico")]

    def __str__(self) -> str:
        return f"MIT {self.competencia:%m/%Y}"

    @property
    def confessado(self) -> Decimal:
        """The total as the Receita told it, or as it was typed."""
        return self.total if self.total_na_receita is None else self.total_na_receita
