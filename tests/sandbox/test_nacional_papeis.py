"""Deductions and reimbursements at the simulated Sefin: what is refused of their papers, what they do to the bases."""

from typing import Any

import pytest

from tests.nfse.nacional.test_papeis import NFE
from tests.sandbox.nacional import IBSCBS, TOMADOR, Nacional, campo, codigos, desempacotar, endereco
from tests.sandbox.test_nacional_regras import MEI, MUNICIPAL, NAO_OPTANTE

DEDUCAO = "valores__vDedRed"
ESPECIAL: dict[str, Any] = {"prest__regTrib": {"opSimpNac": 1, "regEspTrib": 6}}
COM_IBSCBS: dict[str, Any] = NAO_OPTANTE | {"serv__cServ__cNBS": "115021000"}


def deducao(*papeis: dict[str, Any]) -> dict[str, Any]:
    """Of each paper what differs from a good one."""
    return {DEDUCAO: {"documentos": {"docDedRed": [_na_ordem(papel) for papel in papeis]}}}


def _na_ordem(papel: dict[str, Any]) -> dict[str, Any]:
    comum = {"tpDedRed": 2, "dtEmiDoc": "2026-11-20", "vDedutivelRedutivel": "300.00", "vDeducaoReducao": "200.00"}
    nomes = ("chNFSe", "chNFe", "NFSeMun", "NFNFS", "nDoc")
    ditos = comum | ({} if papel.keys() & set(nomes) else {"nDoc": "9"}) | papel
    ordem = (*nomes, "tpDedRed", "xDescOutDed", "dtEmiDoc", "vDedutivelRedutivel", "vDeducaoReducao", "fornec")
    return {nome: ditos[nome] for nome in ordem if nome in ditos}


def reembolso(*papeis: dict[str, Any]) -> dict[str, Any]:
    comum = {
        "docOutro": {"nDoc": "7", "xDoc": "Bilhete"},
        "dtEmiDoc": "2026-11-20",
        "dtCompDoc": "2026-11-20",
        "tpReeRepRes": "02",
        "vlrReeRepRes": "100.00",
    }
    ordem = ("dFeNacional", "docFiscalOutro", "docOutro", "fornec", "dtEmiDoc", "dtCompDoc", "tpReeRepRes")
    feitos = []
    for papel in papeis:
        ditos = {n: v for n, v in comum.items() if n != "docOutro" or not papel.keys() & set(ordem[:2])} | papel
        feitos.append({n: ditos[n] for n in (*ordem, "xTpReeRepRes", "vlrReeRepRes") if n in ditos})
    valores = {"gReeRepRes": {"documentos": feitos}, **IBSCBS["valores"]}
    return COM_IBSCBS | {"IBSCBS": IBSCBS | {"valores": valores}}


LOJA = {"CNPJ": TOMADOR, "xNome": "Loja de Teste", "end": endereco()}


