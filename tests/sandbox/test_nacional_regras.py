"""The business rules of a DPS, one refused document for each code."""

from pathlib import Path
from typing import Any

import pytest

from sandbox import autoridade
from sandbox.partida.pasta import Pasta
from tests.sandbox.nacional import CURITIBA, IBSCBS, SAO_PAULO, SENHA, TOMADOR, Nacional, abrir, codigos
from tests.sandbox_fixture import SandboxVivo

NAO_OPTANTE: dict[str, Any] = {
    "prest__regTrib": {"opSimpNac": 1, "regEspTrib": 0},
    "valores__trib__totTrib": {"pTotTrib": {"pTotTribFed": "1.00", "pTotTribEst": "0.00", "pTotTribMun": "3.00"}},
}
MEI: dict[str, Any] = {
    "prest__regTrib": {"opSimpNac": 2, "regEspTrib": 0},
    "valores__trib__totTrib": {"indTotTrib": 0},
}
FORA_DO_SIMPLES: dict[str, Any] = {"prest__regTrib": {"opSimpNac": 3, "regApTribSN": 2, "regEspTrib": 0}}
MUNICIPAL = "valores__trib__tribMun__"
FEDERAL = "valores__trib__tribFed"
OUTRO_CPF = "52998224725"


def pis_cofins(**mudancas: Any) -> dict[str, Any]:
    grupo: dict[str, Any] = {
        "CST": "01",
        "vBCPisCofins": "1000.00",
        "pAliqPis": "0.65",
        "pAliqCofins": "3.00",
        "vPis": "6.50",
        "vCofins": "30.00",
    }
    return {FEDERAL: {"piscofins": grupo | mudancas}}


_ORDEM = ("finNFSe", "indFinal", "cIndOp", "tpOper", "gRefNFSe", "indDest", "dest", "imovel", "valores")


def ibs_cbs(**mudancas: Any) -> dict[str, Any]:
    grupo = IBSCBS | mudancas
    em_ordem = {nome: grupo[nome] for nome in _ORDEM if nome in grupo}
    return {"IBSCBS": em_ordem, "serv__cServ__cNBS": "115021000"}


