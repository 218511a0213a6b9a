"""SISGENF-e, what is asked about a note already issued: correction letters and the one cancellation."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.sandbox.sisgenfe import MARCA, Cliente, erro

Mudar = Callable[..., None]


@pytest.fixture
def com_nota(emissor: Cliente) -> Cliente:
    """A prestador whose note 1 is issued."""
    emissor.emitir().raise_for_status()
    return emissor


def decidir(cliente: Cliente, aprova: bool, numero: int = 1) -> str:
    pedido = {"prestador": cliente.prestador, "numero": numero, "aprova": aprova}
    return str(cliente.sandbox.controle.post("sisgenfe/cancelamentos", pedido).json()["situacao"])


def situacao(cliente: Cliente, numero: int = 1) -> str:
    (nota,) = cliente.sandbox.controle.get("sisgenfe/notas", prestador=cliente.prestador, numero=numero)["notas"]
    return str(nota["situacao"])


def test_correction_answers_the_whole_note_and_changes_nothing_of_it(com_nota: Cliente) -> None:
    antes = com_nota.consultar("nfs", numero=1).json()[0]
    assert com_nota.corrigir(1, "Leia-se B").json() == {"notaFiscal": antes, "historico": "Leia-se B"}
    assert com_nota.consultar("nfs", numero=1).json() == [antes]


def test_corrections_have_no_limit_of_number_or_time(com_nota: Cliente, passar_tempo: Callable[[str], None]) -> None:
    passar_tempo("2029-01-01T10:00:00-03:00")
    com_nota.entrar()
    assert [com_nota.corrigir(1).status_code for _ in range(3)] == [200] * 3
    cartas = com_nota.efeitos(tipo="carta_correcao", documento=f"*{MARCA}*")
    assert [(carta["numero"], carta["sequencia"], carta["pa"]) for carta in cartas] == [
        ("1", sequencia, "202611") for sequencia in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("numero", "historico", "esperado"),
    [
        (2, "x", (404, "notaFiscal.numero")),
        (10**14, "x", (404, "notaFiscal.numero")),
        (10**30, "x", (400, "notaFiscal.numero")),
        ("1", "x", (400, "notaFiscal.numero")),
        (1, "", (400, "historico")),
        (1, None, (400, "historico")),
    ],
)
def test_correction_is_refused(com_nota: Cliente, numero: Any, historico: Any, esperado: tuple[int, str]) -> None:
    assert erro(com_nota.corrigir(numero, historico)) == esperado


def test_correction_of_values_is_an_unknown_field(com_nota: Cliente) -> None:
    assert erro(com_nota.corrigir(1, valor=10)) == (400, "valor")


def test_cancellation_is_a_request(com_nota: Cliente) -> None:
    corpo = com_nota.cancelar(1, 3, "Errei").json()
    assert (corpo["tipoCancelamento"], corpo["historico"]) == ({"id": 3, "nome": "Erro de Digitação"}, "Errei")
    assert corpo["notaFiscal"] == com_nota.consultar("nfs", numero=1).json()[0]
    assert situacao(com_nota) == "cancelamento_solicitado"


@pytest.mark.parametrize(("tipo", "nome"), [(2, "Cancelada pelo Credor"), (4, "Valor Errado")])
def test_other_kinds_of_cancellation(com_nota: Cliente, tipo: int, nome: str) -> None:
    assert com_nota.cancelar(1, tipo).json()["tipoCancelamento"]["nome"] == nome


@pytest.mark.parametrize(
    ("pedido", "esperado"),
    [
        ((2,), (404, "notaFiscal.numero")),
        ((1, 1), (400, "tipoCancelamento.id")),
        ((1, 5), (400, "tipoCancelamento.id")),
        ((1, "3"), (400, "tipoCancelamento.id")),
        ((1, 3, ""), (400, "historico")),
    ],
)
def test_cancellation_is_refused(com_nota: Cliente, pedido: tuple[Any, ...], esperado: tuple[int, str]) -> None:
    assert erro(com_nota.cancelar(*pedido)) == esperado
    assert com_nota.efeitos(tipo="cancelamento_solicitado") == []


def test_cancellation_is_asked_for_only_once(com_nota: Cliente) -> None:
    com_nota.cancelar(1)
    assert erro(com_nota.cancelar(1)) == (409, "notaFiscal.numero")
    assert len(com_nota.efeitos(tipo="cancelamento_solicitado", documento=f"*{MARCA}*")) == 1


def test_town_approves_later(com_nota: Cliente) -> None:
    com_nota.cancelar(1)
    assert decidir(com_nota, aprova=True) == situacao(com_nota) == "cancelada"
    assert erro(com_nota.corrigir(1)) == (400, "notaFiscal.numero")
    assert erro(com_nota.cancelar(1)) == (409, "notaFiscal.numero")


def test_town_denies_and_the_request_is_used_up(com_nota: Cliente) -> None:
    com_nota.cancelar(1)
    assert decidir(com_nota, aprova=False) == situacao(com_nota) == "emitida"
    assert com_nota.corrigir(1).status_code == 200
    assert erro(com_nota.cancelar(1)) == (409, "notaFiscal.numero")


def test_town_decides_what_waits_and_nothing_else(com_nota: Cliente) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        decidir(com_nota, aprova=True)
    com_nota.cancelar(1)
    espera = com_nota.sandbox.controle.get("sisgenfe/cancelamentos")["notas"]
    assert [nota["numero"] for nota in espera if nota["prestador"] == com_nota.prestador] == [1]


def test_note_waiting_for_the_town_can_be_corrected(com_nota: Cliente) -> None:
    com_nota.cancelar(1)
    assert com_nota.corrigir(1).status_code == 200


def test_note_shows_nothing_of_its_cancellation(com_nota: Cliente) -> None:
    antes = com_nota.consultar("nfs", {}).json()
    com_nota.cancelar(1)
    decidir(com_nota, aprova=True)
    assert com_nota.consultar("nfs", {}).json() == antes


def test_note_may_show_that_it_is_cancelled(com_nota: Cliente, opcoes: Mudar) -> None:
    opcoes(mostra_cancelada=True)
    com_nota.cancelar(1)
    assert com_nota.consultar("nfs", {}).json()[0]["cancelada"] is False
    decidir(com_nota, aprova=True)
    assert com_nota.consultar("nfs", {}).json()[0]["cancelada"] is True


def test_cancelled_note_may_be_correctable(com_nota: Cliente, opcoes: Mudar) -> None:
    com_nota.cancelar(1)
    decidir(com_nota, aprova=True)
    opcoes(corrige_cancelada=True)
    assert com_nota.corrigir(1).status_code == 200


def test_town_may_approve_at_once(com_nota: Cliente, opcoes: Mudar) -> None:
    opcoes(decisao="aprova")
    com_nota.cancelar(1)
    assert situacao(com_nota) == "cancelada"


@pytest.mark.parametrize(("decisao", "fim"), [("aprova", "cancelada"), ("nega", "emitida")])
def test_town_may_answer_by_itself_when_the_clock_gets_there(
    com_nota: Cliente, opcoes: Mudar, passar_tempo: Callable[[str], None], decisao: str, fim: str
) -> None:
    opcoes(decisao=decisao, decisao_segundos=3600)
    com_nota.cancelar(1)
    passar_tempo("2026-11-20T10:59:59-03:00")
    assert situacao(com_nota) == "cancelamento_solicitado"
    passar_tempo("2026-11-20T11:00:00-03:00")
    assert situacao(com_nota) == fim


def test_next_call_sees_what_the_town_decided_meanwhile(
    com_nota: Cliente, opcoes: Mudar, passar_tempo: Callable[[str], None]
) -> None:
    opcoes(decisao="aprova", decisao_segundos=60)
    com_nota.cancelar(1)
    passar_tempo("2026-11-20T10:01:00-03:00")
    assert erro(com_nota.corrigir(1)) == (400, "notaFiscal.numero")


def test_cancellation_has_a_window(com_nota: Cliente, passar_tempo: Callable[[str], None]) -> None:
    com_nota.emitir()
    passar_tempo("2026-12-20T10:00:00-03:00")
    com_nota.entrar()
    assert com_nota.cancelar(1).status_code == 200
    passar_tempo("2026-12-20T10:00:01-03:00")
    assert erro(com_nota.cancelar(2)) == (400, "notaFiscal.numero")


def test_window_is_a_setting(com_nota: Cliente, opcoes: Mudar, passar_tempo: Callable[[str], None]) -> None:
    passar_tempo("2036-12-20T10:00:00-03:00")
    opcoes(cancelamento_dias=0)
    com_nota.entrar()
    assert com_nota.cancelar(1).status_code == 200


def test_town_may_limit_the_requests_of_a_day(
    com_nota: Cliente, opcoes: Mudar, passar_tempo: Callable[[str], None]
) -> None:
    com_nota.emitir()
    opcoes(cancelamentos_por_dia=1)
    com_nota.cancelar(1)
    assert erro(com_nota.cancelar(2)) == (400, "notaFiscal.numero")
    passar_tempo("2026-11-21T00:00:00-03:00")
    com_nota.entrar()
    assert com_nota.cancelar(2).status_code == 200
