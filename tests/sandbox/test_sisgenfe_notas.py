"""SISGENF-e, customers and notes: what is required, what is refused, what the answer says was really applied."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.sisgenfe import CPF, DENTRO, FORA, MARCA, TAQUARITINGA, TOMADOR, Cliente, Preparo, erro, item, nota

Mudar = Callable[..., None]
ITENS_FORA = ["7.02", "7.04", "7.05", "7.09", "7.10", "7.11", "7.12", "7.16", "7.17", "7.18"]


def aplicado(cliente: Cliente, **mudancas: Any) -> dict[str, Any]:
    """The one item of a note issued with these fields."""
    corpo = cliente.emitir(itens=[item(**mudancas)]).raise_for_status().json()
    return dict(corpo["listaItensNotaFiscal"][0])


def test_customer_comes_back_with_what_the_service_adds(prestador: Cliente) -> None:
    corpo = prestador.tomador().json()
    assert (corpo["isPessoaFisica"], corpo["isPessoaFisicaAsString"]) == (False, "Pessoa Jurídica")
    assert corpo["dadosTomador"]["municipio"]["estado"] == {"nome": "Pernambuco", "codigo": "26", "uf": "PE", "id": 1}
    assert (corpo["dadosTomador"]["contatos"], corpo["dadosTomador"]["data"]) == ([], "1795179600000")


def test_customer_that_is_a_person(prestador: Cliente) -> None:
    assert prestador.tomador(CPF).json()["isPessoaFisicaAsString"] == "Pessoa Física"


def test_posting_a_customer_again_replaces_it(prestador: Cliente) -> None:
    prestador.tomador()
    prestador.tomador(razaoSocial="NOME NOVO", email=None)
    (corpo,) = prestador.consultar("tomador", documento=TOMADOR).json()
    assert (corpo["dadosTomador"]["razaoSocial"], corpo["dadosTomador"]["email"]) == ("NOME NOVO", "")


def test_update_needs_the_whole_customer_unless_it_merges(emissor: Cliente, opcoes: Mudar) -> None:
    parte = {"documento": TOMADOR, "dadosTomador": {"rua": "Rua Nova"}}
    assert erro(emissor.enviar("tomador", parte)) == (400, "dadosTomador.razaoSocial")
    opcoes(tomador_mescla=True)
    dados = emissor.enviar("tomador", parte).json()["dadosTomador"]
    assert (dados["rua"], dados["razaoSocial"]) == ("Rua Nova", "CLIENTE INVENTADO LTDA")


@pytest.mark.parametrize(
    ("mudanca", "esperado"),
    [
        ({"razaoSocial": None}, (400, "razaoSocial")),
        ({"razaoSocial": " "}, (400, "razaoSocial")),
        ({"numero": 15}, (400, "numero")),
        ({"cep": "53030020"}, (400, "cep")),
        ({"email": "sem arroba"}, (400, "email")),
        ({"municipio": {"id": 99999}}, (404, "municipio.id")),
        ({"municipio": {"id": "1578"}}, (400, "municipio.id")),
        ({"municipio": {"id": 1578.0}}, (400, "municipio.id")),
        ({"municipio": {"id": True}}, (400, "municipio.id")),
        ({"municipio": None}, (400, "municipio")),
        ({"complemento": "sala 2"}, (400, "complemento")),
    ],
)
def test_customer_is_refused(prestador: Cliente, mudanca: dict[str, Any], esperado: tuple[int, str]) -> None:
    assert erro(prestador.tomador(**mudanca)) == (esperado[0], f"dadosTomador.{esperado[1]}")


@pytest.mark.parametrize("documento", ["02472202000161", "02.472.202/0001-6", "529982247-25", ""])
def test_customer_document_is_masked(prestador: Cliente, documento: str) -> None:
    assert erro(prestador.tomador(documento)) == (400, "documento")


def test_unmasked_customer_gets_the_mask(prestador: Cliente, opcoes: Mudar) -> None:
    opcoes(aceita_sem_mascara=True)
    assert prestador.tomador("02472202000161").json()["documento"] == TOMADOR
    assert len(prestador.consultar("tomador", documento="02472202000161").json()) == 1


def test_check_digits_are_checked_only_in_strict_mode(prestador: Cliente, opcoes: Mudar) -> None:
    assert prestador.tomador("111.111.111-11").status_code == 200
    opcoes(confere_digitos=True)
    assert erro(prestador.tomador("111.111.111-11")) == (400, "documento")


def test_issued_note_says_number_key_and_date(emissor: Cliente) -> None:
    corpo = emissor.emitir().json()
    assert (corpo["numero"], corpo["serie"], corpo["valor"]) == (1, "0", 5840)
    assert (corpo["dataEmissao"], corpo["dataEmissaoAsString"]) == ("1795179600000", "20/11/2026")
    assert [len(parte) for parte in corpo["key"].split(".")] == [4, 11, 11, 10]


def test_issued_note_has_the_documented_keys(emissor: Cliente) -> None:
    corpo = emissor.emitir().json()
    assert set(corpo) == {
        *("numero", "key", "serie", "dataEmissao", "dataEmissaoAsString", "valor", "valorAsString", "observacao"),
        *("aliquotaIssAsString", "dedMaterialAsString", "listaTributos", "issPagoTomador", "municipio", "tomador"),
        "listaItensNotaFiscal",
    }
    assert set(corpo["tomador"]) == {"documento", "isPessoaFisicaAsString", "dadosTomador"}
    assert "estado" not in corpo["tomador"]["dadosTomador"]["municipio"]
    assert corpo["municipio"]["estado"]["uf"] == "PE"


def test_texts_are_written_as_in_brazil(emissor: Cliente) -> None:
    campos = aplicado(emissor, qtd=2.5, valorUnitario=1234.56, irrf=15.5)
    assert (campos["valorTotal"], campos["valorTotalAsString"]) == (3086.4, "3.086,40")
    assert (campos["qtdAsString"], campos["issAsString"], campos["irrf"]) == ("2,50", "4,31", 15.5)


def test_total_rounds_half_up(emissor: Cliente) -> None:
    assert aplicado(emissor, qtd=0.5, valorUnitario=0.25)["valorTotal"] == 0.13


def test_note_sums_its_items_and_takes_no_tax_away(emissor: Cliente) -> None:
    itens = [item(valorUnitario=100.10, inss=11), item(valorUnitario=0.90)]
    corpo = emissor.emitir(itens=itens, listaTributos=[{"nome": "PIS", "valor": 0.65}]).json()
    assert (corpo["valor"], corpo["valorAsString"]) == (101, "101,00")
    assert corpo["listaTributos"] == [{"nome": "PIS", "valor": 0.65}]


def test_numbers_follow_each_other_and_the_same_request_issues_again(emissor: Cliente) -> None:
    assert [emissor.emitir().json()["numero"] for _ in range(3)] == [1, 2, 3]
    assert len({nota["key"] for nota in emissor.consultar("nfs", {}).json()}) == 3


def test_note_keeps_the_customer_as_it_was(emissor: Cliente) -> None:
    emissor.emitir()
    emissor.tomador(razaoSocial="OUTRO NOME")
    (corpo,) = emissor.consultar("nfs", {}).json()
    assert corpo["tomador"]["dadosTomador"]["razaoSocial"] == "CLIENTE INVENTADO LTDA"


def test_customer_must_exist_before_the_note(prestador: Cliente) -> None:
    assert erro(prestador.emitir()) == (400, "tomador.documento")
    assert prestador.efeitos() == []


def test_iss_sent_outside_the_condition_is_silently_replaced(emissor: Cliente) -> None:
    campos = aplicado(emissor, atividade={"id": DENTRO}, iss=2.0, deducaoMaterial=40.0)
    assert (campos["iss"], campos["deducaoMaterial"]) == (4.31, 0)


def test_iss_outside_the_condition_may_be_refused(emissor: Cliente, opcoes: Mudar) -> None:
    opcoes(recusa_iss_fora=True)
    assert erro(emissor.emitir(itens=[item(iss=2)])) == (400, "listaItensNotaFiscal[0].iss")
    assert emissor.emitir().status_code == 200


@pytest.mark.parametrize("lei116", ITENS_FORA)
def test_iss_due_elsewhere_by_the_activity_is_kept(emissor: Cliente, lei116: str) -> None:
    atividade = emissor.consultar("cnae", lei116__codigo=lei116).json()[0]
    assert atividade["lei116"]["codigo"] == lei116
    campos = aplicado(emissor, atividade={"id": atividade["id"]}, iss=3.5, deducaoMaterial=100)
    assert (campos["iss"], campos["deducaoMaterial"]) == (3.5, 100)


def test_iss_paid_by_the_customer_is_kept_for_any_activity(emissor: Cliente) -> None:
    corpo = emissor.emitir(itens=[item(iss=2)], issPagoTomador=True).json()
    assert corpo["listaItensNotaFiscal"][0]["iss"] == 2


def test_each_item_is_looked_at_by_itself(emissor: Cliente) -> None:
    itens = [item(iss=1), item(iss=1, atividade={"id": FORA})]
    assert [campos["iss"] for campos in emissor.emitir(itens=itens).json()["listaItensNotaFiscal"]] == [4.31, 1]


@pytest.mark.parametrize(
    ("mudanca", "campo"),
    [
        ({}, "iss"),
        ({"iss": 5.01}, "iss"),
        ({"iss": -1}, "iss"),
        ({"iss": 2, "deducaoMaterial": 5840.01}, "deducaoMaterial"),
        ({"iss": 2, "deducaoMaterial": -1}, "deducaoMaterial"),
    ],
)
def test_iss_due_elsewhere_is_checked(emissor: Cliente, mudanca: dict[str, Any], campo: str) -> None:
    resposta = emissor.emitir(itens=[item(atividade={"id": FORA}, **mudanca)])
    assert erro(resposta) == (400, f"listaItensNotaFiscal[0].{campo}")


def test_ceiling_of_the_iss_is_a_setting(emissor: Cliente, opcoes: Mudar) -> None:
    opcoes(iss_maximo=10)
    assert aplicado(emissor, atividade={"id": FORA}, iss=8)["iss"] == 8


def test_rate_of_the_service_is_a_setting_and_a_prestador_may_have_its_own(preparo: Preparo, opcoes: Mudar) -> None:
    cliente = preparo.novo(atividades=["17.14", {"id": DENTRO, "aliquota": 2.79}])
    cliente.tomador()
    assert aplicado(cliente, atividade={"id": DENTRO})["iss"] == 2.79
    (advocacia,) = cliente.consultar("cnae", lei116__codigo="17.14").json()
    assert aplicado(cliente, atividade={"id": advocacia["id"]})["iss"] == 5
    opcoes(iss_padrao=3)
    assert aplicado(cliente, atividade={"id": advocacia["id"]})["iss"] == 3


@pytest.mark.parametrize(
    ("mudanca", "esperado"),
    [
        ({"tomador": None}, (400, "tomador")),
        ({"tomador": {"documento": "02472202000161"}}, (400, "tomador.documento")),
        ({"tomador": {"documento": TOMADOR, "nome": "x"}}, (400, "tomador.nome")),
        ({"municipio": {"id": 0}}, (404, "municipio.id")),
        ({"issPagoTomador": "false"}, (400, "issPagoTomador")),
        ({"observacao": 5}, (400, "observacao")),
        ({"listaTributos": None}, (400, "listaTributos")),
        ({"listaTributos": {}}, (400, "listaTributos")),
        ({"listaTributos": [{"nome": "Iss", "valor": 1}]}, (400, "listaTributos[0].nome")),
        ({"listaTributos": [{"nome": "PIS", "valor": "1,00"}]}, (400, "listaTributos[0].valor")),
        ({"listaTributos": [{"nome": "PIS", "valor": -1}]}, (400, "listaTributos[0].valor")),
        ({"itens": []}, (400, "listaItensNotaFiscal")),
        ({"itens": ["x"]}, (400, "listaItensNotaFiscal[0]")),
        ({"numero": 5}, (400, "numero")),
    ],
)
def test_note_is_refused(emissor: Cliente, mudanca: dict[str, Any], esperado: tuple[int, str]) -> None:
    assert erro(emissor.emitir(**mudanca)) == esperado


@pytest.mark.parametrize(
    ("mudanca", "esperado"),
    [
        ({"qtd": None}, (400, "qtd")),
        ({"qtd": "1"}, (400, "qtd")),
        ({"qtd": True}, (400, "qtd")),
        ({"qtd": 0}, (400, "qtd")),
        ({"qtd": 0.0000000000001}, (400, "qtd")),
        ({"valorUnitario": 0}, (400, "valorUnitario")),
        ({"valorUnitario": 0.001}, (400, "valorUnitario")),
        ({"valorUnitario": 999999999999, "qtd": 2}, (400, "valorUnitario")),
        ({"valorUnitario": 10**15}, (400, "valorUnitario")),
        ({"inss": None}, (400, "inss")),
        ({"irrf": -0.01}, (400, "irrf")),
        ({"descricao": ""}, (400, "descricao")),
        ({"unidadeMedida": {"id": 8}}, (404, "unidadeMedida.id")),
        ({"unidadeMedida": {"nome": "Hora"}}, (400, "unidadeMedida.id")),
        ({"atividade": {"id": 1}}, (404, "atividade.id")),
        ({"desconto": 1}, (400, "desconto")),
    ],
)
def test_item_is_refused(emissor: Cliente, mudanca: dict[str, Any], esperado: tuple[int, str]) -> None:
    assert erro(emissor.emitir(itens=[item(**mudanca)])) == (esperado[0], f"listaItensNotaFiscal[0].{esperado[1]}")


def test_activity_must_be_assigned_to_the_prestador(preparo: Preparo) -> None:
    cliente = preparo.novo(atividades=[DENTRO])
    cliente.tomador()
    resposta = cliente.emitir(itens=[item(atividade={"id": FORA}, iss=2)])
    assert erro(resposta) == (400, "listaItensNotaFiscal[0].atividade.id")


@pytest.mark.parametrize(
    "corpo",
    [
        b"",
        b"nada",
        b"{}}",
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b"\xff",
        b"[" * 100000,
        b'{"a": "\\ud800"}',
        b"1e99999999",
    ],
)
def test_body_must_be_json(prestador: Cliente, corpo: bytes) -> None:
    assert erro(prestador.enviar("nfs", corpo)) == (400, None)


@pytest.mark.parametrize("zero", [b"0e999999", b"0e-999999", b"-0.0"])
def test_odd_zeros_are_zero(emissor: Cliente, zero: bytes) -> None:
    corpo = json.dumps(nota()).encode().replace(b'"inss": 0', b'"inss": ' + zero)
    assert emissor.enviar("nfs", corpo).json()["listaItensNotaFiscal"][0]["inss"] == 0


@pytest.mark.parametrize("no_item", [False, True])
def test_deprecated_fields_are_ignored_and_noted(emissor: Cliente, no_item: bool) -> None:
    velho: dict[str, Any] = {"calculaInss": True}
    resposta = emissor.emitir(itens=[item(**velho)]) if no_item else emissor.emitir(**velho)
    assert "calculaInss" not in resposta.text
    (chamada,) = emissor.sandbox.controle.chamadas(contribuinte=emissor.prestador, operacao="nfs")
    assert chamada["codigos"] == ["obsoleto:calculaInss"]


def test_deprecated_fields_may_be_refused(emissor: Cliente, opcoes: Mudar) -> None:
    opcoes(recusa_obsoletos=True)
    assert erro(emissor.emitir(calculaIrrf=False)) == (400, "calculaIrrf")
    assert erro(emissor.emitir(itens=[item(calculaInss=True)])) == (400, "listaItensNotaFiscal[0].calculaInss")


def test_unknown_fields_may_be_ignored(emissor: Cliente, opcoes: Mudar) -> None:
    opcoes(ignora_campo_desconhecido=True)
    resposta = emissor.emitir(itens=[item(desconto=1)], competencia="2026-11")
    assert resposta.status_code == 200
    assert "desconto" not in resposta.text


def test_number_may_be_missing_from_the_answer_only(emissor: Cliente, opcoes: Mudar) -> None:
    opcoes(omite_numero=True)
    corpo = emissor.emitir().json()
    assert "numero" not in corpo
    (achada,) = emissor.consultar("nfs", key=corpo["key"]).json()
    assert achada["numero"] == 1


def test_other_taxes_may_come_back_empty(emissor: Cliente, opcoes: Mudar) -> None:
    opcoes(esvazia_tributos=True)
    assert emissor.emitir(listaTributos=[{"nome": "PIS", "valor": 1}]).json()["listaTributos"] == []


def test_ledger_says_how_many_notes_carry_a_mark(emissor: Cliente) -> None:
    for observacao in (f"{MARCA} um", f"dois {MARCA}", "outra"):
        emissor.emitir(tag="T1", observacao=observacao)
    assert [efeito["numero"] for efeito in emissor.efeitos(tipo="nota_emitida", documento=f"*{MARCA}*")] == ["1", "2"]
    (efeito,) = emissor.efeitos(documento="outra")
    assert (efeito["valor"], efeito["tag"], efeito["pa"]) == ("5840.00", "T1", "202611")


def test_ledger_says_which_customer_was_written(prestador: Cliente) -> None:
    prestador.tomador()
    (efeito,) = prestador.efeitos()
    assert (efeito["tipo"], efeito["documento"]) == ("tomador_gravado", TOMADOR)


def test_date_of_a_note_is_that_of_recife(emissor: Cliente, passar_tempo: Callable[[str], None]) -> None:
    passar_tempo("2026-12-01T01:30:00+00:00")
    emissor.entrar()
    assert emissor.emitir().json()["dataEmissaoAsString"] == "30/11/2026"
    assert emissor.efeitos(tipo="nota_emitida")[0]["pa"] == "202611"


def test_note_is_of_the_place_it_names(emissor: Cliente) -> None:
    assert emissor.emitir(municipio={"id": TAQUARITINGA}).json()["municipio"]["codigo"] == "15003"
