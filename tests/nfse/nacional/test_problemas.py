import dataclasses
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from nfse.providers.interface import IbsCbs, Obra, Pessoa, Retencoes
from nfse.providers.nacional import presencas, problemas_ibscbs
from nfse.providers.nacional.dps import dia_do_servico
from nfse.providers.nacional.presencas import Presenca
from nfse.providers.nacional.problemas import problemas
from nfse.providers.nacional.valores import (
    Beneficio,
    DetalhesIbsCbs,
    Dps,
    Evento,
    Imovel,
    PisCofins,
    Substituicao,
    Suspensao,
    TotalTributos,
)
from tests.nfse.nacional import declaracoes as casos
from tests.nfse.nacional.apoio import CNPJ, CPF, chave_de
from tests.nfse.nacional.declaracoes import MEI, NORMAL, SIMPLES, com

AGORA = datetime(2026, 11, 20, 14, 31, tzinfo=casos.BRASILIA)


def _problemas(dps: Dps, **mais: Any) -> list[tuple[str, str]]:
    return [(problema.campo, problema.mensagem) for problema in problemas(dps, agora=AGORA, **mais)]


_SEM_TOMADOR = com(SIMPLES, tomador=Pessoa("", ""))


@pytest.mark.parametrize("dps", [SIMPLES, NORMAL, MEI, _SEM_TOMADOR], ids=["simples", "normal", "mei", "sem-tomador"])
def test_a_good_declaration_has_no_problem(dps: Dps) -> None:
    assert _problemas(dps) == []
    assert _problemas(dps, grupo_exigido="") == []


def _emitente(dps: Dps, **mudancas: Any) -> Dps:
    return com(dps, emitente=dataclasses.replace(dps.emitente, **mudancas))


def _tomador(**mudancas: Any) -> Dps:
    return com(SIMPLES, tomador=dataclasses.replace(casos.TOMADOR, **mudancas))


def _rua(**mudancas: Any) -> Dps:
    return _tomador(endereco=dataclasses.replace(casos.ENDERECO, **mudancas))


def _regular(situacao: str, classificacao: str) -> Dps:
    mais = DetalhesIbsCbs(situacao_regular=situacao, classificacao_regular=classificacao)
    return com(NORMAL, detalhes_ibs_cbs=mais)


def _para(destinatario: Pessoa, tipo: str = "1") -> Dps:
    codigos = dataclasses.replace(casos.IBSCBS, tipo_destinatario=tipo)
    return com(NORMAL, ibs_cbs=codigos, detalhes_ibs_cbs=DetalhesIbsCbs(destinatario=destinatario))


def _em(imovel: Imovel, operacao: str = "020101") -> Dps:
    codigos = dataclasses.replace(casos.IBSCBS, codigo_fornecimento=operacao)
    return com(NORMAL, ibs_cbs=codigos, detalhes_ibs_cbs=DetalhesIbsCbs(imovel=imovel))


