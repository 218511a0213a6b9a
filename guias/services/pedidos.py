"""The normalised requests kept in Operacao.pedido, and back. What was approved is what is sent.

Amounts are text with two places, competências "AAAA-MM-01", documents unmasked.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from guias.providers.interface import (
    Atividade,
    Declaracao,
    Estabelecimento,
    Folha,
    MesAnterior,
    NaoOptante,
    Parcela,
    Partes,
    Qualificacao,
    Reducao,
    Suspensao,
    Tributos,
)

Pedido = dict[str, Any]


def tributos_para_json(valores: Tributos) -> dict[str, str]:
    return {codigo: str(valor) for codigo, valor in sorted(valores.items())}


def tributos_de_json(valores: Mapping[str, str]) -> Tributos:
    return {codigo: Decimal(valor) for codigo, valor in valores.items()}


def partes_para_json(partes: Partes) -> dict[str, str]:
    return {"contratante": partes.contratante, "autor": partes.autor, "contribuinte": partes.contribuinte}


def do_contador(partes: Partes) -> Partes:
    """What the office asks about itself: it is the three parties."""
    return Partes(partes.contratante, partes.contratante, partes.contratante)


def partes_de(pedido: Pedido) -> Partes:
    return Partes(**pedido["partes"])


def competencia_de(pedido: Pedido) -> date:
    return date.fromisoformat(pedido["competencia"])


def declaracao_para_json(declaracao: Declaracao) -> Pedido:
    return {
        "cnpj": declaracao.cnpj,
        "competencia": declaracao.competencia.isoformat(),
        "retificadora": declaracao.retificadora,
        "interno": str(declaracao.interno),
        "externo": str(declaracao.externo),
        "estabelecimentos": [
            {
                "cnpj": estabelecimento.cnpj,
                "atividades": [
                    {"id": atividade.id, "parcelas": [_parcela_para_json(parcela) for parcela in atividade.parcelas]}
                    for atividade in estabelecimento.atividades
                ],
            }
            for estabelecimento in declaracao.estabelecimentos
        ],
        "anteriores": [
            [mes.competencia.isoformat(), str(mes.interno), str(mes.externo)] for mes in declaracao.anteriores
        ],
        "folhas": [[folha.competencia.isoformat(), str(folha.valor)] for folha in declaracao.folhas],
        **_so_os_ditos(
            caixa=[str(valor) for valor in declaracao.caixa] if declaracao.caixa else None,
            fixo_icms=_texto(declaracao.fixo_icms),
            fixo_iss=_texto(declaracao.fixo_iss),
            nao_optante=asdict(declaracao.nao_optante) if declaracao.nao_optante else None,
        ),
    }


def impressao_de(declarada: Pedido) -> str:
    """Digest of a declaration as `declaracao_para_json` writes it: the same only while it says the same."""
    return hashlib.sha256(json.dumps(declarada, sort_keys=True).encode()).hexdigest()


def _so_os_ditos(**campos: Any) -> Pedido:
    return {nome: valor for nome, valor in campos.items() if valor}


def _texto(valor: Decimal | None) -> str | None:
    return None if valor is None else str(valor)


def _decimal(texto: str | None) -> Decimal | None:
    return None if texto is None else Decimal(texto)


def declaracao_de_json(pedido: Pedido) -> Declaracao:
    return Declaracao(
        cnpj=pedido["cnpj"],
        competencia=date.fromisoformat(pedido["competencia"]),
        retificadora=pedido["retificadora"],
        interno=Decimal(pedido["interno"]),
        externo=Decimal(pedido["externo"]),
        estabelecimentos=tuple(
            Estabelecimento(
                estabelecimento["cnpj"],
                tuple(
                    Atividade(atividade["id"], tuple(_parcela_de_json(item) for item in atividade["parcelas"]))
                    for atividade in estabelecimento["atividades"]
                ),
            )
            for estabelecimento in pedido["estabelecimentos"]
        ),
        anteriores=tuple(
            MesAnterior(date.fromisoformat(mes), Decimal(interno), Decimal(externo))
            for mes, interno, externo in pedido["anteriores"]
        ),
        folhas=tuple(Folha(date.fromisoformat(mes), Decimal(valor)) for mes, valor in pedido["folhas"]),
        caixa=(Decimal(pedido["caixa"][0]), Decimal(pedido["caixa"][1])) if pedido.get("caixa") else None,
        fixo_icms=_decimal(pedido.get("fixo_icms")),
        fixo_iss=_decimal(pedido.get("fixo_iss")),
        nao_optante=NaoOptante(**pedido["nao_optante"]) if pedido.get("nao_optante") else None,
    )


def _parcela_para_json(parcela: Parcela) -> Pedido:
    return {
        "valor": str(parcela.valor),
        "tom": parcela.municipio_tom,
        "uf": parcela.uf,
        "qualificacoes": [[item.tributo, item.motivo] for item in parcela.qualificacoes],
        **_so_os_ditos(
            reducoes=[[item.tributo, _texto(item.percentual), item.identificador] for item in parcela.reducoes],
            suspensoes=[asdict(item) for item in parcela.suspensoes],
        ),
    }


def _parcela_de_json(pedido: Pedido) -> Parcela:
    return Parcela(
        Decimal(pedido["valor"]),
        pedido["tom"],
        pedido["uf"],
        tuple(Qualificacao(tributo, motivo) for tributo, motivo in pedido["qualificacoes"]),
        tuple(
            Reducao(tributo, _decimal(percentual), identificador)
            for tributo, percentual, identificador in pedido.get("reducoes", [])
        ),
        tuple(Suspensao(**item) for item in pedido.get("suspensoes", [])),
    )
