"""Bulk runs: making one, repeating its refusals, and what its page shows.

Everything shown is counted from the Operacoes that exist for the user, with a number of queries that does not depend on
the size of the run.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Count, Max, Min, Q, Sum
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from arquivo.models import Documento
from comum.auditoria import registrar
from comum.documentos import mascarar
from comum.formatos import contar
from comum.models import Usuario
from comum.planilhas import Celula
from empresas.models import Empresa
from operacoes import custos
from operacoes.esperas import SEM_TRABALHADORES, Estado, Retida
from operacoes.handlers import ProximaAcao, handler_de
from operacoes.models import Operacao, OperacaoQuerySet, Processamento, Situacao
from operacoes.motor import NovaOperacao, submeter
from operacoes.motor.pessoas import proxima_revisao

JANELA_DO_RITMO = timedelta(seconds=30)
NOMES_POR_MOTIVO = 8


class DeFora(NamedTuple):
    """What a run left out, as Processamento.fora keeps it. `resumo` is said of all those of one `codigo` when their
    reasons are not told in the same words."""

    empresa_id: int | None
    codigo: str
    motivo: str
    resumo: str = ""


def motivo_comum(motivos: Iterable[str], resumo: str) -> str:
    """The one reason of a group, else its summary."""
    ditos = set(motivos)
    return ditos.pop() if len(ditos) == 1 else resumo or "Por motivos diferentes."


def criar(
    tipo: str,
    titulo: str,
    usuario: Usuario,
    competencia: date | None,
    novas: Sequence[NovaOperacao],
    fora: Sequence[DeFora] = (),
    parametros: dict[str, Any] | None = None,
) -> Processamento:
    """Write a bulk run with its Operacoes, the forecast of its cost and one audit row, in one transaction.

    `fora` is what the pré-voo left out. Operacoes that exist already under the same key are not made again; they are
    listed among what was left out.
    """
    with transaction.atomic():
        processamento = Processamento.objects.create(
            tipo=tipo,
            titulo=titulo[:120],
            usuario=usuario,
            competencia=competencia,
            parametros=parametros or {},
            custo_previsto=previsao((handler_de(nova.tipo).classe.value, nova.acesso) for nova in novas),
        )
        feitas = submeter(novas, usuario=usuario, processamento=processamento)
        repetidas = [
            DeFora(
                operacao.empresa_id,
                "ja-submetida",
                f"Já submetida antes ({operacao.get_situacao_display().lower()}).",
                "Já submetidas antes.",
            )
            for operacao in feitas.existentes
        ]
        processamento.fora = [list(item) for item in (*fora, *repetidas)]
        processamento.save(update_fields=["fora"])
        registrar(
            usuario=usuario,
            acao="operacoes.processar",
            objeto=processamento,
            resumo=f"{titulo}: {contar(len(feitas.criadas), 'operação', 'operações')}",
            dados={"tipo": tipo, "criadas": len(feitas.criadas), "fora": len(processamento.fora)},
        )
    return processamento


def previsao(chamadas: Iterator[tuple[str, str]] | Sequence[tuple[str, str]]) -> Decimal:
    """R$ forecast for calls given as (classe, acesso)."""
    quantidades: dict[tuple[str, str], int] = defaultdict(int)
    for chave in chamadas:
        quantidades[chave] += 1
    previsao = custos.Previsao({acesso for _, acesso in quantidades})
    return sum((previsao.custo(classe, n, acesso) for (classe, acesso), n in quantidades.items()), Decimal(0))


# -- progress -------------------------------------------------------------------------------------------------------


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
    crescendo: bool = False


@dataclass
class Andamento(Contas):
    """Where a run stands; `etapas` in the order they began."""

    etapas: list[Etapa] = field(default_factory=list)
    repetidas: int = 0
    custo: custos.Custo = field(default_factory=custos.Custo)
    por_segundo: float = 0.0
    termina_em: datetime | None = None
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
        etapa = etapas.setdefault(linha["tipo"], Etapa(rotulo=handler_de(linha["tipo"]).rotulo))
        for contas in (visto, etapa):
            contas.somar(linha["situacao"], linha["n"])
        recentes += linha["recentes"]
        if linha["ultima"]:
            visto.encerrado_em = max(visto.encerrado_em or linha["ultima"], linha["ultima"])
    visto.etapas = list(etapas.values())
    for antes, depois in pairwise(visto.etapas):
        depois.crescendo = antes.crescendo or not antes.terminado or antes.pessoas > 0
    visto.custo = custos.das_operacoes(operacoes_de(processamento, usuario))
    _prever(visto, processamento, recentes)
    if not visto.terminado:
        visto.avisos = _avisos(processamento, usuario)
    return visto


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


def _prever(visto: Andamento, processamento: Processamento, recentes: int) -> None:
    agora = timezone.now()
    janela = min((agora - processamento.criado_em).total_seconds(), JANELA_DO_RITMO.total_seconds())
    visto.por_segundo = recentes / max(janela, 1.0)
    crescendo = any(etapa.crescendo for etapa in visto.etapas)
    if visto.por_segundo and not visto.terminado and not processamento.suspenso and not crescendo:
        visto.termina_em = agora + timedelta(seconds=visto.andando / visto.por_segundo)


def _avisos(processamento: Processamento, usuario: Usuario) -> list[Retida]:
    estado, avisos = Estado(), []
    if processamento.suspenso:
        avisos.append(Retida("Suspenso: o que está na fila espera. Toque em Continuar para enviar."))
    avisos += estado.retidas(operacoes_de(processamento, usuario))
    if not estado.trabalhando:
        avisos.append(Retida(SEM_TRABALHADORES))
    return avisos


# -- results --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grupo:
    """Refusals of one cause, with the one thing to do about them."""

    tipo: str
    rotulo: str
    grupo: str
    quantas: int
    mensagem: str
    palavras: str
    cobrada: Decimal
    custo_de_repetir: Decimal
    url: str
    acao: ProximaAcao | None
    repetivel: bool

    @property
    def detalhe(self) -> str:
        """The code and the service's own words, each said once."""
        ditas = "" if self.palavras in self.mensagem else self.palavras
        codigo = "" if self.grupo in f"{self.mensagem} {ditas}" else self.grupo
        return " · ".join(parte for parte in (self.rotulo, codigo, ditas) if parte)


