import re
import uuid
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from comum.formatos import contar
from comum.models import Usuario
from empresas.models import Empresa


class Efeito(models.TextChoices):
    """`unico` is never made twice; a `documento` may be drawn again, and the repeat is a charge, not a duplicate."""

    UNICO = "unico", "Único"
    DOCUMENTO = "documento", "Documento"


class Classe(models.TextChoices):
    """Billing class of Integra Contador, by route; empty for what is free."""

    CONSULTA = "consulta", "Consulta"
    EMISSAO = "emissao", "Emissão"
    DECLARACAO = "declaracao", "Declaração"
    GRATIS = "gratis", "Sem cobrança"


class Situacao(models.TextChoices):
    PENDENTE = "pendente", "Na fila"
    ENVIANDO = "enviando", "Enviando"
    ACEITA = "aceita", "Aceita, em processamento"
    INCERTA = "incerta", "Em dúvida"
    AGUARDA_PESSOA = "aguarda_pessoa", "Aguarda uma pessoa"
    CONCLUIDA = "concluida", "Concluída"
    RECUSADA = "recusada", "Recusada"
    DESISTIDA = "desistida", "Desistida"


ENCERRADAS = (Situacao.CONCLUIDA, Situacao.RECUSADA, Situacao.DESISTIDA)
ABERTAS = (Situacao.PENDENTE, Situacao.ENVIANDO, Situacao.ACEITA, Situacao.INCERTA, Situacao.AGUARDA_PESSOA)
EM_DUVIDA = (Situacao.INCERTA, Situacao.AGUARDA_PESSOA)
# What drenar may take when its time has come: to send, to ask (doubt), to follow (accepted).
A_TRABALHAR = (Situacao.PENDENTE, Situacao.INCERTA, Situacao.ACEITA)


class ProcessamentoQuerySet(models.QuerySet["Processamento"]):
    def visiveis(self, usuario: Usuario) -> "ProcessamentoQuerySet":
        if usuario.administra:
            return self
        visiveis = Operacao.objects.visiveis(usuario).filter(processamento=models.OuterRef("pk"))
        return self.filter(models.Exists(visiveis) | Q(usuario=usuario))

    def da_empresa(self, empresa: Empresa | None) -> "ProcessamentoQuerySet":
        """The runs in which an empresa (or its matriz) takes part; all of them for None."""
        if empresa is None:
            return self
        suas = Operacao.objects.filter(processamento=models.OuterRef("pk"), empresa=empresa.matriz_id or empresa.pk)
        return self.filter(models.Exists(suas))


class Processamento(models.Model):
    """A bulk run. Its progress is counted from its Operacoes, never stored.

    `fora`: [[empresa id, reason code, pt-BR reason]] of what the pré-voo left out; `parametros` are the handler app's.
    """

    tipo = models.CharField("tipo", max_length=40)
    titulo = models.CharField("título", max_length=120)
    usuario = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name="usuário")
    competencia = models.DateField("competência", null=True)
    parametros = models.JSONField("parâmetros", default=dict)
    fora = models.JSONField("ficaram de fora", default=list)
    custo_previsto = models.DecimalField("custo previsto", max_digits=10, decimal_places=2, default=Decimal(0))
    suspenso = models.BooleanField("suspenso", default=False)
    criado_em = models.DateTimeField("criado em", auto_now_add=True)

    objects = ProcessamentoQuerySet.as_manager()

    class Meta:
        verbose_name = "processamento"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Processamento {self.pk} · {self.titulo}"

    def get_absolute_url(self) -> str:
        return reverse("operacoes:processamento", args=[self.pk])

    def pertence_a(self, usuario: Usuario) -> bool:
        """The whole run is the business of who started it and of an Administrador; others see their part of it."""
        return usuario.administra or self.usuario_id == usuario.pk

    def titulo_para(self, usuario: Usuario) -> str:
        """ "Transmitir 168 declarações" without the number for who may see less than the whole."""
        return self.titulo if self.pertence_a(usuario) else re.sub(r"^(\w+) \d+ ", r"\1 ", self.titulo)


