"""PAGTOWEB, EVENTOSATUALIZACAO and the DAS apart from declarations, spoken to as any program would."""

import base64
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.sandbox.integra import Cliente, cnpj, codigo, dados, texto
from tests.sandbox_fixture import SandboxVivo

SISTEMAS = {"PAGAMENTOS71": "PAGTOWEB", "CONTACONSDOCARRPG73": "PAGTOWEB", "COMPARRECADACAO72": "PAGTOWEB"}
DIA = {"dataInicial": "2026-11-01", "dataFinal": "2026-11-30"}
PAGINA = {"primeiroDaPagina": 0, "tamanhoDaPagina": 100}


def pedir(cliente: Cliente, rota: str, quem: str, servico: str, conteudo: Any, *, tipo: int = 2) -> httpx.Response:
    corpo = cliente.envelope(quem, servico, conteudo)
    corpo["contribuinte"] = {"numero": quem, "tipo": tipo}
    corpo["pedidoDados"]["idSistema"] = SISTEMAS.get(
        servico, "EVENTOSATUALIZACAO" if "EVENTOS" in servico else "PGDASD"
    )
    return cliente.enviar(rota, corpo)


def pagar(sandbox: SandboxVivo, numero: str, **campos: str) -> None:
    sandbox.controle.post("pagamentos", {"numero": numero, **campos})


@pytest.fixture
def pago(cliente: Cliente, sandbox_limpo: SandboxVivo) -> tuple[str, str, str]:
    """A company, its DAS, its value as text; paid on 19 November."""
    quem = cnpj(701)
    cliente.transmitir(quem).raise_for_status()
    detalhe = dados(cliente.das(quem))[0]["detalhamentoDas"]
    pagar(sandbox_limpo, detalhe["numeroDocumento"], data="2026-11-19")
    return quem, detalhe["numeroDocumento"], f"{detalhe['valores']['total']:.2f}"


def test_a_paid_das_is_listed_with_its_parts(cliente: Cliente, pago: tuple[str, str, str]) -> None:
    quem, numero, total = pago
    (lido,) = dados(pedir(cliente, "Consultar", quem, "PAGAMENTOS71", {"intervaloDataArrecadacao": DIA, **PAGINA}))
    assert lido["numeroDocumento"] == numero
    assert lido["tipo"]["codigo"] == "9"
    assert f"{lido['valorTotal']:.2f}" == total
    assert lido["dataArrecadacao"] == "2026-11-19T00:00:00-03:00"
    assert lido["desmembramentos"][0]["sequencial"] == 1


def test_count_is_text_and_filters_narrow(cliente: Cliente, pago: tuple[str, str, str]) -> None:
    quem, numero, _ = pago

    def quantos(**filtro: Any) -> str:
        return str(dados(pedir(cliente, "Consultar", quem, "CONTACONSDOCARRPG73", filtro)))

    assert quantos(numeroDocumentoLista=[numero]) == "1"
    assert quantos(codigoTipoDocumentoLista=["04"]) == "0"
    assert quantos(intervaloDataArrecadacao={"dataInicial": "2026-11-20", "dataFinal": "2026-11-30"}) == "0"


@pytest.mark.parametrize(
    "filtro",
    [
        {},
        {"intervaloDataArrecadacao": DIA},
        {"intervaloDataArrecadacao": DIA, "primeiroDaPagina": 0, "tamanhoDaPagina": 101},
        {"intervaloDataArrecadacao": {"dataInicial": "2026-11-30", "dataFinal": "2026-11-01"}, **PAGINA},
        {"numeroDocumentoLista": "07202632500000017", **PAGINA},
        {"codigoTipoDocumentoLista": ["9"], **PAGINA},
        PAGINA,
    ],
)
def test_a_wrong_filter_is_refused(cliente: Cliente, pago: tuple[str, str, str], filtro: dict[str, Any]) -> None:
    assert codigo(pedir(cliente, "Consultar", pago[0], "PAGAMENTOS71", filtro)) == "[EntradaIncorreta-PAGTOWEB-00001]"


def test_part_of_a_slip_of_which_only_the_value_is_known(cliente: Cliente, sandbox_limpo: SandboxVivo) -> None:
    quem = cnpj(702)
    sandbox_limpo.controle.post(
        "cadastro",
        {"contribuintes": [{"documento": quem, "cobrancas": [{"pa": 202601, "valores": {"1006": "80.00"}}]}]},
    )
    das = dados(pedir(cliente, "Emitir", quem, "GERARDASCOBRANCA17", {"periodoApuracao": "202601"}))
    assert das["detalhamentoDas"]["valores"]["multa"] > 0
    numero = das["detalhamentoDas"]["numeroDocumento"]
    pagar(sandbox_limpo, numero, data="2026-11-10", valor="20.00")
    (lido,) = dados(pedir(cliente, "Consultar", quem, "PAGAMENTOS71", {"numeroDocumentoLista": [numero], **PAGINA}))
    assert lido["valorTotal"] == 20
    assert round(lido["valorPrincipal"] + lido["valorMulta"] + lido["valorJuros"], 2) == 20


