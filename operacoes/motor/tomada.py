"""The claim: one statement takes the next due row of a bucket, with its Tentativa and a start in each of its limits; a
second one puts it on the disk, before anything leaves."""

import contextlib
import hashlib
import os
import socket
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from comum.banco import colunas, cursor_preparado, objeto_de
from operacoes import relogio
from operacoes.handlers import Handler, handler_de, todos
from operacoes.models import Operacao
from operacoes.ritmo import no_ritmo
from operacoes.throttle import SEM_ESPERAR_O_DISCO

MARGEM_DA_VEZ = no_ritmo(timedelta(seconds=15))  # the lease outlasts the call's total deadline by this much
DA_SONDA = no_ritmo(timedelta(seconds=120))  # until another probe of an open circuit may leave


def _anfitriao() -> str:
    """Where our process numbers count: the host's name with its boot and pid namespace, since two containers may share
    a name and not each other's processes."""
    espaco = []
    with contextlib.suppress(OSError):
        espaco.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    with contextlib.suppress(OSError):
        espaco.append(os.readlink("/proc/self/ns/pid"))
    return f"{socket.gethostname()[:40]}-{hashlib.sha256(' '.join(espaco).encode()).hexdigest()[:8]}"


ANFITRIAO = _anfitriao()
# One name per process; its heartbeat row (Trabalhador) is what tells the living from the dead.
NOME = f"{ANFITRIAO}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

# Rows that may be taken now. Everything after the bucket is a plain filter over few values, so the index on
# (balde, prazo, turno, id) gives the order and nothing is sorted. Shared with the wake-up (recuperacao).
PODE_SER_TOMADA = """
    o.situacao IN ('pendente', 'incerta', 'aceita')
    AND o.tentativa_atual IS NULL -- a lease that ran out is first closed by recovery
    AND o.proxima_em <= statement_timestamp()
    AND o.tipo = ANY (ARRAY(
        SELECT k.tipo FROM unnest(%(tipos)s::text[], %(adicionais)s::int[]) AS k (tipo, adicional)
         WHERE k.adicional IS NULL OR k.adicional IN (SELECT a.codigo FROM comum_adicional a WHERE a.ativo)))
    AND o.acesso <> ALL (ARRAY(SELECT p.acesso FROM operacoes_pausa p))
    AND (o.situacao <> 'pendente' OR o.classe = 'gratis' OR (
        (NOT o.opcional OR o.acesso <> ALL (array_remove(ARRAY(
            SELECT unnest(ARRAY[c.conta, a.acesso])
              FROM operacoes_teto c LEFT JOIN operacoes_acessocobrado a ON a.conta = c.conta
             WHERE c.parado_ate > statement_timestamp()), NULL)))
        AND o.acesso <> ALL (array_remove(ARRAY(
            SELECT unnest(ARRAY[c.conta, a.acesso])
              FROM operacoes_teto c LEFT JOIN operacoes_acessocobrado a ON a.conta = c.conta
             WHERE c.parado_ate > statement_timestamp() AND c.parar_tudo), NULL))))
    AND (o.situacao <> 'pendente' OR o.processamento_id IS NULL
         OR o.processamento_id <> ALL (ARRAY(SELECT r.id FROM operacoes_processamento r WHERE r.suspenso)))
    AND o.servico <> ALL (ARRAY(
        SELECT c.servico FROM operacoes_circuito c
         WHERE c.pausado_desde IS NOT NULL
            OR (c.aberto_desde IS NOT NULL AND c.tentar_em > statement_timestamp())))
"""

# A row whose document or host is at its limit, or held by another row, lets the rows behind it pass.
OUTROS_LIVRES = """
    (o.outros_baldes = '{}' OR NOT %(com_vaga)s OR NOT o.outros_baldes && ARRAY(
        SELECT f.nome FROM operacoes_balde f
         WHERE f.bloqueado_ate > statement_timestamp() OR f.tat - f.tolerancia > statement_timestamp() + %(espera)s
            OR f.dono_ate > statement_timestamp()))
"""

