"""The clients of PGMEI, CCMEI and the instalments: what they send, what they make of every answer and every code."""

import base64
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx

from guias.providers import ccmei, parcelamentos, pgmei
from guias.providers.catalogo import catalogo
from guias.providers.cliente import IntegraContador
from guias.providers.mensagens import Destino
from guias.providers.mensagens import ccmei as do_ccmei
from guias.providers.mensagens import parcelamentos as das_familias
from guias.providers.mensagens import pgmei as do_pgmei
from guias.providers.parcelamentos import FAMILIAS, Familia
from operacoes.errors import OutcomeUnknown, ProviderError, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas
from tests.guias.test_integra_contador import BASE, PARTES, chamadas, cliente, rede

__all__ = ["chamadas", "cliente", "rede"]

OUTUBRO = date(2026, 10, 1)
PDF = base64.b64encode(b"%PDF-1.4 guia").decode()
Chamar = Callable[[IntegraContador, Chamadas], Any]


def envelope(dados: Any, *codigos: str, http: int = 200, status: Any = "200") -> httpx.Response:
    """An answer; `status` as text, as PGMEI sends it."""
    mensagens = [{"codigo": codigo, "texto": "palavras do serviço"} for codigo in codigos or ("Sucesso-X",)]
    texto = "" if dados is None else json.dumps(dados)
    return httpx.Response(http, json={"status": status, "dados": texto, "mensagens": mensagens})


def guia(**trocas: Any) -> dict[str, Any]:
    """The slip of the documented example."""
    detalhe = {
        "periodoApuracao": "201901",
        "numeroDocumento": "07181900100000017",
        "dataVencimento": "20190220",
        "dataLimiteAcolhimento": "20260831",
        "valores": {"principal": 55.90, "multa": 11.18, "juros": 10.71, "total": 77.79},
        "observacao1": None,
        "composicao": [
            {"codigo": "0151", "denominacao": "INSS", "valores": {"principal": 49.9, "total": 69.44}},
            {"codigo": "0125", "denominacao": "ISS", "valores": {"principal": 5.0, "total": 6.96}},
        ],
    } | trocas
    return {"cnpjCompleto": PARTES.contribuinte, "razaoSocial": "X", "detalhamento": [detalhe]}


def emitir(cliente: IntegraContador, chamadas: Chamadas) -> pgmei.DasMei:
    return pgmei.emitir(cliente, PARTES, OUTUBRO, consolidacao=None, chamadas=chamadas)


def dados_enviados(rota: respx.Route) -> Any:
    pedido = json.loads(rota.calls.last.request.content)["pedidoDados"]
    return json.loads(pedido["dados"]) if pedido["dados"] else ""


