"""The control API and page: ledger, reset, clock, certificates, register, report of consumption."""

import csv
import io
import sqlite3
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.sandbox.integra import Cliente, cnpj, dados
from tests.sandbox_fixture import SandboxVivo

EMPRESA = cnpj(1)


@pytest.fixture
def pagina(sandbox: SandboxVivo) -> Iterator[httpx.Client]:
    endereco = f"{sandbox.enderecos['controle']}controle/"
    with httpx.Client(base_url=endereco, trust_env=False, follow_redirects=True) as cliente:
        yield cliente


def test_ledger_filters(cliente: Cliente, sandbox: SandboxVivo) -> None:
    for numero in (1, 2):
        cliente.transmitir(cnpj(numero), tag=f"t{numero}")
        cliente.das(cnpj(numero), tag=f"t{numero}")
    ledger = sandbox.controle.ledger
    primeiro = ledger()[0]["id"]
    assert len(ledger(tipo="das_emitido")) == 2
    assert len(ledger(contribuinte=cnpj(1), pa="202610", servico="integra_contador")) == 2
    assert [efeito["tag"] for efeito in ledger(tag="t2")] == ["t2", "t2"]
    assert len(ledger(desde_id=primeiro)) == 3


def test_unknown_filter_is_refused(sandbox: SandboxVivo) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        sandbox.controle.ledger(empresa="x")


@pytest.mark.parametrize("comando", ["UPDATE nucleo_efeito SET valor = 1", "DELETE FROM nucleo_efeito"])
def test_database_refuses_to_change_the_ledger(cliente: Cliente, sandbox: SandboxVivo, comando: str) -> None:
    cliente.transmitir(EMPRESA)
    with sqlite3.connect(sandbox.pasta / "sandbox.sqlite3") as banco, pytest.raises(sqlite3.IntegrityError):
        banco.execute(comando)


def test_reset_forgets_everything_but_the_companies(cliente: Cliente, sandbox: SandboxVivo) -> None:
    antes = sandbox.controle.contratantes()
    cliente.transmitir(EMPRESA)
    sandbox.controle.cenario(acao="erro")
    sandbox.controle.reset()
    assert sandbox.controle.ledger() == sandbox.controle.chamadas() == []
    assert [c for c in sandbox.controle.get("cenarios")["cenarios"] if c["origem"] == "controle"] == []
    assert sandbox.controle.relogio()["modo"] == "real"
    assert sandbox.controle.contratantes() == antes
    assert cliente.das(EMPRESA).status_code == 401


