"""SICALC 51, 52 and 53. The clock stands on 21/11/2026."""

import base64
import io
from typing import Any

import pypdf
import pytest

from tests.sandbox.integra import Cliente, cnpj, codigo, dados, texto
from tests.sandbox_fixture import SandboxVivo

EMPRESA = cnpj(7)
PIS = {
    "uf": "SP",
    "municipio": "7107",
    "codigoReceita": "8109",
    "codigoReceitaExtensao": "02",
    "tipoPA": "ME",
    "dataPA": "10/2026",
    "vencimento": "2026-11-25T00:00:00",
    "valorImposto": "1000.00",
    "dataConsolidacao": "2026-11-23T00:00:00",
}
ATRASADO = PIS | {"dataPA": "06/2026", "vencimento": "2026-07-24T00:00:00"}


def darf(cliente: Cliente, servico: str = "CONSOLIDARGERARDARF51", empresa: str = EMPRESA, **mudancas: Any) -> Any:
    campos = {nome: valor for nome, valor in (PIS | mudancas).items() if valor is not None}
    return cliente.chamar("Emitir", empresa, servico, campos)


def test_on_time_there_is_neither_fine_nor_interest(cliente: Cliente) -> None:
    resposta = darf(cliente)
    saida = dados(resposta)
    assert resposta.json()["mensagens"] == []
    valores = saida["consolidado"]
    assert (valores["valorTotalConsolidado"], valores["valorMultaMora"], valores["percentualJuros"]) == (1000.0, 0, 0)
    assert valores["dataValidadeCalculo"] == "2026-11-25T00:00:00"
    (pagina,) = (p.extract_text() for p in pypdf.PdfReader(io.BytesIO(base64.b64decode(saida["darf"]))).pages)
    assert "8109-02" in pagina
    assert saida["numeroDocumento"][9:16] in pagina


def test_late_the_fine_is_a_third_of_a_percent_a_day_and_interest_the_selic(cliente: Cliente) -> None:
    """122 days: 20 %; months of August to October at the sandbox's 1 %, and 1 % of the month of payment."""
    valores = dados(darf(cliente, **ATRASADO))["consolidado"]
    assert (valores["percentualMultaMora"], valores["valorMultaMora"]) == (20.0, 200.0)
    assert (valores["percentualJuros"], valores["valorJuros"]) == (4.0, 40.0)
    assert valores["valorTotalConsolidado"] == 1240.0


def test_bar_code_alone_has_its_digits(cliente: Cliente) -> None:
    saida = dados(darf(cliente, "GERARDARFCODBARRA53"))
    barras = saida["codigoDeBarras"]
    assert "darf" not in saida
    campos = [barras[f"campo{n}ComDV"] for n in range(1, 5)]
    assert "".join(campo[:11] for campo in campos) == barras["codigo44"]
    assert barras["codigo44"][4:19] == "000001000000385"
    assert barras["codigo44"][24:41] == saida["numeroDocumento"]


def test_a_receita_tells_what_it_asks_for(cliente: Cliente) -> None:
    (extensao,) = dados(cliente.chamar("Apoiar", EMPRESA, "CONSULTAAPOIORECEITAS52", {"codigoReceita": "1162"}))[
        "receita"
    ]["extensoes"]
    assert extensao["obrigatorios"]["cnpjPrestador"]
    assert extensao["opcionais"]["cno"]
    assert extensao["informacoes"]["tipoPeriodoApuracao"] == "ME"


def test_the_ledger_keeps_each_darf_and_no_reading(cliente: Cliente, sandbox: SandboxVivo) -> None:
    darf(cliente)
    darf(cliente)
    cliente.chamar("Apoiar", EMPRESA, "CONSULTAAPOIORECEITAS52", {"codigoReceita": "1162"})
    assert [efeito["tipo"] for efeito in sandbox.controle.ledger(contribuinte=EMPRESA)] == ["darf_emitido"] * 2


