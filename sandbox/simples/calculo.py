"""The DAS of one period: revenue groups times shares, rounded half up to the cent per tribute and group.

Written apart from the product's arithmetic on purpose: each one checks the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from sandbox.simples.anexos import CODIGOS, aliquotas
from sandbox.simples.atividades import ATIVIDADES, FATOR_R, Atividade
from sandbox.simples.historico import CORTE_FATOR_R, Historico

_ZERO = Decimal(0)
_CENTAVO = Decimal("0.01")
_LOCAIS = frozenset({"icms", "iss"})
_FORA_DA_EXPORTACAO = frozenset({"pis", "cofins", "ipi", "icms", "iss", "cbs", "ibs"})


@dataclass(frozen=True)
class Parcela:
    """A portion of the revenue of one activity, in reais.

    `removidos` are tributes not due on any of it (substitution, single-phase, retention, suspension, immunity);
    `dispensas` the amount of revenue on which a tribute is not due (exemption, reduction).
    """

    atividade: int
    valor: Decimal
    removidos: frozenset[str] = frozenset()
    dispensas: tuple[tuple[str, Decimal], ...] = ()


@dataclass
class Grupo:
    """Revenue with the same rates: its amount, annex and the tributes it owes."""

    anexo: str
    rbt12: Decimal
    taxas: dict[str, Decimal]
    receita: Decimal = _ZERO
    dispensas: dict[str, Decimal] = field(default_factory=dict)

    def somar(self, parcela: Parcela) -> None:
        self.receita += parcela.valor
        for tributo, valor in parcela.dispensas:
            self.dispensas[tributo] = self.dispensas.get(tributo, _ZERO) + valor

    def tributos(self) -> dict[str, Decimal]:
        return {
            tributo: centavos((self.receita - self.dispensas.get(tributo, _ZERO)) * taxa)
            for tributo, taxa in self.taxas.items()
        }


@dataclass(frozen=True)
class Apuracao:
    """Result: tribute code -> reais (zeros left out), the groups, RBT12 by market and fator r when it was needed."""

    valores: dict[int, Decimal]
    grupos: list[Grupo]
    rbt12: tuple[Decimal, Decimal]
    fator_r: Decimal | None

    @property
    def total(self) -> Decimal:
        return sum(self.valores.values(), _ZERO)


def centavos(valor: Decimal) -> Decimal:
    return valor.quantize(_CENTAVO, ROUND_HALF_UP)


def apurar(historico: Historico, parcelas: Iterable[Parcela], fixos: dict[str, Decimal] | None = None) -> Apuracao:
    """Compute the tributes of `historico.pa`; `fixos` are the fixed amounts of ICMS and ISS, in reais, which stand in
    place of their share of the revenue (LC 123/2006, art. 18, § 18).

    Raises ForaDoSimulado when the revenue would have to be split at a limit.
    """
    parcelas = list(parcelas)
    atividades = [ATIVIDADES[parcela.atividade] for parcela in parcelas]
    historico.recusa_divisao({int(atividade.exporta) for atividade in atividades})
    fator_r = historico.fator_r() if any(a.anexo == FATOR_R for a in atividades) else None
    grupos: dict[tuple[object, ...], Grupo] = {}
    for parcela, atividade in zip(parcelas, atividades, strict=True):
        anexo = _anexo(atividade, fator_r)
        chave = (anexo, atividade.exporta, atividade.troca, atividade.sem, atividade.outro_municipio, parcela.removidos)
        if chave not in grupos:
            grupos[chave] = _grupo(historico, atividade, anexo, parcela.removidos | frozenset(fixos or {}))
        grupos[chave].somar(parcela)
    valores = _somar([grupo.tributos() for grupo in grupos.values()] + [fixos or {}])
    return Apuracao(valores, list(grupos.values()), (historico.rbt12(0), historico.rbt12(1)), fator_r)


def _somar(tributos: list[dict[str, Decimal]]) -> dict[int, Decimal]:
    valores: dict[int, Decimal] = {}
    for nome, codigo in CODIGOS.items():
        total = sum((partes.get(nome, _ZERO) for partes in tributos), _ZERO)
        if total:
            valores[codigo] = total
    return valores


def _anexo(atividade: Atividade, fator_r: Decimal | None) -> str:
    if atividade.anexo != FATOR_R:
        return atividade.anexo
    return "III" if fator_r is not None and fator_r >= CORTE_FATOR_R else "V"


def _grupo(historico: Historico, atividade: Atividade, anexo: str, removidos: frozenset[str]) -> Grupo:
    mercado = int(atividade.exporta)
    rbt12 = historico.rbt12(mercado)
    taxas = dict(aliquotas(historico.pa, anexo, rbt12))
    if atividade.troca:
        tributo, origem = atividade.troca
        taxas[tributo] = aliquotas(historico.pa, origem, rbt12)[tributo]
    fora = atividade.sem | removidos
    if atividade.exporta:
        fora |= _FORA_DA_EXPORTACAO
    if historico.sem_icms_iss(mercado):
        fora |= _LOCAIS
    return Grupo(anexo, rbt12, {tributo: taxa for tributo, taxa in taxas.items() if tributo not in fora})
