"""What is known of each empresa at the Receita, for the lists: the last answers, their age, what is on its way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from django.utils import timezone

from comum.listas import Filtro, Lista
from comum.models import Usuario
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa, Regime
from empresas.models.cadastro import EmpresaQuerySet
from guias.models import Consulta, DeclaracaoDefis, MensagemEcac, OpcaoRegime, RascunhoDefis, Renuncia
from guias.providers import caixapostal, dte, eprocesso, sitfis
from guias.providers.eventos import Evento
from guias.services.novidades import com_novidade
from guias.services.novidades import filtro as filtro_de_novidade
from operacoes.listas import filtro_da_recusa
from operacoes.models import ABERTAS, Operacao, Situacao

RELATORIO = str(sitfis.RELATORIOSITFIS92)
INDICADOR = str(caixapostal.INNOVAMSG63)
DTE = str(dte.CONSULTASITUACAODTE111)
PROCESSOS = str(eprocesso.CONSPROCPORINTER271)
VELHO = timedelta(days=30)

ORDENS = {"codigo": ["codigo_ordem"], "empresa": ["ordem"]}
PALAVRAS_DO_DTE = {-1: "Não optante", 0: "Optante", 1: "Optante pelo Simples (DTE-SN)", 2: "Optante, DTE e DTE-SN"}


@dataclass(frozen=True)
class EmCurso:
    """The last Operacao of a kind for an empresa, while it says something: open, or refused."""

    pk: int
    situacao: str
    rotulo: str
    mensagem: str


def _ultima(servico: str, campo: str) -> Subquery:
    consultas = Consulta.objects.filter(empresa=OuterRef("pk"), servico=servico).order_by("-pk")
    return Subquery(consultas.values(campo)[:1])


def _matrizes(usuario: Usuario, empresa: Empresa | None) -> EmpresaQuerySet:
    """Who is asked about: the active empresas, each once by its matriz."""
    base = Empresa.objects.visiveis(usuario).filter(ativa=True, matriz__isnull=True)
    return base if empresa is None else base.filter(pk=empresa.matriz_id or empresa.pk)


def _lista(
    params: QueryDict,
    base: EmpresaQuerySet,
    usuario: Usuario,
    *,
    filtros: Sequence[Filtro] = (),
    ordens: dict[str, list[Any]] | None = None,
    fixos: Sequence[str] = (),
) -> Lista[EmpresaQuerySet]:
    return Lista(
        params=params,
        base=base,
        ordens=ORDENS | (ordens or {}),
        ordem_padrao="empresa",
        procurar=EmpresaQuerySet.procurar,
        filtros=[*filtros, filtro_da_recusa(), filtro_de_carteira(usuario)],
        fixos=fixos,
    )


def _por_idade(campo: str) -> Filtro:
    def aplicar(consulta: QuerySet[Any], valor: str) -> QuerySet[Any]:
        limite = timezone.now() - VELHO
        match valor:
            case "nunca":
                return consulta.filter(**{f"{campo}__isnull": True})
            case "velho":
                return consulta.filter(Q(**{f"{campo}__isnull": True}) | Q(**{f"{campo}__lt": limite}))
            case _:
                return consulta.filter(**{f"{campo}__gte": limite})

    opcoes = [("nunca", "Nunca pedida"), ("velho", "Nunca ou há mais de 30 dias"), ("recente", "Nos últimos 30 dias")]
    return Filtro("idade", "Última consulta", aplicar, opcoes)


def situacao_fiscal(params: QueryDict, usuario: Usuario, empresa: Empresa | None = None) -> Lista[EmpresaQuerySet]:
    base = _matrizes(usuario, empresa).annotate(
        relatorio_em=_ultima(RELATORIO, "consultada_em"),
        relatorio=_ultima(RELATORIO, "documento"),
        dte=_ultima(DTE, "resposta__indicador"),
        dte_em=_ultima(DTE, "consultada_em"),
    )
    ordens: dict[str, list[Any]] = {"relatorio": ["relatorio_em"]}
    return _lista(params, base, usuario, filtros=[_por_idade("relatorio_em")], ordens=ordens)


def caixas(params: QueryDict, usuario: Usuario, empresa: Empresa | None = None) -> Lista[EmpresaQuerySet]:
    por_ler = (
        MensagemEcac.objects.filter(empresa=OuterRef("pk"), lida_em__isnull=True)
        .order_by()
        .values("empresa")
        .annotate(quantas=Count("pk"))
        .values("quantas")
    )
    conhecidas = _matrizes(usuario, empresa).annotate(
        novas=_ultima(INDICADOR, "resposta__novas"),
        indicada_em=_ultima(INDICADOR, "consultada_em"),
        listada_em=_ultima(str(caixapostal.MSGCONTRIBUINTE61), "consultada_em"),
        por_ler=Subquery(por_ler),
    )
    novas = Filtro(
        "novas",
        "Mensagens novas",
        lambda consulta, valor: {
            "sim": consulta.filter(novas__gt=0).filter(Q(listada_em=None) | Q(listada_em__lt=F("indicada_em"))),
            "nao": consulta.filter(novas=0),
            "nunca": consulta.filter(indicada_em=None),
        }[valor],
        [("sim", "Há mensagens novas a listar"), ("nao", "Não há"), ("nunca", "Nunca verificada")],
    )
    ordens: dict[str, list[Any]] = {"verificada": ["indicada_em"], "por_ler": ["por_ler"]}
    base: Any = com_novidade(conhecidas, Evento.CAIXA_POSTAL, "listada_em")
    return _lista(params, base, usuario, filtros=[filtro_de_novidade(), novas], ordens=ordens)


def anuais(params: QueryDict, usuario: Usuario, ano: int, empresa: Empresa | None = None) -> Lista[EmpresaQuerySet]:
    """The empresas of the Simples with the DEFIS of `ano` and the regime of this year and the next."""
    do_ano = DeclaracaoDefis.objects.filter(empresa=OuterRef("pk"), ano=ano).order_by("-numero")
    rascunho = RascunhoDefis.objects.filter(empresa=OuterRef("pk"), ano=ano)
    atual = timezone.localdate().year

    def opcao(de: int) -> Subquery:
        opcoes = OpcaoRegime.objects.filter(empresa=OuterRef("pk"), ano=de, na_receita=True)
        return Subquery(opcoes.values("regime")[:1])

    base = (
        _matrizes(usuario, empresa)
        .filter(regime=Regime.SIMPLES)
        .annotate(
            transmitida=Subquery(do_ano.values("pk")[:1]),
            defis_numero=Subquery(do_ano.values("numero")[:1]),
            defis_em=Subquery(do_ano.values("transmitida_em")[:1]),
            defis_recibo=Subquery(do_ano.values("recibo")[:1]),
            rascunho=Subquery(rascunho.values("alterado_em")[:1]),
            regime_atual=opcao(atual),
            regime_seguinte=opcao(atual + 1),
        )
    )
    estado = Filtro(
        "defis",
        "DEFIS",
        lambda consulta, valor: {
            "falta": consulta.filter(transmitida=None),
            "rascunho": consulta.filter(transmitida=None, rascunho__isnull=False),
            "feita": consulta.filter(transmitida__isnull=False),
        }[valor],
        [("falta", "Não consta"), ("rascunho", "Em preenchimento"), ("feita", "Transmitida")],
    )
    regime = Filtro(
        "opcao",
        f"Regime de {atual + 1}",
        lambda consulta, valor: {
            "falta": consulta.filter(regime_seguinte=None),
            "CAIXA": consulta.filter(regime_seguinte="CAIXA"),
            "COMPETENCIA": consulta.filter(regime_seguinte="COMPETENCIA"),
        }[valor],
        [("falta", "Não consta"), ("CAIXA", "Caixa"), ("COMPETENCIA", "Competência")],
    )
    return _lista(params, base, usuario, filtros=[estado, regime], fixos=["ano"])


def processos(params: QueryDict, usuario: Usuario, empresa: Empresa | None = None) -> Lista[EmpresaQuerySet]:
    renuncia = Renuncia.objects.filter(empresa=OuterRef("pk")).order_by("-numero")
    base = _matrizes(usuario, empresa).annotate(
        processos=_ultima(PROCESSOS, "resposta__processos"),
        processos_em=_ultima(PROCESSOS, "consultada_em"),
        renuncia=Subquery(renuncia.values("pk")[:1]),
        renuncia_em=Subquery(renuncia.values("feita_em")[:1]),
        comprovante=Subquery(renuncia.values("comprovante")[:1]),
    )
    return _lista(params, base, usuario, filtros=[_por_idade("processos_em")])


def em_curso(empresas: Iterable[Empresa], tipos: Sequence[str]) -> dict[int, EmCurso]:
    """By empresa, the last Operacao of these kinds, where it is open or was refused."""
    achadas: dict[int, EmCurso] = {}
    ditas = (*ABERTAS, Situacao.RECUSADA)
    ultimas = (
        Operacao.objects.filter(empresa__in=[e.pk for e in empresas], tipo__in=tipos)
        .order_by("empresa_id", "-pk")
        .distinct("empresa_id")
    )
    for operacao in ultimas:
        if operacao.situacao in ditas and operacao.empresa_id is not None:
            achadas[operacao.empresa_id] = EmCurso(
                operacao.pk, operacao.situacao, operacao.get_situacao_display(), operacao.mensagem
            )
    return achadas


def idade(quando: datetime | None, hoje: date | None = None) -> str:
    """How long ago, in words: "hoje", "há 12 dias"."""
    if quando is None:
        return ""
    dias = ((hoje or timezone.localdate()) - timezone.localdate(quando)).days
    if dias <= 0:
        return "hoje"
    return "ontem" if dias == 1 else f"há {dias} dias"
