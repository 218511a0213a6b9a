"""Create, preview, substitute and cancel: what is sent, and what is made of every kind of answer."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from nfse.providers.integranotas import AcessoIntegraNotas, IntegraNotas
from nfse.providers.integranotas.erros import CorpoGrande, DuvidaComChave, JaExiste
from nfse.providers.interface import Canal, Capacidade, Estado, Referencia
from operacoes import http
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from tests.nfse import apoio_integranotas as apoio
from tests.nfse.apoio_integranotas import (
    ANTIGA,
    BASE,
    CHAVE,
    CHAVE_NACIONAL,
    MOTIVO,
    NACIONAL,
    NOTA,
    PDF,
    TOKEN,
    XML,
    em_base64,
    enviado,
    resposta,
)

rede, cliente, nacional, chamadas = apoio.rede, apoio.cliente, apoio.nacional, apoio.chamadas

CRIAR = f"{BASE}/v1/nfse"
HTML = httpx.Response(502, text="<html>Bad Gateway</html>")


def cortar(_pedido: httpx.Request) -> httpx.Response:
    http._vez.enviou = True
    raise httpx.ReadTimeout("lost")


# -- what is sent --------------------------------------------------------------------------------------------


def test_sends_a_bare_token_and_json(cliente, chamadas, rede) -> None:
    rota = rede.post(CRIAR).mock(return_value=resposta("autorizada"))
    cliente.emitir(NOTA, chamadas=chamadas)
    cabecalhos = rota.calls.last.request.headers
    assert cabecalhos["Authorization"] == TOKEN
    assert (cabecalhos["Content-Type"], cabecalhos["Accept"]) == ("application/json", "application/json")
    assert cabecalhos["X-Request-Tag"] == "t" * 32


def test_creates_previews_and_substitutes_in_the_version_of_the_access(nacional, chamadas, rede) -> None:
    criar = rede.post(f"{BASE}/v2/nfse").mock(return_value=resposta("autorizada"))
    rede.post(f"{BASE}/v2/nfse/preview").mock(return_value=resposta("autorizada"))
    rede.post(f"{BASE}/v2/nfse/substitui").mock(return_value=resposta("autorizada"))
    nacional.emitir(NACIONAL, chamadas=chamadas)
    nacional.previa(NACIONAL, chamadas=chamadas)
    nacional.substituir(NACIONAL, ANTIGA, "1", MOTIVO, chamadas=chamadas)
    assert enviado(criar)["servico"]["codigo"] == "171901"


def test_everything_else_stays_on_v1(nacional, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/v1/nfse/cancela").mock(return_value=resposta("cancelada"))
    nacional.cancelar(Referencia(chave=CHAVE_NACIONAL), "1", MOTIVO, chamadas=chamadas)
    assert enviado(rota)["chave"] == CHAVE_NACIONAL


def test_a_version_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="version 3"):
        AcessoIntegraNotas(BASE, TOKEN, versao_emissao=3)


def test_a_body_over_the_limit_is_stopped_here_with_its_size(cliente, chamadas, rede) -> None:
    rota = rede.post(CRIAR)
    with pytest.raises(CorpoGrande, match=r"o limite é 2\.000\.000") as erro:
        cliente.emitir(replace(NOTA, itens=[replace(NOTA.itens[0], descricao="x" * 2000)] * 1000), chamadas=chamadas)
    assert erro.value.tamanho > erro.value.limite
    assert not rota.called
    assert chamadas.registros == []


def test_what_does_not_fit_is_never_sent(cliente, chamadas, rede) -> None:
    rota = rede.post(CRIAR)
    with pytest.raises(ProviderRefused, match="Nada foi enviado"):
        cliente.emitir(replace(NOTA, observacao="x" * 2001), chamadas=chamadas)
    assert not rota.called


# -- success -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("comprimido", [False, True])
@pytest.mark.parametrize("codigo", [100, "100"])
def test_reads_an_authorised_note(cliente, chamadas, rede, codigo, comprimido) -> None:
    veio = resposta(
        "autorizada",
        codigo=codigo,
        xml=em_base64(XML, comprimido=comprimido),
        pdf=em_base64(PDF, comprimido=comprimido),
    )
    rede.post(CRIAR).mock(return_value=veio)
    nota = cliente.emitir(NOTA, chamadas=chamadas)
    assert (nota.estado, nota.chave, nota.numero) == (Estado.AUTORIZADA, CHAVE, "202600000000007")
    assert (nota.serie, nota.rps, nota.codigo_verificacao) == ("1", 19, "QX7A-22PL")
    assert nota.instante == datetime(2026, 10, 20, 17, 30, 9, tzinfo=UTC)
    assert (nota.xml, nota.pdf, nota.link) == (XML, PDF, "https://notas.prefeitura.exemplo/7")


def test_a_file_that_cannot_be_read_does_not_undo_the_note(cliente, chamadas, rede) -> None:
    rede.post(CRIAR).mock(return_value=resposta("autorizada", xml="###", pdf=em_base64(b"<html>")))
    nota = cliente.emitir(NOTA, chamadas=chamadas)
    assert (nota.estado, nota.xml, nota.pdf) == (Estado.AUTORIZADA, b"", b"")
    assert nota.ilegiveis == ("xml", "pdf")


def test_what_is_kept_of_an_answer_has_neither_files_nor_scripts(cliente, chamadas, rede) -> None:
    rede.post(CRIAR).mock(return_value=resposta("autorizada", link_pdf="javascript:alert(1)", lote=17))
    nota = cliente.emitir(NOTA, chamadas=chamadas)
    assert nota.link == ""
    assert nota.bruto["lote"] == 17
    assert not {"xml", "pdf"} & set(nota.bruto)


def test_a_note_taken_for_later_brings_its_chave(cliente, chamadas, rede) -> None:
    rede.post(CRIAR).mock(return_value=resposta("processando", 202))
    nota = cliente.emitir(NOTA, chamadas=chamadas)
    assert (nota.estado, nota.chave, nota.numero) == (Estado.PROCESSANDO, CHAVE, "")


def test_a_note_taken_for_later_without_chave_is_a_doubt(cliente, chamadas, rede) -> None:
    rede.post(CRIAR).mock(return_value=resposta("processando", chave=None))
    with pytest.raises(OutcomeUnknown):
        cliente.emitir(NOTA, chamadas=chamadas)


def test_a_substitution_answers_the_new_note_also_when_nested(cliente, chamadas, rede) -> None:
    dentro = {"numero": "8", "rps_numero": 20, "chave": CHAVE, "xml": em_base64(XML)}
    corpo = {"sucesso": True, "codigo": 100, "mensagem": "ok", "nfse": dentro}
    rota = rede.post(f"{BASE}/v1/nfse/substitui").mock(return_value=httpx.Response(200, json=corpo))
    nota = cliente.substituir(NOTA, ANTIGA, "1", MOTIVO, chamadas=chamadas)
    assert (nota.chave, nota.numero, nota.rps, nota.xml) == (CHAVE, "8", 20, XML)
    assert enviado(rota)["chave"] == CHAVE_NACIONAL


def test_a_preview_gives_the_pdf_and_may_be_asked_again(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/v1/nfse/preview").mock(return_value=resposta("autorizada", codigo=200))
    assert cliente.previa(NOTA, chamadas=chamadas) == PDF
    assert chamadas.sem_volta == []


def test_cancels_with_the_files_of_the_cancellation(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/v1/nfse/cancela").mock(return_value=resposta("cancelada"))
    nota = cliente.cancelar(Referencia(chave=CHAVE), "2", MOTIVO, chamadas=chamadas)
    assert (nota.estado, nota.chave, nota.xml, nota.pdf) == (Estado.CANCELADA, CHAVE, XML, PDF)
    assert enviado(rota)["codigo_cancelamento"] == "2"


def test_a_cancellation_may_be_decided_later(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/v1/nfse/cancela").mock(return_value=resposta("processando", chave=None))
    nota = cliente.cancelar(Referencia(chave=CHAVE), "2", MOTIVO, chamadas=chamadas)
    assert (nota.estado, nota.chave) == (Estado.PROCESSANDO, CHAVE)


def test_it_is_a_channel_without_corrections(chamadas) -> None:
    canal: Canal = IntegraNotas(AcessoIntegraNotas(BASE, TOKEN))
    assert Capacidade.CORRIGIR not in canal.capacidades
    with pytest.raises(ProviderRefused, match="não corrige"):
        canal.corrigir(Referencia(chave=CHAVE), "texto", chamadas=chamadas)


# -- refusals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 422])
@pytest.mark.parametrize("codigo", [5001, "5002"])
def test_field_errors_are_a_refusal_that_names_each_field(cliente, chamadas, rede, status, codigo) -> None:
    rede.post(CRIAR).mock(return_value=resposta("faltam_dados", status, codigo=codigo))
    with pytest.raises(ProviderRefused, match="com o mesmo número") as erro:
        cliente.emitir(NOTA, chamadas=chamadas)
    assert erro.value.codigo == str(codigo)
    assert erro.value.texto.splitlines() == [
        "Dados obrigatórios não informados",
        "tomador.endereco.bairro: campo obrigatório · Informe o bairro",
        "inscrição municipal do emitente não cadastrada",
    ]
    assert chamadas.sem_volta == []


@pytest.mark.parametrize("status", [200, 400, 422])
def test_any_other_no_of_the_town_hall_is_a_refusal(cliente, chamadas, rede, status) -> None:
    rede.post(CRIAR).mock(return_value=resposta("recusada", status))
    with pytest.raises(ProviderRefused) as erro:
        cliente.emitir(NOTA, chamadas=chamadas)
    assert (erro.value.codigo, erro.value.texto) == ("1824", "E160 - RPS fora da sequência da prefeitura")
    assert chamadas.sem_volta == []


@pytest.mark.parametrize("status", [200, 409])
def test_a_note_that_exists_brings_its_chave_and_was_not_issued_now(cliente, chamadas, rede, status) -> None:
    rede.post(CRIAR).mock(return_value=resposta("ja_existe", status))
    with pytest.raises(JaExiste) as erro:
        cliente.emitir(NOTA, chamadas=chamadas)
    assert erro.value.chave == CHAVE
    assert chamadas.sem_volta == []


def test_a_page_of_a_proxy_about_the_size_is_a_refusal(cliente, chamadas, rede) -> None:
    rede.post(CRIAR).mock(return_value=httpx.Response(413, text="<html>Request Entity Too Large</html>"))
    with pytest.raises(ProviderRefused, match="passa do tamanho") as erro:
        cliente.emitir(NOTA, chamadas=chamadas)
    assert erro.value.codigo == "HTTP-413"


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("como", ["envelope", "codigo", "html"])
def test_a_token_that_is_not_taken_pauses_the_access(cliente, chamadas, rede, status, como) -> None:
    veio = {
        "envelope": resposta("recusada", status),
        "codigo": resposta("recusada", codigo=str(status)),
        "html": httpx.Response(status, text="<html>Denied</html>"),
    }[como]
    rede.post(CRIAR).mock(return_value=veio)
    with pytest.raises(AccessDenied, match="token") as erro:
        cliente.emitir(NOTA, chamadas=chamadas)
    assert (erro.value.alcance, erro.value.codigo) == (Alcance.CREDENCIAL, f"HTTP-{status}")
    assert chamadas.sem_volta == []


@pytest.mark.parametrize(
    ("veio", "espera"),
    [
        (resposta("bloqueada", 429), None),
        (resposta("bloqueada"), None),
        (httpx.Response(429, headers={"Retry-After": "120"}, json={"message": "Too Many Attempts."}), 120.0),
        (httpx.Response(429, text="<html>Too Many Requests</html>"), None),
    ],
)
def test_a_block_is_waited_for_and_nothing_was_done(cliente, chamadas, rede, veio, espera) -> None:
    rede.post(CRIAR).mock(return_value=veio)
    with pytest.raises(ProviderUnavailable) as erro:
        cliente.emitir(NOTA, chamadas=chamadas)
    assert (erro.value.bloqueio, erro.value.retry_after) == (True, espera)
    assert chamadas.sem_volta == []


# -- doubts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 504])
@pytest.mark.parametrize("codigo", [7000, "7100"])
def test_trouble_with_the_town_hall_is_a_doubt_with_its_chave(cliente, chamadas, rede, status, codigo) -> None:
    rede.post(CRIAR).mock(return_value=resposta("sem_prefeitura", status, codigo=codigo))
    with pytest.raises(DuvidaComChave, match="confere o que aconteceu") as erro:
        cliente.emitir(NOTA, chamadas=chamadas)
    assert not isinstance(erro.value, JaExiste)
    assert erro.value.chave == CHAVE
    assert chamadas.sem_volta == chamadas.registros


DUVIDOSAS = [
    pytest.param(HTML, id="bad gateway"),
    pytest.param(httpx.Response(503, json={"message": "unavailable"}), id="JSON that is no envelope"),
    pytest.param(httpx.Response(200, text="<html>manutenção</html>"), id="HTML"),
    pytest.param(httpx.Response(200, content=b'{"sucesso":true,"codigo":100,"chave":"3526'), id="cut"),
    pytest.param(httpx.Response(200, content=b""), id="empty"),
    pytest.param(httpx.Response(200, json={"sucesso": True, "mensagem": "ok"}), id="no code"),
    pytest.param(httpx.Response(200, json={"sucesso": "true", "codigo": 100}), id="sucesso as text"),
    pytest.param(resposta("autorizada", codigo=250), id="success of an unknown code"),
    pytest.param(resposta("autorizada", sucesso=False), id="contradiction"),
    pytest.param(resposta("recusada", 500, codigo=500), id="failure of the service"),
]


@pytest.mark.parametrize("veio", DUVIDOSAS)
@pytest.mark.parametrize("operacao", ["criar", "substituir", "cancelar"])
def test_a_doubtful_answer_is_never_taken_for_done_nor_for_not_done(cliente, chamadas, rede, veio, operacao) -> None:
    rede.post(url__startswith=CRIAR).mock(return_value=veio)
    with pytest.raises(OutcomeUnknown):
        fazer(cliente, operacao, chamadas)
    assert chamadas.sem_volta == chamadas.registros


def fazer(cliente: Any, operacao: str, chamadas: Any) -> None:
    if operacao == "criar":
        cliente.emitir(NOTA, chamadas=chamadas)
    elif operacao == "substituir":
        cliente.substituir(NOTA, ANTIGA, "1", MOTIVO, chamadas=chamadas)
    else:
        cliente.cancelar(ANTIGA, "1", MOTIVO, chamadas=chamadas)


@pytest.mark.parametrize("operacao", ["criar", "substituir", "cancelar"])
def test_a_lost_answer_is_a_doubt(cliente, chamadas, rede, operacao) -> None:
    rede.post(url__startswith=CRIAR).mock(side_effect=cortar)
    with pytest.raises(OutcomeUnknown):
        fazer(cliente, operacao, chamadas)


def test_what_never_left_was_not_done(cliente, chamadas, rede) -> None:
    rede.post(CRIAR).mock(side_effect=httpx.ConnectError("refused"))
    with pytest.raises(ProviderUnavailable, match="Nada foi enviado"):
        cliente.emitir(NOTA, chamadas=chamadas)
    assert chamadas.sem_volta == []


@pytest.mark.parametrize("veio", [*DUVIDOSAS[:7], pytest.param(resposta("sem_prefeitura"), id="town hall")])
def test_a_preview_with_a_doubtful_answer_may_be_asked_again(cliente, chamadas, rede, veio) -> None:
    rede.post(f"{BASE}/v1/nfse/preview").mock(return_value=veio)
    with pytest.raises(ProviderUnavailable):
        cliente.previa(NOTA, chamadas=chamadas)


# -- secrets -------------------------------------------------------------------------------------------------


def test_neither_the_access_nor_the_record_shows_the_token(cliente, chamadas, rede) -> None:
    rede.post(CRIAR).mock(return_value=resposta("recusada", mensagem=f"token {TOKEN} sem permissão"))
    with pytest.raises(ProviderRefused) as erro:
        cliente.emitir(NOTA, chamadas=chamadas)
    mostrado = json.dumps(chamadas.registros) + erro.value.texto + repr(cliente) + repr(AcessoIntegraNotas(BASE, TOKEN))
    assert TOKEN not in mostrado
