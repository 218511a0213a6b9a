"""The DAS: the worked examples of the law's tables, every special rule, and properties that hold for any revenue."""

import csv
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from empresas.calendario import somar_meses
from guias.calculo.anexos import Anexo, Faixa, TabelaAnexos, faixa_da_tabela
from guias.calculo.atividades import ATIVIDADES, Mercado
from guias.calculo.rbt12 import ReceitaMes
from guias.calculo.recusa import Recusa
from guias.calculo.simples import Entrada, Receita, Resultado, calcular
from guias.calculo.tributos import FORA_DA_EXPORTACAO, POR_CODIGO, Tributo

AQUI = Path(__file__).parent
DADOS = AQUI.parents[1] / "empresas" / "dados"
_COLUNAS = ("anexo", "faixa", "limite_superior_rbt12", "aliquota_nominal", "parcela_deduzir")


def faixas(arquivo: str) -> list[Faixa]:
    with (DADOS / arquivo).open(encoding="utf-8", newline="") as aberto:
        return [
            faixa_da_tabela(
                **{coluna: linha.pop(coluna) for coluna in _COLUNAS},  # type: ignore[arg-type]
                reparticao=linha,
            )
            for linha in csv.DictReader(aberto)
        ]


TABELA = TabelaAnexos.montar(faixas("simples_anexos.csv"), date(2018, 1, 1), date(2026, 12, 1))
TABELA_2027 = TabelaAnexos.montar(faixas("simples_anexos_2027.csv"), date(2027, 1, 1), date(2028, 12, 1))
EXEMPLOS: dict[str, dict[str, Any]] = {
    exemplo["nome"].split()[0]: exemplo
    for exemplo in json.loads((AQUI / "simples_exemplos.json").read_text(encoding="utf-8"))
}
NOVEMBRO = date(2026, 11, 1)
# An activity whose annex is fixed and that keeps every tribute.
ATIVIDADE_DO_ANEXO = {"I": 1, "II": 4, "III": 14, "IV": 17}


def meses(inicio: date, quantos: int, valor: str = "10000.00") -> dict[date, ReceitaMes]:
    return {somar_meses(inicio, passo): ReceitaMes(Decimal(valor)) for passo in range(quantos)}


def das(
    *receitas: Receita,
    competencia: date = NOVEMBRO,
    rbt12: str | None = "500000",
    tabela: TabelaAnexos | None = None,
    **campos: Any,
) -> Resultado | Recusa:
    if rbt12 is not None:
        campos["rbt12"] = ReceitaMes(Decimal(rbt12), Decimal(campos.pop("rbt12_externo", 0)))
    return calcular(
        Entrada(competencia=competencia, receitas=receitas, **campos),
        tabela or (TABELA_2027 if competencia.year >= 2027 else TABELA),
    )


def calculado(*receitas: Receita, **campos: Any) -> Resultado:
    resultado = das(*receitas, **campos)
    assert isinstance(resultado, Resultado), resultado
    return resultado


def recusado(*receitas: Receita, **campos: Any) -> str:
    resultado = das(*receitas, **campos)
    assert isinstance(resultado, Recusa), resultado
    assert resultado.motivo.endswith(".")
    return resultado.motivo


def receita(atividade: int = 1, valor: str = "45000.00", **campos: Any) -> Receita:
    return Receita(atividade, Decimal(valor), **campos)


def confere(resultado: Resultado, exemplo: Mapping[str, Any]) -> None:
    (grupo,) = resultado.grupos
    assert (grupo.anexo, grupo.faixa) == (exemplo["anexo"], exemplo["faixa"])
    assert grupo.aliquota_efetiva == Decimal(exemplo["aliquota_efetiva_pct"])
    assert resultado.valores == {Tributo(nome): Decimal(valor) for nome, valor in exemplo["tributos"].items()}
    assert resultado.total == Decimal(exemplo["das"])


@pytest.mark.parametrize("numero", ["1", "2", "5", "6", "7"])
def test_worked_example(numero: str) -> None:
    exemplo = EXEMPLOS[numero]
    atividade = ATIVIDADE_DO_ANEXO[exemplo["anexo"]]
    confere(calculado(receita(atividade, exemplo["receita"]), rbt12=exemplo["rbt12"]), exemplo)


@pytest.mark.parametrize("numero", ["3a", "3b"])
def test_worked_example_of_fator_r(numero: str) -> None:
    exemplo = EXEMPLOS[numero]
    resultado = calculado(receita(11, exemplo["receita"]), rbt12=exemplo["rbt12"], folha12=Decimal(exemplo["folha12"]))
    confere(resultado, exemplo)
    assert resultado.fator_r == Decimal(exemplo["fator_r"])


