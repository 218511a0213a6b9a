"""What is sent and what is withheld, by regime, situation and date of the service: one table of dated data.

The first line that fits decides. A line fits when the note has all its `tracos` and the day lies between `de` and
`ate`. A date that moves is a line that changes; a code is the one by which the Sefin refuses the opposite.
Sources: Anexo I of the layout (columns of rules), NT 007; the dates of IBS/CBS, Ato Conjunto RFB/CGIBS 4/2026 and LC
214/2025, arts. 62 and 348, as told by the official notices. docs/nfse-nacional.md says how sure each is.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from nfse.providers.nacional.valores import Dps, Simples


class Presenca(StrEnum):
    PROIBIDA = "proibida"
    OPCIONAL = "opcional"
    DEVIDA = "devida"  # the law asks for it, the Sefin takes the note without it
    OBRIGATORIA = "obrigatoria"


@dataclass(frozen=True)
class Linha:
    campo: str
    tracos: frozenset[str]
    presenca: Presenca
    codigo: str = ""
    de: date = date.min
    ate: date = date.max


def _l(
    campo: str,
    tracos: str,
    presenca: Presenca,
    codigo: str = "",
    de: tuple[int, int, int] = (1, 1, 1),
    ate: tuple[int, int, int] = (9999, 12, 31),
) -> Linha:
    return Linha(campo, frozenset(tracos.split()), presenca, codigo, date(*de), date(*ate))


_NAO, _SIM, _PODE, _DEVE = Presenca.PROIBIDA, Presenca.OBRIGATORIA, Presenca.OPCIONAL, Presenca.DEVIDA
LINHAS = (
    # The rate of the ISS: the Sefin takes that of the município where it knows it.
    _l("pAliq", "mei", _NAO, "E0600"),
    _l("pAliq", "nao_tributavel", _NAO, "E0602"),
    _l("pAliq", "regime_especial", _NAO, "E0604"),
    _l("pAliq", "suspensa", _NAO, "E0606"),
    _l("pAliq", "nao_optante ativa", _NAO, "E0617"),
    _l("pAliq", "nao_optante inativa", _SIM, "E0619"),
    _l("pAliq", "me_epp ap1 retido", _SIM, "E0621"),
    _l("pAliq", "me_epp ap1", _NAO, "E0625"),
    _l("pAliq", "me_epp ativa", _NAO, "E0635"),
    _l("pAliq", "me_epp inativa", _SIM, "E0640"),
    # The Simples.
    _l("regApTribSN", "me_epp", _SIM, "E0166"),
    _l("regApTribSN", "", _NAO, "E0162"),
    _l("regEspTrib", "mei", _NAO, "E0174"),
    _l("regEspTrib", "ap1", _NAO, "E0175"),
    _l("regEspTrib", "nao_tributavel", _NAO, "E0172"),
    # Withholding of the ISS, suspension, deductions.
    _l("retencao", "nao_tributavel", _NAO, "E0580"),
    _l("retencao", "mei", _NAO, "E0583"),
    _l("retencao", "regime_especial", _NAO, "E0588"),
    _l("retencao", "suspensa", _NAO, "E0589"),
    _l("exigSusp", "nao_tributavel", _NAO, "E0585"),
    _l("vDedRed", "mei", _NAO, "E0436"),
    # Federal taxes. The ban for people (CPF) was switched off on 2026-03-13.
    _l("tribFed", "mei", _NAO, "E0676"),
    _l("tribFed", "cpf", _NAO, "E0675", ate=(2026, 3, 12)),
    # Approximate taxes (Lei 12.741/2012): which forms each regime has.
    _l("indTotTrib", "nao_optante", _NAO, "E0713"),
    _l("pTotTribSN", "nao_optante", _NAO, "E0713"),
    _l("pTotTribSN", "mei", _NAO, "E0710"),
    _l("indTotTrib", "me_epp", _NAO, "E0712"),
    # IBS and CBS. Until the end of 2026 their absence is a breach and no refusal; some services begin in December.
    _l("IBSCBS", "", _NAO, "E0850", ate=(2025, 12, 31)),
    _l("IBSCBS", "nao_optante ibscbs_em_dezembro", _PODE, ate=(2026, 11, 30)),
    _l("IBSCBS", "nao_optante", _PODE, ate=(2026, 9, 30)),
    _l("IBSCBS", "nao_optante", _DEVE, ate=(2026, 12, 31)),
    _l("IBSCBS", "nao_optante", _SIM),
)
_POR_CAMPO: dict[str, tuple[Linha, ...]] = {
    campo: tuple(linha for linha in LINHAS if linha.campo == campo) for campo in {linha.campo for linha in LINHAS}
}
# Subitems of LC 116 whose IBS/CBS begins on 2026-12-01: 1.03, 1.05, 1.09, 16.01.
_EM_DEZEMBRO = ("0103", "0105", "0109", "1601")
_SEM_LINHA = Linha("", frozenset(), Presenca.OPCIONAL)


@lru_cache(maxsize=4096)
def linha(campo: str, tracos: frozenset[str], dia: date) -> Linha:
    """The line that decides about a field; one that permits it where none speaks of it."""
    return next(
        (uma for uma in _POR_CAMPO[campo] if uma.tracos <= tracos and uma.de <= dia <= uma.ate),
        _SEM_LINHA,
    )


_REGIMES = {Simples.NAO_OPTANTE: "nao_optante", Simples.MEI: "mei", Simples.ME_EPP: "me_epp"}


def tracos(dps: Dps) -> frozenset[str]:
    """What the table looks at in a declaration."""
    emitente, emissao = dps.emitente, dps.emissao
    achados = [
        _REGIMES[emitente.simples],
        "ativa" if dps.incidencia_ativa else "inativa",
        "tributavel" if dps.tributacao == "1" else "nao_tributavel",
        "retido" if dps.retencao != "1" else "nao_retido",
        "cpf" if len(emitente.documento) == 11 else "cnpj",
    ]
    if emitente.simples is Simples.ME_EPP:
        achados.append(f"ap{emissao.regime_apuracao}")
    if dps.regime_especial != "0":
        achados.append("regime_especial")
    if dps.suspensao is not None:
        achados.append("suspensa")
    if emissao.itens and emissao.itens[0].codigo.startswith(_EM_DEZEMBRO):
        achados.append("ibscbs_em_dezembro")
    return frozenset(achados)


def vai(campo: str, tracos: frozenset[str], dia: date) -> bool:
    """Whether a field that we have is sent."""
    return linha(campo, tracos, dia).presenca is not Presenca.PROIBIDA