class OperacaoQuerySet(models.QuerySet["Operacao"]):
    def visiveis(self, usuario: Usuario) -> "OperacaoQuerySet":
        """What concerns several empresas is seen by who sees all of them."""
        if usuario.administra:
            return self
        suas = Empresa.objects.visiveis(usuario)
        de_varias = Q(
            empresa=None, empresas__len__gt=0, empresas__contained_by=ArraySubquery(suas.order_by().values("pk"))
        )
        return self.filter(Q(empresa__in=suas) | de_varias)

    def abertas(self) -> "OperacaoQuerySet":
        return self.filter(situacao__in=ABERTAS)

    def da_empresa(self, empresa: Empresa | None) -> "OperacaoQuerySet":
        """Those of one empresa (of its matriz, where there is one); all of them for None."""
        if empresa is None:
            return self
        quais = {empresa.pk, empresa.matriz_id or empresa.pk}
        return self.filter(Q(empresa__in=quais) | Q(empresa=None, empresas__overlap=list(quais)))

    def a_responder(self) -> "OperacaoQuerySet":
        """Those that wait for a person, in the order they are answered: what is due first."""
        return self.filter(situacao=Situacao.AGUARDA_PESSOA).order_by("prazo", "pk")


class Operacao(models.Model):
    """One intended effect on an outside service, committed before anything is sent (docs/motor.md).

    `chave` is made from the intent, so the same intent twice is one row; a correction after a refusal is a new
    `revisao` under its own chave. `balde` is the rate limit that queues it, `outros_baldes` those that its calls
    count in besides. `proxima_em` is when drenar may next take the row: the retry or the next question
    for a doubt; while a worker holds it (`tentativa_atual` set), the end of the lease. `turno` orders users fairly
    inside one deadline. `enviada_ate` is the last instant at which the request can have left: the service's longest
    processing time counts from it. `falhas` counts tries in a row that did not execute, `duvidas` sendings whose
    answer was lost, `perguntas` questions asked about the present doubt. One that concerns several empresas (a batch)
    has no `empresa`, and all of them in `empresas`. `opcional`: the first to stop when a cap of cost is reached.
    """

    tipo = models.CharField("tipo", max_length=60)
    chave = models.CharField("chave", max_length=160, unique=True)
    revisao = models.PositiveSmallIntegerField("revisão", default=1)
    anterior = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="repetida_por", verbose_name="repete"
    )
    pedido = models.JSONField("pedido")
    acesso = models.CharField("acesso", max_length=40)
    balde = models.CharField("balde", max_length=80)
    outros_baldes = ArrayField(
        models.CharField(max_length=80), default=list, db_default=[], verbose_name="outros baldes"
    )
    servico = models.CharField("serviço", max_length=60)
    efeito = models.CharField("efeito", max_length=10, choices=Efeito)
    classe = models.CharField("classe de cobrança", max_length=12, choices=Classe)
    situacao = models.CharField("situação", max_length=15, choices=Situacao, default=Situacao.PENDENTE)
    processamento = models.ForeignKey(
        Processamento, on_delete=models.PROTECT, null=True, blank=True, related_name="operacoes", db_index=False
    )
    empresa = models.ForeignKey(
        Empresa, on_delete=models.PROTECT, null=True, blank=True, related_name="operacoes", db_index=False
    )
    usuario = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name="usuário")
    empresas = ArrayField(models.BigIntegerField(), default=list, db_default=[], verbose_name="empresas de um lote")
    competencia = models.DateField("competência", null=True, blank=True)
    prazo = models.DateField("prazo legal", default=date.max)
    turno = models.BigIntegerField("turno", default=0)
    proxima_em = models.DateTimeField("próxima ação em", db_default=Now())
    tentativa_atual = models.UUIDField("tentativa que detém a vez", null=True, editable=False)
    envios = models.PositiveSmallIntegerField("envios", default=0)
    perguntas = models.PositiveSmallIntegerField("conferências", default=0)
    falhas = models.PositiveSmallIntegerField("falhas seguidas", default=0)
    duvidas = models.PositiveSmallIntegerField("respostas perdidas", default=0)
    enviada_em = models.DateTimeField("último envio em", null=True)
    enviada_ate = models.DateTimeField("envio possível até", null=True, editable=False)
    resposta = models.JSONField("resposta", default=dict)
    codigo = models.CharField("código do serviço", max_length=80, blank=True)
    grupo = models.CharField("motivo (grupo)", max_length=80, blank=True)
    mensagem = models.TextField("mensagem", blank=True)
    palavras_do_servico = models.TextField("palavras do serviço", blank=True)
    custo = models.DecimalField("custo", max_digits=8, decimal_places=4, default=Decimal(0))
    opcional = models.BooleanField("opcional", default=False, db_default=False)
    criada_em = models.DateTimeField("criada em", auto_now_add=True)
    encerrada_em = models.DateTimeField("encerrada em", null=True)

    objects = OperacaoQuerySet.as_manager()

    class Meta:
        verbose_name = "operação"
        verbose_name_plural = "operações"
        ordering = ["-id"]
        # Claim and record write every index: the foreign keys have none that another one begins with.
        indexes = [
            models.Index(
                fields=["balde", "prazo", "turno", "id"],
                name="operacao_fila",
                # Read by the screens that count what waits, without the rows themselves.
                include=["situacao", "servico", "acesso", "tipo", "empresa"],
                condition=Q(situacao__in=["pendente", "incerta", "aceita"]),
            ),
            models.Index(fields=["proxima_em"], name="operacao_lease", condition=Q(tentativa_atual__isnull=False)),
            models.Index(fields=["processamento", "situacao"], name="operacao_processamento"),
            models.Index(fields=["empresa", "competencia", "tipo"], name="operacao_empresa_comp"),
            # Few rows ever get here, so these two cost the run nothing.
            models.Index(fields=["prazo", "id"], name="operacao_pessoa", condition=Q(situacao="aguarda_pessoa")),
            models.Index(fields=["id"], name="operacao_recusada", condition=Q(situacao="recusada")),
            BrinIndex(fields=["encerrada_em"], name="operacao_encerrada", autosummarize=True, pages_per_range=32),
            models.Index(fields=["acesso", "enviada_em"], name="operacao_acesso"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(situacao="enviando") | Q(tentativa_atual__isnull=False), name="operacao_enviando_tem_dono"
            ),
            models.CheckConstraint(
                condition=Q(situacao__in=["concluida", "recusada", "desistida"], encerrada_em__isnull=False)
                | (~Q(situacao__in=["concluida", "recusada", "desistida"]) & Q(encerrada_em__isnull=True)),
                name="operacao_encerrada_tem_data",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tipo} {self.chave}"

    @property
    def de_quem(self) -> str:
        """The empresa, or how many of them, in words; its chave where it has none."""
        if self.empresa is not None:
            return str(self.empresa)
        return contar(len(self.empresas), "empresa", "empresas") if self.empresas else self.chave

    def get_absolute_url(self) -> str:
        return reverse("operacoes:ver", args=[self.pk])


class TentativaQuerySet(models.QuerySet["Tentativa"]):
    def visiveis(self, usuario: Usuario) -> "TentativaQuerySet":
        """Those of the empresas that a user sees; what concerns several is seen by who sees all of them."""
        if usuario.administra:
            return self
        return self.filter(empresa__in=Empresa.objects.visiveis(usuario).order_by().values("pk"))

    def cobradas(self) -> "TentativaQuerySet":
        return self.filter(cobrada=True)

    def talvez_cobradas(self) -> "TentativaQuerySet":
        """Sendings of which nobody here can tell whether they were charged."""
        return self.filter(cobrada=False, especie=Tentativa.Especie.ENVIO, desfecho__in=Tentativa.SEM_RESPOSTA).exclude(
            classe=Classe.GRATIS
        )


class Tentativa(models.Model):
    """One try: a sending, a question after a doubt, or a look at something accepted. Never deleted.

    `enviado` and `recebido` are redacted JSON; bodies over the limit are cut with their size and SHA-256 said. The hex
    of the id travels as X-Request-Tag, so SERPRO's consumption report can be matched call by call. One try may make
    several calls (a log-in, a question in two parts): `cobrancas` lists the class of each one the service charges,
    `incertas` those among them of which the contract does not say (504).

    `conta` is the contract that pays for it (operacoes.custos.contas); with `acesso`, `tipo` and `empresa` it is copied
    from the Operacao by a trigger as the row is inserted, so that a billing period is counted in one index.
    """

    class Especie(models.TextChoices):
        ENVIO = "envio", "Envio"
        CONFERENCIA = "conferencia", "Conferência"
        ACOMPANHAMENTO = "acompanhamento", "Acompanhamento"

    class Desfecho(models.TextChoices):
        ABERTA = "", "Em andamento"
        CONCLUIDA = "concluida", "Concluída"
        ACEITA = "aceita", "Aceita"
        RECUSADA = "recusada", "Recusada"
        SEM_ACESSO = "sem_acesso", "Acesso negado"
        INDISPONIVEL = "indisponivel", "Serviço indisponível"
        INCERTA = "incerta", "Resultado desconhecido"
        NAO_ACONTECEU = "nao_aconteceu", "Não aconteceu"
        NAO_SEI = "nao_sei", "Ainda não se sabe"
        ABANDONADA = "abandonada", "Trabalhador parou no meio"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    operacao = models.ForeignKey(Operacao, on_delete=models.PROTECT, related_name="tentativas")
    especie = models.CharField("espécie", max_length=15, choices=Especie)
    trabalhador = models.CharField("trabalhador", max_length=80)
    iniciada_em = models.DateTimeField("iniciada em", db_default=Now())
    encerrada_em = models.DateTimeField("encerrada em", null=True)
    duracao_ms = models.PositiveIntegerField("duração (ms)", null=True)
    desfecho = models.CharField("desfecho", max_length=15, choices=Desfecho, default=Desfecho.ABERTA, blank=True)
    http_status = models.PositiveSmallIntegerField("HTTP", null=True)
    cobrada = models.BooleanField("cobrada", default=False)
    classe = models.CharField("classe de cobrança", max_length=12, choices=Classe)
    cobrancas = ArrayField(
        models.CharField(max_length=12, choices=Classe), default=list, verbose_name="chamadas cobradas"
    )
    incertas = ArrayField(
        models.CharField(max_length=12, choices=Classe), default=list, db_default=[], verbose_name="cobrança incerta"
    )
    custo = models.DecimalField("custo", max_digits=8, decimal_places=4, default=Decimal(0))
    conta = models.CharField("conta", max_length=40, db_default="", editable=False)
    acesso = models.CharField("acesso", max_length=40, db_default="", editable=False)
    tipo = models.CharField("tipo", max_length=60, db_default="", editable=False)
    # The Operacao holds the empresa; a constraint of its own would be checked at every claim for nothing.
    empresa = models.ForeignKey(
        Empresa, models.DO_NOTHING, null=True, editable=False, db_index=False, db_constraint=False, related_name="+"
    )
    enviado = models.JSONField("enviado", default=dict)
    recebido = models.JSONField("recebido", default=dict)
    detalhe = models.TextField("detalhe", blank=True)

    class Meta:
        verbose_name = "tentativa"
        ordering = ["iniciada_em"]
        indexes = [
            # A billing period is counted without its rows.
            models.Index(
                fields=["conta", "iniciada_em"],
                include=["acesso", "tipo", "empresa", "especie", "cobrancas", "incertas"],
                name="tentativa_conta",
                condition=Q(cobrada=True),
            ),
            models.Index(
                fields=["conta", "iniciada_em"],
                name="tentativa_talvez",
                condition=Q(cobrada=False, especie="envio", desfecho__in=["incerta", "abandonada"])
                & ~Q(classe="gratis"),
            ),
        ]

    objects = TentativaQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.get_especie_display()} {timezone.localtime(self.iniciada_em):%d/%m/%Y %H:%M:%S}"

    # Sent, perhaps executed and perhaps charged: the answer never came.
    SEM_RESPOSTA = (Desfecho.INCERTA, Desfecho.ABANDONADA)

    @property
    def tag(self) -> str:
        return self.id.hex

    @property
    def talvez_cobrada(self) -> bool:
        """A sending of which nobody here can tell whether it was charged."""
        envio_perdido = self.especie == self.Especie.ENVIO and self.desfecho in self.SEM_RESPOSTA
        return envio_perdido and not self.cobrada and self.classe != Classe.GRATIS


