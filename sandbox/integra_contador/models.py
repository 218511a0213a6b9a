"""State of the Integra Contador simulator: tokens, declarations and slips of the PGDAS-D."""

from typing import ClassVar

from django.db import models


class ParDeTokens(models.Model):
    """access_token and jwt_token, always replaced together."""

    consumer_key = models.CharField(max_length=64)
    cnpj_contrato = models.CharField(max_length=14)
    ni_certificado = models.CharField(max_length=14)
    access_token = models.CharField(max_length=36, unique=True)
    jwt_token = models.TextField()
    expira = models.DateTimeField()


class TokenProcurador(models.Model):
    """The token a signed termo gave (`termo`: SHA-256 of its XML), until the coming midnight of Brasília."""

    termo = models.CharField(max_length=64, db_index=True)
    contratante = models.CharField(max_length=14)
    autor = models.CharField(max_length=14)
    token = models.CharField(max_length=36, unique=True)
    expira = models.DateTimeField()


class Declaracao(models.Model):
    """A PGDAS-D that was transmitted: `portal` marks the ones the control page declared as sent elsewhere."""

    contribuinte = models.CharField(max_length=14)
    pa = models.PositiveIntegerField()
    sequencia = models.PositiveSmallIntegerField()
    numero = models.CharField(max_length=17, unique=True)
    tipo = models.PositiveSmallIntegerField()
    transmitida = models.DateTimeField()
    portal = models.BooleanField(default=False)
    receita_interna = models.DecimalField(max_digits=15, decimal_places=2)
    receita_externa = models.DecimalField(max_digits=15, decimal_places=2)
    valores = models.JSONField(default=dict)
    quadro = models.JSONField(default=list)
    maed = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["contribuinte", "pa", "sequencia"], name="declaracao_unica")
        ]


class MesInformado(models.Model):
    """Revenue and payroll of a month that a declaration carried as information about the past."""

    contribuinte = models.CharField(max_length=14)
    pa = models.PositiveIntegerField()
    interno = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    externo = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    folha = models.DecimalField(max_digits=15, decimal_places=2, null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["contribuinte", "pa"], name="mes_informado_unico")
        ]


class Das(models.Model):
    """A slip that was drawn. Amounts in reais; `composicao` maps tribute code to its principal."""

    numero = models.CharField(max_length=17, unique=True)
    declaracao = models.ForeignKey(Declaracao, on_delete=models.CASCADE, related_name="das")
    emitido = models.DateTimeField()
    vencimento = models.DateField()
    limite = models.DateField()
    principal = models.DecimalField(max_digits=15, decimal_places=2)
    multa = models.DecimalField(max_digits=15, decimal_places=2)
    juros = models.DecimalField(max_digits=15, decimal_places=2)
    composicao = models.JSONField(default=dict)
    pago = models.DateField(null=True)


class DasEspecial(models.Model):
    """A slip that pays no declaration: of a debt in collection, of a process, or of tributes chosen one by one.

    `pa` None and `vencimento` None where the process has several periods. `composicao` as of Das.
    """

    numero = models.CharField(max_length=17, unique=True)
    especie = models.CharField(max_length=10)
    contribuinte = models.CharField(max_length=14)
    pa = models.PositiveIntegerField(null=True)
    processo = models.CharField(max_length=17, blank=True)
    emitido = models.DateTimeField()
    vencimento = models.DateField(null=True)
    limite = models.DateField()
    principal = models.DecimalField(max_digits=15, decimal_places=2)
    multa = models.DecimalField(max_digits=15, decimal_places=2)
    juros = models.DecimalField(max_digits=15, decimal_places=2)
    composicao = models.JSONField(default=dict)


class Debito(models.Model):
    """What a taxpayer owes by a period in collection, or by a process (`pa` 0): `valores` by tribute code, in reais as
    text."""

    contribuinte = models.CharField(max_length=14)
    pa = models.PositiveIntegerField(default=0)
    processo = models.CharField(max_length=17, blank=True)
    valores = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["contribuinte", "pa", "processo"], name="debito_unico")
        ]


class Arrecadacao(models.Model):
    """A slip that was paid at the bank: one row for each payment. Amounts in reais; None where they are not told.
    `registrada` is when the Receita knew of it."""

    numero = models.CharField(max_length=17, db_index=True)
    contribuinte = models.CharField(max_length=14)
    tipo = models.PositiveSmallIntegerField()
    receita = models.CharField(max_length=6, blank=True)
    pa = models.PositiveIntegerField(null=True)
    vencimento = models.DateField(null=True)
    dia = models.DateField()
    registrada = models.DateTimeField()
    total = models.DecimalField(max_digits=15, decimal_places=2)
    principal = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    multa = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    juros = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    composicao = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["contribuinte", "dia"])]


class Novidade(models.Model):
    """Something that changed in a system (E0301, E0601, E0701) about a taxpayer."""

    documento = models.CharField(max_length=14)
    evento = models.CharField(max_length=5)
    instante = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["evento", "documento", "instante"])]


