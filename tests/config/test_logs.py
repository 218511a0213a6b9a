import logging

from config.logs import clean, redact


def test_documents_leave_the_text_masked_or_not() -> None:
    texto = "empresa 11.222.333/0001-81, 12ABC34501DE35 e CPF 529.982.247-25"
    assert clean(texto) == "empresa [documento], [documento] e CPF [documento]"


def test_bearer_values_leave_the_text() -> None:
    assert "abcdef123456" not in clean("Authorization: Bearer abcdef123456")


def test_keys_that_name_a_secret_lose_their_value() -> None:
    limpo = redact(logging.getLogger(), "info", {"event": "x", "consumer_secret": "valor", "senha": "valor", "n": 3})
    assert limpo == {"event": "x", "consumer_secret": "[removido]", "senha": "[removido]", "n": 3}


def test_ordinary_numbers_stay() -> None:
    assert clean("1234 linhas em 3,2 s, tag 0123456789abcdef") == "1234 linhas em 3,2 s, tag 0123456789abcdef"


def test_personal_links_leave_the_text() -> None:
    assert clean("GET /entrega/3:1xV7lw:xmDUj_gULB4Iv-y8c/pdf/ failed") == "GET /entrega/[removido]/pdf/ failed"
