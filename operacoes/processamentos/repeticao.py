"""Repeating what a bulk run had refused."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction

from comum.auditoria import registrar
from comum.formatos import contar
from comum.models import Usuario
from operacoes.handlers import handler_de
from operacoes.models import Operacao, Processamento, Situacao
from operacoes.motor import NovaOperacao, submeter
from operacoes.motor.pessoas import proxima_revisao
from operacoes.processamentos.andamento import operacoes_de


@dataclass(frozen=True)
class Repetidas:
    """`quantas` were submitted again; `deixadas`: pt-BR reason -> how many could not be."""

    quantas: int
    deixadas: dict[str, int]


def repetir(processamento: Processamento, usuario: Usuario, *, tipo: str = "", grupo: str | None = None) -> Repetidas:
    """Submit the refusals again (all, or one group) as new revisions in the same run. A second click finds none."""
    with transaction.atomic():
        recusadas = operacoes_de(processamento, usuario).filter(situacao=Situacao.RECUSADA, repetida_por__isnull=True)
        if tipo:
            recusadas = recusadas.filter(tipo=tipo)
        if grupo is not None:
            recusadas = recusadas.filter(grupo=grupo)
        por_tipo: dict[str, list[Operacao]] = defaultdict(list)
        for operacao in recusadas.select_related("empresa").order_by("pk"):
            if handler_de(operacao.tipo).repetivel(operacao.grupo):
                por_tipo[operacao.tipo].append(operacao)
        novas: list[NovaOperacao] = []
        deixadas: dict[str, int] = defaultdict(int)
        for um_tipo, operacoes in por_tipo.items():
            pedidos = handler_de(um_tipo).repetir(operacoes, usuario)
            for operacao in operacoes:
                pedido = pedidos.get(operacao.pk, "Não pode ser repetida como está.")
                if isinstance(pedido, str):
                    deixadas[pedido] += 1
                else:
                    novas.append(proxima_revisao(operacao, pedido))
        feitas = submeter(novas, usuario=usuario, processamento=processamento)
        for barrada in feitas.barradas:
            deixadas[barrada.motivo] += 1
        if feitas.criadas:
            registrar(
                usuario=usuario,
                acao="operacoes.repetir",
                objeto=processamento,
                resumo=f"Repetiu {contar(len(feitas.criadas), 'recusada', 'recusadas')} de {processamento}",
                dados={"tipo": tipo, "grupo": grupo, "quantas": len(feitas.criadas)},
            )
    return Repetidas(len(feitas.criadas), dict(deixadas))
