"""PAGTOWEB, EVENTOSATUALIZACAO and the DAS apart from declarations, on the wire. The transport is faked."""

import base64
import json
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from guias.providers import eventos, pagtoweb, pgdasd
from guias.providers.eventos import Evento
from guias.providers.interface import TributoAvulso
from guias.providers.mensagens import Destino, Mensagem, ler, regra_de
from guias.providers.pagtoweb import Filtro
from operacoes.errors import ProviderRefused, ProviderUnavailable
from tests.guias.test_integra_contador import (  # noqa: F401 - fixtures of the faked transport
    BASE,
    OUTUBRO,
    PARTES,
    chamadas,
    cliente,
    rede,
)

PDF = base64.b64encode(b"%PDF-x").decode()
NOVEMBRO = Filtro(desde=date(2026, 11, 1), ate=date(2026, 11, 30))
# The shape of the official example of PAGAMENTOS71; invented data.
PAGO: dict[str, Any] = {
    "numeroDocumento": "07202632512345678",
    "tipo": {"codigo": "9", "descricao": "Documento do Simples Nacional", "descricaoAbreviada": "DAS"},
    "periodoApuracao": "2026-10-01T00:00:00.000-03:00",
    "dataArrecadacao": "2026-11-19T00:00:00.000-03:00",
    "dataVencimento": None,
    "receitaPrincipal": None,
    "referencia": None,
    "valorTotal": 100.1,
    "valorPrincipal": 100.1,
    "valorMulta": None,
    "valorJuros": None,
    "desmembramentos": [],
}


def resposta(dados: Any, codigo: str = "[Sucesso-PAGTOWEB-00000]", status: int = 200) -> httpx.Response:
    return httpx.Response(
        status,
        json={"status": status, "dados": json.dumps(dados), "mensagens": [{"codigo": codigo, "texto": "dito"}]},
    )


def enviado(rota: Any) -> tuple[dict[str, Any], Any]:
    corpo = json.loads(rota.calls.last.request.content)
    return corpo, json.loads(corpo["pedidoDados"]["dados"])


def test_values_that_are_not_told_stay_unknown(cliente, chamadas, rede) -> None:  # noqa: F811
    rota = rede.post(f"{BASE}/Consultar").mock(return_value=resposta([PAGO]))
    (lido,) = pagtoweb.todos(cliente, PARTES, NOVEMBRO, chamadas=chamadas)
    assert (lido.tipo, lido.tipo_nome, lido.dia, lido.periodo) == ("09", "DAS", date(2026, 11, 19), OUTUBRO)
    assert (lido.vencimento, lido.multa, lido.principal) == (None, None, Decimal("100.10"))
    _, dados = enviado(rota)
    assert dados == {
        "intervaloDataArrecadacao": {"dataInicial": "2026-11-01", "dataFinal": "2026-11-30"},
        "primeiroDaPagina": 0,
        "tamanhoDaPagina": 100,
    }


def test_pages_go_on_from_what_came_until_one_is_short(cliente, chamadas, rede, monkeypatch) -> None:  # noqa: F811
    monkeypatch.setattr(pagtoweb, "PAGINA", 2)
    paginas = [[PAGO, PAGO | {"numeroDocumento": "2"}], [PAGO | {"numeroDocumento": "3"}]]
    rota = rede.post(f"{BASE}/Consultar").mock(side_effect=[resposta(pagina) for pagina in paginas])
    lidos = pagtoweb.todos(cliente, PARTES, Filtro(numeros=("1", "2", "3")), chamadas=chamadas)
    assert [lido.numero for lido in lidos] == ["07202632512345678", "2", "3"]
    assert enviado(rota)[1]["primeiroDaPagina"] == 2
    assert enviado(rota)[1]["numeroDocumentoLista"] == ["1", "2", "3"]