def test_pages_follow_each_other(cliente: Cliente, pago: tuple[str, str, str], sandbox_limpo: SandboxVivo) -> None:
    quem, numero, _ = pago
    pagar(sandbox_limpo, numero, data="2026-11-20", valor="1.00")

    def pagina(primeiro: int) -> list[str]:
        filtro = {"intervaloDataArrecadacao": DIA, "primeiroDaPagina": primeiro, "tamanhoDaPagina": 1}
        return [
            item["dataArrecadacao"][:10] for item in dados(pedir(cliente, "Consultar", quem, "PAGAMENTOS71", filtro))
        ]

    assert [pagina(0), pagina(1), pagina(2)] == [["2026-11-19"], ["2026-11-20"], []]


def test_the_proof_is_drawn_and_in_the_ledger(
    cliente: Cliente, pago: tuple[str, str, str], sandbox_limpo: SandboxVivo
) -> None:
    quem, numero, _ = pago
    lido = dados(pedir(cliente, "Emitir", quem, "COMPARRECADACAO72", {"numeroDocumento": numero}))
    assert base64.b64decode(lido["pdf"]).startswith(b"%PDF")
    assert [e["documento"] for e in sandbox_limpo.controle.ledger() if e["tipo"] == "comprovante_emitido"] == [numero]
    recusa = pedir(cliente, "Emitir", cnpj(799), "COMPARRECADACAO72", {"numeroDocumento": numero})
    assert codigo(recusa) == "[EntradaIncorreta-PAGTOWEB-00002]"


def test_a_process_has_no_period_and_no_due_date(cliente: Cliente, sandbox_limpo: SandboxVivo) -> None:
    quem, processo = cnpj(703), "10880123456202611"
    debito = {"numero": processo, "valores": {"1001": "50.00"}}
    sandbox_limpo.controle.post("cadastro", {"contribuintes": [{"documento": quem, "processos": [debito]}]})
    das = dados(pedir(cliente, "Emitir", quem, "GERARDASPROCESSO18", {"numeroProcesso": processo}))
    assert das["detalhamentoDas"]["periodoApuracao"] == "Diversos"
    assert das["detalhamentoDas"]["dataVencimento"] == ""
    outro = pedir(cliente, "Emitir", cnpj(704), "GERARDASPROCESSO18", {"numeroProcesso": processo})
    assert codigo(outro) == "[EntradaIncorreta-PGDASD-MSG_ISN_002]"


def test_an_avulso_sums_its_tributes(cliente: Cliente) -> None:
    quem = cnpj(705)
    tributos = [{"codigo": 1001, "valor": 30.5}, {"codigo": 1010, "valor": 20, "codMunicipio": "7107", "uf": "SP"}]
    das = dados(
        pedir(cliente, "Emitir", quem, "GERARDASAVULSO19", {"periodoApuracao": "202610", "listaTributos": tributos})
    )
    assert das["detalhamentoDas"]["valores"]["principal"] == 50.5
    assert [c["codigo"] for c in das["detalhamentoDas"]["composicao"]] == ["1001", "1010"]


@pytest.mark.parametrize(
    "tributos",
    [
        [],
        [{"codigo": 1010, "valor": 20}],
        [{"codigo": 1007, "valor": 20}],
        [{"codigo": 9999, "valor": 20}],
        [{"codigo": 1001, "valor": 0}],
        [{"codigo": 1001, "valor": 9.99}],
        [{"codigo": 1001, "valor": 20}, {"codigo": 1001, "valor": 20}],
    ],
)
def test_an_avulso_that_makes_no_sense_is_refused(cliente: Cliente, tributos: list[Any]) -> None:
    pedido = {"periodoApuracao": "202610", "listaTributos": tributos}
    assert pedir(cliente, "Emitir", cnpj(706), "GERARDASAVULSO19", pedido).status_code == 400


@pytest.mark.parametrize(("pa", "prorrogacao", "http"), [(202103, 1, 200), (202610, 1, 400), (202003, 9, 400)])
def test_a_special_extension_is_of_its_months_only(cliente: Cliente, pa: int, prorrogacao: int, http: int) -> None:
    tributos = [{"codigo": 1001, "valor": 20}]
    pedido = {"periodoApuracao": str(pa), "listaTributos": tributos, "prorrogacaoEspecial": prorrogacao}
    assert pedir(cliente, "Emitir", cnpj(707), "GERARDASAVULSO19", pedido).status_code == http


