"""The month at a glance: one row per company of the Simples, where it stands and what comes next."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    FilteredRelation,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Length, NullIf
from django.http import QueryDict
from django.utils import timezone

from comum.listas import Filtro, Lista
from comum.models import Usuario
from credentials.models import Autor, Servico, Vinculo
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa, Regime
from guias.calculo.simples import DAS_MINIMO
from guias.models import TIPOS_DA_APURACAO, Apuracao, Caminho, Escritorio, Guia, Procuracao
from guias.services.acesso import credenciais_em_uso_pks
from guias.services.fatos import regime_na
from guias.services.poderes import DO_GRUPO, ate_quando_sql
from operacoes.listas import filtro_da_recusa
from operacoes.models import ABERTAS, Operacao, Situacao

# Value, label, tone of the chip. The order is that of the month.
ESTADOS: dict[str, tuple[str, str]] = {
    "sem_receita": ("Sem receita", "atencao"),
    "sem_acesso": ("Sem acesso", "atencao"),
    "sem_procuracao": ("Sem procuração", "atencao"),
    "impedida": ("Não calculada", "atencao"),
    "a_simular": ("A simular", "atencao"),
    "calculada": ("A conferir", "info"),
    "simulada": ("Simulada", "info"),
    "conferida": ("Conferida", "info"),
    "andamento": ("Em andamento", "info"),
    "duvida": ("Em dúvida", "duvida"),
    "recusada": ("Recusada", "erro"),
    "transmitida": ("Transmitida", "ok"),
    "emitida": ("DAS emitido", "ok"),
    "sem_das": ("Sem valor a pagar", "ok"),
    "abaixo_do_minimo": ("Abaixo de R$ 10,00: soma-se ao mês seguinte", "ok"),
}


# Nothing can be asked of the Receita about these; each row says why.
SEM_ACESSO = ("sem_acesso", "sem_procuracao")

# Nothing is asked of the Receita about these, now or any more: whether they have access holds nothing.
NADA_A_PEDIR = ("sem_receita", "emitida", "sem_das", "abaixo_do_minimo")

# Those that wait for a person before the month can go on, and the filter that shows them together.
PARADAS = ("sem_receita", *SEM_ACESSO, "impedida", "a_simular", "recusada", "duvida")
ESPERAM_PESSOA = "paradas"

# What is done next to those that nothing holds, in the month's order.
ACAO_SEGUINTE = {
    "a_simular": "simular",
    "calculada": "conferir",
    "simulada": "conferir",
    "conferida": "transmitir",
    "transmitida": "das",
}


def acoes_seguintes() -> dict[str, str]:
    """ACAO_SEGUINTE, by the way the office goes: who simulates first does so before checking."""
    simula = Escritorio.atual().caminho == Caminho.SIMULAR
    return ACAO_SEGUINTE | {"calculada": "simular"} if simula else ACAO_SEGUINTE


# How the list sorts them: what may have gone wrong at the Receita before what is still missing here, as that is the
# few among the many; then the month's order.
_PRIMEIRO = ("duvida", "recusada", "impedida", "a_simular", *SEM_ACESSO)
URGENCIA = (*_PRIMEIRO, *(estado for estado in ESTADOS if estado not in _PRIMEIRO))


def do_simples(usuario: Usuario, competencia: date) -> QuerySet[Empresa]:
    """The visible companies (matrizes, CNPJ) under the Simples in the competência and active."""
    return (
        Empresa.objects.visiveis(usuario)
        .alias(tamanho=Length("documento"))
        .filter(ativa=True, matriz=None, tamanho=14)
        .alias(regime_da_competencia=regime_na(competencia, "pk"))
        .filter(regime_da_competencia=Regime.SIMPLES)
    )


def quadro(usuario: Usuario, competencia: date, em_uso: Collection[UUID] | None = None) -> QuerySet[Any]:
    """do_simples() with the Apuracao's figures (`ap_*`), the last Operacao of its present version and the `estado`.
    `em_uso`: the ids of credenciais_em_uso(), where they were read already."""
    operacoes = (
        Operacao.objects.filter(empresa=OuterRef("pk"), competencia=competencia, tipo__in=TIPOS_DA_APURACAO)
        .alias(versao=Cast(KeyTextTransform("versao", "pedido"), IntegerField()))
        .filter(versao=OuterRef("ap__versao"))
        .order_by("-pk")
    )
    guias = Guia.objects.filter(apuracao=OuterRef("ap__pk"), revisao=OuterRef("ap__revisao"))
    # As guias.services.acesso tells them one by one (tests/guias/test_acesso.py holds the two together): what the
    # register already knows would stop the call.
    vinculos = Vinculo.objects.filter(
        Q(autor=Autor.CONTRATANTE)
        | Q(autor=Autor.PROCURADOR, procurador=F("credencial__contratante"))
        | Q(autor=Autor.CONTRIBUINTE, credencial__contratante=OuterRef("documento"))
        | Q(
            autor=Autor.PROCURADOR,
            procurador_certificado__documento=F("procurador"),
            procurador_certificado__valido_ate__gt=timezone.now(),
        ),
        empresa=OuterRef("pk"),
        servicos__contains=[Servico.PGDASD.value],
        credencial__in=credenciais_em_uso_pks() if em_uso is None else em_uso,
    )
    autor = Coalesce(NullIf("empresa__vinculo__procurador", Value("")), F("empresa__vinculo__credencial__contratante"))
    negadas = (
        Procuracao.objects.filter(empresa=OuterRef("pk"), outorgado=autor)
        .alias(ate=ate_quando_sql(DO_GRUPO[Servico.PGDASD]))
        .filter(Q(ate__isnull=True) | Q(ate__lt=timezone.localdate().isoformat()))
        .exclude(outorgado=OuterRef("documento"))
    )
    return (
        do_simples(usuario, competencia)
        .annotate(ap=FilteredRelation("apuracoes", condition=Q(apuracoes__competencia=competencia)))
        .annotate(
            ap_pk=F("ap__pk"),
            ap_situacao=F("ap__situacao"),
            ap_receita=F("ap__receita_total"),
            ap_parada=F("ap__sem_movimento"),
            ap_rbt12=F("ap__rbt12"),
            ap_calculado=F("ap__total_calculado"),
            ap_simulado=F("ap__total_simulado"),
            ap_declarado=F("ap__total_declarado"),
            op_pk=Subquery(operacoes.values("pk")[:1]),
            op_tipo=Subquery(operacoes.values("tipo")[:1]),
            op_situacao=Subquery(operacoes.values("situacao")[:1]),
            op_grupo=Subquery(operacoes.values("grupo")[:1]),
            tem_guia=Exists(guias),
        )
        .alias(com_acesso=Exists(vinculos), procuracao_negada=Exists(negadas))
        .annotate(estado=_ESTADO)
        .alias(
            urgencia=Func(
                Value(list(URGENCIA), ArrayField(TextField())),
                Cast("estado", TextField()),
                function="array_position",
                output_field=IntegerField(),
            )
        )
    )


_PRONTA = Q(ap_receita__gt=0) | Q(ap_parada=True)
_ALCANCE = {
    "sem_acesso": Q(com_acesso=False),
    "sem_procuracao": Q(com_acesso=True, procuracao_negada=True),
}
# A refusal that the month went past holds nothing: a simulation, once approved without it; a copy of a DAS there is.
_RECUSADA = Q(op_situacao=Situacao.RECUSADA) & (
    Q(op_tipo="guias.pgdasd.transmitir")
    | Q(op_tipo="guias.pgdasd.simular", ap_situacao=Apuracao.Situacao.ABERTA)
    | Q(op_tipo="guias.das.emitir", tem_guia=False)
)
# Only what is open or refused is looked at twice: of all the others one look at the last operação is enough.
_DA_OPERACAO = Case(
    When(
        op_situacao__in=(*ABERTAS, Situacao.RECUSADA),
        then=Case(
            When(op_situacao__in=(Situacao.INCERTA, Situacao.AGUARDA_PESSOA), then=Value("duvida")),
            When(op_situacao__in=ABERTAS, then=Value("andamento")),
            When(_RECUSADA, then=Value("recusada")),
            output_field=CharField(),
        ),
    ),
    output_field=CharField(),
)
_TRANSMITIDA = (
    When(ap_situacao=Apuracao.Situacao.TRANSMITIDA, tem_guia=True, then=Value("emitida")),
    When(ap_situacao=Apuracao.Situacao.TRANSMITIDA, ap_declarado=0, then=Value("sem_das")),
    When(ap_situacao=Apuracao.Situacao.TRANSMITIDA, ap_declarado__lt=DAS_MINIMO, then=Value("abaixo_do_minimo")),
    When(ap_situacao=Apuracao.Situacao.TRANSMITIDA, then=Value("transmitida")),
)
_POR_TRANSMITIR = (
    When(ap_situacao=Apuracao.Situacao.CONFERIDA, then=Value("conferida")),
    When(ap_situacao=Apuracao.Situacao.SIMULADA, then=Value("simulada")),
    When(_PRONTA, ap__exige_simulacao=True, then=Value("a_simular")),
    When(_PRONTA, ap_calculado__isnull=False, ap__impedimento="", then=Value("calculada")),
    When(_PRONTA, ap_calculado__isnull=False, then=Value("a_simular")),  # tributes without a published code
    When(_PRONTA, then=Value("impedida")),
)
_SEM_RECEITA = Value("sem_receita")
_ESTADO = Coalesce(
    _DA_OPERACAO,
    Case(
        *_TRANSMITIDA,
        *(When(_PRONTA & falta, then=Value(motivo)) for motivo, falta in _ALCANCE.items()),
        *_POR_TRANSMITIR,
        default=_SEM_RECEITA,
        output_field=CharField(),
    ),
)
# For a query of quadro(): the `estado` of one that is not transmitted, if neither operação nor access held it.
PASSO = Case(*_POR_TRANSMITIR, default=_SEM_RECEITA, output_field=CharField())
# Why the DAS of one that is transmitted cannot be asked for: of SEM_ACESSO, or empty.
PRESO = Case(
    *(
        When(Q(ap_situacao=Apuracao.Situacao.TRANSMITIDA, tem_guia=False) & falta, then=Value(motivo))
        for motivo, falta in _ALCANCE.items()
    ),
    default=Value(""),
    output_field=CharField(),
)


def _procurar(consulta: QuerySet[Any], texto: str) -> QuerySet[Any]:
    return consulta.procurar(texto)  # type: ignore[attr-defined, no-any-return]


def _da_situacao(consulta: QuerySet[Any], valor: str) -> QuerySet[Any]:
    return consulta.filter(estado__in=PARADAS) if valor == ESPERAM_PESSOA else consulta.filter(estado=valor)


def lista(params: QueryDict, usuario: Usuario, competencia: date) -> Lista[QuerySet[Any]]:
    return Lista(
        params=params,
        base=quadro(usuario, competencia),
        ordens={
            "codigo": ["codigo_ordem"],
            "empresa": ["ordem"],
            "receita": ["ap_receita"],
            "calculado": ["ap_calculado"],
            "declarado": ["ap_declarado"],
            "situacao": ["urgencia", "ordem"],
        },
        ordem_padrao="situacao" if params.get("situacao") == ESPERAM_PESSOA else "empresa",
        procurar=_procurar,
        filtros=[
            Filtro(
                "situacao",
                "Situação",
                _da_situacao,
                [(ESPERAM_PESSOA, "Esperam uma pessoa"), *((nome, rotulo) for nome, (rotulo, _) in ESTADOS.items())],
            ),
            Filtro(
                "alcance",
                "Acesso à Receita",
                lambda consulta, valor: consulta.filter(_ALCANCE[valor]).exclude(estado__in=NADA_A_PEDIR),
                [(motivo, ESTADOS[motivo][0]) for motivo in SEM_ACESSO],
            ),
            Filtro("motivo", "Motivo", lambda consulta, valor: consulta.filter(estado="recusada", op_grupo=valor)),
            filtro_da_recusa(),
            filtro_de_carteira(usuario),
        ],
    )


@dataclass(frozen=True)
class Totais:
    """Companies by estado, and the sums of revenue and of the DAS of those counted, in reais. `sem_alcance` counts by
    SEM_ACESSO every company that lacks it, whatever its estado but NADA_A_PEDIR."""

    por_estado: dict[str, int]
    sem_alcance: dict[str, int]
    receita: Decimal
    das: Decimal

    @property
    def empresas(self) -> int:
        return sum(self.por_estado.values())

    @property
    def transmitidas(self) -> int:
        return self._soma("transmitida", "emitida", "sem_das", "abaixo_do_minimo")

    @property
    def paradas(self) -> int:
        return self._soma(*PARADAS)

    def a_fazer(self, acoes: Mapping[str, str]) -> str:
        """The first of the month's actions (`acoes_seguintes`) that some company waits for."""
        return next((acao for estado, acao in acoes.items() if self.por_estado.get(estado)), "transmitir")

    @property
    def estados(self) -> list[tuple[str, str, int]]:
        """(value, label, how many)."""
        return [(estado, ESTADOS[estado][0], n) for estado, n in self.por_estado.items()]

    def _soma(self, *estados: str) -> int:
        return sum(self.por_estado.get(estado, 0) for estado in estados)


def da_empresa(consulta: QuerySet[Any], empresa: Empresa | None) -> QuerySet[Any]:
    """Narrow companies to the one chosen in the top bar, None for all (a filial stands for its matriz)."""
    return consulta if empresa is None else consulta.filter(pk=empresa.matriz_id or empresa.pk)


def totais(consulta: QuerySet[Any]) -> Totais:
    """Of rows of quadro(), in one grouped query."""
    linhas = (
        consulta.order_by()
        .values("estado")
        .annotate(
            n=Count("pk"),
            receita=Sum("ap_receita"),
            das=Sum(Coalesce("ap_declarado", "ap_simulado", "ap_calculado")),
            **{motivo: Count("pk", filter=falta) for motivo, falta in _ALCANCE.items()},
        )
    )
    contagem = {linha["estado"]: linha["n"] for linha in linhas}
    return Totais(
        {estado: contagem[estado] for estado in ESTADOS if estado in contagem},
        {motivo: sum(linha[motivo] for linha in linhas if linha["estado"] not in NADA_A_PEDIR) for motivo in _ALCANCE},
        sum((linha["receita"] or Decimal(0) for linha in linhas), Decimal(0)),
        sum((linha["das"] or Decimal(0) for linha in linhas), Decimal(0)),
    )