def test_worked_example_of_the_first_month() -> None:
    exemplo = EXEMPLOS["4a"]
    resultado = calculado(
        receita(14, exemplo["receita"]), rbt12=None, competencia=date(2026, 3, 1), abertura=date(2026, 3, 17)
    )
    confere(resultado, exemplo)
    assert resultado.rbt12.interno == Decimal(exemplo["rbt12"])


def test_worked_example_of_the_third_month() -> None:
    exemplo = EXEMPLOS["4b"]
    anteriores = {date(2026, 3, 1): ReceitaMes(Decimal(30000)), date(2026, 4, 1): ReceitaMes(Decimal(10000))}
    resultado = calculado(
        receita(14, exemplo["receita"]),
        rbt12=None,
        competencia=date(2026, 5, 1),
        abertura=date(2026, 3, 17),
        anteriores=anteriores,
    )
    confere(resultado, exemplo)


def test_worked_example_of_2027() -> None:
    exemplo = EXEMPLOS["11"]
    anteriores = meses(date(2025, 12, 1), 11, "40000.00") | {
        date(2026, 11, 1): ReceitaMes(Decimal(60000)),
        date(2026, 12, 1): ReceitaMes(Decimal(999999)),
    }
    resultado = calculado(
        receita(14, exemplo["receita"]), rbt12=None, competencia=date(2027, 1, 1), anteriores=anteriores
    )
    confere(resultado, exemplo)


def test_the_icms_of_band_six_comes_from_band_five() -> None:
    grupo = calculado(receita(1, "300000.00"), rbt12="4000000").grupos[0]
    assert grupo.partes[Tributo.ICMS] == Decimal(EXEMPLOS["7"]["icms_pct"])


@pytest.mark.parametrize(("anexo", "atividade", "folha"), [("III", 14, None), ("IV", 17, None), ("V", 11, "1.00")])
def test_the_iss_of_band_six_stays_at_five_percent(anexo: str, atividade: int, folha: str | None) -> None:
    folha12 = Decimal(folha) if folha else None
    grupo = calculado(receita(atividade, "100000.00"), rbt12="4500000", folha12=folha12).grupos[0]
    assert grupo.anexo == anexo
    assert grupo.valores[Tributo.ISS] == Decimal("5000.00")
    federais = sum(parte for tributo, parte in grupo.partes.items() if tributo is not Tributo.ISS)
    assert federais == grupo.aliquota_efetiva


@pytest.mark.parametrize(("atividade", "limiar"), [(14, "14.92537"), (17, "12.5")])
def test_the_iss_cap_begins_where_the_law_says(atividade: int, limiar: str) -> None:
    for rbt12 in range(1_850_000, 3_600_001, 50_000):
        grupo = calculado(receita(atividade), rbt12=str(rbt12)).grupos[0]
        assert (grupo.partes[Tributo.ISS] == 5) == (grupo.aliquota_efetiva > Decimal(limiar)), rbt12


def test_the_cap_of_annex_iv_splits_the_excess_as_printed() -> None:
    grupo = calculado(receita(17, "100000.00"), rbt12="3600000").grupos[0]
    excedente = grupo.aliquota_efetiva - 5
    assert grupo.partes[Tributo.PIS] == excedente * Decimal("6.54") / 100
    assert sum(grupo.partes.values()) == grupo.aliquota_efetiva


def test_no_revenue_in_twelve_months_uses_the_nominal_rate() -> None:
    grupo = calculado(receita(1, "1000.00"), rbt12="0").grupos[0]
    assert (grupo.faixa, grupo.aliquota_efetiva) == (1, Decimal(4))


@pytest.mark.parametrize(("rbt12", "faixa"), [("180000", 1), ("180000.01", 2), ("3600000", 5), ("3600000.01", 6)])
def test_a_band_takes_its_own_limit(rbt12: str, faixa: int) -> None:
    assert calculado(receita(), rbt12=rbt12).grupos[0].faixa == faixa


def test_a_tax_collected_elsewhere_leaves_without_redistribution() -> None:
    inteiro = calculado(receita(1))
    sem_icms = calculado(receita(2))
    sem_pis = calculado(receita(2, removidos=frozenset({Tributo.PIS, Tributo.COFINS})))
    assert sem_icms.total == inteiro.total - inteiro.valores[Tributo.ICMS]
    assert sem_pis.total == inteiro.total - inteiro.valores[Tributo.PIS] - inteiro.valores[Tributo.COFINS]


