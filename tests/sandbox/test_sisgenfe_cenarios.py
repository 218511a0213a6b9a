"""SISGENF-e under scenarios and limits: how a call goes wrong, and what happened outside all the same."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from sandbox.nucleo.desfechos import ACOES
from sandbox.sisgenfe.prestadores_teste import PRESTADORES_DE_TESTE
from tests.sandbox.sisgenfe import MARCA, TOMADOR, Cliente, Preparo, erro, mascara

Regra = Callable[..., dict[str, Any]]
Mudar = Callable[..., None]


@pytest.fixture
def regra(emissor: Cliente) -> Iterator[Regra]:
    """Add a rule about this prestador, for one test."""
    criadas: list[dict[str, Any]] = []

    def criar(acao: str, **campos: Any) -> dict[str, Any]:
        criadas.append(
            emissor.sandbox.controle.cenario(acao=acao, servico="sisgenfe", contribuinte=emissor.prestador, **campos)
        )
        return criadas[-1]

    yield criar
    for criada in criadas:
        httpx.delete(f"{emissor.sandbox.enderecos['controle']}controle/api/cenarios/{criada['id']}", trust_env=False)


def notas(cliente: Cliente) -> list[str]:
    """What the ledger says of notes: their observacao."""
    return [efeito["documento"] for efeito in cliente.efeitos(tipo="nota_emitida")]


@pytest.mark.parametrize("acao", ["perder_resposta", "truncar", "efeito_tardio", "cortar"])
def test_connection_that_drops_hides_what_happened(emissor: Cliente, regra: Regra, acao: str) -> None:
    regra(acao, operacao="nfs", vezes=1)
    with pytest.raises(httpx.TransportError):
        emissor.emitir()
    assert len(notas(emissor)) == (1 if ACOES[acao][0] else 0)


def test_effect_lands_when_the_clock_gets_there(
    emissor: Cliente, regra: Regra, passar_tempo: Callable[[str], None]
) -> None:
    regra("efeito_tardio", operacao="nfs", vezes=1, parametros={"segundos": 30})
    with pytest.raises(httpx.TransportError):
        emissor.emitir(tag="tardia", listaTributos=[{"nome": "PIS", "valor": 0.65}])
    passar_tempo("2026-11-20T10:00:29-03:00")
    assert emissor.consultar("nfs", {}).json() == []
    passar_tempo("2026-11-20T10:00:30-03:00")
    (achada,) = emissor.consultar("nfs", {}).json()
    assert (achada["numero"], achada["listaTributos"]) == (1, [{"nome": "PIS", "valor": 0.65}])
    assert emissor.efeitos(tipo="nota_emitida")[0]["tag"] == "tardia"


def test_late_effect_that_would_be_refused_leaves_nothing(
    emissor: Cliente, regra: Regra, passar_tempo: Callable[[str], None]
) -> None:
    regra("efeito_tardio", operacao="cancela", vezes=1, parametros={"segundos": 30})
    emissor.emitir()
    with pytest.raises(httpx.TransportError):
        emissor.cancelar(1)
    emissor.cancelar(1)
    passar_tempo("2026-11-20T10:01:00-03:00")
    assert len(emissor.efeitos(tipo="cancelamento_solicitado")) == 1


def test_timeout_of_the_service_hides_a_note(emissor: Cliente, regra: Regra) -> None:
    regra("tempo_esgotado", operacao="nfs", vezes=1)
    assert erro(emissor.emitir()) == (504, None)
    assert len(notas(emissor)) == 1


def test_refusal_names_the_field_it_was_told(emissor: Cliente, regra: Regra) -> None:
    regra("recusar", operacao="nfs", parametros={"http": 400, "codigo": "municipio.id", "texto": "Não."})
    assert erro(emissor.emitir()) == (400, "municipio.id")
    assert notas(emissor) == []


@pytest.mark.parametrize(("html", "tipo"), [("nenhum", "application/json"), ("5xx", "text/html; charset=utf-8")])
def test_failures_come_as_json_or_as_a_page(
    emissor: Cliente, regra: Regra, opcoes: Mudar, html: str, tipo: str
) -> None:
    opcoes(erros_html=html)
    regra("erro", operacao="nfs", vezes=1, parametros={"http": 503})
    resposta = emissor.emitir()
    assert (resposta.status_code, resposta.headers["Content-Type"]) == (503, tipo)
    assert emissor.corrigir(9).headers["Content-Type"] == "application/json"


def test_expired_token_is_dead_until_the_next_login(emissor: Cliente, regra: Regra) -> None:
    regra("token_expirado", operacao="nfs", vezes=1)
    antes = emissor.token
    assert [emissor.emitir().status_code for _ in range(2)] == [401, 401]
    emissor.entrar()
    assert emissor.token != antes
    assert emissor.emitir().status_code == 200


def test_throttled_call(emissor: Cliente, regra: Regra) -> None:
    regra("limite", operacao="nfs", vezes=1, parametros={"retry_after": 7})
    assert emissor.emitir().headers["Retry-After"] == "7"


def test_login_goes_wrong_by_prestador(emissor: Cliente, regra: Regra) -> None:
    regra("erro", operacao="login", vezes=1)
    assert [emissor.login().status_code for _ in range(2)] == [503, 200]


def test_rule_aims_at_one_note_by_its_mark(emissor: Cliente, regra: Regra) -> None:
    regra("erro", operacao="nfs", documento=f"*{MARCA}*")
    assert emissor.emitir(observacao="outra nota").status_code == 200
    assert emissor.emitir(observacao=f"{'x' * 80} {MARCA} fim").status_code == 503


def test_rule_about_a_document_reaches_what_is_asked_of_it_later(emissor: Cliente, regra: Regra) -> None:
    emissor.emitir(observacao="nota um")
    emissor.emitir(observacao="nota dois")
    regra("erro", operacao="cancela", documento="nota dois")
    assert [emissor.cancelar(numero).status_code for numero in (1, 2)] == [200, 503]


@pytest.mark.parametrize(
    ("documento", "toca"), [("nota", False), ("nota*", True), ("*um", True), ("nota um", True), ("*", True)]
)
def test_document_of_a_rule_is_exact_but_for_its_stars(
    emissor: Cliente, regra: Regra, documento: str, toca: bool
) -> None:
    regra("erro", operacao="nfs", documento=documento)
    assert emissor.emitir(observacao="nota um").status_code == (503 if toca else 200)


def test_rule_may_count_each_document_by_itself(emissor: Cliente, regra: Regra) -> None:
    regra("erro", operacao="nfs", conta_por="documento", vezes=1)
    longa = "x" * 80
    textos = (f"{longa}a", f"{longa}b", f"{longa}a", f"{longa}b")
    assert [emissor.emitir(observacao=texto).status_code for texto in textos] == [503, 503, 200, 200]


def test_rule_about_effects_leaves_readings_alone(emissor: Cliente, regra: Regra) -> None:
    regra("erro", so_efeito=True)
    assert emissor.consultar("nfs", {}).status_code == 200
    assert emissor.tomador().status_code == 503


def test_rule_by_month_reaches_the_note_of_that_month(
    emissor: Cliente, regra: Regra, passar_tempo: Callable[[str], None]
) -> None:
    emissor.emitir()
    regra("erro", operacao="corrige", pa="202611")
    passar_tempo("2026-12-05T10:00:00-03:00")
    emissor.entrar()
    assert emissor.corrigir(1).status_code == 503


def test_operation_of_a_rule_must_exist(emissor: Cliente) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        emissor.sandbox.controle.cenario(acao="erro", servico="sisgenfe", operacao="nfs/corrige")


def test_calls_are_recorded(emissor: Cliente) -> None:
    emissor.emitir(tag="T7")
    (chamada,) = emissor.sandbox.controle.chamadas(contribuinte=emissor.prestador, operacao="nfs")
    assert (chamada["servico"], chamada["ambiente"], chamada["rota"]) == ("sisgenfe", "producao", "nfs")
    assert (chamada["tag"], chamada["pa"], chamada["status_http"], chamada["cobranca"]) == ("T7", "202611", 200, "nao")


def test_refused_field_is_in_the_record_of_calls(emissor: Cliente) -> None:
    emissor.emitir(tomador={"documento": mascara(emissor.prestador)})
    (chamada,) = emissor.sandbox.controle.chamadas(contribuinte=emissor.prestador, operacao="nfs")
    assert chamada["codigos"] == ["tomador.documento"]


def test_calls_are_no_consumption_of_another_service(emissor: Cliente) -> None:
    controle = f"{emissor.sandbox.enderecos['controle']}controle/api/consumo"
    assert len(httpx.get(controle, trust_env=False).text.splitlines()) == 1


@pytest.fixture
def limitar(preparo: Preparo) -> Iterator[Callable[..., None]]:
    def limitar(**limite: Any) -> None:
        preparo.sandbox.controle.ajustes(limites=[limite])

    yield limitar
    preparo.sandbox.controle.ajustes(limites=[])


def test_rate_limit_of_an_operation_by_token(emissor: Cliente, limitar: Callable[..., None]) -> None:
    limitar(nome="nfs", operacao="nfs", quantidade=2)
    assert [emissor.emitir().status_code for _ in range(3)] == [200, 200, 429]
    assert emissor.emitir().headers["Retry-After"] == "300"
    assert emissor.consultar("nfs", {}).status_code == 200
    emissor.entrar()
    assert emissor.emitir().status_code == 200


def test_rate_limit_of_the_login_by_application(emissor: Cliente, limitar: Callable[..., None]) -> None:
    limitar(nome="login", operacao="login", quantidade=1, retry_after=False)
    resposta = [emissor.login() for _ in range(2)][-1]
    assert (resposta.status_code, "Retry-After" in resposta.headers) == (429, False)
    assert emissor.login(app="outra").status_code == 401


@pytest.mark.parametrize("teste", PRESTADORES_DE_TESTE, ids=lambda teste: teste.titulo)
def test_test_issuers_behave_as_their_names_say(preparo: Preparo, teste: Any) -> None:
    demonstracao = preparo.sandbox.controle.get("sisgenfe/demonstracao")
    cliente = Cliente(preparo.sandbox, preparo.http, teste.cnpj)
    acesso = {"app": demonstracao["app"], "username": demonstracao["usuario"], "password": demonstracao["senha"]}
    cliente.entrar(**acesso).tomador(TOMADOR)
    if not teste.regra:
        assert cliente.emitir().status_code == 200
        return
    acao, parametros = teste.regra["acao"], teste.regra["parametros"]
    if ACOES[acao][1] == "corte":
        with pytest.raises(httpx.TransportError):
            cliente.emitir()
    else:
        assert cliente.emitir().status_code == {"erro": 503, "token_expirado": 401, "html": 200}[acao]
    assert len(notas(cliente)) == int(parametros.get("efeito", ACOES[acao][0]))
    assert cliente.entrar(**acesso).emitir().status_code == 200
