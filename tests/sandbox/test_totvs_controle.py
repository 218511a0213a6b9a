"""Datasul in the control: its JSON, its settings and its page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.totvs.fornecedores_teste import FORNECEDORES_DE_TESTE
from tests.sandbox.totvs import LOTE, Erp, bordero, item, lote, numero, pago

README = Path(__file__).resolve().parents[2] / "sandbox" / "README.md"
OPCOES_TORTAS = {
    "contexto_externo": "api",
    "caminho_impostos": "/sem/identificador",
    "autenticacao": "digest",
    "nomes": "snake",
    "tamanho_numero": 12,
    "sucesso_forma": "nada",
    "erros_forma": 1,
    "codigo_numero": "sim",
    "negocio_status": 404,
    "formas_pagamento": "TED",
    "operacoes_estorno": {"1": "apagar"},
    "tipos_rateio": ["1"],
    "pagina_maxima": 0,
    "surpresa": 1,
}


@pytest.fixture
def controle(erp: Erp) -> Iterator[httpx.Client]:
    endereco = f"{erp.sandbox.enderecos['controle']}controle/"
    with httpx.Client(base_url=endereco, trust_env=False, follow_redirects=True) as cliente:
        yield cliente


@pytest.mark.parametrize("nome", OPCOES_TORTAS)
def test_options_refuse_what_makes_no_sense(controle: httpx.Client, nome: str) -> None:
    resposta = controle.post("api/ajustes", json={f"totvs.{nome}": OPCOES_TORTAS[nome]})
    assert (resposta.status_code, f"totvs.{nome}" in resposta.json()["erro"]) == (400, True)


def test_every_option_is_documented(controle: httpx.Client) -> None:
    contadas = {nome.removeprefix("totvs.") for nome in controle.get("api/ajustes").json() if nome.startswith("totvs.")}
    texto = README.read_text(encoding="utf-8")
    assert [nome for nome in sorted(contadas) if f"`{nome}`" not in texto] == []


def test_test_suppliers_are_documented() -> None:
    texto = README.read_text(encoding="utf-8")
    assert all(f"| `{teste.codigo}` | {teste.titulo} |" in texto for teste in FORNECEDORES_DE_TESTE)


@pytest.mark.parametrize(
    "dados",
    [
        {"surpresa": []},
        {"portadores": "1"},
        {"especies": {"XX": "outro"}},
        {"fornecedores": {"abc": "NOME"}},
        {"matrizes": {"EMS2": {"surpresa": {}}}},
        {"substituir": "sim"},
    ],
)
def test_wrong_registers_are_refused(controle: httpx.Client, dados: dict[str, Any]) -> None:
    assert controle.post("api/totvs/cadastros", json=dados).status_code == 400


def test_registers_are_added_to(erp: Erp, controle: httpx.Client) -> None:
    dados = {"empresas": ["002"], "estabelecimentos": {"201": "002"}, "fornecedores": {"500": "NOVO"}}
    assert controle.post("api/totvs/cadastros", json=dados).status_code == 200
    corpo = lote(item(SupplierCode=500), CompanyCode="002", BranchCode="201")
    assert erp.chamar("lote", corpo).status_code == 200


def test_branch_of_another_company_is_refused(erp: Erp, controle: httpx.Client) -> None:
    controle.post("api/totvs/cadastros", json={"empresas": ["003"]})
    assert erp.chamar("lote", lote(item(), CompanyCode="003")).json()["code"] == "90010"


def test_title_loaded_twice_is_refused(controle: httpx.Client) -> None:
    dados = {"especie": "DP", "fornecedor": 95, "numero": f"L{numero()}", "valor": 10}
    assert [controle.post("api/totvs/titulos", json=dados).status_code for _ in range(2)] == [201, 400]


def test_user_may_be_blocked(erp: Erp, controle: httpx.Client) -> None:
    controle.post("api/totvs/usuarios", json={"nome": "ana", "senha": "s3nha"})
    controle.post("api/totvs/usuarios", json={"nome": "ana", "bloqueado": True})
    assert erp.chamar("lote", lote(item()), auth=("ana", "s3nha")).status_code == 401


def test_page_shows_a_bordero_and_confirms_it(erp: Erp, controle: httpx.Client) -> None:
    titulo = erp.implantar()
    corpo = bordero(pago(titulo, 100))
    erp.chamar("pagamento", corpo).raise_for_status()
    assert f"Confirmar o borderô {corpo[LOTE]['StatementNumber']}" in controle.get("totvs/").text
    (aberto,) = (um for um in controle.get("api/totvs/borderos").json()["borderos"] if not um["confirmado"])
    dados = {"csrfmiddlewaretoken": controle.cookies["sandbox_csrf"], "id": aberto["id"]}
    assert "O banco confirmou o borderô." in controle.post("totvs/confirmar/", data=dados).text
    assert erp.saldo(titulo) == (0, "liquidado")


def test_bordero_is_confirmed_once(controle: httpx.Client) -> None:
    assert controle.post("api/totvs/borderos", json={"id": 999_999}).status_code == 400
