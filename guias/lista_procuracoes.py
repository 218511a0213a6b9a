"""The list of procurações: of each empresa in a credencial, what its client granted to whoever asks about it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    F,
    Func,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least
from django.http import QueryDict
from django.utils import timezone

from comum.listas import Filtro, Lista
from comum.models import Usuario
from credentials.models import Autor, Servico
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa, Regime
from guias.models import Procuracao
from guias.services.poderes import EXIGENCIAS, ate_quando, ate_quando_sql, nomes
from operacoes.listas import filtro_da_recusa

AVISO = timedelta(days=60)
_TEXTOS: ArrayField[Any, Any] = ArrayField(TextField())
ESTADOS: dict[str, tuple[str, str]] = {
    "falta": ("Falta poder", "erro"),
    "vencida": ("Vencida", "erro"),
    "vence": ("Vence em 60 dias", "atencao"),
    "nunca": ("Nunca consultada", "neutro"),
    "ok": ("Em ordem", "ok"),
    "propria": ("Não precisa", "neutro"),
}


def _outorgado() -> Case:
    """Who asks about the empresa: the autor of its Vinculo."""
    return Case(
        When(vinculo__autor=Autor.PROCURADOR, then=F("vinculo__procurador")),
        When(vinculo__autor=Autor.CONTRIBUINTE, then=F("documento")),
        default=F("vinculo__credencial__contratante"),
        output_field=CharField(),
    )


def _alternativas() -> Iterator[tuple[Q, frozenset[str]]]:
    """The empresas (a condition on Procuracao) and the powers of which they need one: those of each system that the
    services of their Vinculo ask. Of the instalment systems, which a client may have nothing in, one is enough."""
    de_parcelas: dict[bool, frozenset[str]] = {False: frozenset(), True: frozenset()}
    por_poderes: dict[frozenset[str], list[str]] = {}
    for exigencia in (uma for exigencias in EXIGENCIAS.values() for uma in exigencias):
        if exigencia.conforme_o_caso:
            de_parcelas[bool(exigencia.mei)] |= exigencia.poderes
        else:
            por_poderes.setdefault(exigencia.poderes, []).append(exigencia.servico.value)
    for poderes, servicos in por_poderes.items():
        yield Q(empresa__vinculo__servicos__overlap=servicos), poderes
    com_parcelas = Q(empresa__vinculo__servicos__contains=[Servico.PARCELAMENTOS.value])
    for mei, poderes in de_parcelas.items():
        de_quem = Q(empresa__regime=Regime.MEI) if mei else ~Q(empresa__regime=Regime.MEI)
        yield com_parcelas & de_quem, poderes


def _pelos_poderes(hoje: date) -> dict[str, Any]:
    """For a query of Procuracao: until when each power holds (`ate_0`...), what is to be done about them (`ditos`, the
    worst before), the `primeira` of the powers asked for to end, and the next one of those that hold (`proxima`)."""
    falta, vencida, vence = Q(), Q(), Q()
    ate: dict[str, Greatest] = {}
    fins, proximos = [], []
    for numero, (de_quem, poderes) in enumerate(_alternativas()):
        campo = f"ate_{numero}"
        ate[campo] = ate_quando_sql(poderes)
        logo = de_quem & Q(**{f"{campo}__gte": hoje.isoformat(), f"{campo}__lt": (hoje + AVISO).isoformat()})
        falta |= de_quem & Q(**{f"{campo}__isnull": True})
        vencida |= de_quem & Q(**{f"{campo}__lt": hoje.isoformat()})
        vence |= logo
        fins.append(Case(When(de_quem, then=F(campo)), output_field=TextField()))
        proximos.append(Case(When(logo, then=F(campo)), output_field=TextField()))
    ditos = (
        *(Case(When(um, then=Value(dito))) for dito, um in (("falta", falta), ("vencida", vencida), ("vence", vence))),
        Case(When(falta | vencida | vence, then=Value(None)), default=Value("ok")),
    )
    return {
        **ate,
        "ditos": Func(*ditos, template="array_remove(ARRAY[%(expressions)s]::text[], NULL)", output_field=_TEXTOS),
        "primeira": Cast(Least(*fins), DateField()),
        "proxima": Cast(Least(*proximos), DateField()),
    }


def _da_empresa(campo: str) -> Subquery:
    """A field of what was granted to whoever asks about the empresa of the row, or one of `_pelos_poderes`."""
    lidas = Procuracao.objects.filter(empresa=OuterRef("pk"), outorgado=OuterRef("outorgado"))
    poderes = _pelos_poderes(timezone.localdate())
    if campo in poderes:  # what it does not ask for costs time, though it is not sent
        lidas = lidas.alias(**{nome: poderes[nome] for nome in poderes if nome == campo or nome.startswith("ate_")})
    return Subquery(lidas.values(**{f"de_{campo}": F(campo)})[:1])


def quadro(usuario: Usuario) -> QuerySet[Any]:
    """Every active empresa in a credencial, with `outorgado`, `poderes` (until when each holds), the `fim` of the first
    power to end of those that its services ask, and its `estados`: a power may be missing and another one ending."""
    return (
        Empresa.objects.visiveis(usuario)
        .filter(vinculo__isnull=False, ativa=True)
        .select_related("vinculo")
        .annotate(outorgado=_outorgado())
        .annotate(poderes=_da_empresa("validades"), consultada_em=_da_empresa("consultada_em"))
        .annotate(
            fim=_da_empresa("primeira"),
            estados=Case(
                When(outorgado=F("documento"), then=Value(["propria"], _TEXTOS)),
                default=Coalesce(_da_empresa("ditos"), Value(["nunca"], _TEXTOS)),
                output_field=_TEXTOS,
            ),
        )
    )


@dataclass(frozen=True)
class Fim:
    """Of how many empresas a power ended (`estado` "vencida") or ends soon ("vence"), and the first day of them."""

    estado: str
    empresas: int
    dia: date


def fins(usuario: Usuario) -> list[Fim]:
    """What the list shows as ended and as ending, each where there is one."""
    hoje = timezone.localdate()
    todas = quadro(usuario).exclude(outorgado=F("documento")).annotate(proxima=_da_empresa("proxima"))
    vencidas = Q(fim__lt=hoje)
    contas = todas.aggregate(
        vencidas=Count("pk", filter=vencidas),
        primeira=Min("fim", filter=vencidas),
        vencem=Count("proxima"),
        proxima_de_todas=Min("proxima"),
    )
    achados = (
        ("vencida", contas["vencidas"], contas["primeira"]),
        ("vence", contas["vencem"], contas["proxima_de_todas"]),
    )
    return [Fim(estado, n, dia) for estado, n, dia in achados if n]


def lista(params: QueryDict, usuario: Usuario, empresa: Empresa | None) -> Lista[QuerySet[Any]]:
    base = quadro(usuario)
    if empresa is not None:
        base = base.filter(pk=empresa.matriz_id or empresa.pk)
    return Lista(
        params=params,
        base=base,
        ordens={
            "codigo": ["codigo_ordem"],
            "empresa": ["ordem"],
            "validade": ["fim", "ordem"],
            "consulta": ["consultada_em", "ordem"],
        },
        ordem_padrao="empresa",
        procurar=lambda consulta, texto: consulta.procurar(texto),  # type: ignore[attr-defined]
        filtros=[
            Filtro(
                "estado",
                "Situação",
                lambda consulta, valor: consulta.filter(estados__contains=[valor]),
                [(nome, rotulo) for nome, (rotulo, _) in ESTADOS.items()],
            ),
            filtro_da_recusa(),
            filtro_de_carteira(usuario),
        ],
    )


def contagem(base: QuerySet[Any]) -> tuple[int, list[tuple[str, str, int]]]:
    """How many there are, and (estado, label, how many) of what is said of some; of one, more than one may be."""
    contados, total = Counter[str](), 0
    for estados, n in base.order_by().values_list("estados").annotate(n=Count("pk")):
        total += n
        contados.update(dict.fromkeys(estados, n))
    return total, [(nome, rotulo, contados[nome]) for nome, (rotulo, _) in ESTADOS.items() if contados[nome]]


@dataclass(frozen=True)
class Poder:
    """What a service of the Vinculo needs, and until when it is granted; None where it is not."""

    servico: str
    exigido: str
    ate: date | None
    tom: str


@dataclass(frozen=True)
class Grupo:
    """Powers of which the same is to be said: missing, ended or holding until the same day."""

    tom: str
    ate: date | None
    poderes: list[Poder]

    @property
    def dito(self) -> str:
        if self.ate is None:
            return "Falta" if self.tom == "erro" else "Sem procuração"
        if self.ate == date.max:
            return "Sem prazo"
        return f"{'Venceu em' if self.ate < timezone.localdate() else 'Até'} {self.ate:%d/%m/%Y}"


_ORDEM_DOS_TONS = ("erro", "atencao", "ok", "neutro")


def agrupar(poderes: Iterable[Poder]) -> list[Grupo]:
    """What asks for something first: missing, ended, ending; then what holds, the first to end before."""
    grupos: dict[tuple[str, date | None], list[Poder]] = {}
    for poder in poderes:
        grupos.setdefault((poder.tom, poder.ate), []).append(poder)
    ordem = sorted(grupos, key=lambda um: (_ORDEM_DOS_TONS.index(um[0]), um[1] or date.min))
    return [Grupo(tom, ate, grupos[tom, ate]) for tom, ate in ordem]


def poderes_de(empresa: Any) -> list[Poder]:
    """One for each system that the services of the empresa's Vinculo ask and that needs a power; empty where nothing
    was ever asked. An instalment system that the client did not open is told, and alarms nobody, once another is."""
    if empresa.poderes is None or "propria" in empresa.estados:
        return []
    hoje, mei = timezone.localdate(), empresa.regime == Regime.MEI
    pedidas = [
        (exigencia, ate_quando(empresa.poderes, exigencia.poderes))
        for servico in Servico
        if servico in empresa.vinculo.servicos
        for exigencia in EXIGENCIAS[servico]
        if exigencia.cabe(mei=mei)
    ]
    tem_parcelas = any(ate is not None and ate >= hoje for exigencia, ate in pedidas if exigencia.conforme_o_caso)
    linhas = []
    for exigencia, ate in pedidas:
        if ate is None or ate < hoje:
            tom = "neutro" if exigencia.conforme_o_caso and tem_parcelas else "erro"
        else:
            tom = "atencao" if ate < hoje + AVISO else "ok"
        linhas.append(Poder(exigencia.nome, nomes(exigencia.poderes), ate, tom))
    return linhas