_PAR = D("2.00")
_BM = f"{casos.EMISSAO.municipio_incidencia}0100001"
CASOS = [
    # number, série, dates
    (com(SIMPLES, numero=None), "numero", "E0004"),
    (com(SIMPLES, serie="50000"), "serie", "E0010"),
    (com(SIMPLES, serie="A"), "serie", "E0010"),
    (com(SIMPLES, numero=0), "numero", "E0004"),
    (com(SIMPLES, data_servico=date(2026, 11, 21)), "data_servico", "E0015"),
    (com(SIMPLES, data_servico=date(2026, 10, 31)), "competencia", ""),
    (com(SIMPLES, competencia=date(2026, 12, 1)), "competencia", "12/2026"),
    (com(SIMPLES, itens=()), "itens", ""),
    # people
    (_emitente(SIMPLES, documento="11222333000182"), "emitente.documento", "E0080"),
    (_emitente(SIMPLES, documento="52998224724"), "emitente.documento", "E0096"),
    (_emitente(SIMPLES, documento="11.222.333/0001-81"), "emitente.documento", ""),
    (_emitente(SIMPLES, telefone="123"), "emitente.telefone", "E0148"),
    (_emitente(SIMPLES, email="a" * 81), "emitente.email", "E0148"),
    (_tomador(documento="12ABC34501DE36"), "tomador.documento", "E0188"),
    (_tomador(documento="52998224724"), "tomador.documento", "E0206"),
    (_tomador(documento=CNPJ), "tomador.documento", "E0202"),
    (_tomador(documento="11.222.333/0001-81"), "tomador.documento", "E0202"),
    (_tomador(nome=" "), "tomador.nome", ""),
    (_tomador(nome="x" * 301), "tomador.nome", ""),
    (_tomador(endereco=None), "tomador.endereco", "E0235"),
    (_tomador(documento="", nif="", sem_nif="0"), "tomador.nif", "E0226"),
    (com(_tomador(documento=CPF, endereco=None), iss_retido=True), "tomador.endereco", "E0237"),
    (com(SIMPLES, tomador=Pessoa("", ""), iss_retido=True), "tomador.documento", "E0204"),
    (com(SIMPLES, tomador=Pessoa("", "Ana")), "tomador.documento", ""),
    (com(SIMPLES, iss_retido=True, responsavel_retencao="3"), "intermediario", "E0204"),
    (com(SIMPLES, intermediario=Pessoa(CNPJ, "Eu")), "intermediario.documento", "E0202"),
    (_rua(cep="1"), "tomador.endereco.cep", "E0240"),
    (_rua(municipio=""), "tomador.endereco.municipio", ""),
    (_rua(logradouro="日本"), "tomador.endereco.logradouro", ""),
    (_rua(bairro="x" * 61), "tomador.endereco.bairro", ""),
    (_rua(pais="USA", municipio=""), "tomador.endereco.pais", ""),
    (_rua(pais="US", cidade=""), "tomador.endereco.cidade", ""),
    # service
    (com(SIMPLES, codigo="17.01"), "itens.0.codigo", "E0310"),
    (com(SIMPLES, itens=(casos.ITEM, dataclasses.replace(casos.ITEM, codigo="170201"))), "itens", ""),
    (com(SIMPLES, descricao="\n "), "itens.0.descricao", ""),
    (com(SIMPLES, descricao="x" * 1001), "itens.0.descricao", ""),
    (com(SIMPLES, municipio_prestacao=""), "municipio_prestacao", "E0302"),
    (com(SIMPLES, pais_prestacao="US"), "comercio_exterior", "E0330"),
    (com(SIMPLES, nbs="123"), "itens.0.nbs", "E0316"),
    (com(SIMPLES, comercio_exterior=casos.COMPLETA.comercio_exterior), "itens.0.nbs", "E0318"),
    (com(SIMPLES, evento=Evento("F", date(2026, 2, 1), date(2026, 1, 1), "1")), "evento.fim", ""),
    (com(SIMPLES, evento=Evento("F", date(2026, 1, 1), date(2026, 1, 1))), "evento.endereco", ""),
    # amounts
    (com(SIMPLES, valor_unitario=D(0)), "itens.0.valor_unitario", ""),
    (com(SIMPLES, desconto=D(-1)), "itens.0.desconto", ""),
    (com(SIMPLES, desconto=D(1500)), "itens.0.desconto", "E0431"),
    (com(SIMPLES, desconto_condicionado=D(1500)), "desconto_condicionado", "E0432"),
    (com(SIMPLES, desconto=D(800), deducao=D(701)), "itens.0.deducao", "E0427"),
    (com(NORMAL, deducao=D(1400), retencoes=Retencoes(ir=D(101))), "itens.0.retencoes", "E0428"),
    (com(SIMPLES, deducao=D(1), deducao_percentual=D(1)), "itens.0.deducao", ""),
    (com(SIMPLES, desconto=D("0.001")), "itens", ""),
    # substitution
    (com(SIMPLES, substituicao=Substituicao("1", "01")), "substituicao.chave", "E0042"),
    (com(SIMPLES, substituicao=Substituicao(chave_de(gerador="1"), "01")), "substituicao.chave", "E0065"),
    (com(SIMPLES, substituicao=Substituicao(chave_de(), "99", "curto")), "substituicao.motivo", "E0078"),
    (com(SIMPLES, substituicao=Substituicao(chave_de(), "99", "日" * 20)), "substituicao.motivo", "E0078"),
    (com(SIMPLES, substituicao=Substituicao(chave_de(), "01"), tomador=Pessoa("", "")), "tomador", "E0056"),
    # Simples and special regimes
    (com(SIMPLES, regime_apuracao=""), "regime_apuracao", "E0166"),
    (com(MEI, regime_tributacao="6"), "regime_tributacao", "E0174"),
    (com(SIMPLES, regime_tributacao="6"), "regime_tributacao", "E0175"),
    (com(NORMAL, regime_tributacao="6", exigibilidade="4"), "regime_tributacao", "E0172"),
    # ISS
    (com(MEI, iss_retido=True), "iss_retido", "E0583"),
    (com(NORMAL, iss_retido=True, exigibilidade="4"), "iss_retido", "E0580"),
    (com(NORMAL, iss_retido=True, regime_tributacao="6"), "iss_retido", "E0588"),
    (com(NORMAL, iss_retido=True, suspensao=Suspensao("1", "1" * 30)), "iss_retido", "E0589"),
    (com(NORMAL, exigibilidade="4", suspensao=Suspensao("1", "1" * 30)), "suspensao", "E0585"),
    (com(NORMAL, exigibilidade="2", imunidade="1", deducao=D(1)), "itens.0.deducao", ""),
    (com(NORMAL, codigo="990401"), "exigibilidade", "E0529"),
    (com(NORMAL, suspensao=Suspensao("1", "1" * 29)), "suspensao.processo", ""),
    (com(NORMAL, beneficio=Beneficio("1")), "beneficio.numero", ""),
    (com(NORMAL, beneficio=Beneficio("1" * 14)), "beneficio.numero", "E0533"),
    (com(NORMAL, beneficio=Beneficio(_BM), exigibilidade="4"), "beneficio.numero", "não é tributável"),
    (com(NORMAL, beneficio=Beneficio(_BM, D(1), D(1))), "beneficio.percentual", ""),
    (com(NORMAL, beneficio=Beneficio(_BM, D(0))), "beneficio.valor", ""),
    (com(NORMAL, beneficio=Beneficio(_BM, percentual=D(101))), "beneficio.percentual", ""),
    (com(NORMAL, beneficio=Beneficio(_BM, D("1.001"))), "itens", ""),
    (com(NORMAL, beneficio=Beneficio(_BM, D(1000)), desconto_condicionado=D(501)), "beneficio.valor", "E0427"),
    (com(NORMAL, beneficio=Beneficio(_BM, D(1400)), retencoes=Retencoes(ir=D(101))), "itens.0.retencoes", "E0428"),
    (com(MEI, deducao=D(1)), "itens.0.deducao", "E0436"),
    (com(NORMAL, exigibilidade="9"), "exigibilidade", ""),
    (com(NORMAL, exigibilidade="2"), "imunidade", "E0592"),
    (com(NORMAL, imunidade="1"), "imunidade", "E0592"),
    (com(NORMAL, exigibilidade="2", imunidade="0"), "imunidade", "E0593"),
    (com(NORMAL, exigibilidade="3"), "pais_resultado", "E0590"),
    (com(NORMAL, pais_resultado="US"), "pais_resultado", "E0591"),
    (com(NORMAL, exigibilidade="3", pais_resultado="US"), "comercio_exterior", "E0330"),
    (com(NORMAL, incidencia_ativa=False, aliquota=None), "itens.0.aliquota", "E0619"),
    (com(SIMPLES, iss_retido=True, aliquota=None), "itens.0.aliquota", "E0621"),
    (com(SIMPLES, regime_apuracao="2", incidencia_ativa=False, aliquota=None), "itens.0.aliquota", "E0640"),
    (com(NORMAL, incidencia_ativa=False, aliquota=D("5.01")), "itens.0.aliquota", "E0595"),
    (com(NORMAL, incidencia_ativa=False, aliquota=D("1.99")), "itens.0.aliquota", ""),
    (
        com(SIMPLES, iss_retido=True, itens=(casos.ITEM, dataclasses.replace(casos.ITEM, aliquota=D(3)))),
        "itens",
        "",
    ),
    # federal taxes
    (com(MEI, retencoes=Retencoes(ir=D(1))), "itens.0.retencoes", "E0676"),
    (com(NORMAL, retencoes=Retencoes(ir=D(1500))), "itens.0.retencoes.ir", "E0700"),
    (com(NORMAL, retencoes=Retencoes(inss=D(1500))), "itens.0.retencoes.inss", "E0699"),
    (com(NORMAL, retencoes=Retencoes(pis=D(-1)), pis_cofins=casos.PIS_COFINS), "itens.0.retencoes.csll", "E0701"),
    (com(NORMAL, retencoes=Retencoes(csll=D(15))), "pis_cofins.situacao_tributaria", "E0701"),
    (com(NORMAL, retencoes=Retencoes(outras=(("Taxa", D(1)),))), "itens.0.retencoes.outras", ""),
    (com(NORMAL, pis_cofins=PisCofins("44")), "pis_cofins.situacao_tributaria", ""),
    (com(NORMAL, pis_cofins=PisCofins("01")), "pis_cofins.base", "E0678"),
    (com(NORMAL, pis_cofins=PisCofins("01", D(1501))), "pis_cofins.base", "E0682"),
    (com(NORMAL, pis_cofins=PisCofins("04", D(1500), _PAR)), "pis_cofins.aliquota_pis", "E0688"),
    (com(NORMAL, pis_cofins=PisCofins("01", D(1500), _PAR, None, D("30.02"))), "pis_cofins.pis", "E0694"),
    (com(NORMAL, pis_cofins=PisCofins("01", D(1500), None, _PAR, None, D(31))), "pis_cofins.cofins", "E0696"),
    # approximate taxes
    (com(NORMAL, total_tributos=TotalTributos()), "total_tributos", ""),
    (com(NORMAL, total_tributos=TotalTributos(simples=_PAR, nao_informar=True)), "total_tributos", ""),
    (com(NORMAL, total_tributos=TotalTributos(simples=_PAR)), "total_tributos", "E0713"),
    (com(NORMAL, total_tributos=TotalTributos(nao_informar=True)), "total_tributos", "E0713"),
    (com(MEI, total_tributos=TotalTributos(simples=_PAR)), "total_tributos", "E0710"),
    (com(SIMPLES, total_tributos=TotalTributos(nao_informar=True)), "total_tributos", "E0712"),
    # IBS and CBS
    (com(NORMAL, nbs=""), "itens.0.nbs", "E0322"),
    (com(NORMAL, ibs_cbs=IbsCbs("0", "100301", "0", "200", "000001")), "ibs_cbs.classificacao_tributaria", "E0959"),
    (com(NORMAL, ibs_cbs=IbsCbs("0", "", "0", "000", "000001")), "ibs_cbs.codigo_fornecimento", ""),
    (com(NORMAL, ibs_cbs=IbsCbs("0", "100301", "1", "000", "000001")), "detalhes_ibs_cbs.destinatario", ""),
    (com(NORMAL, ibs_cbs=IbsCbs("0", "020101", "0", "000", "000001")), "detalhes_ibs_cbs.imovel", ""),
    (com(NORMAL, detalhes_ibs_cbs=DetalhesIbsCbs("2")), "detalhes_ibs_cbs.referidas", ""),
    (com(NORMAL, detalhes_ibs_cbs=DetalhesIbsCbs("2", ("1",))), "detalhes_ibs_cbs.referidas", ""),
    (com(NORMAL, detalhes_ibs_cbs=DetalhesIbsCbs("6")), "detalhes_ibs_cbs.tipo_operacao", ""),
    (com(NORMAL, detalhes_ibs_cbs=DetalhesIbsCbs(ente_governamental="5")), "detalhes_ibs_cbs.ente_governamental", ""),
    (com(NORMAL, detalhes_ibs_cbs=DetalhesIbsCbs(credito_presumido="1")), "detalhes_ibs_cbs.credito_presumido", ""),
    (
        com(NORMAL, detalhes_ibs_cbs=DetalhesIbsCbs(situacao_regular="000")),
        "detalhes_ibs_cbs.classificacao_regular",
        "",
    ),
    (_regular("000", "200001"), "detalhes_ibs_cbs.classificacao_regular", ""),
    (_regular("", "000001"), "detalhes_ibs_cbs.situacao_regular", ""),
    (
        com(NORMAL, detalhes_ibs_cbs=DetalhesIbsCbs(diferimento=(D(101), D(0), D(0)))),
        "detalhes_ibs_cbs.diferimento",
        "",
    ),
    (_para(casos.TOMADOR, tipo="0"), "detalhes_ibs_cbs.destinatario", "apague"),
    (_para(dataclasses.replace(casos.TOMADOR, documento=CNPJ)), "detalhes_ibs_cbs.destinatario", "próprio tomador"),
    (_para(Pessoa("1", "Ana")), "detalhes_ibs_cbs.destinatario.documento", ""),
    (_para(Pessoa(CPF, "x" * 151)), "detalhes_ibs_cbs.destinatario.nome", ""),
    (_em(Imovel(cib="12345678"), "100301"), "detalhes_ibs_cbs.imovel", "não é com imóvel"),
    (_em(Imovel("1")), "detalhes_ibs_cbs.imovel", "Informe um"),
    (_em(Imovel("1" * 31, "12345678")), "detalhes_ibs_cbs.imovel.inscricao_imobiliaria", ""),
    (_em(Imovel(cib="1")), "detalhes_ibs_cbs.imovel.cib", ""),
    (_em(Imovel("", "12345678", casos.ENDERECO)), "detalhes_ibs_cbs.imovel", "não pelos dois"),
    (
        _em(Imovel(endereco=dataclasses.replace(casos.ENDERECO, cep=""))),
        "detalhes_ibs_cbs.imovel.endereco.cep",
        "",
    ),
]


