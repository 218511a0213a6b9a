"""A billing period of one conta in figures: by class, access, kind of call and empresa. What its page shows.

One pass over the index of the charged calls tells everything but the empresas; sendings without an answer have an
index of their own.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Func, IntegerField, Sum, Value
from django.utils import timezone

from operacoes.custos.precos import COBRADAS, Faixa, instantes, periodo, reais
from operacoes.custos.tarifa import Tarifa
from operacoes.models import Classe, Tentativa, TentativaQuerySet


@dataclass
class Soma:
    """Calls by class, and their R$; `conferencias`, `incertas` and `talvez` are told apart, the first two are in it."""

    chamadas: Counter[str] = field(default_factory=Counter)
    valor: Decimal = Decimal(0)

    @property
    def total(self) -> int:
        return self.chamadas.total()

    @property
    def por_classe(self) -> list[tuple[str, int]]:
        """In the order of the contract, also those without a call."""
        return [(classe.value, self.chamadas[classe.value]) for classe in COBRADAS]

    def somar(self, classe: str, n: int, preco: Decimal) -> None:
        self.chamadas[classe] += n
        self.valor += preco * n


@dataclass(frozen=True)
class DaClasse:
    """One class: `volume` of the whole conta, by which the tier goes; `chamadas` of what is looked at."""

    classe: Classe
    volume: int
    chamadas: int
    valor: Decimal
    faixa: Faixa
    proxima: Faixa | None
    fases: int

    @property
    def falta(self) -> int:
        """Calls until the whole volume gets cheaper."""
        return (self.faixa.ate or 0) + 1 - self.volume

    @property
    def mais_barato_com(self) -> int | None:
        """From how many more calls on the period costs less than now; None where that is never on the next tier."""
        if self.proxima is None:
            return None
        agora, chegada = self.faixa.preco * self.volume, self.proxima.preco * (self.volume + self.falta)
        return self.falta if chegada < agora else None


@dataclass
class Extrato:
    """`total` in reais; `por_acesso` and `por_tipo` by their names, `conferencias` apart within `por_tipo`."""

    inicio: date
    fim: date
    classes: list[DaClasse]
    total: Decimal
    por_acesso: dict[str, Soma]
    por_tipo: dict[str, Soma]
    conferencias: Soma
    incertas: Soma
    talvez: Soma

    @property
    def chamadas(self) -> int:
        return sum(linha.chamadas for linha in self.classes)

    @property
    def vazio(self) -> bool:
        return not self.chamadas and not self.talvez.total


def do_periodo(tentativas: TentativaQuerySet, conta: str, inicio: date) -> TentativaQuerySet:
    desde, ate = instantes(inicio)
    return tentativas.filter(conta=conta, iniciada_em__gte=desde, iniciada_em__lt=ate)


def extrato(tentativas: TentativaQuerySet, conta: str, inicio: date, *, todas: bool = False) -> Extrato:
    """What these Tentativas, of all, cost in the period that begins on `inicio`. `todas`: they are all there are, so
    that the volume of the conta is not counted apart."""
    tarifa = Tarifa(conta, inicio, {} if todas else None)
    por_acesso: dict[str, Soma] = defaultdict(Soma)
    por_tipo: dict[str, Soma] = defaultdict(Soma)
    classes, conferencias, incertas = Soma(), Soma(), Soma()
    valores: Counter[str] = Counter()
    campos = ("acesso", "tipo", "especie", "cobrancas", "incertas", "fase")
    linhas = do_periodo(tentativas.cobradas(), conta, inicio).annotate(fase=tarifa.fase()).order_by()
    lidas = list(linhas.values_list(*campos).annotate(n=Count("*")))
    if todas:
        contadas: dict[str, list[int]] = {}
        for *_, cobrancas, _, fase, n in lidas:
            for classe in cobrancas:
                contadas.setdefault(classe, [0] * len(tarifa.fases))[fase - 1] += n
        tarifa.por_fase = contadas
    for acesso, tipo, especie, cobrancas, duvidosas, fase, n in lidas:
        pergunta = especie == Tentativa.Especie.CONFERENCIA
        for classe in cobrancas:
            preco = tarifa.preco(classe, fase)
            valores[classe] += preco * n  # type: ignore[assignment]
            for soma in (classes, por_acesso[acesso], conferencias if pergunta else por_tipo[tipo]):
                soma.somar(classe, n, preco)
        for classe in duvidosas:
            incertas.somar(classe, n, tarifa.preco(classe, fase))
    return Extrato(
        inicio=tarifa.inicio,
        fim=tarifa.fim,
        classes=[_da_classe(classe, tarifa, classes.chamadas[classe], Decimal(valores[classe])) for classe in COBRADAS],
        total=reais(classes.valor),
        por_acesso=dict(por_acesso),
        por_tipo=dict(por_tipo),
        conferencias=conferencias,
        incertas=incertas,
        talvez=_talvez(tentativas, conta, inicio, tarifa),
    )


def _talvez(tentativas: TentativaQuerySet, conta: str, inicio: date, tarifa: Tarifa) -> Soma:
    soma = Soma()
    perdidas = do_periodo(tentativas.talvez_cobradas(), conta, inicio).annotate(fase=tarifa.fase()).order_by()
    for classe, fase, n in perdidas.values_list("classe", "fase").annotate(n=Count("*")):
        soma.somar(classe, n, tarifa.preco(classe, fase))
    return soma


def _da_classe(classe: Classe, tarifa: Tarifa, chamadas: int, valor: Decimal) -> DaClasse:
    # The tiers of today; of a period that ended, or is yet to begin, those of its last, or first, day.
    dia = min(max(timezone.localdate(), tarifa.inicio), tarifa.fim)
    volume = tarifa.volume.get(classe, 0)
    faixas, faixa = tarifa.precos.faixas(classe, dia), tarifa.precos.faixa(classe, volume, dia)
    proxima = faixas[faixas.index(faixa) + 1] if faixa in faixas[:-1] else None
    return DaClasse(classe, volume, chamadas, reais(valor), faixa, proxima, len(tarifa.fases))


@dataclass(frozen=True)
class DaEmpresa:
    empresa: int
    chamadas: dict[str, int]
    valor: Decimal

    @property
    def total(self) -> int:
        return sum(self.chamadas.values())

    @property
    def por_classe(self) -> list[tuple[str, int]]:
        return [(classe.value, self.chamadas.get(classe.value, 0)) for classe in COBRADAS]


def por_empresa(tentativas: TentativaQuerySet, conta: str, inicio: date) -> list[DaEmpresa]:
    """What the calls of each empresa cost in the period, the dearest first."""
    tarifa = Tarifa(conta, inicio)
    quantas: dict[str, Any] = {f"n_{classe.value}": Sum(_quantas(classe)) for classe in COBRADAS}
    linhas = do_periodo(tentativas.cobradas(), conta, inicio).annotate(fase=tarifa.fase()).order_by()
    somas: dict[int, Soma] = defaultdict(Soma)
    for empresa, fase, *numeros in linhas.values_list("empresa", "fase").annotate(**quantas):
        if empresa is None:
            continue
        for classe, n in zip(COBRADAS, numeros, strict=True):
            if n:
                somas[empresa].somar(classe.value, n, tarifa.preco(classe, fase))
    feitas = [DaEmpresa(empresa, dict(soma.chamadas), reais(soma.valor)) for empresa, soma in somas.items()]
    return sorted(feitas, key=lambda linha: (-linha.valor, linha.empresa))


def _quantas(classe: Classe) -> Func:
    return Func(
        F("cobrancas"),
        Value(classe.value),
        template="cardinality(array_positions(%(expressions)s))",
        output_field=IntegerField(),
    )


def primeiro_periodo(conta: str) -> date | None:
    """The first day of the first period in which a call of this conta was charged; None without any."""
    cobradas = Tentativa.objects.cobradas().filter(conta=conta)
    quando = cobradas.order_by("iniciada_em").values_list("iniciada_em", flat=True).first()
    return None if quando is None else periodo(timezone.localdate(quando))[0]
