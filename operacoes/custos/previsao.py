"""What calls not made yet would cost, over the volume of their billing period."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from comum.formatos import format_dinheiro, format_numero
from operacoes.custos import teto
from operacoes.custos.contas import contas_de
from operacoes.custos.precos import COBRADAS, Faixa, Precos, format_preco, periodo, reais
from operacoes.custos.volume import volumes
from operacoes.handlers import handler_de
from operacoes.models import AcessoCobrado, Classe

if TYPE_CHECKING:
    from operacoes.motor.submissao import NovaOperacao

_GRATIS = ("", Classe.GRATIS)


class Previsao:
    """Forecasts over the volume of the billing period, read once when this is made."""

    def __init__(self, acessos: Iterable[str], quando: date | None = None) -> None:
        self._dia = quando or timezone.localdate()
        self._contas = contas_de(acessos)
        self._ja = volumes(self._contas.values(), periodo(self._dia)[0]) if self._contas else {}
        self._precos = Precos.ler()

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
            chave = (classe, self._contas.get(acesso, acesso))
            juntas[chave] = (juntas.get(chave, (0, acesso))[0] + n, acesso)
        return juntas

    def faixas(self, classe: str, quantidade: int, acesso: str) -> tuple[Faixa, Faixa]:
        """The tier of the period as it is, and with `quantidade` more calls."""
        ja = self.volume(classe, acesso)
        return tuple(self._precos.faixa(classe, total, self._dia) for total in (ja, ja + quantidade))  # type: ignore[return-value]

    def volume(self, classe: str, acesso: str) -> int:
        return self._ja.get((self._contas.get(acesso, acesso), classe), 0)


def previsto(classe: str, quantidade: int, acesso: str, quando: date | None = None) -> Decimal:
    return Previsao([acesso], quando).custo(classe, quantidade, acesso)


@dataclass(frozen=True)
class Travessia:
    """A run that takes the period to another tier: `n` calls of a class on top of `ja`."""

    classe: Classe
    contratante: str
    ja: int
    n: int
    antes: Faixa
    depois: Faixa

    @property
    def acrescenta(self) -> Decimal:
        """R$ by which the whole period changes; below zero when it ends up cheaper."""
        return self.depois.preco * (self.ja + self.n) - self.antes.preco * self.ja

    @property
    def texto(self) -> str:
        de, para = format_preco(self.antes.preco), format_preco(self.depois.preco)
        limite = format_numero(self.antes.ate or 0)
        contrato = f" de {self.contratante}" if self.contratante else ""
        dito = (
            f"{self.classe.label}{contrato}: passa da faixa de {limite}; todo o volume do período, que já tem "
            f"{format_numero(self.ja)}, cai de {de} para {para} por chamada. "
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


def chamadas_de(novas: "Iterable[NovaOperacao]") -> Counter[tuple[str, str]]:
    """How many charged calls by (classe, acesso) these intents make when all goes well."""
    contadas: Counter[tuple[str, str]] = Counter()
    for nova in novas:
        for classe in handler_de(nova.tipo).chamadas_previstas(nova.pedido):
            if classe not in _GRATIS:
                contadas[classe.value, nova.acesso] += 1
    return contadas


def orcar(novas: "Sequence[NovaOperacao]") -> Orcamento:
    """The forecast of a run that is about to be confirmed."""
    chamadas = chamadas_de(novas)
    if not chamadas:
        return Orcamento()
    previsao = Previsao({acesso for _, acesso in chamadas})
    nomes = dict(AcessoCobrado.objects.order_by().values_list("conta", "nome"))
    juntas = previsao.por_conta(chamadas)
    varias = len({conta for _, conta in juntas}) > 1
    travessias, acrescenta = [], Decimal(0)
    for (classe, conta), (n, acesso) in juntas.items():
        antes, depois = previsao.faixas(classe, n, acesso)
        ja = previsao.volume(classe, acesso)
        acrescenta += depois.preco * (ja + n) - antes.preco * ja
        if antes.ate != depois.ate and ja:
            contratante = nomes.get(conta, conta) if varias else ""
            travessias.append(Travessia(Classe(classe), contratante, ja, n, antes, depois))
    custos = previsao.de_todas(chamadas)
    return Orcamento(
        {classe: custos[classe] for classe in COBRADAS if classe in custos},
        travessias,
        reais(acrescenta),
        teto.avisos(chamadas),
    )