def test_retained_iss_leaves_by_itself() -> None:
    assert Tributo.ISS not in calculado(receita(15)).valores


def test_a_reduction_lowers_only_its_tribute() -> None:
    inteiro, reduzido = calculado(receita(1)), calculado(receita(1, reducoes={Tributo.ICMS: Decimal(50)}))
    assert reduzido.valores[Tributo.ICMS] == Decimal("507.12")
    assert reduzido.valores[Tributo.CPP] == inteiro.valores[Tributo.CPP]
    assert "ICMS: (R$ 45.000,00 − R$ 22.500,00 dispensados) × 2,25388 % = R$ 507,12." in reduzido.explicacao


@pytest.mark.parametrize("id_", [id_ for id_, a in ATIVIDADES.items() if a.mercado is Mercado.EXTERNO])
def test_exports_keep_only_irpj_csll_and_cpp(id_: int) -> None:
    resultado = calculado(receita(id_), rbt12_externo="500000", folha12=Decimal(1))
    assert resultado.total > 0
    assert not resultado.valores.keys() & FORA_DA_EXPORTACAO


def test_each_market_has_its_own_band() -> None:
    resultado = calculado(receita(1), receita(3), rbt12="100000", rbt12_externo="900000")
    assert [grupo.faixa for grupo in resultado.grupos] == [1, 4]


def test_rental_of_goods_has_no_iss() -> None:
    assert calculado(receita(7)).total == calculado(receita(15)).total


def test_transport_swaps_the_iss_of_annex_iii_for_the_icms_of_annex_i() -> None:
    transporte, comercio, servico = (calculado(receita(id_)).valores for id_ in (34, 1, 14))
    assert transporte[Tributo.ICMS] == comercio[Tributo.ICMS]
    assert transporte[Tributo.CPP] == servico[Tributo.CPP]
    assert Tributo.ISS not in transporte
    assert Tributo.ICMS not in calculado(receita(35)).valores


def test_ipi_and_iss_together_swap_the_icms_of_annex_ii() -> None:
    ambos, industria, servico = (calculado(receita(id_)).valores for id_ in (41, 4, 14))
    assert ambos[Tributo.ISS] == servico[Tributo.ISS]
    assert ambos[Tributo.IPI] == industria[Tributo.IPI]
    assert Tributo.ICMS not in ambos


def test_revenue_of_one_treatment_is_rounded_once() -> None:
    partes = calculado(*(receita(1, "0.33") for _ in range(30)))
    assert partes.valores == calculado(receita(1, "9.90")).valores
    assert len(partes.grupos) == 1


def test_activities_of_one_annex_and_treatment_are_one_group() -> None:
    resultado = calculado(receita(14), receita(20), receita(14))
    assert [grupo.atividades for grupo in resultado.grupos] == [(14, 20)]


@pytest.mark.parametrize("outra", [13, 15, 17, 7, 30])
def test_another_treatment_is_another_group(outra: int) -> None:
    assert len(calculado(receita(14), receita(outra)).grupos) == 2


def test_icms_and_iss_leave_when_the_sublimit_was_passed() -> None:
    resultado = calculado(receita(1), receita(14), rbt12="4000000", icms_iss_fora=True)
    assert not resultado.valores.keys() & {Tributo.ICMS, Tributo.ISS}


@pytest.mark.parametrize(
    ("anteriores", "fora"),
    [
        (meses(date(2025, 1, 1), 12, "300000.00") | meses(date(2026, 1, 1), 10, "1.00"), False),
        (meses(date(2025, 1, 1), 12, "300000.01") | meses(date(2026, 1, 1), 10, "1.00"), True),
        (meses(date(2025, 11, 1), 2, "1.00") | meses(date(2026, 1, 1), 10, "440000.00"), True),
        (meses(date(2025, 11, 1), 12, "100000.00"), False),
    ],
)
def test_the_months_given_show_the_sublimit_passed(anteriores: dict[date, ReceitaMes], fora: bool) -> None:
    resultado = calculado(receita(14), rbt12=None, anteriores=anteriores)
    assert (Tributo.ISS not in resultado.valores) is fora
    assert any("Sublimite ultrapassado" in linha for linha in resultado.explicacao) is fora