@pytest.mark.parametrize(("dps", "campo", "codigo"), CASOS, ids=[f"{c}-{k}" for _, c, k in CASOS])
def test_each_problem_names_its_field_and_code(dps: Dps, campo: str, codigo: str) -> None:
    achados = _problemas(dps)
    assert any(onde == campo and codigo in mensagem for onde, mensagem in achados), achados


def test_what_is_in_the_future_is_told() -> None:
    (problema,) = problemas(SIMPLES, agora=AGORA - timedelta(minutes=5))
    assert problema.campo == "emissao"
    assert "E0008" in problema.mensagem


@pytest.mark.parametrize(
    ("dps", "exigido", "codigo"),
    [
        (SIMPLES, "obra", "E0370"),
        (com(SIMPLES, obra=Obra(art="1")), "obra", "E0370"),
        (com(SIMPLES, obra=Obra("1")), "", "E0372"),
        (SIMPLES, "atvEvento", "E0390"),
        (com(SIMPLES, evento=casos.COMPLETA.evento), "obra", "E0392"),
    ],
)
def test_groups_that_the_service_asks_for(dps: Dps, exigido: str, codigo: str) -> None:
    assert any(codigo in mensagem for _, mensagem in _problemas(dps, grupo_exigido=exigido))
    assert not any(codigo in mensagem for _, mensagem in _problemas(dps))


