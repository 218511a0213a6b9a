"""How far a bulk run is: counts, pace, time to finish and what holds it.

Everything is counted from the Operacoes that exist for the user, with a number of queries that does not depend on the
size of the run.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise

from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Now
from django.utils import timezone

from comum.formatos import contar
from comum.models import Usuario
from operacoes import custos
from operacoes.esperas import JANELA_DO_RITMO, SEM_TRABALHADORES, Estado, Retida, Ritmo, ritmo_de
from operacoes.handlers import handler_de
from operacoes.models import Operacao, OperacaoQuerySet, Processamento, Situacao


@dataclass
class Contas:
    """Operacoes by situation, as the user sees them, without those that were repeated since."""

    total: int = 0
    concluidas: int = 0
    recusadas: int = 0
    desistidas: int = 0
    duvidas: int = 0
    pessoas: int = 0
    aceitas: int = 0
    na_fila: int = 0
    enviando: int = 0

    def somar(self, situacao: str, n: int) -> None:
        nome = _CAMPO[Situacao(situacao)]
        setattr(self, nome, getattr(self, nome) + n)
        self.total += n

    @property
    def feitas(self) -> int:
        return self.concluidas + self.recusadas + self.desistidas

    @property
    def andando(self) -> int:
        """Rows the engine still has to work on by itself."""
        return self.na_fila + self.enviando + self.aceitas + self.duvidas

    @property
    def terminado(self) -> bool:
        return self.andando == 0

    @property
    def em_duvida(self) -> int:
        return self.duvidas + self.pessoas

    @property
    def resumo(self) -> str:
        """The counts in words: "106 concluídas · 9 recusadas · 53 na fila"."""
        partes = [
            (self.concluidas, "concluída", "concluídas"),
            (self.recusadas, "recusada", "recusadas"),
            (self.pessoas, "aguarda uma pessoa", "aguardam uma pessoa"),
            (self.duvidas, "em dúvida (conferindo)", "em dúvida (conferindo)"),
            (self.aceitas, "aceita, em processamento no serviço", "aceitas, em processamento no serviço"),
            (self.enviando, "enviando", "enviando"),
            (self.na_fila, "na fila", "na fila"),
            (self.desistidas, "desistida", "desistidas"),
        ]
        return " · ".join(contar(n, um, muitos) for n, um, muitos in partes if n)


@dataclass
class Etapa(Contas):
    """One kind of effect within a run. `crescendo`: an earlier stage is still adding to its total."""

    rotulo: str = ""
    servico: str = ""
    crescendo: bool = False


@dataclass
class Andamento(Contas):
    """Where a run stands; `etapas` in the order they began."""

    etapas: list[Etapa] = field(default_factory=list)
    repetidas: int = 0
    custo: custos.Custo = field(default_factory=custos.Custo)
    ritmo: Ritmo = field(default_factory=Ritmo)
    encerrado_em: datetime | None = None
    avisos: list[Retida] = field(default_factory=list)


_CAMPO = {
    Situacao.CONCLUIDA: "concluidas",
    Situacao.RECUSADA: "recusadas",
    Situacao.DESISTIDA: "desistidas",
    Situacao.INCERTA: "duvidas",
    Situacao.AGUARDA_PESSOA: "pessoas",
    Situacao.ACEITA: "aceitas",
    Situacao.PENDENTE: "na_fila",
    Situacao.ENVIANDO: "enviando",
}


def operacoes_de(processamento: Processamento, usuario: Usuario) -> OperacaoQuerySet:
    return Operacao.objects.visiveis(usuario).filter(processamento=processamento)


def andamento(processamento: Processamento, usuario: Usuario) -> Andamento:
    """Where the run stands: one grouped query for the counts, a few small ones for what holds it."""
    linhas = (
        operacoes_de(processamento, usuario)
        .order_by()
        .values("tipo", "situacao", repetida=Q(repetida_por__isnull=False))
        .annotate(
            n=Count("pk"),
            primeira=Min("pk"),
            recentes=Count("pk", filter=Q(encerrada_em__gte=Now() - JANELA_DO_RITMO)),
            ultima=Max("encerrada_em"),
        )
    )
    visto = Andamento()
    etapas: dict[str, Etapa] = {}
    recentes = 0
    for linha in sorted(linhas, key=lambda linha: linha["primeira"]):
        if linha["repetida"]:
            visto.repetidas += linha["n"]
            continue
        handler = handler_de(linha["tipo"])
        etapa = etapas.setdefault(linha["tipo"], Etapa(rotulo=handler.rotulo, servico=handler.nome_do_servico))
        for contas in (visto, etapa):
            contas.somar(linha["situacao"], linha["n"])
        recentes += linha["recentes"]
        if linha["ultima"]:
            visto.encerrado_em = max(visto.encerrado_em or linha["ultima"], linha["ultima"])
    visto.etapas = list(etapas.values())
    for antes, depois in pairwise(visto.etapas):
        ao_lado = antes.rotulo == depois.rotulo  # the same at another service comes of nothing before it
        depois.crescendo = antes.crescendo or (not ao_lado and (not antes.terminado or antes.pessoas > 0))
    _distinguir(visto.etapas)
    visto.custo = custos.das_operacoes(operacoes_de(processamento, usuario))
    if not visto.terminado:
        estado = Estado()
        visto.ritmo = _ritmo(visto, processamento, usuario, recentes, estado)
        visto.avisos = _avisos(processamento, usuario, estado)
    return visto


def _distinguir(etapas: Sequence[Etapa]) -> None:
    """The same effect at several services says which."""
    vezes = Counter(etapa.rotulo for etapa in etapas)
    for etapa in etapas:
        if vezes[etapa.rotulo] > 1:
            etapa.rotulo = f"{etapa.rotulo} ({etapa.servico})"


def contagens(ids: Sequence[int], usuario: Usuario) -> dict[int, Contas]:
    """Counts of several runs at once, for the list of them: one grouped query."""
    vistos = {pk: Contas() for pk in ids}
    linhas = (
        Operacao.objects.visiveis(usuario)
        .filter(processamento__in=ids, repetida_por__isnull=True)
        .order_by()
        .values("processamento", "situacao")
        .annotate(n=Count("pk"))
    )
    for linha in linhas:
        vistos[linha["processamento"]].somar(linha["situacao"], linha["n"])
    return vistos


def titulos(runs: Sequence[Processamento], contas: Mapping[int, Contas], usuario: Usuario) -> dict[int, str]:
    """What each run is called for this user: with the empresa where its Operacao is a single one. The name is read from
    that row and never stored, so that it goes with the carteira."""
    unicas = (
        Operacao.objects.visiveis(usuario)
        .filter(processamento__in=[run.pk for run in runs if contas[run.pk].total == 1], repetida_por__isnull=True)
        .exclude(empresa=None)
        .select_related("empresa")
    )
    empresas = {operacao.processamento_id: f" · {operacao.empresa}" for operacao in unicas}
    return {run.pk: run.titulo_para(usuario) + empresas.get(run.pk, "") for run in runs}


def _ritmo(visto: Andamento, processamento: Processamento, usuario: Usuario, recentes: int, estado: Estado) -> Ritmo:
    janela = min(timezone.now() - processamento.criado_em, JANELA_DO_RITMO)
    ritmo = ritmo_de(operacoes_de(processamento, usuario), recentes, visto.andando, estado, janela)
    # A stage that still grows has no end to tell.
    return replace(ritmo, termina_em=None) if any(etapa.crescendo for etapa in visto.etapas) else ritmo


def _avisos(processamento: Processamento, usuario: Usuario, estado: Estado) -> list[Retida]:
    avisos = []
    if processamento.suspenso:
        avisos.append(Retida("Suspenso: o que está na fila espera. Toque em Continuar para enviar."))
    avisos += estado.retidas(operacoes_de(processamento, usuario))
    if not estado.trabalhando:
        avisos.append(Retida(SEM_TRABALHADORES))
    return avisos
