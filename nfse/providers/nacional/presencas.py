"""What is sent and what is withheld, by regime, situation and date of the service: one table of dated data.

The first line that fits decides. A line fits when the note has all its `tracos` and the day lies between `de` and
`ate`. A date that moves is a line that changes, in presencas.csv or in the office's own copy of it
(NFSE_NACIONAL_PRESENCAS); a code is the one by which the Sefin refuses the opposite; `valor` is the least rate of the
ISS, in percent (pAliqMin).
Sources: Anexo I of the layout (columns of rules), NT 007; the dates of IBS/CBS, Ato Conjunto RFB/CGIBS 4/2026 and LC
214/2025, arts. 62 and 348, as told by the official notices. docs/nfse-nacional.md says how sure each is.
"""

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

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
    valor: Decimal | None = None


_COLUNAS = ("campo", "tracos", "presenca", "codigo", "de", "ate", "valor", "fonte")


class TabelaInvalida(ValueError):
    """The table cannot be used; the message (pt-BR) says which line and why."""


def ler(texto: str) -> dict[str, tuple[Linha, ...]]:
    """The lines of each field of a table in CSV (`;`, UTF-8), in their order. Raises TabelaInvalida."""
    linhas = csv.DictReader(texto.splitlines(), delimiter=";")
    if tuple(linhas.fieldnames or ()) != _COLUNAS:
        raise TabelaInvalida(f"As colunas são {', '.join(_COLUNAS)}, nesta ordem, separadas por ponto e vírgula.")
    por_campo: dict[str, list[Linha]] = {}
    for numero, linha in enumerate(linhas, start=2):
        try:
            lida = Linha(
                linha["campo"],
                frozenset(linha["tracos"].split()),
                Presenca(linha["presenca"]),
                linha["codigo"],
                date.fromisoformat(linha["de"]) if linha["de"] else date.min,
                date.fromisoformat(linha["ate"]) if linha["ate"] else date.max,
                Decimal(linha["valor"]) if linha["valor"] else None,
            )
        except (ValueError, ArithmeticError, AttributeError, TypeError) as erro:
            raise TabelaInvalida(f"Linha {numero}: {erro}.") from erro
        if lida.campo not in CAMPOS:
            raise TabelaInvalida(f"Linha {numero}: o campo “{lida.campo}” não existe. Use {', '.join(sorted(CAMPOS))}.")
        por_campo.setdefault(lida.campo, []).append(lida)
    if faltam := CAMPOS - por_campo.keys():
        raise TabelaInvalida(f"Nada é dito de {', '.join(sorted(faltam))}.")
    return {campo: tuple(suas) for campo, suas in por_campo.items()}


CAMPOS = frozenset(
    {
        "pAliq", "pAliqMin", "regApTribSN", "regEspTrib", "retencao", "exigSusp", "vDedRed", "tribFed", "indTotTrib",
        "pTotTribSN", "IBSCBS",
    }
)  # fmt: skip
NOSSA = Path(__file__).with_suffix(".csv")
_por_campo = ler(NOSSA.read_text("utf-8"))


def usar(texto: str) -> None:
    """Another table in the place of ours. Raises TabelaInvalida, and then nothing changes."""
    global _por_campo
    _por_campo = ler(texto)
    linha.cache_clear()


_SEM_LINHA = Linha("", frozenset(), Presenca.OPCIONAL)


@lru_cache(maxsize=4096)
def linha(campo: str, tracos: frozenset[str], dia: date) -> Linha:
    """The line that decides about a field; one that permits it where none speaks of it."""
    return next(
        (uma for uma in _por_campo[campo] if uma.tracos <= tracos and uma.de <= dia <= uma.ate),
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
    if emissao.itens:
        achados.append(f"subitem_{emissao.itens[0].codigo[:4]}")
    return frozenset(achados)


def vai(campo: str, tracos: frozenset[str], dia: date) -> bool:
    """Whether a field that we have is sent."""
    return linha(campo, tracos, dia).presenca is not Presenca.PROIBIDA