SEM_REGISTRO: dict[str, dict[str, Any]] = {
    "E0004": {"id_dps": f"DPS{CURITIBA}211222333000181" + "00001" + "000000000000001"},
    "E0006": {"tpAmb": 1},
    "E0008": {"dhEmi": "2026-11-21T10:00:01-03:00"},
    "E0010": {"serie": "50000"},
    "E0015": {"dCompet": "2026-11-22"},
    "E0016": {"dCompet": "2022-12-31"},
    "E9996": {"tpEmit": 2},
    "E0029": {"cMotivoEmisTI": 1},
    "E0120": {"prest__IM": "123"},
    "E0121": {"prest__xNome": "EMPRESA"},
    "E0162": NAO_OPTANTE | {"prest__regTrib": {"opSimpNac": 1, "regApTribSN": 1, "regEspTrib": 0}},
    "E0166": {"prest__regTrib": {"opSimpNac": 3, "regEspTrib": 0}},
    "E0174": MEI | {"prest__regTrib": {"opSimpNac": 2, "regEspTrib": 5}},
    "E0175": {"prest__regTrib": {"opSimpNac": 3, "regApTribSN": 1, "regEspTrib": 6}},
    "E0188": {"toma__CNPJ": "11222333000182"},
    "E0206": {"toma__CNPJ": None, "toma__CPF": "52998224726"},
    "E0235": {"toma__end": None},
    "E0302": {"serv__locPrest__cLocPrestacao": "9999999"},
    "E0310": {"serv__cServ__cTribNac": "009901"},
    "E0314": {"serv__cServ__cTribMun": "001"},
    "E0322": {"IBSCBS": IBSCBS},
    "E0370": {"serv__cServ__cTribNac": "070201"},
    "E0390": {"serv__cServ__cTribNac": "120101"},
    "E0427": {"valores__vDedRed": {"vDR": "1000.01"}},
    "E0431": {"valores__vDescCondIncond": {"vDescIncond": "1000.00"}},
    "E0436": MEI | {"valores__vDedRed": {"vDR": "10.00"}},
    "E0529": NAO_OPTANTE | {"serv__cServ__cTribNac": "990401"},
    "E0533": NAO_OPTANTE | {f"{MUNICIPAL}BM": {"nBM": "41069020000001", "vRedBCBM": "10.00"}},
    "E0583": MEI | {f"{MUNICIPAL}tpRetISSQN": 2},
    "E0590": NAO_OPTANTE | {f"{MUNICIPAL}tribISSQN": 3, "serv__cServ__cNBS": "115021000"},
    "E0591": NAO_OPTANTE | {f"{MUNICIPAL}cPaisResult": "US"},
    "E0592": NAO_OPTANTE | {f"{MUNICIPAL}tribISSQN": 2},
    "E0595": FORA_DO_SIMPLES | {f"{MUNICIPAL}pAliq": "5.01"},
    "E0600": MEI | {f"{MUNICIPAL}pAliq": "2.00"},
    "E0602": NAO_OPTANTE | {f"{MUNICIPAL}tribISSQN": 4, f"{MUNICIPAL}pAliq": "2.00"},
    "E0604": NAO_OPTANTE | {"prest__regTrib": {"opSimpNac": 1, "regEspTrib": 6}, f"{MUNICIPAL}pAliq": "2.00"},
    "E0606": NAO_OPTANTE | {f"{MUNICIPAL}exigSusp": {"tpSusp": 1, "nProcesso": "1" * 30}, f"{MUNICIPAL}pAliq": "2.00"},
    "E0617": NAO_OPTANTE | {f"{MUNICIPAL}pAliq": "3.00"},
    "E0621": {f"{MUNICIPAL}tpRetISSQN": 2},
    "E0625": {f"{MUNICIPAL}pAliq": "2.00"},
    "E0635": FORA_DO_SIMPLES | {f"{MUNICIPAL}pAliq": "3.00"},
    "E0667": {
        "toma__CNPJ": None,
        "toma__CPF": OUTRO_CPF,
        f"{MUNICIPAL}tpRetISSQN": 2,
        f"{MUNICIPAL}pAliq": "2.00",
    },
    "E0676": MEI | {FEDERAL: {"vRetIRRF": "15.00"}},
    "E0678": {FEDERAL: {"piscofins": {"CST": "01"}}},
    "E0682": pis_cofins(vBCPisCofins="1000.01"),
    "E0694": pis_cofins(vPis="6.52"),
    "E0696": pis_cofins(vCofins="30.02"),
    "E0699": {FEDERAL: {"vRetCP": "1000.00"}},
    "E0700": {FEDERAL: {"vRetIRRF": "0"}},
    "E0710": MEI | {"valores__trib__totTrib": {"pTotTribSN": "6.00"}},
    "E0712": {"valores__trib__totTrib": {"indTotTrib": 0}},
    "E0713": NAO_OPTANTE | {"valores__trib__totTrib": {"indTotTrib": 0}},
    "E0850": {"dCompet": "2025-12-31", "IBSCBS": IBSCBS, "serv__cServ__cNBS": "115021000"},
    "E0959": {
        "IBSCBS": IBSCBS | {"valores": {"trib": {"gIBSCBS": {"CST": "000", "cClassTrib": "200001"}}}},
        "serv__cServ__cNBS": "115021000",
    },
}


@pytest.mark.parametrize("codigo", SEM_REGISTRO)
def test_refuses(nacional: Nacional, codigo: str) -> None:
    resposta = nacional.emitir(**SEM_REGISTRO[codigo])
    assert (resposta.status_code, codigo in codigos(resposta)) == (400, True), resposta.text
    assert nacional.ledger() == []


def test_refuses_an_emitente_whose_digits_are_wrong(sandbox: SandboxVivo, tmp_path: Path) -> None:
    """Its certificate was issued all the same: the signature is looked at first."""
    documento = "12ABC34501DE36"
    ca = autoridade.abrir(Pasta(sandbox.pasta))
    pfx = autoridade.emitir_a1(ca, cnpj=documento, nome="EMPRESA", senha=SENHA)
    assert codigos(Nacional(sandbox, abrir(sandbox, pfx, tmp_path, documento)).emitir()) == ["E0080"]


def test_the_tomador_is_not_the_prestador(nacional: Nacional) -> None:
    assert codigos(nacional.emitir(toma__CNPJ=nacional.documento)) == ["E0202"]


_REFERIDAS = {"refNFSe": "35503082211222333000181000000000000126111234567897"}


@pytest.mark.parametrize(
    "base",
    [
        *(NAO_OPTANTE, MEI, FORA_DO_SIMPLES, pis_cofins(), ibs_cbs(), {}),
        NAO_OPTANTE | {"serv__cServ__cTribNac": "990401", f"{MUNICIPAL}tribISSQN": 4},
        {f"{MUNICIPAL}tpRetISSQN": 2, f"{MUNICIPAL}pAliq": "1.80"},
        {"serv__cServ__xDescServ": "a" * 1000},
        ibs_cbs(indDest=1, dest={"CPF": OUTRO_CPF, "xNome": "OUTRA"}),
        ibs_cbs(cIndOp="020101", imovel={"cCIB": "12345678"}),
        ibs_cbs(cIndOp="100301"),
        ibs_cbs(tpOper=2, gRefNFSe=_REFERIDAS),
    ],
)
def test_the_documents_that_these_change_are_good(nacional: Nacional, base: dict[str, Any]) -> None:
    resposta = nacional.emitir(**base)
    assert resposta.status_code == 201, resposta.text