@pytest.mark.parametrize(
    ("mudancas", "esperados"),
    [
        (MEI | {DEDUCAO: {"pDR": "10.00"}}, ["E0436"]),
        (NAO_OPTANTE | {f"{MUNICIPAL}tribISSQN": 4, DEDUCAO: {"pDR": "10.00"}}, ["E0435"]),
        (
            NAO_OPTANTE | {"prest__regTrib": {"opSimpNac": 1, "regEspTrib": 6}, DEDUCAO: {"pDR": "0"}},
            ["E0438", "E0453"],
        ),
        (
            deducao(
                {"chNFSe": "0" * 50},
                {"chNFe": "1" * 44, "xDescOutDed": "Frete"},
                {"NFSeMun": {"cMunNFSeMun": "9999999", "nNFSeMun": "1" * 15, "cVerifNFSeMun": "A"}, "tpDedRed": 99},
                {"dtEmiDoc": "2026-11-22", "vDeducaoReducao": "300.01"},
                {"fornec": {"CNPJ": "11222333000182", "xNome": "Loja"}},
                {"fornec": {"CPF": "52998224726", "xNome": "Ana", "end": endereco("9999999")}},
            ),
            [
                "E0427",
                "E0455",
                "E0460",
                "E0470",
                "E0466",
                "E0468",
                "E0472",
                "E0474",
                "E0478",
                "E0492",
                "E0484",
                "E0494",
            ],
        ),
        (NAO_OPTANTE | {DEDUCAO: {"pDR": "33.34"}}, ["E0444"]),
        (NAO_OPTANTE | {DEDUCAO: {"vDR": "333.34"}}, ["E0447"]),
        (deducao({"vDedutivelRedutivel": "2000.00", "vDeducaoReducao": "1000.01"}), ["E0427", "E0476"]),
        (
            reembolso(
                {"dFeNacional": {"tipoChaveDFe": 2, "chaveDFe": "1" * 44}, "dtEmiDoc": "2026-11-19"},
                {"docFiscalOutro": {"cMunDocFiscal": "9999999", "nDocFiscal": "1", "xDocFiscal": "Nota"}},
                {"fornec": {"CNPJ": "11222333000182", "xNome": "Loja"}, "xTpReeRepRes": "Outro"},
                {"fornec": {"CPF": "52998224726", "xNome": "Ana"}, "vlrReeRepRes": "1000.01"},
            ),
            ["E0427", "E0940", "E0950", "E0942", "E0943", "E0945", "E0952", "E0947", "E0953", "E1534"],
        ),
    ],
)
def test_refuses(nacional: Nacional, mudancas: dict[str, Any], esperados: list[str]) -> None:
    assert codigos(nacional.emitir(**mudancas)) == esperados
    assert nacional.ledger() == []


def test_the_municipio_says_which_forms_it_admits(nacional: Nacional) -> None:
    nacional.municipio(deducao_por=["documentos"])
    assert codigos(nacional.emitir(**{DEDUCAO: {"pDR": "10.00"}})) == ["E0454"]
    assert codigos(nacional.emitir(**{DEDUCAO: {"vDR": "10.00"}})) == ["E0446"]
    assert nacional.emitir(**deducao({"chNFe": NFE, "fornec": LOJA})).status_code == 201
    nacional.municipio(deducao_por=["vDR"])
    assert codigos(nacional.emitir(**deducao({}))) == ["E0449"]


def test_a_closed_register_looks_for_the_note_and_for_who_supplied(nacional: Nacional) -> None:
    chave = nacional.emitida()["chaveAcesso"]
    nacional.evento(chave)
    assert codigos(nacional.emitir(**deducao({"chNFSe": chave}))) == ["E0458"]
    nacional.opcoes(cadastro_aberto=False)
    nacional.inscrever()
    nacional.inscrever(TOMADOR)
    alheia = chave[:49] + str((int(chave[49]) + 1) % 10)
    outra = LOJA | {"CNPJ": "11222333000181"}
    assert codigos(nacional.emitir(**deducao({"chNFSe": alheia, "fornec": outra}))) == ["E0456", "E0482"]


@pytest.mark.parametrize(
    ("mudancas", "calculado", "base"),
    [
        (NAO_OPTANTE | {DEDUCAO: {"pDR": "12.34"}}, "123.40", "876.60"),
        (NAO_OPTANTE | deducao({}, {"vDeducaoReducao": "50.00"}), "250.00", "750.00"),
        (reembolso({}, {"vlrReeRepRes": "50.00"}), "", "850.00"),
        (reembolso({}) | deducao({}), "200.00", "700.00"),
    ],
)
def test_the_base_of_the_iss_goes_without_them(
    nacional: Nacional, mudancas: dict[str, Any], calculado: str, base: str
) -> None:
    xml = desempacotar(nacional.emitida(**mudancas)["nfseXmlGZipB64"])
    assert (campo(xml, "vCalcDR"), campo(xml, "vBC")) == (calculado, base)
    assert campo(xml, "vLiq") == "1000.00"
    if "IBSCBS" in mudancas:
        assert campo(xml, "vCalcReeRepRes") in ("100.00", "150.00")
