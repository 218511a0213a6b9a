"""The clients of SICALC, DCTFWEB and MIT: what they send, and what they make of every code."""

import base64
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from comum.documentos import LinhaDigitavel, linha_digitavel
from guias.providers import dctfweb, mit, sicalc
from guias.providers.catalogo import catalogo
from guias.providers.dctfweb import Categoria, Chave, Origem
from guias.providers.mensagens import Destino, ler, regra_de
from guias.providers.mensagens import dctfweb as da_dctfweb
from guias.providers.mensagens import mit as do_mit
from guias.providers.mit import Debito, Encerramento, Evento
from guias.providers.sicalc import PedidoDarf
from guias.services import barras, guia_em_pdf
from operacoes.errors import OutcomeUnknown, ProviderRefused, ProviderUnavailable
from sandbox import arrecadacao
from tests.guias.test_integra_contador import BASE, PARTES, chamadas, cliente, rede

__all__ = ["chamadas", "cliente", "rede"]  # fixtures

DARF = PedidoDarf(
    uf="SP",
    municipio="7107",
    receita="8109",
    extensao="02",
    tipo_pa="ME",
    data_pa="10/2026",
    vencimento=date(2026, 11, 25),
    valor=Decimal("1000.5"),
    consolidacao=date(2026, 11, 23),
)
NUMERO = "07162632600000017"
OUTUBRO = Chave(Categoria.GERAL_MENSAL, date(2026, 10, 1))
PDF = base64.b64encode(b"%PDF-1.4").decode()


def respondida(*codigos: str, dados: Any = None, status: int = 200) -> httpx.Response:
    mensagens = [{"codigo": f"[{codigo}]", "texto": "palavras do serviço"} for codigo in codigos]
    texto = json.dumps(dados) if dados is not None else ""
    return httpx.Response(status, json={"status": str(status), "dados": texto, "mensagens": mensagens})


def enviados(rota: Any) -> Any:
    return json.loads(json.loads(rota.calls.last.request.content)["pedidoDados"]["dados"])


# -- SICALC ------------------------------------------------------------------------------------------------------------


def test_a_darf_is_asked_for_in_texts_and_read_in_decimals(cliente, chamadas, rede) -> None:
    consolidado = {
        "valorPrincipalMoedaCorrente": 1000.0,
        "valorTotalConsolidado": 1458.3,
        "valorMultaMora": 200.0,
        "percentualMultaMora": 20.0,
        "valorJuros": 258.3,
        "percentualJuros": 25.83,
        "dataValidadeCalculo": "2026-11-30T00:00:00",
    }
    rota = rede.post(f"{BASE}/Emitir").mock(
        return_value=httpx.Response(
            200,
            json={
                "status": 200,
                "mensagens": None,
                "dados": json.dumps({"consolidado": consolidado, "darf": PDF, "numeroDocumento": "07162632600000017"}),
            },
        )
    )
    emitido = sicalc.emitir(cliente, PARTES, DARF, chamadas=chamadas)
    assert enviados(rota) == {
        "uf": "SP",
        "municipio": "7107",
        "codigoReceita": "8109",
        "codigoReceitaExtensao": "02",
        "tipoPA": "ME",
        "dataPA": "10/2026",
        "vencimento": "2026-11-25T00:00:00",
        "valorImposto": "1000.50",
        "dataConsolidacao": "2026-11-23T00:00:00",
    }
    assert (emitido.guia.total, emitido.guia.juros) == (Decimal("1458.30"), Decimal("258.30"))
    assert (emitido.percentual_juros, emitido.guia.limite) == (Decimal("25.83"), date(2026, 11, 30))


