"""The trial environment: public bearer, no certificate, canned answers, nothing kept or charged."""

import json
import ssl
from typing import Any

import httpx
import pytest

from tests.sandbox.integra import BEARER_DE_TESTE
from tests.sandbox_fixture import SandboxVivo

NI = {"numero": "00000000000100", "tipo": 2}


def chamar(sandbox: SandboxVivo, rota: str, servico: str, dados: Any, **opcoes: Any) -> httpx.Response:
    sistema = "PROCURACOES" if servico == "OBTERPROCURACAO41" else "PGDASD"
    pedido = {"idSistema": sistema, "idServico": servico, "dados": json.dumps(dados)}
    corpo = {"contratante": NI, "autorPedidoDados": NI, "contribuinte": NI, "pedidoDados": pedido}
    cabecalhos = {"Authorization": f"Bearer {BEARER_DE_TESTE}", **opcoes.get("headers", {})}
    url = f"{sandbox.enderecos['integra_contador']['teste']}/{rota}"
    contexto = ssl.create_default_context(cafile=str(sandbox.ca))
    with httpx.Client(verify=contexto, trust_env=False) as cliente:
        return cliente.post(url, json=corpo, headers=cabecalhos)


def saida(resposta: httpx.Response) -> Any:
    assert resposta.status_code == 200
    return json.loads(resposta.json()["dados"])


def test_transmission_answers_the_official_example(sandbox: SandboxVivo) -> None:
    devidos = saida(chamar(sandbox, "Declarar", "TRANSDECLARACAO11", {}))["valoresDevidos"]
    assert {item["codigoTributo"]: item["valor"] for item in devidos} == {
        1001: 44.0,
        1002: 28.0,
        1004: 101.92,
        1005: 22.08,
        1006: 332.0,
        1007: 272.0,
    }


def test_slip_answers_the_official_example(sandbox: SandboxVivo) -> None:
    (das,) = saida(chamar(sandbox, "Emitir", "GERARDAS12", {"periodoApuracao": "201801"}))
    assert das["detalhamentoDas"]["valores"] == {"principal": 40.0, "multa": 8.0, "juros": 10.15, "total": 58.15}


@pytest.mark.parametrize(
    "servico", ["CONSDECLARACAO13", "CONSULTIMADECREC14", "CONSDECREC15", "CONSEXTRATO16", "OBTERPROCURACAO41"]
)
def test_queries_answer_something_canned(sandbox: SandboxVivo, servico: str) -> None:
    assert saida(chamar(sandbox, "Consultar", servico, {}))


def test_nothing_is_kept_or_charged(sandbox: SandboxVivo) -> None:
    chamar(sandbox, "Declarar", "TRANSDECLARACAO11", {})
    assert sandbox.controle.ledger() == []
    (chamada,) = sandbox.controle.chamadas()
    assert (chamada["ambiente"], chamada["cobranca"]) == ("trial", "nao")


def test_another_bearer_is_refused(sandbox: SandboxVivo) -> None:
    resposta = chamar(sandbox, "Emitir", "GERARDAS12", {}, headers={"Authorization": "Bearer x"})
    assert resposta.status_code == 401


def test_catalogue_counts_here_too(sandbox: SandboxVivo) -> None:
    resposta = chamar(sandbox, "Consultar", "GERARDAS12", {})
    assert resposta.json()["mensagens"][0]["codigo"] == "[EntradaIncorreta-ICGERENCIADOR-017]"