def solicitar(cliente: Cliente, *quem: str, evento: str = "E0701") -> httpx.Response:
    return pedir(cliente, "Monitorar", ",".join(quem), "SOLICEVENTOSPJ132", {"evento": evento}, tipo=4)


def avancar(sandbox: SandboxVivo, segundos: float) -> None:
    agora = datetime.fromisoformat(sandbox.controle.relogio()["agora"])
    sandbox.controle.relogio(fixo=(agora + timedelta(seconds=segundos)).isoformat())


def obter(cliente: Cliente, protocolo: str, *quem: str) -> httpx.Response:
    pedido = {"protocolo": protocolo, "evento": "E0701"}
    return pedir(cliente, "Monitorar", ",".join(quem), "OBTEREVENTOSPJ134", pedido, tipo=4)


def test_events_say_the_day_nothing_or_no_procuracao(
    cliente: Cliente, pago: tuple[str, str, str], sandbox_limpo: SandboxVivo
) -> None:
    quem, calado, sem = pago[0], cnpj(707), cnpj(708)
    sandbox_limpo.controle.post("cadastro", {"contribuintes": [{"documento": sem, "procuracao_padrao": False}]})
    avancar(sandbox_limpo, 16 * 60)
    feito = dados(solicitar(cliente, quem, calado, sem))
    assert codigo(obter(cliente, feito["protocolo"], quem, calado, sem)) == "[EntradaIncorreta-EVENTOSATUALIZACAO-006]"
    avancar(sandbox_limpo, 2)
    assert dados(obter(cliente, feito["protocolo"], quem, calado, sem)) == [[quem, "261121"], [calado, ""], [sem, "x"]]
    assert codigo(obter(cliente, feito["protocolo"], quem)) == "[EntradaIncorreta-EVENTOSATUALIZACAO-002]"


@pytest.mark.parametrize(("inicio", "dito"), [("2026-11-21", "x"), ("2026-11-20", "261121")])
def test_a_procuracao_counts_for_events_from_the_day_after(
    cliente: Cliente, pago: tuple[str, str, str], sandbox_limpo: SandboxVivo, inicio: str, dito: str
) -> None:
    contratante = cliente.contratante["cnpj"]
    dada = {"outorgante": pago[0], "outorgado": contratante, "poderes": ["00004"], "inicio": inicio}
    sandbox_limpo.controle.cadastro(procuracoes=[dada])
    avancar(sandbox_limpo, 16 * 60)
    feito = dados(solicitar(cliente, pago[0]))
    avancar(sandbox_limpo, 2)
    assert dados(obter(cliente, feito["protocolo"], pago[0])) == [[pago[0], dito]]


@pytest.mark.parametrize(
    ("tributo", "dito"),
    [
        ({"codigo": 1010, "valor": 20, "codMunicipio": "0000", "uf": "SP"}, "TOM 0000"),
        ({"codigo": 1010, "valor": 20, "codMunicipio": "7107", "uf": "RJ"}, "TOM 7107"),
        ({"codigo": 1010, "valor": 20, "codMunicipio": "abcd", "uf": "SP"}, "TOM abcd"),
        ({"codigo": 1007, "valor": 20, "uf": "XX"}, "UF XX"),
    ],
)
def test_an_avulso_names_a_place_that_exists(cliente: Cliente, tributo: dict[str, Any], dito: str) -> None:
    pedido = {"periodoApuracao": "202609", "listaTributos": [tributo]}
    resposta = pedir(cliente, "Emitir", cnpj(1), "GERARDASAVULSO19", pedido)
    assert (resposta.status_code, codigo(resposta)) == (400, "[EntradaIncorreta-PGDASD-MSG_ISN_002]")
    assert dito in texto(resposta)


def test_what_was_paid_less_than_15_minutes_ago_is_not_told_yet(
    cliente: Cliente, pago: tuple[str, str, str], sandbox_limpo: SandboxVivo
) -> None:
    feito = dados(solicitar(cliente, pago[0]))
    avancar(sandbox_limpo, 2)
    assert dados(obter(cliente, feito["protocolo"], pago[0])) == [[pago[0], ""]]


def test_events_have_a_daily_limit_and_1000_taxpayers(cliente: Cliente, sandbox_limpo: SandboxVivo) -> None:
    sandbox_limpo.controle.post("ajustes", {"integra_contador.eventos_por_dia": 1})
    assert solicitar(cliente, *(cnpj(n) for n in range(1001))).status_code == 400
    assert solicitar(cliente, cnpj(1)).status_code == 200
    assert solicitar(cliente, cnpj(1), evento="E0601").status_code == 200
    cheio = solicitar(cliente, cnpj(1))
    assert (cheio.status_code, codigo(cheio)) == (429, "[Aviso-EVENTOSATUALIZACAO-004]")
    assert "Limite diário" in texto(cheio)
