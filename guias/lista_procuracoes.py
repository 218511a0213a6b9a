"""The list of procurações: of each empresa in a credencial, what its client granted to whoever asks about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.fields.json import JSONField
from django.db.models.functions import Coalesce, Greatest
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


def _pelos_poderes(hoje: date) -> tuple[dict[str, Greatest], Case]:
    """For a query of Procuracao: until when each power holds, and the estado they make."""
    falta, vencida, vence = Q(), Q(), Q()
    ate: dict[str, Greatest] = {}
    for numero, (de_quem, poderes) in enumerate(_alternativas()):
        campo = f"ate_{numero}"
        ate[campo] = ate_quando_sql(poderes)
        falta |= de_quem & Q(**{f"{campo}__isnull": True})
        vencida |= de_quem & Q(**{f"{campo}__lt": hoje.isoformat()})
        vence |= de_quem & Q(**{f"{campo}__lt": (hoje + AVISO).isoformat()})
    estado = Case(
        When(falta, then=Value("falta")),
        When(vencida, then=Value("vencida")),
        When(vence, then=Value("vence")),
        default=Value("ok"),
        output_field=CharField(),
    )
    return ate, estado


def quadro(usuario: Usuario) -> QuerySet[Any]:
    """Every active empresa in a credencial, with `outorgado`, `poderes` (until when each holds) and `estado`."""
    ate, estado = _pelos_poderes(timezone.localdate())
    da_empresa = Procuracao.objects.filter(empresa=OuterRef("pk"), outorgado=OuterRef("outorgado"))
    dos_poderes = da_empresa.alias(**ate).annotate(estado_dos_poderes=estado)
    return (
        Empresa.objects.visiveis(usuario)
        .filter(vinculo__isnull=False, ativa=True)
        .select_related("vinculo")
        .annotate(outorgado=_outorgado())
        .annotate(
            poderes=Subquery(da_empresa.values("validades")[:1], output_field=JSONField()),
            consultada_em=Subquery(da_empresa.values("consultada_em")[:1]),
            fim=Subquery(da_empresa.values("expira")[:1]),
        )
        .annotate(
            estado=Case(
                When(outorgado=F("documento"), then=Value("propria")),
                default=Coalesce(Subquery(dos_poderes.values("estado_dos_poderes")[:1]), Value("nunca")),
                output_field=CharField(),
            )
        )
    )


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
                lambda consulta, valor: consulta.filter(estado=valor),
                [(nome, rotulo) for nome, (rotulo, _) in ESTADOS.items()],
            ),
            filtro_da_recusa(),
            filtro_de_carteira(usuario),
        ],
    )


def contagem(base: QuerySet[Any]) -> list[tuple[str, str, int]]:
    """(estado, label, how many) of those there are."""
    contados = dict(base.order_by().values_list("estado").annotate(n=Count("pk")))
    return [(nome, rotulo, contados[nome]) for nome, (rotulo, _) in ESTADOS.items() if contados.get(nome)]


@dataclass(frozen=True)
class Poder:
    """What a service of the Vinculo needs, and until when it is granted; None where it is not."""

    servico: str
    exigido: str
    ate: date | None
    tom: str

    @property
    def dito(self) -> str:
        if self.ate is None:
            return f"{self.servico}: falta {self.exigido}"
        return self.servico if self.ate == date.max else f"{self.servico} até {self.ate:%d/%m/%Y}"


def poderes_de(empresa: Any) -> list[Poder]:
    """One for each system that the services of the empresa's Vinculo ask and that needs a power; empty where nothing
    was ever asked. An instalment system that the client did not open is told, and alarms nobody, once another is."""
    if empresa.poderes is None or empresa.estado == "propria":
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
