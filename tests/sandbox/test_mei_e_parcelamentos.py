"""PGMEI, CCMEI and the instalments of the simulator, spoken to as another program would."""

import threading
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.documentos import digitos_cnpj
from sandbox.integra_contador.catalogo import catalogo
from sandbox.simples import mei
from tests.sandbox.integra import Cliente, codigo, dados
from tests.sandbox_fixture import SandboxVivo


def de_teste(numero: int) -> str:
    doze = f"SBX{numero:05d}0001"
    return doze + digitos_cnpj(doze)


def chamar(cliente: Cliente, contribuinte: str, servico: str, corpo: Any = "", *, tipo: int = 2) -> httpx.Response:
    linha = next(linha for linha in catalogo().values() if linha.servico == servico)
    envelope = cliente.envelope(contribuinte, servico, corpo)
    envelope["contribuinte"]["tipo"] = tipo
    envelope["pedidoDados"] |= {"idSistema": linha.sistema, "versaoSistema": linha.versao}
    return cliente.enviar(linha.rota, envelope)


def das(cliente: Cliente, numero: int, pa: str = "202610", **mais: Any) -> httpx.Response:
    return chamar(cliente, de_teste(numero), "GERARDASPDF21", {"periodoApuracao": pa, **mais})


def test_the_status_of_pgmei_is_text_and_its_detail_a_list(cliente: Cliente, sandbox: SandboxVivo) -> None:
    resposta = das(cliente, 40)
    assert resposta.json()["status"] == "200"
    assert codigo(resposta) == "Sucesso-PGMEI"
    [item] = dados(resposta)
    [detalhe] = item["detalhamento"]
    assert detalhe["valores"] == {"principal": 86.05, "multa": 0.0, "juros": 0.0, "total": 86.05}
    assert [parte["codigo"] for parte in detalhe["composicao"]] == [mei.INSS, mei.ISS]
    [efeito] = sandbox.controle.ledger(tipo="das_mei_emitido")
    assert (efeito["numero"], efeito["pa"]) == (detalhe["numeroDocumento"], "202610")


def test_the_bar_code_comes_in_four_fields_and_without_pdf(cliente: Cliente) -> None:
    resposta = chamar(cliente, de_teste(40), "GERARDASCODBARRA22", {"periodoApuracao": "202610"})
    [item] = dados(resposta)
    assert "pdf" not in item
    assert [len(bloco) for bloco in item["detalhamento"][0]["codigoDeBarras"]] == [12] * 4


def test_an_overdue_month_is_consolidated(cliente: Cliente) -> None:
    valores = dados(das(cliente, 40, "202608", dataConsolidacao="20261130"))[0]["detalhamento"][0]["valores"]
    assert (valores["multa"], valores["juros"]) == (17.21, 1.72)  # 20 % and 1 % + Selic of one month, truncated


@pytest.mark.parametrize(
    ("numero", "esperado", "http"),
    [
        (42, "Aviso-PGMEI-MSG_23017", 200),
        (43, "Aviso-PGMEI-MSG_13011", 200),
        (45, "EntradaIncorreta-PGMEI-MSG_23013", 200),
        (46, "EntradaIncorreta-PGMEI-MSG_23015", 200),
        (47, "Aviso-PGMEI-MSG_23018", 200),
        (48, "EntradaIncorreta-PGMEI-MSG_23008", 200),
        (49, "[Erro-PGMEI-MSG_23099]", 500),
    ],
)
def test_each_test_document_says_no_in_its_way(
    cliente: Cliente, sandbox: SandboxVivo, numero: int, esperado: str, http: int
) -> None:
    resposta = das(cliente, numero)
    assert (resposta.status_code, codigo(resposta)) == (http, esperado)
    assert sandbox.controle.ledger(tipo="das_mei_emitido") == []


@pytest.mark.parametrize(
    "corpo",
    [
        "",
        "[]",
        {},
        {"periodoApuracao": 202610},
        {"periodoApuracao": "202613"},
        {"periodoApuracao": "202612"},
        {"periodoApuracao": "201912"},
        {"periodoApuracao": "202610", "x": 1},
        {"periodoApuracao": "202610", "dataConsolidacao": "20261101"},
        {"periodoApuracao": "202610", "dataConsolidacao": "30/11/2026"},
    ],
)
def test_what_is_not_a_period_is_refused(cliente: Cliente, corpo: Any) -> None:
    resposta = chamar(cliente, de_teste(40), "GERARDASPDF21", corpo)
    assert (resposta.status_code, codigo(resposta)) == (400, "EntradaIncorreta-PGMEI-MSG_23030")


def test_the_selic_of_next_month_is_not_known(cliente: Cliente) -> None:
    assert codigo(das(cliente, 40, "202608", dataConsolidacao="20261220")) == "Aviso-PGMEI-MSG_23004"


