"""PAGTOWEB: what was collected by the Receita Federal in a taxpayer's name.

Source: SERPRO, API Integra Contador, pages of PAGTOWEB; docs/integra-contador.md.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from guias.providers import wire
from guias.providers.catalogo import achar
from guias.providers.cliente import IntegraContador, NadaEncontrado, lendo
from guias.providers.interface import Partes
from operacoes.http import Chamadas

PAGAMENTOS71 = achar("PAGTOWEB", "PAGAMENTOS71")
COMPARRECADACAO72 = achar("PAGTOWEB", "COMPARRECADACAO72")
CONTACONSDOCARRPG73 = achar("PAGTOWEB", "CONTACONSDOCARRPG73")

PAGINA = 100  # documents of one call, at most
DAS, DARF = "09", "04"  # kinds of document


@dataclass(frozen=True)
class Filtro:
    """What is asked about: documents by `numeros` (up to 17 digits), or collected from `desde` to `ate`, of these
    `tipos` ("09" DAS, "04" DARF; empty: all)."""

    numeros: tuple[str, ...] = ()
    desde: date | None = None
    ate: date | None = None
    tipos: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arrecadado:
    """One document that was paid. Amounts in reais; None where the Receita does not tell them. `tipo` with its two
    digits; `periodo` and `vencimento` None of a document without them."""

    numero: str
    tipo: str
    tipo_nome: str
    periodo: date | None
    dia: date
    vencimento: date | None
    receita: str
    receita_nome: str
    referencia: str
    total: Decimal
    principal: Decimal | None
    multa: Decimal | None
    juros: Decimal | None


def pagina(
    cliente: IntegraContador, partes: Partes, filtro: Filtro, *, primeiro: int, chamadas: Chamadas
) -> list[Arrecadado]:
    """At most PAGINA documents from the one at `primeiro` (0 is the first) on; fewer than that are the last."""
    dados = _filtro(filtro) | {"primeiroDaPagina": primeiro, "tamanhoDaPagina": PAGINA}
    try:
        resposta = cliente.chamar(PAGAMENTOS71, partes, dados, chamadas)
    except NadaEncontrado:
        return []
    with lendo(PAGAMENTOS71):
        return [_arrecadado(item) for item in resposta.dados or []]


def todos(cliente: IntegraContador, partes: Partes, filtro: Filtro, *, chamadas: Chamadas) -> list[Arrecadado]:
    """Every page, to the end: each is one charged call."""
    achados: list[Arrecadado] = []
    while True:
        lidos = pagina(cliente, partes, filtro, primeiro=len(achados), chamadas=chamadas)
        achados += lidos
        if len(lidos) < PAGINA:
            return achados


def contar(cliente: IntegraContador, partes: Partes, filtro: Filtro, *, chamadas: Chamadas) -> int:
    try:
        resposta = cliente.chamar(CONTACONSDOCARRPG73, partes, _filtro(filtro), chamadas)
    except NadaEncontrado:
        return 0
    with lendo(CONTACONSDOCARRPG73):
        return int(resposta.dados)


def comprovante(cliente: IntegraContador, partes: Partes, numero: str, *, chamadas: Chamadas) -> bytes:
    """The PDF that proves the payment of one document."""
    resposta = cliente.chamar(COMPARRECADACAO72, partes, {"numeroDocumento": numero}, chamadas)
    with lendo(COMPARRECADACAO72):
        return wire.pdf_obrigatorio(wire.um(resposta.dados)["pdf"])


def _filtro(filtro: Filtro) -> dict[str, Any]:
    dados: dict[str, Any] = {}
    if filtro.numeros:
        dados["numeroDocumentoLista"] = list(filtro.numeros)
    if filtro.desde is not None and filtro.ate is not None:
        dados["intervaloDataArrecadacao"] = {
            "dataInicial": filtro.desde.isoformat(),
            "dataFinal": filtro.ate.isoformat(),
        }
    if filtro.tipos:
        dados["codigoTipoDocumentoLista"] = list(filtro.tipos)
    return dados


def _arrecadado(item: dict[str, Any]) -> Arrecadado:
    tipo, receita = item.get("tipo") or {}, item.get("receitaPrincipal") or {}
    return Arrecadado(
        numero=str(item["numeroDocumento"]),
        tipo=str(tipo.get("codigo") or "").zfill(2),
        tipo_nome=str(tipo.get("descricaoAbreviada") or tipo.get("descricao") or ""),
        periodo=_dia(item.get("periodoApuracao")),
        dia=_dia_certo(item["dataArrecadacao"]),
        vencimento=_dia(item.get("dataVencimento")),
        receita=str(receita.get("codigo") or ""),
        receita_nome=str(receita.get("descricao") or ""),
        referencia=str(item.get("referencia") or ""),
        total=wire.dinheiro(item["valorTotal"]),
        principal=_valor(item.get("valorPrincipal")),
        multa=_valor(item.get("valorMulta")),
        juros=_valor(item.get("valorJuros")),
    )


def _valor(bruto: Any) -> Decimal | None:
    return None if bruto is None else wire.dinheiro(bruto)


def _dia(bruto: Any) -> date | None:
    return _dia_certo(bruto) if bruto else None


def _dia_certo(bruto: Any) -> date:
    """The date as written, in the zone of Brasília that the text carries."""
    return datetime.fromisoformat(str(bruto)).date()
