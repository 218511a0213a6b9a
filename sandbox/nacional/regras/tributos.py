"""Rules about the federal tributes, the approximate total and IBS/CBS."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sandbox.nacional.calculo import ME_EPP, MEI, NAO_OPTANTE, por_cento
from sandbox.nacional.codigos import Mensagem, sem_numero
from sandbox.nacional.regras.exame import Exame

_FEDERAL, _TOTAL = "valores/trib/tribFed", "valores/trib/totTrib"
_PIS_COFINS = f"{_FEDERAL}/piscofins"
_CST_SEM_BASE = {"00", "08", "09"}
_CST_ALIQUOTA_ZERO = {"04", "06"}
_SEM_RETENCAO = {"", "0"}
_TOLERANCIA = Decimal("0.01")
_INICIO_IBSCBS = date(2026, 1, 1)


def federais(exame: Exame) -> Iterator[str]:
    dps, servico = exame.dps, exame.valores.servico
    if not dps.tem(_FEDERAL):
        return
    if exame.simples == MEI:
        yield "E0676"
        return
    if dps.tem(_PIS_COFINS):
        yield from _pis_cofins(exame)
    for nome, codigo in (("vRetCP", "E0699"), ("vRetIRRF", "E0700")):
        retido = dps.valor(f"{_FEDERAL}/{nome}")
        if retido is not None and not 0 < retido < servico:
            yield codigo
    contribuicoes = dps.valor(f"{_FEDERAL}/vRetCSLL")
    retem = dps.texto(f"{_PIS_COFINS}/tpRetPisCofins") not in _SEM_RETENCAO
    if (contribuicoes is not None) != retem or (contribuicoes is not None and not 0 < contribuicoes < servico):
        yield "E0701"


def _pis_cofins(exame: Exame) -> Iterator[str]:
    dps = exame.dps
    cst, base = dps.texto(f"{_PIS_COFINS}/CST"), dps.valor(f"{_PIS_COFINS}/vBCPisCofins")
    if base is None:
        if cst not in _CST_SEM_BASE:
            yield "E0678"
        return
    if not 0 < base <= exame.valores.servico:
        yield "E0682"
    aliquotas = [dps.dinheiro(f"{_PIS_COFINS}/{nome}") for nome in ("pAliqPis", "pAliqCofins")]
    if cst in _CST_ALIQUOTA_ZERO and any(aliquotas):
        yield "E0688"
    valores = [dps.dinheiro(f"{_PIS_COFINS}/{nome}") for nome in ("vPis", "vCofins")]
    for aliquota, valor, codigo in zip(aliquotas, valores, ("E0694", "E0696"), strict=True):
        if abs(por_cento(base, aliquota) - valor) > _TOLERANCIA:
            yield codigo


def total(exame: Exame) -> Iterator[str]:
    dps = exame.dps
    if exame.simples == NAO_OPTANTE and not (dps.tem(f"{_TOTAL}/vTotTrib") or dps.tem(f"{_TOTAL}/pTotTrib")):
        yield "E0713"
    if exame.simples == MEI and dps.tem(f"{_TOTAL}/pTotTribSN"):
        yield "E0710"
    if exame.simples == ME_EPP and dps.tem(f"{_TOTAL}/indTotTrib"):
        yield "E0712"


def ibs_cbs(exame: Exame) -> Iterator[str | Mensagem]:
    dps = exame.dps
    if not dps.tem("IBSCBS"):
        desde = date.fromisoformat(exame.opcoes["ibscbs_required_from"])
        if exame.simples != MEI and exame.competencia >= desde:
            yield sem_numero("O grupo IBSCBS é obrigatório para a competência.")
        return
    if exame.competencia < _INICIO_IBSCBS:
        yield "E0850"
    grupo = "IBSCBS/valores/trib/gIBSCBS"
    if not dps.texto(f"{grupo}/cClassTrib").startswith(dps.texto(f"{grupo}/CST")):
        yield "E0959"
