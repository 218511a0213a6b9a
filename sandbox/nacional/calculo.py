"""The amounts that the Sefin computes for an NFS-e: ISSQN, withholdings, net value, IBS and CBS.

Anexo I, sheets of the NFS-e layout; LC 214/2025 for the test rates of 2026. Rounding is half-even to cents.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from sandbox.nacional.arvore import CENTAVO, Campos

TRIBUTAVEL = "1"
NAO_OPTANTE, MEI, ME_EPP = "1", "2", "3"
SEM_RETENCAO = "1"
REGIME_UNICO = "1"  # regApTribSN: the federal tributes and the ISSQN inside the Simples
_CEM = Decimal(100)
_ANO_SEM_PIS_COFINS = 2027
# percent: state IBS, municipal IBS, CBS
ALIQUOTAS_DE_TESTE = (Decimal("0.10"), Decimal("0.00"), Decimal("0.90"))
_ISENCAO, _POR_PERCENTUAL, _POR_VALOR = "1", "2", "3"


def arredondar(valor: Decimal) -> Decimal:
    return valor.quantize(CENTAVO, ROUND_HALF_EVEN)


def por_cento(valor: Decimal, aliquota: Decimal) -> Decimal:
    return arredondar(valor * aliquota / _CEM)


@dataclass(frozen=True)
class Valores:
    """`base`, `aliquota` and `issqn` are None where the note carries the net value alone."""

    servico: Decimal
    deducoes: Decimal
    reembolsos: Decimal
    beneficio: Decimal
    tipo_beneficio: str
    base: Decimal | None
    aliquota: Decimal | None
    issqn: Decimal | None
    retido: Decimal
    liquido: Decimal


@dataclass(frozen=True)
class IbsCbs:
    """`diferidos`: of the State, of the município, of CBS; None where nothing is deferred."""

    base: Decimal
    uf: Decimal
    municipal: Decimal
    cbs: Decimal
    diferidos: tuple[Decimal, Decimal, Decimal] | None


def deducoes(dps: Campos) -> Decimal:
    grupo = "valores/vDedRed"
    if (percentual := dps.valor(f"{grupo}/pDR")) is not None:
        return por_cento(dps.dinheiro("valores/vServPrest/vServ"), percentual)
    if (valor := dps.valor(f"{grupo}/vDR")) is not None:
        return valor
    documentos = dps.nos(f"{grupo}/documentos/docDedRed")
    return sum((Campos(documento).dinheiro("vDeducaoReducao") for documento in documentos), Decimal(0))


def reembolsos(dps: Campos) -> Decimal:
    """What is of others: out of the bases of ISSQN, IBS and CBS (vBC of TCValoresNFSe and TCRTCValoresIBSCBS)."""
    documentos = dps.nos("IBSCBS/valores/gReeRepRes/documentos")
    return sum((Campos(documento).dinheiro("vlrReeRepRes") for documento in documentos), Decimal(0))


def beneficio(dps: Campos) -> tuple[str, Decimal]:
    """tpBM and the reduction of the base."""
    grupo = "valores/trib/tribMun/BM"
    if not dps.tem(grupo):
        return "", Decimal(0)
    if (valor := dps.valor(f"{grupo}/vRedBCBM")) is not None:
        return _POR_VALOR, valor
    if (percentual := dps.valor(f"{grupo}/pRedBCBM")) is not None:
        base = dps.dinheiro("valores/vServPrest/vServ") - _incondicionado(dps) - deducoes(dps) - reembolsos(dps)
        return _POR_PERCENTUAL, por_cento(base, percentual)
    return _ISENCAO, Decimal(0)


def _incondicionado(dps: Campos) -> Decimal:
    return dps.dinheiro("valores/vDescCondIncond/vDescIncond")


def condicionado(dps: Campos) -> Decimal:
    return dps.dinheiro("valores/vDescCondIncond/vDescCond")


def retencoes_federais(dps: Campos) -> Decimal:
    grupo = "valores/trib/tribFed"
    return sum((dps.dinheiro(f"{grupo}/{nome}") for nome in ("vRetCP", "vRetIRRF", "vRetCSLL")), Decimal(0))


def so_liquido(dps: Campos) -> bool:
    """Where the ISSQN is not computed: E1302, E1303, E1307, E1311, and the Simples that pays it in its own DAS."""
    regime = "prest/regTrib"
    municipal = "valores/trib/tribMun"
    if dps.texto(f"{regime}/opSimpNac") == MEI or dps.texto(f"{municipal}/tribISSQN") != TRIBUTAVEL:
        return True
    if dps.texto(f"{regime}/regEspTrib") != "0" or dps.tem(f"{municipal}/exigSusp"):
        return True
    simples = dps.texto(f"{regime}/regApTribSN") == REGIME_UNICO
    return simples and dps.texto(f"{municipal}/tpRetISSQN") == SEM_RETENCAO


def valores(dps: Campos, aliquota_municipal: Decimal | None) -> Valores:
    servico = dps.dinheiro("valores/vServPrest/vServ")
    deduzido, de_outros = deducoes(dps), reembolsos(dps)
    tipo, reduzido = beneficio(dps)
    base = aliquota = issqn = None
    if not so_liquido(dps):
        base = servico - _incondicionado(dps) - deduzido - de_outros - reduzido
        aliquota = dps.valor("valores/trib/tribMun/pAliq")
        if aliquota is None:
            aliquota = aliquota_municipal or Decimal(0)
        issqn = por_cento(base, aliquota)
    retido = retencoes_federais(dps)
    if issqn is not None and dps.texto("valores/trib/tribMun/tpRetISSQN") != SEM_RETENCAO:
        retido += issqn
    liquido = servico - _incondicionado(dps) - condicionado(dps) - retido
    return Valores(servico, deduzido, de_outros, reduzido, tipo, base, aliquota, issqn, retido, liquido)


def ibs_cbs(dps: Campos, computados: Valores, ano: int) -> IbsCbs:
    base = computados.servico - _incondicionado(dps) - computados.reembolsos - (computados.issqn or Decimal(0))
    if ano < _ANO_SEM_PIS_COFINS:
        grupo = "valores/trib/tribFed/piscofins"
        base -= dps.dinheiro(f"{grupo}/vPis") + dps.dinheiro(f"{grupo}/vCofins")
    base = max(base, Decimal(0))
    uf, municipal, cbs = (por_cento(base, aliquota) for aliquota in ALIQUOTAS_DE_TESTE)
    return IbsCbs(base, uf, municipal, cbs, _diferidos(dps, uf, municipal, cbs))


def _diferidos(dps: Campos, uf: Decimal, municipal: Decimal, cbs: Decimal) -> tuple[Decimal, Decimal, Decimal] | None:
    """Schema: vDifUF = vIBSUF x pDifUF, and so the others; the amounts themselves stay whole."""
    grupo = "IBSCBS/valores/trib/gIBSCBS/gDif"
    if not dps.tem(grupo):
        return None
    return (
        por_cento(uf, dps.dinheiro(f"{grupo}/pDifUF")),
        por_cento(municipal, dps.dinheiro(f"{grupo}/pDifMun")),
        por_cento(cbs, dps.dinheiro(f"{grupo}/pDifCBS")),
    )
