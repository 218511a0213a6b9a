"""Outcomes: one record per try, conditional on the Tentativa that holds the lease."""

import json
import random
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F
from psycopg.types.json import Jsonb

from comum.banco import cursor_preparado
from operacoes import custos, throttle
from operacoes.handlers import Limite, handler_de
from operacoes.http import Chamadas
from operacoes.models import ENCERRADAS, Operacao, Situacao, Tentativa
from operacoes.ritmo import no_ritmo

LIMITE_FALHAS = 8  # tries in a row that did not execute; with the growing waits about half an hour
LIMITE_DUVIDAS = 3  # automatic repeats after a lost answer
LIMITE_PERGUNTAS = 40  # questions about one doubt; with the growing waits about half a day
PRIMEIRA_PERGUNTA = no_ritmo(timedelta(seconds=10))


def recuo(vez: int, *, inicial: float = 15, maximo: float = 900) -> timedelta:
    """Wait before the next try: doubles from `inicial` to `maximo` seconds, a fifth up or down by chance."""
    segundos = min(inicial * 2 ** min(max(vez, 1) - 1, 20), maximo)
    return no_ritmo(timedelta(seconds=segundos * random.uniform(0.8, 1.2)))  # noqa: S311 - spreads retries, guards nothing


def espera_da_pergunta(perguntas: int) -> timedelta:
    """Wait after the n-th question. Most questions are charged, so they thin out fast: 40 s, 160 s, 640 s, 20 min."""
    return recuo(1, inicial=min(10 * 4 ** min(perguntas, 5), 1200))


@dataclass
class Desfecho:
    """What a try changes. Counters are absolute, taken from the row as it was claimed: the lease is exclusive."""

    situacao: Situacao
    tentativa: Tentativa.Desfecho
    espera: timedelta = timedelta(0)
    codigo: str = ""
    grupo: str = ""
    mensagem: str = ""
    palavras: str = ""
    detalhe: str = ""
    resposta: dict[str, Any] = field(default_factory=dict)
    falhas: int = 0
    duvidas: int = 0
    perguntas: int = 0
    saiu: bool = False  # a request may have left: the service's longest time counts from now


_GRAVAR = """
WITH t AS (
    UPDATE operacoes_tentativa SET desfecho = %(desfecho)s, encerrada_em = clock_timestamp(),
           duracao_ms = greatest(0, extract(epoch FROM clock_timestamp() - iniciada_em) * 1000)::int,
           http_status = %(status)s, cobrada = %(cobrada)s, cobrancas = %(cobrancas)s::varchar[],
           incertas = %(incertas)s::varchar[], custo = %(custo)s,
           enviado = %(enviado)s, recebido = %(recebido)s, detalhe = %(detalhe)s
     WHERE id = %(tentativa)s
)
UPDATE operacoes_operacao SET situacao = %(situacao)s, tentativa_atual = NULL,
       proxima_em = clock_timestamp() + %(espera)s, codigo = %(codigo)s, grupo = %(grupo)s, mensagem = %(mensagem)s,
       palavras_do_servico = %(palavras)s, resposta = resposta || %(resposta)s, falhas = %(falhas)s,
       duvidas = %(duvidas)s, perguntas = %(perguntas)s, custo = custo + %(custo)s,
       enviada_ate = CASE WHEN %(saiu)s THEN clock_timestamp() ELSE enviada_ate END,
       encerrada_em = CASE WHEN %(encerra)s THEN clock_timestamp() END
 WHERE id = %(operacao)s AND tentativa_atual = %(tentativa)s
"""


class VezPerdida(Exception):
    """The try no longer holds the row: its lease ran out and somebody else went on."""


