"""Titles in accounts payable, from draft to settlement, and everything that ever happened to them."""

import re
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from comum.documentos import Invalido, linha_digitavel
from comum.formatos import parse_dinheiro
from comum.models import Usuario
from empresas.models import Empresa
from empresas.models.cadastro import sem_pontuacao
from guias.models import Guia
from nfse.models import NotaRecebida
from operacoes.models import Operacao
from pagar.models.cadastro import ContaErp, Fornecedor

ZERO = Decimal(0)


class ReferenciaUsada(models.Model):
    """A reference (ten characters) spent in an establishment of the ERP, by a batch, a prepayment, a payment or a
    movement. Taken before the first sending and never given back."""

    conta = models.ForeignKey(ContaErp, on_delete=models.PROTECT, related_name="+", verbose_name="conta")
    empresa_erp = models.CharField("empresa no ERP", max_length=3)
    estabelecimento = models.CharField("estabelecimento", max_length=5)
    referencia = models.CharField("referência", max_length=10)

    class Meta:
        verbose_name = "referência usada"
        verbose_name_plural = "referências usadas"
        constraints = [
            models.UniqueConstraint(
                fields=["conta", "empresa_erp", "estabelecimento", "referencia"], name="referencia_erp_unica"
            )
        ]

    def __str__(self) -> str:
        return self.referencia


class Lote(models.Model):
    """Titles sent together: all of them are taken, or none. One Operacao, whose pedido pins what was sent."""

    conta = models.ForeignKey(ContaErp, on_delete=models.PROTECT, related_name="lotes", verbose_name="conta")
    empresa_erp = models.CharField("empresa no ERP", max_length=3)
    estabelecimento = models.CharField("estabelecimento", max_length=5)
    referencia = models.CharField("referência", max_length=10)
    data = models.DateField("data da transação")
    quantidade = models.PositiveIntegerField("títulos")
    total = models.DecimalField("total", max_digits=14, decimal_places=2)
    operacao = models.OneToOneField(
        Operacao, on_delete=models.PROTECT, null=True, related_name="lote_de_titulos", verbose_name="operação"
    )
    criado_por = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="criado por"
    )
    criado_em = models.DateTimeField("criado em", db_default=Now())

    class Meta:
        verbose_name = "lote de títulos"
        verbose_name_plural = "lotes de títulos"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["conta", "empresa_erp", "estabelecimento", "referencia"], name="lote_referencia_unica"
            )
        ]

    def __str__(self) -> str:
        return f"Lote {self.referencia}"


class TituloQuerySet(models.QuerySet["Titulo"]):
    def visiveis(self, usuario: Usuario) -> "TituloQuerySet":
        return self if usuario.administra else self.filter(empresa__in=Empresa.objects.visiveis(usuario))

    def procurar(self, texto: str) -> "TituloQuerySet":
        """Every word of `texto` occurs in name, supplier, empresa, reference or bar code (also typed as the linha
        digitável); or, of an amount with its cents, the value is that."""
        if (valor := _valor_procurado(texto)) is not None:
            return self.filter(valor=valor)
        if (codigo := barras_normais(texto)) and len(codigo) == 44:
            return self.filter(busca__contains=codigo)
        palavras = [palavra for parte in texto.split() if (palavra := sem_pontuacao(parte))]
        consulta = self if palavras else self.none()
        for palavra in sorted(palavras, key=lambda p: (not any(map(str.isdigit, p)), -len(p))):
            consulta = consulta.filter(busca__contains=palavra)
        return consulta

    def vivos(self) -> "TituloQuerySet":
        """Those that hold their origin: another title of the same guia or note would pay it twice."""
        return self.exclude(situacao__in=Titulo.MORTOS)


