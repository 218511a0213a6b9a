"""Invented declarations, from the plainest to one with every group of the layout."""

import dataclasses
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from nfse.providers.interface import Emissao, Endereco, IbsCbs, Item, Obra, Pessoa, Retencoes
from nfse.providers.nacional.valores import (
    Beneficio,
    ComercioExterior,
    DetalhesIbsCbs,
    DocumentoDeDeducao,
    DocumentoEmPapel,
    DocumentoOutroMunicipio,
    Dps,
    Emitente,
    Evento,
    Imovel,
    Informacoes,
    PisCofins,
    Reembolso,
    Simples,
    Substituicao,
    Suspensao,
    TotalTributos,
)
from tests.nfse.nacional.apoio import CNPJ, CNPJ_COM_LETRAS, CPF, SAO_PAULO, chave_de

BRASILIA = ZoneInfo("America/Sao_Paulo")
D = Decimal
DIA = date(2026, 10, 1)
ENDERECO = Endereco("Rua das Flores – fundos", "100", "Centro", "01310-100", SAO_PAULO, "SP", "Sala “2”")
NO_EXTERIOR = Endereco("Main Street", "7", "Downtown", "10001", "", "NY", cidade="New York", pais="US")
TOMADOR = Pessoa(
    CNPJ_COM_LETRAS, "Padaria Três Irmãos & Cia", "contato@padaria.exemplo", "(11) 4000-0000", "", "", ENDERECO
)
ESTRANGEIRO = Pessoa("", "Acme Inc.", endereco=NO_EXTERIOR, sem_nif="1")
ITEM = Item("Consultoria em outubro", D(1), D("1500.00"), lc116="17.01", codigo="170101", aliquota=D("2.00"))
EMISSAO = Emissao(
    tomador=TOMADOR,
    itens=(ITEM,),
    competencia=date(2026, 11, 1),
    emissao=datetime(2026, 11, 20, 14, 30, 15, 999, tzinfo=BRASILIA),
    municipio_prestacao=SAO_PAULO,
    municipio_incidencia=SAO_PAULO,
    iss_retido=False,
    marca="g-1",
    serie="1",
    numero=19,
    regime_apuracao="1",
)
SIMPLES = Dps(
    producao=False,
    emitente=Emitente(CNPJ, SAO_PAULO, Simples.ME_EPP),
    emissao=EMISSAO,
    total_tributos=TotalTributos(simples=D("6.00")),
    incidencia_ativa=True,
)
IBSCBS = IbsCbs("0", "100301", "0", "000", "000001")
NORMAL = dataclasses.replace(
    SIMPLES,
    emitente=Emitente(
        CNPJ_COM_LETRAS, SAO_PAULO, Simples.NAO_OPTANTE, "12345", telefone="1140000000", email="a@b.exemplo"
    ),
    emissao=dataclasses.replace(
        EMISSAO,
        tomador=dataclasses.replace(TOMADOR, documento=CNPJ),
        itens=(dataclasses.replace(ITEM, nbs="1.1406.11.00"),),
        regime_apuracao="",
        ibs_cbs=IBSCBS,
    ),
    total_tributos=TotalTributos(percentuais=(D("13.45"), D(0), D("2.00"))),
)
MEI = dataclasses.replace(
    SIMPLES,
    emitente=Emitente(CNPJ, SAO_PAULO, Simples.MEI),
    emissao=dataclasses.replace(EMISSAO, regime_apuracao=""),
    total_tributos=TotalTributos(nao_informar=True),
)


def com(dps: Dps, **mudancas: Any) -> Dps:
    """`dps` with fields of its own, of its Emissao or of its first item changed, whichever has them."""
    proprias = {campo.name for campo in dataclasses.fields(Dps)}
    da_emissao = {campo.name for campo in dataclasses.fields(Emissao)}
    minhas = {nome: valor for nome, valor in mudancas.items() if nome in proprias}
    emissao = {nome: valor for nome, valor in mudancas.items() if nome in da_emissao and nome not in proprias}
    item = {nome: valor for nome, valor in mudancas.items() if nome not in proprias | da_emissao}
    if item:
        emissao["itens"] = (dataclasses.replace(dps.emissao.itens[0], **item),)
    if emissao:
        minhas["emissao"] = dataclasses.replace(dps.emissao, **emissao)
    return dataclasses.replace(dps, **minhas)


NFSE_MUNICIPAL = DocumentoOutroMunicipio(SAO_PAULO, "1" * 15, "AB1")
PIS_COFINS = PisCofins("01", D("1500.00"), D("0.65"), D("3.00"), D("9.75"), D("45.00"))
COMPLETA = com(
    NORMAL,
    retencoes=Retencoes(pis=D("9.75"), cofins=D("45.00"), csll=D("15.00"), ir=D("22.50"), inss=D("165.00")),
    desconto=D("10.00"),
    desconto_condicionado=D("5.00"),
    iss_retido=True,
    pis_cofins=PIS_COFINS,
    observacao="Contrato 7\nparcela 2",
    obra=Obra("123456789012", "ART-9"),
    evento=Evento("Feira – edição 2026", date(2026, 11, 1), date(2026, 11, 3), endereco=ENDERECO),
    comercio_exterior=ComercioExterior("1", "0", "220", D("300.00"), exportacao="RE1", importacao="DI1"),
    informacoes=Informacoes("DRT 1", "Pedido 5", "PO-1", ("1", "2")),
    substituicao=Substituicao(chave_de(CNPJ), "99", "Valor digitado errado no original"),
    intermediario=Pessoa(CPF, "Maria Intermediária", endereco=ENDERECO),
    codigo_interno="SERV1",
    suspensao=Suspensao("1", "1" * 30),
    beneficio=Beneficio("1" * 14, percentual=D("10.00")),
    deducoes=(
        DocumentoDeDeducao("1", DIA, D(9), D("8.00"), chave_nfse=chave_de(CNPJ)),
        DocumentoDeDeducao("2", DIA, D(9), D(8), chave_nfe="3" * 44, fornecedor=TOMADOR),
        DocumentoDeDeducao("3", DIA, D(9), D(8), nfse_municipal=NFSE_MUNICIPAL),
        DocumentoDeDeducao("4", DIA, D(9), D(8), em_papel=DocumentoEmPapel("1234567", "1" * 15, "A")),
        DocumentoDeDeducao("5", DIA, D(9), D(8), fiscal="NF 9"),
        DocumentoDeDeducao("99", DIA, D(9), D(8), outro="Recibo", descricao="Material"),
    ),
    detalhes_ibs_cbs=DetalhesIbsCbs(
        "2", (chave_de(CNPJ),), "1", ESTRANGEIRO, Imovel("55", endereco=ENDERECO),
        (
            Reembolso("01", DIA, DIA, D(50), tipo_chave="1", chave=chave_de(CNPJ), fornecedor=TOMADOR),
            Reembolso("99", DIA, DIA, D(50), "Outro", municipio=SAO_PAULO, fiscal="1", descricao_documento="N"),
            Reembolso("02", DIA, DIA, D(50), outro="1", descricao_documento="Recibo"),
        ),
        "01", "200", "200001", (D("10.00"), D(0), D("100.00")),
    ),
)  # fmt: skip