def gravar(operacao: Operacao, desfecho: Desfecho, chamadas: Chamadas) -> None:
    """Write the outcome and close the Tentativa, inside the caller's transaction.

    Raises VezPerdida, which must undo that transaction, when another try holds the row by now.
    """
    cobrancas, incertas, custo = _cobrado(operacao, chamadas)
    enviado, recebido = separar(chamadas)
    valores: dict[str, Any] = {
        "operacao": operacao.pk,
        "tentativa": operacao.tentativa_atual,
        "desfecho": desfecho.tentativa.value,
        "status": _status(chamadas),
        "cobrada": bool(cobrancas),
        "cobrancas": cobrancas,
        "incertas": incertas,
        "custo": custo,
        "enviado": _json(enviado),
        "recebido": _json(recebido),
        "detalhe": (desfecho.detalhe or desfecho.mensagem).replace("\x00", ""),
        "situacao": desfecho.situacao.value,
        "espera": desfecho.espera,
        "codigo": desfecho.codigo[:80],
        "grupo": desfecho.grupo[:80],
        "mensagem": desfecho.mensagem,
        "palavras": desfecho.palavras.replace("\x00", ""),
        "resposta": _json(desfecho.resposta),
        "falhas": desfecho.falhas,
        "duvidas": desfecho.duvidas,
        "perguntas": desfecho.perguntas,
        "saiu": desfecho.saiu,
        "encerra": desfecho.situacao in ENCERRADAS,
    }
    with cursor_preparado() as cursor:
        cursor.execute(_GRAVAR, valores)
        if cursor.rowcount != 1:
            raise VezPerdida
    custos.somar(operacao.acesso, cobrancas)
    handler = handler_de(operacao.tipo)
    if desfecho.resposta and desfecho.situacao not in ENCERRADAS:
        _limitar(operacao, handler.limites_da_resposta(desfecho.resposta, operacao.acesso))
    seus = (*handler.limites(operacao.acesso), *handler.limites_do_pedido(operacao.pedido, operacao.acesso))
    if any(limite.em_serie for limite in seus):
        throttle.soltar([operacao.pk])


def _limitar(operacao: Operacao, limites: tuple[Limite, ...]) -> None:
    """Count the row's next calls in these limits too."""
    novos = [limite.balde for limite in limites if limite.balde not in (operacao.balde, *operacao.outros_baldes)]
    if novos:
        throttle.garantir(limites)
        Operacao.objects.filter(pk=operacao.pk).update(outros_baldes=[*operacao.outros_baldes, *novos])


def guardar_evidencia(operacao: Operacao, chamadas: Chamadas) -> None:
    """A worker that lost its lease changes nothing of the row but its cost; what it heard is kept with its own
    Tentativa, whose calls the service charges all the same."""
    cobrancas, incertas, custo = _cobrado(operacao, chamadas)
    enviado, recebido = separar(chamadas)
    with transaction.atomic():
        guardada = Tentativa.objects.filter(pk=str(operacao.tentativa_atual), recebido={}).update(
            enviado=enviado,
            recebido=recebido,
            http_status=_status(chamadas),
            cobrada=bool(cobrancas),
            cobrancas=cobrancas,
            incertas=incertas,
            custo=custo,
            detalhe="Resposta chegou depois de a vez ter passado a outra tentativa.",
        )
        if guardada and cobrancas:
            Operacao.objects.filter(pk=operacao.pk).update(custo=F("custo") + custo)
    if guardada:
        custos.somar(operacao.acesso, cobrancas)


def _cobrado(operacao: Operacao, chamadas: Chamadas) -> tuple[list[str], list[str], Decimal]:
    """The class of each call that the service charges, of each one among them of which its contract does not say, and
    what they cost together."""
    cobradas = [registro for registro in chamadas.registros if registro.get("cobrada")]
    cobrancas = [registro["classe"] or operacao.classe for registro in cobradas]
    incertas = [registro["classe"] or operacao.classe for registro in cobradas if registro.get("incerta")]
    custo = sum((custos.preco_unitario(classe, operacao.acesso) for classe in cobrancas), Decimal(0))
    return cobrancas, incertas, custo


def _status(chamadas: Chamadas) -> int | None:
    """Of the last answer."""
    return next((r["status"] for r in reversed(chamadas.registros) if r.get("status")), None)


def separar(chamadas: Chamadas) -> tuple[dict[str, Any], dict[str, Any]]:
    """The exchanges of a try as the Tentativa keeps them: {"chamadas": [...]} sent, {"chamadas": [...]} received."""
    recebidos = ("status", "recebido", "cabecalhos_recebidos", "erro", "duracao_ms")
    registros = chamadas.registros
    if not registros:
        return {}, {}
    return (
        {"chamadas": [{k: v for k, v in registro.items() if k not in recebidos} for registro in registros]},
        {"chamadas": [{k: v for k, v in registro.items() if k in recebidos} for registro in registros]},
    )


def _json(valor: Any) -> Jsonb:
    return Jsonb(valor, dumps=_dumps)


def _dumps(valor: Any) -> str:
    texto = DjangoJSONEncoder(ensure_ascii=False).encode(valor)
    # PostgreSQL's jsonb takes no NUL; the same six characters as plain text are left as they are.
    return DjangoJSONEncoder(ensure_ascii=False).encode(_sem_nul(json.loads(texto))) if "\\u0000" in texto else texto


def _sem_nul(valor: Any) -> Any:
    if isinstance(valor, str):
        return valor.replace("\x00", "")
    if isinstance(valor, dict):
        return {_sem_nul(nome): _sem_nul(item) for nome, item in valor.items()}
    return [_sem_nul(item) for item in valor] if isinstance(valor, list) else valor
