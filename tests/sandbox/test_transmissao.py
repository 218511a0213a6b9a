"""PGDASD TRANSDECLARACAO11: every refusal by its code, the values, what is kept, MAED."""

import base64
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pypdf
import pytest

from tests.sandbox.integra import Cliente, atividade, cnpj, codigo, dados, declaracao, texto
from tests.sandbox_fixture import SandboxVivo

EMPRESA = cnpj(1)
VALORES = {1001: 37.00, 1002: 23.55, 1004: 85.71, 1005: 18.57, 1006: 282.58, 1007: 225.39}


def comparacao(**troca: float) -> list[dict[str, Any]]:
    return [{"codigoTributo": codigo, "valor": troca.get(str(codigo), valor)} for codigo, valor in VALORES.items()]


def valores(resposta: Any) -> dict[int, float]:
    return {item["codigoTributo"]: item["valor"] for item in dados(resposta)["valoresDevidos"]}


def texto_pdf(base: str) -> str:
    pagina, *outras = pypdf.PdfReader(io.BytesIO(base64.b64decode(base))).pages
    assert not outras
    return str(pagina.extract_text())


def test_transmission_answers_values_number_time_and_papers(cliente: Cliente) -> None:
    resposta = cliente.transmitir(EMPRESA)
    saida = dados(resposta)
    assert codigo(resposta) == "[Sucesso-PGDASD-MSG_ISN_033]"
    assert valores(resposta) == VALORES
    assert saida["idDeclaracao"] == f"{EMPRESA[:8]}202610001"
    assert saida["dataHoraTransmissao"] == "20261121100000"
    assert (saida["notificacaoMaed"], saida["darf"], saida["detalhamentoDarfMaed"]) == (None, None, None)


@pytest.mark.parametrize("papel", ["declaracao", "recibo"])
def test_papers_say_whose_they_are_and_that_they_have_no_fiscal_value(cliente: Cliente, papel: str) -> None:
    lido = texto_pdf(dados(cliente.transmitir(EMPRESA))[papel])
    for parte in ("TS.T00.001/0001-48", "10/2026", f"{EMPRESA[:8]}202610001", "672,80", "SEM VALOR FISCAL"):
        assert parte in lido


def test_transmission_is_one_effect_in_the_ledger(cliente: Cliente, sandbox: SandboxVivo) -> None:
    cliente.transmitir(EMPRESA, tag="minha-tag")
    (efeito,) = sandbox.controle.ledger()
    assert efeito["tipo"] == "declaracao_transmitida"
    assert (efeito["contribuinte"], efeito["pa"], efeito["sequencia"]) == (EMPRESA, "202610", 1)
    assert (efeito["numero"], efeito["valor"], efeito["tag"]) == (f"{EMPRESA[:8]}202610001", "672.80", "minha-tag")


def test_simulation_answers_values_only_and_keeps_nothing(cliente: Cliente, sandbox: SandboxVivo) -> None:
    resposta = cliente.transmitir(EMPRESA, indicadorTransmissao=False)
    saida = dados(resposta)
    assert valores(resposta) == VALORES
    assert saida["idDeclaracao"] is saida["declaracao"] is saida["recibo"] is None
    assert sandbox.controle.ledger() == []
    assert codigo(cliente.das(EMPRESA)) == "[EntradaIncorreta-PGDASD-MSG_ISN_005]"


def test_no_movement_leaves_the_activities_out(cliente: Cliente) -> None:
    resposta = cliente.transmitir(EMPRESA, atividades=None, receitaPaCompetenciaInterno=0)
    assert dados(resposta)["valoresDevidos"] == []


def sem(chave: str) -> Callable[[dict[str, Any]], None]:
    return lambda corpo: corpo.pop(chave)


def sem_na_declaracao(chave: str) -> Callable[[dict[str, Any]], None]:
    return lambda corpo: corpo["declaracao"].pop(chave)


def com(chave: str, valor: Any) -> Callable[[dict[str, Any]], None]:
    return lambda corpo: corpo.update({chave: valor})


def com_na_declaracao(**valores: Any) -> Callable[[dict[str, Any]], None]:
    return lambda corpo: corpo["declaracao"].update(valores)