def test_append_only_guard_survives_a_reset(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.reset()
    sandbox.controle.relogio(fixo="2026-11-21T10:00:00-03:00")
    cliente.autenticar()
    test_database_refuses_to_change_the_ledger(cliente, sandbox, "DELETE FROM nucleo_efeito")


def test_new_company_gets_key_and_certificate(sandbox: SandboxVivo, novo_cliente: Any) -> None:
    novo = sandbox.controle.novo_contratante(cnpj(77), "ESCRITORIO NOVO")
    cliente = novo_cliente(novo, sandbox.controle.a1(cnpj(77)), novo["senha"])
    assert cliente.pedir_token().status_code == 200


def test_a1_looks_like_an_icp_brasil_e_cnpj(sandbox: SandboxVivo) -> None:
    dono = sandbox.controle.contratantes()[0]
    _, certificado, _ = pkcs12.load_key_and_certificates(sandbox.controle.a1(dono["cnpj"]), dono["senha"].encode())
    assert certificado is not None
    assert certificado.subject.rfc4514_string().startswith(f"CN={dono['nome']}:{dono['cnpj']},OU=")
    assert dono["cnpj"].encode() in certificado.tbs_certificate_bytes


def test_private_files_are_readable_by_the_owner_only(sandbox: SandboxVivo) -> None:
    privados = [*sandbox.pasta.glob("*chave*"), *sandbox.pasta.glob("a1/*.pfx")]
    assert len(privados) >= 6
    assert {arquivo.stat().st_mode & 0o077 for arquivo in privados} == {0}


@pytest.mark.parametrize(
    ("caminho", "corpo"),
    [
        ("cenarios", {"acao": "explodir"}),
        ("cenarios", {"acao": "erro", "surpresa": 1}),
        ("cenarios", {"acao": "lento", "parametros": {"ms": "muito"}}),
        ("cenarios", {"acao": "erro", "parametros": {"http": 99}}),
        ("cenarios", {"acao": "erro", "probabilidade": 2}),
        ("cenarios", {"acao": "erro", "vezes": -1}),
        ("cenarios", {"acao": "erro", "conta_por": "ano"}),
        ("cenarios", {"acao": "erro", "servico": "GERARDAS12"}),
        ("cenarios", {"acao": "erro", "operacao": "GERARDAS21"}),
        ("relogio", {}),
        ("relogio", {"fixo": "amanhã"}),
        ("ajustes", {"latencia_ms": -1}),
        ("ajustes", {"selic": {"202610": "alta"}}),
        ("ajustes", {"relogio": 1}),
        ("cadastro", {"contribuintes": [{"documento": "11222333000182"}]}),
        ("cadastro", {"contribuintes": [{"documento": EMPRESA, "abertura": "ontem"}]}),
        ("cadastro", {"contribuintes": [{"documento": EMPRESA, "declarados": [{"interno": 1}]}]}),
        ("cadastro", {"procuracoes": [{"outorgante": EMPRESA}]}),
        ("cadastro", {"contribuintes": ["x"]}),
        ("contratantes", {"cnpj": "1", "nome": "X"}),
        ("a1", {"cnpj": EMPRESA, "nome": "X"}),
        ("a1", {"cnpj": EMPRESA, "nome": "X", "senha": "s", "valido_de": "2026-01-02", "valido_ate": "2026-01-01"}),
        ("pagamentos", {"numero_das": "x"}),
    ],
)
def test_senseless_control_requests_are_refused_with_a_text(
    sandbox: SandboxVivo, pagina: httpx.Client, caminho: str, corpo: dict[str, Any]
) -> None:
    resposta = pagina.post(f"api/{caminho}", json=corpo)
    assert resposta.status_code == 400
    assert resposta.json()["erro"]


def test_register_is_all_or_nothing(sandbox: SandboxVivo, pagina: httpx.Client, cliente: Cliente) -> None:
    bom = {"documento": EMPRESA, "procuracao_padrao": False}
    pagina.post("api/cadastro", json={"contribuintes": [bom, {"documento": "ruim"}]})
    assert cliente.transmitir(EMPRESA).status_code == 200


def test_form_posts_and_other_hosts_cannot_reach_the_api(pagina: httpx.Client) -> None:
    assert pagina.post("api/reset", data={"manter_certificados": ""}).status_code == 415
    assert pagina.get("api/saude", headers={"Host": "exemplo.com.br"}).status_code == 400


def test_consumption_report_has_the_documented_columns(cliente: Cliente, pagina: httpx.Client) -> None:
    cliente.transmitir(EMPRESA, tag="T2abc")
    linhas = list(csv.DictReader(io.StringIO(pagina.get("api/consumo").text), delimiter=";"))
    assert list(linhas[0]) == ["DATA", "CNPJ/CPF", "URL", "RESPONSE_CODE", "IP", "OBSERVAÇÃO", "TAG", "QUANTIDADE"]
    assert (linhas[0]["TAG"], linhas[0]["RESPONSE_CODE"]) == ("T2abc", "200")
    assert linhas[0]["URL"] == "/integra-contador/v1/Declarar"


def test_clock_can_be_shifted(sandbox: SandboxVivo) -> None:
    real = sandbox.controle.relogio(real=True)["agora"]
    deslocado = sandbox.controle.relogio(deslocamento_segundos=86400 * 40)["agora"]
    assert deslocado[:10] > real[:10]


@pytest.mark.parametrize("caminho", ["", "cenarios/", "documentos/", "ledger/", "chamadas/", "ledger/?tag=x&pagina=9"])
def test_pages_open_with_a_strict_policy_and_nothing_inline(
    cliente: Cliente, pagina: httpx.Client, caminho: str
) -> None:
    cliente.transmitir(EMPRESA)
    resposta = pagina.get(caminho)
    assert resposta.status_code == 200
    assert "default-src 'none'" in resposta.headers["Content-Security-Policy"]
    assert "<script" not in resposta.text
    assert " style=" not in resposta.text
    assert "SEM VALOR FISCAL" in resposta.text


def test_pages_show_addresses_companies_effects_and_test_documents(
    cliente: Cliente, pagina: httpx.Client, sandbox: SandboxVivo
) -> None:
    cliente.transmitir(EMPRESA)
    assert sandbox.enderecos["integra_contador"]["producao"] in pagina.get("").text
    assert cliente.contratante["consumerKey"] in pagina.get("").text
    assert EMPRESA in pagina.get("ledger/").text
    assert "TRANSDECLARACAO11" in pagina.get("chamadas/").text
    assert "perde" in pagina.get("documentos/").text


def enviar(pagina: httpx.Client, origem: str, destino: str, **campos: str) -> str:
    pagina.get(origem)
    token = pagina.cookies["sandbox_csrf"]
    return pagina.post(destino, data={"csrfmiddlewaretoken": token, **campos}).text


def test_page_sets_the_clock_the_latency_and_a_scenario(pagina: httpx.Client, sandbox: SandboxVivo) -> None:
    assert "Relógio acertado" in enviar(pagina, "", "relogio/", instante="05/12/2026 08:30")
    assert sandbox.controle.relogio()["agora"] == "2026-12-05T11:30:00Z"
    assert "Latência alterada" in enviar(pagina, "", "latencia/", latencia_ms="1")
    campos = {"acao": "lento", "operacao": "GERARDAS12", "vezes": "2", "parametros": '{"ms": 5}'}
    assert "Cenário criado" in enviar(pagina, "cenarios/", "cenarios/criar/", **campos)
    (regra,) = [c for c in sandbox.controle.get("cenarios")["cenarios"] if c["origem"] == "controle"]
    assert (regra["operacao"], regra["vezes"], regra["parametros"]) == ("GERARDAS12", 2, {"ms": 5})
    assert "Cenário removido" in enviar(pagina, "cenarios/", f"cenarios/{regra['id']}/remover/")


def test_page_resets(cliente: Cliente, pagina: httpx.Client, sandbox: SandboxVivo) -> None:
    cliente.transmitir(EMPRESA)
    assert "zerado" in enviar(pagina, "", "reset/")
    assert sandbox.controle.ledger() == []


@pytest.mark.parametrize(
    ("destino", "campos", "trecho"),
    [
        ("relogio/", {"instante": "32/13/2026"}, "dd/mm/aaaa"),
        ("latencia/", {"latencia_ms": "muita"}, "latencia_ms"),
        ("cenarios/criar/", {"acao": "lento", "parametros": "{"}, "JSON"),
        ("cenarios/criar/", {"acao": "lento", "nesima": "x"}, "nesima"),
    ],
)
def test_page_says_what_is_wrong(pagina: httpx.Client, destino: str, campos: dict[str, str], trecho: str) -> None:
    assert trecho in enviar(pagina, "", destino, **campos)


def test_page_posts_need_the_csrf_token(pagina: httpx.Client) -> None:
    assert pagina.post("reset/").status_code == 403


def test_register_names_the_company_on_its_papers(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cadastro(contribuintes=[{"documento": EMPRESA, "razao_social": "NOME CERTO"}])
    assert dados(cliente.transmitir(EMPRESA))["declaracao"]
