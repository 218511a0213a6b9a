"""Integra Notas: scenarios, and what happened outside all the same."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.integranotas.catalogo import OPERACOES, SOFTHOUSE, Operacao
from sandbox.nucleo.desfechos import ACOES
from tests.sandbox.integranotas import Notas, nota

VALORES = {"chave": "1" * 50, "ibge": "4119905", "documento": "11222333000181"}


def cenario(notas: Notas, acao: str, **regra: Any) -> None:
    notas.controle.cenario(acao=acao, servico="integranotas", vezes=1, **regra)


def emitidas(notas: Notas, documento: str = "1/1") -> int:
    return len(notas.ledger(documento=documento))


def enviar(notas: Notas, numero: int = 1) -> httpx.Response:
    return notas.chamar("POST", "/nfse", nota(numero))


@pytest.mark.parametrize(("acao", "efeitos"), [("perder_resposta", 1), ("cortar", 0), ("truncar", 1)])
def test_cut_connections(notas: Notas, acao: str, efeitos: int) -> None:
    cenario(notas, acao, operacao="nfse_criar")
    with pytest.raises(httpx.TransportError):
        enviar(notas)
    assert emitidas(notas) == efeitos
    assert notas.criar()["codigo"] == (5008 if efeitos else 100)


def test_late_effect_lands_when_the_clock_gets_there(notas: Notas) -> None:
    cenario(notas, "efeito_tardio", operacao="nfse_criar", parametros={"segundos": 30})
    with pytest.raises(httpx.TransportError):
        enviar(notas)
    assert emitidas(notas) == 0
    notas.relogio("10:00:30")
    assert emitidas(notas) == 1
    assert notas.criar()["codigo"] == 5008


def test_late_effect_that_would_be_refused_leaves_nothing(notas: Notas) -> None:
    cenario(notas, "efeito_tardio", parametros={"segundos": 30})
    with pytest.raises(httpx.TransportError):
        enviar(notas)
    notas.criar()
    notas.relogio("10:00:30")
    assert emitidas(notas) == 1


def test_late_rotation_of_a_token(notas: Notas) -> None:
    cenario(notas, "efeito_tardio", operacao="emitente_token", parametros={"segundos": 30})
    with pytest.raises(httpx.TransportError):
        notas.chamar("GET", "/emitente/token")
    assert notas.chamar("GET", "/emitente").status_code == 200
    notas.relogio("10:00:30")
    assert notas.chamar("GET", "/emitente").status_code == 401


@pytest.mark.parametrize(("efeito", "consulta"), [(True, 100), (False, 404)])
def test_timeout_of_the_authority_tells_a_chave(notas: Notas, efeito: bool, consulta: int) -> None:
    cenario(notas, "tempo_esgotado", operacao="nfse_criar", parametros={"efeito": efeito})
    resposta = enviar(notas)
    assert (resposta.status_code, resposta.json()["sucesso"], resposta.json()["codigo"]) == (200, False, 7001)
    assert notas.consultar(resposta.json()["chave"])["codigo"] == consulta
    assert emitidas(notas) == int(efeito)


def test_timeout_of_the_authority_on_a_known_document_tells_its_chave(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    cenario(notas, "tempo_esgotado", operacao="nfse_cancelar", parametros={"efeito": False})
    assert notas.cancelar(chave)["chave"] == chave
    assert notas.consultar(chave)["codigo"] == 100


def test_timeout_of_the_authority_on_an_existing_document_tells_its_chave(notas: Notas) -> None:
    chave = notas.criar()["chave"]
    cenario(notas, "tempo_esgotado", operacao="nfse_criar")
    assert notas.criar()["chave"] == chave


def test_refusal_has_the_given_code(notas: Notas) -> None:
    cenario(notas, "recusar", parametros={"http": 200, "codigo": "204", "texto": "Não."})
    resposta = enviar(notas)
    assert (resposta.status_code, resposta.json()) == (200, {"sucesso": False, "codigo": 204, "mensagem": "Não."})
    assert emitidas(notas) == 0


def test_5xx_is_no_envelope_and_may_hide_an_effect(notas: Notas) -> None:
    cenario(notas, "erro", parametros={"http": 502, "efeito": True})
    resposta = enviar(notas)
    assert (resposta.status_code, resposta.headers["Content-Type"]) == (502, "text/html")
    assert emitidas(notas) == 1


def test_token_that_somebody_changed(notas: Notas) -> None:
    cenario(notas, "token_expirado")
    assert [enviar(notas).status_code for _ in range(2)] == [401, 401]
    notas.token = notas.cadastrar(notas.documento)["token"]
    assert enviar(notas).json()["codigo"] == 100


@pytest.mark.parametrize("html", [False, True])
def test_429_of_a_scenario(notas: Notas, html: bool) -> None:
    notas.opcoes(limite_html=html)
    cenario(notas, "limite", parametros={"retry_after": 7})
    resposta = enviar(notas)
    assert (resposta.status_code, resposta.headers.get("Retry-After")) == (429, None if html else "7")


@pytest.mark.parametrize(("acao", "parametros"), [("lento", {"ms": 1}), ("gotejar", {"segundos": 0.02})])
def test_slow_answers_arrive_whole(notas: Notas, acao: str, parametros: dict[str, Any]) -> None:
    cenario(notas, acao, parametros=parametros)
    assert enviar(notas).json()["codigo"] == 100


def test_html_instead_of_json(notas: Notas) -> None:
    cenario(notas, "html")
    assert enviar(notas).headers["Content-Type"].startswith("text/html")
    assert emitidas(notas) == 0


def test_a_rule_is_aimed_at_one_note_by_its_rps(notas: Notas) -> None:
    cenario(notas, "recusar", documento="1/2")
    assert [notas.criar(numero)["sucesso"] for numero in (1, 2, 3)] == [True, False, True]


def test_a_rule_on_a_note_finds_its_consult_and_its_cancellation(notas: Notas) -> None:
    chaves = [notas.criar(numero)["chave"] for numero in (1, 2)]
    cenario(notas, "recusar", documento="1/2", operacao="nfse_consultar")
    cenario(notas, "recusar", documento="1/2", operacao="nfse_cancelar")
    assert [notas.consultar(chave)["sucesso"] for chave in chaves] == [True, False]
    assert [notas.cancelar(chave)["sucesso"] for chave in chaves] == [True, False]


def test_a_rule_is_aimed_at_one_emitente_period_and_tag(notas: Notas) -> None:
    cenario(notas, "recusar", contribuinte=notas.documento, pa="202611", tag="t*", operacao="nfse_criar")
    assert notas.criar(1, tag="x")["sucesso"]
    assert notas.criar(2, tag="t2")["sucesso"] is False


@pytest.mark.parametrize("operacao", OPERACOES, ids=lambda operacao: operacao.nome)
def test_every_operation_answers_an_envelope_and_takes_rules(notas: Notas, operacao: Operacao) -> None:
    rota = "/" + re.sub(r"<str:(\w+)>", lambda parte: VALORES[parte[1]], operacao.rota)
    token = notas.conta["token"] if operacao.token == SOFTHOUSE else notas.token
    corpo: dict[str, Any] | None = {} if operacao.metodo in ("POST", "PUT") else None
    versao = operacao.versoes[-1]
    respostas = []
    for _ in range(2):
        resposta = notas.chamar(operacao.metodo, rota, corpo, versao=versao, token=token).json()
        respostas.append((resposta["codigo"], {"sucesso", "mensagem"} <= set(resposta)))
        cenario(notas, "recusar", operacao=operacao.nome, parametros={"codigo": "6666"})
        token = resposta.get("token", token)
    assert (respostas[0][0] == 6666, respostas[1]) == (False, (6666, True))


def test_every_action_is_tried_here_or_where_only_the_nacional_has_it() -> None:
    textos = (Path(__file__), Path(__file__).with_name("test_nacional_cenarios.py"))
    texto = "".join(arquivo.read_text(encoding="utf-8") for arquivo in textos)
    assert [acao for acao in ACOES if f'"{acao}"' not in texto] == []
