"""Who takes the services of an empresa, and what it renders."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import ExtractMonth, ExtractYear, Length
from django.db.models.lookups import Exact, LessThanOrEqual
from django.urls import reverse

from comum.documentos import eh_cnpj, mascarar
from comum.formatos import format_telefone, normalizar
from comum.models import Usuario
from empresas.calendario import somar_meses
from empresas.models import Cnae, Empresa, ItemLc116, Municipio
from empresas.models.cadastro import sem_pontuacao
from nfse.models.canais import CanalNfse
from nfse.models.detalhes import Imunidade, SituacaoPisCofins
from nfse.models.exigencias import Exigibilidade
from nfse.paises import nome_do_pais


def com_as_palavras[Q: models.QuerySet[Any]](consulta: Q, texto: str) -> Q:
    """The rows in whose `busca` every word of `texto` occurs; masks are ignored, marks alone find nothing."""
    palavras = [palavra for parte in texto.split() if (palavra := sem_pontuacao(parte))]
    consulta = consulta if palavras else consulta.none()
    for palavra in palavras:
        consulta = consulta.filter(busca__contains=palavra)
    return consulta


class TomadorQuerySet(models.QuerySet["Tomador"]):
    def visiveis(self, usuario: Usuario) -> "TomadorQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))

    def procurar(self, texto: str) -> "TomadorQuerySet":
        """Every word of `texto` occurs in name or document; masks are ignored."""
        return com_as_palavras(self, texto)

    def com_documento_de(self, posicoes: int) -> "TomadorQuerySet":
        """Those with a CNPJ (14) or a CPF (11)."""
        return self.filter(Exact(Length("documento"), posicoes))

    def sem_endereco(self) -> "TomadorQuerySet":
        """Those of which `tem_endereco` is false."""
        return self.filter(endereco_falta=True)


_SEM_ENDERECO = (
    Q(logradouro="")
    | Q(numero="")
    | Q(pais="BR") & (Q(municipio=None) | Q(cep="") | Q(bairro=""))
    | ~Q(pais="BR") & Q(cidade_exterior="")
)


class Tomador(models.Model):
    """Who takes services of one empresa. `documento` is a CPF or CNPJ unmasked, empty only abroad, where `nif` may tell
    the foreign number (`sem_nif`: why there is none) and `cidade_exterior`, `regiao_exterior` and `codigo_postal` the
    place. An empresa has a document once."""

    class SemNif(models.TextChoices):
        """cNaoNIF of the national layout."""

        DISPENSADO = "1", "1 - Dispensado do NIF"
        NAO_EXIGIDO = "2", "2 - O país não exige NIF"

    busca = models.TextField(editable=False)
    ordem = models.CharField(max_length=150, editable=False)
    empresa = models.ForeignKey(
        Empresa, on_delete=models.PROTECT, db_index=False, related_name="tomadores", verbose_name="empresa"
    )
    documento = models.CharField("CNPJ ou CPF", max_length=14, blank=True)
    nome = models.CharField("nome ou razão social", max_length=150)
    inscricao_municipal = models.CharField("inscrição municipal", max_length=20, blank=True)
    email = models.EmailField("e-mail", blank=True)
    telefone = models.CharField("telefone", max_length=15, blank=True)
    logradouro = models.CharField("logradouro", max_length=125, blank=True)
    numero = models.CharField("número", max_length=10, blank=True)
    complemento = models.CharField("complemento", max_length=60, blank=True)
    bairro = models.CharField("bairro", max_length=60, blank=True)
    cep = models.CharField("CEP", max_length=8, blank=True)
    municipio = models.ForeignKey(
        Municipio,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name="município",
    )
    pais = models.CharField("país", max_length=2, default="BR", help_text="duas letras (ISO 3166-1)")
    cidade_exterior = models.CharField("cidade no exterior", max_length=60, blank=True)
    nif = models.CharField("documento no exterior (NIF)", max_length=40, blank=True)
    sem_nif = models.CharField(
        "por que não tem NIF", max_length=1, choices=SemNif, blank=True, default="", db_default=""
    )
    regiao_exterior = models.CharField(
        "estado, província ou região", max_length=60, blank=True, default="", db_default=""
    )
    codigo_postal = models.CharField("código postal no exterior", max_length=11, blank=True, default="", db_default="")
    ativo = models.BooleanField("ativo", default=True)
    criado_em = models.DateTimeField("criado em", auto_now_add=True)
    alterado_em = models.DateTimeField("alterado em", auto_now=True)
    endereco_falta = models.GeneratedField(
        expression=Case(When(_SEM_ENDERECO, then=Value(True)), default=Value(False)),
        output_field=models.BooleanField("falta o endereço"),
        db_persist=True,
    )

    objects = TomadorQuerySet.as_manager()

    class Meta:
        verbose_name = "tomador"
        verbose_name_plural = "tomadores"
        ordering = ["ordem", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["empresa", "documento"], condition=~Q(documento=""), name="tomador_documento_unico"
            ),
            models.CheckConstraint(
                condition=Q(documento="") | Q(documento__regex=r"^([0-9]{11}|[0-9A-Z]{12}[0-9]{2})$"),
                name="tomador_documento_formato",
            ),
            models.CheckConstraint(condition=~Q(pais="BR") | ~Q(documento=""), name="tomador_do_pais_tem_documento"),
        ]
        indexes = [
            models.Index(fields=["empresa", "ordem", "id"], name="tomador_empresa_ordem"),
            # With what carteiras and filters ask for, so that deep pages read the index alone.
            models.Index(fields=["ordem", "id"], include=["empresa", "municipio", "ativo"], name="tomador_ordem"),
            models.Index(fields=["documento", "id"], include=["empresa"], name="tomador_documento"),
            models.Index(fields=["municipio", "ordem", "id"], name="tomador_municipio"),
            models.Index(fields=["ordem", "id"], name="tomador_sem_endereco", condition=Q(endereco_falta=True)),
            models.Index(fields=["ordem", "id"], name="tomador_inativo", condition=Q(ativo=False)),
        ]

    def __str__(self) -> str:
        return self.nome

    def preparar(self) -> None:
        """Fill the derived columns. save() does it; before bulk_create() the caller does."""
        self.busca = f"{(self.documento or self.nif).lower()} {sem_pontuacao(self.nome)}"
        self.ordem = normalizar(self.nome)[:150]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.preparar()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("nfse:tomador", args=[self.pk])

    @property
    def documento_mascarado(self) -> str:
        return mascarar(self.documento) if self.documento else self.nif

    @property
    def telefone_mascarado(self) -> str:
        return self.telefone if self.no_exterior else format_telefone(self.telefone)

    @property
    def eh_pj(self) -> bool:
        return bool(self.documento) and eh_cnpj(self.documento)

    @property
    def no_exterior(self) -> bool:
        return self.pais != "BR"

    @property
    def lugar(self) -> str:
        """Município, or city and country abroad; empty where neither is known."""
        if not self.no_exterior:
            return str(self.municipio) if self.municipio else ""
        return ", ".join(parte for parte in (self.cidade_exterior, nome_do_pais(self.pais)) if parte)

    @property
    def tem_endereco(self) -> bool:
        """Whether the address is complete enough for a town hall that asks for one."""
        lugar = self.cidade_exterior if self.no_exterior else (self.municipio_id and self.cep and self.bairro)
        return bool(self.logradouro and self.numero and lugar)


class TomadorNoCanal(models.Model):
    """A tomador as a service knows it: how it writes the document, what else it told (`dados`), and what was sent last,
    by its SHA-256, so that one changed since is seen. It does not spare a sending: each note sends its tomador again.
    """

    tomador = models.ForeignKey(Tomador, on_delete=models.CASCADE, related_name="nos_canais", verbose_name="tomador")
    canal = models.ForeignKey(CanalNfse, on_delete=models.CASCADE, related_name="+", verbose_name="canal")
    id_servico = models.CharField("identificação no serviço", max_length=60, blank=True)
    documento = models.CharField(
        "documento, como o serviço escreve", max_length=18, blank=True, default="", db_default=""
    )
    enviado = models.CharField("SHA-256 do que foi enviado", max_length=64, blank=True)
    dados = models.JSONField("como o serviço o tem", default=dict)
    enviado_em = models.DateTimeField("enviado em")

    class Meta:
        verbose_name = "tomador no canal"
        verbose_name_plural = "tomadores nos canais"
        constraints = [models.UniqueConstraint(fields=["tomador", "canal"], name="tomador_no_canal_unico")]

    def __str__(self) -> str:
        return f"{self.tomador_id} em {self.canal_id}"


class ServicoQuerySet(models.QuerySet["Servico"]):
    def visiveis(self, usuario: Usuario) -> "ServicoQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))

    def procurar(self, texto: str) -> "ServicoQuerySet":
        """Every word of `texto` occurs in code, name, LC 116 item or description."""
        return com_as_palavras(self, texto)


class Servico(models.Model):
    """A template of what an empresa renders: codes, taxes, and a description in which {MES} and {ANO} are the
    competência's. Rates are percentages; `retem_*` are rates withheld by the taker, None where nothing is.

    `atividade` is the internal id at SISGENF-e (ReferenciaCanal), `codigo_nacional` the cTribNac; of IBS and CBS,
    `ibs_cbs_fornecimento` is the cIndOp, `ibs_cbs_situacao` the CST and `ibs_cbs_classificacao` the cClassTrib; of the
    empresa's own PIS and COFINS, `pis_cofins_situacao` is the CST. What a note begins with: it may say otherwise.
    """

    busca = models.TextField(editable=False, db_default="")
    ordem = models.CharField(max_length=80, editable=False, db_default="")
    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="servicos", verbose_name="empresa")
    codigo = models.CharField("código", max_length=20)
    nome = models.CharField("nome", max_length=80)
    item_lc116 = models.ForeignKey(
        ItemLc116, on_delete=models.PROTECT, db_index=False, related_name="+", verbose_name="item da LC 116"
    )
    codigo_municipal = models.CharField("código no município", max_length=20, blank=True)
    codigo_nacional = models.CharField("código nacional (cTribNac)", max_length=6, blank=True)
    nbs = models.CharField("NBS", max_length=9, blank=True)
    cnae = models.ForeignKey(
        Cnae,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name="CNAE",
    )
    atividade = models.PositiveIntegerField("atividade no SISGENF-e", null=True, blank=True)
    unidade = models.CharField("unidade de medida", max_length=30, default="Unidade")
    descricao = models.TextField("descrição", max_length=2000, help_text="{MES} e {ANO} são os da competência.")
    valor = models.DecimalField("valor unitário", max_digits=14, decimal_places=2, null=True, blank=True)
    aliquota_iss = models.DecimalField("alíquota do ISS (%)", max_digits=6, decimal_places=4, null=True, blank=True)
    iss_retido = models.BooleanField("ISS retido pelo tomador", default=False)
    retem_pis = models.DecimalField("PIS retido (%)", max_digits=6, decimal_places=4, null=True, blank=True)
    retem_cofins = models.DecimalField("COFINS retida (%)", max_digits=6, decimal_places=4, null=True, blank=True)
    retem_csll = models.DecimalField("CSLL retida (%)", max_digits=6, decimal_places=4, null=True, blank=True)
    retem_ir = models.DecimalField("IR retido (%)", max_digits=6, decimal_places=4, null=True, blank=True)
    retem_inss = models.DecimalField("INSS retido (%)", max_digits=6, decimal_places=4, null=True, blank=True)
    exigibilidade = models.CharField(
        "exigibilidade do ISS", max_length=15, choices=Exigibilidade, blank=True, default="", db_default=""
    )
    exige_obra = models.BooleanField("é de obra", default=False, db_default=False)
    ibs_cbs_fornecimento = models.CharField(
        "indicador da operação (cIndOp)", max_length=6, blank=True, default="", db_default=""
    )
    ibs_cbs_situacao = models.CharField("CST do IBS e da CBS", max_length=3, blank=True, default="", db_default="")
    ibs_cbs_classificacao = models.CharField(
        "classificação tributária (cClassTrib)", max_length=6, blank=True, default="", db_default=""
    )
    imunidade = models.CharField(
        "tipo de imunidade", max_length=1, choices=Imunidade, blank=True, default="", db_default=""
    )
    pis_cofins_situacao = models.CharField(
        "CST do PIS e da COFINS", max_length=2, choices=SituacaoPisCofins, blank=True, default="", db_default=""
    )
    pis_aliquota = models.DecimalField("PIS próprio (%)", max_digits=4, decimal_places=2, null=True, blank=True)
    cofins_aliquota = models.DecimalField("COFINS própria (%)", max_digits=4, decimal_places=2, null=True, blank=True)
    ativo = models.BooleanField("ativo", default=True)
    alterado_em = models.DateTimeField("alterado em", auto_now=True)

    objects = ServicoQuerySet.as_manager()

    class Meta:
        verbose_name = "serviço"
        verbose_name_plural = "serviços"
        ordering = ["empresa", "codigo"]
        constraints = [models.UniqueConstraint(fields=["empresa", "codigo"], name="servico_codigo_unico")]
        indexes = [
            models.Index(fields=["ordem", "id"], include=["empresa"], name="servico_ordem"),
            models.Index(fields=["empresa", "ordem", "id"], name="servico_empresa_ordem"),
            models.Index(fields=["codigo", "id"], name="servico_codigo"),
        ]

    def __str__(self) -> str:
        return f"{self.codigo} {self.nome}"

    def preparar(self) -> None:
        """Fill the derived columns. save() does it; before bulk_create() the caller does."""
        self.busca = " ".join(map(sem_pontuacao, (self.codigo, self.nome, self.item_lc116_id, self.descricao)))
        self.ordem = normalizar(self.nome)[:80]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.preparar()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("nfse:servico", args=[self.pk])


class ContratoQuerySet(models.QuerySet["Contrato"]):
    def visiveis(self, usuario: Usuario) -> "ContratoQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))

    def procurar(self, texto: str) -> "ContratoQuerySet":
        """Every word of `texto` occurs in the tomador's name or document; masks are ignored."""
        return self.filter(tomador__in=Tomador.objects.procurar(texto))

    def vigentes(self, competencia: date) -> "ContratoQuerySet":
        """Active, and in force on some day of the month."""
        return self.filter(Q(ate=None) | Q(ate__gte=competencia), ativo=True, de__lt=somar_meses(competencia, 1))

    def com_reajuste_devido(self, competencia: date) -> "ContratoQuerySet":
        """Active, not ended, whose `proximo_reajuste` is at the latest this competência."""
        mes = ExtractMonth("valor_desde")
        anos = Case(When(mes_do_reajuste__gte=mes, then=1), default=2)
        proximo = (ExtractYear("valor_desde") + anos) * 12 + F("mes_do_reajuste")
        meses = ExpressionWrapper(proximo, models.IntegerField())
        return self.vigentes(competencia).filter(LessThanOrEqual(meses, competencia.year * 12 + competencia.month))


