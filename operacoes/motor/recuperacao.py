"""What was left behind: leases of workers that died, rows whose time has come, jobs of the queue nobody holds."""

import os
from datetime import timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from operacoes import throttle
from operacoes.custos import teto
from operacoes.fila import DRENAR, POR_JOB, acordar, drenos
from operacoes.handlers import handler_de, todos
from operacoes.models import A_TRABALHAR, Operacao, Situacao, Trabalhador
from operacoes.motor.desfecho import LIMITE_DUVIDAS, PRIMEIRA_PERGUNTA
from operacoes.motor.julgamento import DE_NOVO, DE_NOVO_SEM_CUSTO
from operacoes.motor.tomada import ANFITRIAO, NOME, PODE_SER_TOMADA, parametros_dos_handlers
from operacoes.ritmo import RITMO

log = structlog.get_logger(__name__)

SEM_SINAL_S = 30 * RITMO  # a worker that did not beat for this long is taken for dead
BATIDA_S = 5.0 * RITMO
RONDA_S = 15.0 * RITMO

# enviada_ate stays: a worker taken for dead may still be sending until its deadline, and the service's longest
# processing time must count from there. A question that repeats the sending may still leave until its lease ends.
_ABANDONADAS = """
WITH perdidas AS (
    SELECT o.id, o.tentativa_atual FROM operacoes_operacao o
     WHERE o.tentativa_atual IS NOT NULL
       AND (o.proxima_em <= statement_timestamp() OR EXISTS (
            SELECT 1 FROM operacoes_tentativa t JOIN operacoes_trabalhador w ON w.nome = t.trabalhador
             WHERE t.id = o.tentativa_atual
               AND w.batida < statement_timestamp() - make_interval(secs => %(sem_sinal)s)))
       FOR UPDATE OF o SKIP LOCKED
), fechadas AS (
    UPDATE operacoes_tentativa t
       SET desfecho = 'abandonada', encerrada_em = statement_timestamp(), detalhe = 'O trabalhador parou no meio.'
      FROM perdidas p WHERE t.id = p.tentativa_atual
)
UPDATE operacoes_operacao o
   SET tentativa_atual = NULL,
       duvidas = o.duvidas + CASE WHEN o.situacao = 'enviando' THEN 1 ELSE 0 END,
       situacao = CASE
           WHEN o.situacao <> 'enviando' THEN o.situacao
           WHEN o.duvidas >= %(limite)s THEN 'aguarda_pessoa'
           WHEN o.efeito = 'documento' THEN 'pendente'
           ELSE 'incerta' END,
       proxima_em = statement_timestamp() + CASE WHEN o.situacao = 'enviando' AND o.efeito = 'unico'
           THEN %(primeira)s ELSE interval '0' END,
       enviada_ate = CASE WHEN o.situacao = 'incerta' AND o.tipo = ANY(%(repetem)s::text[])
           THEN greatest(o.enviada_ate, o.proxima_em) ELSE o.enviada_ate END,
       mensagem = CASE WHEN o.situacao <> 'enviando' THEN o.mensagem
           ELSE 'O envio foi interrompido antes da resposta.' || CASE
               WHEN o.duvidas >= %(limite)s THEN ' Confira no portal do serviço e diga aqui o que houve.'
               WHEN o.efeito = 'documento' AND o.classe = 'gratis' THEN %(de_novo_sem_custo)s
               WHEN o.efeito = 'documento' THEN %(de_novo)s
               ELSE ' Será conferido com o serviço.' END END
  FROM perdidas p WHERE o.id = p.id
RETURNING o.id
"""


def recuperar_abandonadas() -> int:
    """End the leases that ran out or whose worker died: the rows become doubts, never plain pending again."""
    with transaction.atomic(), connection.cursor() as cursor:
        parametros: dict[str, Any] = {
            "sem_sinal": SEM_SINAL_S,
            "limite": LIMITE_DUVIDAS,
            "primeira": PRIMEIRA_PERGUNTA,
            "de_novo": f" {DE_NOVO}",
            "de_novo_sem_custo": f" {DE_NOVO_SEM_CUSTO}",
            "repetem": [handler.tipo for handler in todos() if handler.pergunta_envia],
        }
        cursor.execute(_ABANDONADAS, parametros)
        ids = [pk for (pk,) in cursor.fetchall()]
        if ids:
            throttle.soltar(ids)
    if ids:
        log.warning("leases recovered", operacoes=len(ids))
    return len(ids)


