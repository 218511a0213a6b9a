"""The client: what it sends, what it makes of every kind of answer. The transport is faked."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from credentials.providers import serpro
from credentials.providers.serpro import Acesso
from guias.providers import cliente as integra_contador
from guias.providers import pgdasd, procuracoes
from guias.providers.cliente import IntegraContador
from guias.providers.interface import (
    Atividade,
    Declaracao,
    Estabelecimento,
    Folha,
    MesAnterior,
    Parcela,
    Partes,
    Qualificacao,
)
from operacoes import relogio
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas

BASE = "https://gateway.exemplo/integra-contador/v1"
TOKEN = "https://token.exemplo/authenticate"
RESPOSTAS = Path(__file__).resolve().parents[1] / "answers" / "integra_contador"
PARTES = Partes("90000001000188", "90000001000188", "12ABC34501DE35")
OUTUBRO = date(2026, 10, 1)
DECLARACAO = Declaracao(
    cnpj="12ABC34501DE35",
    competencia=OUTUBRO,
    retificadora=False,
    interno=Decimal("1500.10"),
    externo=Decimal(0),
    estabelecimentos=(
        Estabelecimento(
            "12ABC34501DE35",
            (
                Atividade(2, (Parcela(Decimal("1000.10"), qualificacoes=(Qualificacao(1007, 8),)),)),
                Atividade(10, (Parcela(Decimal("500.00"), "6001", "RJ"),)),
            ),
        ),
        Estabelecimento("12ABC34501DF16"),
    ),
    anteriores=(MesAnterior(date(2026, 9, 1), Decimal("10.01"), Decimal("0.00")),),
    folhas=(Folha(date(2026, 9, 1), Decimal("9000.00")),),
)


@pytest.fixture
def rede(monkeypatch: pytest.MonkeyPatch) -> Iterator[respx.MockRouter]:
    serpro.esquecer()
    monkeypatch.setattr(integra_contador, "transport_for", lambda *_: httpx.HTTPTransport())
    monkeypatch.setattr(serpro, "transport_for", lambda *_: httpx.HTTPTransport())
    with respx.mock(assert_all_called=False) as router:
        router.post(TOKEN).mock(
            side_effect=[
                httpx.Response(200, json={"expires_in": 2008, "access_token": f"bearer-{n}", "jwt_token": f"jwt-{n}"})
                for n in range(1, 4)
            ]
        )
        yield router
    serpro.esquecer()


@pytest.fixture
def cliente(rede: respx.MockRouter) -> IntegraContador:
    return IntegraContador(
        Acesso("credencial:1", 1, "90000001000188", TOKEN, BASE, None, consumer_key="k", consumer_secret="s")
    )


@pytest.fixture
def chamadas() -> Chamadas:
    return Chamadas(tag="t" * 32, deadline=relogio.segundos() + 30)


def resposta(nome: str, **trocas: Any) -> httpx.Response:
    """An answer kept in tests/answers, with `dados` as JSON inside text, as the service sends it."""
    corpo = json.loads((RESPOSTAS / f"{nome}.json").read_text(encoding="utf-8")) | trocas
    if not isinstance(corpo["dados"], str) and corpo["dados"] is not None:
        corpo["dados"] = json.dumps(corpo["dados"])
    return httpx.Response(int(corpo["status"]), json=corpo)


def recusa(status: int, codigo: str, texto: str = "texto do serviço") -> httpx.Response:
    return httpx.Response(
        status, json={"status": status, "dados": None, "mensagens": [{"codigo": codigo, "texto": texto}]}
    )


def transmitir(cliente: IntegraContador, chamadas: Chamadas) -> Any:
    return pgdasd.transmitir(cliente, PARTES, DECLARACAO, comparar={"1001": Decimal("44.00")}, chamadas=chamadas)


# -- what is sent --------------------------------------------------------------------------------------------


def test_sends_the_documented_envelope_and_headers(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Declarar").mock(return_value=resposta("transmissao"))

    transmitir(cliente, chamadas)

    pedido = rota.calls.last.request
    corpo = json.loads(pedido.content)
    assert pedido.headers["Authorization"] == "Bearer bearer-1"
    assert pedido.headers["jwt_token"] == "jwt-1"
    assert pedido.headers["X-Request-Tag"] == "t" * 32
    assert corpo["contribuinte"] == {"numero": "12ABC34501DE35", "tipo": 2}
    assert corpo["pedidoDados"] | {"dados": ""} == {
        "idSistema": "PGDASD",
        "idServico": "TRANSDECLARACAO11",
        "versaoSistema": "1.0",
        "dados": "",
    }


def test_the_declaration_goes_out_as_documented(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Declarar").mock(return_value=resposta("transmissao"))

    transmitir(cliente, chamadas)

    texto = json.loads(rota.calls.last.request.content)["pedidoDados"]["dados"]
    assert json.loads(texto, parse_float=Decimal) == {
        "cnpjCompleto": "12ABC34501DE35",
        "pa": 202610,
        "indicadorTransmissao": True,
        "indicadorComparacao": True,
        "valoresParaComparacao": [{"codigoTributo": 1001, "valor": Decimal("44.0")}],
        "declaracao": {
            "tipoDeclaracao": 1,
            "receitaPaCompetenciaInterno": Decimal("1500.1"),
            "receitaPaCompetenciaExterno": Decimal("0.0"),
            "receitasBrutasAnteriores": [
                {"pa": 202609, "valorInterno": Decimal("10.01"), "valorExterno": Decimal("0.0")}
            ],
            "folhasSalario": [{"pa": 202609, "valor": Decimal("9000.0")}],
            "estabelecimentos": [
                {
                    "cnpjCompleto": "12ABC34501DE35",
                    "atividades": [
                        {
                            "idAtividade": 2,
                            "valorAtividade": Decimal("1000.1"),
                            "receitasAtividade": [
                                {
                                    "valor": Decimal("1000.1"),
                                    "qualificacoesTributarias": [{"codigoTributo": 1007, "id": 8}],
                                }
                            ],
                        },
                        {
                            "idAtividade": 10,
                            "valorAtividade": Decimal("500.0"),
                            "receitasAtividade": [
                                {"valor": Decimal("500.0"), "codigoOutroMunicipio": "6001", "outraUf": "RJ"}
                            ],
                        },
                    ],
                },
                {"cnpjCompleto": "12ABC34501DF16"},
            ],
        },
    }


def test_a_simulation_neither_transmits_nor_compares(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Declarar").mock(return_value=resposta("simulacao"))

    calculo = pgdasd.simular(cliente, PARTES, DECLARACAO, chamadas=chamadas)

    dados = json.loads(json.loads(rota.calls.last.request.content)["pedidoDados"]["dados"])
    assert (dados["indicadorTransmissao"], dados["indicadorComparacao"]) == (False, False)
    assert calculo.total == Decimal("800.00")


# -- what comes back -----------------------------------------------------------------------------------------


def test_reads_a_transmission(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=resposta("transmissao"))
    feita = transmitir(cliente, chamadas)
    assert feita.id_declaracao == "12ABC345202610001"
    assert feita.transmitida_em == datetime(2026, 11, 5, 17, 2, 3, tzinfo=UTC)
    assert feita.valores["1004"] == Decimal("101.92")
    assert feita.declaracao == b"%PDF-declaracao"


def test_reads_a_das_in_either_spelling(cliente, chamadas, rede) -> None:
    como_exemplo, como_tabela = resposta("das"), resposta("das_como_na_tabela")
    rede.post(f"{BASE}/Emitir").mock(side_effect=[como_exemplo, como_tabela])
    um = pgdasd.emitir_das(cliente, PARTES, OUTUBRO, consolidacao=None, chamadas=chamadas)
    outro = pgdasd.emitir_das(cliente, PARTES, OUTUBRO, consolidacao=None, chamadas=chamadas)
    assert um == outro
    assert (um.numero, um.total, um.vencimento) == ("07202632512345678", Decimal("58.15"), date(2026, 11, 23))


@pytest.mark.parametrize("chave", ["datahoraEmissaoDas", "dataHoraEmissaoDas"])
def test_reads_the_period_with_its_two_spellings(cliente, chamadas, rede, chave) -> None:
    operacoes = [
        {
            "tipoOperacao": "Original",
            "indiceDeclaracao": {"numeroDeclaracao": "12ABC345202610001", "dataHoraTransmissao": "20261105140203"},
            "indiceDas": None,
        },
        {
            "tipoOperacao": "Geração de DAS",
            "indiceDeclaracao": None,
            "indiceDas": {"numeroDas": "07202632512345678", chave: "20261105140300", "dasPago": True},
        },
    ]
    dados = {"anoCalendario": 2026, "periodo": {"periodoApuracao": 202610, "operacoes": operacoes}}
    rede.post(f"{BASE}/Consultar").mock(return_value=resposta("simulacao", dados=dados))
    periodo = pgdasd.periodo(cliente, PARTES, OUTUBRO, chamadas=chamadas)
    assert [d.numero for d in periodo.declaracoes] == ["12ABC345202610001"]
    assert [(d.numero, d.pago) for d in periodo.das] == [("07202632512345678", True)]


@pytest.mark.parametrize("status", [200, 400, 404])
def test_a_query_that_finds_nothing_is_not_an_error(cliente, chamadas, rede, status) -> None:
    rede.post(f"{BASE}/Consultar").mock(return_value=recusa(status, "[Aviso-PGDASD-MSG_ISN_005]"))
    assert pgdasd.periodo(cliente, PARTES, OUTUBRO, chamadas=chamadas).declaracoes == ()
    assert pgdasd.ultima_declaracao(cliente, PARTES, OUTUBRO, chamadas=chamadas) is None


def test_reads_procuracoes(cliente, chamadas, rede) -> None:
    dados = [{"dtexpiracao": "20271231", "nrsistemas": 1, "sistemas": ["TODOS"]}]
    rede.post(f"{BASE}/Consultar").mock(return_value=resposta("simulacao", dados=dados))
    outorga = procuracoes.obter(cliente, PARTES, chamadas=chamadas)[0]
    assert (outorga.expira, outorga.sistemas) == (date(2027, 12, 31), ["TODOS"])


# -- refusals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codigo", ["[EntradaIncorreta-PGDASD-MSG_ISN_035]", "entradaincorreta-pgdasd-msg_isn_035"])
def test_a_refusal_carries_our_words_and_theirs_with_or_without_brackets(cliente, chamadas, rede, codigo) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=recusa(400, codigo, "SN-Entregar: diferem"))
    with pytest.raises(ProviderRefused, match="Nada foi transmitido") as erro:
        transmitir(cliente, chamadas)
    assert "SN-Entregar: diferem" in erro.value.texto


def test_the_words_of_the_service_are_kept_without_secrets(cliente, chamadas, rede) -> None:
    texto = "Token inválido: Bearer abcdef123456 access_token=zyx987"
    rede.post(f"{BASE}/Declarar").mock(return_value=recusa(400, "EntradaIncorreta-PGDASD-MSG_ISN_023", texto))
    with pytest.raises(ProviderRefused) as erro:
        transmitir(cliente, chamadas)
    assert erro.value.texto == "Token inválido: Bearer [removido] access_token=[removido]"


def test_a_200_that_says_no_is_a_refusal(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=recusa(200, "EntradaIncorreta-PGDASD-MSG_ISN_023"))
    with pytest.raises(ProviderRefused):
        transmitir(cliente, chamadas)
    assert chamadas.sem_volta == []


@pytest.mark.parametrize(
    ("codigo", "status", "alcance"),
    [
        ("[AcessoNegado-ICGERENCIADOR-016]", 403, Alcance.CREDENCIAL),
        ("[AcessoNegado-ICGERENCIADOR-018]", 403, Alcance.CREDENCIAL),
        ("[AcessoNegado-ICGERENCIADOR-022]", 403, Alcance.EMPRESA),
        ("[AcessoNegado-ICGERENCIADOR-019]", 403, Alcance.EMPRESA),
    ],
)
def test_access_denied_says_how_far_it_reaches(cliente, chamadas, rede, codigo, status, alcance) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=recusa(status, codigo))
    with pytest.raises(AccessDenied) as erro:
        transmitir(cliente, chamadas)
    assert erro.value.alcance is alcance
    assert chamadas.sem_volta == []


@pytest.mark.parametrize("tipo", ["EntradaIncorreta", "AcessoNegado"])
@pytest.mark.parametrize("status", [400, 403])
def test_017_is_known_by_its_number_whatever_type_and_status(cliente, chamadas, rede, tipo, status) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=recusa(status, f"[{tipo}-ICGERENCIADOR-017]"))
    with pytest.raises(ProviderRefused):
        transmitir(cliente, chamadas)


FORA_DA_TABELA = [
    "[EntradaIncorreta-PGDASD-MSG_ISN_999]",
    "EntradaIncorreta-PGDASD",
    "[AcessoNegado-ICGERENCIADOR-999]",
    "E0044",
]


@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize("codigo", FORA_DA_TABELA)
def test_an_answer_that_refuses_is_a_refusal_also_with_a_code_not_in_the_table(
    cliente, chamadas, rede, status, codigo
) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=recusa(status, codigo, "o serviço diz por quê"))
    with pytest.raises(ProviderRefused) as erro:
        transmitir(cliente, chamadas)
    assert (erro.value.codigo, erro.value.texto) == (codigo.strip("[]"), "o serviço diz por quê")
    assert chamadas.sem_volta == []


@pytest.mark.parametrize(
    ("status", "codigos"),
    [
        (200, ["[EntradaIncorreta-PGDASD-MSG_ISN_999]"]),
        (500, ["[EntradaIncorreta-PGDASD-MSG_ISN_999]"]),
        (400, ["[EntradaIncorreta-PGDASD-MSG_ISN_999]", "[Erro-PGDASD-MSG_ISN_998]"]),
        (400, ["[Aviso-PGDASD-MSG_ISN_999]"]),
        (404, []),
    ],
)
def test_what_does_not_say_plainly_that_it_refused_stays_a_doubt(cliente, chamadas, rede, status, codigos) -> None:
    mensagens = [{"codigo": codigo, "texto": "t"} for codigo in codigos]
    veio = httpx.Response(status, json={"status": status, "dados": None, "mensagens": mensagens})
    rede.post(f"{BASE}/Declarar").mock(return_value=veio)
    with pytest.raises(OutcomeUnknown):
        transmitir(cliente, chamadas)


# -- doubts --------------------------------------------------------------------------------------------------

DUVIDOSAS = [
    pytest.param(recusa(504, "[Erro-PGDASD-058]"), id="downstream timeout"),
    pytest.param(recusa(500, "[Erro-ICGERENCIADOR-001]"), id="manager failed"),
    pytest.param(recusa(400, "[Erro-PGDASD-MSG_ISN_031]"), id="transmission problem"),
    pytest.param(recusa(400, "[Erro-PGDASD-MSG_ISN_999]"), id="failure not in the table"),
    pytest.param(httpx.Response(200, text="<html>manutenção</html>"), id="HTML"),
    pytest.param(httpx.Response(200, content=b'{"status":200,"dados":"{\\"idDecl'), id="cut"),
    pytest.param(httpx.Response(502, text="Bad Gateway"), id="bad gateway"),
    pytest.param(httpx.Response(200, json={"status": 200, "dados": "{}", "mensagens": []}), id="empty success"),
]


@pytest.mark.parametrize("veio", DUVIDOSAS)
def test_a_transmission_with_a_doubtful_answer_is_never_taken_for_done_nor_for_not_done(
    cliente, chamadas, rede, veio
) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=veio)
    with pytest.raises(OutcomeUnknown):
        transmitir(cliente, chamadas)
    assert chamadas.sem_volta == chamadas.registros[-1:]


@pytest.mark.parametrize("veio", DUVIDOSAS[:3] + DUVIDOSAS[4:])
def test_a_simulation_with_a_doubtful_answer_may_be_repeated(cliente, chamadas, rede, veio) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=veio)
    with pytest.raises(ProviderUnavailable):
        pgdasd.simular(cliente, PARTES, DECLARACAO, chamadas=chamadas)


def test_a_read_timeout_of_a_transmission_is_a_doubt(cliente, chamadas, rede) -> None:
    from operacoes import http

    def cortar(_request: httpx.Request) -> httpx.Response:
        http._vez.enviou = True
        raise httpx.ReadTimeout("lost")

    rede.post(f"{BASE}/Declarar").mock(side_effect=cortar)
    with pytest.raises(OutcomeUnknown):
        transmitir(cliente, chamadas)


def test_429_is_a_block_and_not_a_failure(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Consultar").mock(return_value=httpx.Response(429, headers={"Retry-After": "30"}))
    with pytest.raises(ProviderUnavailable) as erro:
        pgdasd.periodo(cliente, PARTES, OUTUBRO, chamadas=chamadas)
    assert (erro.value.bloqueio, erro.value.retry_after) == (True, 30.0)


# -- tokens --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "recusado", [httpx.Response(401, json={"fault": {"code": 900901}}), recusa(403, "[AcessoNegado-ICGERENCIADOR-037]")]
)
def test_a_refused_token_is_replaced_once_and_the_call_repeated(cliente, chamadas, rede, recusado) -> None:
    rota = rede.post(f"{BASE}/Declarar").mock(side_effect=[recusado, resposta("transmissao")])
    assert transmitir(cliente, chamadas).id_declaracao == "12ABC345202610001"
    assert [c.request.headers["Authorization"] for c in rota.calls] == ["Bearer bearer-1", "Bearer bearer-2"]
    assert chamadas.sem_volta == chamadas.registros[-1:]


def test_a_renewed_token_dropped_while_it_was_renewed_is_replaced_again(cliente, chamadas, rede) -> None:
    caiu = httpx.Response(401)
    rota = rede.post(f"{BASE}/Declarar").mock(side_effect=[caiu, caiu, resposta("transmissao")])
    assert transmitir(cliente, chamadas).id_declaracao == "12ABC345202610001"
    assert rota.call_count == 3


@pytest.mark.parametrize(("numero", "dito"), [("003", "identificação da loja"), ("041", "um jwt_token que servisse")])
def test_tokens_refused_again_are_told_with_the_sentence_of_the_code(
    cliente: IntegraContador, chamadas: Chamadas, rede: respx.MockRouter, numero: str, dito: str
) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=recusa(403, f"[AcessoNegado-ICGERENCIADOR-{numero}]"))
    with pytest.raises(AccessDenied, match=dito) as negado:
        transmitir(cliente, chamadas)
    assert negado.value.alcance is Alcance.CREDENCIAL
    assert "tabela 102" in negado.value.mensagem


def test_a_token_refused_three_times_pauses_the_credencial(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Declarar").mock(return_value=httpx.Response(401))
    with pytest.raises(AccessDenied) as erro:
        transmitir(cliente, chamadas)
    assert (erro.value.alcance, rota.call_count) == (Alcance.CREDENCIAL, 3)
    assert chamadas.sem_volta == []


# -- what is charged, what is kept ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "cobrada"),
    [(200, True), (400, False), (403, True), (404, False), (500, False), (503, False), (504, True)],
)
def test_charging_follows_the_status(cliente, chamadas, rede, status, cobrada) -> None:
    veio = resposta("transmissao") if status == 200 else recusa(status, "[Erro-ICGERENCIADOR-001]")
    rede.post(f"{BASE}/Declarar").mock(return_value=veio)
    if status == 200:
        transmitir(cliente, chamadas)
    else:
        with pytest.raises(OutcomeUnknown):
            transmitir(cliente, chamadas)
    assert (chamadas.registros[-1]["cobrada"], chamadas.registros[-1]["classe"]) == (cobrada, "declaracao")


def test_no_token_and_no_pdf_is_kept_in_the_record(cliente, chamadas, rede) -> None:
    pdf = base64.b64encode(b"%PDF-" + b"x" * 3000).decode()
    veio = json.loads((RESPOSTAS / "transmissao.json").read_text(encoding="utf-8"))
    rede.post(f"{BASE}/Declarar").mock(return_value=resposta("transmissao", dados=veio["dados"] | {"declaracao": pdf}))
    transmitir(cliente, chamadas)
    guardado = json.dumps(chamadas.registros)
    assert "bearer-1" not in guardado
    assert "jwt-1" not in guardado
    assert pdf not in guardado


def test_amounts_keep_their_cents(cliente, chamadas, rede) -> None:
    dados = {"valoresDevidos": [{"codigoTributo": 1001, "valor": 0.1}, {"codigoTributo": 1002, "valor": 123456789.05}]}
    rede.post(f"{BASE}/Declarar").mock(return_value=resposta("simulacao", dados=dados))
    calculo = pgdasd.simular(cliente, PARTES, DECLARACAO, chamadas=chamadas)
    assert calculo.valores == {"1001": Decimal("0.10"), "1002": Decimal("123456789.05")}
    assert calculo.total == Decimal("123456789.15")


def test_a_token_of_procurador_asked_of_the_contratante_is_told(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=recusa(403, "[AcessoNegado-ICGERENCIADOR-042]"))
    partes = replace(PARTES, autor=PARTES.contratante)
    with pytest.raises(AccessDenied, match="autor do pedido"):
        pgdasd.transmitir(cliente, partes, DECLARACAO, comparar={}, chamadas=chamadas)
