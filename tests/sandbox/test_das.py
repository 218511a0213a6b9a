"""PGDASD GERARDAS12 and the queries 13 to 16, and PROCURACOES 41."""

import base64
import io
import re
from typing import Any

import pypdf
import pytest

from tests.sandbox.integra import Cliente, cnpj, codigo, dados, texto
from tests.sandbox_fixture import SandboxVivo

EMPRESA = cnpj(1)
_2DE5 = ("00110", "10001", "01001", "11000", "00101", "10100", "01100", "00011", "10010", "01010")  # 1 is wide


def paginas(base: str) -> list[str]:
    return [pagina.extract_text() for pagina in pypdf.PdfReader(io.BytesIO(base64.b64decode(base))).pages]


def emitido(cliente: Cliente, pa: int = 202610, **mudancas: str) -> dict[str, Any]:
    cliente.transmitir(EMPRESA, pa)
    (das,) = dados(cliente.das(EMPRESA, pa, **mudancas))
    return dict(das)


def digito(parte: str) -> int:
    """FEBRABAN, modulo 11: weights 2 to 9 from the right; remainder 0 or 1 gives 0."""
    soma, peso = 0, 2
    for letra in reversed(parte):
        soma += int(letra) * peso
        peso = 2 if peso == 9 else peso + 1
    return 0 if soma % 11 in (0, 1) else 11 - soma % 11


def linha_digitavel(das: dict[str, Any]) -> str:
    (pagina,) = paginas(das["pdf"])
    achada = re.search(r"(\d{12}) (\d{12}) (\d{12}) (\d{12})", pagina)
    assert achada
    return "".join(achada.groups())


def test_slip_brings_values_dates_and_composition(cliente: Cliente) -> None:
    das = emitido(cliente)
    detalhe = das["detalhamentoDas"]
    assert das["cnpjCompleto"] == EMPRESA
    assert (detalhe["dataVencimento"], detalhe["dataLimiteAcolhimento"]) == ("20261123", "20261123")
    assert detalhe["valores"] == {"principal": 672.8, "multa": 0.0, "juros": 0.0, "total": 672.8}
    assert re.fullmatch(r"072026325\d{8}", detalhe["numeroDocumento"])
    soma = sum(item["valores"]["total"] for item in detalhe["composicao"])
    assert round(soma, 2) == 672.8


