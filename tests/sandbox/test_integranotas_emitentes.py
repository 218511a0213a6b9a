"""Integra Notas: the record of an emitente, its token and certificate, and the software house's routes."""

import base64
from typing import Any

import pytest

from sandbox.documentos import digitos_cnpj
from tests.sandbox.integranotas import Notas, campos, cnpj


@pytest.fixture
def notas(notas: Notas) -> Notas:
    """With an account of its own."""
    notas.nova_conta()
    return notas


NOVO = {"nome": "Empresa Nova", "razao": "Empresa Nova Ltda", "cnpj": cnpj(50), "documentos": {"nfse": True}}


def soft(notas: Notas, metodo: str, corpo: Any = None, sufixo: str = "") -> dict[str, Any]:
    return dict(notas.soft(metodo, f"/emitente{sufixo}", corpo).json())


def test_created_emitente_gets_a_token_that_works(notas: Notas) -> None:
    resposta = soft(notas, "POST", NOVO | {"cnpj": cnpj(51), "im": "1", "cmun": "4119905", "crt": 1})
    assert (resposta["codigo"], resposta["token"].count(".")) == (200, 2)
    notas.token = resposta["token"]
    assert notas.criar()["codigo"] == 100
    assert len(notas.ledger("emitente_criado", contribuinte=cnpj(51))) == 1


@pytest.mark.parametrize(
    ("mudancas", "codigo", "campo"),
    [
        ({"razao": None}, 5001, "razao"),
        ({"cnpj": None}, 5001, "cnpj"),
        ({"cpf": "52998224725"}, 5002, "cnpj"),
        ({"cnpj": "11222333000182"}, 5002, "cnpj"),
        ({"cmun": "123"}, 5002, "cmun"),
        ({"uf": "XX"}, 5002, "uf"),
        ({"crt": 9}, 5002, "crt"),
        ({"logo": "não é base64"}, 5002, "logo"),
        ({"documentos": {"nota": True}}, 5002, "documentos"),
        ({"documentos": {"nfse": "sim"}}, 5002, "documentos"),
    ],
)
def test_senseless_records_are_refused(notas: Notas, mudancas: dict[str, Any], codigo: int, campo: str) -> None:
    resposta = soft(notas, "POST", NOVO | mudancas)
    assert (resposta["codigo"], campos(resposta)) == (codigo, [campo])


def test_an_emitente_is_created_once(notas: Notas) -> None:
    soft(notas, "POST", NOVO)
    assert soft(notas, "POST", NOVO)["codigo"] == 5008


def test_software_house_sees_its_own_emitentes_only(notas: Notas) -> None:
    outra = notas.controle.post("integranotas/contas", {"nome": "OUTRA"}).json()
    soft(notas, "POST", NOVO)
    assert {doc["cnpj"] for doc in soft(notas, "GET")["docs"]} == {notas.documento, cnpj(50)}
    notas.conta = outra
    assert soft(notas, "GET")["docs"] == []
    assert soft(notas, "GET", sufixo=f"/{cnpj(50)}")["codigo"] == 404


@pytest.mark.parametrize("mostra", [True, False])
def test_showing_an_emitente_may_tell_its_token(notas: Notas, mostra: bool) -> None:
    notas.opcoes(soft_mostra_token=mostra)
    soft(notas, "POST", NOVO | {"senha_prefeitura": "segredo"})
    resposta = soft(notas, "GET", sufixo=f"/{cnpj(50)}")
    assert ("token" in resposta, "senha_prefeitura" in resposta) == (mostra, False)


def test_partial_update_keeps_the_rest(notas: Notas) -> None:
    soft(notas, "POST", NOVO | {"logo": "YQ==", "im": "7"})
    assert soft(notas, "PUT", {"cnpj": cnpj(50), "logo": None})["codigo"] == 200
    lido = soft(notas, "GET", sufixo=f"/{cnpj(50)}")
    assert (lido["logo"], lido["im"]) == (None, "7")


def test_update_needs_to_say_whose(notas: Notas) -> None:
    assert campos(soft(notas, "PUT", {"logo": None})) == ["cnpj"]


def test_emitente_updates_itself_but_not_its_document(notas: Notas) -> None:
    assert notas.chamar("PUT", "/emitente", {"email": "a@exemplo.com.br"}).json()["codigo"] == 200
    assert notas.chamar("GET", "/emitente").json()["email"] == "a@exemplo.com.br"
    assert campos(notas.chamar("PUT", "/emitente", {"cnpj": cnpj(3)}).json()) == ["cnpj"]
    assert campos(notas.chamar("PUT", "/emitente", {"razao": ""}).json()) == ["razao"]


def test_new_token_kills_the_old_one_at_once(notas: Notas) -> None:
    novo = notas.chamar("GET", "/emitente/token").json()["token"]
    assert notas.chamar("GET", "/emitente").status_code == 401
    assert notas.chamar("GET", "/emitente", token=novo).status_code == 200
    assert soft(notas, "GET", sufixo=f"/{notas.documento}")["token"] == novo
    assert len(notas.ledger("token_trocado")) == 1


