"""Revenue of twelve months (RBT12) and fator r, first year of activity included.

Sources: LC 123/2006, art. 18, §§ 1 and 24; Resolução CGSN 140/2018, art. 22 (until 12/2026); LC 214/2025, art. 517, and
Resolução CGSN 190/2026 (from 01/2027: the window ends one month earlier).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from comum.formatos import format_competencia, format_dinheiro
from empresas.calendario import somar_meses
from guias.calculo.recusa import Recusa

REGRA_2027 = date(2027, 1, 1)
_ZERO = Decimal(0)
R_MINIMO_ANEXO_III = Decimal("0.28")
_R_SEM_FOLHA = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ReceitaMes:
    """Revenue of a month, or of a sum of months, by market, in reais."""

    interno: Decimal = _ZERO
    externo: Decimal = _ZERO

    @property
    def total(self) -> Decimal:
        return self.interno + self.externo


@dataclass(frozen=True, slots=True)
class Rbt12:
    """RBT12 by market. `meses_r` are the months whose payroll and revenue make fator r; none when given as a total."""

    interno: Decimal
    externo: Decimal
    explicacao: tuple[str, ...]
    meses_r: tuple[date, ...] = ()
    receita_r: Decimal = _ZERO


def _distancia(de: date, ate: date) -> int:
    return (ate.year - de.year) * 12 + ate.month - de.month


def _entre(de: date, ate: date) -> list[date]:
    return [somar_meses(de, passo) for passo in range(_distancia(de, ate) + 1)]


def faltam(oque: str, meses: Sequence[date], informados: Mapping[date, object]) -> Recusa | None:
    """A refusal naming the months without a figure; a month without movement has to be told as zero."""
    ausentes = [mes for mes in meses if mes not in informados]
    if not ausentes:
        return None
    quantos = f" ({len(ausentes)} meses)" if len(ausentes) > 2 else ""
    return Recusa(f"Falta {oque} de {_ditos(ausentes)}{quantos}. Informe os meses, com 0,00 onde não houve.")


def _ditos(meses: Sequence[date]) -> str:
    """Months in order, those that follow one another as a range: "10/2025 a 03/2026, 05/2026"."""
    trechos: list[list[date]] = []
    for mes in meses:
        if trechos and somar_meses(trechos[-1][-1], 1) == mes:
            trechos[-1].append(mes)
        else:
            trechos.append([mes])
    return ", ".join(_periodo(trecho) for trecho in trechos)


def _somar(meses: Sequence[date], anteriores: Mapping[date, ReceitaMes]) -> ReceitaMes:
    return ReceitaMes(
        sum((anteriores[mes].interno for mes in meses), _ZERO),
        sum((anteriores[mes].externo for mes in meses), _ZERO),
    )


def _linhas(dito: str, valor: ReceitaMes) -> tuple[str, ...]:
    linhas = [f"RBT12 do mercado interno, {dito}: {format_dinheiro(valor.interno)}."]
    if valor.externo:
        linhas.append(f"RBT12 do mercado externo, {dito}: {format_dinheiro(valor.externo)}.")
    return tuple(linhas)


def _periodo(meses: Sequence[date]) -> str:
    if len(meses) == 1:
        return format_competencia(meses[0])
    return f"{format_competencia(meses[0])} a {format_competencia(meses[-1])}"


def apurar_rbt12(
    competencia: date, abertura: date | None, anteriores: Mapping[date, ReceitaMes], do_mes: ReceitaMes
) -> Rbt12 | Recusa:
    """RBT12 of a competência. `abertura` is the month activity began; None for a business older than the window.

    Until 12/2026: months 1 (its own revenue times 12) and 2 to 12 (mean of the months before, times 12) are of the
    first year. From 2027: months 1 and 2 (band 1) and 3 to 13 (mean of the months before the preceding one, times 12).
    """
    recuo = 2 if competencia >= REGRA_2027 else 1
    if abertura is None:
        return _doze_meses(competencia, recuo, anteriores)
    inicio = abertura.replace(day=1)
    if inicio > competencia:
        return Recusa(
            f"A empresa iniciou em {format_competencia(inicio)}, depois de {format_competencia(competencia)}. "
            "Confira a competência ou a data de abertura."
        )
    ordem = _distancia(inicio, competencia) + 1
    if ordem > 11 + recuo:
        return _doze_meses(competencia, recuo, anteriores)
    if ordem <= recuo:
        return _primeiros(competencia, ordem, inicio, anteriores, do_mes)
    return _media(_entre(inicio, somar_meses(competencia, -recuo)), anteriores)


def _doze_meses(competencia: date, recuo: int, anteriores: Mapping[date, ReceitaMes]) -> Rbt12 | Recusa:
    meses = _entre(somar_meses(competencia, -recuo - 11), somar_meses(competencia, -recuo))
    if recusa := faltam("a receita", meses, anteriores):
        return recusa
    soma = _somar(meses, anteriores)
    # Payroll is always of the twelve months before the competência, also when the revenue window ends a month earlier.
    folha = tuple(_entre(somar_meses(competencia, -12), somar_meses(competencia, -1)))
    return Rbt12(soma.interno, soma.externo, _linhas(f"soma de {_periodo(meses)}", soma), folha, soma.total)


def _primeiros(
    competencia: date, ordem: int, inicio: date, anteriores: Mapping[date, ReceitaMes], do_mes: ReceitaMes
) -> Rbt12 | Recusa:
    """Month 1, and in the rule of 2027 month 2, where band 1 holds whatever the revenue."""
    meses = [competencia] if ordem == 1 else [inicio]
    if competencia < REGRA_2027:
        anual = ReceitaMes(do_mes.interno * 12, do_mes.externo * 12)
        return Rbt12(
            anual.interno,
            anual.externo,
            _linhas("1º mês de atividade, receita do mês × 12", anual),
            tuple(meses),
            do_mes.total,
        )
    if ordem == 2 and (recusa := faltam("a receita", meses, anteriores)):
        return recusa
    receita = do_mes.total if ordem == 1 else anteriores[inicio].total
    return Rbt12(_ZERO, _ZERO, (f"{ordem}º mês de atividade: alíquotas da 1ª faixa.",), tuple(meses), receita)


def _media(meses: list[date], anteriores: Mapping[date, ReceitaMes]) -> Rbt12 | Recusa:
    if recusa := faltam("a receita", meses, anteriores):
        return recusa
    soma = _somar(meses, anteriores)
    anual = ReceitaMes(soma.interno * 12 / len(meses), soma.externo * 12 / len(meses))
    dito = f"início de atividade, média de {_periodo(meses)} × 12"
    return Rbt12(anual.interno, anual.externo, _linhas(dito, anual), tuple(meses), soma.total)


def apurar_fator_r(folha: Decimal, receita: Decimal) -> Decimal:
    """Payroll over revenue of the same period: 0.01 without payroll, 0.28 with payroll and no revenue.

    Compared without rounding. The special values are those of the PGDAS-D manual.
    """
    if not folha:
        return _R_SEM_FOLHA
    return folha / receita if receita else R_MINIMO_ANEXO_III