class PedidoDeEventos(models.Model):
    """A request for the last changes of many taxpayers; its answer is what was known when it came in."""

    protocolo = models.CharField(max_length=36, unique=True)
    contratante = models.CharField(max_length=14)
    tipo = models.PositiveSmallIntegerField()
    evento = models.CharField(max_length=5)
    documentos = models.JSONField()
    resposta = models.JSONField()
    pedido = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["contratante", "evento", "tipo", "pedido"])]


class Mei(models.Model):
    """A taxpayer in the SIMEI since `desde`. Periods (AAAAMM) as numbers: `beneficios` are those with a social security
    benefit, `pagos` those paid elsewhere; `divida` are rows of what is in active debt ({"pa", "tributo", "valor",
    "ente", "situacao"}), `sem_dasn` the years whose annual declaration is missing."""

    documento = models.CharField(max_length=14, primary_key=True)
    icms = models.BooleanField(default=True)
    iss = models.BooleanField(default=True)
    caminhoneiro = models.BooleanField(default=False)
    desde = models.DateField(null=True)
    baixada = models.DateField(null=True)
    cpf = models.CharField(max_length=11, blank=True, db_index=True)
    ocupacao = models.CharField(max_length=150, blank=True)
    cnae = models.CharField(max_length=7, blank=True)
    beneficios = models.JSONField(default=list)
    pagos = models.JSONField(default=list)
    divida = models.JSONField(default=list)
    sem_dasn = models.JSONField(default=list)


class DasMei(models.Model):
    """A DAS-MEI that was drawn; `composicao` maps revenue code to its principal."""

    numero = models.CharField(max_length=17, unique=True)
    contribuinte = models.CharField(max_length=14)
    pa = models.PositiveIntegerField()
    emitido = models.DateTimeField()
    vencimento = models.DateField()
    limite = models.DateField()
    principal = models.DecimalField(max_digits=15, decimal_places=2)
    multa = models.DecimalField(max_digits=15, decimal_places=2)
    juros = models.DecimalField(max_digits=15, decimal_places=2)
    composicao = models.JSONField(default=dict)
    pago = models.DateField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["contribuinte", "pa"], name="das_mei_periodo")]


class Parcelamento(models.Model):
    """A parcelamento of one of the eight families. `parcelas` are rows {"pa", "valor", "paga", "numero_das"} in order;
    `condicao` is what keeps its slips from being drawn here: "", "reconsolidado", "so_portal" or "aguarda_primeira".
    `ilegivel`: its slips are images, without a line that can be read."""

    contribuinte = models.CharField(max_length=14)
    familia = models.CharField(max_length=12)
    numero = models.PositiveIntegerField()
    situacao = models.CharField(max_length=60, default="Em parcelamento")
    pedido = models.DateField()
    desde = models.DateField()
    condicao = models.CharField(max_length=20, blank=True)
    ilegivel = models.BooleanField(default=False)
    parcelas = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["contribuinte", "familia", "numero"], name="parcelamento_unico")
        ]


class DasParcela(models.Model):
    """The slip of an instalment that was drawn."""

    numero = models.CharField(max_length=17, unique=True)
    parcelamento = models.ForeignKey(Parcelamento, on_delete=models.CASCADE, related_name="das")
    pa = models.PositiveIntegerField()
    emitido = models.DateTimeField()
    vencimento = models.DateField()
    limite = models.DateField()
    valor = models.DecimalField(max_digits=15, decimal_places=2)
    pago = models.DateField(null=True)


class ProtocoloSitfis(models.Model):
    """A protocol of the report of situação fiscal, good on `dia` only. Asked before `liberado` the report costs a call;
    before `pronto` it is not there. `perdido`: the service forgot it (ER05)."""

    contribuinte = models.CharField(max_length=14)
    autor = models.CharField(max_length=14)
    contratante = models.CharField(max_length=14)
    dia = models.DateField()
    numero = models.CharField(max_length=60, unique=True)
    liberado = models.DateTimeField()
    pronto = models.DateTimeField()
    perdido = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["contribuinte", "dia"], name="protocolo_do_dia")]


class MensagemCaixa(models.Model):
    """A message in a mailbox. `lida`: when it was first read, by whoever."""

    contribuinte = models.CharField(max_length=14, db_index=True)
    assunto = models.CharField(max_length=300)
    parametro = models.CharField(max_length=50, blank=True)
    corpo = models.TextField(blank=True)
    variaveis = models.JSONField(default=list)
    remetente = models.CharField(max_length=100)
    controle = models.CharField(max_length=20, blank=True)
    relevante = models.BooleanField(default=False)
    enviada = models.DateTimeField()
    validade = models.DateField(null=True)
    lida = models.DateTimeField(null=True)


class Enquadramento(models.Model):
    """The domicílio tributário of a CNPJ; one that is absent opted through the Simples (1)."""

    contribuinte = models.CharField(max_length=14, primary_key=True)
    dte = models.SmallIntegerField()


class OpcaoDeRegime(models.Model):
    contribuinte = models.CharField(max_length=14)
    ano = models.PositiveSmallIntegerField()
    regime = models.CharField(max_length=11)
    feita = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["contribuinte", "ano"], name="opcao_unica")
        ]