class Titulo(models.Model):
    """One amount to be paid, as the ERP has it or will. A prepayment (`tipo`) is one too. Amounts in reais.

    `corpo` is what is sent of it (pedidos.guardar of interface.Titulo, or Antecipacao), the columns what lists and
    rules look at; `atualizado` has the last value that an update wrote to each of its fields, which the ERP does not
    give back. Its chave (company, branch, class, series, supplier, number, parcel) is unique in the ERP, cancelled
    titles too. `saldo` is computed here, from what the ERP took: it cannot be asked. `impostos_no_pagamento`: withheld
    taxes that go with the payment (pedidos.guardar of blocos.Imposto). `em_curso` is the act being made on it: one at a
    time. `aviso` is what a person must look at, in pt-BR. `versao` guards the screen and names each act.
    `id_pagamento`: what the listing of taxes is asked by.
    """

    class Tipo(models.TextChoices):
        TITULO = "titulo", "Título"
        ANTECIPACAO = "antecipacao", "Antecipação"

    class Situacao(models.TextChoices):
        RASCUNHO = "rascunho", "A enviar"
        ENVIANDO = "enviando", "Enviando"
        RECUSADO = "recusado", "Recusado"
        ABERTO = "aberto", "Em aberto"
        BORDERO = "bordero", "Em borderô"
        LIQUIDADO = "liquidado", "Liquidado"
        CANCELADO = "cancelado", "Cancelado"
        ESTORNADO = "estornado", "Estornado"
        ABANDONADO = "abandonado", "Abandonado"

    class Barras(models.TextChoices):
        SEM = "", "Sem código de barras"
        PENDENTE = "pendente", "Código de barras pendente"
        GRAVADO = "gravado", "Código de barras gravado"

    EDITAVEIS = (Situacao.RASCUNHO, Situacao.RECUSADO)
    MORTOS = (Situacao.CANCELADO, Situacao.ESTORNADO, Situacao.ABANDONADO)
    NO_ERP = (Situacao.ABERTO, Situacao.BORDERO, Situacao.LIQUIDADO, Situacao.CANCELADO, Situacao.ESTORNADO)

    busca = models.TextField(editable=False)
    tipo = models.CharField("tipo", max_length=12, choices=Tipo, default=Tipo.TITULO)
    conta = models.ForeignKey(
        ContaErp, on_delete=models.PROTECT, db_index=False, related_name="titulos", verbose_name="conta"
    )
    empresa = models.ForeignKey(
        Empresa, on_delete=models.PROTECT, db_index=False, related_name="titulos", verbose_name="empresa"
    )
    competencia = models.DateField("competência")
    guia = models.ForeignKey(
        Guia, on_delete=models.PROTECT, null=True, blank=True, related_name="titulos", verbose_name="guia"
    )
    nota = models.ForeignKey(
        NotaRecebida, on_delete=models.PROTECT, null=True, blank=True, related_name="titulos", verbose_name="nota"
    )
    fornecedor = models.ForeignKey(
        Fornecedor, on_delete=models.PROTECT, related_name="titulos", verbose_name="fornecedor"
    )
    empresa_erp = models.CharField("empresa no ERP", max_length=3)
    estabelecimento = models.CharField("estabelecimento", max_length=5)
    especie = models.CharField("espécie", max_length=3)
    serie = models.CharField("série", max_length=3, blank=True)
    numero = models.CharField("número", max_length=16)
    parcela = models.CharField("parcela", max_length=2, blank=True)
    chave = models.CharField("chave no ERP", max_length=60, editable=False)
    emissao = models.DateField("emissão")
    vencimento = models.DateField("vencimento")
    valor = models.DecimalField("valor", max_digits=11, decimal_places=2)
    saldo = models.DecimalField("saldo", max_digits=11, decimal_places=2)
    situacao = models.CharField("situação", max_length=12, choices=Situacao, default=Situacao.RASCUNHO)
    corpo = models.JSONField("campos enviados", default=dict)
    atualizado = models.JSONField("campos atualizados", default=dict)
    impostos_no_pagamento = models.JSONField("impostos retidos no pagamento", default=list)
    barras = models.CharField("código de barras no ERP", max_length=10, choices=Barras, blank=True, default="")
    codigo_barras = models.CharField("código de barras", max_length=50, blank=True)
    titulo_no_banco = models.CharField("número do documento", max_length=20, blank=True)
    bloqueado = models.BooleanField("pagamento bloqueado", default=False)
    id_pagamento = models.PositiveBigIntegerField("identificador no ERP", null=True)
    lote = models.ForeignKey(Lote, on_delete=models.PROTECT, null=True, related_name="titulos", verbose_name="lote")
    operacao = models.ForeignKey(
        Operacao, on_delete=models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="operação"
    )
    em_curso = models.ForeignKey(
        Operacao, on_delete=models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="ato em curso"
    )
    mensagem = models.TextField("última recusa", blank=True)
    aviso = models.TextField("aviso", blank=True)
    referencia = models.CharField("referência do escritório", max_length=60, blank=True)
    revisao = models.PositiveSmallIntegerField("revisão", default=1)
    versao = models.PositiveIntegerField("versão", default=1)
    criado_por = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="criado por"
    )
    criado_em = models.DateTimeField("criado em", db_default=Now())
    alterado_em = models.DateTimeField("alterado em", db_default=Now())

    objects = TituloQuerySet.as_manager()

    class Meta:
        verbose_name = "título"
        ordering = ["-id"]
        constraints = [
            # Under one chave the ERP has one title, cancelled or not; only one that never got there gives it back.
            models.UniqueConstraint(
                fields=["conta", "chave"], condition=~Q(situacao="abandonado"), name="titulo_chave_unica"
            ),
            models.UniqueConstraint(
                fields=["guia"],
                condition=Q(guia__isnull=False) & ~Q(situacao__in=["cancelado", "estornado", "abandonado"]),
                name="titulo_da_guia_unico",
            ),
            models.UniqueConstraint(
                fields=["nota", "parcela"],
                condition=Q(nota__isnull=False) & ~Q(situacao__in=["cancelado", "estornado", "abandonado"]),
                name="titulo_da_parcela_unico",
            ),
            models.UniqueConstraint(
                fields=["empresa", "referencia"],
                condition=~Q(referencia="") & ~Q(situacao__in=["cancelado", "estornado", "abandonado"]),
                name="titulo_referencia_unica",
            ),
            models.CheckConstraint(condition=Q(valor__gt=0), name="titulo_valor_positivo"),
            models.CheckConstraint(condition=Q(saldo__gte=0), name="titulo_saldo_positivo"),
            models.CheckConstraint(condition=Q(guia__isnull=True) | Q(nota__isnull=True), name="titulo_uma_origem"),
            models.CheckConstraint(condition=Q(barras="") | ~Q(codigo_barras=""), name="titulo_barras_tem_codigo"),
        ]
        indexes = [
            models.Index(fields=["competencia", "vencimento", "id"], name="titulo_comp_vencimento"),
            models.Index(fields=["empresa", "competencia", "id"], name="titulo_empresa_comp"),
            models.Index(fields=["situacao", "vencimento", "id"], name="titulo_situacao_venc"),
            models.Index(fields=["vencimento", "id"], name="titulo_vencimento"),
            models.Index(fields=["competencia", "valor", "id"], name="titulo_comp_valor"),
            models.Index(fields=["valor", "id"], name="titulo_valor"),
            models.Index(fields=["fornecedor", "id"], name="titulo_fornecedor"),
            # What the list counts, sums and searches in, read without the rows themselves.
            models.Index(
                fields=["competencia", "situacao", "vencimento", "id"],
                name="titulo_lista",
                include=["empresa", "tipo", "valor", "saldo", "barras", "busca"],
            ),
            models.Index(fields=["id"], name="titulo_barras_pendente", condition=Q(barras="pendente")),
            models.Index(fields=["id"], name="titulo_com_aviso", condition=~Q(aviso="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_tipo_display()} {self.nome}"

    @property
    def nome(self) -> str:
        """How people call it: class, series, number and parcel."""
        serie = f"{self.serie}-" if self.serie else ""
        parcela = f"/{self.parcela}" if self.parcela else ""
        return f"{self.especie} {serie}{self.numero}{parcela}"

    def preparar(self) -> None:
        """Fill the derived columns. save() does it; before bulk_create() the caller does."""
        self.chave = chave_de(
            self.empresa_erp, self.estabelecimento, self.especie, self.serie, self.fornecedor.codigo, self.numero,
            self.parcela,
        )  # fmt: skip
        self.codigo_barras = barras_normais(self.codigo_barras)
        partes = (
            self.nome, self.numero, str(self.fornecedor.codigo), self.fornecedor.nome, self.fornecedor.documento,
            self.empresa.codigo, self.empresa.razao_social, self.empresa.documento, self.referencia,
            self.titulo_no_banco, self.codigo_barras,
        )  # fmt: skip
        self.busca = " ".join(filter(None, map(sem_pontuacao, partes)))

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.preparar()
        if (campos := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*campos, "busca", "chave"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("pagar:titulo", args=[self.pk])

    @property
    def editavel(self) -> bool:
        return self.situacao in self.EDITAVEIS

    @property
    def antecipacao(self) -> bool:
        return self.tipo == self.Tipo.ANTECIPACAO


def barras_normais(codigo: str) -> str:
    """The bar code of a guia (44 digits) from its linha digitável; whatever else as it is."""
    if len(codigo) < 48:
        return codigo
    lida = linha_digitavel(codigo)
    return codigo if isinstance(lida, Invalido) else lida.codigo_barras


def _valor_procurado(texto: str) -> Decimal | None:
    lido = parse_dinheiro(texto) if re.fullmatch(r"[R$\s]*[0-9.]+,[0-9]{2}", texto) else None
    return lido if isinstance(lido, Decimal) else None


def chave_de(
    empresa: str, estabelecimento: str, especie: str, serie: str, fornecedor: int, numero: str, parcela: str
) -> str:
    """The identity of a title in the ERP, which compares codes without case and trailing blanks."""
    partes = (empresa, estabelecimento, especie, serie, str(fornecedor), numero, parcela)
    return "/".join(parte.strip().upper() for parte in partes)


class Pagamento(models.Model):
    """Titles paid together: a payment batch (by `referencia`) or a borderô (by `bordero`, its number, in branch and
    portador). `baixa_imediata` settles now; otherwise the bank confirms, and a person writes that down here. `corpo`:
    the header (pedidos.guardar of LotePagamento without its items). `mensagem`: the last refusal; of one that is
    PAGO, what the bank left unpaid (its number stays taken: the ERP has used it)."""

    NADA_PAGO = "O banco não pagou nenhum título"

    class Tipo(models.TextChoices):
        LOTE = "lote", "Lote de pagamento"
        BORDERO = "bordero", "Borderô"

    class Situacao(models.TextChoices):
        ENVIANDO = "enviando", "Enviando"
        RECUSADO = "recusado", "Recusado"
        GERADO = "gerado", "Aguarda o banco"
        PAGO = "pago", "Pago"

    conta = models.ForeignKey(ContaErp, on_delete=models.PROTECT, related_name="pagamentos", verbose_name="conta")
    tipo = models.CharField("tipo", max_length=10, choices=Tipo)
    empresa_erp = models.CharField("empresa no ERP", max_length=3)
    estabelecimento = models.CharField("estabelecimento", max_length=5)
    portador = models.CharField("portador", max_length=8)
    bordero = models.PositiveIntegerField("número do borderô", null=True)
    referencia = models.CharField("referência", max_length=10, blank=True)
    data = models.DateField("data")
    quantidade = models.PositiveIntegerField("títulos")
    total = models.DecimalField("total", max_digits=14, decimal_places=2)
    baixa_imediata = models.BooleanField("baixa imediata", default=False)
    situacao = models.CharField("situação", max_length=10, choices=Situacao, default=Situacao.ENVIANDO)
    corpo = models.JSONField("campos enviados", default=dict)
    operacao = models.ForeignKey(
        Operacao, on_delete=models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="operação"
    )
    mensagem = models.TextField("última recusa", blank=True)
    criado_por = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="criado por"
    )
    criado_em = models.DateTimeField("criado em", db_default=Now())

    class Meta:
        verbose_name = "pagamento"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["conta", "empresa_erp", "estabelecimento", "portador", "bordero"],
                condition=Q(bordero__isnull=False) & ~Q(situacao="recusado"),
                name="bordero_unico",
            ),
            models.CheckConstraint(
                condition=Q(tipo="bordero", bordero__isnull=False) | Q(tipo="lote", bordero__isnull=True),
                name="pagamento_bordero_tem_numero",
            ),
        ]
        indexes = [models.Index(fields=["situacao", "id"], name="pagamento_situacao")]

    def __str__(self) -> str:
        return f"Borderô {self.bordero}" if self.bordero else f"Lote de pagamento {self.referencia}"

    @property
    def em_parte(self) -> bool:
        """The bank has answered, and did not pay all of it."""
        return self.situacao == self.Situacao.PAGO and bool(self.mensagem)

    @property
    def rotulo(self) -> str:
        """Its state in a word."""
        if not self.em_parte:
            return self.get_situacao_display()
        return "Devolvido pelo banco" if self.mensagem.startswith(self.NADA_PAGO) else "Pago em parte"

    def get_absolute_url(self) -> str:
        return reverse("pagar:pagamento", args=[self.pk])


class ItemPagamento(models.Model):
    """A title in a payment: `valor` paid, `baixa` what its balance loses. `corpo`: interface.TituloPago as sent."""

    pagamento = models.ForeignKey(Pagamento, on_delete=models.PROTECT, related_name="itens", verbose_name="pagamento")
    titulo = models.ForeignKey(Titulo, on_delete=models.PROTECT, related_name="pagamentos", verbose_name="título")
    valor = models.DecimalField("valor pago", max_digits=11, decimal_places=2)
    baixa = models.DecimalField("baixa do saldo", max_digits=11, decimal_places=2)
    corpo = models.JSONField("campos enviados", default=dict)

    class Meta:
        verbose_name = "título do pagamento"
        verbose_name_plural = "títulos do pagamento"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["pagamento", "titulo"], name="titulo_uma_vez_no_pagamento")]

    def __str__(self) -> str:
        return f"{self.titulo}: {self.valor}"


