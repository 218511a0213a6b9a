"""Lists written once: search, filters, sort, numbered pages and a selection that survives them, all in the URL."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.core.paginator import Page, Paginator
from django.db.models import Count, Func, QuerySet, UUIDField
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from comum.contagens import contagem, enquanto_nada_muda

TAMANHOS = (50, 100, 200)
# Up to here a search is answered by the keys that one pass over the table found.
POUCOS = 1000
# Beyond so many rows from either end the keys of a page are kept while nothing is written: passing over rows is dear.
FUNDO = 50_000


@dataclass(frozen=True)
class Filtro:
    """One filter. `aplicar(consulta, valor)` narrows; `opcoes` are the (value, label) pairs there are for this user, or
    None for free values, which `rotular` then puts into words."""

    nome: str
    rotulo: str
    aplicar: Callable[[Any, str], Any]
    opcoes: Sequence[tuple[str, str]] | None = None
    rotular: Callable[[str], str] = str

    def texto(self, valor: str) -> str:
        return dict(self.opcoes or ()).get(valor) or self.rotular(valor)

    def entende(self, valor: str) -> bool:
        return self.opcoes is None or valor in dict(self.opcoes)


class _Paginador(Paginator[Any]):
    """Pages cut by key before the rows are read, from the nearer end: deep pages read index entries, not rows."""

    def __init__(self, consulta: QuerySet[Any], leitura: QuerySet[Any], tamanho: int, total: int) -> None:
        super().__init__(consulta, tamanho)
        self.consulta = consulta
        self.leitura = leitura
        self.count = total

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        inicio = (number - 1) * self.per_page
        fim = min(inicio + self.per_page, self.count)
        if min(inicio, self.count - fim) < FUNDO:
            chaves = self._cortar(inicio, fim)
        else:
            qual = f"{inicio}:{fim}:{self.consulta.query.order_by}"
            chaves = enquanto_nada_muda(self.consulta, qual, lambda: self._cortar(inicio, fim))
        linhas = {linha.pk: linha for linha in self.leitura.order_by().filter(pk__in=chaves)}
        return Page([linhas[chave] for chave in chaves if chave in linhas], number, self)

    def _cortar(self, inicio: int, fim: int) -> list[Any]:
        if inicio * 2 > self.count:
            do_fim = self.consulta.reverse().values_list("pk", flat=True)[self.count - fim : self.count - inicio]
            return list(do_fim)[::-1]
        return list(self.consulta.values_list("pk", flat=True)[inicio:fim])


@dataclass
class Lista[Q: QuerySet[Any]]:
    """A page of `base` as the query string asks for it.

    `ordens` maps a column's name in the URL to order_by fields (ascending). A hand-made URL never fails: an unknown
    order, page or size is ignored, a filter value that is not understood finds nothing. Parameters: q, ordem (`nome` or
    `-nome`), pagina, tamanho and one per filter.
    """

    params: QueryDict
    base: Q
    ordens: Mapping[str, Sequence[str]]
    ordem_padrao: str
    procurar: Callable[[Q, str], Q] | None = None
    filtros: Sequence[Filtro] = ()
    fixos: Sequence[str] = field(default=())  # parameters of the page itself, kept in links
    # Where a page's rows are read by key, when the filters are dear to ask of them again.
    leitura: Q | None = None
    # A cheaper way to count, or None where there is none. Not asked for a search.
    contar: Callable[["Lista[Any]"], int | None] | None = None

    @cached_property
    def busca(self) -> str:
        return self.params.get("q", "").strip()[:200]

    @cached_property
    def ordem(self) -> str:
        pedida = self.params.get("ordem", "")
        return pedida if pedida.removeprefix("-") in self.ordens else self.ordem_padrao

    @cached_property
    def _pedidos(self) -> list[tuple[Filtro, str]]:
        pedidos = ((filtro, self.params.get(filtro.nome, "").strip()) for filtro in self.filtros)
        return [(filtro, valor) for filtro, valor in pedidos if valor]

    @cached_property
    def valores(self) -> dict[str, str]:
        """Filters in force: name -> value."""
        return {filtro.nome: valor for filtro, valor in self._pedidos if filtro.entende(valor)}

    @cached_property
    def recusados(self) -> list[tuple[str, str]]:
        """(label, value) of the filters not understood. With any of them the list is empty: showing everything instead
        would let *marcar todas* take what nobody asked for."""
        return [(filtro.rotulo, valor) for filtro, valor in self._pedidos if not filtro.entende(valor)]

    @cached_property
    def consulta(self) -> Q:
        """Everything filtered, unordered: what *marcar todas as N filtradas* means."""
        if self.recusados:
            return self.base.none()
        consulta = self.base
        for filtro, valor in self._pedidos:
            consulta = filtro.aplicar(consulta, valor)
        if self.busca and self.procurar is not None:
            consulta = self.procurar(consulta, self.busca)
        return consulta

    def so(self, *nomes: str) -> Q:
        """`base` under these filters alone: what the tabs that keep them count."""
        if self.recusados:
            return self.base.none()
        consulta = self.base
        for filtro, valor in self._pedidos:
            if filtro.nome in nomes:
                consulta = filtro.aplicar(consulta, valor)
        return consulta

    @cached_property
    def ordenada(self) -> Q:
        return self.ordenar(self.consulta)

    def ordenar(self, consulta: Q) -> Q:
        """Any of the list's rows in the order on screen."""
        campos = self.ordens[self.ordem.removeprefix("-")]
        if self.ordem.startswith("-"):
            campos = [campo[1:] if campo.startswith("-") else f"-{campo}" for campo in campos]
        return consulta.order_by(*campos, "pk")

    @cached_property
    def tamanho(self) -> int:
        pedido = self.params.get("tamanho", "")
        return int(pedido) if pedido.isdecimal() and int(pedido) in TAMANHOS else TAMANHOS[0]

    @cached_property
    def _procurados(self) -> tuple[int, list[Any] | None]:
        """How many rows a search finds, and their keys when they are few: one pass over the table does for both."""
        chave = self.base.model._meta.pk
        chaves = Func(ArrayAgg("pk"), template=f"(%(expressions)s)[1:{POUCOS}]", output_field=ArrayField(type(chave)()))
        achado = enquanto_nada_muda(
            self.consulta, "busca", lambda: self.consulta.order_by().aggregate(quantos=Count("pk"), chaves=chaves)
        )
        return achado["quantos"], (achado["chaves"] or []) if achado["quantos"] <= POUCOS else None

    @cached_property
    def _achados(self) -> list[Any] | None:
        return self._procurados[1] if self.busca and self.procurar is not None else None

    @cached_property
    def total(self) -> int:
        if self.recusados:
            return 0
        if self.busca and self.procurar is not None:
            return self._procurados[0]
        total = self.contar(self) if self.contar is not None else None
        return contagem(self.consulta) if total is None else total

    @cached_property
    def primeiras(self) -> Q:
        """`ordenada`, made quick to cut: for a page or the options of a look-up."""
        return self.ordenada if self._achados is None else self.ordenar(self._leitura.filter(pk__in=self._achados))

    @property
    def _leitura(self) -> Q:
        return self.consulta if self.leitura is None else self.leitura

    @cached_property
    def pagina(self) -> Page[Any]:
        return _Paginador(self.primeiras, self._leitura, self.tamanho, self.total).get_page(self.params.get("pagina"))

    @cached_property
    def faixa(self) -> list[int | None]:
        """Page numbers to show; None stands for a gap."""
        paginator = self.pagina.paginator
        return [
            numero if isinstance(numero, int) else None
            for numero in paginator.get_elided_page_range(self.pagina.number, on_each_side=2, on_ends=1)
        ]

    @property
    def tamanhos(self) -> tuple[int, ...]:
        return TAMANHOS

    @cached_property
    def filtros_ativos(self) -> list[tuple[str, str, str]]:
        """(label, value in words, query string without it), also of those not understood."""
        return [(filtro.rotulo, filtro.texto(valor), self._sem(filtro.nome)) for filtro, valor in self._pedidos]

    @cached_property
    def querystring(self) -> str:
        """Search, filters and order without the page: for exports and for selections."""
        return self._sem("pagina")

    def _sem(self, *nomes: str) -> str:
        copia = self.params.copy()
        for nome in (*nomes, "pagina"):
            copia.pop(nome, None)
        return copia.urlencode()