def test_cbs_and_ibs_leave_in_the_regular_regime() -> None:
    janeiro = date(2027, 1, 1)
    inteiro = calculado(receita(14), competencia=janeiro)
    regular = calculado(receita(14), competencia=janeiro, ibs_cbs_regular=True)
    assert inteiro.valores.keys() - regular.valores.keys() == {Tributo.CBS, Tributo.IBS}


def test_rbt12_is_the_sum_of_the_twelve_months_before() -> None:
    anteriores = meses(date(2025, 11, 1), 12) | {date(2025, 10, 1): ReceitaMes(Decimal(99))}
    assert calculado(receita(), rbt12=None, anteriores=anteriores).rbt12.interno == Decimal(120000)


def test_month_thirteen_is_no_longer_the_first_year() -> None:
    anteriores = meses(date(2025, 11, 1), 12)
    resultado = calculado(receita(), rbt12=None, anteriores=anteriores, abertura=date(2025, 11, 30))
    assert "soma de 11/2025 a 10/2026" in resultado.explicacao[1]


@pytest.mark.parametrize(
    ("competencia", "rbt12", "dito"),
    [
        (date(2027, 2, 1), 0, "1º mês"),
        (date(2027, 3, 1), 0, "2º mês"),
        (date(2027, 4, 1), 120000, "média de 02/2027 × 12"),
        (date(2028, 2, 1), 120000, "média de 02/2027 a 12/2027 × 12"),
        (date(2028, 3, 1), 120000, "soma de 02/2027 a 01/2028"),
    ],
)
def test_first_year_from_2027(competencia: date, rbt12: int, dito: str) -> None:
    anteriores = {mes: valor for mes, valor in meses(date(2027, 2, 1), 24).items() if mes < competencia}
    resultado = calculado(
        receita(1), rbt12=None, competencia=competencia, abertura=date(2027, 2, 10), anteriores=anteriores
    )
    assert resultado.rbt12.interno == rbt12
    assert dito in resultado.explicacao[1]


def test_a_business_of_2026_follows_the_new_window_in_2027() -> None:
    anteriores = meses(date(2026, 10, 1), 3)
    resultado = calculado(
        receita(1), rbt12=None, competencia=date(2027, 1, 1), abertura=date(2026, 10, 5), anteriores=anteriores
    )
    assert "média de 10/2026 a 11/2026 × 12" in resultado.explicacao[1]


@pytest.mark.parametrize(
    ("folha", "anexo", "fator"),
    [("0.00", Anexo.V, "0.01"), ("28000.00", Anexo.III, "0.28"), ("27999.99", Anexo.V, "0.2799999")],
)
def test_fator_r_decides_without_rounding(folha: str, anexo: Anexo, fator: str) -> None:
    resultado = calculado(receita(11), rbt12="100000", folha12=Decimal(folha))
    assert (resultado.grupos[0].anexo, resultado.fator_r) == (anexo, Decimal(fator))


def test_payroll_without_revenue_is_annex_iii() -> None:
    assert calculado(receita(11), rbt12="0", folha12=Decimal(1)).grupos[0].anexo is Anexo.III


def test_fator_r_of_the_first_month_uses_the_month() -> None:
    resultado = calculado(receita(11, "10000.00"), rbt12=None, abertura=NOVEMBRO, folhas={NOVEMBRO: Decimal("2800.00")})
    assert resultado.fator_r == Decimal("0.28")


def test_fator_r_of_the_first_year_uses_the_months_before() -> None:
    anteriores = meses(date(2026, 8, 1), 3)
    folhas = dict.fromkeys(anteriores, Decimal("2700.00"))
    resultado = calculado(receita(11), rbt12=None, abertura=date(2026, 8, 1), anteriores=anteriores, folhas=folhas)
    assert resultado.fator_r == Decimal("0.27")


def test_export_revenue_counts_in_fator_r() -> None:
    resultado = calculado(receita(29), rbt12="50000", rbt12_externo="50000", folha12=Decimal(28000))
    assert resultado.fator_r == Decimal("0.28")


def test_payroll_is_not_asked_without_fator_r() -> None:
    assert calculado(receita(14)).fator_r is None


def test_a_month_without_revenue_owes_nothing() -> None:
    resultado = calculado(rbt12=None)
    assert resultado.total == 0
    assert not resultado.valores