# As the service may say them; one of each kind that its page of messages names.
TEXTOS = [
    ("Contribuinte não encontrado.", "cadastro da empresa"),
    ("Receita não permitida para pessoa jurídica.", "pessoa jurídica"),
    ("Receita não permitida para pessoa física.", "pessoa física"),
    ("Receita permitida somente para estabelecimento matriz.", "matriz"),
    ("Data de vencimento não informada ou inválida.", "vencimento"),
    ("Código de receita não cadastrado.", "receita"),
    ("Extensão da receita não cadastrada.", "extensão"),
    ("Período de apuração inválido.", "período"),
    ("Período de apuração anterior à data de criação da receita.", "criação"),
    ("Período de apuração posterior à data de extinção da receita.", "fim da receita"),
    ("Data de consolidação posterior à data limite.", "data de pagamento"),
    ("Data de alienação: obrigatório para a receita.", "data da alienação"),
    ("Data de alienação: não permitido para a receita.", "não aceita data de alienação"),
    ("Número de referência: obrigatório para a receita.", "pede um número de referência"),
    ("Número de referência: não permitido para a receita.", "não aceita número de referência"),
    ("Número de referência: inválido.", "não serve"),
    ("Tipo de período de apuração: obrigatório para a receita.", "tipo de período"),
    ("Tipo de período de apuração: inválido para a receita.", "tipo de período"),
    ("CNO: inválido.", "CNO"),
    ("CNO: não permitido para a receita.", "não aceita CNO"),
    ("CNPJ do prestador igual ao do contribuinte.", "própria empresa"),
    ("CNPJ do prestador: não permitido para a receita.", "não aceita CNPJ de prestador"),
    ("Valor da multa: não permitido para a receita.", "calcula a multa"),
    ("Valor dos juros: obrigatório para a receita.", "informa os juros"),
    ("Cota: não permitido para a receita.", "não se paga em quotas"),
    ("O valor da cota não pode ser inferior a R$ 50,00.", "R$ 50,00"),
    ("O valor total do documento não pode ser inferior a R$ 10,00.", "R$ 10,00"),
    ("O valor total do documento não pode ser superior a R$ 999.999.999,99.", "999.999.999,99"),
    ("A receita não permite a geração de código de barras.", "em PDF"),
]


@pytest.mark.parametrize(("texto", "dito"), TEXTOS, ids=[texto for texto, _ in TEXTOS])
def test_every_refusal_of_sicalc_is_recognised_by_its_words(texto: str, dito: str) -> None:
    regra = regra_de(ler({"codigo": "[EntradaIncorreta-SICALC]", "texto": texto}))
    assert regra is not None
    assert regra.destino is Destino.RECUSADA
    assert dito in regra.mensagem


