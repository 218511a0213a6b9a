"""The invoice, its lines and everything that ever happened to it."""

import re
import secrets
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import JSONField, Q, Value
from django.db.models.functions import Now
from django.urls import reverse

from arquivo.models import Documento
from comum.models import Usuario
from empresas.models import Empresa, ItemLc116, Municipio
from empresas.models.cadastro import sem_pontuacao
from nfse.models.cadastro import Contrato, Servico, Tomador
from nfse.models.canais import CanalNfse, TipoCanal
from nfse.models.exigencias import Exigibilidade, Natureza, Responsavel
from operacoes.models import Operacao

ZERO = Decimal(0)
_CHAVE = re.compile(r"[0-9A-Z]{50}")  # of the national system


def nova_marca() -> str:
    """What a note carries in its own text, so that a service can be asked whether it has it: unique, 16 characters."""
    return "G" + secrets.token_hex(8)[:15].upper()


class NotaQuerySet(models.QuerySet["Nota"]):
    def visiveis(self, usuario: Usuario) -> "NotaQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))

    def procurar(self, texto: str) -> "NotaQuerySet":
        """Every word of `texto` occurs in number, tomador's name or document; or `texto` is the chave, in groups or
        not."""
        if _CHAVE.fullmatch(chave := "".join(texto.split()).upper()):
            return self.filter(chave=chave)
        palavras = [palavra for parte in texto.split() if (palavra := sem_pontuacao(parte))]
        consulta = self if palavras else self.none()
        # What tells most comes first: the database stops at the first word that a row lacks.
        for palavra in sorted(palavras, key=lambda p: (not any(map(str.isdigit, p)), -len(p))):
            consulta = consulta.filter(busca__contains=palavra)
        return consulta