def com_atividades(*atividades: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    return lambda corpo: corpo["declaracao"]["estabelecimentos"][0].update(atividades=list(atividades))


def com_receita(**receita: Any) -> Callable[[dict[str, Any]], None]:
    return com_atividades(atividade(receita.pop("numero", 1), 10000, **receita))


SUSPENSA = {
    "codTributo": 1007,
    "numeroProcesso": 50012345620264036100,
    "uf": "SP",
    "vara": "1ª Vara",
    "existeDeposito": True,
    "motivo": 1,
}


@pytest.mark.parametrize(
    ("mudar", "numero", "trecho"),
    [
        (sem("pa"), "036", "'Pa'"),
        (sem("cnpjCompleto"), "036", "'CnpjCompleto'"),
        (sem("indicadorComparacao"), "036", "'IndicadorComparacao'"),
        (sem_na_declaracao("tipoDeclaracao"), "036", "'TipoDeclaracao'"),
        (sem_na_declaracao("estabelecimentos"), "036", "'Estabelecimentos'"),
        (com("pa", "202610"), "036", "'Pa'"),
        (com("indicadorTransmissao", 1), "036", "'IndicadorTransmissao'"),
        (com("surpresa", 1), "036", "'Surpresa'"),
        (com_na_declaracao(receitaPaCompetenciaInterno="10000"), "036", "'ReceitaPaCompetenciaInterno'"),
        (com("indicadorComparacao", True), "036", "'ValoresParaComparacao'"),
        (com("cnpjCompleto", cnpj(2)), "008", "CnpjCompleto"),
        (com("pa", 202613), "008", "Pa"),
        (com("pa", 201712), "008", "Pa"),
        (com("pa", 202611), "002", "não se encerrou"),
        (com_na_declaracao(tipoDeclaracao=3), "008", "TipoDeclaracao"),
        (com_na_declaracao(tipoDeclaracao=2), "005", "retificar"),
        (com_na_declaracao(estabelecimentos=None), "009", "Estabelecimentos"),
        (com_na_declaracao(receitaPaCompetenciaInterno=-1), "010", "ReceitaPaCompetenciaInterno"),
        (com_na_declaracao(receitaPaCompetenciaInterno=1.234), "008", "ReceitaPaCompetenciaInterno"),
        (com_na_declaracao(receitaPaCompetenciaInterno=9999.99), "002", "ReceitaPaCompetenciaInterno"),
        (com_na_declaracao(receitaPaCompetenciaExterno=1), "002", "ReceitaPaCompetenciaExterno"),
        (com_na_declaracao(receitaPaCaixaInterno=1), "002", "ReceitaPaCaixaInterno"),
        (com_na_declaracao(valorFixoIss=0), "008", "ValorFixoIss"),
        (com_na_declaracao(folhasSalario=[{"pa": 202609, "valor": 1}]), "045", "fator r"),
        (com_na_declaracao(folhasSalario=[{"pa": 202509, "valor": 1}]), "008", "folhasSalario"),
        (com_na_declaracao(estabelecimentos=[], receitaPaCompetenciaInterno=0), "018", EMPRESA),
        (com_na_declaracao(estabelecimentos=[{"cnpjCompleto": EMPRESA}] * 2), "002", "repetido"),
        (com_na_declaracao(estabelecimentos=[{"cnpjCompleto": cnpj(2)}]), "008", "CnpjCompleto"),
        (com_na_declaracao(receitasBrutasAnteriores=None), "009", "ReceitasBrutasAnteriores"),
        (
            com_na_declaracao(naoOptante={"esferaAdm": "9", "uf": "SP", "codMunicipio": "7107", "processo": "1"}),
            "008",
            "",
        ),
        (com_atividades(), "023", "maior que zero"),
        (com_atividades(atividade(valor=0)), "023", "maior que zero"),
        (com_atividades(atividade(44)), "008", "IdAtividade"),
        (com_atividades(atividade(), atividade()), "002", "repetida"),
        (com_atividades({**atividade(), "valorAtividade": 9999}), "002", "não somam"),
        (com_receita(numero=13), "008", "CodigoOutroMunicipio"),
        (com_receita(numero=13, codigoOutroMunicipio="7107", outraUf="RJ"), "008", "CodigoOutroMunicipio"),
        (com_receita(codigoOutroMunicipio="7107", outraUf="SP"), "008", "CodigoOutroMunicipio"),
        (com_receita(outraUf="XX"), "008", "OutraUf"),
        (com_receita(outraUf="RJ"), "008", "OutraUf"),
        (com_receita(numero=34, outraUf="XX"), "008", "OutraUf"),
        (com_receita(qualificacoesTributarias=[{"codigoTributo": 1007, "id": 8}]), "032", "atividade 1"),
        (com_receita(qualificacoesTributarias=[{"codigoTributo": 1007, "id": 2}]), "008", "Id"),
        (com_receita(numero=2), "002", "E0044"),
        (com_receita(numero=15), "002", "E0044"),
        (
            com_receita(reducoes=[{"codTributo": 1007, "valor": 1, "percentualReducao": 0, "identificador": 1}]),
            "008",
            "PercentualReducao",
        ),
        (com_receita(isencoes=[{"codTributo": 1007, "valor": 10001, "identificador": 1}]), "008", "Valor"),
        (com_receita(isencoes=[{"codTributo": 1, "valor": 1, "identificador": 1}]), "008", "CodigoTributo"),
        (com_receita(isencoes=[{"codTributo": 1007, "valor": 1, "identificador": 8}]), "008", "Identificador"),
        (com_receita(isencoes=[{"codTributo": 1004, "valor": 1, "identificador": 1}]), "008", "CodTributo"),
        (com_receita(isencoes=[{"codTributo": 1001, "valor": 1, "identificador": 2}]), "008", "CodTributo"),
        (
            com_receita(reducoes=[{"codTributo": 1004, "valor": 1, "percentualReducao": 5, "identificador": 1}]),
            "008",
            "CodTributo",
        ),
        (com_receita(isencoes=[{"codTributo": 1007, "valor": 1, "identificador": 1}] * 2), "002", "mais de uma vez"),
        (
            com_receita(
                isencoes=[{"codTributo": 1007, "valor": 1, "identificador": 1}],
                qualificacoesTributarias=[{"codigoTributo": 1007, "id": 1}],
            ),
            "002",
            "mais de uma vez",
        ),
        (com_receita(exigibilidadesSuspensas=[SUSPENSA | {"vara": " "}]), "008", "Vara"),
        (com_receita(exigibilidadesSuspensas=[SUSPENSA | {"motivo": 7}]), "008", "Motivo"),
        (com_receita(exigibilidadesSuspensas=[SUSPENSA | {"uf": "XX"}]), "008", "Uf"),
        (com_receita(exigibilidadesSuspensas=[SUSPENSA | {"numeroProcesso": "12a"}]), "008", "NumeroProcesso"),
        (com_receita(exigibilidadesSuspensas=[SUSPENSA | {"numeroProcesso": 10**20}]), "008", "NumeroProcesso"),
        (com_receita(exigibilidadesSuspensas=[SUSPENSA | {"codMunicipio": "0001"}]), "008", "CodMunicipio"),
        (com_receita(exigibilidadesSuspensas=[{"codTributo": 1007}]), "036", "NumeroProcesso"),
    ],
)
def test_refused_and_nothing_is_stored(
    cliente: Cliente, sandbox: SandboxVivo, mudar: Callable[[dict[str, Any]], None], numero: str, trecho: str
) -> None:
    corpo = declaracao(EMPRESA)
    mudar(corpo)
    resposta = cliente.chamar("Declarar", EMPRESA, "TRANSDECLARACAO11", corpo)
    assert resposta.status_code == 400
    assert codigo(resposta) == f"[EntradaIncorreta-PGDASD-MSG_ISN_{numero}]"
    assert texto(resposta).startswith("SN-Entregar:")
    assert trecho in texto(resposta)
    assert sandbox.controle.ledger() == []


@pytest.mark.parametrize("lixo", ["", "{", "[]", "null", '{"pa": NaN}'])
def test_unreadable_dados_are_036(cliente: Cliente, lixo: str) -> None:
    resposta = cliente.chamar("Declarar", EMPRESA, "TRANSDECLARACAO11", lixo)
    assert codigo(resposta) == "[EntradaIncorreta-PGDASD-MSG_ISN_036]"


def test_missing_branches_are_listed(cliente: Cliente, sandbox: SandboxVivo) -> None:
    filial = cnpj(1, 2)
    sandbox.controle.cadastro(contribuintes=[{"documento": EMPRESA, "filiais": [filial]}])
    resposta = cliente.transmitir(EMPRESA)
    assert codigo(resposta) == "[EntradaIncorreta-PGDASD-MSG_ISN_018]"
    assert filial in texto(resposta)
    todos = [{"cnpjCompleto": EMPRESA, "atividades": [atividade()]}, {"cnpjCompleto": filial}]
    assert cliente.transmitir(EMPRESA, estabelecimentos=todos).status_code == 200


def test_comparison_that_agrees_transmits(cliente: Cliente) -> None:
    iguais = [*comparacao(), {"codigoTributo": 1008, "valor": 0}]
    resposta = cliente.transmitir(EMPRESA, indicadorComparacao=True, valoresParaComparacao=iguais)
    assert codigo(resposta) == "[Sucesso-PGDASD-MSG_ISN_033]"


@pytest.mark.parametrize(
    "lista",
    [comparacao(**{"1001": 37.01}), comparacao()[:-1], [*comparacao(), {"codigoTributo": 1010, "valor": 0.01}]],
    ids=["one cent", "one missing", "one too many"],
)
def test_comparison_that_differs_is_free_and_transmits_nothing(
    cliente: Cliente, sandbox: SandboxVivo, lista: list[dict[str, Any]]
) -> None:
    resposta = cliente.transmitir(EMPRESA, indicadorComparacao=True, valoresParaComparacao=lista)
    assert codigo(resposta) == "[EntradaIncorreta-PGDASD-MSG_ISN_035]"
    assert "Calculados: 1001=37.00; 1002=23.55" in texto(resposta)
    assert "Informados: 1001=" in texto(resposta)
    assert sandbox.controle.ledger() == []
    assert sandbox.controle.chamadas()[-1]["cobranca"] == "nao"


def test_second_original_of_a_period_is_refused(cliente: Cliente) -> None:
    cliente.transmitir(EMPRESA)
    resposta = cliente.transmitir(EMPRESA)
    assert codigo(resposta) == "[EntradaIncorreta-PGDASD-MSG_ISN_002]"
    assert "retificadora" in texto(resposta)


def test_same_original_sent_at_once_happens_once(cliente: Cliente, sandbox: SandboxVivo) -> None:
    with ThreadPoolExecutor(8) as executor:
        respostas = list(executor.map(lambda _: cliente.transmitir(EMPRESA).status_code, range(8)))
    assert sorted(respostas) == [200, *[400] * 7]
    assert len(sandbox.controle.ledger()) == 1


def test_correction_takes_the_next_sequence(cliente: Cliente, sandbox: SandboxVivo) -> None:
    cliente.transmitir(EMPRESA)
    resposta = cliente.transmitir(EMPRESA, tipoDeclaracao=2, receitasBrutasAnteriores=None)
    assert dados(resposta)["idDeclaracao"].endswith("202610002")
    assert [efeito["sequencia"] for efeito in sandbox.controle.ledger()] == [1, 2]


def test_period_declared_on_the_portal_asks_for_a_correction(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cadastro(contribuintes=[{"documento": EMPRESA, "declarados": [{"pa": 202610, "interno": 1}]}])
    assert "retificadora" in texto(cliente.transmitir(EMPRESA))


def test_previous_revenue_of_a_declared_month_is_refused(cliente: Cliente) -> None:
    cliente.transmitir(EMPRESA, 202609)
    resposta = cliente.transmitir(EMPRESA, 202610)
    assert codigo(resposta) == "[EntradaIncorreta-PGDASD-MSG_ISN_048]"
    assert "202609" in texto(resposta)


def test_declared_and_informed_months_form_the_next_rbt12(cliente: Cliente) -> None:
    """RBT12 of 10/2026 = 500,000.00 informed in 09/2026 + 10,000.00 declared for 09/2026."""
    cliente.transmitir(EMPRESA, 202609)
    resposta = cliente.transmitir(EMPRESA, 202610, receitasBrutasAnteriores=None)
    efetiva = (510000 * 0.095 - 13860) / 510000
    assert sum(valores(resposta).values()) == pytest.approx(10000 * efetiva, abs=0.02)


def test_months_of_the_portal_form_the_rbt12(cliente: Cliente, sandbox: SandboxVivo) -> None:
    declarados = [{"pa": 202609, "interno": 500000}]
    sandbox.controle.cadastro(contribuintes=[{"documento": EMPRESA, "declarados": declarados}])
    assert valores(cliente.transmitir(EMPRESA, receitasBrutasAnteriores=None)) == VALORES


def test_first_month_of_a_new_business(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cadastro(contribuintes=[{"documento": EMPRESA, "abertura": "2026-10-05"}])
    unica: dict[str, Any] = {"atividades": [atividade(14, 30000)], "receitaPaCompetenciaInterno": 30000}
    resposta = cliente.transmitir(EMPRESA, receitasBrutasAnteriores=None, **unica)
    assert round(sum(valores(resposta).values()), 2) == 2580.00


@pytest.mark.parametrize("mudanca", [{"pa": 202609}, {}], ids=["period", "previous month"])
def test_nothing_exists_before_the_opening(cliente: Cliente, sandbox: SandboxVivo, mudanca: dict[str, Any]) -> None:
    sandbox.controle.cadastro(contribuintes=[{"documento": EMPRESA, "abertura": "2026-10-05"}])
    assert "anterior à abertura" in texto(cliente.transmitir(EMPRESA, **mudanca))


@pytest.mark.parametrize(("folha", "total"), [(140000, 997.20), (139999, 1752.00)])
def test_payroll_decides_the_annex(cliente: Cliente, folha: int, total: float) -> None:
    """r = 140,000 / 500,000 = 0.28 takes Anexo III; a real less takes Anexo V."""
    folhas = [{"pa": 202609, "valor": folha}]
    resposta = cliente.transmitir(EMPRESA, atividades=[atividade(11)], folhasSalario=folhas)
    assert round(sum(valores(resposta).values()), 2) == pytest.approx(total, abs=0.02)


def test_substitution_takes_its_tribute_out(cliente: Cliente) -> None:
    receita = atividade(2, 10000, qualificacoesTributarias=[{"codigoTributo": 1007, "id": 8}])
    esperados = {codigo: valor for codigo, valor in VALORES.items() if codigo != 1007}
    assert valores(cliente.transmitir(EMPRESA, atividades=[receita])) == esperados


def test_iss_of_another_municipality_takes_a_tom_code_as_text_or_number(cliente: Cliente) -> None:
    for numero, codigo_tom in ((1, "7107"), (2, 7107)):
        receita = atividade(13, 10000, codigoOutroMunicipio=codigo_tom, outraUf="SP")
        assert 1010 in valores(cliente.transmitir(cnpj(numero), atividades=[receita]))


def test_cash_regime_taxes_what_was_received(cliente: Cliente) -> None:
    mudancas: dict[str, Any] = {
        "receitaPaCompetenciaInterno": 77777,
        "receitaPaCaixaInterno": 10000,
        "receitaPaCaixaExterno": None,
    }
    assert valores(cliente.transmitir(EMPRESA, **mudancas)) == VALORES


def test_a_fixed_amount_stands_in_place_of_the_share(cliente: Cliente) -> None:
    assert valores(cliente.transmitir(EMPRESA, valorFixoIcms=100)) == VALORES | {1007: 100}


def test_a_fixed_amount_is_only_for_who_had_up_to_360_thousand_the_year_before(cliente: Cliente) -> None:
    anteriores = [{"pa": 202500 + mes, "valorInterno": 31000, "valorExterno": 0} for mes in range(1, 13)]
    resposta = cliente.transmitir(EMPRESA, valorFixoIcms=100, receitasBrutasAnteriores=anteriores)
    assert resposta.status_code == 400
    assert "Valor fixo não permitido" in texto(resposta)


def test_a_suspended_tribute_is_not_charged(cliente: Cliente) -> None:
    corpo = declaracao(EMPRESA)
    com_receita(exigibilidadesSuspensas=[SUSPENSA])(corpo)
    feito = cliente.chamar("Declarar", EMPRESA, "TRANSDECLARACAO11", corpo)
    assert valores(feito) == {codigo_: valor for codigo_, valor in VALORES.items() if codigo_ != 1007}


def test_every_activity_is_computed(cliente: Cliente) -> None:
    """Each id alone, with what it asks for; exports on their own market."""
    externos = {3, 6, 8, *range(28, 34), 38, 39, 43}
    qualificacoes = {2: 1007, 5: 1007, 35: 1007, 37: 1007, **dict.fromkeys((12, 15, 18, 21, 24, 27, 42), 1010)}
    municipios = {10, 13, 16, 19, 22, 25, 40}
    for numero in range(1, 44):
        receita: dict[str, Any] = {}
        if numero in qualificacoes:
            receita["qualificacoesTributarias"] = [{"codigoTributo": qualificacoes[numero], "id": 8}]
        if numero in municipios:
            receita |= {"codigoOutroMunicipio": "7107", "outraUf": "SP"}
        mercado: dict[str, Any] = {}
        if numero in externos:
            mercado = {"receitaPaCompetenciaInterno": 0, "receitaPaCompetenciaExterno": 10000}
        resposta = cliente.transmitir(cnpj(numero), atividades=[atividade(numero, 10000, **receita)], **mercado)
        devidos = set(valores(resposta))
        assert {1001, 1002} <= devidos, numero
        assert not devidos & {qualificacoes.get(numero)}
        assert not (numero in externos and devidos & {1004, 1005, 1007, 1008, 1010})


def test_period_of_2027_uses_the_new_annexes_and_window(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.relogio(fixo="2027-02-05T10:00:00")
    cliente.autenticar()
    mudancas: dict[str, Any] = {
        "receitasBrutasAnteriores": [{"pa": 202611, "valorInterno": 500000, "valorExterno": 0}],
        "atividades": [atividade(14, 40000)],
        "receitaPaCompetenciaInterno": 40000,
    }
    esperados = {1001: 159.55, 1002: 139.61, 1006: 1731.14, 1010: 1296.36, 1011: 654.56, 1012: 7.58}
    assert valores(cliente.transmitir(EMPRESA, 202701, **mudancas)) == esperados


def test_split_at_a_limit_is_refused_with_a_documented_text(cliente: Cliente) -> None:
    anteriores = [{"pa": 202609, "valorInterno": 3_595_000, "valorExterno": 0}]
    resposta = cliente.transmitir(EMPRESA, receitasBrutasAnteriores=anteriores)
    assert codigo(resposta) == "[EntradaIncorreta-PGDASD-MSG_ISN_002]"
    assert "sublimite" in texto(resposta)


def test_late_declaration_carries_the_fine(cliente: Cliente, sandbox: SandboxVivo) -> None:
    """Due on 21/09/2026, sent on 21/11/2026: three calendar months, 6 % of 672.80 is below the minimum of 50.00."""
    resposta = cliente.transmitir(EMPRESA, 202608)
    saida = dados(resposta)
    assert codigo(resposta) == "[Aviso-PGDASD-MSG_ISN_034]"
    assert saida["detalhamentoDarfMaed"]["valores"] == {"principal": 50.0, "multa": 0.0, "juros": 0.0, "total": 50.0}
    assert [efeito["tipo"] for efeito in sandbox.controle.ledger()] == ["declaracao_transmitida", "maed_lancada"]
    numero = saida["detalhamentoDarfMaed"]["numeroDocumento"]
    for papel in ("notificacaoMaed", "darf"):
        assert f"07.16.26325.{numero[9:16]}-{numero[16]}" in texto_pdf(saida[papel])


def test_correction_after_the_deadline_carries_no_fine(cliente: Cliente, sandbox: SandboxVivo) -> None:
    cliente.transmitir(EMPRESA)
    sandbox.controle.relogio(fixo="2026-12-10T10:00:00")
    cliente.autenticar()
    resposta = cliente.transmitir(EMPRESA, tipoDeclaracao=2, receitasBrutasAnteriores=None)
    assert codigo(resposta) == "[Sucesso-PGDASD-MSG_ISN_033]"
