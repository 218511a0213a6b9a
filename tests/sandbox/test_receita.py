"""SITFIS, CAIXAPOSTAL, DTE, REGIMEAPURACAO, DEFIS, PNRCONTADOR and EPROCESSO: what the simulators take and refuse."""

import json
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import AGORA
from tests.sandbox.integra import Cliente, cnpj, codigo, dados, texto
from tests.sandbox_fixture import SandboxVivo

EMPRESA = cnpj(77)
CPF = "11144477735"
VALORES = (
    "estoqueInicial", "estoqueFinal", "saldoCaixaInicial", "saldoCaixaFinal", "aquisicoesMercadoInterno", "importacoes",
    "totalEntradasPorTransferencia", "totalSaidasPorTransferencia", "totalDevolucoesVendas", "totalEntradas",
    "totalDevolucoesCompras", "totalDespesas",
)  # fmt: skip


def chamar(
    cliente: Cliente,
    rota: str,
    sistema: str,
    servico: str,
    entrada: Any = "",
    *,
    de: str = EMPRESA,
    versao: str = "1.0",
) -> httpx.Response:
    corpo = cliente.envelope(de, servico, entrada)
    corpo["pedidoDados"] |= {"idSistema": sistema, "versaoSistema": versao}
    return cliente.enviar(rota, corpo)


def protocolo(cliente: Cliente) -> httpx.Response:
    return chamar(cliente, "Apoiar", "SITFIS", "SOLICITARPROTOCOLO91", versao="2.0")


def relatorio(cliente: Cliente, numero: str) -> httpx.Response:
    entrada = {"protocoloRelatorio": numero}
    return chamar(cliente, "Emitir", "SITFIS", "RELATORIOSITFIS92", entrada, versao="2.0")


def daqui_a(sandbox: SandboxVivo, segundos: int) -> None:
    minutos, resto = divmod(segundos, 60)
    sandbox.controle.relogio(fixo=f"{AGORA[:14]}{minutos:02d}:{resto:02d}-03:00")


def cobranca(sandbox: SandboxVivo) -> str:
    return str(sandbox.controle.chamadas()[-1]["cobranca"])


# -- SITFIS -----------------------------------------------------------------------------------------------------------