# No call leaves before _FIRMAR, since this commit does not wait for the disk.
_TOMAR = f"""
WITH candidata AS (
    SELECT o.id, o.tipo, o.servico, o.situacao, ARRAY(SELECT DISTINCT unnest(o.balde || o.outros_baldes)) AS baldes
      FROM operacoes_operacao o
     WHERE {SEM_ESPERAR_O_DISCO} AND o.balde = %(balde)s AND {PODE_SER_TOMADA} AND {OUTROS_LIVRES}
     ORDER BY o.prazo, o.turno, o.id LIMIT 1 FOR UPDATE OF o SKIP LOCKED
), livres AS MATERIALIZED (
    -- Locked in one order, so that two claims never wait for each other; a bucket another claim took is looked at anew.
    SELECT b.nome FROM operacoes_balde b, candidata k
     WHERE %(com_vaga)s AND b.nome = ANY (k.baldes)
       AND (b.bloqueado_ate IS NULL OR b.bloqueado_ate <= statement_timestamp())
       AND (NOT b.em_serie OR b.dono_ate IS NULL OR b.dono_ate <= statement_timestamp())
       AND b.tat - b.tolerancia <= statement_timestamp() + %(espera)s
     ORDER BY b.nome FOR UPDATE OF b
), pode AS MATERIALIZED (
    SELECT NOT %(com_vaga)s OR (SELECT count(*) FROM livres) = (SELECT cardinality(baldes) FROM candidata) AS sim
), vaga AS (
    UPDATE operacoes_balde b
       SET tat = greatest(b.tat, statement_timestamp()) + b.intervalo,
           dono = CASE WHEN b.em_serie THEN k.id END,
           dono_ate = CASE WHEN b.em_serie THEN statement_timestamp() + z.prazo + %(margem)s END
      FROM livres l, pode, candidata k, unnest(%(tipos)s::text[], %(prazos)s::interval[]) AS z (tipo, prazo)
     WHERE b.nome = l.nome AND pode.sim AND z.tipo = k.tipo
    RETURNING b.tat - b.intervalo - b.tolerancia - statement_timestamp() AS espera
), circuito AS (
    SELECT c.falhas, c.aberto_desde IS NOT NULL AS aberto
      FROM operacoes_circuito c JOIN candidata k ON k.servico = c.servico
), sonda AS (
    UPDATE operacoes_circuito c SET tentar_em = statement_timestamp() + %(da_sonda)s
      FROM candidata k, pode
     WHERE pode.sim AND c.servico = k.servico AND c.aberto_desde IS NOT NULL AND c.tentar_em <= statement_timestamp()
    RETURNING 1
), tomada AS (
    UPDATE operacoes_operacao o
       SET situacao = CASE WHEN o.situacao = 'pendente' THEN 'enviando' ELSE o.situacao END,
           tentativa_atual = gen_random_uuid(),
           proxima_em = statement_timestamp() + z.prazo + %(margem)s,
           envios = o.envios + CASE WHEN o.situacao = 'pendente' THEN 1 ELSE 0 END,
           enviada_em = CASE WHEN o.situacao = 'pendente' THEN statement_timestamp() ELSE o.enviada_em END,
           enviada_ate = CASE WHEN o.situacao = 'pendente' THEN statement_timestamp() + z.prazo ELSE o.enviada_ate END
      FROM candidata k, pode, unnest(%(tipos)s::text[], %(prazos)s::interval[]) AS z (tipo, prazo)
     WHERE o.id = k.id AND z.tipo = o.tipo AND pode.sim
       AND (NOT EXISTS (SELECT 1 FROM circuito WHERE aberto) OR EXISTS (SELECT 1 FROM sonda))
    RETURNING o.*
), nova AS (
    INSERT INTO operacoes_tentativa (id, operacao_id, especie, trabalhador, iniciada_em, desfecho, cobrada, classe,
                                     cobrancas, custo, enviado, recebido, detalhe)
    SELECT m.tentativa_atual, m.id,
           CASE m.situacao WHEN 'enviando' THEN 'envio' WHEN 'incerta' THEN 'conferencia' ELSE 'acompanhamento' END,
           %(trabalhador)s, statement_timestamp(), '', false, m.classe, '{{}}', 0, '{{}}', '{{}}', ''
      FROM tomada m
)
SELECT {colunas(Operacao, "m")}, statement_timestamp(), coalesce((SELECT falhas FROM circuito), 0),
       coalesce((SELECT aberto FROM circuito), false),
       greatest(0, extract(epoch FROM (SELECT max(espera) FROM vaga)))::float
  FROM tomada m
"""  # noqa: S608 - PODE_SER_TOMADA is a constant, the columns are the model's

