"""Prices as dated data: the tables, the billing period, and the tier that a volume reaches.

Source: annex of a SERPRO Integra Contador contract, extracted on 06/12/2025 (operacoes/dados; adjusted every year, so
an administrator adds a table of a newer date). A billing period goes from day 21 to day 20, the three classes count
apart, and the tier reached prices the whole volume of the period. A call is priced by the table in force on its day.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from comum.formatos import format_numero
from operacoes.models import Classe, FaixaPreco, TabelaPreco

_DADOS = Path(__file__).resolve().parent.parent / "dados"
# In the order of the contract.
COBRADAS = (Classe.CONSULTA, Classe.EMISSAO, Classe.DECLARACAO)
_CENTAVO = Decimal("0.01")


class Faixa(NamedTuple):
    """`preco` R$ a call while the period's volume is at most `ate` (None: no limit)."""

    ate: int | None
    preco: Decimal


class Precos:
    """Tables of prices as read at one moment."""

    def __init__(self, faixas: Iterable[FaixaPreco]) -> None:
        por_tabela: dict[tuple[str, date], list[Faixa]] = defaultdict(list)
        for faixa in faixas:
            por_tabela[faixa.classe, faixa.tabela_id].append(Faixa(faixa.ate, faixa.preco))
        self._tabelas: dict[str, list[tuple[date, list[Faixa]]]] = defaultdict(list)
        for (classe, desde), suas in sorted(por_tabela.items()):
            self._tabelas[classe].append((desde, sorted(suas, key=lambda f: (f.ate is None, f.ate or 0))))

    @classmethod
    def ler(cls) -> "Precos":
        return cls(FaixaPreco.objects.order_by())

    def faixas(self, classe: str, dia: date) -> list[Faixa]:
        """The tiers of a class on a day, ascending; empty where no table says a price."""
        vigentes = [faixas for desde, faixas in self._tabelas.get(classe, ()) if desde <= dia]
        return vigentes[-1] if vigentes else []

    def faixa(self, classe: str, total: int, dia: date) -> Faixa:
        """The tier that a volume of `total` calls reaches."""
        faixas = self.faixas(classe, dia)
        if not faixas:
            return Faixa(None, Decimal(0))
        return next((faixa for faixa in faixas if faixa.ate is None or total <= faixa.ate), faixas[-1])

    def unitario(self, classe: str, total: int, dia: date) -> Decimal:
        return self.faixa(classe, total, dia).preco

    def custo(self, classe: str, total: int, dia: date) -> Decimal:
        """R$ of a whole volume, all of it at the tier it reaches."""
        return self.unitario(classe, total, dia) * total

    def fases(self, inicio: date, fim: date) -> list[date]:
        """The first day of the period, and each later one on which a new table takes over."""
        mudam = {desde for tabelas in self._tabelas.values() for desde, _ in tabelas if inicio < desde <= fim}
        return [inicio, *sorted(mudam)]


def periodo(quando: date) -> tuple[date, date]:
    """First and last day of the billing period of a date: day 21 to day 20 of the next month."""
    mes = quando if quando.day >= 21 else quando.replace(day=1) - timedelta(days=1)
    inicio = mes.replace(day=21)
    return inicio, (inicio + timedelta(days=31)).replace(day=20)


def instantes(inicio: date) -> tuple[datetime, datetime]:
    """From when until when (excluded) the calls of the period that begins on `inicio` are made."""
    return meia_noite(inicio), meia_noite(periodo(inicio)[1] + timedelta(days=1))


def meia_noite(dia: date) -> datetime:
    return datetime.combine(dia, datetime.min.time(), timezone.get_default_timezone())


def reais(valor: Decimal) -> Decimal:
    return valor.quantize(_CENTAVO)


def format_preco(preco: Decimal) -> str:
    """A price per call: R$ 0,32, with the further decimals that it has: R$ 0,2512."""
    casas = -int(preco.normalize().as_tuple().exponent)
    return f"R$ {format_numero(preco, min(max(casas, 2), 4))}"


# -- tables ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def carregar_precos(**_kwargs: Any) -> None:
    """post_migrate: add the published tables that are missing; those there are stay as an administrator left them."""
    novas = {tabela.vigente_desde: tabela for tabela in _publicadas()}
    for existente in TabelaPreco.objects.filter(pk__in=novas).values_list("pk", flat=True):
        del novas[existente]
    TabelaPreco.objects.bulk_create(novas.values(), ignore_conflicts=True)
    FaixaPreco.objects.bulk_create(
        [
            FaixaPreco(
                tabela_id=desde,
                classe=linha["classe"],
                ate=int(linha["ate"]) if linha["ate"] else None,
                preco=Decimal(linha["preco"]),
            )
            for linha in _linhas("precos.csv")
            if (desde := date.fromisoformat(linha["vigente_desde"])) in novas
        ],
        ignore_conflicts=True,
    )


def _publicadas() -> Iterator[TabelaPreco]:
    for linha in _linhas("tabelas_de_preco.csv"):
        yield TabelaPreco(
            vigente_desde=date.fromisoformat(linha["vigente_desde"]), fonte=linha["fonte"], certeza=linha["certeza"]
        )


def _linhas(nome: str) -> Iterator[dict[str, str]]:
    with (_DADOS / nome).open(encoding="utf-8", newline="") as arquivo:
        yield from csv.DictReader(arquivo)


def problema_da_data(desde: date) -> str:
    """Why a table may not begin, or be changed, on this day, in pt-BR: a closed period keeps its prices."""
    inicio, _ = periodo(timezone.localdate())
    if desde >= inicio:
        return ""
    return (
        f"Os preços de antes de {inicio:%d/%m/%Y}, quando começou o período em curso, não mudam mais. "
        "Inclua uma tabela com data a partir desse dia."
    )


def problemas_das_faixas(faixas: Mapping[str, Sequence[Faixa]]) -> list[tuple[str, str]]:
    """(class, what is wrong in pt-BR) of a whole table: each class has ascending tiers, the last one open."""
    ruins = []
    for classe in COBRADAS:
        suas, nome = list(faixas.get(classe, ())), classe.label
        limites = [faixa.ate for faixa in suas if faixa.ate is not None]
        if not suas:
            ruins.append((classe.value, f"Falta a classe {nome}: a tabela traz as três."))
        elif len(set(limites)) < len(limites):
            ruins.append((classe.value, f"{nome}: há duas faixas com o mesmo limite. Deixe só uma."))
        elif len(suas) - len(limites) != 1:
            ruins.append((classe.value, f"{nome}: a última faixa fica com o limite em branco, e só ela."))
        elif any(faixa.ate is not None and faixa.ate < 1 for faixa in suas):
            ruins.append((classe.value, f"{nome}: o limite de uma faixa é de pelo menos 1 chamada."))
    return ruins
