"""The SERPRO log-in against the living sandbox: real mutual TLS, real refusals, one renewal at a time."""

import base64
import json
import threading
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from credentials.providers import serpro
from credentials.providers.serpro import Acesso, Tokens
from operacoes import relogio
from operacoes.errors import AccessDenied, Alcance, ProviderUnavailable
from operacoes.http import Certificado, Chamadas, Reply
from tests.credentials import fabrica


def chamadas(segundos: float = 20) -> Chamadas:
    return Chamadas(tag="teste", deadline=relogio.segundos() + segundos)


@pytest.fixture
def acesso(sandbox_limpo) -> Acesso:
    serpro.esquecer()
    contratante = sandbox_limpo.controle.contratantes()[0]
    enderecos = sandbox_limpo.enderecos["integra_contador"]
    return Acesso(
        chave="credencial:1",
        versao=1,
        contratante=contratante["cnpj"],
        autenticacao=enderecos["autenticacao"],
        base=enderecos["producao"],
        ca=Path(sandbox_limpo.ca),
        consumer_key=contratante["consumerKey"],
        consumer_secret=contratante["consumerSecret"],
        certificado=Certificado(sandbox_limpo.controle.a1(contratante["cnpj"]), contratante["senha"]),
    )


def recusa(acesso: Acesso) -> AccessDenied:
    with pytest.raises(AccessDenied) as erro:
        serpro.autenticar(acesso, chamadas())
    assert erro.value.alcance == Alcance.CREDENCIAL
    return erro.value


def test_logs_in_with_key_secret_and_certificate(acesso) -> None:
    tokens = serpro.autenticar(acesso, chamadas())
    assert set(tokens.cabecalhos()) == {"Authorization", "jwt_token"}
    assert tokens.expira > time.monotonic()


def test_the_basic_header_has_no_line_feed(acesso) -> None:
    longo = replace(acesso, consumer_key="k" * 90, consumer_secret="s" * 90)
    par = base64.b64encode(f"{longo.consumer_key}:{longo.consumer_secret}".encode())
    assert b"\n" not in par
    assert recusa(longo).codigo == "AUTENTICACAO-401"


def test_a_wrong_secret_is_told_from_a_wrong_certificate(acesso) -> None:
    erro = recusa(replace(acesso, consumer_secret="errado"))
    assert "Consumer Secret" in erro.mensagem
    assert "Credenciais inválidas" in erro.texto


def test_without_a_certificate(acesso) -> None:
    assert "certificado" in recusa(replace(acesso, certificado=None)).mensagem


def test_a_certificate_of_another_authority(acesso) -> None:
    alheio = Certificado(fabrica.pfx(), fabrica.SENHA_PFX)
    assert "certificado" in recusa(replace(acesso, certificado=alheio)).mensagem.lower()


def test_nobody_there_is_unavailable_and_not_a_wrong_credential(acesso) -> None:
    with pytest.raises(ProviderUnavailable):
        serpro.autenticar(replace(acesso, autenticacao="https://127.0.0.1:9/authenticate"), chamadas(5))


def test_the_pair_is_kept_and_used_again(acesso) -> None:
    assert serpro.tokens(acesso, chamadas()) == serpro.tokens(acesso, chamadas())


def test_a_changed_credencial_logs_in_again(acesso) -> None:
    serpro.tokens(acesso, chamadas())
    feitas = chamadas()
    serpro.tokens(replace(acesso, versao=2), feitas)
    assert len(feitas.registros) == 1


def test_a_refused_pair_is_dropped_but_a_newer_one_stays(acesso) -> None:
    velho = serpro.tokens(acesso, chamadas())
    serpro.invalidar(acesso, velho)
    novo = serpro.tokens(acesso, chamadas())
    serpro.invalidar(acesso, replace(velho, bearer="outro"))
    assert serpro.tokens(acesso, chamadas()) is novo


def test_many_threads_log_in_once(acesso) -> None:
    registros = [chamadas() for _ in range(8)]
    threads = [threading.Thread(target=serpro.tokens, args=(acesso, registro)) for registro in registros]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sum(len(registro.registros) for registro in registros) == 1


def test_a_pair_near_its_end_is_renewed(acesso, sandbox_limpo) -> None:
    sandbox_limpo.controle.ajustes(token_segundos=3)
    tokens = serpro.tokens(acesso, chamadas())
    assert tokens.expira - time.monotonic() < 2


def test_the_trial_base_needs_neither_keys_nor_certificate() -> None:
    acesso = Acesso(
        "credencial:9", 1, "", "https://127.0.0.1:9/", "https://127.0.0.1:9/", None, bearer_publico="publico"
    )
    assert serpro.tokens(acesso, chamadas()).cabecalhos() == {"Authorization": "Bearer publico"}


def test_no_secret_shows_in_repr_or_in_the_record_of_the_call(acesso) -> None:
    feitas = chamadas()
    tokens = serpro.autenticar(acesso, feitas)
    mostrado = repr(acesso) + repr(tokens) + repr(feitas.registros)
    par = base64.b64encode(f"{acesso.consumer_key}:{acesso.consumer_secret}".encode()).decode()
    for segredo in (acesso.consumer_key, acesso.consumer_secret, tokens.bearer, tokens.jwt, par):
        assert segredo not in mostrado


def test_tokens_compare_by_value() -> None:
    assert Tokens("a", "b", 1.0) == Tokens("a", "b", 1.0)


def test_the_words_of_a_refusal_are_kept_without_secrets() -> None:
    corpo = json.dumps({"message": "Chave recusada: Basic " + "QUJDREVG" * 4}).encode()
    with pytest.raises(AccessDenied) as erro:
        serpro._recusar(Reply(401, httpx.Headers(), corpo, {}, repeatable=True))
    assert erro.value.texto == "Chave recusada: Basic [removido]"