def test_pdf_is_one_page_with_what_a_slip_shows(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cadastro(contribuintes=[{"documento": EMPRESA, "razao_social": "PADARIA ÁGUA (TESTE)"}])
    das = emitido(cliente)
    (pagina,) = paginas(das["pdf"])
    numero = das["detalhamentoDas"]["numeroDocumento"]
    mascara = f"07.20.26325.{numero[9:16]}-{numero[16]}"
    for parte in ("TS.T00.001/0001-48", "PADARIA ÁGUA (TESTE)", "10/2026", "23/11/2026", mascara, "672,80", "ICMS"):
        assert parte in pagina
    assert "SEM VALOR FISCAL" in pagina


def test_company_without_a_registered_name_gets_a_placeholder(cliente: Cliente) -> None:
    assert "CONTRIBUINTE DE TESTE" in paginas(emitido(cliente)["pdf"])[0]


def test_linha_digitavel_has_valid_digits_and_the_amount(cliente: Cliente) -> None:
    das = emitido(cliente)
    linha = linha_digitavel(das)
    blocos = [linha[inicio : inicio + 12] for inicio in range(0, 48, 12)]
    codigo_barras = "".join(bloco[:11] for bloco in blocos)
    assert all(int(bloco[11]) == digito(bloco[:11]) for bloco in blocos)
    assert int(codigo_barras[3]) == digito(codigo_barras[:3] + codigo_barras[4:])
    assert codigo_barras[:3] == "858"
    assert codigo_barras[4:15] == "00000067280"
    assert codigo_barras[15:19] == "0328"
    assert codigo_barras[19:24] == "26327"  # 23/11/2026 is day 327
    assert codigo_barras[24:41] == das["detalhamentoDas"]["numeroDocumento"]


def test_bar_code_draws_interleaved_two_of_five(cliente: Cliente) -> None:
    """44 digits are 22 pairs of 5 bars, 2 bars to start and 2 to stop."""
    das = emitido(cliente)
    leitor = pypdf.PdfReader(io.BytesIO(base64.b64decode(das["pdf"])))
    conteudo = leitor.pages[0].get_contents()
    assert conteudo is not None
    desenho = re.search(r"q 0\.85 0 0 50 46 \d+ cm\n(.*?)Q\n", conteudo.get_data().decode("cp1252"), re.DOTALL)
    assert desenho is not None
    inicio, *pares, fim = [
        [(int(x), int(largura)) for x, largura in re.findall(r"(\d+) 0 ([13]) 1 re", parte)]
        for parte in re.findall(r"(.*?) f 1 0 0 1 \d+ 0 cm\n", desenho[1])
    ]
    assert [inicio, fim] == [[(0, 1), (2, 1)], [(0, 3), (4, 1)]]
    assert len(pares) == 22
    linha = linha_digitavel(das)
    assert "".join(map(digitos, pares)) == "".join(linha[bloco : bloco + 11] for bloco in range(0, 48, 12))


def digitos(barras: list[tuple[int, int]]) -> str:
    """The two digits of five bars: by the widths of the bars, then of the spaces; a pair is 18 wide."""
    fins = [x for x, _ in barras[1:]] + [18]
    larguras = [largura for _, largura in barras]
    vaos = [fim - x - largura for (x, largura), fim in zip(barras, fins, strict=True)]
    return "".join(str(_2DE5.index("".join("1" if n == 3 else "0" for n in lista))) for lista in (larguras, vaos))


def test_each_slip_is_another_number_and_another_effect(cliente: Cliente, sandbox: SandboxVivo) -> None:
    primeiro, segundo = emitido(cliente), dados(cliente.das(EMPRESA))[0]
    numeros = [das["detalhamentoDas"]["numeroDocumento"] for das in (primeiro, segundo)]
    efeitos = sandbox.controle.ledger(tipo="das_emitido")
    assert [efeito["numero"] for efeito in efeitos] == numeros
    assert [efeito["sequencia"] for efeito in efeitos] == [1, 2]


def test_late_slip_is_consolidated_to_today(cliente: Cliente) -> None:
    """Due 20/10/2026, 32 days late on 21/11/2026: 10.56 % fine, 1 % interest, both truncated."""
    detalhe = emitido(cliente, 202609)["detalhamentoDas"]
    assert detalhe["valores"] == {"principal": 672.8, "multa": 71.04, "juros": 6.72, "total": 750.56}
    assert (detalhe["dataVencimento"], detalhe["dataLimiteAcolhimento"]) == ("20261020", "20261121")
    assert round(sum(item["valores"]["multa"] for item in detalhe["composicao"]), 2) == 71.04


def test_selic_of_the_months_between_can_be_set(cliente: Cliente, sandbox: SandboxVivo) -> None:
    """Due 21/09/2026, paid 21/11/2026: 61 days are 20 %; interest 2.50 + 1 = 3.50 %."""
    sandbox.controle.ajustes(selic={"202610": "2.50"})
    valores = emitido(cliente, 202608)["detalhamentoDas"]["valores"]
    assert (valores["multa"], valores["juros"]) == (134.56, 23.54)


def test_consolidation_date_moves_the_limit(cliente: Cliente) -> None:
    detalhe = emitido(cliente, 202609, dataConsolidacao="20261130")["detalhamentoDas"]
    assert detalhe["dataLimiteAcolhimento"] == "20261130"
    assert detalhe["valores"]["multa"] == 91.02  # 41 days, 13.53 %


def test_consolidation_before_the_due_date_adds_nothing(cliente: Cliente) -> None:
    detalhe = emitido(cliente, dataConsolidacao="20261122")["detalhamentoDas"]
    assert detalhe["valores"]["total"] == 672.8
    assert detalhe["dataLimiteAcolhimento"] == "20261123"


@pytest.mark.parametrize(
    ("pedido", "numero"),
    [
        ({"periodoApuracao": "202609"}, "005"),
        ({"periodoApuracao": "202613"}, "002"),
        ({"periodoApuracao": 202610}, "036"),
        ({}, "036"),
        ({"periodoApuracao": "202610", "outra": "1"}, "036"),
        ({"periodoApuracao": "202610", "dataConsolidacao": "20261120"}, "002"),
        ({"periodoApuracao": "202610", "dataConsolidacao": "20261331"}, "002"),
        ({"periodoApuracao": "202610", "dataConsolidacao": "2026W471"}, "002"),
        ({"periodoApuracao": "202610", "dataConsolidacao": "20270115"}, "002"),
    ],
)
def test_refusals(cliente: Cliente, sandbox: SandboxVivo, pedido: dict[str, Any], numero: str) -> None:
    cliente.transmitir(EMPRESA)
    resposta = cliente.chamar("Emitir", EMPRESA, "GERARDAS12", pedido)
    assert (resposta.status_code, codigo(resposta)) == (400, f"[EntradaIncorreta-PGDASD-MSG_ISN_{numero}]")
    assert sandbox.controle.ledger(tipo="das_emitido") == []


def test_nothing_due_means_no_slip(cliente: Cliente) -> None:
    cliente.transmitir(EMPRESA, atividades=None, receitaPaCompetenciaInterno=0)
    assert "inferior ao mínimo" in texto(cliente.das(EMPRESA))


def test_slip_follows_the_latest_declaration(cliente: Cliente) -> None:
    cliente.transmitir(EMPRESA)
    metade: dict[str, Any] = {"receitaPaCompetenciaInterno": 5000, "receitasBrutasAnteriores": None}
    atividades = [{"idAtividade": 1, "valorAtividade": 5000, "receitasAtividade": [{"valor": 5000}]}]
    cliente.transmitir(EMPRESA, tipoDeclaracao=2, atividades=atividades, **metade)
    assert dados(cliente.das(EMPRESA))[0]["detalhamentoDas"]["valores"]["total"] == 336.39


def operacoes(cliente: Cliente) -> list[dict[str, Any]]:
    return list(dados(cliente.consultar(EMPRESA, "CONSDECLARACAO13", periodoApuracao="202610"))["periodo"]["operacoes"])


def test_query_13_lists_declarations_and_slips_in_order(cliente: Cliente) -> None:
    numero = emitido(cliente)["detalhamentoDas"]["numeroDocumento"]
    cliente.transmitir(EMPRESA, tipoDeclaracao=2, receitasBrutasAnteriores=None)
    lidas = operacoes(cliente)
    assert [item["tipoOperacao"] for item in lidas] == ["Original", "Geração de DAS", "Retificadora"]
    assert lidas[0]["indiceDeclaracao"]["numeroDeclaracao"] == f"{EMPRESA[:8]}202610001"
    das = {"numeroDas": numero, "datahoraEmissaoDas": "20261121100000", "dasPago": False}
    assert lidas[1]["indiceDas"] == das


def test_query_13_tells_a_paid_slip(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.pagar(emitido(cliente)["detalhamentoDas"]["numeroDocumento"])
    assert operacoes(cliente)[1]["indiceDas"]["dasPago"] is True


def test_query_13_by_year_groups_by_period(cliente: Cliente) -> None:
    cliente.transmitir(EMPRESA, 202609)
    cliente.transmitir(EMPRESA, 202610, receitasBrutasAnteriores=None)
    lido = dados(cliente.consultar(EMPRESA, "CONSDECLARACAO13", anoCalendario="2026"))
    assert [periodo["periodoApuracao"] for periodo in lido["periodos"]] == [202609, 202610]
    assert dados(cliente.consultar(EMPRESA, "CONSDECLARACAO13", anoCalendario="2025"))["periodos"] == []


def test_query_13_without_any_declaration_is_a_warning(cliente: Cliente) -> None:
    resposta = cliente.consultar(EMPRESA, "CONSDECLARACAO13", periodoApuracao="202610")
    assert codigo(resposta) == "[Aviso-PGDASD-MSG_ISN_005]"
    assert dados(resposta)["periodo"]["operacoes"] == []


@pytest.mark.parametrize(
    "filtro", [{}, {"anoCalendario": "2026", "periodoApuracao": "202610"}, {"anoCalendario": "26"}]
)
def test_query_13_takes_exactly_one_filter(cliente: Cliente, filtro: dict[str, str]) -> None:
    assert codigo(cliente.consultar(EMPRESA, "CONSDECLARACAO13", **filtro)) == "[EntradaIncorreta-PGDASD-MSG_ISN_002]"


def test_queries_14_and_15_give_the_same_papers(cliente: Cliente) -> None:
    numero = dados(cliente.transmitir(EMPRESA))["idDeclaracao"]
    ultima = dados(cliente.consultar(EMPRESA, "CONSULTIMADECREC14", periodoApuracao="202610"))
    por_numero = dados(cliente.consultar(EMPRESA, "CONSDECREC15", numeroDeclaracao=numero))
    assert ultima == por_numero
    assert ultima["recibo"]["nomeArquivo"] == f"PGDASD-RECIBO-{numero}.pdf"
    assert ultima["declaracao"]["nomeArquivo"] == f"PGDASD-DECLARACAO-{numero}.pdf"
    assert numero in paginas(ultima["recibo"]["pdf"])[0]
    assert ultima["maed"] is None


def test_query_14_brings_the_fine_of_a_late_declaration(cliente: Cliente) -> None:
    numero = dados(cliente.transmitir(EMPRESA, 202608))["idDeclaracao"]
    maed = dados(cliente.consultar(EMPRESA, "CONSULTIMADECREC14", periodoApuracao="202608"))["maed"]
    assert maed["nomeArquivoDarf"] == f"PGDASD-DARF-MAED-{numero}.pdf"
    assert "50,00" in paginas(maed["pdfDarf"])[0]


def test_query_16_is_the_extract_of_a_slip(cliente: Cliente) -> None:
    numero = emitido(cliente)["detalhamentoDas"]["numeroDocumento"]
    lido = dados(cliente.consultar(EMPRESA, "CONSEXTRATO16", numeroDas=numero))
    assert lido["extrato"]["nomeArquivo"] == f"PGDASD-EXTRATO-{numero}.pdf"
    assert "672,80" in paginas(lido["extrato"]["pdf"])[0]


@pytest.mark.parametrize(
    ("servico", "filtro", "numero"),
    [
        ("CONSULTIMADECREC14", {"periodoApuracao": "202610"}, "005"),
        ("CONSDECREC15", {"numeroDeclaracao": f"{EMPRESA[:8]}202610001"}, "027"),
        ("CONSEXTRATO16", {"numeroDas": "07202632500000011"}, "027"),
    ],
)
def test_nothing_found(cliente: Cliente, servico: str, filtro: dict[str, str], numero: str) -> None:
    assert codigo(cliente.consultar(EMPRESA, servico, **filtro)) == f"[EntradaIncorreta-PGDASD-MSG_ISN_{numero}]"


def test_another_company_sees_nothing_of_a_slip(cliente: Cliente) -> None:
    numero = emitido(cliente)["detalhamentoDas"]["numeroDocumento"]
    assert cliente.consultar(cnpj(2), "CONSEXTRATO16", numeroDas=numero).status_code == 400


def procuracao(cliente: Cliente, **mudancas: str) -> Any:
    pedido = {
        "outorgante": EMPRESA,
        "tipoOutorgante": "2",
        "outorgado": cliente.contratante["cnpj"],
        "tipoOutorgado": "2",
    }
    return cliente.chamar("Consultar", EMPRESA, "OBTERPROCURACAO41", pedido | mudancas)


def test_41_default_grant_is_everything(cliente: Cliente) -> None:
    resposta = procuracao(cliente)
    assert dados(resposta) == [{"dtexpiracao": "20271121", "nrsistemas": 1, "sistemas": ["TODOS"]}]
    assert [mensagem["codigo"] for mensagem in resposta.json()["mensagens"]] == [
        "[Sucesso-PROCURACOES]",
        "[Aviso-PROCURACOES-20001]",
    ]


def test_41_gives_the_names_of_the_powers(cliente: Cliente, sandbox: SandboxVivo) -> None:
    explicita = {"outorgante": EMPRESA, "outorgado": cliente.contratante["cnpj"], "poderes": ["00146", "00103"]}
    sandbox.controle.cadastro(procuracoes=[{**explicita, "expira": "2027-06-30"}])
    nomes = ["PGDAS-D - a partir de 01/2018", "DCTFWeb"]
    assert dados(procuracao(cliente)) == [{"dtexpiracao": "20270630", "nrsistemas": 2, "sistemas": nomes}]


def test_41_without_any_grant(cliente: Cliente, sandbox: SandboxVivo) -> None:
    sandbox.controle.cadastro(contribuintes=[{"documento": EMPRESA, "procuracao_padrao": False}])
    resposta = procuracao(cliente)
    assert (resposta.status_code, codigo(resposta)) == (404, "[Aviso-PROCURACOES-40400]")


@pytest.mark.parametrize(
    ("mudanca", "status", "esperado"),
    [
        ({"outorgado": cnpj(9)}, 403, "[AcessoNegado-PROCURACOES-40300]"),
        ({"outorgante": cnpj(9)}, 403, "[AcessoNegado-PROCURACOES-40300]"),
        ({"tipoOutorgante": 2}, 400, "[EntrataIncorreta-PROCURACOES-40007]"),
    ],
)
def test_41_refusals(cliente: Cliente, mudanca: dict[str, Any], status: int, esperado: str) -> None:
    resposta = procuracao(cliente, **mudanca)
    assert (resposta.status_code, codigo(resposta)) == (status, esperado)