class Nota(models.Model):
    """One intended invoice, from draft to the end. Amounts in reais, `competencia` the first day of its month.

    `serie` and `numero` are ours (RPS), given once and kept through every revision: a refused note goes again with the
    same number, and one abandoned before it was authorised gives it back (NumeroLivre). `numero_nfse` is the town's.
    `revisao` grows when the note is corrected after a refusal; what each revision sent stays in its Operacao.
    `aplicado` is what the service really applied: {"valor", "itens": [{"valor", "aliquota", "deducao"}], "tributos"}.
    `substituicao` is why it replaces `substitui`: {"codigo", "motivo"} as the service takes them.
    `referencia` is the office's own name for the note (a line of a file, a contrato's month): an empresa has it once.
    `versao` guards the screen: who saves over somebody else's change is told.
    What only some towns ask for is in `natureza` to `consumidor_final` (see nfse.services.exigencias), and what the
    national layout alone has in `detalhes` (nfse.models.detalhes.Detalhes).
    """

    class Situacao(models.TextChoices):
        RASCUNHO = "rascunho", "Rascunho"
        EMITINDO = "emitindo", "Emitindo"
        RECUSADA = "recusada", "Recusada"
        AUTORIZADA = "autorizada", "Autorizada"
        CANCELANDO = "cancelando", "Cancelamento solicitado"
        CANCELADA = "cancelada", "Cancelada"
        SUBSTITUIDA = "substituida", "Substituída"
        ABANDONADA = "abandonada", "Abandonada"

    VALIDAS = (Situacao.AUTORIZADA, Situacao.CANCELANDO)
    EDITAVEIS = (Situacao.RASCUNHO, Situacao.RECUSADA)
    SUBSTITUTAS_MORTAS = (Situacao.ABANDONADA, Situacao.RECUSADA)  # beside them another may replace the same note

    busca = models.TextField(editable=False)
    empresa = models.ForeignKey(
        Empresa, on_delete=models.PROTECT, db_index=False, related_name="notas", verbose_name="empresa"
    )
    canal = models.ForeignKey(
        CanalNfse,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="notas",
        verbose_name="canal",
    )
    tomador = models.ForeignKey(Tomador, on_delete=models.PROTECT, related_name="notas", verbose_name="tomador")
    competencia = models.DateField("competência")
    emissao = models.DateField("data de emissão")
    situacao = models.CharField("situação", max_length=12, choices=Situacao, default=Situacao.RASCUNHO)
    revisao = models.PositiveSmallIntegerField("revisão", default=1)
    versao = models.PositiveIntegerField("versão", default=1)
    serie = models.CharField("série", max_length=5, blank=True)
    numero = models.PositiveIntegerField("número (RPS)", null=True, blank=True)
    marca = models.CharField("marca", max_length=16, unique=True, default=nova_marca, editable=False)
    referencia = models.CharField("referência", max_length=60, blank=True)
    municipio_prestacao = models.ForeignKey(
        Municipio, on_delete=models.PROTECT, db_index=False, related_name="+", verbose_name="local da prestação"
    )
    iss_retido = models.BooleanField("ISS retido pelo tomador", default=False)
    observacao = models.TextField("informações complementares", max_length=2000, blank=True)
    natureza = models.CharField(
        "natureza da operação", max_length=15, choices=Natureza, blank=True, default="", db_default=""
    )
    exigibilidade = models.CharField(
        "exigibilidade do ISS", max_length=15, choices=Exigibilidade, blank=True, default="", db_default=""
    )
    responsavel_retencao = models.CharField(
        "responsável pela retenção", max_length=15, choices=Responsavel, blank=True, default="", db_default=""
    )
    municipio_incidencia = models.ForeignKey(
        Municipio,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name="município de incidência do ISS",
    )
    intermediario_documento = models.CharField(
        "CNPJ ou CPF do intermediário", max_length=14, blank=True, default="", db_default=""
    )
    intermediario_nome = models.CharField(
        "nome do intermediário", max_length=150, blank=True, default="", db_default=""
    )
    intermediario_im = models.CharField(
        "inscrição municipal do intermediário", max_length=20, blank=True, default="", db_default=""
    )
    obra_codigo = models.CharField("código da obra (CNO ou CEI)", max_length=30, blank=True, default="", db_default="")
    obra_art = models.CharField("ART da obra", max_length=30, blank=True, default="", db_default="")
    ibs_cbs_fornecimento = models.CharField(
        "indicador da operação (cIndOp)", max_length=6, blank=True, default="", db_default=""
    )
    ibs_cbs_situacao = models.CharField("CST do IBS e da CBS", max_length=3, blank=True, default="", db_default="")
    ibs_cbs_classificacao = models.CharField(
        "classificação tributária (cClassTrib)", max_length=6, blank=True, default="", db_default=""
    )
    consumidor_final = models.BooleanField("uso ou consumo pessoal", default=False, db_default=False)
    destinatario = models.ForeignKey(
        Tomador,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name="destinatário",
    )
    detalhes = models.JSONField("só no layout nacional", default=dict, blank=True, db_default=Value({}, JSONField()))
    valor_servicos = models.DecimalField("valor dos serviços", max_digits=14, decimal_places=2, default=ZERO)
    valor_deducoes = models.DecimalField("deduções", max_digits=14, decimal_places=2, default=ZERO)
    valor_descontos = models.DecimalField("descontos", max_digits=14, decimal_places=2, default=ZERO)
    valor_iss = models.DecimalField("ISS", max_digits=14, decimal_places=2, default=ZERO)
    valor_retido = models.DecimalField("retido pelo tomador", max_digits=14, decimal_places=2, default=ZERO)
    valor_liquido = models.DecimalField("valor líquido", max_digits=14, decimal_places=2, default=ZERO)
    aplicado = models.JSONField("aplicado pelo serviço", default=dict)
    chave = models.CharField("chave", max_length=60, blank=True)
    numero_nfse = models.CharField("número da NFS-e", max_length=20, blank=True)
    codigo_verificacao = models.CharField("código de verificação", max_length=60, blank=True)
    protocolo = models.CharField("protocolo", max_length=60, blank=True)
    link = models.URLField("página no município", max_length=500, blank=True)
    autorizada_em = models.DateTimeField("autorizada em", null=True, blank=True)
    cancelada_em = models.DateTimeField("cancelada em", null=True, blank=True)
    xml = models.ForeignKey(
        Documento,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name="XML",
    )
    pdf = models.ForeignKey(
        Documento,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name="PDF",
    )
    contrato = models.ForeignKey(
        Contrato, on_delete=models.PROTECT, null=True, blank=True, related_name="notas", verbose_name="contrato"
    )
    substitui = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="substitutas", verbose_name="substitui"
    )
    substituicao = models.JSONField("motivo da substituição", default=dict, blank=True)
    operacao = models.OneToOneField(
        Operacao, on_delete=models.PROTECT, null=True, blank=True, related_name="nota", verbose_name="operação"
    )
    criada_por = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="criada por"
    )
    criada_em = models.DateTimeField("criada em", auto_now_add=True)
    alterada_em = models.DateTimeField("alterada em", auto_now=True)

    objects = NotaQuerySet.as_manager()

    class Meta:
        verbose_name = "nota"
        ordering = ["-competencia", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["canal", "serie", "numero"], condition=Q(numero__isnull=False), name="nota_numero_unico"
            ),
            models.UniqueConstraint(fields=["canal", "chave"], condition=~Q(chave=""), name="nota_chave_unica"),
            models.UniqueConstraint(
                fields=["empresa", "referencia"],
                condition=~Q(referencia="") & ~Q(situacao="abandonada"),
                name="nota_referencia_unica",
            ),
            models.UniqueConstraint(
                fields=["substitui"],
                condition=Q(substitui__isnull=False) & ~Q(situacao__in=["abandonada", "recusada"]),
                name="nota_substituida_uma_vez",
            ),
            models.CheckConstraint(
                condition=~Q(situacao__in=["autorizada", "cancelando", "cancelada", "substituida"])
                | ~Q(chave="")
                | ~Q(numero_nfse=""),
                name="nota_autorizada_tem_identidade",
            ),
            models.CheckConstraint(
                condition=Q(situacao__in=["rascunho", "abandonada"]) | Q(canal__isnull=False), name="nota_tem_canal"
            ),
        ]
        indexes = [
            models.Index(fields=["competencia", "emissao", "id"], name="nota_comp_emissao"),
            models.Index(fields=["empresa", "competencia", "id"], name="nota_empresa_comp"),
            models.Index(fields=["situacao", "competencia", "id"], name="nota_situacao_comp"),
            models.Index(fields=["competencia", "valor_servicos", "id"], name="nota_comp_valor"),
            models.Index(fields=["valor_servicos", "id"], name="nota_valor"),  # sorted over all the months
            models.Index(fields=["situacao", "id"], name="nota_situacao"),
            # What the list counts, sums and searches in, read without the rows themselves.
            models.Index(
                fields=["competencia", "situacao", "emissao", "id"],
                name="nota_lista",
                include=["empresa", "valor_servicos", "valor_iss", "valor_retido", "valor_liquido", "busca"],
            ),
            models.Index(fields=["chave"], name="nota_chave", condition=~Q(chave="")),
            models.Index(fields=["destinatario"], name="nota_destinatario", condition=Q(destinatario__isnull=False)),
            models.Index(
                fields=["autorizada_em"],
                name="nota_sem_xml",
                condition=Q(xml__isnull=True, situacao__in=["autorizada", "cancelando", "cancelada", "substituida"]),
            ),
        ]

    def __str__(self) -> str:
        return f"NFS-e {self.nome}"

    def preparar(self) -> None:
        """Fill the derived columns. save() does it; before bulk_create() the caller does."""
        numeros = f"{self.numero_nfse} {self.numero or ''}"
        self.busca = f"{numeros} {self.tomador.busca} {sem_pontuacao(self.referencia)}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.preparar()
        if (campos := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*campos, "busca", "alterada_em"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("nfse:nota", args=[self.pk])

    @property
    def nome(self) -> str:
        """The number by which people know it: the town's, else ours."""
        if self.numero_nfse:
            return self.numero_nfse
        if self.numero:
            return self.nome_do_rps
        return f"rascunho {self.pk}" if self.situacao == self.Situacao.RASCUNHO else f"sem número ({self.pk})"

    @property
    def nome_do_rps(self) -> str:
        """Our own number, called as its channel does."""
        return f"{self.canal.rps if self.canal else 'RPS'} {self.serie}/{self.numero}"

    @property
    def editavel(self) -> bool:
        return self.situacao in self.EDITAVEIS

    @property
    def valida(self) -> bool:
        return self.situacao in self.VALIDAS

    @property
    def desenhada_de_novo(self) -> bool:
        """Whether another DANFSe, with a mark, shows what the note came to: the national one is drawn here."""
        encerrada = self.situacao in (self.Situacao.CANCELADA, self.Situacao.SUBSTITUIDA)
        return encerrada and self.canal is not None and self.canal.tipo == TipoCanal.NACIONAL


class NotaItem(models.Model):
    """One line of a note. `valor` is quantity times unit price, to the cent; `iss` what we computed, for the screen."""

    nota = models.ForeignKey(Nota, on_delete=models.CASCADE, related_name="itens", verbose_name="nota")
    ordem = models.PositiveSmallIntegerField("ordem", default=1)
    servico = models.ForeignKey(
        Servico,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name="serviço",
    )
    descricao = models.TextField("descrição", max_length=2000)
    item_lc116 = models.ForeignKey(
        ItemLc116, on_delete=models.PROTECT, db_index=False, related_name="+", verbose_name="item da LC 116"
    )
    codigo_municipal = models.CharField("código no município", max_length=20, blank=True)
    codigo_nacional = models.CharField("código nacional (cTribNac)", max_length=6, blank=True)
    cnae = models.CharField("CNAE", max_length=7, blank=True)
    nbs = models.CharField("NBS", max_length=9, blank=True)
    atividade = models.PositiveIntegerField("atividade no SISGENF-e", null=True, blank=True)
    unidade = models.CharField("unidade de medida", max_length=30, default="Unidade")
    quantidade = models.DecimalField("quantidade", max_digits=12, decimal_places=4, default=Decimal(1))
    valor_unitario = models.DecimalField("valor unitário", max_digits=14, decimal_places=2)
    valor = models.DecimalField("valor", max_digits=14, decimal_places=2)
    aliquota = models.DecimalField("alíquota do ISS (%)", max_digits=6, decimal_places=4, null=True, blank=True)
    deducao = models.DecimalField("dedução", max_digits=14, decimal_places=2, null=True, blank=True)
    desconto = models.DecimalField("desconto incondicionado", max_digits=14, decimal_places=2, default=ZERO)
    iss = models.DecimalField("ISS", max_digits=14, decimal_places=2, null=True, blank=True)
    pis = models.DecimalField("PIS retido", max_digits=14, decimal_places=2, default=ZERO)
    cofins = models.DecimalField("COFINS retida", max_digits=14, decimal_places=2, default=ZERO)
    csll = models.DecimalField("CSLL retida", max_digits=14, decimal_places=2, default=ZERO)
    ir = models.DecimalField("IR retido", max_digits=14, decimal_places=2, default=ZERO)
    inss = models.DecimalField("INSS retido", max_digits=14, decimal_places=2, default=ZERO)

    class Meta:
        verbose_name = "item da nota"
        verbose_name_plural = "itens da nota"
        ordering = ["nota", "ordem"]
        constraints = [
            models.UniqueConstraint(fields=["nota", "ordem"], name="nota_item_ordem"),
            models.CheckConstraint(condition=Q(quantidade__gt=0), name="nota_item_quantidade"),
            models.CheckConstraint(condition=Q(valor_unitario__gt=0), name="nota_item_valor_unitario"),
        ]

    def __str__(self) -> str:
        return f"{self.ordem}. {self.descricao[:40]}"

    @property
    def retido(self) -> Decimal:
        return self.pis + self.cofins + self.csll + self.ir + self.inss


class EventoNota(models.Model):
    """One thing that happened to a note, for its timeline. Rows are only added: the database refuses the rest.

    The tries of its Operacoes stand beside these: this is what they meant.
    """

    class Tipo(models.TextChoices):
        CRIADA = "criada", "Criada"
        ALTERADA = "alterada", "Alterada"
        ENVIADA = "enviada", "Enviada para emissão"
        AUTORIZADA = "autorizada", "Autorizada"
        RECUSADA = "recusada", "Recusada"
        ABANDONADA = "abandonada", "Abandonada"
        CORRECAO = "correcao", "Carta de correção"
        CARTA_RECUSADA = "carta_recusada", "Carta de correção recusada"
        CANCELAMENTO = "cancelamento", "Cancelamento solicitado"
        CANCELAMENTO_RECUSADO = "cancel_recusado", "Pedido de cancelamento recusado"
        CANCELAMENTO_NEGADO = "cancel_negado", "Cancelamento negado"
        CANCELADA = "cancelada", "Cancelada"
        SUBSTITUIDA = "substituida", "Substituída"
        RELIDA = "relida", "Relida no serviço"
        EVENTO = "evento", "Evento da NFS-e Nacional"
        DOCUMENTOS = "documentos", "XML e PDF guardados"
        EMAIL = "email", "Enviada por e-mail"

    nota = models.ForeignKey(Nota, on_delete=models.PROTECT, related_name="eventos", verbose_name="nota")
    tipo = models.CharField("tipo", max_length=15, choices=Tipo)
    em = models.DateTimeField("em", db_default=Now())
    usuario = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="usuário"
    )
    operacao = models.ForeignKey(
        Operacao, on_delete=models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="operação"
    )
    texto = models.TextField("texto", blank=True)
    dados = models.JSONField("dados", default=dict)

    class Meta:
        verbose_name = "evento da nota"
        verbose_name_plural = "eventos da nota"
        ordering = ["em", "id"]

    def __str__(self) -> str:
        return self.get_tipo_display()