def test_removed_emitente_is_refused_and_listed_apart(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    assert soft(notas, "DELETE", sufixo=f"/{notas.documento}")["codigo"] == 200
    assert notas.chamar("GET", f"/nfse/{chave}").status_code == 403
    assert soft(notas, "GET")["docs"] == []
    assert [doc["cnpj"] for doc in soft(notas, "GET", sufixo="/deletados")["docs"]] == [notas.documento]
    assert soft(notas, "DELETE", sufixo=f"/{notas.documento}")["codigo"] == 404


def test_removed_emitente_is_purged_after_thirty_days(notas: Notas) -> None:
    notas.criar()
    soft(notas, "DELETE", sufixo=f"/{notas.documento}")
    corpo = {"nome": "De volta", "razao": "De volta", "cnpj": notas.documento}
    notas.relogio("2026-12-21T09:59:59-03:00")
    assert soft(notas, "POST", corpo)["codigo"] == 5008
    notas.relogio("2026-12-21T10:00:00-03:00")
    assert soft(notas, "POST", corpo)["codigo"] == 200
    assert notas.controle.get("integranotas/notas", emitente=notas.documento)["notas"] == []


@pytest.mark.parametrize("url", ["https://exemplo.com.br/", "http://192.0.2.1/", "ftp://127.0.0.1/", "x", 1])
def test_webhook_outside_this_machine_is_refused(notas: Notas, url: Any) -> None:
    assert campos(notas.chamar("POST", "/webhook", {"webhook": url}).json()) == ["webhook"]


def test_webhook_is_registered_and_taken_out(notas: Notas) -> None:
    assert campos(notas.chamar("POST", "/webhook", {}).json()) == ["webhook"]
    for url in ("http://127.0.0.1:9/avisos", None):
        assert notas.chamar("POST", "/webhook", {"webhook": url}).json()["codigo"] == 200
        assert notas.chamar("GET", "/emitente").json()["webhook"] == url


def a1(notas: Notas, documento: str = "", senha: str = "senha", **validade: str) -> bytes:
    validade = {"valido_de": "2026-01-01", "valido_ate": "2027-01-01"} | validade
    return notas.controle.emitir_a1(cnpj=documento or notas.documento, nome="EMPRESA", senha=senha, **validade)


def enviar(notas: Notas, conteudo: bytes, senha: str = "senha") -> dict[str, Any]:
    corpo = {"certificado": base64.b64encode(conteudo).decode(), "senha": senha}
    return dict(notas.chamar("POST", "/certificado", corpo).json())


def test_certificate_is_stored_with_its_end(notas: Notas) -> None:
    assert notas.chamar("GET", "/certificado").json()["codigo"] == 5100
    assert enviar(notas, a1(notas))["codigo"] == 200
    lido = notas.chamar("GET", "/certificado").json()
    assert (lido["codigo"], lido["validade"], lido["titular"]) == (200, "2027-01-01", notas.documento)


def test_certificate_of_a_person(notas: Notas) -> None:
    notas.token = notas.cadastrar("52998224725")["token"]
    assert enviar(notas, a1(notas, "52998224725"))["codigo"] == 200


@pytest.mark.parametrize(
    ("caso", "campo", "trecho"),
    [
        ("vencido", "certificado", "venceu em 01/02/2026"),
        ("futuro", "certificado", "ainda não é válido"),
        ("de outro", "certificado", cnpj(99)),
        ("senha errada", "senha", "senha não abre"),
        ("lixo", "certificado", ".pfx"),
        ("só certificado", "certificado", ".pfx"),
    ],
)
def test_certificate_that_is_refused(notas: Notas, caso: str, campo: str, trecho: str) -> None:
    conteudos = {
        "vencido": lambda: a1(notas, valido_ate="2026-02-01"),
        "futuro": lambda: a1(notas, valido_de="2026-12-01"),
        "de outro": lambda: a1(notas, cnpj(99)),
        "senha errada": lambda: a1(notas, senha="outra"),
        "lixo": lambda: b"isto nao e um certificado",
        "só certificado": notas.sandbox.ca.read_bytes,
    }
    resposta = enviar(notas, conteudos[caso]())
    assert (resposta["codigo"], campos(resposta)) == (5002, [campo])
    assert trecho in resposta["mensagem"]
    assert notas.ledger("certificado_enviado") == []


def test_certificate_of_the_head_office_may_be_accepted(notas: Notas) -> None:
    filial = f"{notas.documento[:8]}0002"
    notas.token = notas.cadastrar(filial + digitos_cnpj(filial))["token"]
    matriz = a1(notas)
    assert enviar(notas, matriz)["codigo"] == 5002
    notas.opcoes(certificado_raiz=True)
    assert enviar(notas, matriz)["codigo"] == 200


def test_fields_of_the_certificate_are_required(notas: Notas) -> None:
    assert campos(notas.chamar("POST", "/certificado", {}).json()) == ["certificado", "senha"]
    assert campos(notas.chamar("POST", "/certificado", {"certificado": "!", "senha": "x"}).json()) == ["certificado"]
