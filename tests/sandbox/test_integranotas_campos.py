"""Integra Notas: what a payload must have and how it must look, on both versions."""

from typing import Any
from xml.etree import ElementTree

import pytest

from tests.sandbox.integranotas import PONTA_GROSSA, Notas, arquivo, campos, item, nota, tomador


def sem(corpo: dict[str, Any], caminho: str) -> dict[str, Any]:
    """The payload without one field."""
    *acima, nome = caminho.split(".")
    pai = corpo
    for parte in acima:
        pai = pai[parte.removesuffix("[0]")]
        pai = pai[0] if isinstance(pai, list) else pai
    del pai[nome]
    return corpo


def enviar(notas: Notas, corpo: dict[str, Any], versao: int = 1) -> dict[str, Any]:
    return dict(notas.chamar("POST", "/nfse", corpo, versao=versao).json())


@pytest.mark.parametrize(
    "campo",
    [
        *("numero", "serie", "data_emissao", "tomador", "servico", "tomador.cnpj", "tomador.razao_social"),
        *("tomador.endereco", "tomador.endereco.logradouro", "tomador.endereco.cep", "tomador.endereco.uf"),
        *("servico.codigo_municipio", "servico.itens", "servico.itens[0].codigo"),
        *("servico.itens[0].discriminacao", "servico.itens[0].valor_servicos"),
    ],
)
def test_missing_field_is_named(notas: Notas, campo: str) -> None:
    resposta = enviar(notas, sem(nota(), campo))
    assert (resposta["sucesso"], resposta["codigo"], campos(resposta)) == (False, 5001, [campo])


def test_everything_missing_is_told_at_once(notas: Notas) -> None:
    assert campos(enviar(notas, {})) == ["numero", "serie", "data_emissao", "tomador", "servico"]


@pytest.mark.parametrize(
    ("mudancas", "campo"),
    [
        ({"numero": 1}, "numero"),
        ({"numero": "1234567890"}, "numero"),
        ({"serie": "ABCDEF"}, "serie"),
        ({"tipo": "2"}, "tipo"),
        ({"data_emissao": "2026-11-21T10:00:00"}, "data_emissao"),
        ({"data_emissao": "2026-13-21T10:00:00-03:00"}, "data_emissao"),
        ({"tomador": tomador("12345678901234")}, "tomador.cnpj"),
        ({"tomador": tomador("52998224724")}, "tomador.cpf"),
        ({"tomador": tomador() | {"cpf": "52998224725"}}, "tomador.cnpj"),
        ({"tomador": tomador() | {"razao_social": "x" * 76}}, "tomador.razao_social"),
        ({"tomador": tomador() | {"email": ""}}, "tomador.email"),
        ({"tomador": tomador() | {"telefone": "(42) 3333-4444"}}, "tomador.telefone"),
        ({"intermediario": {"cnpj": "12345678901234"}}, "intermediario.cnpj"),
        ({"item": {"valor_servicos": "0.00"}}, "servico.itens[0].valor_servicos"),
        ({"item": {"valor_servicos": "1,00"}}, "servico.itens[0].valor_servicos"),
        ({"item": {"valor_servicos": "-1.00"}}, "servico.itens[0].valor_servicos"),
        ({"item": {"valor_servicos": "1.001"}}, "servico.itens[0].valor_servicos"),
        ({"item": {"valor_pis": "0.00"}}, "servico.itens[0].valor_pis"),
        ({"item": {"valor_aliquota": "2.00001"}}, "servico.itens[0].valor_aliquota"),
        ({"item": {"discriminacao": "x" * 2001}}, "servico.itens[0].discriminacao"),
        ({"item": {"codigo": "suporte"}}, "servico.itens[0].codigo"),
        ({"item": {"codigo_nbs": "12345678"}}, "servico.itens[0].codigo_nbs"),
        ({"item": {"valor_aliquota": "5.00", "valor_iss": "4.00"}}, "servico.itens[0].valor_iss"),
        ({"servico": {"codigo_municipio": "4199999", "itens": [item()]}}, "servico.codigo_municipio"),
        ({"servico": {"codigo_municipio": PONTA_GROSSA, "itens": ["x"]}}, "servico.itens"),
        ({"servico": {"codigo_municipio": PONTA_GROSSA, "iss_retido": "sim", "itens": [item()]}}, "servico.iss_retido"),
        ({"obra": "x"}, "obra"),
    ],
)
def test_wrong_field_is_named(notas: Notas, mudancas: dict[str, Any], campo: str) -> None:
    resposta = notas.criar(**mudancas)
    assert (resposta["sucesso"], resposta["codigo"], campos(resposta)) == (False, 5002, [campo])
    assert notas.ledger() == []


@pytest.mark.parametrize(
    "mudancas",
    [
        {"tomador": tomador("12ABC34501DE35")},
        {"tomador": tomador("52998224725")},
        {"tomador": tomador() | {"cpf": None, "im": None}},
        {"item": {"valor_servicos": 100.5}},
        {"item": {"valor_servicos": 100}},
        {"item": {"codigo": "107"}},
        {"item": {"valor_aliquota": "5.00", "valor_desconto_incondicionado": "15.00", "valor_iss": "4.25"}},
        {"data_competencia": "2026-10-01T00:00:00-03:00"},
        {"campo_que_ninguem_conhece": "x"},
        {"intermediario": {"cnpj": "11222333000181", "razao_social": "Fulano"}, "obra": {"codigo": "2", "art": "1"}},
    ],
)
def test_accepted_forms(notas: Notas, mudancas: dict[str, Any]) -> None:
    assert notas.criar(**mudancas)["codigo"] == 100


def test_period_is_the_one_of_the_competence(notas: Notas) -> None:
    notas.criar(data_competencia="2026-10-01T00:00:00-03:00")
    assert [efeito["pa"] for efeito in notas.ledger()] == ["202610"]