@pytest.mark.parametrize(
    ("dia", "codigo", "presenca"),
    [
        (date(2025, 12, 31), "170101", Presenca.PROIBIDA),
        (date(2026, 9, 30), "170101", Presenca.OPCIONAL),
        (date(2026, 10, 1), "170101", Presenca.DEVIDA),
        (date(2026, 10, 1), "010501", Presenca.OPCIONAL),
        (date(2026, 12, 1), "010501", Presenca.DEVIDA),
        (date(2027, 1, 1), "170101", Presenca.OBRIGATORIA),
    ],
)
def test_ibscbs_by_date(dia: date, codigo: str, presenca: Presenca) -> None:
    dps = com(NORMAL, codigo=codigo)
    assert presencas.linha("IBSCBS", presencas.tracos(dps), dia).presenca is presenca
    simples = presencas.linha("IBSCBS", presencas.tracos(SIMPLES), dia).presenca
    assert simples is (Presenca.PROIBIDA if dia.year == 2025 else Presenca.OPCIONAL)


def test_who_owes_ibscbs_and_does_not_say_it_is_warned_and_not_stopped() -> None:
    dps = com(NORMAL, ibs_cbs=None)
    tracos, quando = presencas.tracos(dps), dia_do_servico(dps)
    assert problemas_ibscbs.deve_e_nao_diz(dps, tracos, quando)
    assert not problemas_ibscbs.deve_e_nao_diz(NORMAL, tracos, quando)
    assert _problemas(dps) == []
    (problema,) = problemas_ibscbs.ibscbs(dps, tracos, date(2027, 1, 1))
    assert problema.campo == "ibs_cbs"


