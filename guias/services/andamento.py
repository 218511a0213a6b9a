"""Which months have an Operacao in course: what was approved is what is sent, so that nothing else changes them."""

from collections.abc import Iterable
from datetime import date

from empresas.calendario import somar_meses
from guias.models import TIPOS_DA_APURACAO
from guias.services.fatos import primeiro_lido
from operacoes.models import ABERTAS, Operacao


def em_andamento(matrizes: Iterable[int], desde: date, ate: date | None = None) -> set[int]:
    """Companies whose apuração of a competência, or of some up to `ate`, is being simulated, transmitted or billed."""
    return {pk for pk, _ in meses_em_andamento(matrizes, desde, ate or desde)}


def meses_em_andamento(matrizes: Iterable[int], desde: date, ate: date) -> set[tuple[int, date]]:
    """(matriz, competência) of the apurações of a range that are being simulated, transmitted or billed."""
    return _meses(matrizes, desde, ate, TIPOS_DA_APURACAO)


def transmissoes_antes(matrizes: Iterable[int], competencia: date) -> dict[int, date]:
    """By matriz, the first of the months that a competência looks back on whose declaration is being transmitted: what
    the Receita will know of it is not known yet."""
    ultimo = somar_meses(competencia, -1)
    meses = _meses(matrizes, primeiro_lido(competencia), ultimo, ("guias.pgdasd.transmitir",))
    return dict(sorted(meses, reverse=True))


def _meses(matrizes: Iterable[int], desde: date, ate: date, tipos: Iterable[str]) -> set[tuple[int, date]]:
    abertas = Operacao.objects.filter(
        empresa__in=list(matrizes), competencia__range=(desde, ate), tipo__in=list(tipos), situacao__in=ABERTAS
    )
    lidas = abertas.values_list("empresa", "competencia")
    return {(pk, mes) for pk, mes in lidas if pk is not None and mes is not None}
