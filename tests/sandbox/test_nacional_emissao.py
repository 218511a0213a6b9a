"""POST /nfse: what is issued, and how it is signed and computed."""

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from lxml import etree

from sandbox.nacional import esquema
from tests.assinaturas import xmlsec
from tests.sandbox.nacional import (
    CURITIBA,
    DS,
    IBSCBS,
    NS,
    PERFIS,
    SAO_PAULO,
    TOMADOR,
    Nacional,
    campo,
    codigos,
    desempacotar,
)


def nota(resposta: dict[str, object]) -> bytes:
    return desempacotar(str(resposta["nfseXmlGZipB64"]))


def verificar(xml: bytes, assinado: str) -> None:
    """Every Signature of a document holds, by xmlsec."""
    raiz = etree.fromstring(xml)
    xmlsec.tree.add_ids(raiz, ["Id"])
    assinaturas = raiz.findall(f".//{{{DS}}}Signature")
    referencias = [no.find(f".//{{{DS}}}Reference") for no in assinaturas]
    assert [str(no.get("URI")) for no in referencias if no is not None][-1].startswith(f"#{assinado}")
    for no in assinaturas:
        der = base64.b64decode(no.findtext(f".//{{{DS}}}X509Certificate") or "")
        contexto = xmlsec.SignatureContext()
        contexto.key = xmlsec.Key.from_memory(der, xmlsec.KeyFormat.CERT_DER)
        contexto.verify(no)


def digito(quarenta_e_nove: str) -> str:
    pesos = [2 + n % 8 for n in range(49)][::-1]
    resto = sum((ord(letra) - 48) * peso for letra, peso in zip(quarenta_e_nove, pesos, strict=True)) % 11
    return str(11 - resto) if resto > 1 else "0"


def test_issues_once_with_a_chave_that_tells_the_emitente(nacional: Nacional) -> None:
    emitida = nacional.emitida(7)
    chave = emitida["chaveAcesso"]
    assert emitida["idDps"] == f"DPS{CURITIBA}2{nacional.documento}00001{7:015d}"
    assert chave[:36] == f"{CURITIBA}22{nacional.documento}{1:013d}"
    assert chave[36:40] == "2611"
    assert (len(chave), chave[49]) == (50, digito(chave[:49]))
    assert [linha["documento"] for linha in nacional.ledger()] == [emitida["idDps"]]


@pytest.mark.parametrize("perfil", PERFIS)
def test_takes_the_three_profiles_and_embeds_the_dps_byte_by_byte(nacional: Nacional, perfil: str) -> None:
    enviada = nacional.montar(perfil=perfil)
    resposta = nacional.enviar(enviada)
    assert resposta.status_code == 201, resposta.text
    xml = nota(resposta.json())
    assert enviada in xml
    verificar(xml, "NFS")


def test_what_it_issues_is_valid_by_the_schema(nacional: Nacional) -> None:
    for mudancas in ({}, {"IBSCBS": IBSCBS, "serv__cServ__cNBS": "115021000"}):
        esquema.conferir(etree.fromstring(nota(nacional.emitida(**mudancas))), "NFSe")


def test_the_simples_that_pays_the_issqn_in_the_das_has_the_net_value_alone(nacional: Nacional) -> None:
    valores = etree.fromstring(nota(nacional.emitida())).find(f".//{{{NS}}}valores")
    assert valores is not None
    assert [(etree.QName(no).localname, no.text) for no in valores] == [("vLiq", "1000.00")]


def test_the_municipal_rate_is_applied_to_who_does_not_opt(nacional: Nacional) -> None:
    nacional.municipio(aliquotas={"010701": [{"aliq": "2.79", "inicio": "2025-01-01", "fim": None}]})
    emitida = nacional.emitida(
        prest__regTrib={"opSimpNac": 1, "regEspTrib": 0},
        valores__trib__tribMun__tpRetISSQN=2,
        valores__vDescCondIncond={"vDescIncond": "100.00", "vDescCond": "10.00"},
        valores__trib__tribFed={
            "piscofins": {
                "CST": "01",
                "vBCPisCofins": "1000.00",
                "pAliqPis": "0.65",
                "pAliqCofins": "3.00",
                "vPis": "6.50",
                "vCofins": "30.00",
                "tpRetPisCofins": 3,
            },
            "vRetIRRF": "15.00",
            "vRetCSLL": "46.50",
        },
        valores__trib__totTrib={"pTotTrib": {"pTotTribFed": "13.45", "pTotTribEst": "0.00", "pTotTribMun": "2.79"}},
        serv__cServ__cNBS="115021000",
        IBSCBS=IBSCBS,
    )
    xml = nota(emitida)
    assert [campo(xml, nome) for nome in ("vBC", "pAliqAplic", "vISSQN", "vTotalRet", "vLiq")] == [
        "900.00",
        "2.79",
        "25.11",
        "86.61",
        "803.39",
    ]
    ibs = etree.fromstring(xml).find(f"{{{NS}}}infNFSe/{{{NS}}}IBSCBS")
    assert ibs is not None
    base = Decimal("900.00") - Decimal("25.11") - Decimal("36.50")
    assert ibs.findtext(f"{{{NS}}}valores/{{{NS}}}vBC") == str(base)
    assert [ibs.findtext(f".//{{{NS}}}{nome}") for nome in ("vTotNF", "vIBSTot", "vIBSUF", "vIBSMun", "vCBS")] == [
        "803.39",
        "0.84",
        "0.84",
        "0.00",
        "7.55",
    ]
    assert campo(xml, "cLocIncid") == CURITIBA