def recusadas_por_motivo(processamento: Processamento, usuario: Usuario) -> list[Grupo]:
    """Refusals not repeated since, biggest group first; two queries."""
    linhas = (
        operacoes_de(processamento, usuario)
        .filter(situacao=Situacao.RECUSADA, repetida_por__isnull=True)
        .order_by()
        .values("tipo", "grupo", "classe", "acesso")
        .annotate(n=Count("pk"), mensagem=Min("mensagem"), palavras=Min("palavras_do_servico"), custo=Sum("custo"))
    )
    juntas: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for linha in linhas:
        juntas[linha["tipo"], linha["grupo"]].append(dict(linha))
    repetir = custos.Previsao({linha["acesso"] for linha in linhas})
    grupos = [_grupo(processamento, tipo, grupo, partes, repetir) for (tipo, grupo), partes in juntas.items()]
    return sorted(grupos, key=lambda grupo: -grupo.quantas)


def _grupo(
    processamento: Processamento, tipo: str, grupo: str, partes: list[dict[str, Any]], repetir: custos.Previsao
) -> Grupo:
    handler = handler_de(tipo)
    filtro = {"processamento": processamento.pk, "situacao": Situacao.RECUSADA.value, "tipo": tipo, "grupo": grupo}
    filtro["repetida"] = "nao"
    url = f"{reverse('operacoes:lista')}?{urlencode(filtro)}"
    return Grupo(
        tipo=tipo,
        rotulo=handler.rotulo,
        grupo=grupo,
        quantas=sum(parte["n"] for parte in partes),
        mensagem=partes[0]["mensagem"],
        palavras=partes[0]["palavras"],
        cobrada=sum((parte["custo"] for parte in partes), Decimal(0)),
        custo_de_repetir=sum((repetir.custo(p["classe"], p["n"], p["acesso"]) for p in partes), Decimal(0)),
        url=url,
        acao=handler.proxima_acao(grupo, url),
        repetivel=handler.repetivel(grupo),
    )


def em_duvida(processamento: Processamento, usuario: Usuario, limite: int = 50) -> list[Operacao]:
    """Doubts, those that wait for a person first."""
    return list(
        operacoes_de(processamento, usuario)
        .filter(situacao__in=[Situacao.INCERTA, Situacao.AGUARDA_PESSOA])
        .select_related("empresa")
        .order_by("situacao", "proxima_em", "pk")[:limite]
    )


@dataclass
class Fora:
    """Empresas left out for one reason; `nomes` are the first ones, `quantas` all of them. `varia`: each has its own
    words, which the CSV tells."""

    motivo: str
    varia: bool
    quantas: int
    ids: list[int]
    nomes: list[Empresa] = field(default_factory=list)

    @property
    def faltam(self) -> int:
        return self.quantas - len(self.nomes)


def fora_por_motivo(processamento: Processamento, usuario: Usuario) -> list[Fora]:
    por_codigo: dict[str, list[DeFora]] = defaultdict(list)
    for item in _fora_visivel(processamento, usuario):
        por_codigo[item.codigo].append(item)
    grupos = [_fora(itens) for itens in por_codigo.values()]
    empresas = Empresa.objects.visiveis(usuario).in_bulk({pk for grupo in grupos for pk in grupo.ids})
    for grupo in grupos:
        grupo.nomes = [empresas[pk] for pk in grupo.ids if pk in empresas]
    return sorted(grupos, key=lambda grupo: -grupo.quantas)


def _fora(itens: list[DeFora]) -> Fora:
    motivos = {item.motivo for item in itens}
    ids = [item.empresa_id for item in itens[:NOMES_POR_MOTIVO] if item.empresa_id is not None]
    return Fora(motivo_comum(motivos, itens[0].resumo), len(motivos) > 1, len(itens), ids)


