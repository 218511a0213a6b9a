"""Searching for payments in bulk: of whom there is news since our last look, or of all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import count

from django.db.models import DateField, Max, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from comum.formatos import format_data, format_dinheiro
from credentials.models import Servico
from empresas.models import Empresa
from guias.models import Consulta, Novidade
from guias.providers.pagtoweb import CONTACONSDOCARRPG73, PAGAMENTOS71
from guias.services.acesso import Acessos, Codigo, Fora, acesso_ou_motivo
from guias.services.acoes import DEFINICOES, Definicao
from guias.services.intencoes import Item
from operacoes import custos
from operacoes.models import ABERTAS, Classe
from operacoes.motor import NovaOperacao

BUSCAR, CONTAR = "pagamentos", "contar_pagamentos"
TIPO_BUSCAR, TIPO_CONTAR = "guias.pagtoweb.pagamentos", "guias.pagtoweb.contar"
COM_NOVIDADE, TODAS = "novidade", "todas"
ROTULO_DE_TODAS = "Todas as marcadas"
GUARDADAS = timedelta(days=60)  # how far back EVENTOSATUALIZACAO looks
_ATRASO_DAS_NOVIDADES = timedelta(minutes=15)  # by which it is behind, about


@dataclass(frozen=True)
class Situacao:
    """Of one empresa: what the Receita last told of news, and until when its payments were looked at, by the first day
    of each search that went up to its own day."""

    novidade: Novidade | None
    vistas: Mapping[date, date] = field(default_factory=dict)

    def ultima(self, desde: date) -> date | None:
        """When what was paid from `desde` on was last looked at."""
        return max((vista for inicio, vista in self.vistas.items() if inicio <= desde), default=None)

    def motivo(self, desde: date, hoje: date) -> str:
        """Why a search from `desde` on would find nothing new, in pt-BR; empty when it may."""
        nova, ultima = self.novidade, self.ultima(desde)
        if nova is None or timezone.localdate(nova.perguntada_em) < hoje:
            return "Novidades de hoje não consultadas. Consulte-as antes, sem custo."
        if nova.sem_procuracao:
            return "O SERPRO diz que falta a procuração para pagamentos. Peça ao cliente o poder 00004 no e-CAC."
        if nova.dia is None and (ultima is not None or desde >= hoje - GUARDADAS):
            return f"As novidades não trazem pagamento nos últimos 60 dias. {_alcance(nova)}"
        if nova.dia is not None and ultima is not None and nova.dia < ultima:
            dita, vista = format_data(nova.dia), format_data(ultima)
            return f"A última novidade é de {dita}, e os pagamentos foram vistos depois, em {vista}. {_alcance(nova)}"
        return ""


def _alcance(novidade: Novidade) -> str:
    """Until which instant the news tell of payments, in pt-BR."""
    perguntada = timezone.localtime(novidade.perguntada_em)
    ate = timezone.localtime(novidade.perguntada_em - _ATRASO_DAS_NOVIDADES)
    return (
        f"Foram perguntadas em {perguntada:%d/%m/%Y às %H:%M} e chegam com uns {_ATRASO_DAS_NOVIDADES.seconds // 60} "
        f"minutos de atraso: o que foi pago depois das {ate:%H:%M} ainda não aparece nelas."
    )


def situacoes(empresas: Sequence[int]) -> dict[int, Situacao]:
    """In two queries, however many empresas. A search older than what the news tell of says nothing of today."""
    novidades = Novidade.objects.filter(empresa__in=empresas, evento=Novidade.Evento.PAGAMENTOS).in_bulk(
        field_name="pk"
    )
    por_empresa = {novidade.empresa_id: novidade for novidade in novidades.values()}
    buscas = Consulta.objects.filter(
        empresa__in=empresas,
        servico=str(PAGAMENTOS71),
        parametros__has_key="desde",
        consultada_em__date__gte=timezone.localdate() - GUARDADAS,
    ).annotate(
        desde=Cast(KeyTextTransform("desde", "parametros"), DateField()),
        ate=Cast(KeyTextTransform("ate", "parametros"), DateField()),
    )
    ate_o_dia = buscas.filter(ate__gte=TruncDate("consultada_em")).order_by()
    vistas: dict[int, dict[date, date]] = defaultdict(dict)
    for empresa, desde, vista in ate_o_dia.values_list("empresa", "desde").annotate(Max("consultada_em")):
        vistas[empresa][desde] = timezone.localdate(vista)
    return {pk: Situacao(por_empresa.get(pk), vistas[pk]) for pk in empresas}


class ContextoDePagamentos(Acessos):
    def __init__(self, empresas: Sequence[Empresa], competencia: date, tipos: Iterable[str] = ()) -> None:
        super().__init__(empresas, competencia, tipos)
        self.situacoes = situacoes([empresa.pk for empresa in empresas])

    def _quais(self) -> Q:
        """A search that is still open counts whenever it was asked: that of a day of news has another key."""
        return super()._quais() | Q(situacao__in=ABERTAS)

    @cached_property
    def previsao(self) -> custos.Previsao:
        return custos.Previsao({vinculo.credencial.acesso for vinculo in self.vinculos.values()})


def custo_de_todas(empresas: Sequence[Empresa]) -> tuple[int, Decimal]:
    """Of how many of these the payments can be asked, and what one question of each comes to, in reais."""
    acessos = Acessos(empresas, timezone.localdate().replace(day=1))
    com_acesso = [
        feito
        for empresa in empresas
        if not isinstance(feito := acesso_ou_motivo(Servico.PAGAMENTOS, empresa, acessos, PAGAMENTOS71.poderes), Fora)
    ]
    por_acesso = Counter((Classe.CONSULTA.value, vinculo.credencial.acesso) for vinculo in com_acesso)
    previsao = custos.Previsao({acesso for _, acesso in por_acesso})
    return len(com_acesso), sum(previsao.de_todas(por_acesso).values(), Decimal(0))


def buscar(item: Item) -> NovaOperacao | Fora:
    """The payments of one empresa from `desde` to `ate`; of `quais` "novidade", only where something may be new. With
    `rotina`, once for that news."""
    contexto = item.contexto
    assert isinstance(contexto, ContextoDePagamentos)  # noqa: S101 - the Definicao reads it
    desde = date.fromisoformat(item.parametros["desde"])
    if item.parametros["quais"] != TODAS and (
        motivo := contexto.situacoes[item.empresa.pk].motivo(desde, contexto.hoje)
    ):
        preco = contexto.previsao.custo(Classe.CONSULTA, 1, item.vinculo.credencial.acesso)
        inteira = f"Para perguntar mesmo assim, volte e escolha “{ROTULO_DE_TODAS}”: cada uma é uma consulta"
        return item.fora(Codigo.SEM_NOVIDADE, f"{motivo} {inteira} ({format_dinheiro(preco)}).")
    novidade = contexto.situacoes[item.empresa.pk].novidade
    if item.parametros.get("rotina") and novidade is not None and novidade.dia is not None:
        return _pergunta(item, TIPO_BUSCAR, chave_da_novidade(item.empresa.pk, novidade.dia))
    return _pergunta(item, TIPO_BUSCAR)


def chave_da_novidade(empresa: int, dia: date) -> str:
    """Of the search that a day of news led to: one, whatever became of it."""
    return f"{TIPO_BUSCAR}:{empresa}:novidade:{dia:%Y%m%d}"


def contar(item: Item) -> NovaOperacao | Fora:
    return _pergunta(item, TIPO_CONTAR)


def _pergunta(item: Item, tipo: str, chave: str = "") -> NovaOperacao | Fora:
    """Asked again on one day it is another question, unless it has a key of its own: something may have been paid
    meanwhile."""
    desde, ate = item.parametros["desde"], item.parametros["ate"]
    suas = [(chave, situacao) for outro, chave, situacao in item.contexto.operacoes[item.empresa.pk] if outro == tipo]
    if any(situacao in ABERTAS for _, situacao in suas):
        return item.fora(Codigo.ANDAMENTO, "Já há uma busca de pagamentos em andamento. Espere que termine.")
    periodo = f"{desde}..{ate}"
    base = f"{tipo}:{item.empresa.pk}:{periodo}:{item.contexto.hoje:%Y%m%d}"
    chave = chave or next(c for n in count(1) if not item.contexto.feita(item.empresa.pk, c := f"{base}:v{n}"))
    return item.nova(
        tipo,
        chave,
        {
            "competencia": item.contexto.competencia.isoformat(),
            "desde": desde,
            "ate": ate,
            "chave": periodo,
            "parametros": {"desde": desde, "ate": ate},
        },
    )


DEFINICOES[BUSCAR] = Definicao(
    "Buscar pagamentos de",
    "empresa",
    "empresas",
    TIPO_BUSCAR,
    Servico.PAGAMENTOS,
    Classe.CONSULTA,
    "Cada 100 pagamentos de uma empresa são uma consulta cobrada: o custo previsto conta uma de cada. O que a Receita "
    "informar fica guardado, e as guias pagas mudam de situação sozinhas.",
    buscar,
    poderes=PAGAMENTOS71.poderes,
    contexto=ContextoDePagamentos,
    tipos=(TIPO_BUSCAR,),
)
DEFINICOES[CONTAR] = Definicao(
    "Contar pagamentos de",
    "empresa",
    "empresas",
    TIPO_CONTAR,
    Servico.PAGAMENTOS,
    Classe.CONSULTA,
    "A Receita diz só quantos documentos foram pagos no período. Cada contagem é uma consulta cobrada.",
    contar,
    poderes=CONTACONSDOCARRPG73.poderes,
    contexto=ContextoDePagamentos,
    tipos=(TIPO_CONTAR,),
)