def enderecos(nome: str, *args: Any, como: int | UUID = 0) -> Callable[[int | UUID], str]:
    """The address of each row by its key, the last argument of the URL: resolved once for a page, not row by row.
    `como` is a key of the same kind."""
    antes, _, depois = reverse(nome, args=[*args, como]).rpartition(str(como))
    return lambda chave: f"{antes}{chave}{depois}"


def selecionados[Q: QuerySet[Any]](dados: QueryDict, base: Q, lista: Callable[[QueryDict], Lista[Q]]) -> Q:
    """The rows a bulk form speaks of: the ticked `ids`, or with `todos` = 1 everything filtered but `menos`.

    `lista` rebuilds the list of the query string in `filtro`, over rows that exist for the user as `base` does: nobody
    acts on what they do not see.
    """
    if dados.get("todos") == "1":
        return lista(QueryDict(dados.get("filtro", ""))).consulta.exclude(pk__in=_chaves(dados, "menos", base))
    return base.filter(pk__in=_chaves(dados, "ids", base))


def a_exportar[Q: QuerySet[Any]](
    request: HttpRequest, lista: Callable[[QueryDict], Lista[Q]], marcadas: Callable[[HttpRequest], Q], *ordem: str
) -> Q:
    """The rows of a file: the ticked ones in this order, or with ?todas=1 everything of the list as it is filtered and
    sorted (field `lista`)."""
    if request.GET.get("todas") == "1":
        return lista(QueryDict(request.POST.get("lista", ""))).ordenada
    return marcadas(request).order_by(*ordem)


def campos_da_selecao(dados: QueryDict) -> list[tuple[str, str]]:
    """The selection again, for the hidden fields of the next step's form."""
    if dados.get("todos") == "1":
        filtro = ("filtro", dados.get("filtro", ""))
        return [("todos", "1"), filtro, *(("menos", chave) for chave in dados.getlist("menos") if _chave(chave))]
    return [("ids", chave) for chave in dados.getlist("ids") if _chave(chave)]


def _chaves(dados: QueryDict, nome: str, base: QuerySet[Any]) -> list[str]:
    """The keys that a row of `base` may have."""
    entende = _uuid if isinstance(base.model._meta.pk, UUIDField) else _inteiro
    return [valor for valor in dados.getlist(nome) if entende(valor)]


def _inteiro(valor: str) -> bool:
    return valor.isdecimal() and len(valor) < 19


def _chave(valor: str) -> bool:
    return _inteiro(valor) or _uuid(valor)


def _uuid(valor: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", valor) is not None
