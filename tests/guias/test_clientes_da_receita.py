"""The clients of what the Receita tells and of what is told to it once a year. The transport is faked."""

import base64
import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx

from guias.providers import caixapostal, catalogo, defis, dte, eprocesso, mensagens, pnr, regime, sitfis
from guias.providers.cliente import IntegraContador, NadaEncontrado
from guias.providers.mensagens import Destino
from guias.providers.mensagens import caixapostal as codigos_da_caixa
from guias.providers.mensagens import defis as codigos_da_defis
from guias.providers.mensagens import dte as codigos_do_dte
from guias.providers.mensagens import eprocesso as codigos_do_eprocesso
from guias.providers.mensagens import pnr as codigos_da_redesim
from guias.providers.mensagens import regime as codigos_do_regime
from guias.providers.mensagens import sitfis as codigos_do_sitfis
from guias.providers.mensagens.regras import Regra
from guias.providers.textos import texto_de
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderRefused, ProviderUnavailable
from operacoes.http import Chamadas
from tests.guias.test_integra_contador import BASE, PARTES, TOKEN, chamadas, cliente, recusa, rede

__all__ = ["TOKEN", "chamadas", "cliente", "rede"]

PDF = base64.b64encode(b"%PDF-1.4 teste").decode()


def certa(dados: Any, *codigos: tuple[str, str], status: int = 200) -> httpx.Response:
    corpo = {
        "status": status,
        "dados": dados if isinstance(dados, str) else json.dumps(dados),
        "mensagens": [{"codigo": codigo, "texto": texto} for codigo, texto in codigos],
        "responseDateTime": "2026-11-22T12:00:00.000Z",
    }
    return httpx.Response(status, json=corpo)


def enviado(rota: respx.Route, n: int = -1) -> Any:
    dados = json.loads(rota.calls[n].request.content)["pedidoDados"]["dados"]
    return json.loads(dados) if dados else ""


# -- every code of the tables -----------------------------------------------------------------------------------------

TABELAS = {
    "Sitfis": codigos_do_sitfis.TABELA,
    "CAIXAPOSTAL": codigos_da_caixa.TABELA,
    "DTE": codigos_do_dte.TABELA,
    "REGIME": codigos_do_regime.TABELA,
    "DEFIS": codigos_da_defis.TABELA,
    "PNRCONTADOR": codigos_da_redesim.TABELA,
    "EPROCESSO": codigos_do_eprocesso.TABELA,
}
_ESCRITA = {"REGIME": "MSG_ISN_{}", "DEFIS": "MSG_{}"}
_ESPERADO: dict[Destino, type[Exception]] = {
    Destino.RECUSADA: ProviderRefused,
    Destino.NADA: NadaEncontrado,
    Destino.EMPRESA: AccessDenied,
    Destino.INDISPONIVEL: ProviderUnavailable,
    Destino.DUVIDA: ProviderUnavailable,  # on a reading; on an effect it is a doubt
}
CASOS = [
    pytest.param(sistema, numero, regra, id=f"{sistema}-{numero}")
    for sistema, tabela in TABELAS.items()
    for numero, regra in tabela.items()
]


@pytest.mark.parametrize(("sistema", "numero", "regra"), CASOS)
def test_every_code_has_its_sentence_and_is_told_apart_in_any_answer(
    cliente: IntegraContador, chamadas: Chamadas, rede: respx.MockRouter, sistema: str, numero: str, regra: Regra
) -> None:
    """Whatever the HTTP status: SERPRO answers 200 with refusals in several of these."""
    codigo = f"[Aviso-{sistema}-{_ESCRITA.get(sistema, '{}').format(numero)}]"
    assert mensagens.regra_de(mensagens.ler({"codigo": codigo, "texto": ""})) == regra
    assert regra.mensagem.endswith(".")
    assert len(regra.mensagem) > 40
    for status in (200, 400):
        rede.post(f"{BASE}/Consultar").mock(return_value=recusa(status, codigo, "palavras da Receita"))
        with pytest.raises(_ESPERADO[regra.destino]):
            cliente.chamar(dte.CONSULTASITUACAODTE111, PARTES, None, chamadas)