# A commit that writes nothing but a mark in the journal, and so waits until all before it is on the disk (threads share
# one flush). It looks at the row as well: after a crash of the database between the two the claim never was.
_FIRMAR = """
SELECT pg_logical_emit_message(true, 'guiche', '') FROM operacoes_operacao
 WHERE id = %s AND tentativa_atual = %s
"""

# NULL without rows that may be taken; otherwise the seconds until one of them finds a start in each of its limits.
_QUANTO_FALTA = f"""
SELECT min(greatest(0, (
    SELECT extract(epoch FROM max(greatest(b.tat - b.tolerancia, b.bloqueado_ate, b.dono_ate)) - statement_timestamp())
      FROM operacoes_balde b WHERE b.nome = ANY (d.outros_baldes || d.balde))))::float
  FROM (SELECT DISTINCT o.balde, o.outros_baldes FROM operacoes_operacao o
         WHERE o.balde = %(balde)s AND {PODE_SER_TOMADA}) d
"""  # noqa: S608 - PODE_SER_TOMADA is a constant


def parametros_dos_handlers() -> dict[str, Any]:
    """The register as arrays in the database's own text: a list is turned into it value by value at every claim."""
    handlers = todos()
    return {
        "tipos": _vetor(handler.tipo for handler in handlers),
        "adicionais": _vetor("NULL" if handler.adicional is None else handler.adicional for handler in handlers),
        "prazos": _vetor(f"{handler.prazo_total.total_seconds()} s" for handler in handlers),
    }


def _vetor(valores: Iterable[object]) -> str:
    return "{" + ",".join(map(str, valores)) + "}"


@dataclass(frozen=True)
class Tomada:
    """A claimed row: `agora` is the database's clock at the claim; `partida` (its start) and `limite` (the end of the
    call) are by relogio.segundos."""

    operacao: Operacao
    handler: Handler
    agora: datetime
    limite: float
    circuito_falhas: int
    sonda: bool
    espera: float  # seconds from the claim to its start
    partida: float

    @property
    def baldes(self) -> list[str]:
        return list(dict.fromkeys([self.operacao.balde, *self.operacao.outros_baldes]))

    @property
    def tag(self) -> str:
        return uuid.UUID(str(self.operacao.tentativa_atual)).hex


def tomar(balde: str, *, com_vaga: bool = False, ate: float = 0.0) -> Tomada | None:
    """Claim the next due row of a bucket with its Tentativa; what is returned is committed and on the disk.

    `com_vaga` takes a start of the throttle in each of the row's limits in the same statement, at most `ate` seconds
    ahead, and finds nothing when there is none.
    """
    inicio = relogio.segundos()
    parametros = {
        **parametros_dos_handlers(),
        "balde": balde,
        "com_vaga": com_vaga,
        "espera": timedelta(seconds=ate),
        "margem": MARGEM_DA_VEZ,
        "da_sonda": DA_SONDA,
        "trabalhador": NOME,
    }
    with cursor_preparado() as cursor:
        cursor.execute(_TOMAR, parametros)
        linha = cursor.fetchone()
        if linha is None:
            return None
        *_, agora, circuito_falhas, sonda, espera = linha
        partida = relogio.segundos() + (espera or 0.0)
        operacao = objeto_de(Operacao, linha)
        cursor.execute(_FIRMAR, [operacao.pk, operacao.tentativa_atual])
        if cursor.fetchone() is None:
            return None
    handler = handler_de(operacao.tipo)
    limite = inicio + handler.prazo_total.total_seconds()
    return Tomada(operacao, handler, agora, limite, circuito_falhas, sonda, espera or 0.0, partida)


def quanto_falta(balde: str) -> float | None:
    """Seconds until a row of the bucket can be taken, None when no row waits."""
    with connection.cursor() as cursor:
        cursor.execute(_QUANTO_FALTA, {**parametros_dos_handlers(), "balde": balde})
        linha = cursor.fetchone()
    return None if linha[0] is None else float(linha[0])
