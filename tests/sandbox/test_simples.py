"""The sandbox's own Simples Nacional against the worked examples (LC 123/2006, LC 214/2025)."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.calendario import soma_meses
from sandbox.simples.acrescimos import SelicDesconhecida, consolidar, maed
from sandbox.simples.anexos import CODIGOS, ForaDoSimulado, aliquotas, tabela_de
from sandbox.simples.calculo import Apuracao, Parcela, apurar
from sandbox.simples.historico import Historico

EXEMPLOS: dict[str, dict[str, Any]] = {
    exemplo["nome"].split(" ")[0]: exemplo
    for exemplo in json.loads((Path(__file__).parent / "simples_exemplos.json").read_text(encoding="utf-8"))
}
ZERO = Decimal(0)
D = Decimal


def antigo(pa: int, rbt12: str, receita: str, folha12: str = "0") -> Historico:
    """An old business whose whole RBT12 and payroll lie in one month of the window."""
    mes = soma_meses(pa, -2)
    return Historico(pa, (D(receita), ZERO), {mes: (D(rbt12), ZERO)}, {mes: D(folha12)})


def confere(apuracao: Apuracao, exemplo: dict[str, Any]) -> None:
    esperado = {CODIGOS[tributo]: D(valor) for tributo, valor in exemplo["tributos"].items()}
    assert apuracao.valores == esperado
    assert apuracao.total == D(exemplo["das"])


@pytest.mark.parametrize(
    ("chave", "pa", "atividade"),
    [
        ("1", 202610, 1),
        ("2", 202610, 14),
        ("5", 202610, 17),
        ("6", 202610, 4),
        ("7", 202603, 1),
        ("11", 202701, 14),
    ],
)
def test_worked_example_of_an_old_business(chave: str, pa: int, atividade: int) -> None:
    exemplo = EXEMPLOS[chave]
    receita = D(exemplo["receita"])
    historico = antigo(pa, exemplo["rbt12"], exemplo["receita"])
    if chave == "7":  # the sublimit counts calendar years: spread the RBT12 so that none exceeds it
        historico = Historico(pa, (receita, ZERO), {202512: (D("3500000"), ZERO), 202601: (D("500000"), ZERO)})
    confere(apurar(historico, [Parcela(atividade, receita)]), exemplo)


@pytest.mark.parametrize("chave", ["3a", "3b"])
def test_fator_r_chooses_between_annexes_iii_and_v(chave: str) -> None:
    exemplo = EXEMPLOS[chave]
    historico = antigo(202610, exemplo["rbt12"], exemplo["receita"], exemplo["folha12"])
    apuracao = apurar(historico, [Parcela(11, D(exemplo["receita"]))])
    confere(apuracao, exemplo)
    assert apuracao.fator_r == D(exemplo["fator_r"])


def test_fator_r_with_no_payroll_is_one_percent_and_with_no_revenue_is_the_cut() -> None:
    assert antigo(202610, "600000", "1").fator_r() == D("0.01")
    assert antigo(202610, "0", "1", "100").fator_r() == D("0.28")


def test_payroll_window_does_not_move_back_in_2027() -> None:
    historico = Historico(202702, (D(1), ZERO), {202612: (D(100), ZERO)}, {202701: D(28), 202601: D(1000)})
    assert historico.fator_r() == D("0.28")


def test_second_month_in_2027_compares_payroll_and_revenue_of_the_first() -> None:
    historico = Historico(202702, (D(1), ZERO), {202701: (D(100), ZERO)}, {202701: D(50)}, abertura=202701)
    assert historico.fator_r() == D("0.5")


def test_first_month_multiplies_its_own_revenue_by_twelve() -> None:
    historico = Historico(202603, (D(30000), ZERO), abertura=202603)
    confere(apurar(historico, [Parcela(14, D(30000))]), EXEMPLOS["4a"])


def test_following_months_use_the_mean_of_the_previous_ones() -> None:
    historico = Historico(
        202605, (D(25000), ZERO), {202603: (D(30000), ZERO), 202604: (D(10000), ZERO)}, abertura=202603
    )
    confere(apurar(historico, [Parcela(14, D(25000))]), EXEMPLOS["4b"])


@pytest.mark.parametrize(
    ("abertura", "esperado"),
    [
        (202701, "0"),  # second month: band 1
        (202612, "1200"),  # third month: mean of the first one
        (202601, "1200"),  # fourteenth month: the general rule
    ],
)
def test_first_year_from_2027_leaves_the_preceding_month_out(abertura: int, esperado: str) -> None:
    meses = {soma_meses(202701, -n): (D(100), ZERO) for n in range(0, 14)}
    historico = Historico(202702, (D(7), ZERO), meses, abertura=abertura)
    assert historico.rbt12(0) == D(esperado)


def test_rbt12_of_january_2027_goes_from_december_2025_to_november_2026() -> None:
    assert sorted(Historico(202701, (ZERO, ZERO)).janela()) == [202512, *range(202601, 202612)]


@pytest.mark.parametrize("pa", [202610, 202701])
def test_shares_of_bands_one_to_five_add_up_to_the_effective_rate(pa: int) -> None:
    for anexo, faixas in tabela_de(pa).items():
        for faixa in faixas[:5]:
            soma = sum(aliquotas(pa, anexo, faixa.limite).values(), ZERO)
            assert abs(soma - faixa.efetiva(faixa.limite)) < D("1e-20")


def test_export_owes_only_the_three_federal_tributes() -> None:
    historico = Historico(202610, (ZERO, D(1000)), {202609: (ZERO, D(100000))})
    assert set(apurar(historico, [Parcela(3, D(1000))]).valores) == {1001, 1002, 1006}


def test_export_uses_its_own_rbt12() -> None:
    meses = {202609: (D(3_000_000), ZERO)}
    exporta = apurar(Historico(202610, (ZERO, D(1000)), meses), [Parcela(30, D(1000))])
    assert exporta.grupos[0].rbt12 == 0


def test_removed_tribute_is_not_given_to_the_others() -> None:
    cheio = apurar(antigo(202610, "500000", "1000"), [Parcela(1, D(1000))]).valores
    sem = apurar(antigo(202610, "500000", "1000"), [Parcela(2, D(1000), frozenset({"icms"}))]).valores
    assert sem == {codigo: valor for codigo, valor in cheio.items() if codigo != 1007}


def test_exempt_revenue_lowers_one_tribute_only() -> None:
    parcela = Parcela(1, D(1000), dispensas=(("icms", D(400)),))
    cheio = apurar(antigo(202610, "100000", "1000"), [Parcela(1, D(1000))]).valores
    parcial = apurar(antigo(202610, "100000", "1000"), [parcela]).valores
    assert parcial == cheio | {1007: D("8.16")}


def test_transport_takes_icms_from_annex_i_and_no_iss() -> None:
    valores = apurar(antigo(202610, "100000", "1000"), [Parcela(34, D(1000))]).valores
    assert valores[1007] == D("13.60")
    assert 1010 not in valores


def test_ipi_and_iss_together_take_iss_from_annex_iii_and_no_icms() -> None:
    valores = apurar(antigo(202610, "100000", "1000"), [Parcela(41, D(1000))]).valores
    assert (valores[1008], valores[1010]) == (D("3.38"), D("20.10"))
    assert 1007 not in valores


def test_rental_of_movables_owes_no_iss() -> None:
    assert 1010 not in apurar(antigo(202610, "100000", "1000"), [Parcela(7, D(1000))]).valores


def test_icms_leaves_the_das_in_the_year_after_the_sublimit() -> None:
    historico = Historico(202601, (D(1000), ZERO), {202512: (D(3_700_000), ZERO)})
    assert 1007 not in apurar(historico, [Parcela(1, D(1000))]).valores


def test_month_that_crosses_the_sublimit_is_refused() -> None:
    with pytest.raises(ForaDoSimulado, match="sublimite"):
        apurar(Historico(202610, (D(200_000), ZERO), {202609: (D(3_500_000), ZERO)}), [Parcela(1, D(200_000))])


def test_sublimit_of_exports_splits_nothing() -> None:
    historico = Historico(202610, (ZERO, D(200_000)), {202609: (ZERO, D(3_500_000))})
    assert apurar(historico, [Parcela(3, D(200_000))]).total > 0


@pytest.mark.parametrize("chave", ["8a", "8b", "8c", "8d"])
def test_late_das(chave: str) -> None:
    exemplo = EXEMPLOS[chave]
    selic: dict[int, Decimal | None] = {202611: D("1.05"), 202612: D("1.12"), 202602: D("1.22")}
    datas = {
        "8a": (date(2026, 10, 20), date(2026, 11, 21)),
        "8b": (date(2026, 10, 20), date(2027, 1, 15)),
        "8c": (date(2026, 3, 28), date(2026, 4, 5)),
        "8d": (date(2026, 1, 20), date(2026, 3, 7)),
    }
    vencimento, pagamento = datas[chave]
    consolidado = consolidar(D(exemplo["principal"]), vencimento, pagamento, selic.get)
    assert (consolidado.multa, consolidado.juros) == (D(exemplo["multa"]), D(exemplo["juros"]))
    assert consolidado.total == D(exemplo["total"])


def test_late_das_needs_the_selic_of_the_months_between() -> None:
    with pytest.raises(SelicDesconhecida):
        consolidar(D(100), date(2026, 9, 21), date(2026, 11, 3), lambda _: None)


@pytest.mark.parametrize(
    ("chave", "prazo", "entrega"),
    [("9a", date(2026, 7, 20), date(2026, 9, 5)), ("9b", date(2026, 7, 20), date(2026, 7, 21))],
)
def test_late_declaration_fine(chave: str, prazo: date, entrega: date) -> None:
    assert maed(D(EXEMPLOS[chave]["base"]), prazo, entrega) == D(EXEMPLOS[chave]["multa_bruta"])