def _fora_visivel(processamento: Processamento, usuario: Usuario) -> list[DeFora]:
    itens = [item for item in (DeFora(*lido) for lido in processamento.fora) if item.empresa_id is not None]
    if usuario.administra or not itens:
        return itens
    suas = Empresa.objects.visiveis(usuario).filter(pk__in=[item.empresa_id for item in itens])
    meus = set(suas.values_list("pk", flat=True))
    return [item for item in itens if item.empresa_id in meus]


# -- repeat, export -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Repetidas:
    """`quantas` were submitted again; `deixadas`: pt-BR reason -> how many could not be."""

    quantas: int
    deixadas: dict[str, int]


def repetir(processamento: Processamento, usuario: Usuario, *, tipo: str = "", grupo: str | None = None) -> Repetidas:
    """Submit the refusals again (all, or one group) as new revisions in the same run. A second click finds none."""
    with transaction.atomic():
        recusadas = operacoes_de(processamento, usuario).filter(situacao=Situacao.RECUSADA, repetida_por__isnull=True)
        if tipo:
            recusadas = recusadas.filter(tipo=tipo)
        if grupo is not None:
            recusadas = recusadas.filter(grupo=grupo)
        por_tipo: dict[str, list[Operacao]] = defaultdict(list)
        for operacao in recusadas.select_related("empresa").order_by("pk"):
            if handler_de(operacao.tipo).repetivel(operacao.grupo):
                por_tipo[operacao.tipo].append(operacao)
        novas: list[NovaOperacao] = []
        deixadas: dict[str, int] = defaultdict(int)
        for um_tipo, operacoes in por_tipo.items():
            pedidos = handler_de(um_tipo).repetir(operacoes, usuario)
            for operacao in operacoes:
                pedido = pedidos.get(operacao.pk, "Não pode ser repetida como está.")
                if isinstance(pedido, str):
                    deixadas[pedido] += 1
                else:
                    novas.append(proxima_revisao(operacao, pedido))
        feitas = submeter(novas, usuario=usuario, processamento=processamento)
        if feitas.criadas:
            registrar(
                usuario=usuario,
                acao="operacoes.repetir",
                objeto=processamento,
                resumo=f"Repetiu {contar(len(feitas.criadas), 'recusada', 'recusadas')} de {processamento}",
                dados={"tipo": tipo, "grupo": grupo, "quantas": len(feitas.criadas)},
            )
    return Repetidas(len(feitas.criadas), dict(deixadas))


CABECALHO = (
    "Código",
    "CNPJ ou CPF",
    "Razão social",
    "Operação",
    "Situação",
    "Motivo",
    "Mensagem",
    "Código do serviço",
    "Palavras do serviço",
    "Custo (R$)",
    "Tentativas",
    "Criada em",
    "Último envio em",
    "Encerrada em",
)


def linhas_exportadas(processamento: Processamento, usuario: Usuario) -> Iterator[tuple[Celula, ...]]:
    """Every outcome of the run, then what stayed out, in the order of CABECALHO."""
    operacoes = operacoes_de(processamento, usuario).select_related("empresa").annotate(tentadas=Count("tentativas"))
    operacao: Any
    for operacao in operacoes.order_by("empresa__ordem", "pk").iterator(chunk_size=2000):
        empresa = operacao.empresa
        yield (
            empresa.codigo if empresa else "",
            mascarar(empresa.documento) if empresa else "",
            empresa.razao_social if empresa else "",
            handler_de(operacao.tipo).rotulo,
            operacao.get_situacao_display(),
            operacao.grupo,
            operacao.mensagem,
            operacao.codigo,
            operacao.palavras_do_servico,
            operacao.custo,
            operacao.tentadas,
            operacao.criada_em,
            operacao.enviada_em,
            operacao.encerrada_em,
        )
    fora = _fora_visivel(processamento, usuario)
    empresas = Empresa.objects.in_bulk({item.empresa_id for item in fora})
    vazias: tuple[Celula, ...] = ("", "", Decimal(0), 0, processamento.criado_em, None, None)
    for item in fora:
        empresa = empresas[item.empresa_id]
        yield (
            empresa.codigo,
            mascarar(empresa.documento),
            empresa.razao_social,
            "",
            "Ficou de fora",
            item.codigo,
            item.motivo,
            *vazias,
        )


def documentos_de(processamento: Processamento, usuario: Usuario) -> list[Documento]:
    """Documents that the run produced (Operacao.resposta["documentos"]: list of ids), by empresa."""
    ids = {
        identificador
        for lista in operacoes_de(processamento, usuario)
        .filter(resposta__has_key="documentos")
        .values_list("resposta__documentos", flat=True)
        for identificador in lista
    }
    consulta = Documento.objects.visiveis(usuario).filter(pk__in=ids)
    return list(consulta.select_related("empresa").order_by("empresa__ordem", "tipo", "criado_em"))


def tem_documentos(processamento: Processamento, usuario: Usuario) -> bool:
    return operacoes_de(processamento, usuario).filter(resposta__documentos__0__isnull=False).exists()
