"""What goes into a DAS and comes out of it, group by group, and how an accountant is told the arithmetic (pt-BR)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from comum.formatos import format_dinheiro, format_numero
from guias.calculo.anexos import Anexo, Parcelas
from guias.calculo.atividades import ATIVIDADES, Mercado
from guias.calculo.tributos import ICMS_ISS, Tributo


@dataclass(frozen=True, slots=True)
class Receita:
    """Revenue of the month in one PGDAS-D activity (1 to 43), in reais.

    `removidos` are the tributes collected another way (substitution, single-phase, retention); None takes what the
    activity usually means. `reducoes` are percentages off single tributes (100 = exempt). `afastados` leave whole for
    another reason: immunity, lançamento de ofício, suspended exigibility.
    """

    atividade: int
    valor: Decimal
    removidos: frozenset[Tributo] | None = None
    reducoes: Mapping[Tributo, Decimal] = field(default_factory=dict)
    afastados: frozenset[Tributo] = frozenset()


@dataclass(frozen=True, slots=True)
class Tratamento:
    """What makes revenue of several activities one group; the fields are those of Atividade, with the annex decided."""

    anexo: Anexo
    mercado: Mercado
    fora: frozenset[Tributo]
    emprestado: tuple[Tributo, Anexo] | None
    outro_municipio: bool
    removidos: frozenset[Tributo]


@dataclass(frozen=True, slots=True)
class Grupo:
    """Revenue with one treatment: shares in percent, and the amounts, rounded to the cent.

    `dispensas` is the part of the revenue on which a tribute is not due (reductions and exemptions).
    """

    atividades: tuple[int, ...]
    mercado: Mercado
    receita: Decimal
    dispensas: Mapping[Tributo, Decimal]
    anexo: Anexo
    faixa: int
    aliquota_efetiva: Decimal
    partes: Mapping[Tributo, Decimal]
    valores: Mapping[Tributo, Decimal]

    @property
    def total(self) -> Decimal:
        return sum(self.valores.values(), Decimal("0.00"))


def _pct(valor: Decimal) -> str:
    """Percentage with up to six decimals: 6,728 %."""
    return f"{format_numero(valor, 6).rstrip('0').rstrip(',')} %"


def fator_dito(valor: Decimal) -> str:
    """Fator r with up to ten decimals, so that 0.2799999833 does not read 0,28."""
    return format_numero(valor, 10).rstrip("0")


def explicar(grupo: Grupo, tratamento: Tratamento, parcelas: Parcelas, rbt12: Decimal) -> list[str]:
    """Lines for one group: band and effective rate, special rules met, what was left out, and each tribute."""
    return [
        *(f"Atividade {id_}: {ATIVIDADES[id_].nome}." for id_ in grupo.atividades),
        f"Receita de {format_dinheiro(grupo.receita)}, {_faixa_dita(parcelas, rbt12)}",
        *_regras_ditas(grupo, tratamento, parcelas),
        *(_conta(grupo, tributo) for tributo in grupo.partes),
    ]


def _faixa_dita(parcelas: Parcelas, rbt12: Decimal) -> str:
    faixa = parcelas.faixa
    conta = f"sem receita nos 12 meses, alíquota nominal de {_pct(faixa.aliquota)}"
    if rbt12:
        base = format_dinheiro(rbt12)
        deducao = format_dinheiro(faixa.deducao)
        conta = f"({base} × {_pct(faixa.aliquota)} − {deducao}) ÷ {base} = {_pct(parcelas.efetiva)}"
    limite = format_dinheiro(faixa.limite)
    return f"Anexo {faixa.anexo}, {faixa.numero}ª faixa (RBT12 até {limite}), alíquota efetiva: {conta}."


def _regras_ditas(grupo: Grupo, tratamento: Tratamento, parcelas: Parcelas) -> Iterator[str]:
    if parcelas.teto_iss:
        yield "A parte do ISS passaria de 5 %: fica em 5 % e o excedente vai para os tributos federais."
    if parcelas.formula_sublimite and grupo.partes.keys() & ICMS_ISS:
        yield "ICMS e ISS acima do sublimite: alíquota efetiva e partilha da 5ª faixa."
    if tratamento.emprestado and tratamento.emprestado[0] in grupo.partes:
        yield f"{tratamento.emprestado[0].rotulo} pela parcela do Anexo {tratamento.emprestado[1]}."
    emprestados = {tratamento.emprestado[0]} if tratamento.emprestado else set()
    ausentes = (parcelas.partes.keys() | emprestados) - grupo.partes.keys()
    if ausentes:
        yield f"Não entram no DAS desta receita: {', '.join(sorted(tributo.rotulo for tributo in ausentes))}."


def _conta(grupo: Grupo, tributo: Tributo) -> str:
    base = format_dinheiro(grupo.receita)
    if dispensa := grupo.dispensas.get(tributo):
        base = f"({base} − {format_dinheiro(dispensa)} dispensados)"
    return f"{tributo.rotulo}: {base} × {_pct(grupo.partes[tributo])} = {format_dinheiro(grupo.valores[tributo])}."
