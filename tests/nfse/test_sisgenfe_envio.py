"""What keeps a note from SISGENF-e, and the bodies made of one. Nothing is called."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from nfse.providers.interface import Endereco, Retencoes
from nfse.providers.sisgenfe import Referencias, envio, informa_iss, problemas
from operacoes.wire import encode_json
from tests.nfse.apoio_sisgenfe import ENDERECO, ITEM, MARCA, NOTA, TOMADOR, com_item

REFERENCIAS = Referencias({"2609600": 1578, "2615003": 1636}, {"Hora": 15})


def item_enviado(**trocas: Any) -> dict[str, Any]:
    corpo: dict[str, Any] = envio.corpo_da_nota(com_item(**trocas), REFERENCIAS)["listaItensNotaFiscal"][0]
    return corpo


# -- ISS and material deduction --------------------------------------------------------------------------------------
@pytest.mark.parametrize("lc116", ["7.02", "7.04", "7.05", "7.09", "7.10", "7.11", "7.12", "7.16", "7.17", "7.18"])
def test_the_ten_items_of_the_lc_116_carry_rate_and_deduction(lc116) -> None:
    item = item_enviado(lc116=lc116)
    assert (item["iss"], item["deducaoMaterial"]) == (Decimal("2.00"), Decimal("40.00"))


@pytest.mark.parametrize("lc116", ["7.1", "7.2", "7.01", "7.13", "1.07", "17.02", "7.020"])
def test_other_items_carry_neither_though_a_number_would_be_alike(lc116) -> None:
    assert {"iss", "deducaoMaterial"} & set(item_enviado(lc116=lc116)) == set()


def test_each_item_of_a_note_is_judged_by_itself() -> None:
    nota = replace(NOTA, itens=(ITEM, replace(ITEM, lc116="7.10")))
    enviados = envio.corpo_da_nota(nota, REFERENCIAS)["listaItensNotaFiscal"]
    assert ["iss" in item for item in enviados] == [False, True]


def test_iss_paid_by_the_tomador_is_ours_to_give_whatever_the_item() -> None:
    assert informa_iss(ITEM.lc116, iss_retido=True)
    assert not informa_iss(ITEM.lc116, iss_retido=False)


def test_zero_may_be_given_where_the_rate_is_ours() -> None:
    nota = com_item(lc116="7.10", aliquota=Decimal(0), deducao=Decimal(0))
    assert problemas(nota) == []
    assert item_enviado(lc116="7.10", aliquota=Decimal(0))["iss"] == 0


def test_where_the_service_decides_none_is_missed() -> None:
    assert problemas(com_item(aliquota=None, deducao=None)) == []


# -- taxes -----------------------------------------------------------------------------------------------------------
def test_inss_and_irrf_go_with_the_item_and_the_others_are_summed_in_the_list() -> None:
    retencoes = Retencoes(
        pis=Decimal("0.65"),
        cofins=Decimal(3),
        csll=Decimal(1),
        ir=Decimal("1.50"),
        inss=Decimal(11),
        outras=(("Taxa", Decimal(2)),),
    )
    item = replace(ITEM, retencoes=retencoes)
    corpo = envio.corpo_da_nota(replace(NOTA, itens=(item, item)), REFERENCIAS)
    assert [(i["inss"], i["irrf"]) for i in corpo["listaItensNotaFiscal"]] == [(11, Decimal("1.50"))] * 2
    assert corpo["listaTributos"] == [
        {"nome": "PIS", "valor": Decimal("1.30")},
        {"nome": "COFINS", "valor": 6},
        {"nome": "CSLL", "valor": 2},
        {"nome": "Taxa", "valor": 4},
    ]


def test_without_taxes_the_list_is_empty_and_the_amounts_are_zero() -> None:
    corpo = envio.corpo_da_nota(com_item(retencoes=Retencoes()), REFERENCIAS)
    item = corpo["listaItensNotaFiscal"][0]
    assert (corpo["listaTributos"], item["inss"], item["irrf"]) == ([], 0, 0)


@pytest.mark.parametrize("nome", ["ISS", "issqn", "Inss", "IRRF", " IR ", ""])
def test_iss_inss_and_irrf_never_enter_the_list(nome) -> None:
    nota = com_item(retencoes=Retencoes(outras=((nome, Decimal(1)),)))
    assert [problema.campo for problema in problemas(nota)] == ["itens.0.retencoes.outras"]


def test_the_deprecated_switches_are_never_sent() -> None:
    assert b"calcula" not in encode_json(envio.corpo_da_nota(NOTA, REFERENCIAS))


def test_amounts_are_json_numbers_with_their_cents() -> None:
    corpo = encode_json(envio.corpo_da_nota(com_item(valor_unitario=Decimal("1234567.89")), REFERENCIAS))
    assert b'"valorUnitario":1234567.89' in corpo


# -- remark and tomador ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("observacao", "enviada"),
    [("", MARCA), ("Contrato 7", f"{MARCA} Contrato 7"), (f"Veja {MARCA} aqui", f"Veja {MARCA} aqui")],
)
def test_the_marker_goes_in_the_remark_once(observacao, enviada) -> None:
    assert envio.observacao(replace(NOTA, observacao=observacao)) == enviada


def test_a_tomador_without_email_number_and_complement() -> None:
    pessoa = replace(TOMADOR, documento="52998224725", email="", endereco=replace(ENDERECO, numero="", complemento=""))
    corpo = envio.corpo_do_tomador(pessoa, REFERENCIAS)
    assert corpo["documento"] == "529.982.247-25"
    assert "email" not in corpo["dadosTomador"]
    assert (corpo["dadosTomador"]["rua"], corpo["dadosTomador"]["numero"]) == ("Rua das Laranjeiras", "S/N")


# -- what keeps a note from being sent -------------------------------------------------------------------------------
def test_a_note_that_may_go_has_no_problem() -> None:
    assert problemas(NOTA) == []


@pytest.mark.parametrize(
    ("trocas", "campo"),
    [
        ({"descricao": " "}, "descricao"),
        ({"lc116": ""}, "lc116"),
        ({"codigo": "A-7"}, "codigo"),
        ({"unidade": ""}, "unidade"),
        ({"desconto": Decimal("0.01")}, "desconto"),
        ({"quantidade": Decimal(0)}, "quantidade"),
        ({"valor_unitario": Decimal("-1")}, "valor_unitario"),
        ({"valor_unitario": Decimal("NaN")}, "valor_unitario"),
        ({"valor_unitario": Decimal("1234567890123456.78")}, "valor_unitario"),
        ({"lc116": "7.02", "deducao": None}, "deducao"),
        ({"lc116": "7.02", "aliquota": Decimal("-2")}, "aliquota"),
        ({"retencoes": Retencoes(inss=Decimal("-1"))}, "retencoes.inss"),
        ({"retencoes": Retencoes(pis=Decimal("-1"))}, "retencoes"),
    ],
)
def test_a_wrong_item_is_named_by_its_order_and_field(trocas, campo) -> None:
    achados = problemas(com_item(**trocas))
    assert [problema.campo for problema in achados] == [f"itens.0.{campo}"]
    assert achados[0].mensagem.startswith("Item 1: ")


@pytest.mark.parametrize(
    ("trocas", "campo"),
    [
        ({"documento": ""}, "documento"),
        ({"documento": "12.ABC.345/01DE-35"}, "documento"),
        ({"nome": ""}, "nome"),
        ({"endereco": None}, "endereco"),
        ({"endereco": Endereco("Main St", "1", "x", "", "", "", cidade="Boston", pais="US")}, "endereco"),
        ({"endereco": replace(ENDERECO, logradouro="")}, "endereco.logradouro"),
        ({"endereco": replace(ENDERECO, bairro="")}, "endereco.bairro"),
        ({"endereco": replace(ENDERECO, cep="5303-020")}, "endereco.cep"),
        ({"endereco": replace(ENDERECO, municipio="9909600")}, "endereco.municipio"),
    ],
)
def test_a_tomador_the_service_would_not_take_is_named_by_field(trocas, campo) -> None:
    achados = problemas(replace(NOTA, tomador=replace(TOMADOR, **trocas)))
    assert [problema.campo for problema in achados] == [f"tomador.{campo}"]


@pytest.mark.parametrize(
    ("trocas", "campo"),
    [({"marca": " "}, "marca"), ({"itens": ()}, "itens"), ({"municipio_prestacao": ""}, "municipio_prestacao")],
)
def test_a_note_lacking_what_names_it_is_not_sent(trocas, campo) -> None:
    assert [problema.campo for problema in problemas(replace(NOTA, **trocas))] == [campo]


def test_all_problems_are_told_at_once() -> None:
    nota = replace(com_item(descricao="", unidade=""), tomador=replace(TOMADOR, nome=""))
    assert len(problemas(nota)) == 3