@pytest.mark.parametrize(
    ("receitas", "campos", "trecho"),
    [
        ([receita(44)], {}, "atividade 44 não existe"),
        ([receita(1, "0")], {}, "maior que zero"),
        ([receita(1, "-1.00")], {}, "maior que zero"),
        ([receita(1, "1.001")], {}, "duas casas"),
        ([receita(1, removidos=frozenset({Tributo.ICMS}))], {}, "não aceita substituição"),
        ([receita(1, reducoes={Tributo.ICMS: Decimal(101)})], {}, "0 a 100"),
        ([receita()], {"rbt12": "4800000.01"}, "limite do Simples"),
        ([receita()], {"rbt12": None}, "Falta a receita de 11/2025 a 10/2026 (12 meses)"),
        ([receita()], {"rbt12": None, "abertura": date(2026, 12, 1)}, "iniciou em 12/2026"),
        ([receita()], {"competencia": date(2029, 1, 1)}, "Não há tabela"),
        ([receita(11)], {}, "folha de salários"),
        ([receita(11)], {"rbt12": None, "abertura": NOVEMBRO}, "Falta a folha de salários de 11/2026"),
        ([receita()], {"receita_ano": ReceitaMes(Decimal("3555000.01"))}, "sublimite de R$ 3.600.000,00"),
        ([receita()], {"receita_ano": ReceitaMes(Decimal(4755001)), "icms_iss_fora": True}, "passa do limite"),
        ([receita(3)], {"receita_ano": ReceitaMes(Decimal(0), Decimal(4755001))}, "passa do limite"),
        ([receita()], {"rbt12": "1900000", "sublimite": Decimal(1800000)}, "sublimite de R$ 1.800.000,00"),
        ([receita(1, "700000.00")], {"abertura": NOVEMBRO}, "sublimite de R$ 600.000,00"),
    ],
)
def test_refused_with_the_reason(receitas: list[Receita], campos: dict[str, Any], trecho: str) -> None:
    assert trecho in recusado(*receitas, **campos)


def test_the_sublimit_just_reached_is_not_passed() -> None:
    assert calculado(receita(), receita_ano=ReceitaMes(Decimal(3555000))).total > 0


def test_limits_not_checked_are_said() -> None:
    assert "não foram conferidos" in calculado(receita()).avisos[0]
    assert calculado(receita(), receita_ano=ReceitaMes(Decimal(0))).avisos == ()


def test_a_das_under_ten_reais_is_noticed() -> None:
    resultado = calculado(receita(1, "10.00"), receita_ano=ReceitaMes())
    assert "R$ 10,00" in resultado.avisos[0]


def test_amounts_by_code_of_the_pgdasd() -> None:
    assert calculado(receita()).por_codigo() == {
        "1001": Decimal("166.52"),
        "1002": Decimal("105.97"),
        "1004": Decimal("385.72"),
        "1005": Decimal("83.56"),
        "1006": Decimal("1271.59"),
        "1007": Decimal("1014.25"),
    }


def test_codes_of_2027_are_not_invented() -> None:
    resultado = calculado(receita(14), competencia=date(2027, 1, 1))
    assert resultado.sem_codigo == [Tributo.CBS, Tributo.IBS]
    assert set(resultado.por_codigo()) == {"1001", "1002", "1006", "1010"}


def test_the_arithmetic_is_told() -> None:
    assert calculado(receita(), receita_ano=ReceitaMes()).explicacao == (
        "Período de apuração 11/2026.",
        "RBT12 do mercado interno, informada: R$ 500.000,00.",
        "Atividade 1: Revenda de mercadorias, sem substituição tributária, tributação monofásica ou antecipação.",
        "Receita de R$ 45.000,00, Anexo I, 3ª faixa (RBT12 até R$ 720.000,00), alíquota efetiva: "
        "(R$ 500.000,00 × 9,5 % − R$ 13.860,00) ÷ R$ 500.000,00 = 6,728 %.",
        "IRPJ: R$ 45.000,00 × 0,37004 % = R$ 166,52.",
        "CSLL: R$ 45.000,00 × 0,23548 % = R$ 105,97.",
        "Cofins: R$ 45.000,00 × 0,857147 % = R$ 385,72.",
        "PIS/Pasep: R$ 45.000,00 × 0,185693 % = R$ 83,56.",
        "CPP (INSS): R$ 45.000,00 × 2,82576 % = R$ 1.271,59.",
        "ICMS: R$ 45.000,00 × 2,25388 % = R$ 1.014,25.",
        "DAS: R$ 3.027,61.",
    )


def test_special_rules_are_told() -> None:
    linhas = " ".join(calculado(receita(15), receita(34), rbt12="2400000").explicacao)
    assert "fica em 5 %" in linhas
    assert "Não entram no DAS desta receita: ISS." in linhas
    assert "ICMS pela parcela do Anexo I." in linhas
    fator = " ".join(calculado(receita(11), rbt12="600000", folha12=Decimal("167999.99")).explicacao)
    assert "= 0,2799999833 < 0,28: Anexo V." in fator


