"""SICALC: what a revenue code asks for, and its DARF with the fine and interest that the Receita computes.

Every value of a request goes as text. Source: SERPRO, API Integra Contador, pages of SICALC (version 2.9).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from guias.providers import wire
from guias.providers.catalogo import achar
from guias.providers.cliente import IntegraContador, Resposta, lendo
from guias.providers.interface import DasEmitido, Partes
from operacoes.http import Chamadas

CONSOLIDARGERARDARF51 = achar("SICALC", "CONSOLIDARGERARDARF51")
CONSULTAAPOIORECEITAS52 = achar("SICALC", "CONSULTAAPOIORECEITAS52")
GERARDARFCODBARRA53 = achar("SICALC", "GERARDARFCODBARRA53")

# The fields of a request that a receita may ask for, allow or forbid, by their wire names.
CAMPOS = (
    "numeroReferencia", "dataPA", "cota", "valorMulta", "valorJuros", "ganhoCapital", "dataAlienacao", "cno",
    "cnpjPrestador",
)  # fmt: skip


@dataclass(frozen=True)
class PedidoDarf:
    """One DARF to draw. `municipio` is the TOM code without check digit; `tipo_pa` AN, TR, ME, QZ, DC, SM or DI, and
    `data_pa` the period in the form of that kind ("01/2026", "15/10/2026"); `consolidacao` the day it will be paid.
    `multa` and `juros` only of a receita whose amounts are told by hand."""

    uf: str
    municipio: str
    receita: str
    extensao: str
    tipo_pa: str
    data_pa: str
    vencimento: date
    valor: Decimal
    consolidacao: date
    referencia: str = ""
    cota: int | None = None
    multa: Decimal | None = None
    juros: Decimal | None = None
    ganho_capital: bool | None = None
    alienacao: date | None = None
    observacao: str = ""
    cno: str = ""
    cnpj_prestador: str = ""


@dataclass(frozen=True)
class DarfEmitido:
    """A DARF as drawn; without a PDF when only the bar code (44 digits) was asked for. Percentages as the service
    tells them (20 is 20 %)."""

    guia: DasEmitido
    percentual_multa: Decimal
    percentual_juros: Decimal
    codigo_barras: str = ""
    linha: str = ""


@dataclass(frozen=True)
class Extensao:
    """One extension of a revenue code: the CAMPOS it asks for and allows (any other is refused), and when it exists.
    `manual`: fine and interest are told by whoever asks; `veda_valor`: the amount is not told."""

    codigo: str
    descricao: str
    tipo_pa: str
    obrigatorios: frozenset[str]
    opcionais: frozenset[str]
    manual: bool
    calculado: bool
    codigo_barras: bool
    exige_matriz: bool
    veda_valor: bool
    pf: bool
    pj: bool
    descricao_referencia: str
    criacao: date | None
    extincao: date | None


@dataclass(frozen=True)
class Receita:
    codigo: str
    descricao: str
    extensoes: tuple[Extensao, ...]


def emitir(cliente: IntegraContador, partes: Partes, pedido: PedidoDarf, *, chamadas: Chamadas) -> DarfEmitido:
    """Draw the DARF as a PDF."""
    resposta = cliente.chamar(CONSOLIDARGERARDARF51, partes, _dados(pedido), chamadas)
    with lendo(CONSOLIDARGERARDARF51):
        return _emitido(resposta, pedido, wire.pdf_obrigatorio(resposta.dados["darf"]))


def emitir_barras(cliente: IntegraContador, partes: Partes, pedido: PedidoDarf, *, chamadas: Chamadas) -> DarfEmitido:
    """Draw the DARF as its bar code alone."""
    resposta = cliente.chamar(GERARDARFCODBARRA53, partes, _dados(pedido), chamadas)
    with lendo(GERARDARFCODBARRA53):
        barras = resposta.dados["codigoDeBarras"]
        codigo = str(barras["codigo44"])
        linha = "".join(str(barras[f"campo{numero}ComDV"]) for numero in range(1, 5))
        if not (re.fullmatch(r"[0-9]{44}", codigo) and re.fullmatch(r"[0-9]{48}", linha)):
            raise ValueError("not a bar code")
        return _emitido(resposta, pedido, b"", codigo, linha)


def receita(cliente: IntegraContador, partes: Partes, codigo: str, *, chamadas: Chamadas) -> Receita:
    """What a revenue code asks for. Free."""
    resposta = cliente.chamar(CONSULTAAPOIORECEITAS52, partes, {"codigoReceita": codigo}, chamadas)
    with lendo(CONSULTAAPOIORECEITAS52):
        lida = resposta.dados["receita"]
        return Receita(
            codigo=str(lida["codigoReceita"]).zfill(4),
            descricao=str(lida.get("descricaoReceita") or ""),
            extensoes=tuple(_extensao(item) for item in lida["extensoes"]),
        )


def _emitido(resposta: Resposta, pedido: PedidoDarf, pdf: bytes, codigo: str = "", linha: str = "") -> DarfEmitido:
    corpo = resposta.dados
    valores = corpo["consolidado"]
    guia = DasEmitido(
        numero=str(corpo["numeroDocumento"]),
        vencimento=pedido.vencimento,
        limite=_dia(valores["dataValidadeCalculo"]),
        principal=wire.dinheiro(valores["valorPrincipalMoedaCorrente"]),
        multa=wire.dinheiro(valores.get("valorMultaMora")),
        juros=wire.dinheiro(valores.get("valorJuros")),
        total=wire.dinheiro(valores["valorTotalConsolidado"]),
        composicao=[],
        observacoes=(pedido.observacao,) if pedido.observacao else (),
        pdf=pdf,
    )
    multa, juros = (Decimal(str(valores.get(nome) or 0)) for nome in ("percentualMultaMora", "percentualJuros"))
    return DarfEmitido(guia, multa, juros, codigo, linha)


def _dados(pedido: PedidoDarf) -> dict[str, Any]:
    """Every value as text; what the receita does not have is left out."""
    dados = {
        "uf": pedido.uf,
        "municipio": pedido.municipio,
        "codigoReceita": pedido.receita,
        "codigoReceitaExtensao": pedido.extensao,
        "numeroReferencia": pedido.referencia,
        "tipoPA": pedido.tipo_pa,
        "dataPA": pedido.data_pa,
        "vencimento": _instante(pedido.vencimento),
        "cota": "" if pedido.cota is None else str(pedido.cota),
        "valorImposto": _reais(pedido.valor or None),  # zero is told only where the receita takes no amount
        "valorMulta": _reais(pedido.multa),
        "valorJuros": _reais(pedido.juros),
        "ganhoCapital": "" if pedido.ganho_capital is None else str(pedido.ganho_capital).lower(),
        "dataAlienacao": _instante(pedido.alienacao),
        "dataConsolidacao": _instante(pedido.consolidacao),
        "observacao": pedido.observacao,
        "cno": pedido.cno,
        "cnpjPrestador": pedido.cnpj_prestador,
    }
    return {nome: valor for nome, valor in dados.items() if valor}


def _reais(valor: Decimal | None) -> str:
    return "" if valor is None else f"{valor:.2f}"


def _instante(dia: date | None) -> str:
    return "" if dia is None else f"{dia:%Y-%m-%d}T00:00:00"


def _dia(texto: Any) -> date:
    return datetime.fromisoformat(str(texto)).date()


def _extensao(item: dict[str, Any]) -> Extensao:
    dados = item["informacoes"]
    return Extensao(
        codigo=str(dados["codigoReceitaExtensao"]).zfill(2),
        descricao=str(dados.get("descricaoReceitaExtensao") or ""),
        tipo_pa=str(dados.get("tipoPeriodoApuracao") or ""),
        obrigatorios=_campos(item.get("obrigatorios")),
        opcionais=_campos(item.get("opcionais")),
        manual=_sim(dados.get("manual")),
        calculado=_sim(dados.get("calculado")),
        codigo_barras=_sim(dados.get("codigoBarras")),
        exige_matriz=_sim(dados.get("exigeMatriz")),
        veda_valor=_sim(dados.get("vedaValor")),
        pf=_sim(dados.get("pf")),
        pj=_sim(dados.get("pj")),
        descricao_referencia=str(dados.get("descricaoReferencia") or ""),
        criacao=_dia(dados["criacao"]) if dados.get("criacao") else None,
        extincao=_dia(dados["extincao"]) if dados.get("extincao") else None,
    )


def _campos(marcados: Any) -> frozenset[str]:
    return frozenset(nome for nome in CAMPOS if _sim((marcados or {}).get(nome)))


def _sim(valor: Any) -> bool:
    return valor is True or str(valor).strip().lower() in ("true", "s", "1")
