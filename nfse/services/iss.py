"""Whether a note has an ISS of its own, and where that of the others is: one rule for what is computed and shown.

Only the national system leaves it out of a note (the amounts that the Sefin computes: E1302, E1303, E1307, E1311, and
the Simples that pays it in its own DAS). An optante outside the regime único pays it by itself, and what the taker
withholds is always of the note: LC 123/2006, arts. 20, § 1º, and 21, § 4º.
"""

from empresas.models import Regime
from nfse.models import CanalNfse, Nota
from nfse.models.exigencias import SEM_ISS, Exigibilidade, RegimeApuracao, codigo, palavras
from nfse.providers.nacional import presencas
from nfse.providers.nacional.dps import dia_do_servico
from nfse.providers.nacional.valores import Dps, Simples
from nfse.services import exigencias, nacional
from nfse.services.detalhes import SUSPENSAS
from nfse.services.regras import regime_em, regimes_de

NO_DAS = "pago no DAS"
SUSPENSO = "suspenso"
_ESPECIAL = "conforme o regime especial"
_REGIMES = {Simples.MEI: Regime.MEI, Simples.ME_EPP: Regime.SIMPLES}
_DA_TRIBUTACAO = {codigo("exigibilidade", 2, valor): valor for valor in Exigibilidade}
_NO_SIMPLES = codigo("regime_apuracao", 2, RegimeApuracao.NO_SIMPLES)


def sem_iss(exigibilidade: str, canal: CanalNfse | None, regime: str, *, retido: bool) -> str:
    """Why a note by this channel has no ISS of its own, in pt-BR; empty where it has. `regime` of the empresa on the
    competência."""
    if canal is None or not exigencias.direto(canal):
        return ""
    especial = bool(codigo("regime_tributacao", 2, canal.regime_tributacao))
    no_simples = canal.regime_apuracao == RegimeApuracao.NO_SIMPLES
    return _motivo(exigibilidade, regime, no_simples=no_simples, especial=especial, retido=retido)


def sem_iss_na_dps(dps: Dps) -> str:
    """The same of a declaration."""
    dita = _DA_TRIBUTACAO.get(dps.tributacao, "")
    return _motivo(
        Exigibilidade.SUSPENSA_JUDICIAL if dps.suspensao is not None else dita,
        _REGIMES.get(dps.emitente.simples, ""),
        no_simples=dps.emissao.regime_apuracao == _NO_SIMPLES,
        especial=dps.regime_especial != "0",
        retido=dps.retencao != "1",
    )


def _motivo(exigibilidade: str, regime: str, *, no_simples: bool, especial: bool, retido: bool) -> str:
    if exigibilidade in SEM_ISS:
        return f"não há ISS ({palavras('exigibilidade', 2, exigibilidade).lower()})"
    if exigibilidade in SUSPENSAS:
        return SUSPENSO
    if regime == Regime.MEI:
        return NO_DAS
    if especial:
        return _ESPECIAL
    return NO_DAS if regime == Regime.SIMPLES and no_simples and not retido else ""


def sem_iss_da_nota(nota: Nota, canal: CanalNfse | None) -> str:
    """As it went, else as it would go by this channel. `nota` with empresa and operacao at hand."""
    if canal is None or not exigencias.direto(canal):
        return ""
    dps = nacional.declarada(nota)
    if dps is not None:
        return sem_iss_na_dps(dps)
    regimes = regimes_de([nota.empresa_id]).get(nota.empresa_id, [])
    regime = regime_em(regimes, nota.competencia, nota.empresa.regime)
    return sem_iss(exigencias.em_vigor("exigibilidade", nota, canal), canal, regime, retido=nota.iss_retido)


def aliquota_vai(dps: Dps) -> bool:
    """Whether the rate of the item is told in the declaration."""
    return presencas.vai("pAliq", presencas.tracos(dps), dia_do_servico(dps))


def aliquota_foi(nota: Nota) -> bool:
    """Whether what was sent of the note told its rate; yes where nothing went, or by a channel that takes it."""
    dps = nacional.declarada(nota)
    return dps is None or aliquota_vai(dps)
