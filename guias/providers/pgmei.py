"""PGMEI: the monthly slip of the MEI, months with a social security benefit, debts sent to collection.

Source: SERPRO, API Integra Contador, pages of PGMEI; docs/integra-contador.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from guias.providers import wire
from guias.providers.arrecadacao import das_de
from guias.providers.catalogo import achar
from guias.providers.cliente import IntegraContador, NadaEncontrado, lendo
from guias.providers.interface import DasEmitido, Partes
from operacoes.http import Chamadas

GERARDASPDF21 = achar("PGMEI", "GERARDASPDF21")
GERARDASCODBARRA22 = achar("PGMEI", "GERARDASCODBARRA22")
ATUBENEFICIO23 = achar("PGMEI", "ATUBENEFICIO23")
DIVIDAATIVA24 = achar("PGMEI", "DIVIDAATIVA24")

INSS, ICMS, ISS = "0151", "0083", "0125"  # the tributes of `composicao`


@dataclass(frozen=True)
class DasMei:
    """The slip of a month. `linha`: the 48 digits of its linha digitável, only where they are all that was asked for;
    `avisos`: what the service told besides, in pt-BR."""

    das: DasEmitido
    linha: str = ""
    avisos: tuple[str, ...] = ()


@dataclass(frozen=True)
class MesComBeneficio:
    """`agrupado` is the month in which the amount of this one is collected, when another."""

    competencia: date
    beneficio: bool
    agrupado: date | None


@dataclass(frozen=True)
class DebitoInscrito:
    """A debt of one month in active debt: `ente` is who collects it."""

    competencia: date
    tributo: str
    valor: Decimal
    ente: str
    situacao: str


def emitir(
    cliente: IntegraContador, partes: Partes, competencia: date, *, consolidacao: date | None, chamadas: Chamadas
) -> DasMei:
    """Draw the DAS-MEI of a month; `consolidacao` is the day of payment, when after the due date."""
    resposta = cliente.chamar(GERARDASPDF21, partes, _periodo(competencia, consolidacao), chamadas)
    with lendo(GERARDASPDF21):
        return DasMei(das_de(wire.um(resposta.dados)), avisos=resposta.avisos)


def emitir_codigo_de_barras(
    cliente: IntegraContador, partes: Partes, competencia: date, *, consolidacao: date | None, chamadas: Chamadas
) -> DasMei:
    """The same without PDF: figures and linha digitável, four blocks of twelve digits."""
    resposta = cliente.chamar(GERARDASCODBARRA22, partes, _periodo(competencia, consolidacao), chamadas)
    with lendo(GERARDASCODBARRA22):
        item = wire.um(resposta.dados)
        blocos = [str(bloco) for bloco in wire.um(item["detalhamento"])["codigoDeBarras"]]
        if len(blocos) != 4:
            raise ValueError(f"{len(blocos)} blocks in the bar code")
        return DasMei(das_de(item, com_pdf=False), "".join(blocos), resposta.avisos)


def marcar_beneficio(
    cliente: IntegraContador, partes: Partes, ano: int, meses: Mapping[date, bool], *, chamadas: Chamadas
) -> list[MesComBeneficio]:
    """Mark (True) and unmark months of one year; the answer tells them as they stand now."""
    dados = {
        "anoCalendario": ano,
        "infoBeneficio": [
            {"periodoApuracao": f"{mes:%Y%m}", "indicadorBeneficio": marcado} for mes, marcado in sorted(meses.items())
        ],
    }
    resposta = cliente.chamar(ATUBENEFICIO23, partes, dados, chamadas)
    with lendo(ATUBENEFICIO23):
        lidos = [_com_beneficio(item) for item in resposta.dados]
        if not set(meses) <= {lido.competencia for lido in lidos}:
            raise ValueError("months missing in the answer")
        return lidos


def divida_ativa(cliente: IntegraContador, partes: Partes, ano: int, *, chamadas: Chamadas) -> list[DebitoInscrito]:
    """Debts of a year in active debt; empty when there are none."""
    try:
        resposta = cliente.chamar(DIVIDAATIVA24, partes, {"anoCalendario": str(ano)}, chamadas)
    except NadaEncontrado:
        return []
    with lendo(DIVIDAATIVA24):
        return [
            DebitoInscrito(
                wire.mes(item["periodoApuracao"]),
                str(item.get("tributo") or ""),
                wire.dinheiro(item["valor"]),
                str(item.get("enteFederado") or ""),
                str(item.get("situacaoDebito") or ""),
            )
            for item in resposta.dados or []
        ]


def _periodo(competencia: date, consolidacao: date | None) -> dict[str, Any]:
    dados = {"periodoApuracao": f"{competencia:%Y%m}"}
    if consolidacao is not None:
        dados["dataConsolidacao"] = f"{consolidacao:%Y%m%d}"
    return dados


def _com_beneficio(item: dict[str, Any]) -> MesComBeneficio:
    original, agrupado = wire.mes(item["paOriginal"]), item.get("paAgrupado")
    em = wire.mes(agrupado) if agrupado else None
    return MesComBeneficio(original, bool(item["indicadorBeneficio"]), em if em != original else None)
