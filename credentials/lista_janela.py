"""The lists of the window: the grid of linked empresas, and the empresas that may be included."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from comum.contagens import contagem
from comum.formatos import normalizar
from comum.listas import Filtro, Lista
from comum.models import Usuario
from credentials.models import Acao, Autor, Credencial, ItemRascunho, Rascunho, Servico, Vinculo
from credentials.services.rascunho import na_grade
from empresas.listas import COLUNAS_DA_LISTA, filtro_de_carteira
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


def _procurar(consulta: Any, texto: str) -> Any:
    return consulta.procurar(texto)


def _filtros_de_empresa(usuario: Usuario) -> list[Filtro]:
    return [
        Filtro("regime", "Regime", lambda q, v: q.filter(regime=v), Regime.choices),
        Filtro("uf", "UF", lambda q, v: q.filter(municipio__uf=v), [(uf, uf) for uf in UFS]),
        Filtro("municipio", "Município", lambda q, v: q.filter(municipio__busca__startswith=normalizar(v))),
        filtro_de_carteira(usuario),
    ]


def lista_da_janela(
    usuario: Usuario, credencial: Credencial, rascunho: Rascunho | None, params: QueryDict
) -> Lista[Any]:
    """The grid as the query string asks for it, within the user's carteiras."""
    visiveis = Empresa.objects.visiveis(usuario)
    itens = ItemRascunho.objects.filter(rascunho=rascunho)

    def com(**campos: Any) -> Q:
        """Rows whose configuration, as the draft leaves it, has these values."""
        daqui = Q(vinculo__credencial=credencial, **{f"vinculo__{campo}": valor for campo, valor in campos.items()})
        if rascunho is None:
            return daqui
        return Q(pk__in=itens.filter(**campos).values("empresa")) | (daqui & ~Q(pk__in=itens.values("empresa")))

    def contar(lista: Lista[Any]) -> int | None:
        """Without filters: the vínculos, whose count is kept while a draft changes, and the few edits of the draft."""
        if lista.filtros_ativos:
            return None
        vinculos = Vinculo.objects.filter(credencial=credencial)
        daqui = contagem(vinculos if usuario.administra else vinculos.filter(empresa__in=visiveis))
        if rascunho is None:
            return daqui
        meus = itens.filter(empresa__in=visiveis.values("pk"))
        return daqui + meus.count() - meus.filter(empresa__vinculo__credencial=credencial).count()

    edicoes = [("todas", "Com edição não gravada"), *[(a.value, a.label) for a in Acao]]
    return Lista(
        params,
        visiveis.filter(na_grade(credencial, rascunho)),
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
        leitura=visiveis.select_related("municipio").only(*COLUNAS_DA_LISTA),
        contar=contar,
    )


def lista_para_incluir(
    usuario: Usuario, credencial: Credencial, rascunho: Rascunho | None, params: QueryDict
) -> Lista[Any]:
    """Empresas of the user's carteiras for the multiple inclusion. By default only those that may be included: without
    a credencial, or excluded by this draft (then with `excluida` true)."""
    visiveis = Empresa.objects.visiveis(usuario)
    leitura: Empresas = visiveis.select_related("municipio", "carteira").only(*COLUNAS_DA_LISTA, "carteira__nome")
    base: Empresas = visiveis
    if params.get("vinculo") != "todas":
        base = _que_cabem(base, credencial, rascunho)
    if rascunho is not None:
        excluidas = ItemRascunho.objects.filter(rascunho=rascunho, acao=Acao.EXCLUIR)
        leitura = leitura.annotate(excluida=Exists(excluidas.filter(empresa=OuterRef("pk"))))
    if params.get("situacao") != "inativa":
        base = base.filter(ativa=True)
    return Lista(
        params,
        base,
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
        leitura=leitura,
    )


def contar_selecionaveis(lista: Lista[Any], usuario: Usuario, credencial: Credencial, rascunho: Rascunho | None) -> int:
    """How many rows of the multiple inclusion may be ticked; it may also show others."""
    if lista.recusados or lista.valores.get("situacao") == "inativa":
        return 0
    if "vinculo" not in lista.valores:
        return lista.total
    return contagem(lista.consulta.filter(pk__in=selecionaveis(usuario, credencial, rascunho).values("pk")))


def _que_cabem(empresas: Empresas, credencial: Credencial, rascunho: Rascunho | None) -> Empresas:
    """Those in no credencial and not in this draft; or excluded by this draft, which may bring them back."""
    # NOT EXISTS, which the database plans as an anti-join; of IS NULL after a join it expects a single row.
    ocupadas = Vinculo.objects.filter(empresa=OuterRef("pk"))
    if rascunho is not None:
        itens = ItemRascunho.objects.filter(rascunho=rascunho)
        excluidas = itens.filter(acao=Acao.EXCLUIR)
        # By equalities alone, which the database joins; a condition of its own it would ask of every vínculo.
        desta = {"empresa": OuterRef("empresa"), "rascunho__credencial": OuterRef("credencial")}
        ocupadas = ocupadas.filter(~Exists(excluidas.filter(**desta)))
        empresas = empresas.filter(~Exists(itens.exclude(acao=Acao.EXCLUIR).filter(empresa=OuterRef("pk"))))
    return empresas.filter(~Exists(ocupadas))


def selecionaveis(usuario: Usuario, credencial: Credencial, rascunho: Rascunho | None) -> Empresas:
    """What may be ticked for inclusion."""
    return _que_cabem(Empresa.objects.visiveis(usuario).filter(ativa=True), credencial, rascunho)
