"""Scenarios: how a call can go wrong, and what happened outside all the same."""

import time
from typing import Any

import httpx
import pytest

from sandbox.nucleo.documentos_teste import DOCUMENTOS
from tests.sandbox.integra import Cliente, cnpj, codigo, dados, texto
from tests.sandbox_fixture import SandboxVivo

EMPRESA = cnpj(1)
DE_TESTE = {documento.titulo: documento.cnpj for documento in DOCUMENTOS}


def documento(trecho: str) -> str:
    (achado,) = (cnpj for titulo, cnpj in DE_TESTE.items() if trecho in titulo)
    return achado


def efeitos(sandbox: SandboxVivo, contribuinte: str = EMPRESA) -> list[str]:
    return [efeito["tipo"] for efeito in sandbox.controle.ledger(contribuinte=contribuinte)]


def test_lost_answer_happened(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cenario(acao="perder_resposta", operacao="TRANSDECLARACAO11", vezes=1)
    with pytest.raises(httpx.TransportError):
        cliente.transmitir(EMPRESA)
    assert efeitos(sandbox) == ["declaracao_transmitida"]
    assert sandbox.controle.chamadas()[-1]["entrega"] == "cortada"


def test_cut_before_the_effect_did_not_happen(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cenario(acao="cortar", contribuinte=EMPRESA, vezes=1)
    with pytest.raises(httpx.TransportError):
        cliente.transmitir(EMPRESA)
    assert efeitos(sandbox) == []
    assert cliente.transmitir(EMPRESA).status_code == 200


def test_late_effect_lands_when_the_clock_gets_there(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cenario(acao="efeito_tardio", vezes=1, parametros={"segundos": 30})
    with pytest.raises(httpx.TransportError):
        cliente.transmitir(EMPRESA, tag="tardia")
    sandbox.controle.relogio(fixo="2026-11-21T10:00:29-03:00")
    assert efeitos(sandbox) == []
    sandbox.controle.relogio(fixo="2026-11-21T10:00:30-03:00")
    (efeito,) = sandbox.controle.ledger()
    assert (efeito["tipo"], efeito["tag"]) == ("declaracao_transmitida", "tardia")


def test_late_effect_is_seen_by_the_next_query(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cenario(acao="efeito_tardio", vezes=1, parametros={"segundos": 30})
    with pytest.raises(httpx.TransportError):
        cliente.transmitir(EMPRESA)
    sandbox.controle.relogio(fixo="2026-11-21T10:01:00-03:00")
    lido = dados(cliente.consultar(EMPRESA, "CONSDECLARACAO13", periodoApuracao="202610"))
    assert len(lido["periodo"]["operacoes"]) == 1


def test_late_effect_that_would_be_refused_leaves_nothing(cliente: Cliente, sandbox: SandboxVivo) -> None:
    """The declaration is sent again meanwhile: the late one is a second original and falls."""
    sandbox.controle.cenario(acao="efeito_tardio", vezes=1, parametros={"segundos": 30})
    with pytest.raises(httpx.TransportError):
        cliente.transmitir(EMPRESA)
    cliente.transmitir(EMPRESA)
    sandbox.controle.relogio(fixo="2026-11-21T10:01:00-03:00")
    assert efeitos(sandbox) == ["declaracao_transmitida"]


def test_refusal_has_the_given_status_and_code(cliente: Cliente, sandbox: SandboxVivo) -> None:
    recusa = {"http": 403, "codigo": "AcessoNegado-ICGERENCIADOR-027", "texto": "Não."}
    sandbox.controle.cenario(acao="recusar", parametros=recusa)
    resposta = cliente.transmitir(EMPRESA)
    assert (resposta.status_code, codigo(resposta), texto(resposta)) == (
        403,
        "[AcessoNegado-ICGERENCIADOR-027]",
        "Não.",
    )
    assert efeitos(sandbox) == []


def test_storm_of_5xx_passes_after_n_calls(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cenario(acao="erro", vezes=3, parametros={"http": 503})
    assert [cliente.transmitir(EMPRESA).status_code for _ in range(4)] == [503, 503, 503, 200]


def test_5xx_may_hide_an_effect(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cenario(acao="erro", vezes=1, parametros={"http": 500, "efeito": True})
    assert cliente.transmitir(EMPRESA).status_code == 500
    assert efeitos(sandbox) == ["declaracao_transmitida"]


def test_expired_token_dies_with_its_pair(cliente: Cliente, sandbox: SandboxVivo) -> None:
    antes = cliente.tokens["Authorization"]
    sandbox.controle.cenario(acao="token_expirado", vezes=1)
    assert cliente.transmitir(EMPRESA).status_code == 401
    assert cliente.transmitir(EMPRESA).status_code == 401
    cliente.autenticar()
    assert cliente.tokens["Authorization"] != antes
    assert cliente.transmitir(EMPRESA).status_code == 200


@pytest.mark.parametrize(("parametros", "espera"), [({"retry_after": 7}, "7"), ({}, None)])
def test_429(cliente: Cliente, sandbox: SandboxVivo, parametros: dict[str, int], espera: str | None) -> None:
    sandbox.controle.cenario(acao="limite", vezes=1, parametros=parametros)
    resposta = cliente.transmitir(EMPRESA)
    assert (resposta.status_code, resposta.headers.get("Retry-After")) == (429, espera)
    assert efeitos(sandbox) == []


def test_429_until_a_date_by_the_clock_of_the_sandbox(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.relogio(fixo="2026-11-21T10:20:00-03:00")
    sandbox.controle.cenario(acao="limite", vezes=1, parametros={"retry_after": 20, "retry_after_data": True})
    assert cliente.transmitir(EMPRESA).headers["Retry-After"] == "Sat, 21 Nov 2026 13:20:20 GMT"


def test_html_instead_of_json(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cenario(acao="html", vezes=1)
    resposta = cliente.transmitir(EMPRESA)
    assert (resposta.status_code, resposta.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_truncated_body_happened(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cenario(acao="truncar", vezes=1)
    with pytest.raises(httpx.TransportError):
        cliente.transmitir(EMPRESA)
    assert efeitos(sandbox) == ["declaracao_transmitida"]


def test_slow_body_arrives_whole_and_late(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cenario(acao="gotejar", vezes=1, parametros={"segundos": 1})
    inicio = time.monotonic()
    resposta = cliente.transmitir(EMPRESA)
    assert time.monotonic() - inicio >= 1
    assert dados(resposta)["idDeclaracao"]
    assert efeitos(sandbox) == ["declaracao_transmitida"]


@pytest.mark.parametrize(("acao", "esperados"), [("perder_resposta", ["declaracao_transmitida"]), ("cortar", [])])
def test_a_reset_is_no_orderly_end(cliente: Cliente, sandbox: SandboxVivo, acao: str, esperados: list[str]) -> None:
    sandbox.controle.cenario(acao=acao, vezes=1, parametros={"rst": True})
    with pytest.raises(httpx.ReadError, match="reset by peer"):
        cliente.transmitir(EMPRESA)
    assert efeitos(sandbox) == esperados
    assert cliente.consultar(EMPRESA, "CONSDECLARACAO13", periodoApuracao="202610").status_code == 200


def test_the_control_tells_the_effects_still_to_land(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cenario(acao="efeito_tardio", vezes=1, parametros={"segundos": 30})
    with pytest.raises(httpx.TransportError):
        cliente.transmitir(EMPRESA)
    assert sandbox.controle.get("tardios")["quantos"] == 1
    sandbox.controle.relogio(fixo="2026-11-21T10:01:00-03:00")
    assert sandbox.controle.get("tardios") == {"quantos": 0, "ultimo": None}
    assert efeitos(sandbox) == ["declaracao_transmitida"]


@pytest.mark.parametrize(("parametros", "esperados"), [({}, ["declaracao_transmitida"]), ({"efeito": False}, [])])
def test_504_with_058_leaves_the_outcome_unknown(
    cliente: Cliente, sandbox: SandboxVivo, parametros: dict[str, bool], esperados: list[str]
) -> None:
    sandbox.controle.cenario(acao="tempo_esgotado", vezes=1, parametros=parametros)
    resposta = cliente.transmitir(EMPRESA)
    assert (resposta.status_code, codigo(resposta)) == (504, "[Erro-PGDASD-058]")
    assert efeitos(sandbox) == esperados
    assert sandbox.controle.chamadas()[-1]["cobranca"] == "incerta"


@pytest.mark.parametrize("quando", ["antes", "depois"])
def test_slow_call(cliente: Cliente, sandbox: SandboxVivo, quando: str) -> None:
    sandbox.controle.cenario(acao="lento", vezes=1, parametros={"ms": 300, "quando": quando})
    inicio = time.monotonic()
    assert cliente.transmitir(EMPRESA).status_code == 200
    assert time.monotonic() - inicio >= 0.3


def test_slow_after_the_effect_is_seen_before_the_answer(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cenario(acao="lento", vezes=1, parametros={"ms": 3000, "quando": "depois"})
    cliente.http.timeout = httpx.Timeout(30, read=0.7)
    with pytest.raises(httpx.ReadTimeout):
        cliente.transmitir(EMPRESA)
    assert efeitos(sandbox) == ["declaracao_transmitida"]


def test_a_call_that_a_reset_overtook_is_forgotten_with_the_rest(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cenario(acao="lento", vezes=1, parametros={"ms": 800, "quando": "depois"})
    cliente.http.timeout = httpx.Timeout(30, read=0.3)
    with pytest.raises(httpx.ReadTimeout):
        cliente.transmitir(EMPRESA)
    sandbox.controle.reset()
    time.sleep(0.8)
    assert sandbox.controle.chamadas() == []


def test_latency_for_every_call(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.ajustes(latencia_ms=200)
    inicio = time.monotonic()
    cliente.das(EMPRESA)
    assert time.monotonic() - inicio >= 0.2


def test_authentication_can_fail_too(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cenario(acao="erro", operacao="authenticate", vezes=1, parametros={"http": 503})
    assert cliente.pedir_token().status_code == 503
    assert cliente.pedir_token().status_code == 200


@pytest.mark.parametrize(
    ("regra", "esperados"),
    [
        ({"operacao": "GERARDAS12"}, [200, 200]),
        ({"contribuinte": cnpj(2)}, [200, 503]),
        ({"tag": "T1"}, [503, 200]),
        ({"tag": "T*"}, [503, 503]),
        ({"pa": "202609"}, [200, 200]),
        ({"nesima": 2}, [200, 503]),
        ({"vezes": 1}, [503, 200]),
        ({"vezes": 1, "conta_por": "contribuinte"}, [503, 503]),
        ({"so_efeito": True}, [503, 503]),
        ({"servico": "integra_contador"}, [503, 503]),
        ({"probabilidade": 0}, [200, 200]),
        ({"probabilidade": 1}, [503, 503]),
    ],
)
def test_what_a_rule_matches(
    cliente: Cliente, sandbox: SandboxVivo, regra: dict[str, Any], esperados: list[int]
) -> None:
    sandbox.controle.cenario(acao="erro", parametros={"http": 503}, **regra)
    assert [cliente.transmitir(cnpj(n), tag=f"T{n}").status_code for n in (1, 2)] == esperados


def test_only_calls_with_effect_can_be_chosen(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cenario(acao="erro", so_efeito=True)
    assert cliente.transmitir(EMPRESA, indicadorTransmissao=False).status_code == 200
    assert cliente.transmitir(EMPRESA).status_code == 503


def test_same_seed_gives_the_same_storm(cliente: Cliente, sandbox: SandboxVivo) -> None:
    rodadas = []
    for _ in range(2):
        sandbox.controle.reset()
        sandbox.controle.relogio(fixo="2026-11-21T10:00:00-03:00")
        cliente.autenticar()
        sandbox.controle.cenario(acao="erro", probabilidade=0.5, semente=7)
        rodadas.append([cliente.das(EMPRESA).status_code for _ in range(12)])
    assert rodadas[0] == rodadas[1]
    assert set(rodadas[0]) == {400, 503}


def test_manager_refuses_before_any_scenario(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cenario(acao="erro")
    resposta = cliente.enviar("Consultar", cliente.envelope(EMPRESA, "GERARDAS12", {}))
    assert codigo(resposta) == "[EntradaIncorreta-ICGERENCIADOR-017]"


def test_test_documents_are_valid_cnpjs_and_different() -> None:
    from sandbox.documentos import cnpj_valido

    assert all(map(cnpj_valido, DE_TESTE.values()))
    assert len(set(DE_TESTE.values())) == len(DOCUMENTOS)


def test_document_whose_first_transmission_loses_the_answer_in_each_period(
    cliente: Cliente, sandbox: SandboxVivo
) -> None:
    alvo = documento("A primeira transmissão acontece e a resposta se perde")
    for pa in (202609, 202610):
        with pytest.raises(httpx.TransportError):
            cliente.transmitir(alvo, pa, receitasBrutasAnteriores=None)
        assert "retificadora" in texto(cliente.transmitir(alvo, pa, receitasBrutasAnteriores=None))
    assert efeitos(sandbox, alvo).count("declaracao_transmitida") == 2


@pytest.mark.parametrize(
    ("trecho", "esperado"),
    [
        ("Não concedeu procuração", "[AcessoNegado-ICGERENCIADOR-022]"),
        ("Tem uma filial", "[EntradaIncorreta-PGDASD-MSG_ISN_018]"),
        ("A comparação de valores sempre difere", "[EntradaIncorreta-PGDASD-MSG_ISN_035]"),
        ("responde 504", "[Erro-PGDASD-058]"),
        ("responde 503", "[Erro-ICGERENCIADOR-001]"),
    ],
)
def test_documents_that_answer_on_transmission(cliente: Cliente, trecho: str, esperado: str) -> None:
    assert codigo(cliente.transmitir(documento(trecho))) == esperado


@pytest.mark.parametrize(
    ("trecho", "status"), [("responde 429", 429), ("responde 401", 401), ("responde uma página HTML", 200)]
)
def test_documents_that_answer_on_the_slip(cliente: Cliente, trecho: str, status: int) -> None:
    alvo = documento(trecho)
    cliente.transmitir(alvo)
    assert cliente.das(alvo).status_code == status


@pytest.mark.parametrize("trecho", ["O primeiro DAS é emitido e a resposta se perde", "a resposta chega pela metade"])
def test_documents_whose_slip_is_lost(cliente: Cliente, sandbox: SandboxVivo, trecho: str) -> None:
    alvo = documento(trecho)
    cliente.transmitir(alvo)
    with pytest.raises(httpx.TransportError):
        cliente.das(alvo)
    assert efeitos(sandbox, alvo) == ["declaracao_transmitida", "das_emitido"]


def test_reset_puts_the_documents_back(cliente: Cliente, sandbox: SandboxVivo) -> None:
    alvo = documento("responde 503")
    cliente.transmitir(alvo)
    sandbox.controle.reset()
    sandbox.controle.relogio(fixo="2026-11-21T10:00:00-03:00")
    cliente.autenticar()
    assert cliente.transmitir(alvo).status_code == 503
