"""What may be kept of a call: files cut, documents left, text that the database takes."""

import json

import pytest

from operacoes.redacao import redigir


def test_files_are_cut_to_size_and_hash() -> None:
    limpo = redigir({"dados": json.dumps({"pdf": "JVBERi0" * 100, "numero": "07202611"})})
    assert limpo["dados"]["numero"] == "07202611"
    assert limpo["dados"]["pdf"].startswith("[700 bytes, SHA-256 ")


def test_documents_stay_because_they_are_business_data() -> None:
    assert redigir({"contribuinte": {"numero": "90000001000190"}}) == {"contribuinte": {"numero": "90000001000190"}}


def test_text_that_the_database_refuses_is_made_safe() -> None:
    assert redigir("a\x00b\ud800") == "a�b?"


@pytest.mark.parametrize("nome", ["app", "password", "token"])
def test_the_secrets_of_a_log_in_are_removed_by_name_also_inside_text(nome) -> None:
    assert redigir({nome: "Ab12Cd34", "username": "ana"}) == {nome: "[removido]", "username": "ana"}
    assert "Ab12Cd34" not in redigir(f'recebido {{"{nome}" : "Ab12Cd34"}}')


def test_words_that_only_contain_app_stay() -> None:
    assert redigir({"aplicativo": "Guichê", "whatsapp": "81"}) == {"aplicativo": "Guichê", "whatsapp": "81"}


def test_secrets_named_by_the_whole_name_are_removed() -> None:
    segredos = {"certificado": "TUlJ", "csc": "A1", "signature": "c2ln", "login_prefeitura": "ana"}
    assert set(redigir(segredos | {"client_id_prefeitura": "x"}).values()) == {"[removido]"}


def test_names_that_only_contain_such_a_name_stay() -> None:
    comuns = {"certificado_validade": "2027-03-31", "cscid": "1", "prefeitura": "São Paulo"}
    assert redigir(comuns) == comuns


def test_a_cut_body_keeps_no_secret_named_by_the_whole_name() -> None:
    assert "TUlJ" not in redigir('{"certificado":"TUlJKq8x')