class Movimento(models.Model):
    """One thing that happened to a title, for its timeline. Rows are only added: the database refuses the rest.

    `valor` is what it moved of the balance, `saldo` what was left. `referencia` names a movement of the
    ERP, which may be reversed by it; `estorna` is the movement that this one undid. `dados` is what undoing or showing
    it needs: {"mudancas": {campo: [antes, depois]}}, {"bordero": n}, {"abatimentos": [[chave, valor]]}, {"palavras":
    text}.
    """

    class Tipo(models.TextChoices):
        CRIADO = "criado", "Criado"
        ALTERADO = "alterado", "Rascunho alterado"
        ENVIADO = "enviado", "Enviado ao ERP"
        IMPLANTADO = "implantado", "Implantado"
        RECUSADO = "recusado", "Recusado"
        ABANDONADO = "abandonado", "Abandonado"
        BARRAS = "barras", "Código de barras gravado"
        ATUALIZADO = "atualizado", "Atualizado"
        EM_BORDERO = "em_bordero", "Incluído em borderô"
        FORA_DO_BORDERO = "sem_bordero", "Tirado do borderô"
        PAGO = "pago", "Pago"
        ABATIDO = "abatido", "Abatido de antecipação"
        ANTECIPACAO = "abateu", "Abatimento em título"
        PAGAMENTO_ESTORNADO = "pag_estornado", "Pagamento estornado"
        ATUALIZACAO_ESTORNADA = "atu_estornada", "Alteração estornada"
        CANCELADO = "cancelado", "Cancelado"
        ESTORNADO = "estornado", "Estornado"
        ATO_RECUSADO = "ato_recusado", "Pedido recusado"
        NA_RECEITA = "na_receita", "Na Receita"
        AVISO = "aviso", "Aviso"

    titulo = models.ForeignKey(Titulo, on_delete=models.PROTECT, related_name="movimentos", verbose_name="título")
    tipo = models.CharField("tipo", max_length=15, choices=Tipo)
    em = models.DateTimeField("em", db_default=Now())
    data = models.DateField("data da transação", null=True)
    valor = models.DecimalField("valor", max_digits=11, decimal_places=2, default=ZERO)
    saldo = models.DecimalField("saldo", max_digits=11, decimal_places=2, null=True)
    referencia = models.CharField("referência", max_length=10, blank=True)
    estorna = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="estornado_por", verbose_name="estorna"
    )
    usuario = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="usuário"
    )
    operacao = models.ForeignKey(
        Operacao, on_delete=models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="operação"
    )
    texto = models.TextField("texto", blank=True)
    dados = models.JSONField("dados", default=dict)

    class Meta:
        verbose_name = "movimento"
        ordering = ["em", "id"]

    def __str__(self) -> str:
        return self.get_tipo_display()
