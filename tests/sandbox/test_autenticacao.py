"""POST /authenticate over real mTLS: key, secret, certificate, life of the pair of tokens."""

import base64
import json
import re
from collections.abc import Callable

import pytest

from tests.sandbox.integra import Cliente, cnpj, codigo
from tests.sandbox_fixture import SandboxVivo

NovoCliente = Callable[..., Cliente]


def claims(jwt: str) -> dict[str, object]:
    corpo = jwt.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(corpo + "=" * (-len(corpo) % 4))))


def contratante(sandbox: SandboxVivo) -> dict[str, str]:
    return sandbox.controle.contratantes()[0]


def test_answers_the_documented_fields(cliente: Cliente) -> None:
    corpo = cliente.pedir_token().json()
    assert corpo["token_type"] == "Bearer"
    assert corpo["expires_in"] == 3000
    assert set(corpo) == {"expires_in", "scope", "token_type", "access_token", "jwt_token", "jwt_pucomex"}


def test_jwt_carries_the_ni_of_the_certificate(cliente: Cliente) -> None:
    assert claims(cliente.tokens["jwt_token"])["ni"] == cliente.contratante["cnpj"]


def test_repeats_the_pair_while_it_lives_with_less_time_left(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.relogio(fixo="2026-11-21T10:10:00-03:00")
    corpo = cliente.pedir_token().json()
    assert f"Bearer {corpo['access_token']}" == cliente.tokens["Authorization"]
    assert corpo["expires_in"] == 2400


def test_both_tokens_change_together_after_expiry(cliente: Cliente, sandbox: SandboxVivo) -> None:
    antes = dict(cliente.tokens)
    sandbox.controle.relogio(fixo="2026-11-21T10:50:00-03:00")
    cliente.autenticar()
    assert not set(antes.values()) & set(cliente.tokens.values())


def test_expired_bearer_is_a_401_of_the_gateway_without_envelope(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.relogio(fixo="2026-11-21T10:50:01-03:00")
    resposta = cliente.transmitir(cnpj(1))
    assert resposta.status_code == 401
    assert resposta.json()["fault"]["code"] == 900901


def test_life_of_the_tokens_can_be_set(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.reset()
    sandbox.controle.ajustes(token_segundos=90)
    assert 88 <= cliente.pedir_token().json()["expires_in"] <= 90


@pytest.mark.parametrize(
    ("mudancas", "status", "mensagem"),
    [
        ({"headers": {"Authorization": "Basic eDp5"}}, 401, "Credenciais inválidas."),
        ({"headers": {"Authorization": "Basic não-é-base64".encode()}}, 401, "Credenciais inválidas."),
        ({"headers": {"Authorization": "Bearer x"}}, 401, "Credenciais inválidas."),
        ({"headers": {"Role-Type": "OUTRO"}}, 403, "Acesso negado."),
        ({"data": {"grant_type": "password"}}, 400, "grant_type inválido."),
        ({"data": None, "json": {"grant_type": "client_credentials"}}, 415, "Content-Type não suportado."),
    ],
)
def test_refusals(cliente: Cliente, mudancas: dict[str, object], status: int, mensagem: str) -> None:
    resposta = cliente.pedir_token(**mudancas)
    corpo = resposta.json()
    assert resposta.status_code == corpo["status"] == status
    assert corpo["message"] == mensagem
    assert corpo["path"] == "/authenticate"
    assert re.fullmatch(r"2026-11-21 10:00:00", corpo["timestamp"])


def test_trailing_line_feed_inside_the_basic_text_is_refused(cliente: Cliente) -> None:
    chave = f"{cliente.contratante['consumerKey']}:{cliente.contratante['consumerSecret']}\n".encode()
    basico = {"Authorization": f"Basic {base64.b64encode(chave).decode()}"}
    assert cliente.pedir_token(headers=basico).status_code == 401


def test_no_client_certificate_is_a_400(sandbox: SandboxVivo, novo_cliente: NovoCliente) -> None:
    resposta = novo_cliente(contratante(sandbox), None).pedir_token()
    assert resposta.status_code == 400
    assert resposta.json()["message"] == "Não foi possível identificar um certificado digital válido."


@pytest.mark.parametrize(
    ("de", "ate"),
    [("2024-01-01", "2025-01-01"), ("2051-01-01", "2052-01-01")],
    ids=["expired", "not yet valid"],
)
def test_certificate_out_of_its_dates_is_a_400(
    sandbox: SandboxVivo, novo_cliente: NovoCliente, de: str, ate: str
) -> None:
    dono = contratante(sandbox)
    pfx = sandbox.controle.emitir_a1(cnpj=dono["cnpj"], nome=dono["nome"], senha="x1", valido_de=de, valido_ate=ate)
    assert novo_cliente(dono, pfx, "x1").pedir_token().status_code == 400


def test_certificate_of_the_rehearsed_year_is_accepted(sandbox: SandboxVivo, novo_cliente: NovoCliente) -> None:
    dono = contratante(sandbox)
    pfx = sandbox.controle.emitir_a1(
        cnpj=dono["cnpj"], nome=dono["nome"], senha="x1", valido_de="2024-01-01", valido_ate="2025-01-01"
    )
    sandbox.controle.relogio(fixo="2024-06-01T00:00:00")
    assert novo_cliente(dono, pfx, "x1").pedir_token().status_code == 200


def test_rehearsal_of_another_year_goes_on_with_the_a1_made_today(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.relogio(fixo="2031-03-05T10:00:00")
    assert cliente.pedir_token().status_code == 200


def test_certificate_of_another_company_gets_a_token_that_does_not_serve_the_contract(
    sandbox: SandboxVivo, novo_cliente: NovoCliente
) -> None:
    dono, outro = sandbox.controle.contratantes()[:2]
    cliente = novo_cliente(dono, sandbox.controle.a1(outro["cnpj"]), outro["senha"])
    cliente.autenticar()
    assert codigo(cliente.das(cnpj(1))) == "[AcessoNegado-ICGERENCIADOR-016]"
    parte = {"numero": outro["cnpj"], "tipo": 2}
    corpo = cliente.envelope(cnpj(1), "GERARDAS12", {"periodoApuracao": "202610"}, contratante=parte)
    assert codigo(cliente.enviar("Emitir", corpo)) == "[AcessoNegado-ICGERENCIADOR-018]"


def test_only_post_is_accepted(cliente: Cliente) -> None:
    assert cliente.http.get(cliente.sandbox.enderecos["integra_contador"]["autenticacao"]).status_code == 405