def test_what_is_deferred_and_the_regular_taxation_come_in_the_note(nacional: Nacional) -> None:
    situacao = {
        "CST": "000",
        "cClassTrib": "000001",
        "cCredPres": "01",
        "gTribRegular": {"CSTReg": "000", "cClassTribReg": "000001"},
        "gDif": {"pDifUF": "50.00", "pDifMun": "0.00", "pDifCBS": "100.00"},
    }
    feita = {
        "finNFSe": 0,
        "indFinal": 0,
        "cIndOp": "020101",
        "tpOper": 3,
        "gRefNFSe": {"refNFSe": f"{CURITIBA}2211222333000181{'0' * 26}1"},
        "tpEnteGov": 4,
        "indDest": 1,
        "dest": {"CPF": "52998224725", "xNome": "MARIA"},
        "imovel": {"cCIB": "12345678"},
        "valores": {"trib": {"gIBSCBS": situacao}},
    }
    xml = nota(nacional.emitida(IBSCBS=feita, serv__cServ__cNBS="115021000"))
    esquema.conferir(etree.fromstring(xml), "NFSe")
    assert [campo(xml, nome) for nome in ("vDifUF", "vIBSUF", "vDifCBS", "vCBS", "vTribRegCBS")] == [
        *("0.50", "1.00"),
        *("9.00", "9.00"),
        "9.00",
    ]


def test_a_benefit_reduces_the_base_and_a_conditional_discount_does_not(nacional: Nacional) -> None:
    nacional.municipio(beneficios={"41069020000001": {"descricao": "Incentivo"}})
    emitida = nacional.emitida(
        prest__regTrib={"opSimpNac": 1, "regEspTrib": 0},
        valores__trib__totTrib={"pTotTrib": {"pTotTribFed": "1.00", "pTotTribEst": "0.00", "pTotTribMun": "3.00"}},
        valores__vDescCondIncond={"vDescIncond": "100.00", "vDescCond": "50.00"},
        valores__trib__tribMun__BM={"nBM": "41069020000001", "pRedBCBM": "10.00"},
    )
    xml = nota(emitida)
    assert [campo(xml, nome) for nome in ("tpBM", "vCalcBM", "vBC", "vISSQN", "vLiq")] == [
        *("2", "90.00"),
        *("810.00", "24.30", "850.00"),
    ]


def test_half_a_cent_goes_to_the_even_one(nacional: Nacional) -> None:
    nacional.municipio(aliquota="5.00")
    quem = {"opSimpNac": 1, "regEspTrib": 0}
    total = {"vTotTrib": {"vTotTribFed": "0.01", "vTotTribEst": "0", "vTotTribMun": "0"}}
    lidos = [
        campo(
            nota(nacional.emitida(prest__regTrib=quem, valores__vServPrest__vServ=valor, valores__trib__totTrib=total)),
            "vISSQN",
        )
        for valor in ("10.10", "10.30", "10.50")
    ]
    assert lidos == ["0.50", "0.52", "0.52"]


def test_a_mei_has_its_own_status_and_no_issqn(nacional: Nacional) -> None:
    emitida = nacional.emitida(
        prest__regTrib={"opSimpNac": 2, "regEspTrib": 0}, valores__trib__totTrib={"indTotTrib": 0}
    )
    xml = nota(emitida)
    assert [campo(xml, nome) for nome in ("cStat", "vISSQN", "vLiq")] == ["107", "", "1000.00"]


