"""The manager: numbered refusals, their order, the envelope of the answer, what is charged."""

import re
from typing import Any

import pytest

from sandbox.integra_contador.catalogo import catalogo
from tests.sandbox.integra import Cliente, cnpj, codigo, declaracao
from tests.sandbox_fixture import SandboxVivo

DAS = {"periodoApuracao": "202610"}


def pedido(cliente: Cliente, **mudancas: Any) -> dict[str, Any]:
    return cliente.envelope(cnpj(1), "GERARDAS12", DAS, **mudancas)


def com_servico(
    cliente: Cliente, sistema: str, servico: str, versao: str | None = "1.0", **mudancas: Any
) -> dict[str, Any]:
    partes = {"idSistema": sistema, "idServico": servico, "versaoSistema": versao, "dados": ""}
    partes = {chave: valor for chave, valor in partes.items() if valor is not None}
    return pedido(cliente, pedidoDados=partes, **mudancas)


def numero(resposta: Any) -> str:
    return str(re.sub(r"\D", "", codigo(resposta)[-4:]))


def test_unknown_bearer_is_refused_before_anything_else(cliente: Cliente) -> None:
    cliente.tokens["Authorization"] = "Bearer 00000000-0000-0000-0000-000000000000"
    assert cliente.enviar("Emitir", b"{", headers={"Content-Type": "text/plain"}).status_code == 401


def test_content_type_comes_before_the_body(cliente: Cliente) -> None:
    resposta = cliente.enviar("Emitir", b"{", headers={"Content-Type": "text/plain"})
    assert resposta.status_code == 415


@pytest.mark.parametrize(
    "corpo",
    [
        b"{",
        b"[]",
        b"\xff",
        b'{"contratante": NaN}',
        {},
        {"Contratante": {"numero": "1", "tipo": 2}},
    ],
    ids=["not json", "not an object", "not utf-8", "NaN", "empty", "PascalCase"],
)
def test_body_that_is_not_the_envelope(cliente: Cliente, corpo: Any) -> None:
    cliente.tokens.pop("jwt_token")
    resposta = cliente.enviar("Emitir", corpo)
    assert resposta.status_code == 400
    assert codigo(resposta) == "[EntradaIncorreta-ICGERENCIADOR]"


@pytest.mark.parametrize(
    "mudanca",
    [
        {"contribuinte": {"cpfCnpj": cnpj(1), "tipo": 2}},
        {"contribuinte": {"numero": 11222333000181, "tipo": 2}},
        {"contribuinte": {"numero": cnpj(1)}},
        {"contribuinte": None},
        {"pedidoDados": {"idSistema": "PGDASD", "idServico": "GERARDAS12", "versaoSistema": "1.0", "dados": DAS}},
        {"pedidoDados": {"idSistema": "PGDASD", "idServico": "GERARDAS12", "versaoSistema": 1, "dados": ""}},
        {"pedidoDados": {"idSistema": "PGDASD", "idServico": "GERARDAS12", "versaoSistema": "1.0"}},
        {"outro": 1},
    ],
    ids=["cpfCnpj", "number", "no tipo", "null", "dados object", "versao number", "no dados", "unknown key"],
)
def test_envelope_slips_are_refused(cliente: Cliente, mudanca: dict[str, Any]) -> None:
    assert codigo(cliente.enviar("Emitir", pedido(cliente, **mudanca))) == "[EntradaIncorreta-ICGERENCIADOR]"


@pytest.mark.parametrize("jwt", ["", "abc", "a.b.c"])
def test_missing_or_malformed_jwt_token_is_041_and_comes_before_the_identities(cliente: Cliente, jwt: str) -> None:
    cliente.tokens["jwt_token"] = jwt
    resposta = cliente.enviar("Emitir", pedido(cliente, contribuinte={"numero": "1", "tipo": 9}))
    assert (resposta.status_code, codigo(resposta)) == (403, "[AcessoNegado-ICGERENCIADOR-041]")


def test_jwt_token_with_a_hyphen_in_the_header_name_does_not_count(cliente: Cliente) -> None:
    jwt = cliente.tokens.pop("jwt_token")
    resposta = cliente.enviar("Emitir", pedido(cliente), headers={"jwt-token": jwt})
    assert numero(resposta) == "041"


def test_tampered_jwt_token_is_013(cliente: Cliente) -> None:
    cabecalho, conteudo, assinatura = cliente.tokens["jwt_token"].split(".")
    cliente.tokens["jwt_token"] = f"{cabecalho}.{conteudo[:-2]}AA.{assinatura}"
    assert numero(cliente.enviar("Emitir", pedido(cliente))) == "013"


def test_jwt_token_of_an_older_pair_is_037(cliente: Cliente, sandbox: SandboxVivo) -> None:
    antigo = cliente.tokens["jwt_token"]
    sandbox.controle.relogio(fixo="2026-11-21T11:00:00-03:00")
    cliente.autenticar()
    cliente.tokens["jwt_token"] = antigo
    assert numero(cliente.enviar("Emitir", pedido(cliente))) == "037"


