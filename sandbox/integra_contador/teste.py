"""The trial environment: canned answers with the values of the official examples. Nothing is stored or charged."""

import base64
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sandbox.integra_contador.envelope import Pedido, Resultado
from sandbox.pdf import marca_dagua, montar, texto

PORTADOR = "06aef429-a981-3ec5-a1f8-71d38d86481e"
_ID = "00000000201801001"
_NUMERO_DAS = "07202136999997159"
_SUCESSO = [("[Sucesso-PGDASD]", "Requisição efetuada com sucesso.")]


@lru_cache(maxsize=1)
def _pdf() -> str:
    desenho = marca_dagua("SEM VALOR FISCAL") + texto(40, 60, "Ambiente de teste do Integra Contador", tamanho=14)
    return base64.b64encode(montar(desenho, titulo="Documento de teste")).decode()


def _tributos() -> list[dict[str, Any]]:
    valores = {1001: 44.00, 1002: 28.00, 1004: 101.92, 1005: 22.08, 1006: 332.00, 1007: 272.00}
    return [{"codigoTributo": codigo, "valor": valor} for codigo, valor in valores.items()]


def _transmitir(pedido: Pedido) -> Resultado:
    dados = {
        "idDeclaracao": _ID,
        "dataHoraTransmissao": "20220822155700",
        "valoresDevidos": _tributos(),
        "declaracao": _pdf(),
        "recibo": _pdf(),
        "notificacaoMaed": None,
        "darf": None,
        "detalhamentoDarfMaed": None,
    }
    return Resultado(dados, [("[Sucesso-PGDASD-MSG_ISN_033]", "SN-Entregar: Declaração transmitida com sucesso.")])


def _das(pedido: Pedido) -> Resultado:
    detalhe = {
        "periodoApuracao": "201801",
        "numeroDocumento": _NUMERO_DAS,
        "dataVencimento": "20180220",
        "dataLimiteAcolhimento": "20220831",
        "valores": {"principal": 40.00, "multa": 8.00, "juros": 10.15, "total": 58.15},
        "observacao1": None,
        "observacao2": None,
        "observacao3": None,
        "composicao": None,
    }
    dados = [{"pdf": _pdf(), "cnpjCompleto": pedido.contribuinte.numero, "detalhamentoDas": detalhe}]
    return Resultado(dados, _SUCESSO)


def _listar(pedido: Pedido) -> Resultado:
    declaracao = {"numeroDeclaracao": _ID, "dataHoraTransmissao": "20220822155700", "malha": None}
    das = {"numeroDas": _NUMERO_DAS, "datahoraEmissaoDas": "20220822160000", "dasPago": False}
    operacoes = [
        {"tipoOperacao": "Original", "indiceDeclaracao": declaracao, "indiceDas": None},
        {"tipoOperacao": "Geração de DAS", "indiceDeclaracao": None, "indiceDas": das},
    ]
    periodo = {"periodoApuracao": 201801, "operacoes": operacoes}
    chave, valor = ("periodo", periodo) if "periodoApuracao" in pedido.dados else ("periodos", [periodo])
    return Resultado({"anoCalendario": 2018, chave: valor}, _SUCESSO)


def _documentos(pedido: Pedido) -> Resultado:
    dados = {
        "numeroDeclaracao": _ID,
        "recibo": {"nomeArquivo": f"PGDASD-RECIBO-{_ID}.pdf", "pdf": _pdf()},
        "declaracao": {"nomeArquivo": f"PGDASD-DECLARACAO-{_ID}.pdf", "pdf": _pdf()},
        "maed": None,
    }
    return Resultado(dados, _SUCESSO)


def _extrato(pedido: Pedido) -> Resultado:
    arquivo = {"nomeArquivo": f"PGDASD-EXTRATO-{_NUMERO_DAS}.pdf", "pdf": _pdf()}
    return Resultado({"numeroDas": _NUMERO_DAS, "extrato": arquivo}, _SUCESSO)


def _procuracao(pedido: Pedido) -> Resultado:
    nomes = ["PGDAS-D - a partir de 01/2018", "DCTFWeb"]
    dados = [{"dtexpiracao": "20301231", "nrsistemas": len(nomes), "sistemas": nomes}]
    return Resultado(dados, [("[Sucesso-PROCURACOES]", "Requisição efetuada com sucesso.")])


RESPOSTAS: dict[str, Callable[[Pedido], Resultado]] = {
    "TRANSDECLARACAO11": _transmitir,
    "GERARDAS12": _das,
    "CONSDECLARACAO13": _listar,
    "CONSULTIMADECREC14": _documentos,
    "CONSDECREC15": _documentos,
    "CONSEXTRATO16": _extrato,
    "OBTERPROCURACAO41": _procuracao,
}
