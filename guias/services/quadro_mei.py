"""The month of the MEIs: one row per empresa, where it stands and why."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Concat, Least, Length
from django.http import QueryDict
from django.utils import timezone

from comum.contagens import enquanto_nada_muda
from comum.listas import Filtro, Lista
from comum.models import Usuario
from credentials.models import Servico, Vinculo
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa, Regime
from guias.models import Consulta, Guia
from guias.services.acesso import credenciais_em_uso_pks, onde_resolver, sem_acesso
from guias.services.fatos import regime_na
from guias.services.mei import TIPOS_DO_DAS
from operacoes.listas import filtro_da_recusa
from operacoes.models import ABERTAS, Operacao, Situacao

# Value, label, tone of the chip, in the order of the month.
ESTADOS: dict[str, tuple[str, str]] = {
    "duvida": ("Em dúvida", "duvida"),
    "recusada": ("Recusada", "erro"),
    "sem_declaracao": ("Falta a declaração anual", "atencao"),
    "divida_ativa": ("Em dívida ativa", "atencao"),
    "vencida": ("Vencida", "erro"),
    "sem_acesso": ("Sem acesso", "atencao"),
    "a_emitir": ("A emitir", "info"),
    "andamento": ("Em andamento", "info"),
    "beneficio": ("Com benefício", "neutro"),
    "sem_das": ("Sem DAS-MEI a pagar", "ok"),
    "emitida": ("Emitida", "ok"),
    "paga": ("Paga", "ok"),
}
PARADAS = ("duvida", "recusada", "sem_declaracao", "divida_ativa", "vencida", "sem_acesso")
ESPERAM_PESSOA = "paradas"
_RESOLVIDAS = ("beneficio", "sem_das", "emitida", "paga")


def do_mei(usuario: Usuario, competencia: date) -> QuerySet[Empresa]:
    """The visible companies (CNPJ) that are MEI in the competência and active."""
    return (
        Empresa.objects.visiveis(usuario)
        .alias(tamanho=Length("documento"))
        .filter(ativa=True, matriz=None, tamanho=14)
        .alias(regime_da_competencia=regime_na(competencia, "pk"))
        .filter(regime_da_competencia=Regime.MEI)
    )


def _ultima_resposta(servico: str, ano: str) -> QuerySet[Consulta]:
    """The last answer about the empresa of the row and the year."""
    return Consulta.objects.filter(empresa=OuterRef("pk"), servico=servico, chave=ano).order_by("-pk")


# What each source says of a month is a place here, and the first of them is its estado: each source is asked once for
# a row, where a chain of conditions would ask it again for every condition that names it.
_ORDEM = (
    "duvida",
    "andamento",
    "paga",
    "emitida",
    "divida_ativa",
    "sem_declaracao",
    "vencida",
    "beneficio",
    "sem_das",
    "recusada",
    "sem_acesso",
    "a_emitir",
)


def _posto(estado: str) -> Value:
    return Value(_ORDEM.index(estado) + 1)


def _postos(*casos: When) -> Case:
    """NULL, which is no place, where none of the cases holds."""
    return Case(*casos, output_field=IntegerField())


def quadro(usuario: Usuario, competencia: date, em_uso: Collection[UUID] | None = None) -> QuerySet[Any]:
    """do_mei() with the DAS-MEI of the month that counts (`guia_pk`: the one paid, else the last), the last Operacao
    about it, and the `estado`. `em_uso`: the ids of credenciais_em_uso(), where they were read already."""
    mes, ano, hoje = f"{competencia:%Y%m}", str(competencia.year), timezone.localdate()
    divida = Concat(Value("mei:"), Cast(OuterRef("pk"), CharField()), Value(f":{mes}"))
    guias = Guia.objects.filter(divida=divida).order_by(F("paga_em").asc(nulls_last=True), "-pk")
    operacoes = Operacao.objects.filter(
        empresa=OuterRef("pk"), competencia=competencia, tipo__in=TIPOS_DO_DAS
    ).order_by("-pk")
    beneficios = _ultima_resposta("PGMEI/ATUBENEFICIO23", ano).annotate(
        marcado=KeyTextTransform("marcado", KeyTextTransform(mes, KeyTextTransform("meses", "resposta")))
    )
    inscritos = _ultima_resposta("PGMEI/DIVIDAATIVA24", ano)
    vinculos = Vinculo.objects.filter(
        servicos__contains=[Servico.MEI.value],
        credencial__in=credenciais_em_uso_pks() if em_uso is None else em_uso,
    )
    posto = Least(
        _da_primeira(operacoes, *_DA_OPERACAO),
        _da_primeira(
            guias,
            When(paga_em__isnull=False, then=_posto("paga")),
            When(limite__gte=hoje, then=_posto("emitida")),
            When(limite__lt=hoje, then=_posto("vencida")),
        ),
        _da_primeira(inscritos, When(resposta__contains={"meses": [mes]}, then=_posto("divida_ativa"))),
        _da_primeira(beneficios, When(marcado="true", then=_posto("beneficio"))),
        _postos(When(~Q(pk__in=vinculos.values("empresa")), then=_posto("sem_acesso"))),
        _posto("a_emitir"),
    )
    return (
        do_mei(usuario, competencia)
        .annotate(
            guia_pk=Subquery(guias.values("pk")[:1]),
            guia_limite=Subquery(guias.values("limite")[:1]),
            op_pk=Subquery(operacoes.values("pk")[:1]),
            beneficio=Subquery(beneficios.values("marcado")[:1]),
        )
        .annotate(
            estado=Func(Value(",".join(_ORDEM)), Value(","), posto, function="split_part", output_field=CharField())
        )
    )


def _da_primeira(consulta: QuerySet[Any], *casos: When) -> Subquery:
    return Subquery(consulta.values(posto=_postos(*casos))[:1])


def _recusa(*numeros: str) -> Q:
    dita = Q()
    for numero in numeros:
        dita |= Q(grupo__contains=numero)
    return Q(situacao=Situacao.RECUSADA) & dita


_DA_OPERACAO = (
    When(situacao__in=(Situacao.INCERTA, Situacao.AGUARDA_PESSOA), then=_posto("duvida")),
    When(situacao__in=ABERTAS, then=_posto("andamento")),
    When(_recusa("23018"), then=_posto("paga")),
    When(_recusa("13011"), then=_posto("divida_ativa")),
    When(_recusa("23015"), then=_posto("sem_declaracao")),
    When(_recusa("23017", "23019"), then=_posto("sem_das")),
    When(situacao=Situacao.RECUSADA, then=_posto("recusada")),
)


def _da_situacao(consulta: QuerySet[Any], valor: str) -> QuerySet[Any]:
    return consulta.filter(estado__in=PARADAS) if valor == ESPERAM_PESSOA else consulta.filter(estado=valor)


def _contar(lista: Lista[Any]) -> int | None:
    """From the totals, when nothing but the situação and the carteira is asked: they are on the page already."""
    if not set(lista.valores) <= {"situacao", "carteira"}:
        return None
    todas = totais(lista.so("carteira"))
    return todas.quantas(lista.valores["situacao"]) if "situacao" in lista.valores else todas.empresas


def lista(params: QueryDict, usuario: Usuario, competencia: date) -> Lista[QuerySet[Any]]:
    return Lista(
        params=params,
        base=quadro(usuario, competencia).select_related("cnae"),
        ordens={
            "codigo": ["codigo_ordem"],
            "empresa": ["ordem"],
            "situacao": [F("estado").asc(), "ordem"],  # type: ignore[list-item]
            "vencimento": ["guia_limite"],
        },
        ordem_padrao="empresa",
        procurar=lambda consulta, texto: consulta.procurar(texto),  # type: ignore[attr-defined]
        filtros=[
            Filtro(
                "situacao",
                "Situação",
                _da_situacao,
                [(ESPERAM_PESSOA, "Esperam uma pessoa"), *((nome, dito) for nome, (dito, _) in ESTADOS.items())],
            ),
            filtro_da_recusa(),
            filtro_de_carteira(usuario),
        ],
        contar=_contar,
    )


@dataclass(frozen=True)
class Motivo:
    """Why one stopped, and where that is mended."""

    detalhe: str
    acao: str
    url: str


def motivos(pagina: Iterable[Any], competencia: date) -> dict[int, Motivo]:
    """Of rows of quadro(), by empresa: those of which something is known. A fixed number of queries."""
    linhas = list(pagina)
    operacoes = Operacao.objects.defer("pedido").in_bulk([linha.op_pk for linha in linhas if linha.op_pk])
    fora = sem_acesso(Servico.MEI, [linha for linha in linhas if linha.estado == "sem_acesso"], competencia)
    achados = {}
    for linha in linhas:
        if linha.pk in fora:
            achados[linha.pk] = Motivo(fora[linha.pk].motivo, *onde_resolver(fora[linha.pk]))
        elif (operacao := operacoes.get(linha.op_pk)) and linha.estado not in ("emitida", "a_emitir", "beneficio"):
            dito = operacao.mensagem or operacao.get_situacao_display()
            achados[linha.pk] = Motivo(dito, "Ver operação", operacao.get_absolute_url())
    return achados


@dataclass(frozen=True)
class Totais:
    """How many MEIs are in each estado, in the order of ESTADOS."""

    por_estado: dict[str, int]

    @property
    def empresas(self) -> int:
        return sum(self.por_estado.values())

    @property
    def paradas(self) -> int:
        return sum(self.por_estado.get(estado, 0) for estado in PARADAS)

    def quantas(self, situacao: str) -> int:
        """How many the filter of this value finds."""
        return self.paradas if situacao == ESPERAM_PESSOA else self.por_estado.get(situacao, 0)

    @property
    def resolvidas(self) -> int:
        return sum(self.por_estado.get(estado, 0) for estado in _RESOLVIDAS)

    @property
    def estados(self) -> list[tuple[str, str, int]]:
        """(value, label, how many)."""
        return [(estado, ESTADOS[estado][0], n) for estado, n in self.por_estado.items()]


def totais(consulta: QuerySet[Any]) -> Totais:
    """Of rows of quadro(), in one grouped query that is kept while nothing is written."""
    base = consulta.order_by().values_list("estado")
    contagem = enquanto_nada_muda(base, "MEI por estado", lambda: dict(base.annotate(n=Count("pk"))))
    return Totais({estado: contagem[estado] for estado in ESTADOS if estado in contagem})