class CartaCorrecao(models.Model):
    """A correction letter: free text added to an authorised note. Unlimited; never changes values or parties."""

    class Situacao(models.TextChoices):
        ENVIANDO = "enviando", "Enviando"
        REGISTRADA = "registrada", "Registrada"
        RECUSADA = "recusada", "Recusada"

    nota = models.ForeignKey(Nota, on_delete=models.PROTECT, related_name="cartas", verbose_name="nota")
    ordem = models.PositiveSmallIntegerField("ordem")
    texto = models.TextField("texto", max_length=2000)
    situacao = models.CharField("situação", max_length=10, choices=Situacao, default=Situacao.ENVIANDO)
    operacao = models.OneToOneField(
        Operacao, on_delete=models.PROTECT, null=True, related_name="carta", verbose_name="operação"
    )
    pedida_por = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="pedida por"
    )
    criada_em = models.DateTimeField("criada em", auto_now_add=True)

    class Meta:
        verbose_name = "carta de correção"
        verbose_name_plural = "cartas de correção"
        ordering = ["nota", "ordem"]
        constraints = [models.UniqueConstraint(fields=["nota", "ordem"], name="carta_ordem_unica")]

    def __str__(self) -> str:
        return f"Correção {self.ordem}"


class Cancelamento(models.Model):
    """A request to cancel a note. `solicitado` until the service shows its end, or a person tells it (audited)."""

    class Situacao(models.TextChoices):
        ENVIANDO = "enviando", "Enviando"
        SOLICITADO = "solicitado", "Solicitado, aguardando o município"
        CONFIRMADO = "confirmado", "Confirmado"
        NEGADO = "negado", "Negado pelo município"
        RECUSADO = "recusado", "Recusado pelo serviço"

    ABERTOS = (Situacao.ENVIANDO, Situacao.SOLICITADO)

    nota = models.ForeignKey(Nota, on_delete=models.PROTECT, related_name="cancelamentos", verbose_name="nota")
    codigo = models.CharField("motivo (código)", max_length=2)
    motivo = models.CharField("motivo", max_length=255)
    situacao = models.CharField("situação", max_length=10, choices=Situacao, default=Situacao.ENVIANDO)
    operacao = models.OneToOneField(
        Operacao, on_delete=models.PROTECT, null=True, related_name="cancelamento", verbose_name="operação"
    )
    pedido_por = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="pedido por"
    )
    decidido_por = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="desfecho informado por",
    )
    evidencia = models.CharField("evidência", max_length=250, blank=True)
    criado_em = models.DateTimeField("criado em", auto_now_add=True)
    decidido_em = models.DateTimeField("decidido em", null=True)

    class Meta:
        verbose_name = "cancelamento"
        ordering = ["nota", "criado_em"]
        constraints = [
            models.UniqueConstraint(
                fields=["nota"],
                condition=Q(situacao__in=["enviando", "solicitado", "confirmado"]),
                name="cancelamento_um_por_vez",
            )
        ]
        indexes = [models.Index(fields=["criado_em"], name="cancelamento_a_ver", condition=Q(situacao="solicitado"))]

    def __str__(self) -> str:
        return f"Cancelamento {self.get_situacao_display().lower()}"
