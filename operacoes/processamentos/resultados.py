"""What a bulk run refused, doubts and left out, grouped for its page."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, Sum
from django.urls import reverse

from comum.models import Usuario
from empresas.models import Empresa
from operacoes import custos
from operacoes.handlers import ProximaAcao, alvos_de, handler_de
from operacoes.listas import na_recusa
from operacoes.models import EM_DUVIDA, Operacao, OperacaoQuerySet, Processamento, Situacao
from operacoes.processamentos.andamento import operacoes_de
from operacoes.processamentos.criacao import DeFora, motivo_comum

NOMES_POR_MOTIVO = 8


@dataclass(frozen=True)
class Grupo:
    """Refusals of one cause, with the one thing to do about them. `custo_de_repetir`: of this group alone."""

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
    como_repete: str

    @property
    def detalhe(self) -> str:
        """The code and the service's own words, each said once."""
        ditas = "" if self.palavras in self.mensagem else self.palavras
        codigo = "" if self.grupo in f"{self.mensagem} {ditas}" else self.grupo
        return " · ".join(parte for parte in (self.rotulo, codigo, ditas) if parte)


def recusadas_por_motivo(
    processamento: Processamento, usuario: Usuario, competencia: date
) -> tuple[list[Grupo], custos.Orcamento]:
    """Refusals not repeated since, biggest group first, and what repeating all of those that can be would cost.
    `competencia` is that of the top bar. A fixed number of queries."""
    recusadas = operacoes_de(processamento, usuario).filter(situacao=Situacao.RECUSADA, repetida_por__isnull=True)
    linhas: list[Any] = list(
        recusadas.order_by()
        .values("tipo", "grupo", "classe", "acesso")
        .annotate(n=Count("pk"), mensagem=Min("mensagem"), palavras=Min("palavras_do_servico"), custo=Sum("custo"))
    )
    juntas: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for linha in linhas:
        juntas[linha["tipo"], linha["grupo"]].append(dict(linha))
    chamadas = _chamadas(recusadas, linhas)
    todas: Counter[tuple[str, str]] = Counter()
    for suas in chamadas.values():
        todas += suas
    previsao = custos.Previsao({acesso for _, acesso in todas})
    grupos = [
        _grupo(processamento, partes, previsao.de_todas(chamadas[par]), competencia) for par, partes in juntas.items()
    ]
    return sorted(grupos, key=lambda grupo: -grupo.quantas), custos.orcar_chamadas(todas)


def _chamadas(
    recusadas: OperacaoQuerySet, linhas: list[dict[str, Any]]
) -> dict[tuple[str, str], Counter[tuple[str, str]]]:
    """Of each group, by (tipo, grupo), the calls by (classe, acesso) of repeating it."""
    chamadas: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    pelo_pedido: set[str] = set()
    for linha in linhas:
        handler = handler_de(linha["tipo"])
        if not handler.repetivel(linha["grupo"]):
            continue
        if handler.campos_das_chamadas:
            pelo_pedido.add(linha["tipo"])
            continue
        for classe in custos.cobradas(handler.chamadas_previstas({})):
            chamadas[linha["tipo"], linha["grupo"]][classe, linha["acesso"]] += linha["n"]
    for tipo in pelo_pedido:
        handler = handler_de(tipo)
        # Of each pedido only what the cost depends on: the page asks again while the run goes on.
        campos = handler.campos_das_chamadas
        vistas = recusadas.filter(tipo=tipo).order_by()
        lidas = vistas.values_list("grupo", "acesso", *(f"pedido__{campo}" for campo in campos))
        for grupo, acesso, *valores in lidas.iterator():
            if handler.repetivel(grupo):
                pedido = {campo: valor for campo, valor in zip(campos, valores, strict=True) if valor is not None}
                for classe in custos.cobradas(handler.chamadas_previstas(pedido)):
                    chamadas[tipo, grupo][classe, acesso] += 1
    return chamadas


def _grupo(
    processamento: Processamento, partes: list[dict[str, Any]], repetir: Mapping[str, Decimal], competencia: date
) -> Grupo:
    tipo, grupo = partes[0]["tipo"], partes[0]["grupo"]
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
        custo_de_repetir=sum(repetir.values(), Decimal(0)),
        url=url,
        acao=na_recusa(handler.proxima_acao(grupo, url), processamento, tipo, grupo, competencia),
        repetivel=handler.repetivel(grupo),
        como_repete=handler.como_repete,
    )


def em_duvida(processamento: Processamento, usuario: Usuario, limite: int = 50) -> list[tuple[Operacao, str]]:
    """Doubts, those that wait for a person first, each with what it is about (Handler.alvos)."""
    duvidas = list(
        operacoes_de(processamento, usuario)
        .filter(situacao__in=EM_DUVIDA)
        .select_related("empresa")
        .order_by("situacao", "proxima_em", "pk")[:limite]
    )
    alvos = alvos_de(duvidas)
    return [(operacao, alvos.get(operacao.pk, "")) for operacao in duvidas]


@dataclass
class Fora:
    """What was left out for one reason: `quantas`, of how many `empresas`; `nomes` are the first ones. `varia`: each
    has its own words, which the CSV tells."""

    motivo: str
    varia: bool
    quantas: int
    empresas: int
    ids: list[int]
    nomes: list[Empresa] = field(default_factory=list)

    @property
    def faltam(self) -> int:
        return self.empresas - len(self.nomes)


def fora_por_motivo(processamento: Processamento, usuario: Usuario) -> list[Fora]:
    por_codigo: dict[str, list[DeFora]] = defaultdict(list)
    for item in fora_visivel(processamento, usuario):
        por_codigo[item.codigo].append(item)
    grupos = [_fora(itens) for itens in por_codigo.values()]
    empresas = Empresa.objects.visiveis(usuario).in_bulk({pk for grupo in grupos for pk in grupo.ids})
    for grupo in grupos:
        grupo.nomes = [empresas[pk] for pk in grupo.ids if pk in empresas]
    return sorted(grupos, key=lambda grupo: -grupo.quantas)


def _fora(itens: list[DeFora]) -> Fora:
    motivos = {item.motivo for item in itens}
    ids = [pk for pk in dict.fromkeys(item.empresa_id for item in itens) if pk is not None]
    motivo = motivo_comum(motivos, itens[0].resumo)
    return Fora(motivo, len(motivos) > 1, len(itens), len(ids), ids[:NOMES_POR_MOTIVO])


def fora_visivel(processamento: Processamento, usuario: Usuario) -> list[DeFora]:
    itens = [item for item in (DeFora(*lido) for lido in processamento.fora) if item.empresa_id is not None]
    if usuario.administra or not itens:
        return itens
    suas = Empresa.objects.visiveis(usuario).filter(pk__in=[item.empresa_id for item in itens])
    meus = set(suas.values_list("pk", flat=True))
    return [item for item in itens if item.empresa_id in meus]
