"""The lists of the window: the grid of linked empresas, and the empresas that may be included."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from comum.formatos import normalizar
from comum.listas import Filtro, Lista
from comum.models import Usuario
from credentials.models import Acao, Autor, Credencial, ItemRascunho, Rascunho, Servico, Vinculo
from credentials.services.rascunho import na_grade
from empresas.listas import opcoes_de_carteira
from empresas.models import Empresa, Regime
from empresas.municipios import UFS

Empresas = QuerySet[Empresa]

ORDENS = {
    "codigo": ["codigo_ordem"],
    "documento": ["documento"],
    "razao": ["ordem"],
    "regime": ["regime", "ordem"],
    "municipio": ["lugar", "ordem"],
}
_COLUNAS = ("municipio", "carteira")


@dataclass
class ListaJanela(Lista[Any]):
    """The grid. Without search and filters its count is the sum of two narrow ones, which no join slows down."""

    contagem: Any = None

    @cached_property
    def total(self) -> int:
        if self.contagem is not None and not self.busca and not self.filtros_ativos:
            return int(self.contagem())
        return int(self.consulta.count()) if self._achados is None else len(self._achados)


def _procurar(consulta: Any, texto: str) -> Any:
    return consulta.procurar(texto)


def _filtros_de_empresa(usuario: Usuario) -> list[Filtro]:
    return [
        Filtro("regime", "Regime", lambda q, v: q.filter(regime=v), Regime.choices),
        Filtro("uf", "UF", lambda q, v: q.filter(municipio__uf=v), [(uf, uf) for uf in UFS]),
        Filtro("municipio", "Município", lambda q, v: q.filter(municipio__busca__startswith=normalizar(v))),
        Filtro("carteira", "Carteira", lambda q, v: q.filter(carteira=v), opcoes_de_carteira(usuario)),
    ]


def lista_da_janela(
    usuario: Usuario, credencial: Credencial, rascunho: Rascunho | None, params: QueryDict
) -> ListaJanela:
    """The grid as the query string asks for it, within the user's carteiras."""
    visiveis = Empresa.objects.visiveis(usuario)
    itens = ItemRascunho.objects.filter(rascunho=rascunho)

    def com(**campos: Any) -> Q:
        """Rows whose configuration, as the draft leaves it, has these values."""
        daqui = Q(vinculo__credencial=credencial, **{f"vinculo__{campo}": valor for campo, valor in campos.items()})
        if rascunho is None:
            return daqui
        return Q(pk__in=itens.filter(**campos).values("empresa")) | (daqui & ~Q(pk__in=itens.values("empresa")))

    def contar() -> int:
        if usuario.administra:
            daqui = Vinculo.objects.filter(credencial=credencial).count()
        else:
            daqui = visiveis.filter(vinculo__credencial=credencial).count()
        if rascunho is None:
            return daqui
        meus = itens.filter(empresa__in=visiveis.values("pk"))
        return daqui + meus.count() - meus.filter(empresa__vinculo__credencial=credencial).count()

    edicoes = [("todas", "Com edição não gravada"), *[(a.value, a.label) for a in Acao]]
    return ListaJanela(
        params,
        visiveis.filter(na_grade(credencial, rascunho)).select_related(*_COLUNAS),
        ORDENS,
        "razao",
        procurar=_procurar,
        filtros=[
            *_filtros_de_empresa(usuario),
            Filtro("servico", "Serviço", lambda q, v: q.filter(com(servicos__contains=[v])), Servico.choices),
            Filtro("autor", "Autor do pedido", lambda q, v: q.filter(com(autor=v)), Autor.choices),
            Filtro(
                "edicao",
                "Edição",
                lambda q, v: q.filter(pk__in=(itens if v == "todas" else itens.filter(acao=v)).values("empresa")),
                edicoes,
            ),
        ],
        contagem=contar,
    )


def lista_para_incluir(
    usuario: Usuario, credencial: Credencial, rascunho: Rascunho | None, params: QueryDict
) -> Lista[Any]:
    """Empresas of the user's carteiras for the multiple inclusion. By default only those that may be included: without
    a credencial, or excluded by this draft (then with `excluida` true)."""
    base = Empresa.objects.visiveis(usuario)
    itens = ItemRascunho.objects.filter(rascunho=rascunho)
    excluidas = itens.filter(acao=Acao.EXCLUIR)
    if params.get("vinculo") != "todas":
        # NOT EXISTS, which the database plans as an anti-join; of IS NULL after a join it expects a single row.
        ocupadas = Vinculo.objects.filter(empresa=OuterRef("pk"))
        if rascunho is not None:
            ocupadas = ocupadas.exclude(credencial=credencial, empresa__in=excluidas.values("empresa"))
            base = base.filter(~Exists(itens.exclude(acao=Acao.EXCLUIR).filter(empresa=OuterRef("pk"))))
        base = base.filter(~Exists(ocupadas))
    if rascunho is not None:
        base = base.annotate(excluida=Exists(excluidas.filter(empresa=OuterRef("pk"))))
    if params.get("situacao") != "inativa":
        base = base.filter(ativa=True)
    return Lista(
        params,
        base.select_related(*_COLUNAS),
        ORDENS,
        "razao",
        procurar=_procurar,
        filtros=[
            *_filtros_de_empresa(usuario),
            Filtro(
                "situacao",
                "Situação",
                lambda q, v: q.filter(ativa=v == "ativa"),
                (("ativa", "Ativas"), ("inativa", "Inativas")),
            ),
            Filtro(
                "vinculo",
                "Credencial",
                lambda q, _: q,
                (("todas", "mostrar também as já vinculadas"),),
            ),
        ],
    )


def _livres(credencial: Credencial, rascunho: Rascunho | None) -> Q:
    """In no credencial and not in this draft; or excluded by this draft, which may bring it back."""
    livres = Q(vinculo__isnull=True)
    if rascunho is not None:
        itens = ItemRascunho.objects.filter(rascunho=rascunho)
        excluidas = itens.filter(acao=Acao.EXCLUIR).values("empresa")
        livres = (livres & ~Q(pk__in=itens.values("empresa"))) | Q(vinculo__credencial=credencial, pk__in=excluidas)
    return livres


def selecionaveis(usuario: Usuario, credencial: Credencial, rascunho: Rascunho | None) -> Empresas:
    """What may be ticked for inclusion."""
    return Empresa.objects.visiveis(usuario).filter(_livres(credencial, rascunho), ativa=True)
