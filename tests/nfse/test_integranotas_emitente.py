"""Record, token, webhook address and certificate of an emitente, and the software house's administration."""

import json
from datetime import date
from decimal import Decimal

import httpx
import pytest

from nfse.handlers.administracao import RemoverEmitente, Sessao
from nfse.providers.integranotas.cadastro import CadastroEmitente
from nfse.providers.interface import DadosInvalidos
from operacoes import http
from operacoes.errors import AccessDenied, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from operacoes.handlers import Aconteceu, NaoAconteceu, NaoSei
from tests.nfse import apoio_integranotas as apoio
from tests.nfse.apoio_integranotas import BASE, em_base64, enviado, resposta

rede, cliente, softhouse, chamadas = apoio.rede, apoio.cliente, apoio.softhouse, apoio.chamadas

V1 = f"{BASE}/v1"
SOFT = f"{V1}/soft/emitente"
NOVO = "eyJ0eXAiOiJKV1QifQ.token-novo.assinada"
CNPJ = "90000001000129"
CADASTRO = CadastroEmitente(
    documento=CNPJ,
    nome="Oficina Modelo",
    crt=1,
    aliquota_simples=Decimal("6.00"),
    login_prefeitura="oficina",
    senha_prefeitura="s3gredo-da-prefeitura",
    client_id_prefeitura="id-da-prefeitura",
    client_secret_prefeitura="segredo-oauth",
    csc="codigo-de-seguranca",
    logo=b"\x89PNG",
    documentos={"nfse": True, "nfe": False},
)
SEGREDOS = ("s3gredo-da-prefeitura", "id-da-prefeitura", "segredo-oauth", "codigo-de-seguranca", NOVO)


# -- token ---------------------------------------------------------------------------------------------------


def test_a_rotation_gives_a_token_that_shows_itself_nowhere(cliente, chamadas, rede) -> None:
    rede.get(f"{V1}/emitente/token").mock(return_value=resposta("token"))
    novo = cliente.trocar_token(chamadas=chamadas)
    assert novo.token == NOVO
    assert NOVO not in repr(novo) + str(novo) + json.dumps(chamadas.registros)


def test_a_rotation_is_one_call_with_an_effect(cliente, chamadas, rede) -> None:
    rota = rede.get(f"{V1}/emitente/token").mock(return_value=resposta("token"))
    cliente.trocar_token(chamadas=chamadas)
    assert rota.call_count == 1
    assert chamadas.sem_volta == chamadas.registros


def perder(_pedido: httpx.Request) -> httpx.Response:
    http._vez.enviou = True
    raise httpx.ReadTimeout("lost")


@pytest.mark.parametrize(
    "veio",
    [
        perder,
        httpx.Response(502, text="<html>"),
        httpx.Response(200, content=b'{"sucesso":true,"codigo":200,"token":"' + NOVO.encode()),
        resposta("token", token=None),
    ],
)
def test_a_rotation_whose_answer_is_lost_is_never_made_again(cliente, chamadas, rede, veio) -> None:
    rota = rede.get(f"{V1}/emitente/token")
    rota.mock(side_effect=veio) if callable(veio) else rota.mock(return_value=veio)
    with pytest.raises(OutcomeUnknown) as erro:
        cliente.trocar_token(chamadas=chamadas)
    assert rota.call_count == 1
    assert NOVO not in json.dumps(chamadas.registros) + erro.value.texto


# -- record, webhook, certificate ----------------------------------------------------------------------------


def test_shows_the_record_without_its_secrets(cliente, chamadas, rede) -> None:
    rede.get(f"{V1}/emitente").mock(return_value=resposta("emitente"))
    emitente = cliente.emitente(chamadas=chamadas)
    assert (emitente.documento, emitente.razao, emitente.municipio) == (CNPJ, "Oficina Modelo Ltda", "3550308")
    assert emitente.bruto["senha_prefeitura"] == "[removido]"
    assert NOVO not in repr(emitente)


def test_a_change_carries_only_what_is_given(cliente, chamadas, rede) -> None:
    rota = rede.put(f"{V1}/emitente").mock(return_value=resposta("emitente"))
    cliente.atualizar_emitente(CadastroEmitente(im="12345", apagar=frozenset({"logo"})), chamadas=chamadas)
    assert enviado(rota) == {"im": "12345", "logo": None}


