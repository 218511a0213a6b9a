"""Drain a bucket: claim a row, make its try with no transaction open, record what came of it."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError, connection, transaction

from operacoes import circuito, throttle
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderError, ProviderUnavailable
from operacoes.fila import acordar, drenos
from operacoes.handlers import Aceita, Aconteceu, NaoAconteceu, NaoSei
from operacoes.http import Chamadas
from operacoes.models import Pausa, Situacao, Tentativa
from operacoes.motor.desfecho import Desfecho, VezPerdida, gravar, guardar_evidencia
from operacoes.motor.julgamento import FalhaAoAplicar, julgar, julgar_conferencia
from operacoes.motor.tomada import Tomada, tomar

log = structlog.get_logger(__name__)

FATIA_S = 20.0  # after this long a drenar job makes room for its neighbours
_SECAS = 3  # seconds in a row without a free start before a drain ends
_ESPERA_LONGA_S = 5.0
_GRAVACOES = 3  # tries at recording an answer when the database is in passing trouble

parar = threading.Event()  # set on shutdown: calls in course end, nothing new is claimed


class Vagas:
    """How many calls this process makes at once. Recording happens outside, so a slow disk never idles a call slot."""

    def __init__(self, quantas: int) -> None:
        self.definir(quantas)

    def definir(self, quantas: int) -> None:
        self._livres: SimpleQueue[None] = SimpleQueue()  # a semaphore is Python code under every thread's lock
        for _ in range(quantas):
            self._livres.put(None)

    @contextlib.contextmanager
    def ocupar(self, espera: float) -> Iterator[bool]:
        livres = self._livres
        try:
            livres.get(timeout=espera)
        except Empty:
            yield False
            return
        try:
            yield True
        finally:
            livres.put(None)


vagas = Vagas(settings.TRABALHADOR_THREADS)


def drenar(balde: str, fatia: float = FATIA_S) -> bool:
    """Take starts and rows of a bucket until nothing is due, or the slice ends; True when work may remain."""
    fim, secas = time.monotonic() + fatia, 0
    while not parar.is_set():
        if time.monotonic() >= fim:
            return True
        feita: tuple[Tomada, Retorno] | None = None
        with vagas.ocupar(1.0) as tem_vaga:
            if not tem_vaga:
                continue
            tomada = tomar(balde, com_vaga=True)
            if tomada is None and (espera := throttle.tomar(balde, 1.0)) is not None:
                if espera:
                    largar_conexao()
                    parar.wait(espera)
                tomada = None if parar.is_set() else tomar(balde)
                if tomada is None:
                    throttle.devolver(balde)
                    return False
            if tomada is not None:
                secas = 0
                feita = tomada, chamar(tomada)
        if feita:
            registrar(*feita)
            continue
        secas += 1
        if secas == _SECAS or throttle.falta(balde) > _ESPERA_LONGA_S:
            return False  # blocked, or others take every start: the periodic wake-up comes back
        largar_conexao()
        parar.wait(1.0)
    return False


def largar_conexao() -> None:
    """Hand the connection back to the pool while this thread waits for something outside."""
    if not connection.in_atomic_block:
        connection.close()


@dataclass(frozen=True)
class Retorno:
    """What a try brought back: an answer, or the error that took its place."""

    chamadas: Chamadas
    resposta: Any = None
    erro: Exception | None = None


def chamar(tomada: Tomada) -> Retorno:
    """The outside part of a try: no transaction, and no connection held while it waits."""
    chamadas = Chamadas(tag=tomada.tag, deadline=tomada.limite)
    try:
        _esperar_outros_baldes(tomada)
        sessao = tomada.handler.preparar(tomada.operacao)
        largar_conexao()
        return Retorno(chamadas, resposta=_chamar(tomada, sessao, chamadas))
    except ProviderError as error:
        return Retorno(chamadas, erro=error)
    except Exception as error:
        log.exception("handler failed", operacao=tomada.operacao.pk, tipo=tomada.operacao.tipo)
        return Retorno(chamadas, erro=error)


def registrar(tomada: Tomada, retorno: Retorno) -> None:
    """The inside part of a try: outcome, Tentativa and domain effects in one transaction."""
    erro = retorno.erro
    if erro is None:
        erro = _concluir(tomada, retorno.resposta, retorno.chamadas)
        if erro is None:
            return
    _registrar(tomada, julgar(tomada, erro, retorno.chamadas), retorno.chamadas, erro)


def _esperar_outros_baldes(tomada: Tomada) -> None:
    outros = [limite.balde for limite in tomada.handler.limites(tomada.operacao.acesso)[1:]]
    if not outros:
        return
    espera = throttle.tomar_todos(outros, 5.0)
    if espera is None:
        raise ProviderUnavailable(
            "Limite de chamadas do serviço atingido; a vez volta sozinha.", bloqueio=True, retry_after=0
        )
    if espera:
        largar_conexao()
        parar.wait(espera)


def _chamar(tomada: Tomada, sessao: Any, chamadas: Chamadas) -> Any:
    handler, pedido = tomada.handler, tomada.operacao.pedido
    if tomada.operacao.situacao == Situacao.INCERTA:
        conferencia = handler.conferir(pedido, sessao, chamadas)
        if not isinstance(conferencia, Aconteceu | NaoAconteceu | NaoSei):
            raise TypeError(f"{handler.tipo}.conferir answered {conferencia!r}")
        return conferencia
    if tomada.operacao.situacao == Situacao.ACEITA:
        return handler.acompanhar(pedido, sessao, chamadas)
    return handler.enviar(pedido, sessao, chamadas)


def _concluir(tomada: Tomada, resposta: Any, chamadas: Chamadas) -> Exception | None:
    """Record an answer. Returns the error to be judged instead when the domain effects could not be saved."""
    operacao = tomada.operacao
    if operacao.situacao == Situacao.INCERTA:
        if not isinstance(resposta, Aconteceu):
            _registrar(tomada, julgar_conferencia(tomada, resposta), chamadas, None)
            return None
        resposta = resposta.resposta
    if isinstance(resposta, Aceita):
        aceita = Desfecho(
            Situacao.ACEITA, Tentativa.Desfecho.ACEITA, espera=resposta.olhar_em, resposta=resposta.resumo, saiu=True
        )
        _registrar(tomada, aceita, chamadas, None)
        return None
    falha = _aplicar(tomada, resposta, chamadas)
    if falha is None:
        _saude(tomada, None, chamadas)
    return falha


def _aplicar(tomada: Tomada, resposta: Any, chamadas: Chamadas) -> FalhaAoAplicar | None:
    """Save outcome and domain effects. A passing trouble of the database (deadlock, lost connection) is tried again:
    the answer is in our hands, and giving it up would cost a question or a second charge."""
    operacao = tomada.operacao
    for vez in range(1, _GRAVACOES + 1):
        try:
            with transaction.atomic():
                resumo = tomada.handler.aplicar(operacao, resposta)
                concluida = Desfecho(
                    Situacao.CONCLUIDA,
                    Tentativa.Desfecho.CONCLUIDA,
                    resposta=resumo,
                    duvidas=operacao.duvidas,
                    perguntas=operacao.perguntas,
                )
                gravar(operacao, concluida, chamadas)
            return None
        except VezPerdida:
            guardar_evidencia(operacao, chamadas)
            return None
        except Exception as error:
            if isinstance(error, OperationalError) and vez < _GRAVACOES and not connection.in_atomic_block:
                log.warning("outcome not recorded, trying again", operacao=operacao.pk, error=str(error))
                connection.close()
                parar.wait(0.2 * vez)
                continue
            log.exception("outcome not recorded", operacao=operacao.pk, tipo=operacao.tipo)
            falha = FalhaAoAplicar(f"{type(error).__name__}: {error}")
            falha.__cause__ = error
            return falha
    raise AssertionError("unreachable")


def _registrar(tomada: Tomada, desfecho: Desfecho, chamadas: Chamadas, erro: Exception | None) -> None:
    operacao = tomada.operacao
    try:
        with transaction.atomic():
            gravar(operacao, desfecho, chamadas)
            if desfecho.situacao == Situacao.RECUSADA:
                _avisar_recusa(tomada, desfecho)
            if isinstance(erro, AccessDenied) and erro.alcance == Alcance.CREDENCIAL:
                # The first refusal of an access speaks for all its rows: one pause, one message.
                pausa = Pausa(acesso=operacao.acesso, motivo=erro.mensagem, codigo=erro.codigo[:80])
                Pausa.objects.bulk_create([pausa], ignore_conflicts=True)
            if isinstance(erro, ProviderUnavailable) and erro.bloqueio:
                throttle.bloquear(operacao.balde, erro.retry_after)
    except VezPerdida:
        guardar_evidencia(operacao, chamadas)
        return
    _saude(tomada, erro, chamadas)


def _avisar_recusa(tomada: Tomada, desfecho: Desfecho) -> None:
    """Let the handler save the domain effects of a refusal; the refusal itself is recorded even if that fails."""
    operacao = tomada.operacao
    operacao.situacao = desfecho.situacao
    operacao.codigo, operacao.grupo = desfecho.codigo, desfecho.grupo
    operacao.mensagem, operacao.palavras_do_servico = desfecho.mensagem, desfecho.palavras
    try:
        with transaction.atomic():
            tomada.handler.recusada(operacao)
    except Exception:
        log.exception("effects of a refusal not saved", operacao=operacao.pk, tipo=operacao.tipo)


def _saude(tomada: Tomada, erro: Exception | None, chamadas: Chamadas) -> None:
    """Tell the circuit how the service is: an answer of any kind is health, silence and 5xx are not. An error of ours
    before anything was sent tells nothing."""
    servico = tomada.operacao.servico
    if isinstance(erro, AccessDenied) and erro.alcance == Alcance.SERVICO:
        circuito.falhou(servico, erro.mensagem, sonda=tomada.sonda, de_vez=True)
    elif isinstance(erro, OutcomeUnknown) or (isinstance(erro, ProviderUnavailable) and not erro.bloqueio):
        circuito.falhou(servico, erro.mensagem, sonda=tomada.sonda)
    elif tomada.circuito_falhas and (erro is None or _respondeu(chamadas)):
        circuito.fechar(servico)
        if tomada.sonda:
            acordar({tomada.operacao.balde: drenos()})


def _respondeu(chamadas: Chamadas) -> bool:
    return any("status" in registro for registro in chamadas.registros)
