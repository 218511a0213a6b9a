"""What is held, by what and until when, and why each row waits: in the words of the screens.

Every question asked here costs the same number of queries whatever the size of the queue.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from comum.formatos import contar, format_data, format_numero, hora
from comum.models import Adicional, Usuario
from operacoes.custos import teto
from operacoes.handlers import handler_de, nome_do_servico, todos
from operacoes.models import (
    A_TRABALHAR,
    Balde,
    Circuito,
    Classe,
    Operacao,
    OperacaoQuerySet,
    Pausa,
    Processamento,
    Situacao,
    Trabalhador,
)

SEM_TRABALHADOR = timedelta(seconds=60)
SEM_TRABALHADORES = "Nenhum trabalhador ativo: nada é enviado até que um seja iniciado."
JANELA_DO_RITMO = timedelta(seconds=60)


@dataclass(frozen=True)
class Retida:
    """One thing that holds operações, in pt-BR. `acesso`, or `servico` when `pausada`: what *Retomar* lifts, where a
    person may; `url` is where the access is mended."""

    texto: str
    detalhe: str = ""
    quantas: int = 0
    acesso: str = ""
    servico: str = ""
    pausada: bool = False
    url: str = ""


@dataclass(frozen=True)
class Servico:
    """One outside service as it is now. `estado` is the tone and the words of its chip."""

    servico: str
    nome: str
    tom: str
    estado: str
    texto: str
    aguardam: int
    pausado: bool


def _ate(instante: datetime) -> str:
    """An hour still to come, rounded up to the minute."""
    return hora(instante + timedelta(seconds=59))


def _aguardam(quantas: int) -> str:
    return contar(quantas, "aguarda", "aguardam") if quantas else "nada aguarda"


class Estado:
    """Everything that may hold a row, read once: circuits, pauses, blocked buckets, caps of cost, missing add-ons,
    workers."""

    def __init__(self) -> None:
        self.agora = timezone.now()
        presos = Q(pausado_desde__isnull=False) | Q(aberto_desde__isnull=False)
        self.circuitos = {c.servico: c for c in Circuito.objects.filter(presos).select_related("pausado_por")}
        self.pausas = {pausa.acesso: pausa for pausa in Pausa.objects.order_by("desde")}
        # The one blocked longest comes first.
        bloqueados = Balde.objects.filter(bloqueado_ate__gt=Now()).order_by("-bloqueado_ate", "nome")
        self.baldes = {b.nome: b.bloqueado_ate for b in bloqueados if b.bloqueado_ate}
        self.no_teto = teto.parados()
        contratados = set(Adicional.objects.filter(ativo=True).values_list("pk", flat=True))
        self.sem_adicional = {h.tipo: h.adicional for h in todos() if h.adicional and h.adicional not in contratados}
        self.trabalhando = Trabalhador.objects.filter(batida__gte=Now() - SEM_TRABALHADOR).exists()

    def livres(self) -> Q:
        """Rows that are due and that nothing read here holds, nor their suspended run."""
        suspensos = Processamento.objects.filter(suspenso=True)
        presas = self._impedidas() | Q(situacao=Situacao.PENDENTE, processamento__in=suspensos)
        return Q(situacao__in=A_TRABALHAR, proxima_em__lte=Now()) & ~presas

    def _impedidas(self) -> Q:
        presas = (
            Q(servico__in=list(self.circuitos)) | Q(acesso__in=list(self.pausas)) | Q(tipo__in=list(self.sem_adicional))
        )
        if self.baldes:  # otherwise the queue's index has every column asked for
            presas |= Q(balde__in=list(self.baldes)) | Q(outros_baldes__overlap=list(self.baldes))
        return presas | self._no_teto() if self.no_teto else presas

    def _no_teto(self) -> Q:
        """What the caps of cost hold back: what is optional, or everything that is charged."""
        tudo = [acesso for acesso, parar_tudo in self.no_teto.items() if parar_tudo]
        param = Q(acesso__in=list(self.no_teto), opcional=True) | Q(acesso__in=tudo)
        return Q(param, situacao=Situacao.PENDENTE) & ~Q(classe=Classe.GRATIS)

    def _trava(self) -> Case:
        """The blocked bucket that holds a row longest, empty for none."""
        return Case(
            *(When(Q(balde=b) | Q(outros_baldes__contains=[b]), then=Value(b)) for b in self.baldes),
            default=Value(""),
            output_field=CharField(),
        )

    # -- all together ---------------------------------------------------------------------------------------------

    def retidas(self, operacoes: OperacaoQuerySet, *, vazias: bool = False) -> list[Retida]:
        """What holds these rows; with `vazias` also what holds none of them now (an Administrador mends it all the
        same)."""
        grupos = self._grupos(operacoes)
        por_servico, por_acesso, por_trava, por_adicional, nomes = _somas(grupos, self.sem_adicional)
        achadas = [self._do_servico(c, por_servico[c.servico]) for c in self.circuitos.values()]
        achadas += [self._da_pausa(p, por_acesso[p.acesso], nomes) for p in self.pausas.values()]
        achadas += self._dos_baldes(por_trava, nomes)
        achadas += [
            Retida(f"O adicional {codigo} não está contratado; {_aguardam(n)}: nada é enviado sem ele.", quantas=n)
            for codigo, n in sorted(por_adicional.items())
        ]
        if self.no_teto and (n := operacoes.filter(self._no_teto()).count()):
            texto = f"O teto de custo do período foi atingido; {_aguardam(n)}."
            detalhe = "Segue no período seguinte, ou quando quem administra aumentar o teto."
            achadas.append(Retida(texto, detalhe, n, url=reverse("custos:periodo")))
        return [retida for retida in achadas if retida.quantas or (vazias and (retida.acesso or retida.servico))]

    def _grupos(self, operacoes: OperacaoQuerySet) -> list[dict[str, Any]]:
        if not (self.circuitos or self.pausas or self.baldes or self.sem_adicional):
            return []
        linhas = operacoes.filter(self._impedidas(), situacao__in=A_TRABALHAR).order_by()
        por_trava = linhas.annotate(trava=self._trava()).values("servico", "acesso", "trava", "tipo")
        return [dict(linha) for linha in por_trava.annotate(n=Count("pk"))]

    def _do_servico(self, circuito: Circuito, quantas: int) -> Retida:
        return Retida(
            f"{self.texto_do_servico(circuito, quantas)}.",
            circuito.motivo_da_pausa if circuito.pausado_desde else circuito.motivo,
            quantas,
            servico=circuito.servico,
            pausada=circuito.pausado_desde is not None,
        )

    def aviso_ao_pedir(self, servico: str) -> str:
        """What awaits a row that is asked for now; empty when its service is in use."""
        circuito = self.circuitos.get(servico)
        if circuito is None:
            return ""
        nome = nome_do_servico(servico)
        if circuito.pausado_desde:
            quem = f" por {circuito.pausado_por.nome}" if circuito.pausado_por else ""
            motivo = f" ({circuito.motivo_da_pausa})" if circuito.motivo_da_pausa else ""
            return (
                f"{nome} em pausa desde {hora(circuito.pausado_desde)}{quem}{motivo}. O que for confirmado agora fica "
                "na fila, sem ser enviado, até que um Administrador o retome."
            )
        desde = hora(circuito.aberto_desde) if circuito.aberto_desde else ""
        return (
            f"{nome} fora do ar desde {desde}; {self._volta(circuito)}. O que for confirmado agora fica na fila e é "
            "enviado quando ele voltar."
        )

    def texto_do_servico(self, circuito: Circuito, quantas: int) -> str:
        """ "Integra Contador fora do ar desde 10h42; 18 aguardam; tenta de novo às 10h50"."""
        nome = nome_do_servico(circuito.servico)
        if circuito.pausado_desde:
            quem = f" por {circuito.pausado_por.nome}" if circuito.pausado_por else ""
            return f"{nome} em pausa desde {hora(circuito.pausado_desde)}{quem}; {_aguardam(quantas)}"
        desde = hora(circuito.aberto_desde) if circuito.aberto_desde else ""
        return f"{nome} fora do ar desde {desde}; {_aguardam(quantas)}; {self._volta(circuito)}"

    def _volta(self, circuito: Circuito) -> str:
        if circuito.tentar_em and circuito.tentar_em > self.agora:
            return f"tenta de novo às {_ate(circuito.tentar_em)}"
        return "está sendo tentado agora"

    def _da_pausa(self, pausa: Pausa, quantas: int, nomes: dict[str, str]) -> Retida:
        nome = nomes.get(pausa.acesso) or _rotulo_de_qualquer(pausa.acesso)
        texto = f"{nome} em pausa desde {hora(pausa.desde)}; {_aguardam(quantas)}."
        url = next((url for h in todos() if (url := h.url_do_acesso(pausa.acesso))), "")
        return Retida(texto, pausa.motivo, quantas, acesso=pausa.acesso, url=url)

    def _dos_baldes(self, por_trava: dict[tuple[str, str], int], nomes: dict[str, str]) -> list[Retida]:
        """One sentence an access, whatever the number of its documents at their limit: until the last is free."""
        por_acesso: dict[str, list[str]] = defaultdict(list)
        for acesso, trava in por_trava:
            por_acesso[acesso].append(trava)
        retidas = []
        for acesso, travas in por_acesso.items():
            quantas = sum(por_trava[acesso, trava] for trava in travas)
            ate = _ate(max(self.baldes[trava] for trava in travas))
            retidas.append(
                Retida(
                    f"{nomes[acesso]}: o serviço limitou as chamadas; {_aguardam(quantas)}; o envio continua sozinho "
                    f"às {ate}.",
                    quantas=quantas,
                )
            )
        return retidas

    def servicos(self, aguardam: dict[str, int]) -> list[Servico]:
        """Every service there is a handler for; `aguardam` counts the rows of each that wait."""
        nomes = {handler.servico for handler in todos() if handler.nome_do_servico} | set(self.circuitos)
        return sorted((self._servico(nome, aguardam.get(nome, 0)) for nome in nomes), key=lambda s: s.nome)

    def _servico(self, servico: str, quantas: int) -> Servico:
        circuito = self.circuitos.get(servico)
        if circuito is None:
            return Servico(servico, nome_do_servico(servico), "ok", "No ar", "", quantas, False)
        pausado = circuito.pausado_desde is not None
        tom, estado = ("atencao", "Em pausa") if pausado else ("erro", "Fora do ar")
        texto = f"{self.texto_do_servico(circuito, quantas)}."
        detalhe = circuito.motivo_da_pausa if pausado else circuito.motivo
        return Servico(servico, nome_do_servico(servico), tom, estado, f"{texto} {detalhe}".strip(), quantas, pausado)

    # -- one by one -----------------------------------------------------------------------------------------------

    def espera(self, operacao: Operacao, filas: "dict[str, Fila]") -> str:
        """Why this row waits and until when, in a few words; empty when it does not."""
        if operacao.situacao == Situacao.AGUARDA_PESSOA:
            return "resposta de uma pessoa"
        if operacao.situacao not in (*A_TRABALHAR, Situacao.ENVIANDO):
            return ""
        if operacao.tentativa_atual:
            return "perguntando ao serviço agora" if operacao.situacao == Situacao.INCERTA else "em curso agora"
        return self._impedimento(operacao) or self._hora(operacao) or self._vez(operacao, filas)

    def _impedimento(self, operacao: Operacao) -> str:
        run = operacao.processamento
        if run is not None and run.suspenso and operacao.situacao == Situacao.PENDENTE:
            return f"o processamento {run.pk} está suspenso"
        if operacao.tipo in self.sem_adicional:
            return f"o adicional {self.sem_adicional[operacao.tipo]} não está contratado"
        circuito = self.circuitos.get(operacao.servico)
        nome = nome_do_servico(operacao.servico)
        if circuito is not None and circuito.pausado_desde:
            return f"{nome} em pausa desde {hora(circuito.pausado_desde)}"
        if pausa := self.pausas.get(operacao.acesso):
            return f"acesso em pausa desde {hora(pausa.desde)}"
        if circuito is not None and circuito.aberto_desde:
            return f"{nome} fora do ar desde {hora(circuito.aberto_desde)}; {self._volta(circuito)}"
        if operacao.situacao == Situacao.PENDENTE and operacao.classe != Classe.GRATIS:
            parar_tudo = self.no_teto.get(operacao.acesso)
            if parar_tudo or (parar_tudo is not None and operacao.opcional):
                return "o teto de custo do período foi atingido"
        bloqueios = [self.baldes[b] for b in (operacao.balde, *operacao.outros_baldes) if b in self.baldes]
        return f"limite de chamadas do serviço até {_ate(max(bloqueios))}" if bloqueios else ""

    def _hora(self, operacao: Operacao) -> str:
        if operacao.proxima_em <= self.agora:
            return ""
        quando = hora(operacao.proxima_em)
        if operacao.situacao == Situacao.INCERTA:
            return f"{operacao.perguntas + 1}ª pergunta ao serviço às {quando}"
        if operacao.situacao == Situacao.ACEITA:
            return f"o serviço decide; olha de novo às {quando}"
        return f"nova tentativa às {quando}"

    def _vez(self, operacao: Operacao, filas: "dict[str, Fila]") -> str:
        if not self.trabalhando:
            return "nenhum trabalhador ativo"
        fila = filas.get(operacao.balde)
        if fila is not None and fila.primeiro_prazo is not None and fila.primeiro_prazo < operacao.prazo:
            return f"na fila: vai antes o que vence em {format_data(fila.primeiro_prazo)}"
        return f"na fila: {fila.ritmo}" if fila is not None and fila.ritmo else "na fila"


def _somas(grupos: list[dict[str, Any]], sem_adicional: dict[str, int]) -> tuple[Any, ...]:
    por_servico: dict[str, int] = defaultdict(int)
    por_acesso: dict[str, int] = defaultdict(int)
    por_trava: dict[tuple[str, str], int] = defaultdict(int)
    por_adicional: dict[int, int] = defaultdict(int)
    nomes: dict[str, str] = {}
    for grupo in grupos:
        por_servico[grupo["servico"]] += grupo["n"]
        por_acesso[grupo["acesso"]] += grupo["n"]
        if grupo["trava"]:
            por_trava[grupo["acesso"], grupo["trava"]] += grupo["n"]
        if adicional := sem_adicional.get(grupo["tipo"]):
            por_adicional[adicional] += grupo["n"]
        if grupo["acesso"] not in nomes:
            nomes[grupo["acesso"]] = handler_de(grupo["tipo"]).rotulo_acesso(grupo["acesso"])
    return por_servico, por_acesso, por_trava, por_adicional, nomes


def _rotulo_de_qualquer(acesso: str) -> str:
    """The access in words when none of the rows at hand uses it."""
    return next((r for h in todos() if (r := h.rotulo_acesso(acesso)) != acesso), acesso)


@dataclass(frozen=True)
class Fila:
    """One bucket's queue: the deadline of the first row that may be taken now, and the pace it keeps, in words."""

    primeiro_prazo: Any
    ritmo: str