def test_the_issqn_of_construction_is_of_the_place_of_the_work(nacional: Nacional) -> None:
    nacional.municipio(SAO_PAULO, aliquota="4.00")
    obra = {"end": {"CEP": "01001000", "xLgr": "Praça da Sé", "nro": "1", "xBairro": "Sé"}}
    emitida = nacional.emitida(
        prest__regTrib={"opSimpNac": 1, "regEspTrib": 0},
        serv__locPrest__cLocPrestacao=SAO_PAULO,
        serv__cServ__cTribNac="070201",
        serv__obra=obra,
        valores__trib__totTrib={"pTotTrib": {"pTotTribFed": "1.00", "pTotTribEst": "0.00", "pTotTribMun": "4.00"}},
    )
    xml = nota(emitida)
    assert [campo(xml, nome) for nome in ("cLocIncid", "xLocIncid", "pAliqAplic")] == [SAO_PAULO, "São Paulo", "4.00"]


def test_the_same_dps_twice_is_told_and_nothing_is_issued(nacional: Nacional) -> None:
    enviada = nacional.montar(3)
    assert nacional.enviar(enviada).status_code == 201
    de_novo = nacional.enviar(enviada)
    assert (de_novo.status_code, codigos(de_novo)) == (400, ["E0014"])
    assert len(nacional.ledger()) == 1


def test_the_same_dps_from_many_hands_at_once_is_one_note(nacional: Nacional) -> None:
    enviada = nacional.montar(3)
    with ThreadPoolExecutor(8) as equipe:
        respostas = list(equipe.map(lambda _: nacional.enviar(enviada), range(16)))
    assert sorted(resposta.status_code for resposta in respostas) == [201] + [400] * 15
    assert {codigo for resposta in respostas if resposta.status_code == 400 for codigo in codigos(resposta)} == {
        "E0014"
    }
    assert (len(nacional.ledger()), len(nacional.adn("/DFe/0").json()["LoteDFe"])) == (1, 1)


def test_a_refused_number_may_be_used_again(nacional: Nacional) -> None:
    assert nacional.emitir(4, tpAmb=1).status_code == 400
    assert nacional.emitir(4).status_code == 201


def test_numbers_and_keys_follow_from_the_seed(nacional: Nacional) -> None:
    primeira = nacional.emitida(1)["chaveAcesso"]
    nacional.controle.reset()
    nacional.controle.relogio(fixo="2026-11-21T10:00:00-03:00")
    assert nacional.emitida(1)["chaveAcesso"] == primeira
    nacional.controle.reset()
    nacional.controle.relogio(fixo="2026-11-21T10:00:00-03:00")
    nacional.opcoes(semente=2)
    assert nacional.emitida(1)["chaveAcesso"] != primeira


def test_an_answer_has_the_envelope_of_the_service(nacional: Nacional) -> None:
    emitida = nacional.emitida()
    assert emitida["tipoAmbiente"] == 2
    assert emitida["dataHoraProcessamento"] == "2026-11-21T10:00:00.0000000-03:00"
    assert emitida["alertas"] is None


def test_the_note_is_read_by_its_actors_alone(nacional: Nacional, nacional_de: Callable[[str], Nacional]) -> None:
    emitida = nacional.emitida()
    rota = f"/nfse/{emitida['chaveAcesso']}"
    assert nacional.sefin("GET", rota).json()["nfseXmlGZipB64"] == emitida["nfseXmlGZipB64"]
    assert nacional_de(TOMADOR).sefin("GET", rota).status_code == 200
    outro = nacional_de("11222333000181")
    assert outro.sefin("GET", rota).status_code == 403
    assert outro.sefin("GET", f"/dps/{emitida['idDps']}").status_code == 403
    assert outro.sefin("HEAD", f"/dps/{emitida['idDps']}").status_code == 200


def test_a_dps_tells_its_note(nacional: Nacional) -> None:
    emitida = nacional.emitida()
    rota = f"/dps/{emitida['idDps']}"
    assert nacional.sefin("GET", rota).json()["chaveAcesso"] == emitida["chaveAcesso"]
    vazia = nacional.sefin("HEAD", rota)
    assert (vazia.status_code, vazia.content) == (200, b"")
    nenhuma = rota[:-1] + "9"
    assert [nacional.sefin(metodo, nenhuma).status_code for metodo in ("GET", "HEAD")] == [404, 404]
    assert [nacional.sefin(metodo, "/dps/DPS1").status_code for metodo in ("GET", "HEAD")] == [400, 400]


def test_a_chave_that_is_malformed_or_unknown(nacional: Nacional) -> None:
    chave = nacional.emitida()["chaveAcesso"]
    assert nacional.sefin("GET", f"/nfse/{chave[:-1]}").status_code == 400
    desconhecida = nacional.sefin("GET", f"/nfse/{chave[:40]}0000000000")
    assert desconhecida.status_code == 404
    assert set(desconhecida.json()["erro"]) == {"codigo", "descricao", "complemento"}