def test_a_doubtful_code_of_an_effect_is_a_doubt(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=recusa(500, "[Erro-DEFIS-MSG_0029]"))
    with pytest.raises(OutcomeUnknown):
        defis.transmitir(cliente, PARTES, DEFIS, chamadas=chamadas)


def test_a_system_that_denies_with_a_401_of_its_own_does_not_pause_the_credencial(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Consultar").mock(return_value=recusa(401, "[AcessoNegado-EPROCESSO-AN_001]"))
    with pytest.raises(AccessDenied) as negado:
        eprocesso.processos(cliente, PARTES, chamadas=chamadas)
    assert negado.value.alcance is Alcance.EMPRESA


# -- SITFIS -----------------------------------------------------------------------------------------------------------


def test_the_protocol_says_how_long_to_wait(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Apoiar").mock(
        return_value=certa({"protocoloRelatorio": "abc==", "tempoEspera": 4000}, ("[Sucesso-Sitfis-SC01]", "ok"))
    )
    assert sitfis.solicitar(cliente, PARTES, chamadas=chamadas) == sitfis.Protocolo("abc==", timedelta(seconds=4))
    assert enviado(rota) == ""


def test_the_protocol_of_the_day_comes_in_the_etag(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Apoiar").mock(return_value=httpx.Response(304, headers={"ETag": '"protocoloRelatorio:ab:c=="'}))
    assert sitfis.solicitar(cliente, PARTES, chamadas=chamadas).numero == "ab:c=="


@pytest.mark.parametrize("dados", [{"pdf": PDF}, [{"pdf": PDF}]])
def test_the_report_comes_as_an_object_or_as_a_list_of_one(cliente, chamadas, rede, dados: Any) -> None:
    rede.post(f"{BASE}/Emitir").mock(return_value=certa(dados, ("[Sucesso-Sitfis-SC01]", "ok")))
    assert sitfis.relatorio(cliente, PARTES, "abc", chamadas=chamadas) == b"%PDF-1.4 teste"


@pytest.mark.parametrize(
    "resposta",
    [
        certa({"tempoEspera": 7000}, ("[Aviso-Sitfis-SC02]", "em processamento"), status=202),
        httpx.Response(204, headers={"ETag": '"tempoEspera:7000"'}),
    ],
    ids=["asked too early", "not ready"],
)
def test_not_yet_says_how_long_to_wait_again(cliente, chamadas, rede, resposta: httpx.Response) -> None:
    rede.post(f"{BASE}/Emitir").mock(return_value=resposta)
    assert sitfis.relatorio(cliente, PARTES, "abc", chamadas=chamadas) == sitfis.AindaNao(timedelta(seconds=7))


def test_a_protocol_that_the_service_lost_is_begun_again(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Emitir").mock(return_value=recusa(500, "[Erro-Sitfis-ER05]"))
    lido = sitfis.relatorio(cliente, PARTES, "abc", chamadas=chamadas)
    assert isinstance(lido, sitfis.AindaNao)
    assert lido.recomecar


# -- caixa postal -----------------------------------------------------------------------------------------------------


def da_caixa(isn: str, **campos: str) -> dict[str, str]:
    return {
        "dataEnvio": "20261120", "horaEnvio": "93802", "assuntoModelo": "Edital nº ++VARIAVEL++",
        "valorParametroAssunto": "0018", "relevancia": "2", "isn": isn, "dataLeitura": "", "horaLeitura": "",
        "dataValidade": "00000000", "descricaoOrigem": "RECEITA FEDERAL DO BRASIL", "numeroControle": "   ", **campos,
    }  # fmt: skip


def pagina(mensagens_: list[dict[str, str]], proxima: str = "") -> httpx.Response:
    conteudo = {
        "quantidadeMensagens": str(len(mensagens_)),
        "indicadorUltimaPagina": "N" if proxima else "S",
        "ponteiroProximaPagina": proxima,
        "listaMensagens": mensagens_,
    }
    return certa({"codigo": "00", "conteudo": [conteudo]}, ("00", "Operação realizada com sucesso."))


def test_the_list_is_read_to_its_last_page_with_its_values_as_text(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Consultar").mock(
        side_effect=[pagina([da_caixa("0000000001")], "00000000000050"), pagina([da_caixa("0000000002")])]
    )
    lidas = caixapostal.listar(cliente, PARTES, caixapostal.NAO_LIDAS, chamadas=chamadas)
    assert [lida.isn for lida in lidas] == ["0000000001", "0000000002"]
    assert (lidas[0].assunto, lidas[0].relevante, lidas[0].lida_em) == ("Edital nº 0018", True, None)
    assert lidas[0].enviada_em.isoformat() == "2026-11-20T09:38:02-03:00"
    assert lidas[0].validade is None
    assert enviado(rota, 0) == {"statusLeitura": "2", "indicadorPagina": "0"}
    assert enviado(rota, 1) == {"statusLeitura": "2", "indicadorPagina": "1", "ponteiroPagina": "00000000000050"}


def test_an_empty_mailbox_is_an_empty_list(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Consultar").mock(return_value=certa({"codigo": "02", "conteudo": []}, ("02", "nada")))
    assert caixapostal.listar(cliente, PARTES, caixapostal.TODAS, chamadas=chamadas) == []


def test_a_200_with_a_code_of_error_inside_is_an_error(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Consultar").mock(return_value=certa({"codigo": "03", "conteudo": []}, ("00", "ok")))
    with pytest.raises(ProviderRefused, match="expirou"):
        caixapostal.ler(cliente, PARTES, "0000000001", chamadas=chamadas)


def test_the_marks_of_the_body_take_their_values_and_nothing_of_the_markup_is_left(cliente, chamadas, rede) -> None:
    corpo = "<p>Prazo: <b>++1++</b></p><script>alert(1)</script><p>Valor ++2++ e ++3++</p>"
    item = da_caixa("0000000001", dataCiencia="20261121") | {
        "corpoModelo": corpo,
        "variaveis": ["21/12/2026", '<img src="http://fora.exemplo/x.png" onerror="x()">R$ 10,00'],
    }
    rede.post(f"{BASE}/Consultar").mock(return_value=certa({"codigo": "00", "conteudo": [item]}, ("00", "ok")))
    lida = caixapostal.ler(cliente, PARTES, "0000000001", chamadas=chamadas)
    assert lida.corpo == "Prazo: 21/12/2026\n\nValor R$ 10,00 e ++3++"
    assert lida.ciencia_em == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("bruto", "texto"),
    [
        ("<ul><li>um</li><li>dois</li></ul>", "• um\n• dois"),
        ("<table><tr><td>Principal</td><td>10,00</td></tr></table>", "Principal  10,00"),
        ("linha 1\r\nlinha 2", "linha 1\nlinha 2"),
        ("a<iframe src='http://fora'>b</iframe><form action='http://fora'>c<input value=d></form>", "ac"),
        ("&lt;script&gt;x&lt;/script&gt; &amp; <a href='javascript:x()'>aqui</a>", "<script>x</script> & aqui"),
        ("sem fim <script>x", "sem fim"),
        ("", ""),
    ],
)
def test_markup_of_outside_becomes_words(bruto: str, texto: str) -> None:
    assert texto_de(bruto) == texto


def test_the_flag_is_a_number(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Monitorar").mock(
        return_value=certa({"codigo": "00", "conteudo": [{"indicadorMensagensNovas": "2"}]}, ("00", "ok"))
    )
    assert caixapostal.novas(cliente, PARTES, chamadas=chamadas) == 2
    assert enviado(rota) == ""
    assert not caixapostal.INNOVAMSG63.classe.startswith("consulta")


# -- DTE, e-Processo --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("indicador", [-1, 0, 1, 2])
def test_the_dte_says_who_opted(cliente, chamadas, rede, indicador: int) -> None:
    dados = {"indicadorEnquadramento": indicador, "statusEnquadramento": "texto"}
    rede.post(f"{BASE}/Consultar").mock(return_value=certa(dados, ("Sucesso-DTE-01", "ok")))
    assert dte.situacao(cliente, PARTES, chamadas=chamadas).indicador == indicador


def test_an_unknown_dte_is_not_guessed(cliente, chamadas, rede) -> None:
    dados = {"indicadorEnquadramento": 7, "statusEnquadramento": "?"}
    rede.post(f"{BASE}/Consultar").mock(return_value=certa(dados, ("Sucesso-DTE-01", "ok")))
    with pytest.raises(ProviderUnavailable):
        dte.situacao(cliente, PARTES, chamadas=chamadas)


def test_processes_come_with_their_place(cliente, chamadas, rede) -> None:
    item = {"numeroDoProcesso": "137200000012026", "dataDeProtocolo": "01/02/2026", "situacao": "CONFIRMADO"}
    rede.post(f"{BASE}/Consultar").mock(return_value=certa([item], ("[Sucesso-EPROCESSO-SC_001]", "ok")))
    (processo,) = eprocesso.processos(cliente, PARTES, chamadas=chamadas)
    assert (processo.numero, processo.situacao, processo.tipo) == ("137200000012026", "CONFIRMADO", "")


def test_no_process_is_an_empty_list(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Consultar").mock(return_value=certa("", ("[Sucesso-EPROCESSO-SC_002]", "nada")))
    assert eprocesso.processos(cliente, PARTES, chamadas=chamadas) == []


# -- regime -----------------------------------------------------------------------------------------------------------


def opcao(regime_: str = "CAIXA") -> dict[str, Any]:
    return {
        "cnpjMatriz": 1234, "anoCalendario": 2027, "regimeEscolhido": regime_, "dataHoraOpcao": 20261122090000,
        "demonstrativoPdf": PDF, "textoResolucao": None,
    }  # fmt: skip


@pytest.mark.parametrize(("regime_", "tipo"), [("CAIXA", 1), ("COMPETENCIA", 0)])
def test_the_option_is_told_twice_and_agrees(cliente, chamadas, rede, regime_: str, tipo: int) -> None:
    rota = rede.post(f"{BASE}/Declarar").mock(
        return_value=certa(opcao(regime_), ("[Sucesso-REGIME-MSG_ISN_054]", "feita"))
    )
    feita = regime.optar(cliente, PARTES, 2027, regime_, chamadas=chamadas)
    assert (feita.ano, feita.regime, feita.demonstrativo) == (2027, regime_, b"%PDF-1.4 teste")
    assert enviado(rota) == {
        "anoOpcao": 2027,
        "tipoRegime": tipo,
        "descritivoRegime": regime_,
        "deAcordoResolucao": True,
    }


def test_an_option_already_made_is_a_refusal(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=recusa(200, "[Aviso-REGIME-MSG_ISN_052]"))
    with pytest.raises(ProviderRefused, match="já foi feita"):
        regime.optar(cliente, PARTES, 2027, "CAIXA", chamadas=chamadas)


def test_years_without_option_are_none(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Consultar").mock(return_value=recusa(200, "[Aviso-REGIME-MSG_ISN_055]"))
    assert regime.anos(cliente, PARTES, chamadas=chamadas) == {}
    rede.post(f"{BASE}/Consultar").mock(return_value=recusa(200, "[Aviso-REGIME-MSG_ISN_057]"))
    assert regime.opcao(cliente, PARTES, 2027, chamadas=chamadas) is None


@pytest.mark.parametrize("codificacao", ["utf-8", "cp1252"])
def test_the_resolution_is_read_in_either_encoding(cliente, chamadas, rede, codificacao: str) -> None:
    texto = base64.b64encode("<p>Opção irretratável.</p>".encode(codificacao)).decode()
    rede.post(f"{BASE}/Consultar").mock(return_value=certa({"textoResolucao": texto}, ("[Sucesso-REGIME]", "ok")))
    assert regime.resolucao(cliente, PARTES, 2027, chamadas=chamadas) == "Opção irretratável."


# -- DEFIS ------------------------------------------------------------------------------------------------------------

DEFIS = defis.Defis(
    ano=2025,
    ganho_capital=Decimal("0.00"),
    empregados_inicio=1,
    empregados_fim=2,
    exportacao_direta=Decimal("10.50"),
    renda_variavel=Decimal("0.00"),
    socios=(defis.SocioDefis("11144477735", Decimal("1.10"), Decimal(0), Decimal("100.00"), Decimal(0)),),
    estabelecimentos=(
        defis.EstabelecimentoDefis("12ABC34501DE35", dict.fromkeys(defis.VALORES_DO_ESTABELECIMENTO, Decimal("5.00"))),
    ),
)


def test_the_defis_is_sent_as_documented_without_what_it_does_not_have(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Declarar").mock(
        return_value=certa(
            {"declaracaoPdf": PDF, "reciboPdf": PDF, "idDefis": "000000002025001"}, ("[Sucesso-DEFIS]", "")
        )
    )
    feita = defis.transmitir(cliente, PARTES, DEFIS, chamadas=chamadas)
    assert feita == defis.DefisTransmitida("000000002025001", b"%PDF-1.4 teste", b"%PDF-1.4 teste")
    dados = enviado(rota)
    assert set(dados) == {"ano", "empresa"}
    assert dados["empresa"]["socios"] == [
        {
            "cpf": "11144477735",
            "rendimentosIsentos": 1.1,
            "rendimentosTributaveis": 0.0,
            "participacaoCapitalSocial": 100.0,
            "irRetidoFonte": 0.0,
        }
    ]
    assert set(dados["empresa"]["estabelecimentos"][0]) == {"cnpjCompleto", *defis.VALORES_DO_ESTABELECIMENTO}


def test_the_lists_of_the_defis_are_sent_by_their_documented_names(cliente, chamadas, rede) -> None:
    resposta = {"declaracaoPdf": PDF, "reciboPdf": PDF, "idDefis": "000000002025001"}
    rota = rede.post(f"{BASE}/Declarar").mock(return_value=certa(resposta, ("[Sucesso-DEFIS]", "")))
    iss: defis.Linha = {"uf": "SP", "codMunicipio": "7107", "valor": Decimal("20.00")}
    matriz = DEFIS.estabelecimentos[0]
    com_listas = replace(
        DEFIS,
        listas={"comerciaisExportadoras": ({"cnpjCompleto": "12ABC34501DE35", "valor": Decimal("123.00")},)},
        nao_optante=defis.NaoOptanteDefis(3, "SP", "7107", "12345678901234567890"),
        estabelecimentos=(
            replace(
                matriz,
                valores=matriz.valores | {"autoInfracaoPago": Decimal("7.00")},
                listas={"issRetidosFonte": (iss,), "producoesRurais": (iss,)},
            ),
        ),
    )
    defis.transmitir(cliente, PARTES, com_listas, chamadas=chamadas)
    empresa = enviado(rota)["empresa"]
    assert empresa["comerciaisExportadoras"] == [{"cnpjCompleto": "12ABC34501DE35", "valor": 123.0}]
    assert empresa["naoOptante"] == {
        "administracaoTributaria": 3,
        "uf": "SP",
        "codigoMunicipio": "7107",
        "numeroProcesso": "12345678901234567890",
    }
    (estabelecimento,) = empresa["estabelecimentos"]
    linha = {"uf": "SP", "codMunicipio": "7107", "valor": 20.0}
    assert estabelecimento["issRetidosFonte"] == [linha]
    assert estabelecimento["informacaoOpcional"] == {"autoInfracaoPago": 7.0, "producoesRurais": [linha]}


def test_the_number_of_a_defis_is_text_or_number(cliente, chamadas, rede) -> None:
    item = {"anoCalendario": 2025, "idDefis": 2025001, "tipo": 1, "dataHora": 20260301100000}
    rede.post(f"{BASE}/Consultar").mock(return_value=certa([item], ("[Sucesso-DEFIS]", "")))
    lidas = defis.transmitidas(cliente, PARTES, chamadas=chamadas)
    assert lidas.declaracoes[0].numero == "000000002025001"
    assert lidas.agora is not None
    rede.post(f"{BASE}/Consultar").mock(
        return_value=certa({"idDefis": 2025001, "declaracao": PDF, "recibo": PDF}, ("[Sucesso-DEFIS]", ""))
    )
    assert defis.por_numero(cliente, PARTES, "000000002025001", chamadas=chamadas).numero == "000000002025001"  # type: ignore[union-attr]


def test_no_defis_is_none(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Consultar").mock(return_value=recusa(200, "[Aviso-DEFIS-MSG_0042]"))
    assert defis.ultima(cliente, PARTES, 2025, chamadas=chamadas) is None


@pytest.mark.parametrize("numero", ["0021", "0022"])
def test_a_defis_without_its_months_is_refused_though_the_status_is_200(cliente, chamadas, rede, numero: str) -> None:
    rede.post(f"{BASE}/Declarar").mock(return_value=recusa(200, f"[Aviso-DEFIS-MSG_{numero}]"))
    with pytest.raises(ProviderRefused, match="PGDAS-D"):
        defis.transmitir(cliente, PARTES, DEFIS, chamadas=chamadas)


# -- Redesim ----------------------------------------------------------------------------------------------------------


def vinculo(cnpj: str) -> dict[str, Any]:
    return {"cnpj": cnpj, "situacaoCadastral": {"codigo": "02", "descricao": None}, "uf": "PE", "nomeMunicipio": None}


def test_the_vinculos_are_read_to_the_end(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Consultar").mock(
        side_effect=[
            certa({"cnpjs": [vinculo("1")], "totalInThePage": 1, "totalInTheDatabase": 2, "lastCnpj": "1"}),
            certa({"cnpjs": [vinculo("2")], "totalInThePage": 1, "totalInTheDatabase": 2, "lastCnpj": "2"}),
        ]
    )
    assert [v.cnpj for v in pnr.vinculos(cliente, PARTES, chamadas=chamadas)] == ["1", "2"]
    assert [enviado(rota, n) for n in (0, 1)] == [
        {"pagination": {"size": 50}},
        {"pagination": {"size": 50, "lastCnpj": "1"}},
    ]


def test_a_renuncia_is_asked_for_by_the_office_with_the_declarations_taken(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Declarar").mock(
        return_value=certa(
            {"idSolicitacao": "PNRCONTADOR-1"},
            ("[Sucesso-PNRCONTADOR]", "ok"),
            ("[Aviso-PNRCONTADOR-304]", "Utilize o serviço de situação."),
        )
    )
    assert pnr.renunciar(cliente, PARTES, "12ABC34501DE35", "11144477735", chamadas=chamadas) == "PNRCONTADOR-1"
    assert enviado(rota) == {
        "solicitacaoRenunciaContador": {
            "cnpj": "12ABC34501DE35",
            "cnpjEmpresaContabil": PARTES.contratante,
            "cpfPreenchedor": "11144477735",
        },
        "cienciaDeclaracoes": True,
    }


def test_the_date_of_a_renuncia_is_in_milliseconds(cliente, chamadas, rede) -> None:
    feita = {"id": 12, "cnpjRenunciada": "12ABC34501DE35", "dataRenuncia": "1740682249338"}
    dados = {"resultado": True, "mensagemRetorno": "feita", "renuncia": feita}
    rede.post(f"{BASE}/Consultar").mock(return_value=certa(dados, ("[Sucesso-PNRCONTADOR]", "ok")))
    lida = pnr.situacao(cliente, PARTES, "PNRCONTADOR-1", chamadas=chamadas).feita
    assert lida is not None
    assert (lida.numero, lida.feita_em.isoformat()[:19]) == (12, "2025-02-27T18:50:49")


def test_no_renuncia_is_an_empty_list(cliente, chamadas, rede) -> None:
    rede.post(f"{BASE}/Consultar").mock(return_value=recusa(200, "[Aviso-PNRCONTADOR-301]"))
    assert pnr.renuncias(cliente, PARTES, chamadas=chamadas) == ([], None)


def test_a_service_out_of_production_is_refused_before_any_call(cliente, chamadas, rede) -> None:
    rota = rede.post(f"{BASE}/Consultar")
    with pytest.raises(ProviderRefused, match="prospecção"):
        cliente.chamar(catalogo.achar("EPROCESSO", "CONSCOMUNINTIM274"), PARTES, None, chamadas)
    assert not rota.called
