"""The papers of a declaration: what would be refused of each, and what they come to."""

import dataclasses
from datetime import date, datetime
from decimal import Decimal as D
from typing import Any

import pytest

from nfse.providers.interface import Pessoa
from nfse.providers.nacional.problemas import problemas
from nfse.providers.nacional.problemas_papeis import chave_de_dfe
from nfse.providers.nacional.valores import (
    Beneficio,
    DetalhesIbsCbs,
    DocumentoDeDeducao,
    DocumentoEmPapel,
    DocumentoOutroMunicipio,
    Dps,
    Reembolso,
)
from tests.nfse.nacional import declaracoes as casos
from tests.nfse.nacional.apoio import CNPJ, CPF, SAO_PAULO, chave_de
from tests.nfse.nacional.declaracoes import MEI, NORMAL, SIMPLES, com

AGORA = datetime(2026, 11, 20, 14, 31, tzinfo=casos.BRASILIA)
DIA = date(2026, 10, 1)
CTE = "26261011222333000181570010000000191000000196"
NFE = "26261011222333000181550010000000191000000199"
RECIBO = DocumentoDeDeducao("2", DIA, D("300.00"), D("200.00"), outro="Recibo 9")
FORNECEDOR = dataclasses.replace(casos.TOMADOR, documento=CNPJ)
PAGO = Reembolso("02", DIA, DIA, D("500.00"), outro="7", descricao_documento="Bilhete aéreo")


def _deduzido(*papeis: DocumentoDeDeducao, de: Dps = SIMPLES) -> Dps:
    return com(de, deducoes=papeis)


def _recibo(**mudancas: Any) -> Dps:
    return _deduzido(dataclasses.replace(RECIBO, **mudancas))


def _so(**modo: Any) -> Dps:
    return _recibo(outro="", **modo)


def _reembolsado(*papeis: Reembolso, de: Dps = NORMAL) -> Dps:
    return com(de, detalhes_ibs_cbs=DetalhesIbsCbs(reembolsos=papeis))


def _pago(**mudancas: Any) -> Dps:
    return _reembolsado(dataclasses.replace(PAGO, **mudancas))


def _achados(dps: Dps) -> list[tuple[str, str]]:
    return [(um.campo, um.mensagem) for um in problemas(dps, agora=AGORA)]


@pytest.mark.parametrize(
    "dps",
    [
        com(SIMPLES, deducao_percentual=D(40)),
        com(NORMAL, incidencia_ativa=False, aliquota=D(3), deducao_percentual=D(33)),
        com(NORMAL, incidencia_ativa=False, aliquota=D(3), deducao_percentual=D(34), codigo="070201"),
        _deduzido(RECIBO, dataclasses.replace(RECIBO, tipo="99", descricao="Frete", fornecedor=FORNECEDOR)),
        _so(chave_nfse=chave_de(CNPJ)),
        _so(chave_nfe=NFE),
        _so(nfse_municipal=DocumentoOutroMunicipio(SAO_PAULO, "9".zfill(15), "AB1")),
        _so(em_papel=DocumentoEmPapel("9".zfill(7), "1".zfill(15), "A")),
        _reembolsado(PAGO, dataclasses.replace(PAGO, outro="8", valor=D("999.99"))),
        _reembolsado(PAGO, dataclasses.replace(PAGO, tipo="01")),
        _pago(outro="", tipo_chave="3", chave=CTE, descricao_documento=""),
        _pago(outro="", tipo_chave="2", chave=NFE, descricao_documento=""),
        _pago(outro="", tipo_chave="9", chave="X1", descricao_chave="Bilhete eletrônico"),
        _pago(outro="", fiscal="8", municipio=SAO_PAULO, emissao=date(2025, 12, 2), competencia=date(2025, 12, 1)),
        _pago(fornecedor=Pessoa(CNPJ, "Companhia Aérea"), tipo="99", descricao="Outro"),
    ],
)
def test_good_papers_have_no_problem(dps: Dps) -> None:
    assert _achados(dps) == []


