"""What was sent of a note beside what the service really applied, which may differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from nfse.models import Nota, NotaItem
from nfse.services.calculo import centavos


@dataclass(frozen=True)
class Par:
    """One figure, sent and applied; None where there is none. Sent None with something applied is the município's own
    decision, not a difference."""

    enviado: Decimal | None
    aplicado: Decimal | None

    @property
    def difere(self) -> bool:
        return self.enviado is not None and self.aplicado is not None and self.enviado != self.aplicado

    @property
    def do_municipio(self) -> bool:
        return self.enviado is None and self.aplicado is not None


@dataclass(frozen=True)
class LinhaComparada:
    item: NotaItem
    valor: Par
    aliquota: Par
    deducao: Par
    iss: Par

    @property
    def difere(self) -> bool:
        return self.valor.difere or self.aliquota.difere or self.deducao.difere


@dataclass(frozen=True)
class Comparacao:
    linhas: Sequence[LinhaComparada]
    total: Par
    tributos: Sequence[tuple[str, Decimal]]  # as the service tells them

    @property
    def tem_aplicado(self) -> bool:
        """Whether the service told what it applied."""
        return self.total.aplicado is not None or any(linha.valor.aplicado is not None for linha in self.linhas)

    @property
    def difere(self) -> bool:
        return self.total.difere or any(linha.difere for linha in self.linhas)


def comparar(nota: Nota, itens: Sequence[NotaItem], *, aliquota_foi: bool = True) -> Comparacao:
    """`aliquota_foi`: whether the rates of the lines, and so the ISS that they give, are what was sent."""
    aplicados = nota.aplicado.get("itens", [])
    linhas = [
        _linha(item, aplicados[ordem] if ordem < len(aplicados) else {}, aliquota_foi)
        for ordem, item in enumerate(itens)
    ]
    if len(linhas) == 1:
        linhas = [replace(linhas[0], iss=Par(linhas[0].iss.enviado, iss_aplicado(nota.aplicado)))]
    return Comparacao(
        linhas=linhas,
        total=Par(nota.valor_servicos, _decimal(nota.aplicado.get("valor"))),
        tributos=[(nome, Decimal(valor)) for nome, valor in nota.aplicado.get("tributos", [])],
    )


def _linha(item: NotaItem, aplicado: Mapping[str, Any], aliquota_foi: bool) -> LinhaComparada:
    valor, aliquota = _decimal(aplicado.get("valor")), _decimal(aplicado.get("aliquota"))
    deducao = _decimal(aplicado.get("deducao"))
    return LinhaComparada(
        item=item,
        valor=Par(item.valor, valor),
        aliquota=Par(item.aliquota if aliquota_foi else None, aliquota),
        deducao=Par(item.deducao, deducao),
        iss=Par(item.iss if aliquota_foi else None, _iss_dos_itens([aplicado])),
    )


def iss_aplicado(aplicado: Mapping[str, Any]) -> Decimal | None:
    """The ISS of Nota.aplicado, in reais: as the service tells it, else what its values and rates give; None unless
    all of it is told."""
    dito = dict(aplicado.get("tributos", [])).get("ISS")
    return _iss_dos_itens(aplicado.get("itens", [])) if dito is None else Decimal(dito)


def _iss_dos_itens(itens: Sequence[Mapping[str, Any]]) -> Decimal | None:
    """A deduction applied is not reckoned with: whether it is an amount or a rate is the service's secret."""
    total = Decimal(0)
    for item in itens:
        valor, aliquota = _decimal(item.get("valor")), _decimal(item.get("aliquota"))
        if valor is None or aliquota is None or _decimal(item.get("deducao")):
            return None
        total += centavos(valor * aliquota / 100)
    return total if itens else None


def _decimal(texto: str | None) -> Decimal | None:
    return None if texto is None else Decimal(texto)
