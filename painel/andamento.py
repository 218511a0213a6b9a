"""The month day by day: how many declarations were sent, DAS drawn and guias paid by each day up to the due date."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from empresas.calendario import somar_meses
from painel.fotografia import Fotografia

# The drawing, in its own units: text is part of it.
LARGURA, ALTURA = 720, 190
_ESQUERDA, _DIREITA, _CIMA, _BAIXO = 44, 12, 10, 22


@dataclass(frozen=True)
class Serie:
    """`valores`: by day, counted from the first of the drawing. `pontos` of its line; `fim` where it ends."""

    nome: str
    rotulo: str
    valores: list[int]
    pontos: str
    fim: tuple[str, str]


@dataclass(frozen=True)
class Marca:
    """A line of the grid: where, and what is written beside it."""

    onde: str
    rotulo: str


@dataclass(frozen=True)
class Grafico:
    """`depois`: what happened after the last day drawn, the due date."""

    dias: list[date]
    series: list[Serie]
    horizontais: list[Marca]
    verticais: list[Marca]
    hoje: str
    depois: dict[str, int]
    largura: int = LARGURA
    altura: int = ALTURA

    @property
    def tabela(self) -> list[tuple[date, list[int]]]:
        """The days on which something changed, and the last one: the same figures in words."""
        series = [serie.valores for serie in self.series]
        return [
            (dia, [valores[n] for valores in series])
            for n, dia in enumerate(self.dias)
            if n < len(series[0]) and (n == 0 or n == len(series[0]) - 1 or any(v[n] != v[n - 1] for v in series))
        ]

    @property
    def vazio(self) -> bool:
        return not any(serie.valores and serie.valores[-1] for serie in self.series)


_SERIES = {"transmitidas": "Declarações transmitidas", "emitidos": "DAS emitidos", "pagas": "Guias pagas"}


def grafico(foto: Fotografia, competencia: date, prazo: date, empresas: int) -> Grafico:
    """`empresas` of the Simples: the height of the drawing, so that how much is missing is seen."""
    hoje = timezone.localdate()
    primeiro = min(somar_meses(competencia, 1), prazo)
    contas = {
        "transmitidas": foto.transmitidas_no_dia,
        "emitidos": foto.guias.emitidas_no_dia,
        "pagas": foto.guias.pagas_no_dia,
    }
    dias = [primeiro + timedelta(days=n) for n in range((prazo - primeiro).days + 1)]
    # What has not happened yet is not drawn.
    ate = [dia for dia in dias if dia <= hoje]
    acumuladas = {nome: [_ate(contas[nome], dia) for dia in ate] for nome in _SERIES}
    teto = _teto(max([empresas, 1, *(valores[-1] for valores in acumuladas.values() if valores)]))

    def x(n: int) -> float:
        return _ESQUERDA + (LARGURA - _ESQUERDA - _DIREITA) * n / max(len(dias) - 1, 1)

    def y(quantas: int) -> float:
        return _CIMA + (ALTURA - _CIMA - _BAIXO) * (1 - quantas / teto)

    series = []
    for nome, rotulo in _SERIES.items():
        pontos = [(f"{x(n):.1f}", f"{y(valor):.1f}") for n, valor in enumerate(acumuladas[nome])]
        fim = pontos[-1] if pontos else ("0", "0")
        series.append(Serie(nome, rotulo, acumuladas[nome], " ".join(f"{a},{b}" for a, b in pontos), fim))
    return Grafico(
        dias,
        series,
        [Marca(f"{y(quanto):.1f}", _milhar(quanto)) for quanto in (0, teto // 2, teto)],
        [Marca(f"{x(n):.1f}", f"{dia:%d/%m}") for n, dia in enumerate(dias) if _marcado(n, dia, len(dias))],
        f"{x(len(ate) - 1):.1f}" if ate and hoje < prazo else "",
        {
            _SERIES[nome].lower(): n
            for nome in _SERIES
            if (n := sum(contas[nome].values()) - _ate(contas[nome], prazo)) and hoje > prazo
        },
    )


def _ate(contas: Counter[date], dia: date) -> int:
    return sum(n for quando, n in contas.items() if quando <= dia)


def _teto(quantas: int) -> int:
    """A round number, even, not below: 2, 4, 10, 20, 40, 100…"""
    casas: int = 10 ** (len(str(quantas)) - 1)
    return next(fator * casas for fator in (2, 4, 6, 8, 10) if fator * casas >= quantas)


def _marcado(n: int, dia: date, quantos: int) -> bool:
    """The first day, the last one, and every fifth that is not too near it."""
    return n in (0, quantos - 1) or (dia.day % 5 == 0 and quantos - 1 - n > 2)


def _milhar(quanto: int) -> str:
    return f"{quanto:,}".replace(",", ".")
