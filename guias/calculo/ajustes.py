"""What takes a tribute, or part of it, away from a portion of the revenue: exemption, reduction, immunity, lançamento
de ofício, suspended exigibility.

Sources: LC 123/2006, art. 18, §§ 20 and 20-A (ICMS and ISS), § 20-B (cesta básica: Cofins, PIS, ICMS); Constituição,
art. 150, VI; CTN, art. 151; Integra Contador, PGDASD, domains of TRANSDECLARACAO11.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from comum.formatos import format_percentual
from guias.calculo.anexos import Anexo
from guias.calculo.atividades import ATIVIDADES, Mercado
from guias.calculo.tributos import FORA_DA_EXPORTACAO, ICMS_ISS, Tributo

IMUNIDADE, LANCAMENTO_DE_OFICIO = 1, 3  # ids of the service's domain of qualifications
NORMAL, CESTA_BASICA = 1, 2  # and of its exemptions and reductions


class Especie(StrEnum):
    ISENCAO = "isento"
    REDUCAO = "reduzido"
    ISENCAO_CESTA = "isentocesta"
    REDUCAO_CESTA = "reduzidocesta"
    IMUNIDADE = "imune"
    OFICIO = "oficio"
    SUSPENSAO = "suspenso"

    @property
    def rotulo(self) -> str:
        return _ROTULOS[self]

    @property
    def reduz(self) -> bool:
        """Asks for a percentage."""
        return self in (Especie.REDUCAO, Especie.REDUCAO_CESTA)

    @property
    def cesta(self) -> bool:
        return self in (Especie.ISENCAO_CESTA, Especie.REDUCAO_CESTA)

    @property
    def tributos(self) -> frozenset[Tributo]:
        """The tributes it may be said of."""
        return _TRIBUTOS[self]


_ROTULOS = {
    Especie.ISENCAO: "Isenção",
    Especie.REDUCAO: "Redução",
    Especie.ISENCAO_CESTA: "Isenção, cesta básica",
    Especie.REDUCAO_CESTA: "Redução, cesta básica",
    Especie.IMUNIDADE: "Imunidade",
    Especie.OFICIO: "Lançamento de ofício",
    Especie.SUSPENSAO: "Exigibilidade suspensa",
}
_DO_PGDASD = frozenset(tributo for tributo in Tributo if tributo.codigo)
_CESTA = frozenset({Tributo.COFINS, Tributo.PIS, Tributo.ICMS})
_TRIBUTOS = {
    Especie.ISENCAO: ICMS_ISS,
    Especie.REDUCAO: ICMS_ISS,
    Especie.ISENCAO_CESTA: _CESTA,
    Especie.REDUCAO_CESTA: _CESTA,
    Especie.IMUNIDADE: _CESTA | ICMS_ISS | {Tributo.IPI},
    Especie.OFICIO: _DO_PGDASD,
    Especie.SUSPENSAO: _DO_PGDASD,
}
_CHAVE = re.compile(r"(?P<especie>[a-z]+)-(?P<tributos>[a-z]+(?:_[a-z]+)*)(?:-(?P<resto>\d{1,20}))?")


@dataclass(frozen=True, slots=True)
class Ajuste:
    """One adjustment of a whole portion of revenue. `percentual` (0 to 100, two places) is of a reduction, `processo`
    (its number, digits) of a suspension."""

    especie: Especie
    tributos: frozenset[Tributo]
    percentual: Decimal | None = None
    processo: str = ""

    @property
    def chave(self) -> str:
        """As it is kept and travels in URLs: "isento-iss", "reduzido-icms-3333" (33.33 %), "suspenso-pis-123"."""
        resto = self.processo if self.percentual is None else str(int(self.percentual * 100))
        nomes = "_".join(tributo.value for tributo in Tributo if tributo in self.tributos)
        return "-".join(filter(None, [self.especie.value, nomes, resto]))

    @property
    def rotulo(self) -> str:
        nomes = [tributo.rotulo for tributo in Tributo if tributo in self.tributos]
        de = " e ".join(filter(None, [", ".join(nomes[:-1]), nomes[-1]]))
        quanto = f" de {format_percentual(self.percentual)}" if self.percentual is not None else ""
        processo = f" (processo {self.processo})" if self.processo else ""
        return f"{self.especie.rotulo}{quanto} de {de}{processo}"

    @property
    def reducoes(self) -> dict[Tributo, Decimal]:
        """Percent off each tribute; 100 for an exemption."""
        if self.especie in (Especie.ISENCAO, Especie.ISENCAO_CESTA):
            return dict.fromkeys(self.tributos, Decimal(100))
        return dict.fromkeys(self.tributos, self.percentual) if self.percentual is not None else {}

    @property
    def afastados(self) -> frozenset[Tributo]:
        """Tributes that leave the portion whole."""
        return frozenset() if self.reducoes else self.tributos


def rotulo_de(chave: str) -> str:
    """Empty when the key names none."""
    lido = ler(chave)
    return lido.rotulo if lido else ""


def ler(chave: str) -> Ajuste | None:
    """The adjustment of a key as written by `chave`; None when it names none."""
    achada = _CHAVE.fullmatch(chave)
    if achada is None or achada["especie"] not in list(Especie):
        return None
    nomes = achada["tributos"].split("_")
    if any(nome not in list(Tributo) for nome in nomes):
        return None
    especie, resto = Especie(achada["especie"]), achada["resto"] or ""
    percentual = Decimal(resto) / 100 if especie.reduz and resto else None
    ajuste = Ajuste(
        especie,
        frozenset(map(Tributo, nomes)),
        percentual,
        resto if especie is Especie.SUSPENSAO else "",
    )
    return ajuste if ajuste.chave == chave and not _falta(ajuste) else None


def problema(ajuste: Ajuste, atividade: int, recolhidos: frozenset[Tributo] = frozenset()) -> str:
    """Why the adjustment does not go with the activity, in pt-BR; empty when it does. `recolhidos` are the tributes of
    the same revenue that were collected upstream."""
    if falta := _falta(ajuste):
        return falta
    if estranhos := ajuste.tributos - ajuste.especie.tributos:
        return f"{ajuste.especie.rotulo} não se aplica a {_ditos(estranhos)}: só a {_ditos(ajuste.especie.tributos)}."
    if estranhos := ajuste.tributos - (devidos(atividade) - recolhidos):
        return f"A atividade {atividade} não tem {_ditos(estranhos)} no DAS. Confira a atividade ou o tributo."
    return ""


def _falta(ajuste: Ajuste) -> str:
    if not ajuste.tributos:
        return "Diga de quais tributos."
    if ajuste.especie.reduz and (ajuste.percentual is None or not 0 < ajuste.percentual <= 100):
        return "A redução pede um percentual maior que zero, até 100."
    if ajuste.especie is Especie.SUSPENSAO and not ajuste.processo:
        return "A exigibilidade suspensa pede o número do processo."
    return ""


def _ditos(tributos: frozenset[Tributo]) -> str:
    return ", ".join(tributo.rotulo for tributo in Tributo if tributo in tributos)


_FEDERAIS = frozenset({Tributo.IRPJ, Tributo.CSLL, Tributo.COFINS, Tributo.PIS})
_DO_ANEXO = {
    Anexo.I: _FEDERAIS | {Tributo.CPP, Tributo.ICMS},
    Anexo.II: _FEDERAIS | {Tributo.CPP, Tributo.ICMS, Tributo.IPI},
    Anexo.III: _FEDERAIS | {Tributo.CPP, Tributo.ISS},
    Anexo.IV: _FEDERAIS | {Tributo.ISS},
    Anexo.V: _FEDERAIS | {Tributo.CPP, Tributo.ISS},
}


def devidos(atividade: int) -> frozenset[Tributo]:
    """The tributes of the PGDAS-D that an activity can owe in the DAS."""
    dela = ATIVIDADES[atividade]
    tributos = _DO_ANEXO[dela.anexo or Anexo.III] - dela.fora
    if dela.mercado is Mercado.EXTERNO:
        tributos -= FORA_DA_EXPORTACAO
    if dela.emprestado:
        tributos |= {dela.emprestado[0]}
    # Where it always means the same, the qualification leaves nothing to adjust.
    return tributos - dela.removidos_padrao if dela.qualificaveis == dela.removidos_padrao else tributos