def filas_de(operacoes: list[Operacao], estado: Estado) -> dict[str, Fila]:
    """The queues of the rows on a page, in one query; each head is among the first entries of an index."""
    nomes = {o.balde for o in operacoes if o.situacao == Situacao.PENDENTE and not o.tentativa_atual}
    if not nomes:
        return {}
    frente = Operacao.objects.filter(estado.livres(), balde=OuterRef("pk")).order_by("prazo", "turno", "pk")
    baldes = Balde.objects.filter(pk__in=nomes).annotate(frente=Subquery(frente.values("prazo")[:1]))
    return {balde.nome: Fila(balde.frente, _ritmo(balde.intervalo)) for balde in baldes}


def _ritmo(intervalo: timedelta) -> str:
    if not intervalo:
        return ""
    por_minuto = timedelta(minutes=1) / intervalo
    if por_minuto > 120:
        return f"o serviço aceita {format_numero(round(por_minuto / 60))} por segundo"
    return f"o serviço aceita {format_numero(round(por_minuto))} por minuto"


# -- counts -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ritmo:
    """How fast some rows end, and when those that go on now have ended at that pace; `esperam` are held, or not due
    yet, and not counted in it."""

    por_segundo: float = 0.0
    termina_em: datetime | None = None
    esperam: int = 0


