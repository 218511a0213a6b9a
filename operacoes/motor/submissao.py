"""Intents written down, committed before anything is sent, and the queue told."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from comum.models import Usuario
from operacoes import throttle
from operacoes.custos import teto
from operacoes.fila import acordar, drenos
from operacoes.handlers import handler_de
from operacoes.intencao import NovaOperacao
from operacoes.models import Operacao, Processamento, Teto

_LOTE = 2000


@dataclass(frozen=True)
class Submetidas:
    """`criadas` in the order asked; `existentes` are rows that already held one of the keys; `barradas` made none,
    since the cap of cost of their conta is reached."""

    criadas: list[Operacao]
    existentes: list[Operacao]
    barradas: Sequence[teto.Barrada] = ()


_INSERIR = """
INSERT INTO operacoes_operacao (
    tipo, chave, revisao, pedido, acesso, balde, outros_baldes, servico, efeito, classe, situacao, processamento_id,
    empresa_id, usuario_id, competencia, prazo, turno, envios, perguntas, falhas, duvidas, resposta, codigo, grupo,
    mensagem, palavras_do_servico, custo, criada_em, anterior_id, empresas, opcional)
SELECT n.tipo, n.chave, n.revisao, n.pedido::jsonb, n.acesso, n.balde,
       ARRAY(SELECT jsonb_array_elements_text(n.outros::jsonb)), n.servico, n.efeito, n.classe, 'pendente',
       %(processamento)s, n.empresa, %(usuario)s, n.competencia, n.prazo, n.turno, 0, 0, 0, 0,
       '{}', '', '', '', '', 0, now(), n.anterior,
       ARRAY(SELECT jsonb_array_elements_text(n.empresas::jsonb)::bigint), n.opcional
  FROM unnest(%(tipo)s::text[], %(chave)s::text[], %(revisao)s::int[], %(pedido)s::text[], %(acesso)s::text[],
              %(balde)s::text[], %(servico)s::text[], %(efeito)s::text[], %(classe)s::text[], %(empresa)s::bigint[],
              %(competencia)s::date[], %(prazo)s::date[], %(turno)s::bigint[], %(anterior)s::bigint[],
              %(outros)s::text[], %(empresas)s::text[], %(opcional)s::bool[])
       AS n (tipo, chave, revisao, pedido, acesso, balde, servico, efeito, classe, empresa, competencia, prazo, turno,
             anterior, outros, empresas, opcional)
