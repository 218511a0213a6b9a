"""The bodies of the vendor's own page."""

from typing import Any

import pytest

from tests.sandbox.totvs import DOCUMENTO, LOTE, Erp, da_pagina, sem_enchimento


def preparar(erp: Erp, operacao: str) -> None:
    """The titles that the page takes for granted: it pays one of 100, updates one of 160, undoes a movement of it."""
    feitos = {
        "pagamento": {"numero": "281120240951", "valor": 100},
        "estorno": {"numero": "281120241600", "valor": 160, "referencia": "241202Tzpp"},
        "atualizacao": {"numero": "281120241600", "valor": 160},
    }
    if operacao in feitos:
        comum = {"especie": "DP", "serie": "1", "fornecedor": 95, "parcela": "1", "emissao": "2024-11-28"}
        erp.sandbox.controle.reset()
        erp.sandbox.controle.post("totvs/titulos", comum | feitos[operacao])


@pytest.mark.parametrize("operacao", ["lote", "antecipacao", "pagamento", "estorno", "atualizacao"])
def test_bodies_of_the_page_without_placeholders_are_accepted(erp: Erp, operacao: str) -> None:
    preparar(erp, operacao)
    resposta = erp.chamar(operacao, sem_enchimento(da_pagina(operacao)))
    assert (resposta.status_code, resposta.json()["type"]) == (200, "success"), resposta.text


@pytest.mark.parametrize("operacao", ["lote", "antecipacao", "pagamento"])
def test_placeholders_of_the_page_are_refused(erp: Erp, operacao: str) -> None:
    preparar(erp, operacao)
    assert erp.chamar(operacao, da_pagina(operacao)).status_code == 400


@pytest.mark.parametrize("operacao", ["lote", "antecipacao", "pagamento"])
def test_bodies_of_the_page_as_printed_are_accepted_in_their_mode(erp: Erp, opcoes_totvs: Any, operacao: str) -> None:
    erp.sandbox.controle.reset()
    preparar(erp, operacao)
    opcoes_totvs(exemplos_da_pagina=True)
    resposta = erp.chamar(operacao, da_pagina(operacao))
    assert (resposta.status_code, resposta.json()["type"]) == (200, "success"), resposta.text


def test_page_in_camel_case_is_the_same_body(erp: Erp) -> None:
    erp.sandbox.controle.reset()
    corpo = sem_enchimento(da_pagina("lote"))
    camel = {nome[0].lower() + nome[1:]: valor for nome, valor in corpo.items()}
    assert erp.chamar("lote", camel).status_code == 200


def test_answer_tells_the_titles_and_their_balances(erp: Erp) -> None:
    erp.sandbox.controle.reset()
    corpo = sem_enchimento(da_pagina("lote"))
    resposta = erp.chamar("lote", corpo).json()
    (titulo,) = resposta["items"]
    assert (resposta["Reference"], titulo["DocumentBalanceValue"]) == (corpo[LOTE]["Reference"], 100)
    assert titulo["DocumentNumber"] == corpo[LOTE][DOCUMENTO][0]["DocumentNumber"]