def test_the_count_is_a_number_in_text(cliente, chamadas, rede) -> None:  # noqa: F811
    rede.post(f"{BASE}/Consultar").mock(return_value=resposta("1"))
    assert pagtoweb.contar(cliente, PARTES, NOVEMBRO, chamadas=chamadas) == 1


@pytest.mark.parametrize("dados", [{"pdf": PDF}, [{"pdf": PDF}]])
def test_the_proof_comes_as_one_or_as_a_list_of_one(cliente, chamadas, rede, dados) -> None:  # noqa: F811
    rede.post(f"{BASE}/Emitir").mock(return_value=resposta(dados))
    assert pagtoweb.comprovante(cliente, PARTES, "1", chamadas=chamadas) == b"%PDF-x"


def test_a_page_in_another_shape_is_asked_again(cliente, chamadas, rede) -> None:  # noqa: F811
    rede.post(f"{BASE}/Consultar").mock(return_value=resposta([{"numeroDocumento": "1"}]))
    with pytest.raises(ProviderUnavailable):
        pagtoweb.todos(cliente, PARTES, NOVEMBRO, chamadas=chamadas)


def test_news_go_as_a_list_of_cnpj_in_the_name_of_the_contratante(cliente, chamadas, rede) -> None:  # noqa: F811
    feito = {"protocolo": "abc", "TempoEsperaMedioEmMs": 1500, "TempoLimiteEmMin": 10}
    rota = rede.post(f"{BASE}/Monitorar").mock(return_value=resposta(feito, "[Sucesso-EVENTOSATUALIZACAO-001]"))
    documentos = ["12ABC34501DE35", "90000001000188"]
    lido = eventos.solicitar(cliente, "90000001000188", documentos, Evento.PAGAMENTOS, chamadas=chamadas)
    corpo, dados = enviado(rota)
    assert corpo["contribuinte"] == {"numero": "12ABC34501DE35,90000001000188", "tipo": 4}
    assert corpo["autorPedidoDados"] == corpo["contratante"]
    assert corpo["pedidoDados"]["idServico"] == "SOLICEVENTOSPJ132"
    assert (dados, lido) == ({"evento": "E0701"}, eventos.Protocolo("abc", 1500, 10))
    eventos.solicitar(cliente, "90000001000188", ["12345678909"], Evento.PAGAMENTOS, chamadas=chamadas)
    assert enviado(rota)[0]["pedidoDados"]["idServico"] == "SOLICEVENTOSPF131"
    assert enviado(rota)[0]["contribuinte"]["tipo"] == 3


def test_the_answer_of_the_news_says_the_day_nothing_or_no_procuracao(cliente, chamadas, rede) -> None:  # noqa: F811
    matriz = [["A", "261119"], ["B", ""], ["C", "x"]]
    rede.post(f"{BASE}/Monitorar").mock(return_value=resposta(matriz, "[Sucesso-EVENTOSATUALIZACAO-001]"))
    lidas = eventos.obter(cliente, PARTES.contratante, ["A" * 14], Evento.PAGAMENTOS, "abc", chamadas=chamadas)
    assert [(n.documento, n.dia, n.sem_procuracao) for n in lidas] == [
        ("A", date(2026, 11, 19), False),
        ("B", None, False),
        ("C", None, True),
    ]


@pytest.mark.parametrize(("codigo", "erro"), [("002", ProviderRefused), ("006", ProviderRefused)])
def test_a_refusal_of_the_news_says_what_to_do(cliente, chamadas, rede, codigo, erro) -> None:  # noqa: F811
    dito = resposta(None, f"[EntradaIncorreta-EVENTOSATUALIZACAO-{codigo}]", 400)
    rede.post(f"{BASE}/Monitorar").mock(return_value=dito)
    with pytest.raises(erro, match="novidades"):
        eventos.obter(cliente, PARTES.contratante, ["A" * 14], Evento.PAGAMENTOS, "x", chamadas=chamadas)