def vagas_por_balde(*, alem_das_em_curso: bool = False) -> dict[str, int]:
    """How many more drains each bucket with due rows can use: the jobs waiting in the queue already count, and with
    `alem_das_em_curso` so do the drains at work.

    A drain at work is known by the row it holds, not by its job, which outlives a killed worker.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT d.balde, d.quantas - coalesce(j.ativos, 0) FROM (
                SELECT o.balde, least(count(*), %(vagas)s) AS quantas FROM operacoes_operacao o
                  LEFT JOIN operacoes_balde b ON b.nome = o.balde
                 WHERE coalesce(b.bloqueado_ate <= statement_timestamp(), true) AND {PODE_SER_TOMADA}
                 GROUP BY o.balde) d
            LEFT JOIN (
                SELECT balde, count(*) AS ativos FROM (
                    SELECT args ->> 'balde' AS balde FROM procrastinate_jobs, generate_series(1, %(por_job)s)
                     WHERE task_name = %(tarefa)s AND status = 'todo'
                     UNION ALL
                    SELECT balde FROM operacoes_operacao WHERE %(em_curso)s AND tentativa_atual IS NOT NULL) a
                 GROUP BY balde) j ON j.balde = d.balde
            """,  # noqa: S608 - PODE_SER_TOMADA is a constant
            {
                **parametros_dos_handlers(),
                "vagas": max(drenos(), _drenos_vivos()),
                "por_job": POR_JOB,
                "em_curso": alem_das_em_curso,
                "tarefa": DRENAR,
            },
        )
        return {balde: int(quantas) for balde, quantas in cursor.fetchall() if quantas > 0}


def _drenos_vivos() -> int:
    """Drains of all the workers that beat, on every host."""
    vivos = Trabalhador.objects.filter(batida__gt=Now() - timedelta(seconds=SEM_SINAL_S))
    return sum(drenos(vagas) for vagas in vivos.values_list("vagas", flat=True))


def recuperar() -> None:
    """The round of every worker: recover leases, look at the caps of cost, and wake the buckets that have due rows and
    nobody draining them."""
    recuperar_abandonadas()
    teto.conferir()
    with transaction.atomic():
        acordar(vagas_por_balde(alem_das_em_curso=True))


def nascer(vagas: int) -> None:
    """A worker starts: it writes its first heartbeat, buries dead namesakes of this host, gives the queue the limits
    that hold by now and wakes all that is due."""
    bater(vagas)
    _enterrar_locais()
    recuperar_abandonadas()
    _renovar_limites()
    with transaction.atomic():
        acordar(vagas_por_balde())


def _renovar_limites() -> None:
    """The limits may have changed with the settings or the version, and only a submission would bring them otherwise.

    Each arm of the condition is that of a partial index: the finished rows are not read.
    """
    abertas = Operacao.objects.filter(
        Q(situacao__in=A_TRABALHAR)
        | Q(situacao=Situacao.ENVIANDO, tentativa_atual__isnull=False)
        | Q(situacao=Situacao.AGUARDA_PESSOA),
        tipo__in=[handler.tipo for handler in todos()],
    )
    diferentes = ("tipo", "acesso", "outros_baldes")  # rows alike in these have the same limits
    linhas = abertas.order_by(*diferentes).distinct(*diferentes).values_list("tipo", "acesso", "pedido")
    throttle.garantir(
        limite
        for tipo, acesso, pedido in linhas.iterator(chunk_size=2000)
        for limite in (*handler_de(tipo).limites(acesso), *handler_de(tipo).limites_do_pedido(pedido, acesso))
    )


def bater(vagas: int) -> None:
    """The row may be gone: the name of a worker silent for a day (a suspended machine) is forgotten."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO operacoes_trabalhador (nome, vagas, batida) VALUES (%s, %s, statement_timestamp())
            ON CONFLICT (nome) DO UPDATE SET vagas = excluded.vagas, batida = excluded.batida
            """,
            [NOME, vagas],
        )


def morrer() -> None:
    """A worker ends in order: it holds nothing any more."""
    Trabalhador.objects.filter(nome=NOME).delete()


def _enterrar_locais() -> None:
    """Workers of this host whose process is gone are dead now, without waiting for the heartbeat to be missed."""
    mortos = [
        nome
        for nome in Trabalhador.objects.exclude(nome=NOME).values_list("nome", flat=True)
        if nome.split(":")[0] == ANFITRIAO and not _vive(int(nome.split(":")[1]))
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE operacoes_trabalhador SET batida = batida - make_interval(secs => %s) WHERE nome = ANY(%s)",
            [2 * SEM_SINAL_S, mortos],
        )


def _vive(pid: int) -> bool:
    if pid == os.getpid():
        return False  # an earlier process that had our number
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