def ritmo_de(
    operacoes: OperacaoQuerySet, terminadas: int, andando: int, estado: Estado, janela: timedelta = JANELA_DO_RITMO
) -> Ritmo:
    """The pace of these rows, of which `terminadas` ended within `janela` and the engine has `andando` to work on."""
    por_segundo = terminadas / max(janela.total_seconds(), 1.0)
    if not (terminadas and andando and estado.trabalhando):
        return Ritmo(por_segundo)
    em_curso = Q(tentativa_atual__isnull=False, situacao__in=(*A_TRABALHAR, Situacao.ENVIANDO))
    # In two: each has an index of its own.
    vao = operacoes.filter(em_curso).count() + operacoes.filter(estado.livres(), tentativa_atual=None).count()
    termina_em = timezone.now() + timedelta(seconds=vao / por_segundo) if vao else None
    return Ritmo(por_segundo, termina_em, max(0, andando - vao))


@dataclass(frozen=True)
class Quadro:
    """How many rows stand where, how many of each service wait, and how fast they end."""

    por_situacao: dict[str, int] = field(default_factory=dict)
    por_servico: dict[str, int] = field(default_factory=dict)
    ritmo: Ritmo = field(default_factory=Ritmo)

    @property
    def andando(self) -> int:
        """Rows the engine still has to work on by itself."""
        return _andando(self.por_situacao)

    @property
    def em_aberto(self) -> int:
        return self.andando + self.por_situacao.get(Situacao.AGUARDA_PESSOA, 0)