def das(**campos: Any) -> dict[str, Any]:
    detalhe = {
        "periodoApuracao": "202610",
        "numeroDocumento": "07202632512345678",
        "dataVencimento": "20261120",
        "dataLimiteAcolhimento": "20261130",
        "valores": {"principal": 50.5, "multa": 0, "juros": 0, "total": 50.5},
        "composicao": None,
    }
    return {"pdf": PDF, "cnpjCompleto": "12ABC34501DE35", "detalhamentoDas": detalhe | campos}


def test_a_process_without_period_and_due_date_keeps_its_last_day(cliente, chamadas, rede) -> None:  # noqa: F811
    dito = das(periodoApuracao="Diversos", dataVencimento="")
    rota = rede.post(f"{BASE}/Emitir").mock(return_value=resposta(dito, "[Sucesso-PGDASD]"))
    lido = pgdasd.das_de_processo(cliente, PARTES, "10880123456202611", chamadas=chamadas)
    assert (lido.periodo, lido.vencimento, lido.limite) == ("Diversos", date(2026, 11, 30), date(2026, 11, 30))
    assert enviado(rota)[1] == {"numeroProcesso": "10880123456202611"}


def test_tributes_go_in_camel_case_with_their_place(cliente, chamadas, rede) -> None:  # noqa: F811
    rota = rede.post(f"{BASE}/Emitir").mock(return_value=resposta(das(), "[Sucesso-PGDASD]"))
    tributos = [TributoAvulso("1001", Decimal("30.50")), TributoAvulso("1010", Decimal("20.00"), "0107", "SP")]
    pgdasd.das_avulso(cliente, PARTES, OUTUBRO, tributos, consolidacao=date(2026, 12, 1), chamadas=chamadas)
    assert enviado(rota)[1] == {
        "periodoApuracao": "202610",
        "listaTributos": [
            {"codigo": 1001, "valor": 30.5},
            {"codigo": 1010, "valor": 20.0, "codMunicipio": "0107", "uf": "SP"},
        ],
        "dataConsolidacao": "20261201",
    }
    pgdasd.das_avulso(cliente, PARTES, OUTUBRO, tributos, consolidacao=None, prorrogacao=2, chamadas=chamadas)
    assert enviado(rota)[1]["prorrogacaoEspecial"] == 2


def test_a_debt_in_collection_goes_by_its_period_as_text(cliente, chamadas, rede) -> None:  # noqa: F811
    rota = rede.post(f"{BASE}/Emitir").mock(return_value=resposta(das(), "[Sucesso-PGDASD]"))
    pgdasd.das_de_cobranca(cliente, PARTES, OUTUBRO, chamadas=chamadas)
    assert enviado(rota)[1] == {"periodoApuracao": "202610"}


@pytest.mark.parametrize(
    "codigo",
    [
        *(f"[EntradaIncorreta-PAGTOWEB-{n}]" for n in ("00001", "00002")),
        "[Erro-PAGTOWEB-00099]",
        *(f"[EntradaIncorreta-EVENTOSATUALIZACAO-{n}]" for n in ("002", "006")),
        "[Erro-EVENTOSATUALIZACAO-003]",
        "[Aviso-EVENTOSATUALIZACAO-004]",
        *(f"[EntradaIncorreta-ICGERENCIADOR-{n}]" for n in ("046", "047", "048", "049", "050", "057")),
    ],
)
def test_every_code_has_its_sentence(codigo: str) -> None:
    lida: Mensagem = ler({"codigo": codigo, "texto": ""})
    regra = regra_de(lida)
    assert regra is not None
    assert len(regra.mensagem) > 30


def test_what_comes_with_a_success_refuses_nothing() -> None:
    assert regra_de(ler({"codigo": "[Sucesso-PAGTOWEB-00000]", "texto": ""})) is None
    aviso = regra_de(ler({"codigo": "[Aviso-EVENTOSATUALIZACAO-005]", "texto": ""}))
    assert aviso is not None
    assert aviso.destino is Destino.AVISO