def test_a_person_declared_no_federal_taxes_until_march_2026() -> None:
    pessoa = _emitente(NORMAL, documento=CPF)
    antes = presencas.linha("tribFed", presencas.tracos(pessoa), date(2026, 3, 12))
    depois = presencas.linha("tribFed", presencas.tracos(pessoa), date(2026, 3, 13))
    assert (antes.codigo, depois.presenca) == ("E0675", Presenca.OPCIONAL)


@pytest.mark.parametrize(("codigo", "aliquota", "piso"), [
    ("010701", "1.99", True), ("070201", "1.99", False), ("070500", "0.50", False), ("160101", "0.01", False),
])  # fmt: skip
def test_the_least_rate_is_not_asked_of_the_services_that_the_law_leaves_out(
    codigo: str, aliquota: str, piso: bool
) -> None:
    item = dataclasses.replace(casos.ITEM, codigo=codigo, aliquota=D(aliquota))
    mensagens = [m for campo, m in _problemas(com(NORMAL, incidencia_ativa=False, itens=(item,)))]
    assert any("menor que 2%, o mínimo" in mensagem for mensagem in mensagens) is piso


def test_at_the_own_emitter_of_a_municipio_a_note_of_its_own_is_replaced() -> None:
    troca = Substituicao(chave_de(gerador="1"), "01", no_emissor_proprio=True)
    assert _problemas(com(SIMPLES, substituicao=troca)) == []


