"""The five annexes of the Simples Nacional in one period of validity, and the shares they give for an RBT12.

Rates and partitions are percentages (12.74 means 12.74 %), amounts are reais. Rows are passed in.
Sources: LC 123/2006, art. 18 and annexes I to V (LC 155/2016); LC 214/2025 and Resolução CGSN 190/2026 from 01/2027.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from guias.calculo.tributos import ICMS_ISS, Tributo

ISS_MAXIMO = Decimal(5)
_ZERO = Decimal(0)


class Anexo(StrEnum):
    I = "I"  # noqa: E741
    II = "II"
    III = "III"
    IV = "IV"
    V = "V"


@dataclass(frozen=True, slots=True)
class Faixa:
    """A band of an annex: it takes RBT12 up to `limite`; `particao` splits the effective rate and adds to 100."""

    anexo: Anexo
    numero: int
    limite: Decimal
    aliquota: Decimal
    deducao: Decimal
    particao: Mapping[Tributo, Decimal]

    def efetiva(self, rbt12: Decimal) -> Decimal:
        """Effective rate in percent; without revenue in the twelve months, the nominal one."""
        return (rbt12 * self.aliquota - self.deducao * 100) / rbt12 if rbt12 else self.aliquota


def faixa_da_tabela(
    *,
    anexo: str,
    faixa: int | str,
    limite_superior_rbt12: Decimal | str,
    aliquota_nominal: Decimal | str,
    parcela_deduzir: Decimal | str,
    reparticao: Mapping[str, Decimal | str],
) -> Faixa:
    """A band from a row of the official tables; `reparticao` is keyed by tribute name in lower case."""
    return Faixa(
        anexo=Anexo(anexo),
        numero=int(faixa),
        limite=Decimal(limite_superior_rbt12),
        aliquota=Decimal(aliquota_nominal),
        deducao=Decimal(parcela_deduzir),
        particao={Tributo(nome): Decimal(parte) for nome, parte in reparticao.items() if Decimal(parte)},
    )


def _porcentos(**partes: str) -> dict[Tributo, Decimal]:
    return {Tributo(nome): Decimal(parte) for nome, parte in partes.items()}


# Federal split of what is left above the 5 % of ISS, as printed under annexes III and IV, by first month in force. It
# is not the partition of band 5 made proportional (PIS of annex IV would be 6.53), so it is kept as printed.
_TETO_ISS: tuple[tuple[date, dict[Anexo, dict[Tributo, Decimal]]], ...] = (
    (
        date(2018, 1, 1),
        {
            Anexo.III: _porcentos(irpj="6.02", csll="5.26", cofins="19.28", pis="4.18", cpp="65.26"),
            Anexo.IV: _porcentos(irpj="31.33", csll="32.00", cofins="30.13", pis="6.54"),
        },
    ),
    (
        date(2027, 1, 1),
        {
            Anexo.III: _porcentos(irpj="6.02", csll="5.26", cbs="23.20", cpp="65.26", ibs="0.26"),
            Anexo.IV: _porcentos(irpj="31.33", csll="32.00", cbs="36.27", ibs="0.40"),
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Parcelas:
    """Share of each tribute in percent of the revenue, with the band they came from."""

    faixa: Faixa
    efetiva: Decimal
    partes: dict[Tributo, Decimal]
    teto_iss: bool = False
    formula_sublimite: bool = False


@dataclass(frozen=True, slots=True)
class TabelaAnexos:
    """The annexes in force from `inicio` to `fim` (first days of months, both included)."""

    inicio: date
    fim: date
    faixas: Mapping[Anexo, tuple[Faixa, ...]]
    teto_iss: Mapping[Anexo, Mapping[Tributo, Decimal]]

    @classmethod
    def montar(cls, faixas: Iterable[Faixa], inicio: date, fim: date) -> "TabelaAnexos":
        """Raises ValueError when the rows are not six growing bands per annex whose partitions add to 100."""
        por_anexo: dict[Anexo, tuple[Faixa, ...]] = dict.fromkeys(Anexo, ())
        for faixa in sorted(faixas, key=lambda faixa: faixa.numero):
            por_anexo[faixa.anexo] += (faixa,)
        for anexo, linhas in por_anexo.items():
            limites = [faixa.limite for faixa in linhas]
            if [faixa.numero for faixa in linhas] != [1, 2, 3, 4, 5, 6] or limites != sorted(set(limites)):
                raise ValueError(f"annex {anexo}: bands 1 to 6 with growing limits expected")
            if any(sum(faixa.particao.values()) != 100 for faixa in linhas):
                raise ValueError(f"annex {anexo}: partitions must add to 100")
        teto = [valores for vigencia, valores in _TETO_ISS if vigencia <= inicio]
        if not teto:
            raise ValueError(f"no ISS cap known for {inicio}")
        return cls(inicio, fim, por_anexo, teto[-1])

    def vigente(self, competencia: date) -> bool:
        return self.inicio <= competencia <= self.fim

    @property
    def limite(self) -> Decimal:
        """Highest RBT12 of the regime."""
        return self.faixas[Anexo.I][-1].limite

    @property
    def limite_icms_iss(self) -> Decimal:
        """RBT12 above which the band has no ICMS and ISS of its own."""
        return self.faixas[Anexo.I][-2].limite

    def parcelas(self, anexo: Anexo, rbt12: Decimal) -> Parcelas:
        """Shares of an annex for an RBT12 up to `limite` (ValueError above it); 0 gives the nominal rate of band 1."""
        faixa = next((faixa for faixa in self.faixas[anexo] if rbt12 <= faixa.limite), None)
        if faixa is None:
            raise ValueError("RBT12 above the last band")
        efetiva = faixa.efetiva(rbt12)
        partes = {tributo: efetiva * parte / 100 for tributo, parte in faixa.particao.items()}
        teto = partes.get(Tributo.ISS, _ZERO) > ISS_MAXIMO
        if teto:
            excedente = efetiva - ISS_MAXIMO
            partes = {tributo: excedente * parte / 100 for tributo, parte in self.teto_iss[anexo].items()}
            partes[Tributo.ISS] = ISS_MAXIMO
        # What division leaves over goes to the largest share (LC 123/2006, annexes), the capped ISS excepted.
        maior = max(partes, key=lambda tributo: _ZERO if teto and tributo is Tributo.ISS else partes[tributo])
        partes[maior] += efetiva - sum(partes.values())
        formula = faixa is self.faixas[anexo][-1]
        if formula:
            partes |= self._pela_quinta_faixa(anexo, rbt12)
        return Parcelas(faixa, efetiva, partes, teto_iss=teto, formula_sublimite=formula)

    def _pela_quinta_faixa(self, anexo: Anexo, rbt12: Decimal) -> dict[Tributo, Decimal]:
        """ICMS and ISS still due in the DAS above the sublimit: the last band has none, so band 5 gives theirs.

        Where the ISS passes 5 % it is held there; the federal taxes already follow the last band.
        """
        quinta = self.faixas[anexo][-2]
        efetiva = quinta.efetiva(rbt12)
        partes = {tributo: efetiva * quinta.particao[tributo] / 100 for tributo in ICMS_ISS & quinta.particao.keys()}
        if Tributo.ISS in partes:
            partes[Tributo.ISS] = min(partes[Tributo.ISS], ISS_MAXIMO)
        return partes
