"""The arithmetic of a note: pure functions, to the cent, half up.

Withholding of PIS, COFINS and CSLL: Lei 10.833/2003, arts. 30 and 31 (4.65 % together, not withheld when the three
together come to R$ 10.00 or less); of IR: RIR/2018, arts. 714 and 724 (not withheld up to R$ 10.00). INSS: Lei
8.212/1991, art. 31. These suggest; the office decides, because who takes the service and what it is change the answer.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from comum.formatos import MAXIMO_EM_DINHEIRO

ZERO = Decimal(0)
CENTAVO = Decimal("0.01")
DISPENSA = Decimal("10.00")
RETENCOES = ("pis", "cofins", "csll", "ir", "inss")  # as Linha, DadosItem and NotaItem name them
ISS_MAXIMO = Decimal(5)  # percent: LC 116/2003, art. 8, II


def centavos(valor: Decimal) -> Decimal:
    return valor.quantize(CENTAVO, rounding=ROUND_HALF_UP)


def item_sem_zero(item: str) -> str:
    """An LC 116 item as the law numbers it: "07.02" is "7.02". Text, never a number: 7.10 is not 7.1."""
    grupo, ponto, resto = item.partition(".")
    return f"{grupo.lstrip('0') or '0'}{ponto}{resto}"


@dataclass(frozen=True)
class Linha:
    """What the arithmetic needs of one line. `aliquota` None: the município decides, and there is no ISS of ours.
    Its parts of what the note as a whole takes off the base of the ISS: `reembolso` of what others are reimbursed,
    which is no deduction, `reducao` of a municipal benefit."""

    quantidade: Decimal
    valor_unitario: Decimal
    aliquota: Decimal | None = None
    deducao: Decimal | None = None
    desconto: Decimal = ZERO
    reembolso: Decimal = ZERO
    pis: Decimal = ZERO
    cofins: Decimal = ZERO
    csll: Decimal = ZERO
    ir: Decimal = ZERO
    inss: Decimal = ZERO
    reducao: Decimal = ZERO

    @property
    def valor(self) -> Decimal:
        return centavos(self.quantidade * self.valor_unitario)

    @property
    def base(self) -> Decimal:
        return self.valor - (self.deducao or ZERO) - self.desconto - self.reembolso - self.reducao

    @property
    def iss(self) -> Decimal | None:
        return None if self.aliquota is None else centavos(self.base * self.aliquota / 100)

    @property
    def retido(self) -> Decimal:
        return self.pis + self.cofins + self.csll + self.ir + self.inss


def linha_sem_iss(linha: Linha) -> Linha:
    return replace(linha, aliquota=None)


def abater(linhas: Sequence[Linha], *, deducao: Decimal = ZERO, reembolso: Decimal = ZERO) -> list[Linha]:
    """The lines with what is deducted and reimbursed of the note as a whole: each takes of it what its base bears, in
    order, and the last one all that is left."""
    feitas = []
    for restam, linha in zip(range(len(linhas) - 1, -1, -1), linhas, strict=True):
        deduz = min(deducao, linha.base) if restam else deducao
        deducao -= deduz
        if deduz:
            linha = replace(linha, deducao=(linha.deducao or ZERO) + deduz)
        reembolsa = min(reembolso, linha.base) if restam else reembolso
        reembolso -= reembolsa
        feitas.append(replace(linha, reembolso=linha.reembolso + reembolsa))
    return feitas


def reduzir(linhas: Sequence[Linha], total: Decimal) -> list[Linha]:
    """The lines of one note with the base of their ISS reduced, in reais of the whole note: to each its part, to the
    last one the cents that are left."""
    base = sum((linha.base for linha in linhas), ZERO)
    if not total or base <= 0:
        return list(linhas)
    partes = [centavos(total * linha.base / base) for linha in linhas]
    partes[-1] += total - sum(partes, ZERO)
    return [replace(linha, reducao=parte) for linha, parte in zip(linhas, partes, strict=True)]


@dataclass(frozen=True)
class Totais:
    """Of a whole note, in reais. `retido` includes the ISS when the taker withholds it; `liquido` is what is paid.
    `condicionado` is the discount that hangs on something later: off what is paid, and not off the base of the ISS (LC
    116/2003, art. 7). `reducao` is off that base alone."""

    servicos: Decimal
    deducoes: Decimal
    descontos: Decimal
    iss: Decimal
    retido: Decimal
    liquido: Decimal
    condicionado: Decimal = ZERO
    reducao: Decimal = ZERO
    reembolsos: Decimal = ZERO


def cabe(linhas: Iterable[Linha], soma: Totais) -> bool:
    """Whether a note can hold these amounts."""
    valores = [*vars(soma).values(), *(linha.iss or ZERO for linha in linhas)]
    return all(abs(valor) <= MAXIMO_EM_DINHEIRO for valor in valores)


def totais(linhas: Iterable[Linha], *, iss_retido: bool, condicionado: Decimal = ZERO) -> Totais:
    todas = list(linhas)
    servicos = sum((linha.valor for linha in todas), ZERO)
    descontos = sum((linha.desconto for linha in todas), ZERO)
    iss = sum((linha.iss or ZERO for linha in todas), ZERO)
    retido = sum((linha.retido for linha in todas), ZERO) + (iss if iss_retido else ZERO)
    return Totais(
        servicos=servicos,
        deducoes=sum((linha.deducao or ZERO for linha in todas), ZERO),
        descontos=descontos,
        iss=iss,
        retido=retido,
        liquido=servicos - descontos - condicionado - retido,
        condicionado=condicionado,
        reducao=sum((linha.reducao for linha in todas), ZERO),
        reembolsos=sum((linha.reembolso for linha in todas), ZERO),
    )


@dataclass(frozen=True)
class Aliquotas:
    """Rates withheld, in percent; None where nothing is."""

    pis: Decimal | None = None
    cofins: Decimal | None = None
    csll: Decimal | None = None
    ir: Decimal | None = None
    inss: Decimal | None = None


def reter(linha: Linha, aliquotas: Aliquotas) -> Linha:
    """The line with the withholdings that these rates give on its value less discount, whatever they come to."""
    base = linha.valor - linha.desconto

    def parte(aliquota: Decimal | None) -> Decimal:
        return ZERO if aliquota is None else centavos(base * aliquota / 100)

    return replace(linha, **{nome: parte(getattr(aliquotas, nome)) for nome in RETENCOES})


def dispensar(linhas: Sequence[Linha], automaticas: Sequence[Collection[str]] | None = None) -> list[Linha]:
    """The lines of one note without what need not be withheld: the limit is of the payment, not of a line. What a
    person typed stays: `automaticas` names, of each line, the withholdings that are of our making; all where not
    given."""
    nossas = automaticas or [RETENCOES] * len(linhas)
    feitas = list(linhas)
    for juntas in (("pis", "cofins", "csll"), ("ir",)):
        if sum((getattr(linha, nome) for linha in linhas for nome in juntas), ZERO) <= DISPENSA:
            feitas = [
                replace(linha, **{nome: ZERO for nome in juntas if nome in suas})
                for linha, suas in zip(feitas, nossas, strict=True)
            ]
    return feitas
