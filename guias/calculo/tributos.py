"""The taxes inside a DAS, with the codes of the PGDAS-D."""

from enum import StrEnum


class Tributo(StrEnum):
    IRPJ = "irpj"
    CSLL = "csll"
    COFINS = "cofins"
    PIS = "pis"
    CPP = "cpp"
    ICMS = "icms"
    IPI = "ipi"
    ISS = "iss"
    CBS = "cbs"
    IBS = "ibs"

    @property
    def rotulo(self) -> str:
        return _ROTULOS.get(self, self.name)

    @property
    def codigo(self) -> str | None:
        """Code of the PGDAS-D service; None for CBS and IBS, whose codes are not published yet."""
        return _CODIGOS.get(self)


_ROTULOS = {Tributo.COFINS: "Cofins", Tributo.PIS: "PIS/Pasep", Tributo.CPP: "CPP (INSS)"}
_CODIGOS = {
    Tributo.IRPJ: "1001",
    Tributo.CSLL: "1002",
    Tributo.COFINS: "1004",
    Tributo.PIS: "1005",
    Tributo.CPP: "1006",
    Tributo.ICMS: "1007",
    Tributo.IPI: "1008",
    Tributo.ISS: "1010",
}
POR_CODIGO = {codigo: tributo for tributo, codigo in _CODIGOS.items()}
SEM_CODIGO = ""  # stands for all that have no published code, added up


def nome_do_codigo(codigo: str) -> str:
    """What a code of the PGDAS-D is called on screen (pt-BR)."""
    if codigo == SEM_CODIGO:
        return "CBS e IBS, somados"
    return POR_CODIGO[codigo].rotulo if codigo in POR_CODIGO else f"Tributo {codigo}"


ICMS_ISS = frozenset({Tributo.ICMS, Tributo.ISS})
CBS_IBS = frozenset({Tributo.CBS, Tributo.IBS})
# LC 123/2006, art. 18, § 14, and from 2027 CBS and IBS likewise: not charged on exports.
FORA_DA_EXPORTACAO = ICMS_ISS | CBS_IBS | {Tributo.PIS, Tributo.COFINS, Tributo.IPI}