def test_the_report_has_its_protocol_its_wait_and_its_prices(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.ajustes(**{"integra_contador.sitfis_demora_ms": 10_000})
    primeiro = dados(protocolo(cliente))
    assert primeiro["tempoEspera"] == 4000
    assert cobranca(sandbox) == "nao"
    de_novo = protocolo(cliente)
    assert de_novo.status_code == 304
    assert de_novo.headers["etag"] == f'"protocoloRelatorio:{primeiro["protocoloRelatorio"]}"'
    cedo = relatorio(cliente, primeiro["protocoloRelatorio"])
    assert (cedo.status_code, codigo(cedo), cobranca(sandbox)) == (202, "[Aviso-Sitfis-SC02]", "sim")
    daqui_a(sandbox, 5)
    nao_pronto = relatorio(cliente, primeiro["protocoloRelatorio"])
    assert (nao_pronto.status_code, nao_pronto.content, cobranca(sandbox)) == (204, b"", "nao")
    assert nao_pronto.headers["etag"] == '"tempoEspera:4000"'
    daqui_a(sandbox, 20)
    pronto = relatorio(cliente, primeiro["protocoloRelatorio"])
    assert dados(pronto)[0]["pdf"].startswith("JVBER")
    assert [e["numero"] for e in sandbox.controle.ledger(tipo="relatorio_sitfis")] == [primeiro["protocoloRelatorio"]]


def test_a_protocol_is_of_its_day_and_parties(cliente: Cliente, sandbox: SandboxVivo) -> None:
    numero = dados(protocolo(cliente))["protocoloRelatorio"]
    assert codigo(relatorio(cliente, "outro")) == "[EntradaIncorreta-Sitfis-EI01]"
    sandbox.controle.relogio(fixo="2026-11-22T10:00:00-03:00")
    cliente.autenticar()
    assert codigo(relatorio(cliente, numero)) == "[EntradaIncorreta-Sitfis-EI01]"
    assert protocolo(cliente).status_code == 200


# -- CAIXAPOSTAL ------------------------------------------------------------------------------------------------------


def listar(cliente: Cliente, **entrada: str) -> httpx.Response:
    return chamar(cliente, "Consultar", "CAIXAPOSTAL", "MSGCONTRIBUINTE61", entrada)


def test_a_mailbox_is_paged_by_fifty_and_read_by_being_asked_for(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.post("avisos", {"mensagens": [{"documento": EMPRESA, "corpo": "<p>++1++</p>", "vezes": 51}]})
    (pagina,) = dados(listar(cliente, statusLeitura="2", indicadorPagina="0"))["conteudo"]
    assert (pagina["quantidadeMensagens"], pagina["indicadorUltimaPagina"]) == ("50", "N")
    assert {type(valor) for mensagem in pagina["listaMensagens"] for valor in mensagem.values()} == {str}
    proxima = {"indicadorPagina": "1", "ponteiroPagina": pagina["ponteiroProximaPagina"]}
    (ultima,) = dados(listar(cliente, statusLeitura="2", **proxima))["conteudo"]
    assert (ultima["quantidadeMensagens"], ultima["indicadorUltimaPagina"]) == ("1", "S")
    isn = ultima["listaMensagens"][0]["isn"]
    lida = dados(chamar(cliente, "Consultar", "CAIXAPOSTAL", "MSGDETALHAMENTO62", {"isn": isn}))["conteudo"][0]
    assert (lida["corpoModelo"], lida["dataLeitura"]) == ("<p>++1++</p>", "20261121")
    (lidas,) = dados(listar(cliente, statusLeitura="1", indicadorPagina="0"))["conteudo"]
    assert [m["isn"] for m in lidas["listaMensagens"]] == [isn]


@pytest.mark.parametrize(
    "entrada",
    [
        {},
        {"statusLeitura": "2"},
        {"statusLeitura": 2, "indicadorPagina": "0"},
        {"statusLeitura": "2", "x": "1"},
        {"statusLeitura": "a", "indicadorPagina": "0"},
        {"statusLeitura": "2", "indicadorPagina": "1", "ponteiroPagina": "0000000000005a"},
        {"statusLeitura": "2", "indicadorPagina": "0", "cnpjReferencia": "11222333000AA1"},
    ],
)
def test_the_input_of_the_list_is_digits_in_text(cliente: Cliente, entrada: dict[str, Any]) -> None:
    assert codigo(listar(cliente, **entrada)) == "[EntradaIncorreta-CAIXAPOSTAL-0C]"


def test_the_number_of_a_message_is_digits(cliente: Cliente) -> None:
    resposta = chamar(cliente, "Consultar", "CAIXAPOSTAL", "MSGDETALHAMENTO62", {"isn": "00000000AB"})
    assert (resposta.status_code, codigo(resposta)) == (400, "[EntradaIncorreta-CAIXAPOSTAL-0C]")


@pytest.mark.parametrize(("quantas", "indicador"), [(0, "0"), (1, "1"), (3, "2")])
def test_the_flag_is_free(cliente: Cliente, sandbox: SandboxVivo, quantas: int, indicador: str) -> None:
    sandbox.controle.post("avisos", {"mensagens": [{"documento": EMPRESA, "vezes": quantas}]})
    resposta = chamar(cliente, "Monitorar", "CAIXAPOSTAL", "INNOVAMSG63")
    assert dados(resposta)["conteudo"] == [{"indicadorMensagensNovas": indicador}]
    assert cobranca(sandbox) == "nao"


# -- REGIMEAPURACAO ---------------------------------------------------------------------------------------------------


def optar(cliente: Cliente, **mudancas: Any) -> httpx.Response:
    entrada = {"anoOpcao": 2027, "tipoRegime": 1, "descritivoRegime": "CAIXA", "deAcordoResolucao": True} | mudancas
    return chamar(cliente, "Declarar", "REGIMEAPURACAO", "EFETUAROPCAOREGIME101", entrada)


@pytest.mark.parametrize(
    ("mudancas", "numero"),
    [
        ({"descritivoRegime": "X"}, "049"),
        ({"deAcordoResolucao": False}, "051"),
        ({"tipoRegime": 0}, "053"),
        ({"anoOpcao": None}, "058"),
        ({"anoOpcao": 2030}, "059"),
        ({"tipoRegime": 3}, "060"),
    ],
)
def test_an_option_that_does_not_do_is_told_by_number(cliente: Cliente, mudancas: dict[str, Any], numero: str) -> None:
    assert codigo(optar(cliente, **mudancas)) == f"[EntradaIncorreta-REGIME-MSG_ISN_{numero}]"


def test_an_option_is_made_once(cliente: Cliente, sandbox: SandboxVivo) -> None:
    assert dados(optar(cliente))["regimeEscolhido"] == "CAIXA"
    outra = optar(cliente, tipoRegime=0, descritivoRegime="COMPETENCIA")
    assert codigo(outra) == "[Aviso-REGIME-MSG_ISN_052]"
    assert len(sandbox.controle.ledger(tipo="regime_optado")) == 1


# -- DEFIS ------------------------------------------------------------------------------------------------------------


def entrada_da_defis(**mudancas: Any) -> dict[str, Any]:
    socio = {
        "cpf": CPF, "rendimentosIsentos": 0, "rendimentosTributaveis": 0, "participacaoCapitalSocial": 100,
        "irRetidoFonte": 0,
    }  # fmt: skip
    empresa = {
        "ganhoCapital": 0, "qtdEmpregadoInicial": 0, "qtdEmpregadoFinal": 0, "receitaExportacaoDireta": 0,
        "ganhoRendaVariavel": 0, "socios": [socio | mudancas.pop("socio", {})],
        "estabelecimentos": [{"cnpjCompleto": EMPRESA, **dict.fromkeys(VALORES, 0), **mudancas.pop("valores", {})}],
    }  # fmt: skip
    return {"ano": 2025, "empresa": empresa | mudancas.pop("empresa", {})} | mudancas


def transmitir(cliente: Cliente, **mudancas: Any) -> httpx.Response:
    return chamar(cliente, "Declarar", "DEFIS", "TRANSDECLARACAO141", entrada_da_defis(**mudancas))


def declarar(sandbox: SandboxVivo, meses: int, **mais: Any) -> None:
    declarados = [{"pa": 202500 + mes, "interno": "1.00"} for mes in range(1, meses + 1)]
    sandbox.controle.cadastro(contribuintes=[{"documento": EMPRESA, "declarados": declarados, **mais}])


@pytest.mark.parametrize(
    ("mudancas", "numero"),
    [
        ({"socio": {"participacaoCapitalSocial": 99.99}}, "0026"),
        ({"socio": {"participacaoCapitalSocial": 99.999}}, "0046"),
        ({"socio": {"cpf": "11144477736"}}, "0035"),
        ({"socio": {"irRetidoFonte": -1}}, "0001"),
        ({"valores": {"aquisicoesMercadoInterno": 10}}, "0028"),
        ({"inatividade": 2}, "0025"),
        ({"ano": 2026}, "0011"),
        ({"ano": 2018, "inatividade": 2}, "0006"),
        ({"situacaoEspecial": {"tipoEvento": 3, "dataEvento": 20240101}}, "0018"),
        ({"empresa": {"qtdEmpregadoInicial": 1.5}}, "0003"),
        ({"empresa": {"estranho": 1}}, "0038"),
    ],
)
def test_a_defis_that_does_not_do_is_told_by_number(
    cliente: Cliente, sandbox: SandboxVivo, mudancas: dict[str, Any], numero: str
) -> None:
    declarar(sandbox, 12)
    assert codigo(transmitir(cliente, **json.loads(json.dumps(mudancas)))).endswith(f"-DEFIS-MSG_{numero}]")
    assert sandbox.controle.ledger(tipo="defis_transmitida") == []


def por_municipio(**mudancas: Any) -> dict[str, Any]:
    return {"uf": "SP", "codMunicipio": "7107", "valor": 20.0} | mudancas


MUDANCA = {
    "ufOrigem": "SP", "codigoMunicipioOrigem": "7107", "ufDestino": "PE", "codigoMunicipioDestino": "2531",
    "dataMudanca": 20250610,
}  # fmt: skip
PROCESSO = {"administracaoTributaria": 3, "uf": "SP", "codigoMunicipio": "7107", "numeroProcesso": "123"}
DOACAO = {"cnpjBeneficiario": EMPRESA, "tipoBeneficiario": 3, "formaDoacao": 3, "valor": 10}


@pytest.mark.parametrize(
    ("mudancas", "numero"),
    [
        ({"valores": {"issRetidosFonte": [por_municipio(codMunicipio=7107)]}}, "0005"),
        ({"valores": {"issRetidosFonte": [por_municipio(codMunicipio="9998")]}}, "0032"),
        ({"valores": {"prestacoesServicoTransporte": [por_municipio(uf="PE")]}}, "0033"),
        ({"valores": {"prestacoesServicoComunicacao": [por_municipio(), por_municipio(valor=1)]}}, "0027"),
        ({"valores": {"issRetidosFonte": [por_municipio(valor=1.001)]}}, "0046"),
        ({"valores": {"issRetidosFonte": [por_municipio(extra=1)]}}, "0038"),
        ({"valores": {"operacoesInterestaduais": [{"uf": "XX", "valor": 1, "tipoOperacao": 1}]}}, "0004"),
        ({"valores": {"operacoesInterestaduais": [{"uf": "SP", "valor": 1, "tipoOperacao": 3}]}}, "0003"),
        ({"valores": {"mudancaOutroMunicipio": [MUDANCA | {"dataMudanca": 20240610}]}}, "0039"),
        ({"valores": {"mudancaOutroMunicipio": [MUDANCA | {"ufDestino": "SP"}]}}, "0033"),
        ({"valores": {"informacaoOpcional": {"rateiosDecisaoJudicial": [por_municipio()]}}}, "0038"),
        ({"valores": {"informacaoOpcional": {"autoInfracaoPago": -1}}}, "0001"),
        ({"empresa": {"comerciaisExportadoras": [{"cnpjCompleto": "1" * 14, "valor": 1}]}}, "0015"),
        ({"empresa": {"doacoesCampanhaEleitoral": [DOACAO | {"formaDoacao": 8}]}}, "0003"),
        ({"empresa": {"naoOptante": PROCESSO}}, "0040"),
        ({"empresa": {"naoOptante": PROCESSO | {"administracaoTributaria": 1}}}, "0010"),
        ({"empresa": {"naoOptante": PROCESSO | {"numeroProcesso": "1" * 21}}}, "0005"),
    ],
)
def test_a_list_of_the_defis_that_does_not_do_is_told_by_number(
    cliente: Cliente, sandbox: SandboxVivo, mudancas: dict[str, Any], numero: str
) -> None:
    declarar(sandbox, 12)
    assert codigo(transmitir(cliente, **json.loads(json.dumps(mudancas)))).endswith(f"-DEFIS-MSG_{numero}]")
    assert sandbox.controle.ledger(tipo="defis_transmitida") == []


def test_a_defis_with_every_list_is_taken(cliente: Cliente, sandbox: SandboxVivo) -> None:
    declarar(sandbox, 12)
    rateio = por_municipio(identificacaoDecisao="Processo 1")
    valores = {
        "operacoesInterestaduais": [{"uf": "SP", "valor": 15, "tipoOperacao": tipo} for tipo in (1, 2)],
        **{f: [por_municipio()] for f in ("issRetidosFonte", "prestacoesServicoComunicacao")},
        "prestacoesServicoTransporte": [por_municipio()],
        "mudancaOutroMunicipio": [MUDANCA],
        "informacaoOpcional": {"saidaTransferenciaMercadoria": 20, "rateiosDecisaoJudicial": [rateio]},
    }
    empresa = {
        "comerciaisExportadoras": [{"cnpjCompleto": EMPRESA, "valor": 1}],
        "doacoesCampanhaEleitoral": [DOACAO],
    }
    assert dados(transmitir(cliente, valores=valores, empresa=empresa))["idDefis"]


def test_who_is_not_of_the_simples_names_the_process(cliente: Cliente, sandbox: SandboxVivo) -> None:
    declarar(sandbox, 12)
    sandbox.controle.post("avisos", {"dte": [{"documento": EMPRESA, "indicador": 0}]})
    assert codigo(transmitir(cliente)).endswith("MSG_0008]")
    assert dados(transmitir(cliente, empresa={"naoOptante": PROCESSO}))["idDefis"]


def test_a_defis_needs_the_pgdasd_of_every_month_and_every_establishment(
    cliente: Cliente, sandbox: SandboxVivo
) -> None:
    assert codigo(transmitir(cliente)).endswith("MSG_0021]")
    declarar(sandbox, 11)
    falta = transmitir(cliente)
    assert codigo(falta).endswith("MSG_0022]")
    assert "12/2025" in texto(falta)
    declarar(sandbox, 12, filiais=[cnpj(77, 2)])
    assert codigo(transmitir(cliente)).endswith("MSG_0023]")


def test_each_defis_of_a_year_is_one_more(cliente: Cliente, sandbox: SandboxVivo) -> None:
    declarar(sandbox, 12)
    primeira, segunda = dados(transmitir(cliente))["idDefis"], dados(transmitir(cliente))["idDefis"]
    assert primeira != segunda
    lista = dados(chamar(cliente, "Consultar", "DEFIS", "CONSDECLARACAO142"))
    assert [(item["idDefis"], item["tipo"]) for item in lista] == [(primeira, 1), (segunda, 2)]
    ultima = dados(chamar(cliente, "Consultar", "DEFIS", "CONSULTIMADECREC143", {"ano": 2025}))
    assert ultima["idDefis"] == int(segunda)
    assert len(sandbox.controle.ledger(tipo="defis_transmitida")) == 2


# -- the others -------------------------------------------------------------------------------------------------------


def test_a_vinculo_is_given_up_once_and_a_little_later(cliente: Cliente, sandbox: SandboxVivo) -> None:
    contador = cliente.contratante["cnpj"]

    def pedir() -> httpx.Response:
        pedida = {"cnpj": EMPRESA, "cnpjEmpresaContabil": contador, "cpfPreenchedor": CPF}
        entrada = {"solicitacaoRenunciaContador": pedida, "cienciaDeclaracoes": True}
        return chamar(cliente, "Declarar", "PNRCONTADOR", "SOLICRENUNCIA262", entrada, de=contador)

    assert codigo(pedir()) == "[AcessoNegado-PNRCONTADOR-101]"
    sandbox.controle.post("avisos", {"vinculos": [{"contador": contador, "documento": EMPRESA}]})
    pedida = dados(pedir())["idSolicitacao"]
    assert codigo(pedir()) == "[AcessoNegado-PNRCONTADOR-101]"

    def situacao() -> Any:
        entrada = {"idSolicitacao": pedida}
        return dados(chamar(cliente, "Consultar", "PNRCONTADOR", "SITSOLICRENUNCIA265", entrada, de=contador))

    assert situacao()["renuncia"] is None
    daqui_a(sandbox, 25)
    assert situacao()["renuncia"]["cnpjRenunciada"] == EMPRESA
    entrada = {"pagination": {"size": 50}}
    vazio = chamar(cliente, "Consultar", "PNRCONTADOR", "CONSVINCULOS261", entrada, de=contador)
    assert codigo(vazio) == "[Aviso-PNRCONTADOR-301]"


@pytest.mark.parametrize("indicador", [-1, 0, 1, 2])
def test_the_dte_is_as_told(cliente: Cliente, sandbox: SandboxVivo, indicador: int) -> None:
    sandbox.controle.post("avisos", {"dte": [{"documento": EMPRESA, "indicador": indicador}]})
    resposta = chamar(cliente, "Consultar", "DTE", "CONSULTASITUACAODTE111")
    assert dados(resposta)["indicadorEnquadramento"] == indicador


def test_what_makes_no_sense_is_not_told(sandbox: SandboxVivo) -> None:
    errados: list[dict[str, Any]] = [{"x": []}, {"dte": [{"documento": EMPRESA, "indicador": 9}]}, {"defis": [{}]}]
    for errado in errados:
        with pytest.raises(httpx.HTTPStatusError):
            sandbox.controle.post("avisos", errado)