def test_registers_where_the_service_tells(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{V1}/webhook").mock(return_value=resposta("token", token=None, mensagem="Webhook salvo"))
    assert cliente.registrar_webhook("https://guiche.exemplo/avisos", chamadas=chamadas) == "Webhook salvo"
    assert enviado(rota) == {"webhook": "https://guiche.exemplo/avisos"}


def test_an_address_that_is_none_is_refused_here(cliente, chamadas) -> None:
    with pytest.raises(DadosInvalidos, match="https://"):
        cliente.registrar_webhook("guiche.exemplo", chamadas=chamadas)


def test_sends_the_certificate_and_keeps_nothing_of_it(cliente, chamadas, rede) -> None:
    pfx = b"pfx" * 200
    rota = rede.post(f"{V1}/certificado").mock(return_value=resposta("certificado"))
    situacao = cliente.enviar_certificado(pfx, "senha-do-pfx", chamadas=chamadas)
    assert enviado(rota) == {"certificado": em_base64(pfx), "senha": "senha-do-pfx"}
    assert (situacao.presente, situacao.validade) == (True, date(2027, 3, 31))
    assert chamadas.registros[0]["enviado"] == {"certificado": "[removido]", "senha": "[removido]"}


def test_a_certificate_the_service_refuses_is_a_refusal(cliente, chamadas, rede) -> None:
    veio = resposta("recusada", mensagem="Certificado vencido em 01/10/2026")
    rede.post(f"{V1}/certificado").mock(return_value=veio)
    with pytest.raises(ProviderRefused) as erro:
        cliente.enviar_certificado(b"pfx", "x", chamadas=chamadas)
    assert erro.value.texto == "Certificado vencido em 01/10/2026"


def test_an_empty_certificate_is_refused_here(cliente, chamadas) -> None:
    with pytest.raises(DadosInvalidos, match="vazio"):
        cliente.enviar_certificado(b"", "x", chamadas=chamadas)


def test_tells_until_when_the_certificate_is_good(cliente, chamadas, rede) -> None:
    rede.get(f"{V1}/certificado").mock(return_value=resposta("certificado"))
    assert cliente.certificado(chamadas=chamadas).validade == date(2027, 3, 31)


def test_no_certificate_is_an_answer_and_not_an_error(cliente, chamadas, rede) -> None:
    rede.get(f"{V1}/certificado").mock(return_value=resposta("recusada", mensagem="Nenhum certificado"))
    situacao = cliente.certificado(chamadas=chamadas)
    assert (situacao.presente, situacao.mensagem) == (False, "Nenhum certificado")


def test_a_failure_is_not_taken_for_no_certificate(cliente, chamadas, rede) -> None:
    rede.get(f"{V1}/certificado").mock(return_value=httpx.Response(500, text="<html>"))
    with pytest.raises(ProviderUnavailable):
        cliente.certificado(chamadas=chamadas)


# -- software house ------------------------------------------------------------------------------------------


def test_registers_an_emitente_and_brings_its_token(softhouse, chamadas, rede) -> None:
    rota = rede.post(SOFT).mock(return_value=resposta("emitente"))
    criado = softhouse.criar(CADASTRO, chamadas=chamadas)
    assert criado.token == NOVO
    assert enviado(rota) == {
        "cnpj": CNPJ,
        "nome": "Oficina Modelo",
        "crt": 1,
        "aliquota_simples": "6.00",
        "login_prefeitura": "oficina",
        "senha_prefeitura": "s3gredo-da-prefeitura",
        "client_id_prefeitura": "id-da-prefeitura",
        "client_secret_prefeitura": "segredo-oauth",
        "csc": "codigo-de-seguranca",
        "logo": em_base64(b"\x89PNG"),
        "documentos": {"nfse": True, "nfe": False},
    }


def test_no_secret_of_a_record_is_shown_or_kept(softhouse, chamadas, rede) -> None:
    rede.post(SOFT).mock(return_value=resposta("emitente"))
    criado = softhouse.criar(CADASTRO, chamadas=chamadas)
    mostrado = json.dumps(chamadas.registros) + repr(CADASTRO) + repr(criado)
    assert [segredo for segredo in SEGREDOS if segredo in mostrado] == []


def test_an_emitente_that_exists_is_a_refusal(softhouse, chamadas, rede) -> None:
    rede.post(SOFT).mock(return_value=resposta("ja_existe", 409, chave=None))
    with pytest.raises(ProviderRefused, match="já existe") as erro:
        softhouse.criar(CADASTRO, chamadas=chamadas)
    assert erro.value.codigo == "5008"


def test_a_lost_answer_to_a_registration_is_a_doubt(softhouse, chamadas, rede) -> None:
    rede.post(SOFT).mock(side_effect=perder)
    with pytest.raises(OutcomeUnknown):
        softhouse.criar(CADASTRO, chamadas=chamadas)


def test_a_change_says_whose_record_it_is(softhouse, chamadas, rede) -> None:
    rota = rede.put(SOFT).mock(return_value=resposta("emitente"))
    softhouse.atualizar(CadastroEmitente(documento="52998224725", email="novo@exemplo.com"), chamadas=chamadas)
    assert enviado(rota) == {"cpf": "52998224725", "email": "novo@exemplo.com"}


@pytest.mark.parametrize("documento", ["", "123", "90.000.001/0001-29", "9000000100018é"])
def test_a_record_of_nobody_is_refused_here(softhouse, chamadas, documento) -> None:
    with pytest.raises(DadosInvalidos, match="CPF"):
        softhouse.atualizar(CadastroEmitente(documento=documento), chamadas=chamadas)


def test_shows_an_emitente(softhouse, chamadas, rede) -> None:
    rede.get(f"{SOFT}/12ABC34501DE35").mock(return_value=resposta("emitente", cnpj="12ABC34501DE35"))
    emitente = softhouse.mostrar("12ABC34501DE35", chamadas=chamadas)
    assert (emitente.documento, emitente.token) == ("12ABC34501DE35", NOVO)


def test_an_emitente_the_service_does_not_know_is_none(softhouse, chamadas, rede) -> None:
    rede.get(f"{SOFT}/{CNPJ}").mock(return_value=resposta("nao_existe", 404))
    assert softhouse.mostrar(CNPJ, chamadas=chamadas) is None


def test_lists_those_in_use_and_those_removed(softhouse, chamadas, rede) -> None:
    rede.get(SOFT).mock(return_value=resposta("emitentes"))
    rede.get(f"{SOFT}/deletados").mock(return_value=resposta("emitentes", emitentes=[]))
    assert [e.documento for e in softhouse.ativos(chamadas=chamadas)] == [CNPJ, "52998224725"]
    assert softhouse.removidos(chamadas=chamadas) == ()


def test_removes_an_emitente_without_a_body(softhouse, chamadas, rede) -> None:
    rota = rede.delete(f"{SOFT}/{CNPJ}").mock(return_value=resposta("token", token=None, mensagem="Removido"))
    assert softhouse.remover(CNPJ, chamadas=chamadas) == "Removido"
    assert rota.calls.last.request.content == b""


def test_a_token_of_the_wrong_kind_is_denied(softhouse, chamadas, rede) -> None:
    rede.get(SOFT).mock(return_value=resposta("recusada", 403))
    with pytest.raises(AccessDenied, match="software house"):
        softhouse.ativos(chamadas=chamadas)


@pytest.mark.parametrize(
    "cadastro", [CadastroEmitente(documentos={"nota": True}), CadastroEmitente(apagar=frozenset({"crt"}))]
)
def test_fields_that_do_not_exist_are_a_fault_of_the_caller(cliente, chamadas, cadastro) -> None:
    with pytest.raises(ValueError):
        cliente.atualizar_emitente(cadastro, chamadas=chamadas)


@pytest.mark.parametrize(
    ("ativos", "removidos", "conferencia"),
    [
        ([CNPJ], [CNPJ], NaoAconteceu),  # removed once before, and registered again
        ([CNPJ], [], NaoAconteceu),
        ([], [CNPJ], Aconteceu),
        ([], [], NaoSei),
    ],
)
def test_an_older_removal_of_the_same_document_is_not_this_one(
    softhouse, chamadas, rede, ativos, removidos, conferencia
) -> None:
    for rota, documentos in ((SOFT, ativos), (f"{SOFT}/deletados", removidos)):
        corpo = {"sucesso": True, "codigo": 200, "mensagem": "ok", "docs": [{"cnpj": um} for um in documentos]}
        rede.get(rota).mock(return_value=httpx.Response(200, json=corpo))
    dita = RemoverEmitente().conferir({"documento": CNPJ}, Sessao(conta=softhouse), chamadas)
    assert isinstance(dita, conferencia)
