"""The companies that declare by DCTFWeb and MIT, month by month, with what is known of each."""

from datetime import date
from typing import Any

from django.db.models import Case, CharField, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Length

from comum.models import Usuario
from empresas.models import Empresa, Regime
from guias.models import ApuracaoMit, DeclaracaoDctfweb
from guias.providers.dctfweb import Categoria
from guias.providers.eventos import Evento
from guias.services import dctfweb, mit
from guias.services.fatos import regime_na
from guias.services.novidades import com_novidade
from operacoes.models import ABERTAS, Operacao, Situacao

REGIMES = (Regime.PRESUMIDO, Regime.REAL)
_PF = (Categoria.PF_MENSAL, Categoria.PF_13O_SALARIO)


def mes_de(competencia: date, categoria: Categoria) -> date:
    """The month under which a declaration stands: December, of one of the year."""
    return competencia.replace(month=12) if categoria.anual else competencia


def procurar(consulta: QuerySet[Any], texto: str) -> QuerySet[Any]:
    return consulta.procurar(texto)  # type: ignore[attr-defined, no-any-return]


def _ativas(usuario: Usuario, tamanho: int) -> QuerySet[Any]:
    visiveis = Empresa.objects.visiveis(usuario).filter(ativa=True, matriz=None)
    return visiveis.alias(tamanho=Length("documento")).filter(tamanho=tamanho)


def _em_andamento(tipos: tuple[str, ...], mes: date) -> Any:
    operacoes = Operacao.objects.filter(empresa=OuterRef("pk"), competencia=mes, tipo__in=tipos).order_by("-pk")
    return Subquery(operacoes.values("situacao")[:1])


_DUVIDA = (Situacao.INCERTA, Situacao.AGUARDA_PESSOA)


def _com_andamento(conhecida: Any) -> Case:
    """The state a row shows: what is under way before what was last told."""
    return Case(
        When(op_situacao__in=_DUVIDA, then=Value("duvida")),
        When(op_situacao__in=ABERTAS, then=Value("andamento")),
        default=conhecida,
        output_field=CharField(),
    )


def da_dctfweb(usuario: Usuario, competencia: date, categoria: Categoria, *, todas: bool) -> QuerySet[Any]:
    """Companies of presumido and real, and those of which a declaration of the category is known; with `todas`, every
    one. Annotated with `decl_*`, `estado` and the news (guias.services.novidades.com_novidade)."""
    mes = mes_de(competencia, categoria)
    conhecidas = DeclaracaoDctfweb.objects.filter(
        empresa=OuterRef("pk"), competencia=mes, categoria=categoria, dia=0, identificador=""
    )
    base = _ativas(usuario, 11 if categoria in _PF else 14)
    if not todas and categoria not in _PF:
        base = base.alias(regime_do_mes=regime_na(competencia, "pk")).filter(
            Q(regime_do_mes__in=REGIMES) | Exists(conhecidas)
        )
    do_mes = Q(dctfwebs__competencia=mes, dctfwebs__categoria=categoria, dctfwebs__dia=0, dctfwebs__identificador="")
    anotada: QuerySet[Any] = (
        base.annotate(decl=FilteredRelation("dctfwebs", condition=do_mes))
        .annotate(
            decl_pk=F("decl__pk"),
            decl_consultada=F("decl__consultada_em"),
            decl_xml=F("decl__xml"),
            decl_xml_em=F("decl__xml_em"),
            decl_transmitida=F("decl__transmitida_em"),
            decl_atrasada=F("decl__atrasada"),
            decl_recibo=F("decl__recibo"),
            decl_completa=F("decl__completa"),
            op_situacao=_em_andamento((dctfweb.TIPO_TRANSMITIR,), mes),
        )
        .annotate(
            estado=_com_andamento(Coalesce("decl__situacao", Value(DeclaracaoDctfweb.Situacao.NAO_CONSULTADA.value)))
        )
    )
    return com_novidade(anotada, Evento.DCTFWEB, "decl_consultada")


ESTADOS_DCTFWEB = {
    "nao_consultada": ("Não consultada", "neutro"),
    "sem_declaracao": ("Sem declaração em andamento", "neutro"),
    "em_andamento": ("Em andamento", "info"),
    "andamento": ("Transmitindo", "info"),
    "duvida": ("Em dúvida", "duvida"),
    "transmitida": ("Transmitida", "ok"),
}


def do_mit(usuario: Usuario, competencia: date, *, todas: bool) -> QuerySet[Any]:
    """As da_dctfweb(), with `mit_*` and `estado`."""
    base = _ativas(usuario, 14)
    conhecidas = ApuracaoMit.objects.filter(empresa=OuterRef("pk"), competencia=competencia)
    if not todas:
        base = base.alias(regime_do_mes=regime_na(competencia, "pk")).filter(
            Q(regime_do_mes__in=REGIMES) | Exists(conhecidas)
        )
    anotada: QuerySet[Any] = (
        base.annotate(mit=FilteredRelation("mits", condition=Q(mits__competencia=competencia)))
        .annotate(
            mit_pk=F("mit__pk"),
            mit_total=F("mit__total"),
            mit_parado=F("mit__sem_movimento"),
            mit_consultada=F("mit__consultada_em"),
            mit_encerrada=F("mit__encerrada_em"),
            mit_pendencias=F("mit__pendencias"),
            op_situacao=_em_andamento((mit.TIPO_ENCERRAR,), competencia),
        )
        .annotate(estado=_com_andamento(Coalesce("mit__situacao", Value("sem_dados"))))
    )
    return anotada


ESTADOS_MIT = {
    "sem_dados": ("Não preparado", "neutro"),
    "edicao": ("Em preparação", "info"),
    "andamento": ("Encerrando", "info"),
    "encerrando": ("Encerrando", "info"),
    "duvida": ("Em dúvida", "duvida"),
    "pendente": ("Com pendências", "atencao"),
    "encerrada": ("Encerrada", "ok"),
}
