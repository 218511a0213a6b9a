import dataclasses
import itertools
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from nfse.providers.interface import Obra, Pessoa
from nfse.providers.nacional import assinatura, dps, esquemas
from nfse.providers.nacional.esquemas import Esquema
from nfse.providers.nacional.identificadores import IdentificadorInvalido
from nfse.providers.nacional.valores import Beneficio, Dps, Imovel, Simples, TotalTributos
from tests.assinaturas import verificar
from tests.nfse.nacional import declaracoes as casos
from tests.nfse.nacional.apoio import CNPJ_COM_LETRAS, a1
from tests.nfse.nacional.declaracoes import COMPLETA, MEI, NORMAL, SIMPLES, com


def _raiz(declaracao: Dps) -> etree._Element:
    montado = dps.montar(declaracao)
    raiz = etree.fromstring(montado.documento())
    assert esquemas.validar(raiz, Esquema.DPS) == []
    sozinho = etree.fromstring(etree.tostring(raiz[0]))
    assert etree.tostring(sozinho, method="c14n") == montado.canonico
    assert not [no.tag for no in raiz.iter() if len(no) == 0 and not (no.text or "").strip()]
    return raiz


def _textos(raiz: etree._Element, nome: str) -> list[str]:
    return [no.text or "" for no in raiz.iter("{*}" + nome)]


@pytest.mark.parametrize("declaracao", [SIMPLES, NORMAL, MEI, COMPLETA], ids=["simples", "normal", "mei", "completa"])
def test_what_is_built_is_valid_and_its_signature_holds(declaracao: Dps) -> None:
    raiz = _raiz(declaracao)
    xml = assinatura.abrir(a1()).assinar(dps.montar(declaracao))
    verificar(xml)
    assert esquemas.validar(etree.fromstring(xml), Esquema.DPS) == []
    assert raiz[0].get("Id") == f"DPS35503082{declaracao.emitente.documento}00001{19:015d}"


def test_every_group_of_the_complete_one_is_there() -> None:
    raiz = _raiz(COMPLETA)
    nomes = (
        "subst interm comExt obra atvEvento infoCompl gItemPed vDescCondIncond documentos NFSeMun NFNFS exigSusp BM "
        "piscofins vRetCP vRetIRRF pTotTrib gRefNFSe dest imovel gReeRepRes dFeNacional docFiscalOutro docOutro "
        "gTribRegular gDif endExt"
    )
    for nome in nomes.split():
        assert list(raiz.iter("{*}" + nome)), nome


def test_form_of_dates_money_and_texts() -> None:
    raiz = _raiz(COMPLETA)
    assert _textos(raiz, "dhEmi") == ["2026-11-20T14:30:15-03:00"]
    assert _textos(raiz, "vServ") == ["1500.00"]
    assert "Rua das Flores - fundos" in _textos(raiz, "xLgr")
    assert 'Sala "2"' in _textos(raiz, "xCpl")
    assert _textos(raiz, "xInfComp") == ["Contrato 7 parcela 2"]
    assert _textos(raiz, "cNBS") == ["114061100"]
    assert _textos(raiz, "vRetCSLL") == ["69.75"]  # the three together, since NT 007
    assert _textos(raiz, "tpRetPisCofins") == ["3"]
    assert raiz.findtext(".//{*}toma/{*}xNome") == "Padaria Três Irmãos & Cia"


def test_an_instant_of_utc_is_written_with_the_offset_of_brasilia() -> None:
    raiz = _raiz(
        com(SIMPLES, emissao=dataclasses.replace(SIMPLES.emissao, emissao=datetime(2026, 11, 21, 1, tzinfo=UTC)))
    )
    assert _textos(raiz, "dhEmi") == ["2026-11-20T22:00:00-03:00"]
    assert _textos(raiz, "dCompet") == ["2026-11-20"]


def test_an_earlier_competencia_is_dated_on_its_last_day() -> None:
    assert _textos(_raiz(com(SIMPLES, competencia=date(2026, 2, 1))), "dCompet") == ["2026-02-28"]
    assert _textos(_raiz(com(SIMPLES, data_servico=date(2026, 10, 9))), "dCompet") == ["2026-10-09"]


@pytest.mark.parametrize(
    ("declaracao", "vai"),
    [
        (MEI, False),
        (com(SIMPLES, exigibilidade="4"), False),
        (com(SIMPLES, regime_tributacao="6"), False),
        (com(NORMAL, incidencia_ativa=True), False),
        (com(NORMAL, incidencia_ativa=False), True),
        (com(SIMPLES, iss_retido=True), True),
        (SIMPLES, False),
        (com(SIMPLES, regime_apuracao="2"), False),
        (com(SIMPLES, regime_apuracao="3", incidencia_ativa=False), True),
    ],
)
def test_the_rate_goes_where_the_matrix_says(declaracao: Dps, vai: bool) -> None:
    assert bool(_textos(_raiz(declaracao), "pAliq")) is vai


def test_regime_of_the_simples_goes_only_for_me_epp() -> None:
    assert _textos(_raiz(SIMPLES), "regApTribSN") == ["1"]
    assert _textos(_raiz(com(NORMAL, regime_apuracao="1")), "regApTribSN") == []