def test_all_of_one_pass_are_told_together(nacional: Nacional) -> None:
    resposta = nacional.emitir(tpAmb=1, toma__end=None, valores__trib__totTrib={"indTotTrib": 0})
    assert codigos(resposta) == ["E0006", "E0235", "E0712"]
    assert resposta.json()["idDPS"].startswith("DPS")


@pytest.mark.parametrize(
    ("registro", "mudancas", "codigo"),
    [
        ({"im": "77"}, {}, "E0116"),
        ({"im": "77"}, {"prest__IM": "78"}, "E0119"),
        ({}, {"prest__IM": "78"}, "E0120"),
        ({"simples": "1"}, {}, "E0160"),
        ({"simples": [{"opcao": "3", "desde": "2026-01-01"}, {"opcao": "1", "desde": "2026-11-01"}]}, {}, "E0160"),
        ({"abertura": "2026-11-22"}, {}, "E0018"),
        ({"municipio": SAO_PAULO}, {}, "E0084"),
    ],
)
def test_the_register_is_believed(
    nacional: Nacional, registro: dict[str, Any], mudancas: dict[str, Any], codigo: str
) -> None:
    nacional.inscrever(**registro)
    assert codigos(nacional.emitir(**mudancas)) == [codigo]


def test_the_inscription_is_compared_with_its_zeros(nacional: Nacional) -> None:
    nacional.inscrever(im="000123", simples="3", municipio=CURITIBA)
    assert nacional.emitir(prest__IM="123").status_code == 201


def test_a_closed_register_knows_only_who_is_in_it(nacional: Nacional) -> None:
    nacional.opcoes(cadastro_aberto=False)
    assert codigos(nacional.emitir()) == ["E0082", "E0190"]
    assert "E0207" in codigos(nacional.emitir(toma__CNPJ=None, toma__CPF=OUTRO_CPF))
    nacional.inscrever()
    nacional.inscrever(TOMADOR)
    assert nacional.emitir().status_code == 201


@pytest.mark.parametrize(
    ("municipio", "codigo"),
    [({"aderente": 0}, "E0037"), ({"ativo": 0}, "E0038"), ({"emissor_nacional": 0}, "E0039")],
)
def test_the_municipio_has_to_take_part_but_for_a_mei(
    nacional: Nacional, municipio: dict[str, Any], codigo: str
) -> None:
    nacional.municipio(**municipio)
    assert codigos(nacional.emitir()) == [codigo]
    assert nacional.emitir(**MEI).status_code == 201


@pytest.mark.parametrize(("base", "codigo"), [(NAO_OPTANTE, "E0619"), (FORA_DO_SIMPLES, "E0640")])
def test_the_rate_is_the_emitentes_where_the_municipio_of_the_tax_has_none(
    nacional: Nacional, base: dict[str, Any], codigo: str
) -> None:
    nacional.municipio(SAO_PAULO, aderente=0)
    la = {
        "serv__locPrest__cLocPrestacao": SAO_PAULO,
        "serv__cServ__cTribNac": "070201",
        "serv__obra": {"cObra": "123456789012345678901234567890"[:30]},
    }
    assert codigos(nacional.emitir(**base, **la)) == [codigo]
    assert nacional.emitir(**base, **la, **{f"{MUNICIPAL}pAliq": "4.50"}).status_code == 201


def test_what_the_municipio_does_not_admit(nacional: Nacional) -> None:
    nacional.municipio(
        regimes={"6": 2},
        servicos_fora=["010601"],
        codigos={"010701": ["001", "002"]},
        deducao=False,
        beneficios={"41069020000001": {"descricao": "Incentivo"}},
    )
    regime = {"prest__regTrib": {"opSimpNac": 1, "regEspTrib": 6}}
    dele = {"serv__cServ__cTribMun": "002"}
    assert codigos(nacional.emitir(**NAO_OPTANTE | regime | dele)) == ["E0178"]
    assert codigos(nacional.emitir(serv__cServ__cTribNac="010601")) == ["E0310"]
    assert codigos(nacional.emitir()) == ["E0312"]
    assert codigos(nacional.emitir(**dele, valores__vDedRed={"vDR": "1.00"})) == ["E0440"]
    com_beneficio = {f"{MUNICIPAL}BM": {"nBM": "41069020000001", "pRedBCBM": "10.00"}}
    assert nacional.emitir(**NAO_OPTANTE | dele | com_beneficio).status_code == 201