RET = {"codigoReceita": "1068", "codigoReceitaExtensao": "01", "numeroReferencia": "1"}
RETENCAO = {"codigoReceita": "1162", "codigoReceitaExtensao": "01", "cnpjPrestador": cnpj(8)}
RECUSAS = [
    ({"municipio": "0000"}, "município"),
    ({"uf": "RJ"}, "município"),
    ({"codigoReceita": "0190", "codigoReceitaExtensao": "01"}, "pessoa jurídica"),
    ({"codigoReceita": "9999"}, "Código de receita não cadastrado"),
    ({"codigoReceitaExtensao": "77"}, "Extensão"),
    ({"vencimento": None}, "vencimento"),
    ({"vencimento": "25/11/2026"}, "vencimento"),
    ({"dataPA": "13/2026"}, "Período de apuração inválido"),
    ({"dataPA": None}, "Período de apuração não informado"),
    ({"dataPA": "10/1996"}, "criação"),
    (
        {"codigoReceita": "1068", "codigoReceitaExtensao": "01", "numeroReferencia": "1", "dataPA": "10/2029"},
        "extinção",
    ),
    ({"dataConsolidacao": "2026-11-20T00:00:00"}, "anterior à data limite"),
    ({**ATRASADO, "dataConsolidacao": "2026-12-10T00:00:00"}, "posterior à data limite"),
    ({"codigoReceita": "0507", "codigoReceitaExtensao": "01"}, "alienação"),
    ({"dataAlienacao": "2026-10-01T00:00:00"}, "alienação: não permitido"),
    ({"codigoReceita": "4095", "codigoReceitaExtensao": "01"}, "referência: obrigatório"),
    ({"numeroReferencia": "12"}, "referência: não permitido"),
    (
        {"codigoReceita": "4095", "codigoReceitaExtensao": "01", "numeroReferencia": "A1"},
        "referência: inválido",
    ),
    ({"tipoPA": None}, "Tipo de período de apuração: obrigatório"),
    ({"tipoPA": "TR", "dataPA": "03/2026"}, "Tipo de período de apuração: inválido"),
    ({**RETENCAO, "cno": "12"}, "CNO: inválido"),
    ({**RETENCAO, "cnpjPrestador": EMPRESA}, "igual ao do contribuinte"),
    ({**RETENCAO, "cnpjPrestador": "11222333000199"}, "prestador: inválido"),
    ({"cno": "123456789012"}, "CNO: não permitido"),
    ({"valorMulta": "10.00"}, "multa: não permitido"),
    ({"codigoReceita": "6190", "codigoReceitaExtensao": "01", "tipoPA": "DI", "dataPA": "20/10/2026"}, "multa"),
    ({"valorImposto": "9.99"}, "R$ 10,00"),
    ({"valorImposto": "1000000000.00"}, "R$ 999.999.999,99"),
    (
        {
            "codigoReceita": "2089",
            "codigoReceitaExtensao": "01",
            "tipoPA": "TR",
            "dataPA": "03/2026",
            "cota": "2",
            "valorImposto": "49.99",
        },
        "R$ 50,00",
    ),
    ({"outro": "1"}, "desconhecido"),
]


@pytest.mark.parametrize(("mudancas", "dito"), RECUSAS, ids=[dito for _, dito in RECUSAS])
def test_what_is_refused_is_told_in_words(cliente: Cliente, mudancas: dict[str, Any], dito: str) -> None:
    resposta = darf(cliente, **mudancas)
    assert (resposta.status_code, codigo(resposta)) == (400, "[EntradaIncorreta-SICALC]")
    assert dito in texto(resposta)


def test_only_the_head_office_pays_what_is_of_the_whole_company(cliente: Cliente) -> None:
    assert "matriz" in texto(darf(cliente, empresa=cnpj(7, 2)))


def test_a_receita_without_bar_code_is_only_a_pdf(cliente: Cliente, sandbox: SandboxVivo) -> None:
    mudancas = {"codigoReceita": "1889", "codigoReceitaExtensao": "01", "numeroReferencia": "77"}
    assert "código de barras" in texto(darf(cliente, "GERARDARFCODBARRA53", **mudancas))
    assert sandbox.controle.ledger(contribuinte=EMPRESA) == []
    assert dados(darf(cliente, **mudancas))["numeroDocumento"]