# -- PGMEI ------------------------------------------------------------------------------------------------------------
def test_reads_the_slip_of_a_mei_whose_detail_is_a_list(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Emitir").mock(return_value=envelope([guia() | {"pdf": PDF}]))
    lido = pgmei.emitir(cliente, PARTES, OUTUBRO, consolidacao=date(2026, 11, 30), chamadas=chamadas)
    assert dados_enviados(rota) == {"periodoApuracao": "202610", "dataConsolidacao": "20261130"}
    assert (lido.das.total, lido.das.multa, lido.das.juros) == (Decimal("77.79"), Decimal("11.18"), Decimal("10.71"))
    assert [parte["codigo"] for parte in lido.das.composicao] == [pgmei.INSS, pgmei.ISS]
    assert lido.das.pdf.startswith(b"%PDF")


def test_the_four_fields_of_the_bar_code_are_one_line(cliente, chamadas, rede) -> None:
    blocos = [f"{n:012d}" for n in range(4)]
    resposta = envelope([guia(codigoDeBarras=blocos)])
    rede.post(f"{BASE}/Emitir").mock(return_value=resposta)
    lido = pgmei.emitir_codigo_de_barras(cliente, PARTES, OUTUBRO, consolidacao=None, chamadas=chamadas)
    assert (lido.linha, lido.das.pdf) == ("".join(blocos), b"")


@pytest.mark.parametrize("dados", [None, [], [{}], [guia()], [guia() | {"pdf": "bm90IGEgcGRm"}]])
def test_a_slip_in_another_shape_is_a_doubt(cliente, chamadas, rede, dados) -> None:
    rede.post(f"{BASE}/Emitir").mock(return_value=envelope(dados))
    with pytest.raises(OutcomeUnknown):
        emitir(cliente, chamadas)


def test_tells_and_reads_the_months_with_a_benefit(cliente, chamadas, rede) -> None:
    corpo = [{"paOriginal": "202610", "indicadorBeneficio": True, "paAgrupado": "202611"}]
    rota = rede.post(f"{BASE}/Emitir").mock(return_value=envelope(corpo))
    lido = pgmei.marcar_beneficio(cliente, PARTES, 2026, {OUTUBRO: True}, chamadas=chamadas)
    assert dados_enviados(rota) == {
        "anoCalendario": 2026,
        "infoBeneficio": [{"periodoApuracao": "202610", "indicadorBeneficio": True}],
    }
    assert lido == [pgmei.MesComBeneficio(OUTUBRO, True, date(2026, 11, 1))]


@pytest.mark.parametrize("outro_mes", [False, True])
def test_a_benefit_answer_that_misses_months_is_a_doubt(cliente, chamadas, rede, outro_mes) -> None:
    outro = {"paOriginal": "202609", "indicadorBeneficio": True, "paAgrupado": ""}
    rede.post(f"{BASE}/Emitir").mock(return_value=envelope([outro] if outro_mes else []))
    with pytest.raises(OutcomeUnknown):
        pgmei.marcar_beneficio(cliente, PARTES, 2026, {OUTUBRO: True}, chamadas=chamadas)


def test_reads_active_debt_and_its_absence(cliente, chamadas, rede) -> None:
    linha = {"periodoApuracao": "202610", "tributo": "INSS", "valor": 81.05, "enteFederado": "União"}
    rota = rede.post(f"{BASE}/Consultar").mock(
        side_effect=[envelope([linha]), envelope(None, "Aviso-PGMEI-25001"), envelope(None, "[Aviso-PGMEI-MSG_25001]")]
    )
    [debito] = pgmei.divida_ativa(cliente, PARTES, 2026, chamadas=chamadas)
    assert (debito.competencia, debito.valor) == (OUTUBRO, Decimal("81.05"))
    assert pgmei.divida_ativa(cliente, PARTES, 2026, chamadas=chamadas) == []
    assert pgmei.divida_ativa(cliente, PARTES, 2026, chamadas=chamadas) == []
    assert dados_enviados(rota) == {"anoCalendario": "2026"}


_ERROS: dict[Destino, type[ProviderError]] = {
    Destino.RECUSADA: ProviderRefused,
    Destino.NADA: ProviderRefused,  # of a call that draws: there is nothing to draw
    Destino.INDISPONIVEL: ProviderUnavailable,
}


@pytest.mark.parametrize("forma", ["[EntradaIncorreta-PGMEI-MSG_{}]", "Aviso-PGMEI-{}"])
@pytest.mark.parametrize("numero", sorted(do_pgmei.TABELA))
def test_every_code_of_pgmei_has_its_words_also_with_status_200(cliente, chamadas, rede, numero, forma) -> None:
    regra = do_pgmei.TABELA[numero]
    dados = [guia() | {"pdf": PDF}] if regra.destino is Destino.AVISO else None
    rede.post(f"{BASE}/Emitir").mock(
        return_value=envelope(dados, forma.format(numero).replace("EntradaIncorreta", "Aviso"))
    )
    if regra.destino is Destino.AVISO:
        assert emitir(cliente, chamadas).avisos == (regra.mensagem,)
        return
    with pytest.raises(_ERROS[regra.destino]) as veio:
        emitir(cliente, chamadas)
    assert veio.value.mensagem == regra.mensagem
    assert numero in veio.value.codigo


def test_the_table_has_every_code_of_pgmei() -> None:
    erros = {
        *range(23001, 23004),
        *range(23005, 23008),
        23009,
        23010,
        *range(23020, 23023),
        *range(23025, 23028),
        23029,
    }
    avisos = {13011, 13012, 23004, 23008, 23013, 23015, 23016, 23017, 23018, 23019, 23028, 23030, 23099, 23999, 25001}
    assert set(do_pgmei.TABELA) == {str(numero) for numero in erros | avisos}
    assert all(regra.mensagem for regra in do_pgmei.TABELA.values())


def test_a_code_nobody_knows_shows_the_words_of_the_service(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Emitir").mock(return_value=envelope(None, "EntradaIncorreta-PGMEI-MSG_99999", http=400))
    with pytest.raises(ProviderRefused) as veio:
        emitir(cliente, chamadas)
    assert veio.value.texto == "palavras do serviço"


# -- CCMEI ------------------------------------------------------------------------------------------------------------
def test_reads_certificate_data_and_cnpjs(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Emitir").mock(return_value=envelope([{"cnpj": "x", "pdf": PDF}], "[Sucesso-CCMEI-SUC-00030]"))
    assert ccmei.emitir(cliente, PARTES, chamadas=chamadas).startswith(b"%PDF")
    corpo = {
        "nomeEmpresarial": "MEI LTDA",
        "empresario": {"nomeCivil": "Fulano", "cpf": "529.982.247-25"},
        "enquadramento": {"optanteMei": True, "situacao": "ENQUADRADO"},
        "atividade": {"ocupacaoPrincipal": {"descricaoOcupacao": "Pintor"}, "ocupacoesSecundarias": []},
    }
    cnpjs = [{"cnpj": "1", "situacao": "ATIVA", "enquadradoMei": True}]
    rota = rede.post(f"{BASE}/Consultar").mock(
        side_effect=[envelope(corpo), envelope(cnpjs), envelope(None, "[Aviso-CCMEI-BSN-0100]")]
    )
    lido = ccmei.dados(cliente, PARTES, chamadas=chamadas)
    assert (lido.cpf, lido.optante, lido.ocupacoes[0].descricao) == ("52998224725", True, "Pintor")
    assert dados_enviados(rota) == ""
    assert ccmei.cnpjs_do_cpf(cliente, PARTES, chamadas=chamadas)[0].enquadrado
    assert ccmei.cnpjs_do_cpf(cliente, PARTES, chamadas=chamadas) == []


@pytest.mark.parametrize(
    ("grupo", "numero"),
    [(grupo, numero) for grupo, tabela in do_ccmei.TABELAS.items() for numero in tabela if grupo != "CCMEI-SUC"],
)
def test_every_code_of_ccmei_has_its_words(cliente, chamadas, rede, grupo, numero) -> None:
    rede.post(f"{BASE}/Emitir").mock(return_value=envelope(None, f"[Aviso-{grupo}-{numero}]"))
    regra = do_ccmei.TABELAS[grupo][numero]
    with pytest.raises(_ERROS[regra.destino]) as veio:
        ccmei.emitir(cliente, PARTES, chamadas=chamadas)
    assert veio.value.mensagem == regra.mensagem != ""


# -- instalments ------------------------------------------------------------------------------------------------------
PARCSN = FAMILIAS["parcsn"]


@pytest.mark.parametrize("familia", FAMILIAS.values(), ids=lambda familia: familia.sigla)
def test_every_family_has_its_five_services_and_its_powers(familia: Familia) -> None:
    nomes = ("GERARDAS", "PARCELASPARAGERAR", "PEDIDOSPARC", "OBTERPARC", "DETPAGTOPARC")
    servicos = [familia.servico(nome) for nome in nomes]
    assert {servico.sistema for servico in servicos} == {familia.sigla}
    assert [servico.classe for servico in servicos] == ["emissao", *["consulta"] * 4]
    assert familia.poderes


@pytest.mark.parametrize("chave", ["listaParcelas", "listaParcela"])
def test_reads_the_open_instalments_under_either_name(cliente, chamadas, rede, chave) -> None:
    corpo = {chave: [{"parcela": 202610, "valor": 350.1}, {"parcela": "202611", "valor": 350.1}]}
    rota = rede.post(f"{BASE}/Consultar").mock(return_value=envelope(corpo))
    lidas = parcelamentos.parcelas(cliente, PARCSN, PARTES, chamadas=chamadas).parcelas
    assert [parcela.mes for parcela in lidas] == [OUTUBRO, date(2026, 11, 1)]
    assert lidas[0].valor == Decimal("350.10")
    assert dados_enviados(rota) == ""


def test_reads_pedidos_detail_and_payment(cliente, chamadas, rede) -> None:
    pedido = {"numero": 1, "dataDoPedido": 20250110, "situacao": "Em parcelamento", "dataDaSituacao": 20250115}
    detalhe = pedido | {
        "consolidacaoOriginal": {"valorTotalConsolidado": 4200.0, "quantidadeParcelas": 12, "parcelaBasica": 350.0},
        "alteracoesDivida": [],
        "demonstrativoPagamentos": [
            {"mesDaParcela": 202502, "vencimentoDoDas": 20250228, "dataDeArrecadacao": 0, "valorPago": 350.0}
        ],
    }
    pagamento = {
        "numeroDas": "07202136999997159",
        "numeroParcela": "2",
        "dataPagamento": 20250227,
        "valorPagoArrecadacao": 350.0,
        "pagamentoDebitos": [{"paDebito": 202401, "discriminacoesDebito": [{"tributo": "IRPJ", "total": 350.0}]}],
    }
    rota = rede.post(f"{BASE}/Consultar").mock(
        side_effect=[envelope({"parcelamentos": [pedido]}), envelope(detalhe), envelope(pagamento)]
    )
    assert parcelamentos.pedidos(cliente, PARCSN, PARTES, chamadas=chamadas).pedidos[0].pedido_em == date(2025, 1, 10)
    lido = parcelamentos.detalhe(cliente, PARCSN, PARTES, 1, chamadas=chamadas)
    assert lido is not None
    assert lido.original is not None
    assert (lido.original.total, lido.pagas[0].paga_em) == (Decimal("4200.00"), None)
    pago = parcelamentos.pagamento(cliente, PARCSN, PARTES, 1, date(2025, 2, 1), chamadas=chamadas)
    assert dados_enviados(rota) == {"numeroParcelamento": 1, "anoMesParcela": 202502}
    assert pago is not None
    assert (pago.pago_em, pago.debitos[0].tributo) == (date(2025, 2, 27), "IRPJ")


def test_the_detail_of_another_parcelamento_is_not_believed(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Consultar").mock(return_value=envelope({"numero": 2, "situacao": "x"}))
    with pytest.raises(ProviderUnavailable):
        parcelamentos.detalhe(cliente, PARCSN, PARTES, 1, chamadas=chamadas)


def test_a_slip_is_a_pdf_or_a_doubt(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Emitir").mock(
        side_effect=[envelope({"docArrecadacaoPdfB64": PDF}), envelope({"docArrecadacaoPdfB64": ""})]
    )
    assert parcelamentos.emitir(cliente, PARCSN, PARTES, OUTUBRO, chamadas=chamadas).startswith(b"%PDF")
    assert dados_enviados(rota) == {"parcelaParaEmitir": 202610}
    with pytest.raises(OutcomeUnknown):
        parcelamentos.emitir(cliente, PARCSN, PARTES, OUTUBRO, chamadas=chamadas)


@pytest.mark.parametrize(
    ("familia", "numero"),
    [
        (familia, numero)
        for familia, tabela in das_familias.TABELAS.items()
        for numero in tabela
        if numero.startswith("ER_")
    ],
)
def test_every_code_of_every_family_has_its_words(cliente, chamadas, rede, familia, numero) -> None:
    rede.post(f"{BASE}/Emitir").mock(return_value=envelope(None, f"[Aviso-{familia}-{numero}]"))
    regra = das_familias.TABELAS[familia][numero]
    with pytest.raises(_ERROS[regra.destino]) as veio:
        parcelamentos.emitir(cliente, FAMILIAS[familia.lower()], PARTES, OUTUBRO, chamadas=chamadas)
    assert veio.value.mensagem == regra.mensagem != ""


def test_the_numbers_that_shift_are_read_by_family() -> None:
    tabelas = das_familias.TABELAS
    assert tabelas["PARCSN"]["N015"] is tabelas["PARCMEI"]["N015"] is tabelas["RELPSN"]["N016"]
    assert tabelas["PARCSN"]["N014"] is tabelas["RELPSN"]["N015"]


@pytest.mark.parametrize("codigo", ["E001", "C001", "N003", "N008"])
def test_nothing_to_tell_is_an_empty_answer_with_their_words(cliente, chamadas, rede, codigo) -> None:
    rede.post(f"{BASE}/Consultar").mock(return_value=envelope(None, f"[Aviso-PARCSN-ER_{codigo}]"))
    lidas = parcelamentos.parcelas(cliente, PARCSN, PARTES, chamadas=chamadas)
    assert lidas == parcelamentos.ParcelasAbertas((), "palavras do serviço")


# -- what is not in production ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("servico", [s for s in catalogo().values() if s.sistema == "DASNSIMEI"], ids=str)
def test_the_annual_declaration_of_the_mei_is_listed_and_refused_before_a_call(
    cliente, chamadas, rede, servico
) -> None:
    with pytest.raises(ProviderRefused, match="não oferece este serviço em produção"):
        cliente.chamar(servico, PARTES, None, chamadas)
    assert not rede.calls
