"""The list of empresas: what can be searched, filtered, sorted and exported."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Self, cast

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from comum.documentos import mascarar
from comum.listas import Filtro, Lista
from comum.models import Usuario
from comum.planilhas import Celula
from empresas.importacao.empresas import COLUNAS
from empresas.models import Carteira, Empresa, Municipio, Regime, RegimeEmpresa
from empresas.models.cadastro import EmpresaQuerySet
from empresas.municipios import UFS

SEM_CARTEIRA = "nenhuma"
CABECALHO = [coluna.rotulo for coluna in COLUNAS]


_REGIMES = dict(Regime.choices)


class Celulas(NamedTuple):
    """What every list shows of an empresa, as text ready for the page: a template that finds each value by the names of
    its attributes takes longer than the database does to read the rows."""

    chave: str
    codigo: str
    documento: str
    razao: SafeString
    regime: str
    municipio: SafeString

    @classmethod
    def de(cls, empresa: Empresa) -> Self:
        return cls(
            str(empresa.pk),
            empresa.codigo,
            empresa.documento_mascarado,
            conditional_escape(empresa.razao_social),
            _REGIMES.get(empresa.regime, empresa.regime),
            conditional_escape(str(empresa.municipio or "")),
        )


# The columns that Celulas and the rows' marks ask for.
COLUNAS_DA_LISTA = (
    "codigo", "documento", "razao_social", "regime", "ativa", "municipio__nome", "municipio__uf",
)  # fmt: skip


def lista_de_empresas(params: QueryDict, usuario: Usuario) -> Lista[EmpresaQuerySet]:
    """The empresas that exist for the user, as the query string asks for them."""
    return Lista(
        params=params,
        base=Empresa.objects.visiveis(usuario).select_related("municipio", "carteira"),
        ordens={
            "codigo": ["codigo_ordem"],
            "documento": ["documento"],
            "razao": ["ordem"],
            "regime": ["regime", "ordem"],
            "municipio": ["lugar", "ordem"],
        },
        ordem_padrao="razao",
        procurar=EmpresaQuerySet.procurar,
        filtros=_filtros(usuario),
        leitura=Empresa.objects.visiveis(usuario)
        .select_related("municipio", "carteira")
        .only(*COLUNAS_DA_LISTA, "carteira__nome"),
    )


def filtro_de_carteira(usuario: Usuario, campo: str = "carteira") -> Filtro:
    """The carteiras that exist for the user, by name; who sees empresas without one can ask for them."""

    def opcoes() -> list[tuple[str, str]]:
        carteiras = Carteira.objects.all() if usuario.administra else usuario.carteiras.all()
        nenhuma = [(SEM_CARTEIRA, "Sem carteira")] if usuario.administra else []
        return [(str(pk), nome) for pk, nome in carteiras.values_list("pk", "nome")] + nenhuma

    def aplicar(consulta: QuerySet[Any], valor: str) -> QuerySet[Any]:
        return consulta.filter(**{campo: None if valor == SEM_CARTEIRA else int(valor)})

    # Read when somebody asks: a part of a page shows no filters.
    return Filtro("carteira", "Carteira", aplicar, cast(Sequence[tuple[str, str]], SimpleLazyObject(opcoes)))


# Filters that an app above this one brings to the list of empresas (in its AppConfig.ready).
FILTROS_DE_OUTROS: list[Filtro] = []


def _filtros(usuario: Usuario) -> list[Filtro]:
    return [
        *FILTROS_DE_OUTROS,
        Filtro("regime", "Regime", lambda consulta, valor: consulta.filter(regime=valor), Regime.choices),
        Filtro("uf", "UF", lambda consulta, valor: consulta.filter(municipio__uf=valor), [(uf, uf) for uf in UFS]),
        Filtro(
            "municipio",
            "Município",
            lambda consulta, valor: consulta.filter(municipio=valor),
            rotular=lambda valor: str(Municipio.objects.filter(pk=valor).first() or valor),
        ),
        filtro_de_carteira(usuario),
        Filtro(
            "situacao",
            "Situação",
            lambda consulta, valor: consulta.filter(ativa=valor == "ativa"),
            [("ativa", "Ativas"), ("inativa", "Inativas")],
        ),
    ]


def linhas_exportadas(empresas: EmpresaQuerySet) -> Iterator[tuple[Celula, ...]]:
    """Rows under CABECALHO, streamed. The columns are those of the import, so the file can be edited and come back."""
    vigente = RegimeEmpresa.objects.filter(empresa=OuterRef("pk"), desde__lte=timezone.localdate()).order_by("-desde")
    for codigo, doc, razao, fantasia, regime, desde, uf, municipio, im, cnae, email, carteira, inicio, ativa in (
        empresas.annotate(regime_desde=Subquery(vigente.values("desde")[:1]))
        .values_list(
            "codigo",
            "documento",
            "razao_social",
            "nome_fantasia",
            "regime",
            "regime_desde",
            "municipio__uf",
            "municipio__nome",
            "inscricao_municipal",
            "cnae_id",
            "email_fiscal",
            "carteira__nome",
            "inicio_atividade",
            "ativa",
        )
        .iterator(chunk_size=2000)
    ):
        yield (
            codigo,
            mascarar(doc),
            razao,
            fantasia,
            str(Regime(regime).label),
            desde,
            uf,
            municipio,
            im,
            f"{cnae[:4]}-{cnae[4]}/{cnae[5:]}" if cnae else "",
            email,
            carteira,
            inicio,
            ativa,
        )