class Contrato(models.Model):
    """A monthly fee: gives one note for each competência of its vigência.

    `valor` is in force from `valor_desde` on, and before it `valor_anterior`, from `anterior_desde` on: for the amount
    of a competência ask valor_na(). In `mes_do_reajuste` the office is told that a reajuste is due, and applies it with
    its own index: the price never changes by itself. `ordem` is the tomador's, for lists.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ordem = models.CharField(max_length=150, editable=False, db_default="")
    empresa = models.ForeignKey(Empresa, on_delete=models.PROTECT, related_name="contratos", verbose_name="empresa")
    tomador = models.ForeignKey(Tomador, on_delete=models.PROTECT, related_name="contratos", verbose_name="tomador")
    servico = models.ForeignKey(Servico, on_delete=models.PROTECT, related_name="contratos", verbose_name="serviço")
    descricao = models.TextField(
        "descrição", max_length=2000, blank=True, help_text="Vazia: a do serviço. {MES} e {ANO} são os da competência."
    )
    valor = models.DecimalField("valor mensal", max_digits=14, decimal_places=2)
    valor_desde = models.DateField("valor em vigor desde")
    valor_anterior = models.DecimalField(
        "valor anterior", max_digits=14, decimal_places=2, null=True, blank=True, editable=False
    )
    anterior_desde = models.DateField("valor anterior desde", null=True, blank=True, editable=False)
    de = models.DateField("vigência de")
    ate = models.DateField("vigência até", null=True, blank=True)
    dia = models.PositiveSmallIntegerField("dia da emissão", default=1)
    mes_do_reajuste = models.PositiveSmallIntegerField("mês do reajuste", null=True, blank=True)
    indice = models.CharField("índice do reajuste", max_length=30, blank=True)
    ativo = models.BooleanField("ativo", default=True)
    alterado_em = models.DateTimeField("alterado em", auto_now=True)

    objects = ContratoQuerySet.as_manager()

    class Meta:
        verbose_name = "contrato recorrente"
        verbose_name_plural = "contratos recorrentes"
        ordering = ["empresa", "tomador", "de"]
        constraints = [
            models.CheckConstraint(condition=Q(valor__gt=0), name="contrato_valor_positivo"),
            models.CheckConstraint(condition=Q(dia__gte=1, dia__lte=31), name="contrato_dia"),
            models.CheckConstraint(condition=Q(ate=None) | Q(ate__gte=F("de")), name="contrato_periodo"),
            models.CheckConstraint(
                condition=Q(mes_do_reajuste=None) | Q(mes_do_reajuste__gte=1, mes_do_reajuste__lte=12),
                name="contrato_mes_do_reajuste",
            ),
            models.CheckConstraint(
                condition=Q(valor_anterior=None, anterior_desde=None)
                | Q(valor_anterior__gt=0, anterior_desde__lt=F("valor_desde")),
                name="contrato_valor_anterior",
            ),
        ]
        indexes = [
            models.Index(fields=["ordem", "id"], include=["empresa"], name="contrato_ordem"),
            models.Index(fields=["empresa", "ordem", "id"], name="contrato_empresa_ordem"),
            models.Index(fields=["valor", "ordem", "id"], name="contrato_valor"),
            models.Index(fields=["dia", "ordem", "id"], name="contrato_dia_ordem"),
        ]

    def __str__(self) -> str:
        return f"{self.servico.nome} para {self.tomador}"

    def preparar(self) -> None:
        """Fill the derived columns. save() does it; before bulk_create() the caller does."""
        self.ordem = self.tomador.ordem

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.preparar()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("nfse:contrato", args=[self.pk])

    def valor_na(self, competencia: date) -> Decimal | None:
        """The monthly amount of a competência, in reais; None before the earliest price that is known."""
        if competencia >= self.valor_desde.replace(day=1):
            return self.valor
        if self.anterior_desde is not None and competencia >= self.anterior_desde.replace(day=1):
            return self.valor_anterior
        return None

    @property
    def proximo_reajuste(self) -> date | None:
        """The competência from which a reajuste is due: the first `mes_do_reajuste` when the price has stood for a year
        (Lei 10.192/2001, art. 2º, § 1º: no reajuste in less than a year)."""
        if self.mes_do_reajuste is None:
            return None
        anos = 1 if self.mes_do_reajuste >= self.valor_desde.month else 2
        return date(self.valor_desde.year + anos, self.mes_do_reajuste, 1)
