"""The list of guias of every kind: search, filters and order; how many stand where."""

from dataclasses import astuple, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import QueryDict

from comum.contagens import enquanto_nada_muda
from comum.listas import Filtro, Lista
from comum.models import Usuario
from empresas.contexto import Contexto
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa
from guias.models import Guia, GuiaQuerySet, SituacaoGuia
from guias.models.guia import DIVIDA_DA_MAED
from guias.services.filtros import filtro_de_entrega
from operacoes.listas import filtro_da_recusa

TONS = {
    SituacaoGuia.EMITIDA: "info",
    SituacaoGuia.VENCIDA: "erro",
    SituacaoGuia.PAGA: "ok",
    SituacaoGuia.SUBSTITUIDA: "neutro",
}
ABAS = (
    (SituacaoGuia.EMITIDA, "A pagar"),
    (SituacaoGuia.VENCIDA, "Vencidas"),
    (SituacaoGuia.PAGA, "Pagas"),
    (SituacaoGuia.SUBSTITUIDA, "Substituídas"),
)
SEM_SUBSTITUIDAS = "sem_substituidas"
_MAED = "maed"
_TIPOS = [*Guia.Tipo.choices, (_MAED, "DARF da MAED")]
_PAGAMENTOS = {
    "paga": Q(paga_em__isnull=False),
    "nao": Q(paga_em__isnull=True),
    "em_parte": Q(paga_em__isnull=True, valor_pago__isnull=False),
    "outro_valor": Q(paga_em__isnull=False) & ~Q(valor_pago=F("total")),
    "sem_comprovante": Q(paga_em__isnull=False, comprovante__isnull=True),
}


def _da_situacao(consulta: Any, valor: str) -> GuiaQuerySet:
    achadas: GuiaQuerySet = consulta.que_contam() if valor == SEM_SUBSTITUIDAS else consulta.filter(situacao=valor)
    return achadas


def _do_tipo(consulta: Any, valor: str) -> GuiaQuerySet:
    """A DARF of a fine is not one of a tribute, as in the column of the list."""
    da_maed = Q(divida__startswith=DIVIDA_DA_MAED)
    achadas: GuiaQuerySet = consulta.filter(tipo=Guia.Tipo.DARF if valor == _MAED else valor)
    if valor == Guia.Tipo.DARF:
        return achadas.exclude(da_maed)
    return achadas.filter(da_maed) if valor == _MAED else achadas


def lista_de_guias(params: QueryDict, usuario: Usuario, contexto: Contexto, hoje: date) -> Lista[GuiaQuerySet]:
    """The guias of the top bar's competência (of all with periodo=todos) and empresa, each with its `situacao`."""
    visiveis = Guia.objects.visiveis(usuario).com_situacao(hoje)
    base = visiveis
    if params.get("periodo") != "todos":
        base = base.filter(competencia=contexto.competencia)
    if contexto.empresa is not None:
        base = base.filter(empresa=contexto.empresa.matriz_id or contexto.empresa.pk)
    return Lista(
        params=params,
        base=base,
        ordens={
            "empresa": ["empresa__ordem"],
            "codigo": ["empresa__codigo_ordem"],
            "vencimento": ["limite"],
            "total": ["total"],
            "emissao": ["emitida_em"],
        },
        ordem_padrao="empresa",
        procurar=lambda consulta, texto: consulta.filter(
            Q(empresa__in=Empresa.objects.procurar(texto)) | Q(numero__contains=texto)
        ),
        filtros=[
            Filtro(
                "situacao",
                "Situação",
                _da_situacao,
                [*((str(valor), rotulo) for valor, rotulo in ABAS), (SEM_SUBSTITUIDAS, "Sem as substituídas")],
            ),
            filtro_de_entrega(),
            Filtro("tipo", "Tipo", _do_tipo, _TIPOS),
            Filtro(
                "pagamento",
                "Pagamento",
                lambda consulta, valor: consulta.filter(_PAGAMENTOS[valor]),
                [
                    ("paga", "Pagas"),
                    ("nao", "Sem pagamento inteiro"),
                    ("em_parte", "Pagas em parte"),
                    ("outro_valor", "Pagas por outro valor"),
                    ("sem_comprovante", "Pagas sem comprovante"),
                ],
            ),
            filtro_da_recusa("empresa"),
            filtro_de_carteira(usuario, "empresa__carteira"),
        ],
        fixos=["periodo"],
        leitura=visiveis.select_related("empresa", "apuracao"),
        contar=contar,
    )


@dataclass(frozen=True)
class Soma:
    """How many guias, and R$ of each column."""

    n: int = 0
    total: Decimal = Decimal(0)
    multa: Decimal = Decimal(0)
    juros: Decimal = Decimal(0)
    pago: Decimal = Decimal(0)

    def __add__(self, outra: "Soma") -> "Soma":
        return Soma(*(um + outro for um, outro in zip(astuple(self), astuple(outra), strict=True)))


def quadro(consulta: QuerySet[Any]) -> dict[str, Soma]:
    """By situação, in one pass that is kept while nothing is written."""

    def contar() -> dict[str, Soma]:
        colunas = {"total": "total", "multa": "multa", "juros": "juros", "pago": "valor_pago"}
        somas = {nome: Coalesce(Sum(campo), Decimal(0)) for nome, campo in colunas.items()}
        linhas = consulta.order_by().values_list("situacao").annotate(n=Count("pk"))
        linhas = linhas.annotate(**{f"soma_{nome}": soma for nome, soma in somas.items()})
        return {situacao: Soma(*valores) for situacao, *valores in linhas}

    return enquanto_nada_muda(consulta, "guias por situação", contar)


def do_filtro(lista: Lista[GuiaQuerySet]) -> dict[str, Soma]:
    """Everything filtered, by situação: of what the tabs count already, where nothing but the situação is asked."""
    if lista.busca or lista.recusados or not set(lista.valores) <= {"situacao"}:
        return quadro(lista.consulta)
    todas, pedida = quadro(lista.base), lista.valores.get("situacao")
    if pedida == SEM_SUBSTITUIDAS:
        return {situacao: soma for situacao, soma in todas.items() if situacao != SituacaoGuia.SUBSTITUIDA}
    return {situacao: soma for situacao, soma in todas.items() if pedida in (None, situacao)}


def contar(lista: Lista[GuiaQuerySet]) -> int:
    return sum(soma.n for soma in do_filtro(lista).values())


def soma(por_situacao: dict[str, Soma]) -> Soma:
    """What is shown under the columns, of all but what another guia took the place of."""
    valem = (soma for situacao, soma in por_situacao.items() if situacao != SituacaoGuia.SUBSTITUIDA)
    return sum(valem, Soma())
