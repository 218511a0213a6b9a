"""Integra Notas: cancel, substitute, and a town hall that disagrees with the service."""

from typing import Any

import pytest

from tests.sandbox.integranotas import Notas, arquivo, campos, tomador_de_teste


def test_cancel_answers_with_the_papers_of_the_cancellation(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    resposta = notas.cancelar(chave)
    assert (resposta["sucesso"], resposta["codigo"], resposta["chave"]) == (True, 101, chave)
    assert resposta["data_hora_evento"] == "2026-11-21T10:00:00-03:00"
    assert b"NfseCancelamento" in arquivo(resposta["xml"])
    assert len(notas.ledger("nfse_cancelada", documento="1/1")) == 1


def test_consult_of_a_cancelled_note(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    cancelada = notas.cancelar(chave)
    resposta = notas.consultar(chave)
    assert (resposta["sucesso"], resposta["codigo"], resposta["status"]) == (True, 101, "cancelado")
    assert resposta["xml"] == cancelada["xml"]


def test_the_number_of_a_cancelled_note_is_spent(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    notas.cancelar(chave)
    assert (notas.criar()["codigo"], notas.criar()["chave"]) == (5008, chave)


@pytest.mark.parametrize(
    ("mudancas", "codigo", "campo"),
    [
        ({"motivo_cancelamento": "curto demais"}, 5002, "motivo_cancelamento"),
        ({"motivo_cancelamento": None}, 5001, "motivo_cancelamento"),
        ({"codigo_cancelamento": None}, 5001, "codigo_cancelamento"),
        ({"codigo_cancelamento": "3"}, 5002, "codigo_cancelamento"),
        ({"chave": None}, 5001, "chave"),
        ({"chave": "1"}, 5002, "chave"),
    ],
)
def test_senseless_cancellations(notas: Notas, mudancas: dict[str, Any], codigo: int, campo: str) -> None:
    resposta = notas.cancelar(notas.criar()["chave"], **mudancas)
    assert (resposta["codigo"], campos(resposta)) == (codigo, [campo])
    assert notas.ledger("nfse_cancelada") == []


def test_code_may_be_a_number_and_the_reason_have_its_older_name(notas: Notas) -> None:
    velho = {"codigo_cancelamento": 2, "motivo_cancelamento": None, "justificativa": "Serviço não prestado"}
    assert notas.cancelar(notas.criar()["chave"], **velho)["codigo"] == 101


def test_national_towns_have_other_codes(notas: Notas) -> None:
    notas.prefeitura(padrao="nacional")
    chave = notas.criar(versao=2, item={"codigo_nbs": "115021000"})["chave"]
    assert notas.cancelar(chave, codigo_cancelamento="4")["codigo"] == 5002
    assert notas.cancelar(chave, codigo_cancelamento="9")["codigo"] == 101


def test_town_without_cancellation_leaves_the_note_as_it_is(notas: Notas) -> None:
    chave = notas.criar(tomador=tomador_de_teste("não oferece cancelamento"))["chave"]
    resposta = notas.cancelar(chave)
    assert (resposta["sucesso"], resposta["codigo"]) == (False, 5300)
    assert notas.consultar(chave)["codigo"] == 100


def test_what_a_town_offers_is_asked_when_it_is_cancelled(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    notas.opcoes(padrao_municipio={"cancela": False})
    assert notas.cancelar(chave)["codigo"] == 5300


def test_refused_cancellation_does_not_delete_the_note(notas: Notas) -> None:
    notas.prefeitura(cancela_desfecho="recusar")
    chave = notas.criar()["chave"]
    assert notas.cancelar(chave)["codigo"] == 5200
    assert notas.consultar(chave)["codigo"] == 100


@pytest.mark.parametrize(
    ("trecho", "depois"), [("demora 30 segundos para cancelar", 101), ("recusa o cancelamento", 100)]
)
def test_asynchronous_cancellation(notas: Notas, trecho: str, depois: int) -> None:
    chave = notas.criar(tomador=tomador_de_teste(trecho))["chave"]
    assert notas.cancelar(chave)["codigo"] == 5023
    assert notas.consultar(chave)["codigo"] == 5023
    notas.relogio("10:00:30")
    assert notas.consultar(chave)["codigo"] == depois
    assert len(notas.ledger("nfse_cancelada")) == (depois == 101)


@pytest.mark.parametrize("antes", ["processando", "cancelando", "cancelada"])
def test_only_an_authorised_note_is_cancelled(notas: Notas, antes: str) -> None:
    notas.prefeitura(segundos=30 if antes == "processando" else 0, cancela_segundos=30 if antes == "cancelando" else 0)
    chave = notas.criar()["chave"]
    if antes != "processando":
        notas.cancelar(chave)
    assert notas.cancelar(chave)["codigo"] == 5400


def test_substitution_issues_the_new_note_and_cancels_the_old_one(notas: Notas) -> None:
    antiga = notas.criar(1)["chave"]
    nova = notas.substituir(antiga, 2)
    assert (nova["codigo"], nova["numero"]) == (100, "2")
    assert notas.consultar(antiga)["codigo"] == 101
    assert [efeito["documento"] for efeito in notas.ledger("nfse_substituida")] == ["1/1"]
    assert [efeito["documento"] for efeito in notas.ledger()] == ["1/1", "1/2"]


def test_old_note_falls_when_the_new_one_is_authorised(notas: Notas) -> None:
    antiga = notas.criar(1)["chave"]
    notas.prefeitura(segundos=30)
    assert notas.substituir(antiga, 2)["codigo"] == 5023
    assert notas.consultar(antiga)["codigo"] == 100
    notas.relogio("10:00:30")
    assert notas.consultar(antiga)["codigo"] == 101


def test_refused_substitute_leaves_the_old_note(notas: Notas) -> None:
    antiga = notas.criar(1)["chave"]
    nova = notas.substituir(antiga, 2, tomador=tomador_de_teste("recusa 30 segundos"))["chave"]
    notas.relogio("10:00:30")
    assert (notas.consultar(nova)["codigo"], notas.consultar(antiga)["codigo"]) == (5200, 100)


def test_substitute_of_a_note_cancelled_meanwhile_is_refused(notas: Notas) -> None:
    antiga = notas.criar(1)["chave"]
    notas.prefeitura(segundos=30)
    nova = notas.substituir(antiga, 2)["chave"]
    notas.cancelar(antiga)
    notas.relogio("10:00:30")
    assert notas.consultar(nova)["codigo"] == 5200
    assert len(notas.ledger()) == 1


def test_substitute_with_the_number_of_the_old_note(notas: Notas) -> None:
    antiga = notas.criar(1)["chave"]
    repetida = notas.substituir(antiga, 1)
    assert (repetida["codigo"], repetida["chave"]) == (5008, antiga)
    assert notas.consultar(antiga)["codigo"] == 100


def test_town_without_substitution(notas: Notas) -> None:
    antiga = notas.criar(1)["chave"]
    notas.opcoes(padrao_municipio={"substitui": False})
    assert notas.substituir(antiga, 2)["codigo"] == 5300


def test_answer_of_a_substitution_may_come_nested(notas: Notas) -> None:
    notas.opcoes(substitui_aninhado=True)
    resposta = notas.substituir(notas.criar(1)["chave"], 2)
    assert "chave" not in resposta
    assert (resposta["codigo"], resposta["nfse"]["numero"]) == (100, "2")


def na_prefeitura(notas: Notas, chave: str, situacao: str) -> str:
    resposta = notas.controle.post(f"integranotas/notas/{chave}/prefeitura", {"situacao": situacao})
    return str(resposta.json()["xml"])


def test_cancellation_on_the_site_of_the_town_is_seen_by_resolve(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    na_prefeitura(notas, chave, "cancelada")
    assert notas.consultar(chave)["codigo"] == 100
    assert notas.chamar("GET", f"/nfse/resolve/{chave}").json()["codigo"] == 101
    assert notas.consultar(chave)["codigo"] == 101


def test_note_cancelled_on_the_site_of_the_town_cannot_be_cancelled_again(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    na_prefeitura(notas, chave, "cancelada")
    resposta = notas.cancelar(chave)
    assert resposta["codigo"] == 5200
    assert "resolve" in resposta["mensagem"]


def test_resolve_of_a_note_that_did_not_change(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    assert notas.chamar("GET", f"/nfse/resolve/{chave}").json()["codigo"] == 100


def conflito(notas: Notas, chave: str, xml: str) -> dict[str, Any]:
    return dict(notas.chamar("POST", "/nfse/conflito", {"chave": chave, "xml": xml}).json())


def test_conflict_takes_over_what_the_town_issued(notas: Notas) -> None:
    notas.prefeitura(segundos=None)
    chave = notas.criar()["chave"]
    xml = na_prefeitura(notas, chave, "autorizada")
    assert notas.consultar(chave)["codigo"] == 5023
    resposta = conflito(notas, chave, xml)
    assert (resposta["codigo"], resposta["numero"]) == (100, "1")
    assert len(notas.ledger()) == 1


def test_conflict_takes_over_a_cancellation(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    assert conflito(notas, chave, na_prefeitura(notas, chave, "cancelada"))["codigo"] == 101


def test_conflict_takes_over_the_event_that_cancels_a_national_note(notas: Notas) -> None:
    notas.prefeitura(padrao="nacional")
    criadas = [notas.criar(numero, versao=2, item={"codigo_nbs": "115021000"})["chave"] for numero in (1, 2)]
    evento = na_prefeitura(notas, criadas[0], "cancelada")
    assert campos(conflito(notas, criadas[1], evento)) == ["xml"]
    assert conflito(notas, criadas[0], evento)["codigo"] == 101


def test_conflict_refuses_an_xml_of_another_note_or_none(notas: Notas) -> None:
    chave, outra = notas.criar(1)["chave"], notas.criar(2)
    assert campos(conflito(notas, chave, outra["xml"])) == ["xml"]
    assert campos(conflito(notas, chave, "PG5vdA==")) == ["xml"]
    assert campos(conflito(notas, chave, "")) == ["xml"]


def test_conflict_refuses_an_xml_that_is_not_the_present_one(notas: Notas) -> None:
    criada = notas.criar()
    na_prefeitura(notas, criada["chave"], "cancelada")
    assert conflito(notas, criada["chave"], criada["xml"])["codigo"] == 5200


def test_planned_answer_takes_over_what_the_town_had_issued(notas: Notas) -> None:
    notas.prefeitura(segundos=30, desfecho="recusar")
    chave = notas.criar()["chave"]
    na_prefeitura(notas, chave, "autorizada")
    notas.relogio("10:00:30")
    assert notas.consultar(chave)["codigo"] == 100
    assert len(notas.ledger()) == 1
