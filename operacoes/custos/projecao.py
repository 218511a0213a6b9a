"""Where a billing period is going: how many calls it will have had on its last day, and what they will cost.

The work of an office follows the month, so the part of the period before that came by the same phase says more than the
days that went by. Without a period before there are only the days, and the answer says how unsure that is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count
from django.utils import timezone

from comum.formatos import contar, format_numero
from operacoes.custos.precos import COBRADAS, Precos, instantes, periodo, reais
from operacoes.custos.tarifa import Tarifa
from operacoes.custos.volume import volumes_por_fase
from operacoes.models import Classe, Tentativa

POUCAS = 20  # calls by the same phase of the period before, under which their share says little
CEDO = timedelta(days=3)  # into the period, before which the days say little


@dataclass(frozen=True)
class DaClasse:
    """Calls of one class at the end: likely, at least and at most, and how that was found, in pt-BR."""

    classe: Classe
    ate_agora: int
    provavel: int
    minimo: int
    maximo: int
    como: str


@dataclass(frozen=True)
class Projecao:
    """R$ of the whole period; `minimo` and `maximo` say the range, equal where nothing is unsure."""

    classes: list[DaClasse]
    provavel: Decimal
    minimo: Decimal
    maximo: Decimal
    dia: int
    dias: int

    @property
    def incerta(self) -> bool:
        return self.maximo > self.minimo


def projetar(conta: str, fila: Mapping[tuple[str, str], int], agora: datetime | None = None) -> Projecao:
    """Of the period in course of a conta; `fila`: calls by (conta, classe) that are queued and will come for certain.
    What is to come is priced by today's table.

    Three queries on the index of the charged calls.
    """
    agora = agora or timezone.now()
    hoje = timezone.localdate(agora)
    inicio, fim = periodo(hoje)
    desde, ate = instantes(inicio)
    antes_inicio = periodo(inicio - timedelta(days=1))[0]
    antes, _ = instantes(antes_inicio)
    parte = (agora - desde) / (ate - desde)
    # The same phase, counted from the end: the due dates are near it, and months have different lengths.
    mesma_fase = max(antes, desde - (ate - agora))
    precos = Precos.ler()
    por_fase = volumes_por_fase([conta], inicio, precos.fases(inicio, fim), agora)
    tarifa = Tarifa(conta, inicio, {classe: ns for (_, classe), ns in por_fase.items()}, precos=precos)
    ja = tarifa.volume
    fase = _contar(conta, antes, mesma_fase)
    anterior = _contar(conta, antes, desde)
    classes = [
        _da_classe(
            classe,
            ja.get(classe, 0),
            fila.get((conta, classe), 0),
            (fase.get(classe, 0), anterior.get(classe, 0)),
            parte,
            cedo=agora - desde < CEDO,
        )
        for classe in COBRADAS
    ]
    custos = [
        [
            tarifa.da_classe(linha.classe, total - linha.ate_agora, hoje)
            for total in (linha.provavel, linha.minimo, linha.maximo)
        ]
        for linha in classes
    ]
    provavel = reais(sum((linha[0] for linha in custos), Decimal(0)))
    # A tier reached may make the larger volume the cheaper one.
    pontas = [reais(sum((escolhe(linha) for linha in custos), Decimal(0))) for escolhe in (min, max)]
    return Projecao(classes, provavel, pontas[0], pontas[1], (hoje - inicio).days + 1, (fim - inicio).days + 1)


def _contar(conta: str, desde: datetime, ate: datetime) -> dict[str, int]:
    quais = Tentativa.objects.cobradas().filter(conta=conta, iniciada_em__gte=desde, iniciada_em__lt=ate).order_by()
    somas: dict[str, int] = {}
    for cobrancas, n in quais.values_list("cobrancas").annotate(n=Count("*")):
        for classe in cobrancas:
            somas[classe] = somas.get(classe, 0) + n
    return somas


def _da_classe(classe: Classe, ja: int, fila: int, anterior: tuple[int, int], parte: float, *, cedo: bool) -> DaClasse:
    na_fase, todo = anterior
    certas = ja + fila
    if not todo:
        if not certas:
            return DaClasse(classe, 0, 0, 0, 0, "nenhuma chamada até agora, nem no período anterior")
        return _pelos_dias(classe, ja, certas, parte, cedo=cedo)
    resto = ja + (todo - na_fase)
    vistas = contar(ja, "chamada", "chamadas")
    de_antes = (
        f"no anterior, a esta altura, eram {format_numero(na_fase)} de {format_numero(todo)} ao todo: faltavam "
        f"{format_numero(todo - na_fase)}"
    )
    if na_fase < POUCAS:
        provavel = max(certas, resto)
        como = f"{vistas} até agora; {de_antes}, e é o que se soma"
        return DaClasse(classe, ja, provavel, certas, max(provavel, ja + todo), como)
    pela_parte = round(ja * todo / na_fase)
    menor, maior = sorted((max(certas, resto), max(certas, pela_parte)))
    provavel = max(certas, round((resto + pela_parte) / 2))
    como = (
        f"{vistas} até agora; {de_antes}. Com o mesmo resto seriam {format_numero(max(certas, resto))}; crescendo como "
        f"até aqui, {format_numero(max(certas, pela_parte))}; fica-se no meio"
    )
    return DaClasse(classe, ja, provavel, menor, maior, como)


def _pelos_dias(classe: Classe, ja: int, certas: int, parte: float, *, cedo: bool) -> DaClasse:
    linear = max(certas, round(ja / max(parte, 0.01)))
    por_cento = format_numero(Decimal(str(round(parte * 100))))
    como = (
        f"{contar(ja, 'chamada', 'chamadas')} em {por_cento}% do período, no mesmo ritmo até o fim; não há período "
        "anterior para comparar"
    )
    if cedo:
        como += ", e é cedo para saber"
    # Half of what is still to come, or half as much again.
    falta = linear - certas
    return DaClasse(
        classe, ja, linear, certas + (0 if cedo else falta // 2), linear + (falta if cedo else falta // 2), como
    )