class Balde(models.Model):
    """One GCRA row: `tat` is the theoretical arrival time; `bloqueado_ate` a block stated by the provider (429).

    Starts are `intervalo` apart; `tolerancia` is how far ahead of the steady pace a burst may run. Where the service
    wants one call at a time (`em_serie`), the Operacao being tried holds the row until it is recorded, at most until
    its lease ends. Rows stay: there are no more of them than accesses and documents, and an intent being submitted may
    count on one that looks idle; but those of who asks at the public pages are forgotten (operacoes.publico).
    """

    nome = models.CharField("balde", max_length=80, primary_key=True)
    intervalo = models.DurationField("intervalo entre chamadas", default=timedelta(0))
    tolerancia = models.DurationField("adiantamento permitido", default=timedelta(0))
    tat = models.DateTimeField("próxima vaga", db_default=Now())
    bloqueado_ate = models.DateTimeField("bloqueado até", null=True)
    em_serie = models.BooleanField("uma por vez", db_default=False)
    dono = models.BigIntegerField("operação que detém a série", null=True)
    dono_ate = models.DateTimeField("série detida até", null=True)

    class Meta:
        verbose_name = "balde"

    def __str__(self) -> str:
        return self.nome


class Circuito(models.Model):
    """Health of one outside service: after repeated failures it opens, and the queue waits until `tentar_em`.

    `pausado_desde`: an Administrador holds the service, whatever its health; nothing is sent to it meanwhile.
    """

    servico = models.CharField("serviço", max_length=60, primary_key=True)
    falhas = models.PositiveIntegerField("falhas seguidas", default=0)
    aberto_desde = models.DateTimeField("fora do ar desde", null=True)
    tentar_em = models.DateTimeField("tentar de novo em", null=True)
    motivo = models.CharField("último erro", max_length=200, blank=True)
    pausado_desde = models.DateTimeField("em pausa desde", null=True)
    pausado_por = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name="pausado por"
    )
    motivo_da_pausa = models.CharField("motivo da pausa", max_length=200, blank=True, db_default="")

    class Meta:
        verbose_name = "circuito"

    def __str__(self) -> str:
        return self.servico


class Pausa(models.Model):
    """An access (`credencial:3`) on which nothing is sent until someone mends it; `motivo` is pt-BR for the screens."""

    acesso = models.CharField("acesso", max_length=40, primary_key=True)
    motivo = models.TextField("motivo")
    codigo = models.CharField("código do serviço", max_length=80, blank=True)
    desde = models.DateTimeField("desde", db_default=Now())

    class Meta:
        verbose_name = "pausa"

    def __str__(self) -> str:
        return self.acesso


class Trabalhador(models.Model):
    """A worker process and its heartbeat; one that stopped beating loses its leases before they run out."""

    nome = models.CharField("trabalhador", max_length=80, primary_key=True)
    vagas = models.PositiveSmallIntegerField("chamadas simultâneas")
    desde = models.DateTimeField("desde", db_default=Now())
    batida = models.DateTimeField("último sinal", db_default=Now())

    class Meta:
        verbose_name = "trabalhador"
        verbose_name_plural = "trabalhadores"

    def __str__(self) -> str:
        return self.nome
