"""The group `valores` of the DPS: what is charged, what is taken off it, and its taxes."""

from datetime import date
from decimal import Decimal

from nfse.providers.interface import ZERO
from nfse.providers.nacional import presencas
from nfse.providers.nacional.escrita import campo, dia, dinheiro, grupo, percentual, restrito
from nfse.providers.nacional.partes import pessoa
from nfse.providers.nacional.valores import Beneficio, DocumentoDeDeducao, Dps, PisCofins, Suspensao, TotalTributos

# Which of PIS, COFINS and CSLL are withheld -> tpRetPisCofins. 1 and 2 are of before February 2026.
RETENCOES = {
    (False, False, False): "0",
    (True, True, True): "3",
    (True, True, False): "4",
    (True, False, False): "5",
    (False, True, False): "6",
    (False, True, True): "7",
    (False, False, True): "8",
    (True, False, True): "9",
}


def valores(dps: Dps, tracos: frozenset[str], quando: date) -> str:
    return grupo(
        "valores",
        grupo("vServPrest", campo("vServ", dinheiro(dps.valor))),
        grupo(
            "vDescCondIncond",
            campo("vDescIncond", _se_houver(dps.desconto)),
            campo("vDescCond", _se_houver(dps.desconto_condicionado)),
        ),
        _deducao(dps),
        grupo(
            "trib",
            _municipal(dps, tracos, quando),
            _federal(dps),
            total_tributos(dps.total_tributos),
        ),
    )


def _se_houver(valor: Decimal | None) -> str:
    return dinheiro(valor) if valor else ""


def _deducao(dps: Dps) -> str:
    if dps.deducoes:
        return grupo("vDedRed", grupo("documentos", *map(_documento, dps.deducoes)))
    return grupo("vDedRed", campo("pDR", percentual(dps.deducao_percentual)) or campo("vDR", _se_houver(dps.deducao)))


def _documento(papel: DocumentoDeDeducao) -> str:
    municipal, em_papel = papel.nfse_municipal, papel.em_papel
    return grupo(
        "docDedRed",
        campo("chNFSe", papel.chave_nfse),
        campo("chNFe", papel.chave_nfe),
        grupo(
            "NFSeMun",
            campo("cMunNFSeMun", municipal.municipio),
            campo("nNFSeMun", municipal.numero),
            campo("cVerifNFSeMun", municipal.codigo_verificacao),
        )
        if municipal
        else "",
        grupo(
            "NFNFS",
            campo("nNFS", em_papel.numero),
            campo("modNFS", em_papel.modelo),
            campo("serieNFS", em_papel.serie),
        )
        if em_papel
        else "",
        campo("nDocFisc", restrito(papel.fiscal)),
        campo("nDoc", restrito(papel.outro)),
        campo("tpDedRed", papel.tipo),
        campo("xDescOutDed", restrito(papel.descricao)),
        campo("dtEmiDoc", dia(papel.data)),
        campo("vDedutivelRedutivel", dinheiro(papel.dedutivel)),
        campo("vDeducaoReducao", dinheiro(papel.deduzido)),
        pessoa("fornec", papel.fornecedor),
    )


def _municipal(dps: Dps, tracos: frozenset[str], quando: date) -> str:
    aliquota = dps.emissao.itens[0].aliquota
    return grupo(
        "tribMun",
        campo("tribISSQN", dps.tributacao),
        campo("cPaisResult", dps.pais_resultado),
        campo("tpImunidade", dps.imunidade),
        _suspensao(dps.suspensao),
        _beneficio(dps.beneficio),
        campo("tpRetISSQN", dps.retencao),
        campo("pAliq", percentual(aliquota)) if presencas.vai("pAliq", tracos, quando) else "",
    )


def _suspensao(suspensao: Suspensao | None) -> str:
    if suspensao is None:
        return ""
    return grupo("exigSusp", campo("tpSusp", suspensao.tipo), campo("nProcesso", suspensao.processo))


def _beneficio(beneficio: Beneficio | None) -> str:
    if beneficio is None:
        return ""
    return grupo(
        "BM",
        campo("nBM", beneficio.numero),
        campo("vRedBCBM", dinheiro(beneficio.valor)) or campo("pRedBCBM", percentual(beneficio.percentual)),
    )


def _federal(dps: Dps) -> str:
    if dps.pis_cofins is None and not dps.retido_em_tributos:
        return ""
    retidos = [item.retencoes for item in dps.emissao.itens]
    pis, cofins, csll = (sum((getattr(r, nome) for r in retidos), ZERO) for nome in ("pis", "cofins", "csll"))
    return grupo(
        "tribFed",
        _pis_cofins(dps.pis_cofins, RETENCOES[bool(pis), bool(cofins), bool(csll)]),
        campo("vRetCP", _se_houver(sum((r.inss for r in retidos), ZERO))),
        campo("vRetIRRF", _se_houver(sum((r.ir for r in retidos), ZERO))),
        # Since NT 007 (2026-02-09) the field of the CSLL holds the sum of the three.
        campo("vRetCSLL", _se_houver(pis + cofins + csll)),
    )


def _pis_cofins(pis_cofins: PisCofins | None, retencao: str) -> str:
    if pis_cofins is None:
        return ""
    return grupo(
        "piscofins",
        campo("CST", pis_cofins.situacao_tributaria),
        campo("vBCPisCofins", dinheiro(pis_cofins.base)),
        campo("pAliqPis", percentual(pis_cofins.aliquota_pis)),
        campo("pAliqCofins", percentual(pis_cofins.aliquota_cofins)),
        campo("vPis", dinheiro(pis_cofins.pis)),
        campo("vCofins", dinheiro(pis_cofins.cofins)),
        campo("tpRetPisCofins", retencao),
    )


def forma(total: TotalTributos) -> str:
    """The element of the form chosen; empty for none."""
    if total.valores is not None:
        return "vTotTrib"
    if total.percentuais is not None:
        return "pTotTrib"
    if total.simples is not None:
        return "pTotTribSN"
    return "indTotTrib" if total.nao_informar else ""


def total_tributos(total: TotalTributos) -> str:
    escolhida = forma(total)
    if escolhida == "pTotTribSN":
        return grupo("totTrib", campo("pTotTribSN", percentual(total.simples)))
    if escolhida == "indTotTrib":
        return grupo("totTrib", campo("indTotTrib", "0"))
    partes = total.valores if escolhida == "vTotTrib" else total.percentuais
    if partes is None:
        return ""
    nomes = (f"{escolhida}{esfera}" for esfera in ("Fed", "Est", "Mun"))
    return grupo(
        "totTrib", grupo(escolhida, *(campo(n, dinheiro(valor)) for n, valor in zip(nomes, partes, strict=True)))
    )
