"""The list of procurações: of each empresa in a credencial, what its client granted to whoever asks about it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.fields.json import JSONField
from django.http import QueryDict
from django.utils import timezone

from comum.listas import Filtro, Lista
from comum.models import Usuario
from credentials.models import Autor, Servico
from empresas.listas import filtro_de_carteira
from empresas.models import Empresa
from guias.models import Procuracao
from guias.services.poderes import DO_GRUPO, ate_quando, ate_quando_sql, nomes

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


def _estado(hoje: date) -> Case:
    """By the groups of services of the Vinculo that need a power (guias.services.poderes.DO_GRUPO)."""
    falta, vencida, vence = Q(), Q(), Q()
    for servico in DO_GRUPO:
        do_grupo = Q(vinculo__servicos__contains=[servico.value])
        campo = f"ate_{servico.value}"
        falta |= do_grupo & Q(**{f"{campo}__isnull": True})
        vencida |= do_grupo & Q(**{f"{campo}__lt": hoje.isoformat()})
        vence |= do_grupo & Q(**{f"{campo}__lt": (hoje + AVISO).isoformat()})
    return Case(
        When(outorgado=F("documento"), then=Value("propria")),
        When(poderes__isnull=True, then=Value("nunca")),
        When(falta, then=Value("falta")),
        When(vencida, then=Value("vencida")),
        When(vence, then=Value("vence")),
        default=Value("ok"),
        output_field=CharField(),
    )


def quadro(usuario: Usuario) -> QuerySet[Any]:
    """Every active empresa in a credencial, with `outorgado`, `poderes` (until when each holds) and `estado`."""
    hoje = timezone.localdate()
    da_empresa = Procuracao.objects.filter(empresa=OuterRef("pk"), outorgado=OuterRef("outorgado"))
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
        .alias(**{f"ate_{servico.value}": ate_quando_sql(poderes, "poderes") for servico, poderes in DO_GRUPO.items()})
        .annotate(estado=_estado(hoje))
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
            filtro_de_carteira(usuario),
        ],
    )


def contagem(base: QuerySet[Any]) -> list[tuple[str, str, int]]:
    """(estado, label, how many) of those there are."""
    contados = dict(base.order_by().values_list("estado").annotate(n=Count("pk")))
    return [(nome, rotulo, contados[nome]) for nome, (rotulo, _) in ESTADOS.items() if contados.get(nome)]


@dataclass(frozen=True)
class Poder:
    """What one group of services of the Vinculo needs, and until when it is granted; None where it is not."""

    servico: str
    exigido: str
    ate: date | None
    tom: str

    @property
    def dito(self) -> str:
        if self.ate is None:
            return f"{self.servico}: falta"
        return self.servico if self.ate == date.max else f"{self.servico} até {self.ate:%d/%m/%Y}"


def poderes_de(empresa: Any) -> list[Poder]:
    """One for each group of the empresa's Vinculo that needs a power; empty where nothing was ever asked."""
    if empresa.poderes is None or empresa.estado == "propria":
        return []
    hoje, linhas = timezone.localdate(), []
    for servico, poderes in DO_GRUPO.items():
        if servico not in empresa.vinculo.servicos:
            continue
        ate = ate_quando(empresa.poderes, poderes)
        tom = "erro" if ate is None or ate < hoje else "atencao" if ate < hoje + AVISO else "ok"
        linhas.append(Poder(str(Servico(servico).label), nomes(poderes), ate, tom))
    return linhas