def test_a_refusal_in_other_words_shows_them(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Emitir").mock(return_value=respondida("EntradaIncorreta-SICALC", status=400))
    with pytest.raises(ProviderRefused) as recusa:
        sicalc.emitir(cliente, PARTES, DARF, chamadas=chamadas)
    assert recusa.value.texto == "palavras do serviço"


# -- DCTFWEB -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codigo", [codigo for codigo, r in da_dctfweb.TABELA.items() if r.destino is Destino.RECUSADA])
def test_a_refusal_of_dctfweb_comes_with_200(cliente, chamadas, rede, codigo: str) -> None:
    recusada = respondida("Sucesso-DCTFWEB-MG00", "Aviso-DCTFWEB-MSGIC01", f"Aviso-DCTFWEB-{codigo}")
    rede.post(f"{BASE}/Declarar").mock(return_value=recusada)
    with pytest.raises(ProviderRefused) as recusa:
        dctfweb.transmitir(cliente, PARTES, OUTUBRO, b"<x/>", chamadas=chamadas)
    assert recusa.value.mensagem == da_dctfweb.TABELA[codigo].mensagem


def test_a_late_transmission_is_done_and_says_so(cliente, chamadas, rede) -> None:
    feita = respondida("Sucesso-DCTFWEB-MG00", "Aviso-DCTFWEB-MSGIC01", "Aviso-DCTFWEB-TRANS14")
    rede.post(f"{BASE}/Declarar").mock(return_value=feita)
    assert dctfweb.transmitir(cliente, PARTES, OUTUBRO, b"<x/>", chamadas=chamadas).atrasada


def test_a_message_that_nobody_knows_is_a_doubt_when_transmitting_and_a_refusal_when_reading(
    cliente, chamadas, rede
) -> None:
    estranha = respondida("Sucesso-DCTFWEB-MG00", "Aviso-DCTFWEB-MSGIC01", "Aviso-DCTFWEB-NOVA77")
    rede.post(f"{BASE}/Declarar").mock(return_value=estranha)
    rede.post(f"{BASE}/Consultar").mock(return_value=estranha)
    with pytest.raises(OutcomeUnknown, match="NOVA77"):
        dctfweb.transmitir(cliente, PARTES, OUTUBRO, b"<x/>", chamadas=chamadas)
    with pytest.raises(ProviderRefused):
        dctfweb.recibo(cliente, PARTES, OUTUBRO, chamadas=chamadas)


def test_no_declaration_is_nothing_found(cliente, chamadas, rede) -> None:
    nada = respondida("Sucesso-DCTFWEB-MG00", "Aviso-DCTFWEB-MSGIC01", "Aviso-DCTFWEB-MG08")
    rede.post(f"{BASE}/Consultar").mock(return_value=nada)
    assert dctfweb.xml(cliente, PARTES, OUTUBRO, chamadas=chamadas) is None
    assert dctfweb.recibo(cliente, PARTES, OUTUBRO, chamadas=chamadas) is None


CHAVES = [
    (OUTUBRO, {"categoria": "GERAL_MENSAL", "anoPA": "2026", "mesPA": "10"}),
    (Chave(Categoria.GERAL_13O_SALARIO, date(2026, 12, 1)), {"categoria": "GERAL_13o_SALARIO", "anoPA": "2026"}),
    (
        Chave(Categoria.ESPETACULO_DESPORTIVO, date(2026, 10, 7)),
        {"categoria": "ESPETACULO_DESPORTIVO", "anoPA": "2026", "mesPA": "10", "diaPA": "07"},
    ),
    (
        Chave(Categoria.AFERICAO, date(2026, 10, 1), cno="012345678901"),
        {"categoria": "AFERICAO", "anoPA": "2026", "mesPA": "10", "cnoAfericao": 12345678901},
    ),
    (
        Chave(Categoria.RECLAMATORIA_TRABALHISTA, date(2026, 10, 1), processo="0001"),
        {"categoria": "RECLAMATORIA_TRABALHISTA", "anoPA": "2026", "mesPA": "10", "numProcReclamatoria": "0001"},
    ),
]


@pytest.mark.parametrize(("chave", "esperado"), CHAVES, ids=[chave.categoria.name for chave, _ in CHAVES])
def test_each_category_names_its_declaration(cliente, chamadas, rede, chave: Chave, esperado: dict[str, Any]) -> None:
    rota = rede.post(f"{BASE}/Emitir").mock(return_value=respondida(dados={"PDFByteArrayBase64": PDF}))
    dctfweb.gerar_guia(cliente, PARTES, chave, pagamento=date(2026, 11, 27), origens=[Origem.MIT], chamadas=chamadas)
    assert enviados(rota) == esperado | {"DataAcolhimentoProposta": 20261127, "idsSistemaOrigem": [8]}


def test_what_serpro_does_not_offer_is_refused_before_any_call(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Emitir").mock(return_value=respondida())
    for servico in catalogo().values():
        if servico.sistema == "DCTFWEB" and not servico.em_producao:
            with pytest.raises(ProviderRefused, match="não oferece"):
                cliente.chamar(servico, PARTES, {}, chamadas)
    assert not rota.called


# -- MIT ---------------------------------------------------------------------------------------------------------------

MES = Encerramento(
    competencia=date(2026, 10, 1),
    qualificacao=1,
    tributacao=3,
    variacoes=1,
    regime=2,
    cpf_responsavel="52998224725",
    debitos=(Debito("Cofins", "217201", Decimal("3000.10")), Debito("PisPasep", "810902", Decimal("650.00"))),
)


def test_a_month_goes_in_pascal_case_with_its_debits_by_tribute(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Declarar").mock(
        return_value=respondida("Sucesso-MIT-MSG_0024", dados={"protocoloEncerramento": "p" * 36})
    )
    assert mit.encerrar(cliente, PARTES, MES, chamadas=chamadas) == "p" * 36
    enviado = enviados(rota)
    assert enviado["PeriodoApuracao"] == {"MesApuracao": 10, "AnoApuracao": 2026}
    assert enviado["DadosIniciais"]["SemMovimento"] is False
    assert list(enviado["Debitos"]) == ["PisPasep", "Cofins"]
    assert enviado["Debitos"]["Cofins"]["ListaDebitos"] == [
        {"IdDebito": 2, "CodigoDebito": "217201", "ValorDebito": 3000.1}
    ]
    assert "ListaEventosEspeciais" not in enviado
    assert "TransmissaoImediata" not in enviado


def test_without_movement_there_are_no_debits(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Declarar").mock(return_value=respondida(dados={"protocoloEncerramento": "p" * 36}))
    mit.encerrar(cliente, PARTES, Encerramento(date(2026, 10, 1), 1, 3, 1, 2, "52998224725"), chamadas=chamadas)
    assert enviados(rota) == {
        "PeriodoApuracao": {"MesApuracao": 10, "AnoApuracao": 2026},
        "DadosIniciais": {
            "SemMovimento": True,
            "QualificacaoPj": 1,
            "ResponsavelApuracao": {"CpfResponsavel": "52998224725"},
        },
        "TransmissaoImediata": False,
    }


def test_events_and_what_the_layout_asks_of_each_debit(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Declarar").mock(return_value=respondida(dados={"protocoloEncerramento": "p" * 24}))
    debitos = (
        Debito("RetPagamentoUnificado", "409501", Decimal(8), incorporacao="002112"),
        Debito("Iof", "115003", Decimal(4), periodo=3),
        Debito("Irpj", "236208", Decimal(2), cnpj_scp="12345678000195", evento=1),
        Debito("Ipi", "512301", Decimal(3), estabelecimento="000100"),
        Debito("Irpj", "236201", Decimal(1)),
        Debito("Iof", "402802", Decimal(5), periodo=1, municipio_do_ouro="1503606"),
    )
    mes = replace(MES, tributacao=1, balanco=True, debitos=debitos, eventos=(Evento(8, 4), Evento(18, 6)))
    mit.encerrar(cliente, PARTES, mes, chamadas=chamadas)
    enviado = enviados(rota)
    assert list(enviado) == ["PeriodoApuracao", "ListaEventosEspeciais", "DadosIniciais", "Debitos"]
    assert enviado["ListaEventosEspeciais"][1] == {"IdEvento": 2, "DiaEvento": 18, "TipoEvento": 6}
    assert list(enviado["Debitos"]) == ["BalancoLucroReal", "Irpj", "Ipi", "Iof", "RetPagamentoUnificado"]
    depois = enviado["Debitos"]["Irpj"]["ListaDebitosAposEvento"]
    assert depois == [
        {
            "IdDebito": 2,
            "IdEventoDebito": 1,
            "CodigoDebito": "236208",
            "CnpjScp": "12345678000195",
            "ValorDebito": 2.0,
        }
    ]
    assert enviado["Debitos"]["Iof"]["ListaDebitos"][0]["PaDebito"] == 3
    assert "CodigoMunicipioOuro" not in enviado["Debitos"]["Iof"]["ListaDebitos"][0]
    assert enviado["Debitos"]["Iof"]["ListaDebitos"][1]["CodigoMunicipioOuro"] == "1503606"
    assert enviado["Debitos"]["Ipi"]["ListaDebitos"][0]["CnpjEstabelecimento"] == "000100"
    assert enviado["Debitos"]["RetPagamentoUnificado"]["ListaDebitos"][0]["CnpjIncorporacao"] == "002112"


def test_a_debit_put_off_says_of_when_it_is(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Declarar").mock(return_value=respondida(dados={"protocoloEncerramento": "p" * 24}))
    debitos = (
        Debito("Irpj", "022010", Decimal(8), postergado=(2024, 2)),
        Debito("Csll", "677310", Decimal(9), postergado=(2023, 0)),
    )
    mit.encerrar(cliente, PARTES, replace(MES, debitos=debitos), chamadas=chamadas)
    grupos = enviados(rota)["Debitos"]
    (irpj,), (csll,) = grupos["Irpj"]["ListaDebitos"], grupos["Csll"]["ListaDebitos"]
    assert (irpj["AnoPostergado"], irpj["TrimPostergado"]) == (2024, 2)
    assert csll["AnoPostergado"] == 2023
    assert "TrimPostergado" not in csll


def test_a_suspension_names_its_debits_by_the_number_they_are_sent_with(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Declarar").mock(return_value=respondida(dados={"protocoloEncerramento": "p" * 24}))
    decisao = date(2024, 9, 20)
    suspensoes = (
        mit.Suspensao("1" * 20, 1, True, False, decisao, 3, "3550308", ((0, Decimal("1200.00")), (1, Decimal("5.00")))),
        mit.Suspensao("2" * 20, mit.DEPOSITO_INTEGRAL, True, True, decisao, 3, "3550308", ((1, Decimal("1.00")),)),
        mit.Suspensao("3" * 17, None, False, False, None, 0, "", ((0, Decimal("2.00")),)),
    )
    mit.encerrar(cliente, PARTES, replace(MES, suspensoes=suspensoes), chamadas=chamadas)
    judicial, deposito, administrativa = enviados(rota)["ListaSuspensoes"]
    assert judicial == {
        "TipoSuspensao": 2,
        "MotivoSuspensao": 1,
        "ComDeposito": True,
        "NumeroProcesso": "1" * 20,
        "ProcessoTerceiro": False,
        "DataDecisao": 20240920,
        "VaraJudiciaria": 3,
        "CodigoMunicipioSj": "3550308",
        "ListaDebitosSuspensos": [  # MES has Cofins first, which is sent after PIS
            {"IdDebitoSuspenso": 1, "ValorSuspenso": 5.0},
            {"IdDebitoSuspenso": 2, "ValorSuspenso": 1200.0},
        ],
    }
    assert "ComDeposito" not in deposito
    assert administrativa == {
        "TipoSuspensao": 1,
        "NumeroProcesso": "3" * 17,
        "ListaDebitosSuspensos": [{"IdDebitoSuspenso": 2, "ValorSuspenso": 2.0}],
    }


@pytest.mark.parametrize("evento", [Evento(8, 2), Evento(31, 4)], ids=["fusao", "cisao no fim do mes"])
def test_who_ends_within_the_month_tells_of_no_balance(cliente, chamadas, rede, evento: Evento) -> None:
    rota = rede.post(f"{BASE}/Declarar").mock(return_value=respondida(dados={"protocoloEncerramento": "p" * 24}))
    mit.encerrar(cliente, PARTES, replace(MES, tributacao=1, eventos=(evento,)), chamadas=chamadas)
    assert "BalancoLucroReal" not in enviados(rota)["Debitos"]


def test_a_closing_is_followed_with_its_number_and_the_words_of_the_dctfweb(cliente, chamadas, rede) -> None:
    lida = {
        "idApuracao": 7,
        "situacaoApuracao": 1,
        "textoSituacao": "",
        "avisosDctf": ["falta"],
        "dataEncerramento": None,
    }
    rede.post(f"{BASE}/Apoiar").mock(return_value=respondida("Sucesso-MIT", dados=lida))
    lido = mit.situacao(cliente, PARTES, "p", chamadas=chamadas)
    assert lido == mit.Andamento(mit.Situacao.COM_PENDENCIAS, "7", ("falta",))


@pytest.mark.parametrize("codigo", [c for c, r in do_mit.TABELA.items() if r.destino is Destino.RECUSADA])
def test_every_refusal_of_mit_is_told(cliente, chamadas, rede, codigo: str) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=respondida(f"EntradaIncorreta-MIT-MSG_{codigo}", status=400))
    with pytest.raises(ProviderRefused) as recusa:
        mit.encerrar(cliente, PARTES, MES, chamadas=chamadas)
    assert recusa.value.mensagem == do_mit.TABELA[codigo].mensagem


def test_a_failure_of_the_service_is_a_doubt_when_closing(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=respondida("Erro-MIT-MSG_0001", status=500))
    with pytest.raises(OutcomeUnknown):
        mit.encerrar(cliente, PARTES, MES, chamadas=chamadas)


def test_an_answer_without_protocol_is_a_doubt(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=respondida("Sucesso-MIT-MSG_0024", dados={}))
    with pytest.raises(OutcomeUnknown):
        mit.encerrar(cliente, PARTES, MES, chamadas=chamadas)


def test_no_month_is_an_empty_list_and_a_protocol_is_asked_for_again(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Consultar").mock(return_value=respondida("Aviso-MIT-MSG_0025", status=404))
    rede.post(f"{BASE}/Apoiar").mock(return_value=httpx.Response(503, json={}))
    assert mit.listar(cliente, PARTES, 2026, chamadas=chamadas) == ()
    with pytest.raises(ProviderUnavailable):
        mit.situacao(cliente, PARTES, "p", chamadas=chamadas)


# -- what comes without figures, or without a PDF ----------------------------------------------------------------------


def barras_de(total: Decimal, numero: str) -> LinhaDigitavel:
    codigo = arrecadacao.codigo_barras(total, date(2026, 11, 30), numero, arrecadacao.ORGAO_RECEITA)
    lida = linha_digitavel(codigo)
    assert isinstance(lida, LinhaDigitavel)
    return lida


def test_a_bar_code_without_pdf_comes_with_its_line(cliente, chamadas, rede) -> None:
    certa = barras_de(Decimal("1458.30"), NUMERO)
    codigo, linha = certa.codigo_barras, certa.linha
    campos = {f"campo{n + 1}ComDV": linha[n * 12 : n * 12 + 12] for n in range(4)} | {"codigo44": codigo}
    dados = {
        "consolidado": {
            "valorPrincipalMoedaCorrente": 1458.3,
            "valorTotalConsolidado": 1458.3,
            "dataValidadeCalculo": "2026-11-30T00:00:00",
        },
        "codigoDeBarras": campos,
        "numeroDocumento": "07162632600000017",
    }
    rede.post(f"{BASE}/Emitir").mock(return_value=respondida(dados=dados))
    emitido = sicalc.emitir_barras(cliente, PARTES, DARF, chamadas=chamadas)
    assert (emitido.codigo_barras, emitido.linha) == (codigo, linha)
    assert barras.da_resposta(codigo, linha, emitido.guia.numero, emitido.guia.total) == ""
    del campos["campo4ComDV"]
    rede.post(f"{BASE}/Emitir").mock(return_value=respondida(dados=dados))
    with pytest.raises(OutcomeUnknown):
        sicalc.emitir_barras(cliente, PARTES, DARF, chamadas=chamadas)


@pytest.mark.parametrize(
    ("mudar", "dito"),
    [
        (lambda c, linha: (c, linha[:5] + str((int(linha[5]) + 1) % 10) + linha[6:], "1458.30"), "tem erro"),
        (lambda c, _: (c, barras_de(Decimal(1), NUMERO).linha, "1458.30"), "não são o mesmo"),
        (lambda c, linha: (c, linha, "1458.31"), "1.458,31"),
    ],
)
def test_a_bar_code_that_does_not_agree_is_told(mudar: Any, dito: str) -> None:
    certo = barras_de(Decimal("1458.30"), NUMERO)
    codigo, linha, total = mudar(certo.codigo_barras, certo.linha)
    problema = barras.da_resposta(codigo, linha, NUMERO, Decimal(total))
    assert dito in problema
    assert "Não envie nem pague" in problema


def test_a_bar_code_of_another_document_is_told() -> None:
    certo = barras_de(Decimal("1458.30"), NUMERO)
    outro = "07162632600000025"
    assert outro in barras.da_resposta(certo.codigo_barras, certo.linha, outro, Decimal("1458.30"))


def test_a_pdf_with_two_lines_is_no_guia(monkeypatch) -> None:
    uma, outra = (barras_de(Decimal(valor), NUMERO) for valor in (10, 20))
    monkeypatch.setattr(barras, "linhas", lambda _: [uma, uma])
    lida = guia_em_pdf.ler(b"%PDF", date(2026, 11, 19))
    assert isinstance(lida, guia_em_pdf.LidaDoPdf)
    assert (lida.guia.total, lida.guia.limite, lida.guia.vencimento) == (
        Decimal(10),
        date(2026, 11, 30),
        date(2026, 11, 19),
    )
    monkeypatch.setattr(barras, "linhas", lambda _: [uma, outra])
    assert "mais de uma" in str(guia_em_pdf.ler(b"%PDF", date(2026, 11, 19)))


def test_the_number_of_a_receipt_names_an_earlier_declaration(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Consultar").mock(return_value=respondida(dados={"PDFByteArrayBase64": PDF}))
    dctfweb.recibo(cliente, PARTES, OUTUBRO, numero="123456", chamadas=chamadas)
    assert enviados(rota)["numeroReciboEntrega"] == 123456