@pytest.mark.parametrize("itens", ["lista", "objeto", "achatado"])
def test_version_one_accepts_its_three_shapes_of_the_service(notas: Notas, itens: str) -> None:
    formas: dict[str, Any] = {"lista": {"itens": [item()]}, "objeto": {"itens": item()}, "achatado": item()}
    assert notas.criar(servico={"codigo_municipio": PONTA_GROSSA} | formas[itens])["codigo"] == 100
    (efeito,) = notas.ledger()
    assert efeito["valor"] == "100.00"


def test_items_of_a_note_are_added_up(notas: Notas) -> None:
    notas.criar(servico={"codigo_municipio": PONTA_GROSSA, "itens": [item(), item(valor_servicos="0.50")]})
    assert [efeito["valor"] for efeito in notas.ledger()] == ["100.50"]


def test_body_of_version_one_on_version_two_lacks_the_code_of_the_service(notas: Notas) -> None:
    resposta = enviar(notas, nota(), versao=2)
    assert resposta["codigo"] == 5001
    assert "servico.codigo" in campos(resposta)


@pytest.mark.parametrize(
    ("servico", "campo"),
    [
        ({"tributos_municipais": {"valor_aliquota": "5.00", "valor_iss": "9.00"}}, "valor_iss"),
        ({"tributos_municipais": {"aliquota_iss": "5.00", "valor_iss": "9.00"}}, "valor_iss"),
        ({"tributos_municipais": {"iss_retido": "1"}}, "iss_retido"),
    ],
)
def test_taxes_of_version_two_are_checked(notas: Notas, servico: dict[str, Any], campo: str) -> None:
    assert campos(notas.criar(versao=2, item=servico)) == [f"servico.tributos_municipais.{campo}"]


def test_fields_of_the_tax_reform_are_read(notas: Notas) -> None:
    assert campos(notas.criar(versao=2, item={"ibs_cbs": {"consumidor_final": 0}})) == [
        "servico.ibs_cbs.consumidor_final"
    ]
    assert notas.criar(versao=2, item={"ibs_cbs": {"consumidor_final": "0"}})["codigo"] == 100


@pytest.mark.parametrize("onde", ["opcao", "municipio", "emitente"])
@pytest.mark.parametrize(
    ("caminho", "falta"),
    [
        ("servico.itens[].codigo_cnae", "servico.itens[0].codigo_cnae"),
        ("tomador.im", "tomador.im"),
        ("obra.art", "obra.art"),
    ],
)
def test_a_field_that_towns_may_ask_for_can_be_required(notas: Notas, onde: str, caminho: str, falta: str) -> None:
    if onde == "opcao":
        notas.opcoes(obrigatorios=[caminho])
    elif onde == "municipio":
        notas.opcoes(municipios={PONTA_GROSSA: {"obrigatorios": [caminho]}})
    else:
        notas.prefeitura(obrigatorios=[caminho])
    resposta = notas.criar()
    assert (resposta["codigo"], campos(resposta)) == (5001, [falta])


@pytest.mark.parametrize(
    ("opcao", "mudancas"),
    [
        ({"vazios": "aceita"}, {"tomador": tomador() | {"email": ""}, "item": {"valor_pis": "0.00"}}),
        ({"tamanhos": False}, {"tomador": tomador() | {"razao_social": "x" * 200}}),
        ({"exemplos_do_fornecedor": True}, {"tomador": tomador("12345678901234")}),
    ],
)
def test_profiles_that_let_more_pass(notas: Notas, opcao: dict[str, Any], mudancas: dict[str, Any]) -> None:
    assert notas.criar(**mudancas)["codigo"] == 5002
    notas.opcoes(**opcao)
    assert notas.criar(**mudancas)["codigo"] == 100


def test_samples_of_the_vendor_may_leave_out_the_code_of_the_law(notas: Notas) -> None:
    flat = {"codigo_tributacao_municipio": "10500", "discriminacao": "Exemplo", "valor_servicos": "1.00"}
    notas.opcoes(exemplos_do_fornecedor=True)
    assert notas.criar(servico={"codigo_municipio": PONTA_GROSSA, "itens": flat})["codigo"] == 100


def test_profile_without_letters_in_a_cnpj(notas: Notas) -> None:
    notas.opcoes(cnpj_letras=False)
    assert campos(notas.criar(tomador="12ABC34501DE35")) == ["tomador.cnpj"]


@pytest.mark.parametrize(
    ("corpo", "status"),
    [
        (b'{"numero": "\\ud800"}', 400),
        (b"[" * 100_000, 400),
        (b'{"serie": {"a": 1}, "numero": [], "data_emissao": {}, "tomador": [], "servico": "x", "chave": {}}', 200),
        (b'{"numero": ' + b"9" * 5000 + b"}", 400),
    ],
)
def test_hostile_bodies_are_refused_and_not_failed_on(notas: Notas, corpo: bytes, status: int) -> None:
    resposta = notas.chamar("POST", "/nfse", corpo)
    assert (resposta.status_code, resposta.json()["sucesso"]) == (status, False)


def test_values_that_add_up_to_too_much(notas: Notas) -> None:
    itens = [item(valor_servicos="99999999999.99")] * 2
    assert campos(notas.criar(servico={"codigo_municipio": PONTA_GROSSA, "itens": itens})) == ["servico.itens"]


def test_characters_that_no_xml_may_have(notas: Notas) -> None:
    resposta = notas.criar(item={"discriminacao": "a\x00b <c> & (d) \\ \u2028 é 漢"})
    ElementTree.fromstring(arquivo(resposta["xml"]))
    assert arquivo(resposta["pdf"]).startswith(b"%PDF-")