@pytest.fixture
def tabela() -> Iterator[str]:
    nossa = presencas.NOSSA.read_text("utf-8")
    yield nossa
    presencas.usar(nossa)


def test_a_date_that_moves_is_a_line_of_the_office_s_own_table(tabela: str) -> None:
    regime, dia = frozenset({"nao_optante"}), date(2026, 11, 20)
    assert presencas.linha("IBSCBS", regime, dia).presenca is Presenca.DEVIDA
    presencas.usar(tabela.replace("2026-09-30", "2026-12-15"))
    assert presencas.linha("IBSCBS", regime, dia).presenca is Presenca.OPCIONAL
    assert presencas.linha("IBSCBS", regime, date(2026, 12, 16)).presenca is Presenca.DEVIDA


@pytest.mark.parametrize(("de", "para", "dito"), [
    ("campo;tracos", "campo,tracos", "As colunas são"),
    ("2026-09-30", "30/09/2026", "Linha 36"),
    ("pAliqMin;me_epp", "pAliqMim;me_epp", "“pAliqMim” não existe"),
    ("pAliqMin", "pAliq", "Nada é dito de pAliqMin"),
    ("1.80", "um e oitenta", "Linha 42"),
])  # fmt: skip
def test_a_table_that_cannot_be_used_says_where_and_changes_nothing(tabela: str, de: str, para: str, dito: str) -> None:
    antes = presencas.linha("pAliqMin", frozenset({"me_epp"}), date(2026, 1, 1))
    with pytest.raises(presencas.TabelaInvalida, match=dito):
        presencas.usar(tabela.replace(de, para))
    assert presencas.linha("pAliqMin", frozenset({"me_epp"}), date(2026, 1, 1)) == antes