ON CONFLICT (chave) DO NOTHING
RETURNING chave
"""


def submeter(
    pedidos: Sequence[NovaOperacao],
    *,
    usuario: Usuario | None,
    processamento: Processamento | None = None,
    segue: bool = False,
) -> Submetidas:
    """Write the intents in one transaction with the jobs that wake the queue. Keys already taken create nothing, nor
    does what the cap of cost of its conta keeps out. `segue`: they follow from something done, and are queued whatever
    the cap says; what it stops waits there."""
    if not pedidos:
        return Submetidas([], [])
    with transaction.atomic():
        barradas = [] if segue else _barrar(pedidos)
        if barradas:
            fora = {barrada.nova.chave for barrada in barradas}
            pedidos = [pedido for pedido in pedidos if pedido.chave not in fora]
            if not pedidos:
                return Submetidas([], [], barradas)
        limites = {(pedido.tipo, pedido.acesso): handler_de(pedido.tipo).limites(pedido.acesso) for pedido in pedidos}
        proprios = [handler_de(pedido.tipo).limites_do_pedido(pedido.pedido, pedido.acesso) for pedido in pedidos]
        throttle.garantir(limite for grupo in (*limites.values(), *proprios) for limite in grupo)
        baldes = {par: [limite.balde for limite in grupo] for par, grupo in limites.items()}
        outros = {
            id(pedido): [*baldes[pedido.tipo, pedido.acesso][1:], *(limite.balde for limite in grupo)]
            for pedido, grupo in zip(pedidos, proprios, strict=True)
        }
        turnos = _turnos({(baldes[p.tipo, p.acesso][0], p.prazo) for p in pedidos}, usuario)
        novas: set[str] = set()
        for inicio in range(0, len(pedidos), _LOTE):
            novas |= _inserir(pedidos[inicio : inicio + _LOTE], baldes, outros, turnos, usuario, processamento)
        por_chave = {
            operacao.chave: operacao for operacao in Operacao.objects.filter(chave__in={p.chave for p in pedidos})
        }
        # A key asked twice in one submission is created once and reported once.
        ordem = [por_chave[chave] for chave in dict.fromkeys(pedido.chave for pedido in pedidos)]
        criadas = [operacao for operacao in ordem if operacao.chave in novas]
        por_tipo: dict[str, list[Operacao]] = defaultdict(list)
        for operacao in criadas:
            por_tipo[operacao.tipo].append(operacao)
        for tipo, suas in por_tipo.items():
            handler_de(tipo).submetidas(suas)
        _acordar_por(criadas)
    return Submetidas(criadas, [operacao for operacao in ordem if operacao.chave not in novas], barradas)


def _barrar(pedidos: Sequence[NovaOperacao]) -> list[teto.Barrada]:
    """What the caps keep out of what would be new. Most installations have none, and one query says so."""
    if not Teto.objects.exists():
        return []
    feitas = Operacao.objects.filter(chave__in={pedido.chave for pedido in pedidos}).values_list("chave", flat=True)
    ja = set(feitas)
    novos = [pedido for pedido in pedidos if pedido.chave not in ja]
    return teto.barrar(novos, travar=True)


def _inserir(
    pedidos: Sequence[NovaOperacao],
    baldes: Mapping[tuple[str, str], list[str]],
    outros: Mapping[int, list[str]],
    turnos: dict[tuple[str, date], int],
    usuario: Usuario | None,
    processamento: Processamento | None,
) -> set[str]:
    colunas: dict[str, list[Any]] = defaultdict(list)
    for pedido in pedidos:
        handler = handler_de(pedido.tipo)
        balde = baldes[pedido.tipo, pedido.acesso][0]
        turnos[balde, pedido.prazo] += 1
        linha = {
            "tipo": pedido.tipo,
            "chave": pedido.chave,
            "revisao": pedido.revisao,
            "pedido": json.dumps(pedido.pedido, cls=DjangoJSONEncoder, ensure_ascii=False),
            "acesso": pedido.acesso,
            "balde": balde,
            "outros": json.dumps(outros[id(pedido)]),
            "servico": handler.servico,
            "efeito": handler.efeito.value,
            "classe": handler.classe.value,
            "empresa": pedido.empresa_id,
            "competencia": pedido.competencia,
            "prazo": pedido.prazo,
            "turno": turnos[balde, pedido.prazo],
            "anterior": pedido.anterior_id,
            "empresas": json.dumps(pedido.empresas),
            "opcional": handler.e_opcional(pedido.pedido),
        }
        for nome, valor in linha.items():
            colunas[nome].append(valor)
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERIR,
            {
                **colunas,
                "usuario": usuario.pk if usuario else None,
                "processamento": processamento.pk if processamento else None,
            },
        )
        return {chave for (chave,) in cursor.fetchall()}


def _turnos(filas: set[tuple[str, date]], usuario: Usuario | None) -> dict[tuple[str, date], int]:
    """Start-time fair queueing inside each deadline of a bucket: a user's items go on from its present turn, or behind
    the user's own last."""
    baldes, prazos = zip(*sorted(filas), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT f.balde, f.prazo, greatest(
                coalesce(
                    (SELECT max(o.turno) FROM operacoes_operacao o
                      WHERE o.balde = f.balde AND o.prazo = f.prazo AND o.situacao = 'enviando'
                        AND o.tentativa_atual IS NOT NULL),
                    (SELECT min(o.turno) - 1 FROM operacoes_operacao o
                      WHERE o.balde = f.balde AND o.prazo = f.prazo AND o.situacao = 'pendente'), 0),
                coalesce((SELECT max(o.turno) FROM operacoes_operacao o
                    WHERE o.balde = f.balde AND o.prazo = f.prazo AND o.situacao = 'pendente'
                      AND o.usuario_id IS NOT DISTINCT FROM %s), 0))
            FROM unnest(%s::text[], %s::date[]) AS f (balde, prazo)
            """,
            [usuario.pk if usuario else None, list(baldes), list(prazos)],
        )
        return {(balde, prazo): int(turno) for balde, prazo, turno in cursor.fetchall()}


def _acordar_por(criadas: Iterable[Operacao]) -> None:
    por_balde: dict[str, int] = defaultdict(int)
    for operacao in criadas:
        por_balde[operacao.balde] += 1
    acordar({balde: min(quantas, drenos()) for balde, quantas in por_balde.items()})