def test_all_43_activities_are_there() -> None:
    assert list(ATIVIDADES) == list(range(1, 44))
    assert len({atividade.nome for atividade in ATIVIDADES.values()}) == 43
    externas = {3, 6, 8, *range(28, 34), 38, 39, 43}
    assert {id_ for id_, atividade in ATIVIDADES.items() if atividade.mercado is Mercado.EXTERNO} == externas
    assert {id_ for id_, atividade in ATIVIDADES.items() if atividade.fator_r} == {10, 11, 12, 29}
    assert {id_ for id_, atividade in ATIVIDADES.items() if atividade.outro_municipio} == {10, 13, 16, 19, 22, 25, 40}


def test_codes_are_unique() -> None:
    assert POR_CODIGO["1010"] is Tributo.ISS
    assert len(POR_CODIGO) == 8


@pytest.mark.parametrize("estrago", ["falta", "soma", "limites"])
def test_a_damaged_table_is_refused(estrago: str) -> None:
    linhas = faixas("simples_anexos.csv")
    if estrago == "falta":
        linhas = linhas[1:]
    elif estrago == "soma":
        linhas[0] = replace(linhas[0], particao={Tributo.ICMS: Decimal(1)})
    else:
        linhas[0] = replace(linhas[0], limite=Decimal(10**9))
    with pytest.raises(ValueError, match="annex I:"):
        TabelaAnexos.montar(linhas, date(2018, 1, 1), date(2026, 12, 1))


VALORES = st.decimals(Decimal("0.01"), Decimal(2_000_000), places=2)
RBT12 = st.decimals(Decimal(0), Decimal(4_800_000), places=2).map(str)
IDS = st.sampled_from(sorted(ATIVIDADES))
COMPETENCIAS = st.sampled_from([NOVEMBRO, date(2027, 3, 1)])


@given(st.lists(st.tuples(IDS, VALORES), min_size=1, max_size=5), RBT12, RBT12, COMPETENCIAS)
@settings(max_examples=150)
def test_shares_add_up_and_are_never_negative(
    receitas: list[tuple[int, Decimal]], interno: str, externo: str, competencia: date
) -> None:
    resultado = calculado(
        *(Receita(id_, valor) for id_, valor in receitas),
        rbt12=interno,
        rbt12_externo=externo,
        folha12=Decimal(100000),
        competencia=competencia,
    )
    assert resultado.total == sum(grupo.total for grupo in resultado.grupos)
    assert sum(grupo.receita for grupo in resultado.grupos) == sum(valor for _, valor in receitas)
    for grupo in resultado.grupos:
        assert all(parte >= 0 for parte in grupo.partes.values())
        assert grupo.partes.get(Tributo.ISS, 0) <= 5
        assert grupo.total == sum(grupo.valores.values())


@given(st.sampled_from([1, 4, 14, 17]), RBT12, COMPETENCIAS)
def test_shares_make_the_effective_rate(atividade: int, rbt12: str, competencia: date) -> None:
    grupo = calculado(receita(atividade), rbt12=rbt12, competencia=competencia).grupos[0]
    if grupo.faixa < 6:
        assert abs(sum(grupo.partes.values()) - grupo.aliquota_efetiva) < Decimal("1E-20")


@given(IDS, VALORES, VALORES, RBT12)
def test_more_revenue_never_owes_less(atividade: int, a: Decimal, b: Decimal, rbt12: str) -> None:
    campos: dict[str, Any] = {"rbt12": rbt12, "rbt12_externo": rbt12, "folha12": Decimal(100000)}
    menor, maior = sorted((a, b))
    assert calculado(Receita(atividade, menor), **campos).total <= calculado(Receita(atividade, maior), **campos).total


@given(
    st.sampled_from([1, 4, 14, 17]),
    st.decimals(Decimal(0), Decimal(3_600_000), places=2),
    st.decimals(Decimal(0), Decimal(3_600_000), places=2),
)
def test_the_rate_never_falls_as_rbt12_grows(atividade: int, a: Decimal, b: Decimal) -> None:
    menor, maior = (calculado(receita(atividade), rbt12=str(valor)).grupos[0] for valor in sorted((a, b)))
    assert menor.aliquota_efetiva <= maior.aliquota_efetiva + Decimal("1E-20")