def _andando(por_situacao: dict[str, int]) -> int:
    return sum(por_situacao.get(s, 0) for s in (*A_TRABALHAR, Situacao.ENVIANDO))


def contar_operacoes(operacoes: OperacaoQuerySet, estado: Estado) -> Quadro:
    """Open and refused rows by situação and service, and the pace: two queries, four while something ends, each part
    on its own index, so that the millions that are done cost nothing."""
    partes = [
        operacoes.filter(situacao__in=A_TRABALHAR),
        operacoes.filter(situacao=Situacao.ENVIANDO, tentativa_atual__isnull=False),
        operacoes.filter(situacao=Situacao.AGUARDA_PESSOA),
        operacoes.filter(situacao=Situacao.RECUSADA, repetida_por__isnull=True),
    ]
    primeira, *outras = [p.order_by().values("situacao", "servico").annotate(n=Count("pk")) for p in partes]
    por_situacao: dict[str, int] = defaultdict(int)
    por_servico: dict[str, int] = defaultdict(int)
    for linha in primeira.union(*outras, all=True).order_by():
        por_situacao[linha["situacao"]] += linha["n"]
        if linha["situacao"] in A_TRABALHAR:
            por_servico[linha["servico"]] += linha["n"]
    terminadas = operacoes.filter(encerrada_em__gte=Now() - JANELA_DO_RITMO).count()
    ritmo = ritmo_de(operacoes, terminadas, _andando(por_situacao), estado)
    return Quadro(dict(por_situacao), dict(por_servico), ritmo)


def retidas_de(usuario: Usuario, operacoes: OperacaoQuerySet) -> list[Retida]:
    """What holds something of what this user sees; all of it for an Administrador."""
    return Estado().retidas(operacoes, vazias=usuario.administra)
