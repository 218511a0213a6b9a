"""The client of SISGENF-e: what it sends, and what it makes of every kind of answer. The transport is faked."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx

from nfse.providers.interface import Canal, Capacidade, DadosInvalidos, Estado, NotaNoServico, Referencia
from nfse.providers.sisgenfe import CANCELAMENTO_JA_PEDIDO, AcessoSisgenfe, Sisgenfe
from operacoes import http
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas
from tests.nfse.apoio_sisgenfe import (
    ACESSO,
    BASE,
    MARCA,
    NOTA,
    TOMADOR,
    com_item,
    corpo,
    enviado,
    jwt,
    lista,
    nota_json,
    novas_chamadas,
    novo_cliente,
    recusa,
    resposta,
    servico,
)

A_42 = Referencia(numero="42")


@pytest.fixture
def rede(monkeypatch: pytest.MonkeyPatch) -> Iterator[respx.MockRouter]:
    with servico(monkeypatch) as router:
        yield router


@pytest.fixture
def cliente(rede: respx.MockRouter) -> Sisgenfe:
    return novo_cliente()


@pytest.fixture
def chamadas() -> Chamadas:
    return novas_chamadas()


def emitir(cliente: Sisgenfe, chamadas: Chamadas) -> NotaNoServico:
    return cliente.emitir(NOTA, chamadas=chamadas)


def caminhos(rede: respx.MockRouter) -> list[str]:
    return [c.request.url.path.removeprefix("/api/") for c in rede.calls]


def cai_depois_de_enviar(_request: httpx.Request) -> httpx.Response:
    http._vez.enviou = True
    raise httpx.ReadTimeout("lost")


# -- issue -----------------------------------------------------------------------------------------------------------
def test_is_a_channel_that_consults_corrects_and_cancels(cliente) -> None:
    canal: Canal = cliente
    assert canal.capacidades == {Capacidade.CONSULTAR, Capacidade.CORRIGIR, Capacidade.CANCELAR}


def test_logs_in_registers_the_tomador_and_issues_in_this_order(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs").mock(return_value=resposta("nota"))
    emitir(cliente, chamadas)
    assert caminhos(rede) == ["login", "tomador", "nfs"]


def test_every_call_carries_token_type_and_tag(cliente, chamadas, rede) -> None:
    nfs = rede.post(f"{BASE}/nfs").mock(return_value=resposta("nota"))
    emitir(cliente, chamadas)
    cabecalhos = nfs.calls.last.request.headers
    assert cabecalhos["Authorization"] == f"Bearer {jwt(1)}"
    assert cabecalhos["Content-Type"] == "application/json"
    assert cabecalhos["X-Request-Tag"] == "t" * 32


def test_the_note_goes_out_as_documented(cliente, chamadas, rede) -> None:
    nfs = rede.post(f"{BASE}/nfs").mock(return_value=resposta("nota"))
    emitir(cliente, chamadas)
    assert enviado(nfs) == {
        "tomador": {"documento": "12.ABC.345/01DE-35"},
        "municipio": {"id": 1636},
        "observacao": f"{MARCA} Contrato 7",
        "issPagoTomador": False,
        "listaTributos": [{"nome": "PIS", "valor": Decimal("37.96")}],
        "listaItensNotaFiscal": [
            {
                "qtd": 1,
                "valorUnitario": Decimal("5840.0"),
                "inss": 0,
                "irrf": Decimal("87.6"),
                "unidadeMedida": {"id": 15},
                "atividade": {"id": 78},
                "descricao": "Controle de pragas",
            }
        ],
    }


def test_the_tomador_goes_out_whole_and_masked(cliente, chamadas, rede) -> None:
    lido = cliente.gravar_tomador(TOMADOR, chamadas=chamadas)
    assert enviado(rede["tomador"]) == {
        "documento": "12.ABC.345/01DE-35",
        "dadosTomador": {
            "razaoSocial": "PADARIA MODELO LTDA",
            "email": "fiscal@padaria.exemplo",
            "rua": "Rua das Laranjeiras, Sala 2",
            "bairro": "Bairro Novo",
            "numero": "1544",
            "cep": "53030-020",
            "municipio": {"id": 1578},
        },
    }
    assert (lido.documento, lido.cep, lido.pessoa_fisica) == ("12ABC34501DE35", "53030020", False)


def test_reads_the_note(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs").mock(return_value=resposta("nota"))
    feita = emitir(cliente, chamadas)
    assert (feita.estado, feita.numero, feita.serie) == (Estado.AUTORIZADA, "42", "0")
    assert feita.chave == "NFSE.JR64UHS23JG.J6NZQ8FGWMK.00000S6XY5"
    assert feita.instante == datetime(2026, 11, 5, 12, 2, 3, 713000, tzinfo=UTC)
    assert feita.documento_tomador == "12ABC34501DE35"
    assert feita.bruto["campoNovo"] == "de amanhã"


def test_the_rate_and_values_really_applied_come_back_beside_what_was_sent(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs").mock(return_value=resposta("nota"))
    feita = emitir(cliente, chamadas)
    aplicado = feita.itens[0]
    assert (aplicado.aliquota, aplicado.deducao, aplicado.valor) == (Decimal("4.31"), Decimal(0), Decimal("5840.00"))
    assert (feita.valor, feita.tributos) == (Decimal("5840.00"), (("PIS", Decimal("37.96")),))


def test_an_emptied_list_of_tributes_is_told_as_it_came(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs").mock(return_value=resposta("nota", listaTributos=[]))
    assert emitir(cliente, chamadas).tributos == ()


def test_an_odd_total_or_date_does_not_put_an_issued_note_in_doubt(cliente, chamadas, rede) -> None:
    estranha = resposta("nota", valor="5.840,00", dataEmissao="ontem", listaItensNotaFiscal=None, tomador=None)
    rede.post(f"{BASE}/nfs").mock(return_value=estranha)
    feita = emitir(cliente, chamadas)
    assert (feita.numero, feita.valor, feita.instante, feita.itens) == ("42", None, None, ())


def test_rate_and_deduction_go_out_when_the_tomador_pays_the_iss(cliente, chamadas, rede) -> None:
    nfs = rede.post(f"{BASE}/nfs").mock(return_value=resposta("nota"))
    cliente.emitir(replace(NOTA, iss_retido=True), chamadas=chamadas)
    item = enviado(nfs)["listaItensNotaFiscal"][0]
    assert (item["iss"], item["deducaoMaterial"]) == (2, 40)


def test_a_note_that_cannot_be_sent_says_why_and_sends_nothing(cliente, chamadas, rede) -> None:
    with pytest.raises(DadosInvalidos, match="Item 1: informe a alíquota") as erro:
        cliente.emitir(com_item(lc116="7.10", aliquota=None), chamadas=chamadas)
    assert [problema.campo for problema in erro.value.problemas] == ["itens.0.aliquota"]
    assert chamadas.registros == []


# -- a note without number -------------------------------------------------------------------------------------------
def sem_numero() -> httpx.Response:
    lida = corpo("nota")
    del lida["numero"]
    return httpx.Response(200, json=lida)


def test_a_missing_number_is_found_by_key(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs").mock(return_value=sem_numero())
    consulta = rede.post(f"{BASE}/nfs/query").mock(return_value=lista(corpo("nota")))
    assert emitir(cliente, chamadas).numero == "42"
    assert enviado(consulta)["where"] == {"eq": {"key": "NFSE.JR64UHS23JG.J6NZQ8FGWMK.00000S6XY5"}}


@pytest.mark.parametrize("por_chave", [recusa(400, "campo desconhecido", "where.eq.key"), lista(nota_json(7))])
def test_a_missing_number_is_found_by_marker_where_the_key_is_no_field(cliente, chamadas, rede, por_chave) -> None:
    rede.post(f"{BASE}/nfs").mock(return_value=sem_numero())
    consulta = rede.post(f"{BASE}/nfs/query").mock(
        side_effect=[por_chave, lista(nota_json(41), corpo("nota")), lista()]
    )
    assert emitir(cliente, chamadas).numero == "42"
    assert enviado(consulta, 1)["where"] == {"ge": {"numero": 40}}


@pytest.mark.parametrize("veio", [lista(), recusa(403), httpx.Response(500), httpx.Response(200, text="<html>")])
def test_a_number_that_cannot_be_found_does_not_undo_the_note(cliente, chamadas, rede, veio) -> None:
    rede.post(f"{BASE}/nfs").mock(return_value=sem_numero())
    rede.post(f"{BASE}/nfs/query").mock(return_value=veio)
    feita = emitir(cliente, chamadas)
    assert (feita.estado, feita.numero) == (Estado.AUTORIZADA, "")
    assert feita.chave == "NFSE.JR64UHS23JG.J6NZQ8FGWMK.00000S6XY5"


def test_the_number_of_another_note_with_the_same_marker_is_not_taken(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs").mock(return_value=sem_numero())
    rede.post(f"{BASE}/nfs/query").mock(side_effect=[lista(), lista(nota_json(41, MARCA)), lista()])
    assert emitir(cliente, chamadas).numero == ""


# -- refusals --------------------------------------------------------------------------------------------------------
def test_a_refusal_carries_the_words_of_the_service_and_the_field(cliente, chamadas, rede) -> None:
    veio = recusa(400, "tomador não cadastrado", "tomador.documento")
    rede.post(f"{BASE}/nfs").mock(return_value=veio)
    with pytest.raises(ProviderRefused, match=r"recusou a nota \(campo tomador.documento\)") as erro:
        emitir(cliente, chamadas)
    assert (erro.value.codigo, erro.value.texto) == ("HTTP-400:tomador.documento", "tomador não cadastrado")
    assert chamadas.sem_volta == []


@pytest.mark.parametrize("campo", ["listaItensNotaFiscal[3].iss", "listaItensNotaFiscal.3.iss"])
def test_refusals_of_one_field_are_one_group_whichever_the_item(cliente, chamadas, rede, campo) -> None:
    rede.post(f"{BASE}/nfs").mock(return_value=recusa(400, campo=campo))
    with pytest.raises(ProviderRefused) as erro:
        emitir(cliente, chamadas)
    assert erro.value.codigo == "HTTP-400:listaItensNotaFiscal[].iss"


@pytest.mark.parametrize("veio", [httpx.Response(404, text="<html>não há</html>"), httpx.Response(415)])
def test_a_4xx_of_any_body_is_a_refusal_that_is_not_repeated(cliente, chamadas, rede, veio) -> None:
    nfs = rede.post(f"{BASE}/nfs").mock(return_value=veio)
    with pytest.raises(ProviderRefused) as erro:
        emitir(cliente, chamadas)
    assert (erro.value.status, erro.value.texto, nfs.call_count) == (veio.status_code, veio.text, 1)


def test_a_refused_tomador_means_that_no_note_was_sent(cliente, chamadas, rede) -> None:
    rede["tomador"].mock(return_value=recusa(400, "CEP inválido", "dadosTomador.cep"))
    nfs = rede.post(f"{BASE}/nfs")
    with pytest.raises(ProviderRefused, match="A nota não foi enviada"):
        emitir(cliente, chamadas)
    assert (nfs.call_count, chamadas.sem_volta) == (0, [])


@pytest.mark.parametrize("veio", [httpx.Response(500), httpx.Response(200, text=""), httpx.Response(200, json={})])
def test_a_failed_tomador_may_be_repeated_and_means_that_no_note_was_sent(cliente, chamadas, rede, veio) -> None:
    rede["tomador"].mock(return_value=veio)
    nfs = rede.post(f"{BASE}/nfs")
    with pytest.raises(ProviderUnavailable):
        emitir(cliente, chamadas)
    assert (nfs.call_count, chamadas.sem_volta) == (0, [])


def test_a_missing_permission_is_named_and_stops_the_prestador(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs").mock(return_value=recusa(403, "sem permissão"))
    with pytest.raises(AccessDenied, match="wsIncluirNota") as erro:
        emitir(cliente, chamadas)
    assert (erro.value.alcance, erro.value.codigo) == (Alcance.CREDENCIAL, "HTTP-403:wsIncluirNota")
    assert chamadas.sem_volta == []


def test_a_permission_to_cancel_that_is_missing_does_not_stop_the_issue(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs/cancela").mock(return_value=recusa(403))
    with pytest.raises(AccessDenied, match="wsIncluirCancelamento") as erro:
        cliente.cancelar(A_42, "3", "Tomador trocado", chamadas=chamadas)
    assert erro.value.alcance is Alcance.EMPRESA


def test_429_is_a_block_and_nothing_was_issued(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs").mock(return_value=httpx.Response(429, headers={"Retry-After": "30"}))
    with pytest.raises(ProviderUnavailable) as erro:
        emitir(cliente, chamadas)
    assert (erro.value.bloqueio, erro.value.retry_after, chamadas.sem_volta) == (True, 30.0, [])


# -- doubts ----------------------------------------------------------------------------------------------------------
DUVIDOSAS = [
    pytest.param(httpx.Response(500, json={"status": 500, "mensagem": "falha", "campo": None}), id="500"),
    pytest.param(httpx.Response(503, text="<html>manutenção</html>"), id="503 HTML"),
    pytest.param(httpx.Response(200, text="<html>manutenção</html>"), id="HTML"),
    pytest.param(httpx.Response(200, content=b""), id="empty"),
    pytest.param(httpx.Response(200, content=b'{"numero": 42, "key": "NF'), id="cut"),
    pytest.param(httpx.Response(200, json={"mensagem": "ok"}), id="no note"),
    pytest.param(httpx.Response(200, json=[corpo("nota")]), id="array"),
    pytest.param(httpx.Response(200, json={"numero": True, "key": 7}), id="wrong types"),
    pytest.param(httpx.Response(302, headers={"Location": "/"}), id="redirect"),
    pytest.param(httpx.Response(408), id="408"),
]


@pytest.mark.parametrize("veio", DUVIDOSAS)
def test_a_doubtful_answer_to_an_issue_is_neither_done_nor_not_done(cliente, chamadas, rede, veio) -> None:
    nfs = rede.post(f"{BASE}/nfs").mock(return_value=veio)
    with pytest.raises(OutcomeUnknown):
        emitir(cliente, chamadas)
    assert (nfs.call_count, chamadas.sem_volta) == (1, chamadas.registros[-1:])


def test_an_answer_lost_after_sending_is_a_doubt(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs").mock(side_effect=cai_depois_de_enviar)
    with pytest.raises(OutcomeUnknown):
        emitir(cliente, chamadas)
    assert chamadas.sem_volta == chamadas.registros[-1:]


def test_a_connection_that_never_opened_sent_nothing(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs").mock(side_effect=httpx.ConnectTimeout("no route"))
    with pytest.raises(ProviderUnavailable, match="Nada foi enviado"):
        emitir(cliente, chamadas)
    assert chamadas.sem_volta == []


def test_an_unreadable_answer_keeps_its_status_and_words(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs").mock(return_value=httpx.Response(200, text="<html>manutenção</html>"))
    with pytest.raises(OutcomeUnknown) as erro:
        emitir(cliente, chamadas)
    assert (erro.value.status, erro.value.texto) == (200, "<html>manutenção</html>")


# -- correction and cancellation -------------------------------------------------------------------------------------
def test_a_correction_sends_the_number_and_the_text(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/nfs/corrige").mock(return_value=resposta("carta"))
    feita = cliente.corrigir(A_42, "Onde se lê 7, leia-se 8.", chamadas=chamadas)
    assert enviado(rota) == {"notaFiscal": {"numero": 42}, "historico": "Onde se lê 7, leia-se 8."}
    assert (feita.numero, feita.mensagem) == ("42", "Onde se lê 7, leia-se 8.")


def test_a_cancellation_is_a_request_that_the_town_hall_decides(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/nfs/cancela").mock(return_value=resposta("cancelamento"))
    pedida = cliente.cancelar(A_42, "3", "Tomador trocado", chamadas=chamadas)
    assert enviado(rota) == {
        "notaFiscal": {"numero": 42},
        "tipoCancelamento": {"id": 3},
        "historico": "Tomador trocado",
    }
    assert (pedida.estado, pedida.mensagem) == (Estado.PROCESSANDO, "Erro de Digitação")


def test_a_second_cancellation_is_told_apart_from_a_refusal(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs/cancela").mock(return_value=recusa(409, "já solicitado"))
    with pytest.raises(ProviderRefused) as erro:
        cliente.cancelar(A_42, "2", "Tomador trocado", chamadas=chamadas)
    assert erro.value.codigo == CANCELAMENTO_JA_PEDIDO


@pytest.mark.parametrize("codigo", ["1", "5", "", "03"])
def test_only_the_three_kinds_of_cancellation_are_sent(cliente, chamadas, codigo) -> None:
    with pytest.raises(DadosInvalidos, match="2, 3 ou 4"):
        cliente.cancelar(A_42, codigo, "Tomador trocado", chamadas=chamadas)
    assert chamadas.registros == []


@pytest.mark.parametrize("numero", ["", "NFSE.1", "４２"])
def test_a_note_without_its_number_is_not_cancelled_nor_corrected(cliente, chamadas, numero) -> None:
    nota = Referencia(chave="NFSE.1", numero=numero)
    with pytest.raises(DadosInvalidos, match="número"):
        cliente.cancelar(nota, "3", "Tomador trocado", chamadas=chamadas)
    with pytest.raises(DadosInvalidos, match="número"):
        cliente.corrigir(nota, "Texto", chamadas=chamadas)
    assert chamadas.registros == []


SEM_CERTEZA = [
    httpx.Response(500),
    httpx.Response(200, text=""),
    httpx.Response(200, json={"historico": "x"}),
    httpx.Response(200, json={"notaFiscal": nota_json(43), "historico": "x"}),
]


@pytest.mark.parametrize("veio", SEM_CERTEZA)
def test_a_doubtful_answer_to_a_letter_is_a_doubt(cliente, chamadas, rede, veio) -> None:
    rede.post(f"{BASE}/nfs/corrige").mock(return_value=veio)
    with pytest.raises(OutcomeUnknown):
        cliente.corrigir(A_42, "Texto", chamadas=chamadas)


@pytest.mark.parametrize("veio", SEM_CERTEZA)
def test_a_doubtful_answer_to_a_cancellation_is_a_doubt(cliente, chamadas, rede, veio) -> None:
    rede.post(f"{BASE}/nfs/cancela").mock(return_value=veio)
    with pytest.raises(OutcomeUnknown):
        cliente.cancelar(A_42, "4", "Valor", chamadas=chamadas)


def test_what_the_service_lacks_is_said_with_what_to_do(cliente, chamadas) -> None:
    with pytest.raises(ProviderRefused, match="Cancele a nota e emita outra"):
        cliente.substituir(NOTA, A_42, "", "", chamadas=chamadas)
    with pytest.raises(ProviderRefused, match="prévia"):
        cliente.previa(NOTA, chamadas=chamadas)


# -- log-in ----------------------------------------------------------------------------------------------------------
def test_the_log_in_sends_the_four_texts_with_the_cnpj_masked(cliente, chamadas, rede) -> None:
    cliente.login(chamadas=chamadas)
    assert enviado(rede["login"]) == {
        "app": "chave-do-aplicativo",
        "prestador": "90.000.001/0001-29",
        "username": "ana",
        "password": "senha da ana",
    }
    assert "Authorization" not in rede["login"].calls.last.request.headers


@pytest.mark.parametrize("texto", [jwt(9), f'"{jwt(9)}"', f'  "{jwt(9)}"\r\n'])
def test_the_token_is_the_text_without_blanks_and_quotes(cliente, chamadas, rede, texto) -> None:
    rede["login"].mock(side_effect=[httpx.Response(200, text=texto)])
    rede["tomador"].mock(return_value=resposta("tomador"))
    cliente.gravar_tomador(TOMADOR, chamadas=chamadas)
    assert rede["tomador"].calls.last.request.headers["Authorization"] == f"Bearer {jwt(9)}"


@pytest.mark.parametrize("texto", ["", "a.b", "a.b.c.d", "a.b.\nc", '{"token": "a.b.c"}', "<html>a.b.c</html>"])
def test_a_log_in_answered_with_something_else_is_no_token(cliente, chamadas, rede, texto) -> None:
    rede["login"].mock(side_effect=[httpx.Response(200, text=texto)])
    with pytest.raises(ProviderUnavailable) as erro:
        cliente.login(chamadas=chamadas)
    assert erro.value.codigo == "TOKEN-ILEGIVEL"


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refused_log_in_stops_the_access(cliente, chamadas, rede, status) -> None:
    rede["login"].mock(side_effect=[recusa(status, "chave bloqueada")])
    with pytest.raises(AccessDenied) as erro:
        emitir(cliente, chamadas)
    assert (erro.value.alcance, erro.value.texto) == (Alcance.CREDENCIAL, "chave bloqueada")
    assert chamadas.sem_volta == []


def test_a_log_in_that_fails_may_be_repeated(cliente, chamadas, rede) -> None:
    rede["login"].mock(side_effect=[httpx.Response(503, text="<html>")])
    with pytest.raises(ProviderUnavailable):
        emitir(cliente, chamadas)


def test_the_token_serves_every_client_of_the_account(cliente, chamadas, rede) -> None:
    cliente.gravar_tomador(TOMADOR, chamadas=chamadas)
    novo_cliente().gravar_tomador(TOMADOR, chamadas=chamadas)
    assert rede["login"].call_count == 1


@pytest.mark.parametrize(
    "outro",
    [
        {"base": "https://nota.exemplo/sandbox/api"},
        {"aplicacao": "outra"},
        {"prestador": "9A1B2C3D000186"},
        {"usuario": "bia"},
        {"senha": "nova"},
    ],
)
def test_another_account_or_a_new_password_logs_in_for_itself(cliente, chamadas, rede, outro) -> None:
    cliente.login(chamadas=chamadas)
    acesso = replace(ACESSO, **outro)
    login = rede.post(f"{acesso.base}/login").mock(return_value=httpx.Response(200, text=jwt(7)))
    rota = rede.get(f"{acesso.base}/cnae").mock(return_value=lista())
    Sisgenfe(acesso).atividades(chamadas=chamadas)
    assert rota.calls.last.request.headers["Authorization"] == f"Bearer {jwt(7)}"
    assert enviado(login)["username"] == acesso.usuario


def test_a_refused_token_is_renewed_once_and_the_issue_repeated(cliente, chamadas, rede) -> None:
    nfs = rede.post(f"{BASE}/nfs").mock(side_effect=[recusa(401), resposta("nota")])
    assert emitir(cliente, chamadas).numero == "42"
    assert [c.request.headers["Authorization"] for c in nfs.calls] == [f"Bearer {jwt(1)}", f"Bearer {jwt(2)}"]
    assert chamadas.sem_volta == chamadas.registros[-1:]


def test_a_token_refused_twice_stops_the_access(cliente, chamadas, rede) -> None:
    nfs = rede.post(f"{BASE}/nfs").mock(return_value=recusa(401, "token inválido"))
    with pytest.raises(AccessDenied) as erro:
        emitir(cliente, chamadas)
    assert (erro.value.alcance, nfs.call_count, rede["login"].call_count) == (Alcance.CREDENCIAL, 2, 2)
    assert chamadas.sem_volta == []


def test_a_log_in_refused_when_renewing_leaves_no_doubt(cliente, chamadas, rede) -> None:
    rede["login"].mock(side_effect=[httpx.Response(200, text=jwt(1)), recusa(401, "senha errada")])
    rede.post(f"{BASE}/nfs").mock(return_value=recusa(401))
    with pytest.raises(AccessDenied, match="recusou o login"):
        emitir(cliente, chamadas)
    assert chamadas.sem_volta == []


def test_each_call_of_a_try_waits_for_its_turn(cliente, rede) -> None:
    vezes: list[int] = []
    chamadas = replace(novas_chamadas(), vez=lambda: vezes.append(len(rede.calls)))
    rede.post(f"{BASE}/nfs").mock(return_value=resposta("nota"))
    emitir(cliente, chamadas)
    assert vezes == [0, 1, 2]


# -- secrets ---------------------------------------------------------------------------------------------------------
SEGREDOS = ("chave-do-aplicativo", "senha da ana", "assinatura-1")


def guardado(chamadas: Chamadas, *erros: Any) -> str:
    textos = [vars(erro) for erro in erros]
    return json.dumps([chamadas.registros, textos], ensure_ascii=False, default=str)


def test_no_secret_is_kept_of_a_whole_issue(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/nfs").mock(return_value=resposta("nota"))
    emitir(cliente, chamadas)
    assert not [segredo for segredo in SEGREDOS if segredo in guardado(chamadas)]
    assert "PADARIA MODELO" in guardado(chamadas)


@pytest.mark.parametrize("texto", ["ewogICJh.bGci.assinatura-1", '"ewogICJh.bGci.assinatura-1"'])
def test_a_token_of_unusual_looks_is_not_kept_either(cliente, chamadas, rede, texto) -> None:
    rede["login"].mock(side_effect=[httpx.Response(200, text=texto)])
    cliente.login(chamadas=chamadas)
    assert "assinatura-1" not in guardado(chamadas)


@pytest.mark.parametrize("status", [400, 401, 500])
def test_secrets_that_the_service_repeats_are_kept_nowhere(cliente, chamadas, rede, status) -> None:
    eco = recusa(status, "recebi chave-do-aplicativo e senha da ana")
    rede["login"].mock(side_effect=[eco])
    with pytest.raises((AccessDenied, ProviderUnavailable)) as erro:
        cliente.login(chamadas=chamadas)
    assert not [segredo for segredo in SEGREDOS if segredo in guardado(chamadas, erro.value)]
    assert "recebi [removido] e [removido]" in erro.value.texto


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_token_that_the_service_repeats_is_kept_nowhere(cliente, chamadas, rede, status) -> None:
    rede["login"].mock(side_effect=[httpx.Response(200, text="opaco.opaco.assinatura-1")])
    rede.get(f"{BASE}/cnae").mock(return_value=recusa(status, "não li opaco.opaco.assinatura-1"))
    with pytest.raises((AccessDenied, ProviderRefused, ProviderUnavailable)) as erro:
        cliente.atividades(chamadas=chamadas)
    assert "assinatura-1" not in guardado(chamadas, erro.value)


def test_the_access_shows_nothing_of_itself() -> None:
    assert repr(ACESSO) == "<AcessoSisgenfe>"
    assert isinstance(ACESSO, AcessoSisgenfe)
