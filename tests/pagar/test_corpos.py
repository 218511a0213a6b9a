"""Each body as the ERP's page prints it, from our dataclasses; how values are written."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pagar.providers.campos import Formato, Lista, Objeto, campos_de, partes
from pagar.providers.datasul import codificar, montar
from pagar.providers.interface import OperacaoEstorno
from pagar.providers.regras import problemas
from tests.pagar.apoio import ATUALIZACAO, DA_PAGINA, ESTORNO, LOTE, SEM_ENCHIMENTO, TITULO, da_pagina, lido

_BLOCOS_DE_ENCHIMENTO = {
    "PrepaymentWriteOffInformation",
    "ProvisionWriteOffInformation",
    "PendentTaxInformation",
    "PendentRelationInformation",
}


def sem_enchimento(valor: Any) -> Any:
    if isinstance(valor, dict):
        return {nome: sem_enchimento(item) for nome, item in valor.items() if nome not in _BLOCOS_DE_ENCHIMENTO}
    return [sem_enchimento(item) for item in valor] if isinstance(valor, list) else valor


def caminhos(valor: Any, antes: str = "") -> Iterator[tuple[str, type, Any]]:
    """Every leaf of a body: path, JSON type, value."""
    if isinstance(valor, dict):
        for nome, item in valor.items():
            yield from caminhos(item, f"{antes}/{nome}")
    elif isinstance(valor, list):
        for posicao, item in enumerate(valor):
            yield from caminhos(item, f"{antes}/{posicao}")
    else:
        yield antes, type(valor), valor


@pytest.mark.parametrize("nome", DA_PAGINA)
def test_body_of_the_page_is_produced_field_by_field(nome: str) -> None:
    feito = lido(codificar(montar(DA_PAGINA[nome])))
    assert sorted(caminhos(feito), key=repr) == sorted(caminhos(da_pagina(nome)), key=repr)


@pytest.mark.parametrize("nome", SEM_ENCHIMENTO)
def test_body_of_the_page_without_placeholders_is_produced_and_may_be_sent(nome: str) -> None:
    corpo = SEM_ENCHIMENTO[nome]
    assert problemas(corpo) == []
    assert lido(codificar(montar(corpo))) == sem_enchimento(da_pagina(nome))


@pytest.mark.parametrize("nome", DA_PAGINA)
def test_no_field_is_ours_alone(nome: str) -> None:
    """Every name of the tables is in the page's body of the same operation, or of another with the same block."""
    da = {caminho.rsplit("/", 1)[-1] for cada in DA_PAGINA for caminho, _, _ in caminhos(da_pagina(cada))}
    nossos = {
        campo.json
        for _, _, parte in partes(DA_PAGINA[nome])
        for _, campo in campos_de(type(parte))
        if not isinstance(campo, Lista | Objeto)
    }
    assert nossos - da == set()


def test_money_has_two_decimals_and_is_no_text() -> None:
    escrito = codificar(montar(replace(LOTE, total=Decimal("1534.5"), titulos=())))
    assert b'"TransactionTotalValue":1534.50,' in escrito


def test_quotation_has_its_ten_decimals_and_no_exponent() -> None:
    escrito = codificar(montar(replace(LOTE, titulos=(replace(TITULO, cotacao=Decimal("1E-10")),))))
    assert b'"QuotationValue":0.0000000001,' in escrito


def test_large_money_has_no_exponent() -> None:
    escrito = codificar(montar(replace(LOTE, total=Decimal("1E+9"), titulos=())))
    assert b'"TransactionTotalValue":1000000000.00,' in escrito


def test_what_is_not_a_number_is_not_written() -> None:
    with pytest.raises(TypeError):
        codificar({"Valor": Decimal("NaN")})


def test_blanks_are_left_out_where_the_base_wants() -> None:
    corpo = montar(ATUALIZACAO, Formato(omitir_vazios=True))["AccountPayableDocumentInformation"]
    assert "PrintDate" not in corpo
    assert "" not in corpo.values()


def test_numbers_not_informed_are_left_out() -> None:
    corpo = montar(replace(ATUALIZACAO, saldo=None, multa=None, bloqueado=None, rateio=()))
    principal = corpo["AccountPayableDocumentInformation"]
    assert {"DocumentBalanceValue", "Penalty", "IsPaymentHeld", "PendentGLAppropriationInformation"}.isdisjoint(
        principal
    )


def test_number_of_a_choice_is_that_of_the_base() -> None:
    formato = Formato(numeros={OperacaoEstorno.CANCELAMENTO: 7})
    corpo = montar(replace(ESTORNO, operacao=OperacaoEstorno.CANCELAMENTO), formato)
    assert corpo["AccountPayableDocumentInformation"]["ReversalOperation"] == 7


def test_text_leaves_in_utf8_as_it_is() -> None:
    escrito = codificar(montar(replace(ESTORNO, historico='Nota "12" cancelada: serviço')))
    assert 'Nota \\"12\\" cancelada: serviço'.encode() in escrito