def test_ibscbs_is_withheld_before_2026() -> None:
    antes = com(NORMAL, competencia=date(2025, 12, 1))
    assert _textos(_raiz(antes), "cClassTrib") == []
    assert _textos(_raiz(com(NORMAL, competencia=date(2026, 1, 1))), "cClassTrib") == ["000001"]


@pytest.mark.parametrize(
    ("total", "nome"),
    [
        (TotalTributos(valores=(D("1.00"), D(0), D("0.5"))), "vTotTribMun"),
        (TotalTributos(percentuais=(D(13), D(0), D("2.01"))), "pTotTribFed"),
        (TotalTributos(simples=D("6.00")), "pTotTribSN"),
        (TotalTributos(nao_informar=True), "indTotTrib"),
    ],
)
def test_approximate_taxes_in_every_form(total: TotalTributos, nome: str) -> None:
    assert len(_textos(_raiz(com(SIMPLES, total_tributos=total)), nome)) == 1


@pytest.mark.parametrize(
    ("tomador", "elementos"),
    [
        (Pessoa("529.982.247-25", "Ana"), ["CPF", "xNome"]),
        (casos.ESTRANGEIRO, ["cNaoNIF", "xNome", "end"]),
        (dataclasses.replace(casos.ESTRANGEIRO, nif="US-1"), ["NIF", "xNome", "end"]),
        (Pessoa("", ""), []),
    ],
)
def test_tomador_at_home_abroad_or_unknown(tomador: Pessoa, elementos: list[str]) -> None:
    achados = list(_raiz(com(SIMPLES, tomador=tomador)).iter("{*}toma"))
    assert [etree.QName(no).localname for toma in achados for no in toma] == elementos


@pytest.mark.parametrize(
    "obra", [Obra(cib="12345678"), Obra(endereco=casos.ENDERECO), Obra(endereco=casos.NO_EXTERIOR)]
)
def test_construction_by_code_or_address(obra: Obra) -> None:
    assert list(_raiz(com(SIMPLES, obra=obra)).iter("{*}obra"))


def test_benefit_by_amount_and_imovel_by_cib() -> None:
    raiz = _raiz(com(COMPLETA, beneficio=Beneficio("1" * 14, valor=D("2.50")), deducoes=(), deducao=D("3.00")))
    assert _textos(raiz, "vRedBCBM") == ["2.50"]
    assert _textos(raiz, "vDR") == ["3.00"]
    detalhes = dataclasses.replace(COMPLETA.detalhes_ibs_cbs, imovel=Imovel(cib="12345678"))  # type: ignore[type-var]
    assert _textos(_raiz(com(COMPLETA, detalhes_ibs_cbs=detalhes, deducao_percentual=D(10), deducoes=())), "pDR") == [
        "10.00"
    ]


def test_items_are_joined_into_one_service() -> None:
    dois = com(NORMAL, itens=(NORMAL.emissao.itens[0], dataclasses.replace(casos.ITEM, descricao="Segunda\r\nlinha")))
    raiz = _raiz(dois)
    assert _textos(raiz, "xDescServ") == ["Consultoria em outubro\nSegunda\nlinha"]
    assert _textos(raiz, "vServ") == ["3000.00"]


def test_what_has_no_number_or_too_many_decimals_is_not_built() -> None:
    with pytest.raises(IdentificadorInvalido):
        dps.montar(com(SIMPLES, numero=None))
    with pytest.raises(ValueError, match="two decimals"):
        dps.montar(com(SIMPLES, desconto=D("0.001")))


@pytest.mark.parametrize(
    ("simples", "apuracao", "ativa", "retido", "tributacao"),
    list(itertools.product(Simples, "123", (True, False), (True, False), "1234")),
)
def test_every_regime_and_case_is_valid_by_the_schema(
    simples: Simples, apuracao: str, ativa: bool, retido: bool, tributacao: str
) -> None:
    _raiz(
        com(
            NORMAL,
            emitente=dataclasses.replace(NORMAL.emitente, simples=simples),
            regime_apuracao=apuracao,
            incidencia_ativa=ativa,
            iss_retido=retido,
            exigibilidade=tributacao,
            pais_resultado="US" if tributacao == "3" else "",
            imunidade="1" if tributacao == "2" else "",
        )
    )


_textos_livres = st.text(min_size=1, max_size=60).filter(lambda t: any("!" <= letra <= "ÿ" for letra in t.strip()))


@settings(max_examples=60)
@given(_textos_livres, _textos_livres, st.decimals("0.01", "999999999999.99", places=2))
def test_any_text_and_amount_gives_a_canonical_document(nome: str, rua: str, valor: D) -> None:
    onde = dataclasses.replace(casos.ENDERECO, logradouro=f"R {rua}")
    tomador = Pessoa(CNPJ_COM_LETRAS, f"N {nome}", endereco=onde)
    _raiz(com(NORMAL, tomador=tomador, observacao=f"o {nome}", valor_unitario=valor, descricao=f"d {rua}"))