class Defis(models.Model):
    """A DEFIS that was transmitted: `portal` marks those the control page told about."""

    contribuinte = models.CharField(max_length=14)
    ano = models.PositiveSmallIntegerField()
    sequencia = models.PositiveSmallIntegerField()
    numero = models.CharField(max_length=15, unique=True)
    tipo = models.PositiveSmallIntegerField()
    transmitida = models.DateTimeField()
    portal = models.BooleanField(default=False)
    conteudo = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["contribuinte", "ano", "sequencia"], name="defis_unica")
        ]


class VinculoContabil(models.Model):
    """A CNPJ that named `contador` (CNPJ) at the Redesim."""

    contador = models.CharField(max_length=14)
    cnpj = models.CharField(max_length=14)
    uf = models.CharField(max_length=2, default="SP")
    municipio = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["contador", "cnpj"], name="vinculo_unico")
        ]


class PedidoDeRenuncia(models.Model):
    """A request to give up a vínculo; `decidida` is when it takes effect, under `numero`."""

    solicitacao = models.CharField(max_length=60, unique=True)
    contador = models.CharField(max_length=14)
    cnpj = models.CharField(max_length=14)
    responsavel = models.CharField(max_length=11)
    numero = models.PositiveIntegerField(unique=True)
    pedida = models.DateTimeField()
    decidida = models.DateTimeField()


class ProcessoDigital(models.Model):
    contribuinte = models.CharField(max_length=14, db_index=True)
    numero = models.CharField(max_length=17)
    protocolo = models.DateField()
    tipo = models.CharField(max_length=60)
    subtipo = models.CharField(max_length=60, blank=True)
    localizacao = models.CharField(max_length=60, blank=True)
    situacao = models.CharField(max_length=40, default="EM ANDAMENTO")


class Darf(models.Model):
    """A DARF of SICALC that was drawn. Amounts in reais; `periodo` as it was asked for ("01/2026")."""

    numero = models.CharField(max_length=17, unique=True)
    contribuinte = models.CharField(max_length=14)
    receita = models.CharField(max_length=4)
    extensao = models.CharField(max_length=2)
    periodo = models.CharField(max_length=10)
    referencia = models.CharField(max_length=17, blank=True)
    cota = models.PositiveSmallIntegerField(null=True)
    observacao = models.CharField(max_length=100, blank=True)
    emitido = models.DateTimeField()
    vencimento = models.DateField()
    limite = models.DateField()
    principal = models.DecimalField(max_digits=15, decimal_places=2)
    multa = models.DecimalField(max_digits=15, decimal_places=2)
    juros = models.DecimalField(max_digits=15, decimal_places=2)
    pago = models.DateField(null=True)


class Dctfweb(models.Model):
    """A declaration: in progress until it is transmitted (`recibo`), then active until another takes its place.

    `periodo` is AAAA, AAAAMM or AAAAMMDD by its category, `identificador` its CNO or process. `debitos` are
    {"origem", "codigo", "valor"}; `calculada` changes with them, and with it the XML.
    """

    contribuinte = models.CharField(max_length=14)
    categoria = models.PositiveSmallIntegerField()
    periodo = models.CharField(max_length=8)
    identificador = models.CharField(max_length=30, blank=True)
    sequencia = models.PositiveSmallIntegerField()
    debitos = models.JSONField(default=list)
    calculada = models.DateTimeField()
    recibo = models.CharField(max_length=20, blank=True)
    transmitida = models.DateTimeField(null=True)
    atrasada = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["contribuinte", "categoria", "periodo", "identificador", "sequencia"], name="dctfweb_unica"
            )
        ]


class GuiaDctfweb(models.Model):
    """A DARF drawn of a declaration. Amounts in reais."""

    numero = models.CharField(max_length=17, unique=True)
    declaracao = models.ForeignKey(Dctfweb, on_delete=models.CASCADE, related_name="guias")
    emitida = models.DateTimeField()
    vencimento = models.DateField()
    limite = models.DateField()
    principal = models.DecimalField(max_digits=15, decimal_places=2)
    multa = models.DecimalField(max_digits=15, decimal_places=2)
    juros = models.DecimalField(max_digits=15, decimal_places=2)
    pago = models.DateField(null=True)


class Mit(models.Model):
    """A month sent to MIT: closing until `pronta`, then closed, or in edition again where it has `pendencias`. The same
    month sent after it closed rectifies it. `assentada`: what became of it was carried into the DCTFWeb."""

    contribuinte = models.CharField(max_length=14)
    pa = models.PositiveIntegerField()
    protocolo = models.CharField(max_length=36, unique=True)
    enviada = models.DateTimeField()
    pronta = models.DateTimeField()
    debitos = models.JSONField(default=list)
    total = models.DecimalField(max_digits=15, decimal_places=2)
    pendencias = models.JSONField(default=list)
    com_evento = models.BooleanField(default=False)
    assentada = models.BooleanField(default=False)