@pytest.mark.parametrize(
    ("campo", "valor", "esperado"),
    [
        ("autorPedidoDados", {"numero": "11222333000182", "tipo": 2}, "006"),
        ("autorPedidoDados", {"numero": "11111111111", "tipo": 1}, "007"),
        ("contribuinte", {"numero": "11222333000182", "tipo": 2}, "008"),
        ("contribuinte", {"numero": "52998224724", "tipo": 1}, "009"),
        ("contribuinte", {"numero": cnpj(1).lower(), "tipo": 2}, "008"),
        ("contratante", {"numero": "00000000000000", "tipo": 2}, "010"),
        ("contratante", {"numero": "52998224725", "tipo": 1}, "012"),
        ("contribuinte", {"numero": cnpj(1), "tipo": 7}, "012"),
        ("contribuinte", {"numero": cnpj(1), "tipo": "2"}, "012"),
        ("contribuinte", {"numero": "", "tipo": 4}, "050"),
        ("contribuinte", {"numero": "1#", "tipo": 4}, "046"),
        ("contribuinte", {"numero": f"{cnpj(1)},{cnpj(1)}", "tipo": 4}, "047"),
        ("contribuinte", {"numero": "11222333000182", "tipo": 4}, "048"),
        ("contribuinte", {"numero": "52998224724", "tipo": 3}, "049"),
    ],
)
def test_identities(cliente: Cliente, campo: str, valor: dict[str, Any], esperado: str) -> None:
    resposta = cliente.enviar("Emitir", pedido(cliente, **{campo: valor}))
    assert (resposta.status_code, numero(resposta)) == (400, esperado)


