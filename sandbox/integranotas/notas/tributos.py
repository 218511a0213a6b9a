"""The taxes of a note as the layouts tell them, alike for notes issued and for notes received.

`retencoes` is what the taker keeps, by tax (iss, ir, pis, cofins, csll, inss), in reais.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

ZERO = Decimal("0.00")
TRIBUTOS = ("iss", "ir", "pis", "cofins", "csll", "inss")
# From then on vRetCSLL adds up what is withheld of PIS, COFINS and CSLL, and tpRetPisCofins says of which.
NT_007 = date(2026, 2, 9)
_CODIGOS = {
    frozenset[str](): 0,
    frozenset({"pis", "cofins", "csll"}): 3,
    frozenset({"pis", "cofins"}): 4,
    frozenset({"pis"}): 5,
    frozenset({"cofins"}): 6,
    frozenset({"cofins", "csll"}): 7,
    frozenset({"csll"}): 8,
    frozenset({"pis", "csll"}): 9,
}
_ALIQUOTAS = {"pis": Decimal("0.65"), "cofins": Decimal("3.00")}


@dataclass(frozen=True)
class Apurado:
    """`iss` of the note, whoever pays it; `retencoes` has it too when the taker does. `base` None where the note tells
    no ISS. `valor` of the services, `descontos` what is taken off before anything is paid, `outras` what else is
    withheld, under no name of the layouts."""

    valor: Decimal
    retencoes: Mapping[str, Decimal]
    iss: Decimal = ZERO
    base: Decimal | None = None
    aliquota: Decimal | None = None
    descontos: Decimal = ZERO
    outras: Decimal = ZERO

    @property
    def retido(self) -> Decimal:
        return sum((self.retencoes.get(tributo, ZERO) for tributo in TRIBUTOS), ZERO)

    @property
    def liquido(self) -> Decimal:
        return self.valor - self.descontos - self.outras - self.retido

    def retem(self, tributo: str) -> bool:
        return bool(self.retencoes.get(tributo))


def reais(nome: str, valor: Decimal | None) -> str:
    """An element with an amount; nothing without one."""
    return "" if valor is None else f"<{escape(nome)}>{valor:.2f}</{escape(nome)}>"


def valores_nfse(apurado: Apurado) -> str:
    """ABRASF 2: what the town hall found for the whole note, the ISS that the declaration tells among it."""
    iss = apurado.iss if apurado.base is not None else None
    achado = reais("BaseCalculo", apurado.base) + reais("Aliquota", apurado.aliquota) + reais("ValorIss", iss)
    return f"<ValoresNfse>{achado}{reais('ValorLiquidoNfse', apurado.liquido)}</ValoresNfse>"


def valores_nacionais(apurado: Apurado) -> str:
    """National: what the Sefin computed. Without an ISS of the note there is only the net."""
    iss = apurado.iss if apurado.base is not None else None
    total = apurado.retido if apurado.base is not None or apurado.retido else None
    achado = reais("vBC", apurado.base) + reais("pAliqAplic", apurado.aliquota) + reais("vISSQN", iss)
    return f"<valores>{achado}{reais('vTotalRet', total)}{reais('vLiq', apurado.liquido)}</valores>"


def tributos_nacionais(apurado: Apurado, dia: date, *, debito: bool) -> str:
    """National: `trib` as the provider declared it. `debito`: the provider tells PIS and COFINS of its own, which are
    nothing that the taker keeps."""
    municipal = (
        f"<tribMun><tribISSQN>1</tribISSQN><tpRetISSQN>{2 if apurado.retem('iss') else 1}</tpRetISSQN></tribMun>"
    )
    juntas = {tributo: apurado.retencoes.get(tributo, ZERO) for tributo in ("pis", "cofins", "csll")}
    contribuicoes, csll = (_da_nt_007 if dia >= NT_007 else _antes)(apurado.valor, juntas, debito=debito)
    federais = [
        ("vRetCP", apurado.retencoes.get("inss")),
        ("vRetIRRF", apurado.retencoes.get("ir")),
        ("vRetCSLL", csll),
    ]
    retidos = "".join(reais(nome, valor) for nome, valor in federais if valor)
    federal = f"<tribFed>{contribuicoes}{retidos}</tribFed>" if contribuicoes or retidos else ""
    return f"<trib>{municipal}{federal}<totTrib><indTotTrib>0</indTotTrib></totTrib></trib>"


def _debito(valor: Decimal) -> str:
    """What the provider itself owes on its revenue."""
    devidos = {tributo: valor * aliquota / 100 for tributo, aliquota in _ALIQUOTAS.items()}
    aliquotas = reais("pAliqPis", _ALIQUOTAS["pis"]) + reais("pAliqCofins", _ALIQUOTAS["cofins"])
    valores = reais("vPis", devidos["pis"]) + reais("vCofins", devidos["cofins"])
    return f"<CST>01</CST>{reais('vBCPisCofins', valor)}{aliquotas}{valores}"


def _da_nt_007(valor: Decimal, retidas: Mapping[str, Decimal], *, debito: bool) -> tuple[str, Decimal]:
    quais = frozenset(tributo for tributo, retido in retidas.items() if retido)
    if not debito and not quais:
        return "", ZERO
    proprio = _debito(valor) if debito else "<CST>00</CST>"
    codigo = f"<tpRetPisCofins>{_CODIGOS[quais]}</tpRetPisCofins>"
    return f"<piscofins>{proprio}{codigo}</piscofins>", sum(retidas.values(), ZERO)


def _antes(valor: Decimal, retidas: Mapping[str, Decimal], *, debito: bool) -> tuple[str, Decimal]:
    """vPis and vCofins are what is withheld under code 1, and the provider's own under code 2."""
    if retidas["pis"] or retidas["cofins"]:
        valores = reais("vPis", retidas["pis"]) + reais("vCofins", retidas["cofins"])
        return f"<piscofins><CST>01</CST>{valores}<tpRetPisCofins>1</tpRetPisCofins></piscofins>", retidas["csll"]
    if not debito:
        return "", retidas["csll"]
    return f"<piscofins>{_debito(valor)}<tpRetPisCofins>2</tpRetPisCofins></piscofins>", retidas["csll"]
