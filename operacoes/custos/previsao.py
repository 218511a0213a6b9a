"""What calls not made yet would cost, over the volume of their billing period."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from django.utils import timezone

from comum.formatos import format_dinheiro, format_numero
from operacoes.custos import teto
from operacoes.custos.contas import contas_de
from operacoes.custos.precos import COBRADAS, Faixa, format_preco, periodo, reais
from operacoes.custos.tarifa import tarifas
from operacoes.handlers import handler_de
from operacoes.models import AcessoCobrado, Classe

_GRATIS = ("", Classe.GRATIS)


class Previsao:
    """Forecasts over the volume of the billing period, of what was charged and of what is queued to be, read once when
    this is made."""

    def __init__(self, acessos: Iterable[str], quando: date | None = None) -> None:
        self._dia = quando or timezone.localdate()
        self._contas = contas_de(acessos)
        contas = set(self._contas.values())
        self._tarifas = tarifas(contas, periodo(self._dia)[0])
        self._fila = teto.na_fila(contas) if contas else Counter()

    def custo(self, classe: str, quantidade: int, acesso: str) -> Decimal:
        """R$ that `quantidade` more calls would cost, each at the tier the whole volume then reaches."""
        if classe in _GRATIS:
            return reais(Decimal(0))
        return reais(self.faixas(classe, quantidade, acesso)[1].preco * quantidade)

    def de_todas(self, quantidades: Mapping[tuple[str, str], int]) -> dict[str, Decimal]:
        """R$ by class of calls made together, given by (classe, acesso): those of one contratante reach one tier."""
        somas: dict[str, Decimal] = {}
        for (classe, _), (n, acesso) in self.por_conta(quantidades).items():
            somas[classe] = somas.get(classe, reais(Decimal(0))) + self.custo(classe, n, acesso)
        return somas

    def por_conta(self, quantidades: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], tuple[int, str]]:
        """(calls, one of the accesses) by (classe, conta)."""
        juntas: dict[tuple[str, str], tuple[int, str]] = {}
        for (classe, acesso), n in quantidades.items():
            chave = (classe, self._contas[acesso])
            juntas[chave] = (juntas.get(chave, (0, acesso))[0] + n, acesso)
        return juntas

    def faixas(self, classe: str, quantidade: int, acesso: str) -> tuple[Faixa, Faixa]:
        """The tier of the period as it is, and with `quantidade` more calls."""
        ja, precos = self.volume(classe, acesso), self._tarifas[self._contas[acesso]].precos
        return precos.faixa(classe, ja, self._dia), precos.faixa(classe, ja + quantidade, self._dia)

    def volume(self, classe: str, acesso: str) -> int:
        return self._tarifas[self._contas[acesso]].volume.get(classe, 0) + self.fila(classe, acesso)

    def fila(self, classe: str, acesso: str) -> int:
        """Those of the volume that are queued."""
        return self._fila[self._contas[acesso], classe]

    def acrescenta(self, classe: str, quantidade: int, acesso: str) -> Decimal:
        """R$ by which `quantidade` more calls change the period, with what is queued; below zero when it ends up
        cheaper."""
        tarifa, fila = self._tarifas[self._contas[acesso]], self.fila(classe, acesso)
        com, sem = (tarifa.da_classe(classe, mais, self._dia) for mais in (fila + quantidade, fila))
        return com - sem


def previsto(classe: str, quantidade: int, acesso: str, quando: date | None = None) -> Decimal:
    return Previsao([acesso], quando).custo(classe, quantidade, acesso)


@dataclass(frozen=True)
class Travessia:
    """A run that takes the period to another tier: `n` calls of a class on top of `ja`, of which `fila` are queued.
    `acrescenta`: R$ by which the whole period changes; below zero when it ends up cheaper."""

    classe: Classe
    contratante: str
    ja: int
    fila: int
    n: int
    antes: Faixa
    depois: Faixa
    acrescenta: Decimal

    @property
    def texto(self) -> str:
        de, para = format_preco(self.antes.preco), format_preco(self.depois.preco)
        limite = format_numero(self.antes.ate or 0)
        contrato = f" de {self.contratante}" if self.contratante else ""
        fila = f" ({format_numero(self.fila)} na fila)" if self.fila else ""
        dito = (
            f"{self.classe.label}{contrato}: passa da faixa de {limite}; todo o volume do período, que já tem "
            f"{format_numero(self.ja)}{fila}, cai de {de} para {para} por chamada. "
        )
        if self.acrescenta < 0:
            mais_barato = format_dinheiro(reais(-self.acrescenta))
            return f"{dito}O período fica {mais_barato} mais barato do que sem este envio."
        cheio, acrescimo = format_dinheiro(reais(self.depois.preco * self.n)), format_dinheiro(reais(self.acrescenta))
        return f"{dito}O período fica só {acrescimo} mais caro, e não {cheio}."


@dataclass(frozen=True)
class Orcamento:
    """What a run would cost and what it does to its billing period: for every pré-voo
    (operacoes/partials/orcamento.html). `acrescenta`: R$ by which the period changes; `avisos`: of the cap."""

    por_classe: dict[Classe, Decimal] = field(default_factory=dict)
    travessias: Sequence[Travessia] = ()
    acrescenta: Decimal = Decimal(0)
    avisos: Sequence[str] = ()

    @property
    def total(self) -> Decimal:
        return sum(self.por_classe.values(), Decimal(0))

    @property
    def diminui(self) -> Decimal:
        return -self.acrescenta


class Intencao(Protocol):
    """What is asked: an intent to be submitted, or an Operacao to be sent again."""

    @property
    def tipo(self) -> str: ...
    @property
    def pedido(self) -> Any: ...
    @property
    def acesso(self) -> str: ...


def chamadas_de(novas: Iterable[Intencao]) -> Counter[tuple[str, str]]:
    """How many charged calls by (classe, acesso) these intents make when all goes well."""
    contadas: Counter[tuple[str, str]] = Counter()
    for nova in novas:
        for classe in cobradas(handler_de(nova.tipo).chamadas_previstas(nova.pedido)):
            contadas[classe, nova.acesso] += 1
    return contadas


def cobradas(classes: Iterable[Classe]) -> list[str]:
    return [classe.value for classe in classes if classe not in _GRATIS]


def orcar(novas: Iterable[Intencao]) -> Orcamento:
    """The forecast of a run that is about to be confirmed."""
    return orcar_chamadas(chamadas_de(novas))


def orcar_chamadas(chamadas: Mapping[tuple[str, str], int]) -> Orcamento:
    """As orcar(), of calls by (classe, acesso)."""
    if not chamadas:
        return Orcamento()
    previsao = Previsao({acesso for _, acesso in chamadas})
    nomes = dict(AcessoCobrado.objects.order_by().values_list("conta", "nome"))
    juntas = previsao.por_conta(chamadas)
    varias = len({conta for _, conta in juntas}) > 1
    travessias, acrescenta = [], Decimal(0)
    for (classe, conta), (n, acesso) in juntas.items():
        antes, depois = previsao.faixas(classe, n, acesso)
        ja, fila = previsao.volume(classe, acesso), previsao.fila(classe, acesso)
        muda = previsao.acrescenta(classe, n, acesso)
        acrescenta += muda
        if antes.ate != depois.ate and ja:
            contratante = nomes.get(conta, conta) if varias else ""
            travessias.append(Travessia(Classe(classe), contratante, ja, fila, n, antes, depois, muda))
    custos = previsao.de_todas(chamadas)
    return Orcamento(
        {classe: custos[classe] for classe in COBRADAS if classe in custos},
        travessias,
        reais(acrescenta),
        teto.avisos(chamadas),
    )