def test_tipo_as_text_can_be_accepted_by_a_setting(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.ajustes(aceita_tipo_texto=True)
    resposta = cliente.enviar("Emitir", pedido(cliente, contribuinte={"numero": cnpj(1), "tipo": "2"}))
    assert numero(resposta) == "005"


@pytest.mark.parametrize(
    ("rota", "sistema", "servico", "versao", "status", "esperado"),
    [
        ("Emitir", "PGDASD", "NAOEXISTE", "1.0", 400, "052"),
        ("Emitir", "pgdasd", "GERARDAS12", "1.0", 400, "052"),
        ("Declarar", "DASNSIMEI", "TRANSDECLARACAO151", "1.0", 400, "044"),
        ("Consultar", "SICALC", "CONSOLIDAR54", "2.9", 400, "044"),
        ("Apoiar", "AUTENTICAPROCURADOR", "EXPIRARAUTORIZACAO82", "1.0", 400, "055"),
        ("Consultar", "PGDASD", "GERARDAS12", "1.0", 400, "017"),
        ("Emitir", "PGDASD", "GERARDAS12", "2.0", 400, "040"),
    ],
)
def test_catalogue(
    cliente: Cliente, rota: str, sistema: str, servico: str, versao: str, status: int, esperado: str
) -> None:
    resposta = cliente.enviar(rota, com_servico(cliente, sistema, servico, versao))
    assert (resposta.status_code, numero(resposta)) == (status, esperado)


def test_version_may_be_absent(cliente: Cliente) -> None:
    assert numero(cliente.enviar("Emitir", com_servico(cliente, "PGDASD", "GERARDAS12", None))) == "036"


def test_status_of_017_and_044_is_a_setting(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.ajustes(status_017_044=403)
    assert cliente.enviar("Consultar", com_servico(cliente, "PGDASD", "GERARDAS12")).status_code == 403


def test_catalogue_has_the_published_number_of_services() -> None:
    servicos = catalogo().values()
    assert len(servicos) == 119
    assert sum(servico.liberado and not servico.descontinuado for servico in servicos) == 98


def test_every_released_service_is_simulated(cliente: Cliente) -> None:
    for servico in catalogo().values():
        if servico.liberado and not servico.descontinuado:
            resposta = cliente.chamar(servico.rota, cnpj(1), servico.servico, {})
            assert resposta.status_code < 500, servico


def test_every_service_answers_its_route_and_only_its_route(cliente: Cliente) -> None:
    """One wrong route each: the manager refuses it (017) unless the service is not open at all (044, 055)."""
    for servico in catalogo().values():
        errada = "Monitorar" if servico.rota != "Monitorar" else "Apoiar"
        resposta = cliente.enviar(errada, com_servico(cliente, servico.sistema, servico.servico, servico.versao))
        esperado = "055" if servico.descontinuado else "017" if servico.liberado else "044"
        assert numero(resposta) == esperado, servico


@pytest.mark.parametrize(
    ("rota", "sistema", "servico", "contribuinte", "esperado"),
    [
        ("Emitir", "PGDASD", "GERARDAS12", {"numero": "52998224725", "tipo": 1}, "043"),
        ("Emitir", "PGDASD", "GERARDAS12", {"numero": cnpj(1), "tipo": 4}, "043"),
        ("Monitorar", "EVENTOSATUALIZACAO", "SOLICEVENTOSPF131", {"numero": cnpj(1), "tipo": 4}, "051"),
    ],
)
def test_contribuinte_type(
    cliente: Cliente, rota: str, sistema: str, servico: str, contribuinte: dict[str, Any], esperado: str
) -> None:
    assert numero(cliente.enviar(rota, com_servico(cliente, sistema, servico, contribuinte=contribuinte))) == esperado


@pytest.mark.parametrize(
    ("headers", "esperado"),
    [
        ({}, "019"),
        ({"autenticar_procurador_token": "curto"}, "042"),
        ({"autenticar_procurador_token": "00000000-0000-0000-0000-000000000000"}, "020"),
    ],
)
def test_autor_other_than_contratante_needs_a_procurador_token(
    cliente: Cliente, headers: dict[str, str], esperado: str
) -> None:
    corpo = pedido(cliente, autorPedidoDados={"numero": cnpj(50), "tipo": 2})
    resposta = cliente.enviar("Emitir", corpo, headers=headers)
    assert (resposta.status_code, numero(resposta)) == (403, esperado)


def test_route_is_checked_before_the_version_and_the_procuracao(cliente: Cliente) -> None:
    assert numero(cliente.enviar("Consultar", com_servico(cliente, "PGDASD", "GERARDAS12", "9"))) == "017"


def test_service_that_needs_no_power_works_without_procuracao(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cadastro(contribuintes=[{"documento": cnpj(1), "procuracao_padrao": False}])
    resposta = cliente.chamar("Apoiar", cnpj(1), "CONSULTAAPOIORECEITAS52", {"codigoReceita": "1162"})
    assert resposta.status_code == 200


@pytest.mark.parametrize(
    ("poderes", "expira", "esperado"),
    [
        (["00146"], "2026-12-31", "005"),
        (["TODOS"], "2026-12-31", "005"),
        (["00103"], "2026-12-31", "022"),
        (["00146"], "2026-11-20", "022"),
    ],
    ids=["right power", "all powers", "other power", "expired"],
)
def test_procuracao(cliente: Cliente, sandbox: SandboxVivo, poderes: list[str], expira: str, esperado: str) -> None:
    procuracao = {"outorgante": cnpj(1), "outorgado": cliente.contratante["cnpj"], "poderes": poderes, "expira": expira}
    sandbox.controle.cadastro(procuracoes=[procuracao])
    assert numero(cliente.das(cnpj(1))) == esperado


def test_own_data_needs_no_procuracao(cliente: Cliente, sandbox: SandboxVivo) -> None:
    proprio = cliente.contratante["cnpj"]
    sandbox.controle.cadastro(contribuintes=[{"documento": proprio, "procuracao_padrao": False}])
    assert numero(cliente.das(proprio)) == "005"


def test_answer_repeats_the_request_and_identifies_itself(cliente: Cliente) -> None:
    corpo = cliente.envelope(cnpj(1), "TRANSDECLARACAO11", declaracao(cnpj(1)))
    resposta = cliente.enviar("Declarar", corpo).json()
    assert {chave: resposta[chave] for chave in corpo} == corpo
    assert resposta["status"] == 200
    assert resposta["responseDateTime"] == "2026-11-21T13:00:00.000Z"
    assert re.fullmatch(r"[0-9a-f-]{36}", resposta["responseId"])
    assert isinstance(resposta["dados"], str)


@pytest.mark.parametrize("rota", ["emitir", "EMITIR", "Outra", "Emitir/"])
def test_routes_match_exactly(cliente: Cliente, rota: str) -> None:
    assert cliente.enviar(rota, pedido(cliente)).status_code == 404


def test_get_on_a_route_is_refused(cliente: Cliente) -> None:
    base = cliente.sandbox.enderecos["integra_contador"]["producao"]
    assert cliente.http.get(f"{base}/Emitir", headers=cliente.tokens).status_code == 405


def test_charges_follow_route_and_status(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cadastro(contribuintes=[{"documento": cnpj(2), "procuracao_padrao": False}])
    cliente.transmitir(cnpj(1), indicadorTransmissao=False)
    cliente.das(cnpj(1))
    cliente.das(cnpj(2))
    cliente.chamar("Apoiar", cnpj(1), "CONSULTAAPOIORECEITAS52", {"codigoReceita": "1162"})
    cliente.consultar(cnpj(1), "CONSDECLARACAO13", anoCalendario="2026")
    feitas = [(c["classe"], c["status_http"], c["cobranca"]) for c in sandbox.controle.chamadas()[1:]]
    assert feitas == [
        ("Declaração", 200, "sim"),
        ("Emissão", 400, "nao"),
        ("Emissão", 403, "sim"),
        ("", 200, "nao"),
        ("Consulta", 200, "sim"),
    ]


def test_call_is_recorded_with_its_parties_and_tag(cliente: Cliente, sandbox: SandboxVivo) -> None:
    cliente.das(cnpj(1), tag="T2TSTxxx12")
    chamada = sandbox.controle.chamadas(tag="T2TSTxxx12")[0]
    assert (chamada["contribuinte"], chamada["contratante"]) == (cnpj(1), cliente.contratante["cnpj"])
    assert (chamada["operacao"], chamada["pa"]) == ("GERARDAS12", "202610")
    assert chamada["codigos"] == ["EntradaIncorreta-PGDASD-MSG_ISN_005"]