def test_2027_waits_for_its_wage_and_then_has_cbs_and_ibs(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.relogio(fixo="2027-02-10T10:00:00-03:00")
    cliente.autenticar()
    assert codigo(das(cliente, 40, "202701")) == "EntradaIncorreta-PGMEI-MSG_23016"
    sandbox.controle.ajustes(**{"integra_contador.salario_minimo": {"2027": "1700.00"}})
    detalhe = dados(das(cliente, 40, "202701"))[0]["detalhamento"][0]
    assert detalhe["valores"]["principal"] == 91.0
    assert {parte["denominacao"] for parte in detalhe["composicao"]} == {"INSS", "ISS", "CBS", "IBS"}


def test_one_request_at_a_time_for_a_cnpj_and_a_year(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.ajustes(**{"integra_contador.pgmei_ms": 1500})
    codigos: list[str] = []
    fios = [
        threading.Thread(target=lambda pa=pa: codigos.append(codigo(das(cliente, 40, pa))))
        for pa in ("202609", "202610", "202512")
    ]
    for fio in fios:
        fio.start()
    for fio in fios:
        fio.join(30)
    assert sorted(codigos) == ["Erro-PGMEI-MSG_23099", "Sucesso-PGMEI", "Sucesso-PGMEI"]


def test_a_benefit_changes_what_is_due_until_it_is_undone(cliente: Cliente, sandbox: SandboxVivo) -> None:
    def marcar(marcado: bool) -> Any:
        meses = [{"periodoApuracao": "202610", "indicadorBeneficio": marcado}]
        corpo = {"anoCalendario": 2026, "infoBeneficio": meses}
        return dados(chamar(cliente, de_teste(40), "ATUBENEFICIO23", corpo))

    assert marcar(True) == [{"paOriginal": "202610", "indicadorBeneficio": True, "paAgrupado": "202611"}]
    assert codigo(das(cliente, 40)) == "Aviso-PGMEI-MSG_23017"
    marcar(False)
    assert codigo(das(cliente, 40)) == "Sucesso-PGMEI"
    assert [e["documento"] for e in sandbox.controle.ledger(tipo="beneficio_mei")] == ["202610=1", "202610=0"]


@pytest.mark.parametrize(
    "corpo",
    [
        {"anoCalendario": "2026", "infoBeneficio": [{"periodoApuracao": "202610", "indicadorBeneficio": True}]},
        {"anoCalendario": 2026, "infoBeneficio": []},
        {"anoCalendario": 2026, "infoBeneficio": [{"periodoApuracao": "202510", "indicadorBeneficio": True}]},
        {"anoCalendario": 2026, "infoBeneficio": [{"periodoApuracao": "202610", "indicadorBeneficio": "sim"}]},
    ],
)
def test_a_benefit_in_another_shape_is_refused(cliente: Cliente, corpo: Any) -> None:
    resposta = chamar(cliente, de_teste(40), "ATUBENEFICIO23", corpo)
    assert (resposta.status_code, codigo(resposta)) == (400, "EntradaIncorreta-PGMEI-MSG_23030")


def test_a_paid_month_has_no_slip_any_more(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.pagar(dados(das(cliente, 40))[0]["detalhamento"][0]["numeroDocumento"])
    assert codigo(das(cliente, 40)) == "Aviso-PGMEI-MSG_23018"


def test_ccmei_takes_no_data_and_the_cnpjs_are_asked_by_cpf(cliente: Cliente) -> None:
    assert dados(chamar(cliente, de_teste(40), "DADOSCCMEI122"))["empresario"]["cpf"] == "52998224725"
    assert dados(chamar(cliente, de_teste(40), "EMITIRCCMEI121"))[0]["pdf"]
    assert codigo(chamar(cliente, de_teste(40), "DADOSCCMEI122", {})) == "[EntradaIncorreta-CCMEI-CRT-0055]"
    assert codigo(chamar(cliente, de_teste(45), "EMITIRCCMEI121")) == "[Aviso-CCMEI-BSN-0010]"
    achados = dados(chamar(cliente, "52998224725", "CCMEISITCADASTRAL123", tipo=1))
    assert {"cnpj": de_teste(45), "situacao": "BAIXADA", "enquadradoMei": False} in achados
    assert codigo(chamar(cliente, de_teste(40), "CCMEISITCADASTRAL123")) == "[EntradaIncorreta-CCMEI-CRT-5010]"
    assert codigo(chamar(cliente, "11144477735", "CCMEISITCADASTRAL123", tipo=1)) == "[Aviso-CCMEI-BSN-0100]"


def test_a_parcelamento_is_listed_told_drawn_and_paid(cliente: Cliente, sandbox: SandboxVivo) -> None:
    quem = de_teste(51)
    [pedido] = dados(chamar(cliente, quem, "PEDIDOSPARC163"))["parcelamentos"]
    abertas = dados(chamar(cliente, quem, "PARCELASPARAGERAR162"))["listaParcelas"]
    detalhe = dados(chamar(cliente, quem, "OBTERPARC164", {"numeroParcelamento": pedido["numero"]}))
    assert (len(abertas), len(detalhe["demonstrativoPagamentos"])) == (2, 3)
    assert dados(chamar(cliente, quem, "GERARDAS161", {"parcelaParaEmitir": abertas[0]["parcela"]}))
    [efeito] = sandbox.controle.ledger(tipo="das_parcela_emitido")
    assert (efeito["documento"], efeito["pa"]) == ("PARCSN", str(abertas[0]["parcela"]))
    sandbox.controle.pagar(efeito["numero"])
    corpo = {"numeroParcelamento": 1, "anoMesParcela": abertas[0]["parcela"]}
    assert dados(chamar(cliente, quem, "DETPAGTOPARC165", corpo))["numeroDas"] == efeito["numero"]
    assert len(dados(chamar(cliente, quem, "PARCELASPARAGERAR162"))["listaParcelas"]) == 1


@pytest.mark.parametrize(
    ("numero", "servico", "corpo", "esperado"),
    [
        (52, "PARCELASPARAGERAR162", "", "[EntradaIncorreta-PARCSN-ER_N015]"),
        (53, "GERARDAS161", {"parcelaParaEmitir": 202610}, "[EntradaIncorreta-PARCSN-ER_N004]"),
        (54, "PARCELASPARAGERAR162", "", "[Aviso-PARCSN-ER_N013]"),
        (55, "PARCELASPARAGERAR162", "", "[Aviso-PARCSN-ER_N003]"),
        (57, "PARCELASPARAGERAR192", "", "[EntradaIncorreta-RELPSN-ER_N014]"),
        (51, "PARCELASPARAGERAR162", {}, "[EntradaIncorreta-PARCSN-ER_N007]"),
        (51, "GERARDAS161", {"parcelaParaEmitir": "202610"}, "[EntradaIncorreta-PARCSN-ER_N002]"),
        (51, "GERARDAS161", {"parcelaParaEmitir": 202712}, "[Aviso-PARCSN-ER_N006]"),
        (51, "OBTERPARC164", {"numeroParcelamento": 9}, "[Aviso-PARCSN-ER_N009]"),
        (51, "DETPAGTOPARC165", {"numeroParcelamento": 1, "anoMesParcela": 202712}, "[Aviso-PARCSN-ER_N010]"),
        (51, "GERARDAS231", {"parcelaParaEmitir": 202610}, "[Aviso-RELPMEI-ER_E001]"),
        (51, "PEDIDOSPARC233", "", "[Aviso-RELPMEI-ER_C001]"),
    ],
)
def test_each_family_says_no_by_its_own_numbers(
    cliente: Cliente, numero: int, servico: str, corpo: Any, esperado: str
) -> None:
    assert codigo(chamar(cliente, de_teste(numero), servico, corpo)) == esperado


def test_the_slip_of_the_present_month_waits_for_its_day(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.relogio(fixo="2026-11-05T10:00:00-03:00")
    resposta = chamar(cliente, de_teste(51), "GERARDAS161", {"parcelaParaEmitir": 202611})
    assert codigo(resposta) == "[Aviso-PARCSN-ER_N005]"


@pytest.mark.parametrize(
    "sistema", sorted({sistema for sistema, servico in catalogo() if servico.startswith("PEDIDOSPARC")})
)
def test_every_family_answers(cliente: Cliente, sistema: str) -> None:
    servico = next(s for (qual, s) in catalogo() if qual == sistema and s.startswith("PEDIDOSPARC"))
    resposta = chamar(cliente, de_teste(99), servico)
    assert codigo(resposta) == f"[Aviso-{sistema}-ER_C001]"


def test_what_makes_no_sense_is_not_registered(sandbox: SandboxVivo) -> None:
    quem = de_teste(40)
    for estranho in ({"mei": {"icms": "sim"}}, {"mei": {"x": 1}}, {"parcelamentos": [{"familia": "PARCSN"}]}):
        with pytest.raises(httpx.HTTPStatusError, match="400"):
            sandbox.controle.post("cadastro", {"contribuintes": [{"documento": quem, **estranho}]})


@pytest.mark.parametrize(
    ("pa", "caminhoneiro", "total"), [(202610, False, "87.05"), (202610, True, "200.52"), (202304, False, "71.10")]
)
def test_the_arithmetic_of_the_simulator(pa: int, caminhoneiro: bool, total: str) -> None:
    wage = mei.salario(pa, {})
    assert wage is not None
    partes = mei.devido(pa, wage, icms=True, iss=True, caminhoneiro=caminhoneiro, beneficio=False)
    assert sum(partes.values()) == Decimal(total)