CASOS = [
    (com(SIMPLES, deducao_percentual=D(0)), "deducao_percentual", "E0453"),
    (com(SIMPLES, deducao_percentual=D("100.01")), "deducao_percentual", "E0453"),
    (com(SIMPLES, deducao_percentual=D(100), desconto=D(1)), "deducao_percentual", "E0427"),
    (com(MEI, deducao_percentual=D(10)), "deducao_percentual", "E0436"),
    (com(NORMAL, exigibilidade="4", deducao_percentual=D(10)), "deducao_percentual", "E0435"),
    (_deduzido(RECIBO, de=com(NORMAL, regime_tributacao="6")), "deducoes", "E0438"),
    (com(_deduzido(RECIBO), deducao_percentual=D(10)), "deducao_percentual", "um só modo"),
    (com(_deduzido(RECIBO), deducao=D(10)), "itens.0.deducao", "um só modo"),
    (_deduzido(*[dataclasses.replace(RECIBO, deduzido=D(1))] * 1001), "deducoes", "até 1000"),
    (_deduzido(*[dataclasses.replace(RECIBO, deduzido=D(300))] * 6), "deducoes", "E0427"),
    (com(NORMAL, incidencia_ativa=False, aliquota=D(3), deducao_percentual=D(34)), "deducao_percentual", "E0444"),
    (com(NORMAL, incidencia_ativa=False, aliquota=D(3), deducao=D(501)), "itens.0.deducao", "E0447"),
    (_so(), "deducoes.0.documento", "um só modo"),
    (_recibo(chave_nfe=NFE), "deducoes.0.documento", "um só modo"),
    (_so(chave_nfse="1"), "deducoes.0.chave_nfse", "E0455"),
    (_so(chave_nfe=NFE[:-1] + "0"), "deducoes.0.chave_nfe", "E0460"),
    (_so(nfse_municipal=DocumentoOutroMunicipio("", "9", "A B")), "deducoes.0.municipio", "E0466"),
    (_so(nfse_municipal=DocumentoOutroMunicipio("", "9", "A B")), "deducoes.0.verificacao", "1 a 9"),
    (_so(em_papel=DocumentoEmPapel("9", "", "")), "deducoes.0.serie", "1 a 15"),
    (_so(fiscal="9" * 256), "deducoes.0.documento", "255"),
    (_recibo(tipo="10"), "deducoes.0.tipo", ""),
    (_recibo(tipo="99"), "deducoes.0.descricao", "E0468"),
    (_recibo(descricao="Frete"), "deducoes.0.descricao", "E0470"),
    (_recibo(data=date(2026, 11, 21)), "deducoes.0.data", "E0472"),
    (_recibo(deduzido=D(0)), "deducoes.0.deduzido", "maior que zero"),
    (_recibo(deduzido=D("300.01")), "deducoes.0.deduzido", "E0474"),
    (_recibo(dedutivel=D(9000), deduzido=D(1501)), "deducoes.0.deduzido", "E0476"),
    (_recibo(fornecedor=Pessoa(CNPJ, "Loja")), "deducoes.0.fornecedor.endereco", "E0492"),
    (_recibo(fornecedor=Pessoa("11222333000182", "Loja")), "deducoes.0.fornecedor.documento", "E0478"),
    (_recibo(fornecedor=Pessoa("52998224724", "Loja")), "deducoes.0.fornecedor.documento", "E0484"),
    (_reembolsado(PAGO, de=com(NORMAL, ibs_cbs=None)), "detalhes_ibs_cbs.reembolsos", "vão com o IBS"),
    (_reembolsado(PAGO, PAGO, PAGO), "detalhes_ibs_cbs.reembolsos", "E1534"),
    (_reembolsado(PAGO, PAGO, de=com(NORMAL, deducao=D(501))), "itens.0.deducao", "E0427"),
    (_reembolsado(PAGO, de=com(NORMAL, desconto_condicionado=D(1001))), "itens.0.deducao", "E0427"),
    (_reembolsado(PAGO, de=com(NORMAL, beneficio=Beneficio("1" * 14, D(1001)))), "beneficio.valor", "E0427"),
    (_reembolsado(PAGO, PAGO), "detalhes_ibs_cbs.reembolsos.1.documento", "mesmo documento 1"),
    (_deduzido(RECIBO, RECIBO), "deducoes.1.documento", "mesmo documento 1"),
    (com(_pago(), competencia=date(2025, 12, 1)), "detalhes_ibs_cbs.reembolsos", "Apague-os"),
    (_so(chave_nfe=CTE), "deducoes.0.chave_nfe", "E0460"),
    (_pago(outro="", tipo_chave="3", chave=NFE), "detalhes_ibs_cbs.reembolsos.0.documento", "de CT-e"),
    (_pago(outro="", tipo_chave="2", chave=CTE), "detalhes_ibs_cbs.reembolsos.0.documento", "de NF-e"),
    (_pago(valor=D(1501)), "detalhes_ibs_cbs.reembolsos.0.valor", "E0953"),
    (_pago(valor=D(0)), "detalhes_ibs_cbs.reembolsos.0.valor", "maior que zero"),
    (_pago(outro=""), "detalhes_ibs_cbs.reembolsos.0.documento", "um só modo"),
    (_pago(outro="", tipo_chave="1", chave="1"), "detalhes_ibs_cbs.reembolsos.0.documento", "E0940"),
    (_pago(outro="", tipo_chave="3", chave="1"), "detalhes_ibs_cbs.reembolsos.0.documento", "E0940"),
    (_pago(outro="", tipo_chave="9", chave="1"), "detalhes_ibs_cbs.reembolsos.0.descricao_documento", "Diga"),
    (_pago(outro="", fiscal="1", municipio=SAO_PAULO), "detalhes_ibs_cbs.reembolsos.0.forma", "E0942"),
    (_pago(outro="", fiscal="1"), "detalhes_ibs_cbs.reembolsos.0.municipio", "E0943"),
    (_pago(descricao_documento=""), "detalhes_ibs_cbs.reembolsos.0.descricao_documento", "Diga"),
    (_pago(tipo="99"), "detalhes_ibs_cbs.reembolsos.0.descricao", "tipo 99"),
    (_pago(descricao="Outro"), "detalhes_ibs_cbs.reembolsos.0.descricao", "E0952"),
    (_pago(competencia=date(2026, 10, 2)), "detalhes_ibs_cbs.reembolsos.0.competencia", "E0950"),
    (_pago(fornecedor=Pessoa("1", "Loja")), "detalhes_ibs_cbs.reembolsos.0.fornecedor.documento", "E0945"),
    (_pago(fornecedor=Pessoa(CPF, "")), "detalhes_ibs_cbs.reembolsos.0.fornecedor.nome", "150"),
]


@pytest.mark.parametrize(("dps", "campo", "dito"), CASOS, ids=[f"{c}-{k}" for _, c, k in CASOS])
def test_each_problem_of_a_paper_names_its_field_and_code(dps: Dps, campo: str, dito: str) -> None:
    achados = _achados(dps)
    assert any(onde == campo and dito in mensagem for onde, mensagem in achados), achados


def test_what_is_deducted_is_one_amount_whatever_its_form() -> None:
    assert com(SIMPLES, deducao=D(10)).deduzido == D(10)
    assert com(SIMPLES, valor_unitario=D("100.10"), deducao_percentual=D("12.5")).deduzido == D("12.51")
    assert _deduzido(RECIBO, RECIBO).deduzido == D(400)
    assert _reembolsado(PAGO, PAGO).reembolsado == D(1000)
    assert SIMPLES.reembolsado == D(0)


def test_the_last_digit_of_a_chave_of_nfe() -> None:
    assert chave_de_dfe(NFE)
    assert not any(chave_de_dfe(NFE[:-1] + digito) for digito in "012345678")