def test_withheld_contributions_agree_with_their_kind(nacional: Nacional) -> None:
    casos: list[tuple[dict[str, Any], bool]] = [
        ({"tpRetPisCofins": 3}, False),
        ({"tpRetPisCofins": 0}, True),
        ({}, True),
    ]
    for mudancas, _ in casos:
        grupo = pis_cofins(**mudancas)[FEDERAL]
        com = {FEDERAL: {**grupo, "vRetCSLL": "46.50"}}
        sem = {FEDERAL: grupo}
        retem = mudancas.get("tpRetPisCofins") == 3
        errada, certa = (sem, com) if retem else (com, sem)
        assert codigos(nacional.emitir(**errada)) == ["E0701"]
        assert nacional.emitir(**certa).status_code == 201
    maior = {FEDERAL: {**pis_cofins(tpRetPisCofins=3)[FEDERAL], "vRetCSLL": "1000.00"}}
    assert "E0701" in codigos(nacional.emitir(**maior))


def test_retentions_may_not_pass_the_service(nacional: Nacional) -> None:
    demais = {FEDERAL: {"vRetCP": "600.00", "vRetIRRF": "600.00"}}
    assert codigos(nacional.emitir(**demais)) == ["E0428", "E1508"]


def da_situacao(**mais: Any) -> dict[str, Any]:
    return {"valores": {"trib": {"gIBSCBS": {"CST": "000", "cClassTrib": "000001", **mais}}}}


DESTINATARIO = {"CPF": OUTRO_CPF, "xNome": "MARIA"}
IMOVEL = {"cCIB": "12345678"}


@pytest.mark.parametrize(
    ("grupo", "dito"),
    [
        ({"indDest": 1}, "indDest é 1"),
        ({"dest": DESTINATARIO}, "indDest é 1"),
        ({"indDest": 1, "dest": {"CPF": "52998224726", "xNome": "MARIA"}}, "CPF do destinatário"),
        ({"indDest": 1, "dest": {"CNPJ": TOMADOR, "xNome": "ELE"}}, "próprio tomador"),
        ({"cIndOp": "020101"}, "de imóvel"),
        ({"imovel": IMOVEL}, "de imóvel"),
        ({"tpOper": 2}, "tpOper é 2 ou 3"),
        (da_situacao(gTribRegular={"CSTReg": "000", "cClassTribReg": "200001"}), "tributação regular"),
        (da_situacao(gDif={"pDifUF": "100.01", "pDifMun": "0", "pDifCBS": "0"}), "diferimento"),
    ],
)
def test_the_parts_of_ibscbs_agree_with_one_another(nacional: Nacional, grupo: dict[str, Any], dito: str) -> None:
    ordem = ("finNFSe", "indFinal", "cIndOp", "tpOper", "gRefNFSe", "indDest", "dest", "imovel", "valores")
    tudo = IBSCBS | grupo
    em_ordem = {nome: tudo[nome] for nome in ordem if nome in tudo}
    resposta = nacional.emitir(IBSCBS=em_ordem, serv__cServ__cNBS="115021000")
    assert codigos(resposta) == ["E999"]
    assert dito in resposta.text


@pytest.mark.parametrize(
    ("mudancas", "dito"),
    [
        (
            ibs_cbs(cIndOp="100301") | {"toma__CNPJ": None, "toma__CPF": OUTRO_CPF, "toma__end": None},
            "onde ele mora",
        ),
        ({f"{MUNICIPAL}tpRetISSQN": 2, f"{MUNICIPAL}pAliq": "1.79"}, "menor que a mínima"),
        ({"serv__cServ__xDescServ": "a" * 1001}, "1000 caracteres"),
    ],
)
def test_a_rule_whose_number_is_not_known_is_told_in_words(
    nacional: Nacional, mudancas: dict[str, Any], dito: str
) -> None:
    resposta = nacional.emitir(**mudancas)
    assert "E999" in codigos(resposta)
    assert dito in resposta.text


def test_ibscbs_is_required_from_a_day_on(nacional: Nacional) -> None:
    nacional.opcoes(ibscbs_required_from="2026-11-21")
    assert codigos(nacional.emitir()) == ["E999"]
    assert nacional.emitir(dCompet="2026-11-20").status_code == 201
    assert nacional.emitir(**MEI).status_code == 201
    assert nacional.emitir(IBSCBS=IBSCBS, serv__cServ__cNBS="115021000").status_code == 201
