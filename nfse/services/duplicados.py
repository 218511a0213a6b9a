"""Tomadores that look like the same one: found here, united (or not) by a person."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Min
from django.db.models.functions import Left, Lower

from comum.contagens import enquanto_nada_muda
from nfse.models import Tomador
from nfse.models.cadastro import TomadorQuerySet


class Sinal(StrEnum):
    """Why two tomadores of an empresa look alike; from the strongest to the weakest."""

    EMAIL = "email"
    NOME = "nome"
    RAIZ = "raiz"

    @property
    def rotulo(self) -> str:
        return _ROTULOS[self]


_ROTULOS = {
    Sinal.EMAIL: "Mesmo nome e e-mail",
    Sinal.NOME: "Mesmo nome",
    Sinal.RAIZ: "Mesma raiz do CNPJ",
}


class Grupo(NamedTuple):
    """The keys of tomadores of one empresa that look like one, in the order of their names, and what they share."""

    tomadores: tuple[int, ...]
    sinais: tuple[Sinal, ...]

    @property
    def rotulos(self) -> list[str]:
        """The signs in words; the same name is not told again beside the same name and e-mail."""
        return [sinal.rotulo for sinal in self.sinais if sinal != Sinal.NOME or Sinal.EMAIL not in self.sinais]


def grupos(tomadores: TomadorQuerySet) -> list[Grupo]:
    """The groups among the active ones, by empresa and name. Kept while no tomador changes: it reads all of them."""
    ativos = tomadores.filter(ativo=True)
    return enquanto_nada_muda(ativos, "duplicados", lambda: _achar(ativos))


def _achar(ativos: TomadorQuerySet) -> list[Grupo]:
    achados: dict[tuple[int, ...], tuple[tuple[Any, ...], list[Sinal]]] = {}
    por_nome = ativos.annotate(chave=F("ordem"))
    por_email = ativos.exclude(email="").annotate(chave=F("ordem"), endereco=Lower("email"))
    por_raiz = ativos.com_documento_de(14).annotate(chave=Left("documento", 8))
    for sinal, consulta, campos in (
        (Sinal.EMAIL, por_email, ("chave", "endereco")),
        (Sinal.NOME, por_nome, ("chave",)),
        (Sinal.RAIZ, por_raiz, ("chave",)),
    ):
        for empresa, nome, ids in _repetidos(consulta, campos):
            _, sinais = achados.setdefault(tuple(ids), ((empresa, nome), []))
            sinais.append(sinal)
    em_ordem = sorted(achados.items(), key=lambda item: (item[1][0], item[0]))
    return [Grupo(ids, tuple(sinais)) for ids, (_, sinais) in em_ordem]


def _repetidos(consulta: Any, campos: Iterable[str]) -> Iterable[tuple[str, str, list[int]]]:
    """(order of the empresa, first name, keys by name) of what two or more rows of an empresa share."""
    return (  # type: ignore[no-any-return]
        consulta.order_by()
        .values("empresa", "empresa__ordem", *campos)
        .annotate(nome=Min("ordem"), ids=ArrayAgg("pk", order_by=["ordem", "pk"]))
        .filter(ids__len__gt=1)
        .values_list("empresa__ordem", "nome", "ids")
    )


def com_sinal(todos: Iterable[Grupo], sinal: str) -> list[Grupo]:
    return [grupo for grupo in todos if not sinal or sinal in grupo.sinais]


def abrir(parte: Iterable[Grupo]) -> list[tuple[Grupo, list[Tomador]]]:
    """The groups of a page with their tomadores, each with how many contratos and notas it has. Constant in queries."""
    parte = list(parte)
    chaves = {pk for grupo in parte for pk in grupo.tomadores}
    achados = (
        Tomador.objects.filter(pk__in=chaves)
        .select_related("empresa", "municipio")
        .annotate(
            quantos_contratos=Count("contratos", distinct=True),
            quantas_notas=Count("notas", distinct=True),
        )
        .in_bulk()
    )
    return [(grupo, [achados[pk] for pk in grupo.tomadores if pk in achados]) for grupo in parte]
