"""The taxes that a title withholds with its payment, and which of them have gone: each goes once, however many payments
the title takes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from comum.formatos import format_dinheiro
from pagar.models import ItemPagamento, Movimento, Pagamento, Retencao, Titulo
from pagar.providers.blocos import Imposto
from pagar.providers.campos import Problema
from pagar.providers.interface import TituloPago
from pagar.providers.pedidos import reler
from pagar.services.chaves import PARCELA_MAXIMA

ZERO = Decimal(0)


def do_titulo(titulo: Titulo) -> tuple[Imposto, ...]:
    return tuple(reler(Imposto, dados) for dados in titulo.impostos_no_pagamento)


def que_foram(titulos: Iterable[Titulo]) -> Mapping[int, Sequence[Imposto]]:
    """By title (pk), the taxes of its payments that stand, or are on their way."""
    com_impostos = {titulo.pk: titulo for titulo in titulos if titulo.impostos_no_pagamento}
    if not com_impostos:
        return {}
    pagos = Movimento.objects.filter(tipo=Movimento.Tipo.PAGO, estornado_por__isnull=True, titulo__in=com_impostos)
    valem = set(pagos.values_list("titulo", "dados__pagamento"))
    foram: dict[int, list[Imposto]] = defaultdict(list)
    for item in ItemPagamento.objects.filter(titulo__in=com_impostos).select_related("pagamento"):
        titulo, situacao = com_impostos[item.titulo_id], item.pagamento.situacao
        a_caminho = situacao == Pagamento.Situacao.ENVIANDO or (
            situacao == Pagamento.Situacao.GERADO and titulo.situacao == Titulo.Situacao.BORDERO
        )
        if a_caminho or (titulo.pk, item.pagamento_id) in valem:
            foram[titulo.pk] += reler(TituloPago, item.corpo).impostos
    return foram


def a_reter(titulos: Sequence[Titulo]) -> Mapping[int, tuple[Imposto, ...]]:
    """By title (pk), what its next payment withholds by itself: none of those that have gone. The titles opened for
    taxes of payments that were reversed keep their keys in the ERP, so that each time they go on with other parcelas.
    """
    foram, desfeitos = que_foram(titulos), _desfeitos(titulos)
    achados: dict[int, tuple[Imposto, ...]] = {}
    for titulo in titulos:
        idos = {_identidade(imposto) for imposto in foram.get(titulo.pk, ())}
        achados[titulo.pk] = tuple(
            _outra_parcela(imposto, desfeitos.get(titulo.pk, 0) * len(Retencao))
            for imposto in do_titulo(titulo)
            if _identidade(imposto) not in idos
        )
    return achados


def _desfeitos(titulos: Iterable[Titulo]) -> Mapping[int, int]:
    """By title (pk), how many of its payments were reversed."""
    com_impostos = [titulo.pk for titulo in titulos if titulo.impostos_no_pagamento]
    pagos = Movimento.objects.filter(tipo=Movimento.Tipo.PAGO, estornado_por__isnull=False, titulo__in=com_impostos)
    return Counter(pagos.values_list("titulo", flat=True)) if com_impostos else {}


def _outra_parcela(imposto: Imposto, adiante: int) -> Imposto:
    if not (adiante and imposto.especie and imposto.parcela.isdecimal()):
        return imposto
    proxima = int(imposto.parcela) + adiante
    return replace(imposto, parcela=str(proxima)) if proxima <= PARCELA_MAXIMA else imposto


def problemas(titulos: Sequence[Titulo], itens: Sequence[TituloPago]) -> Iterator[Problema]:
    """A tax that would pass what its title withholds, part of which has gone; with the paths of the whole body."""
    foram = que_foram(titulos)
    for posicao, (titulo, item) in enumerate(zip(titulos, itens, strict=True)):
        if titulo.pk not in foram:
            continue
        limites = {_identidade(imposto): imposto.valor or ZERO for imposto in do_titulo(titulo)}
        for ordem, imposto in enumerate(item.impostos):
            qual = _identidade(imposto)
            ido = sum((outro.valor or ZERO for outro in foram[titulo.pk] if _identidade(outro) == qual), ZERO)
            if ido and qual in limites and ido + (imposto.valor or ZERO) > limites[qual]:
                texto = (
                    f"Título {posicao + 1} ({titulo.nome}): o imposto {imposto.imposto} {imposto.classificacao} já foi "
                    f"retido em outro pagamento deste título, {format_dinheiro(ido)} de "
                    f"{format_dinheiro(limites[qual])}. Tire-o deste pagamento."
                )
                yield Problema(f"titulos.{posicao}.impostos.{ordem}.valor", texto)


def _identidade(imposto: Imposto) -> tuple[str, ...]:
    codigos = (imposto.pais, imposto.uf, imposto.imposto, imposto.classificacao)
    return tuple(codigo.rstrip().casefold() for codigo in codigos)
