"""Drain a bucket: claim a row, make its try with no transaction open, record what came of it."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError, connection, transaction

from arquivo.services import depositados
from operacoes import circuito, relogio
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderError, ProviderUnavailable
from operacoes.fila import acordar, drenos
from operacoes.handlers import Aceita, Aconteceu, NaoAconteceu, NaoSei, PrecisaDePessoa
from operacoes.http import Chamadas
from operacoes.models import Pausa, Situacao, Tentativa
from operacoes.motor.ajuda import ajuda
from operacoes.motor.desfecho import Desfecho, VezPerdida, gravar, guardar_evidencia, recuo
from operacoes.motor.julgamento import FalhaAoAplicar, julgar, julgar_conferencia, julgar_espera
from operacoes.motor.tomada import Tomada, quanto_falta, tomar
from operacoes.motor.vez import ADIANTO_S, bloquear, largar_conexao, recusar_bloqueada, tomar_partida

log = structlog.get_logger(__name__)

FATIA_S = 20.0  # after this long a drenar job makes room for its neighbours
ATRASO_S = 1.0  # a call that leaves later than this after its start takes another
FRESCA_S = 0.25  # and one that leaves later than this looks whether its limits were blocked meanwhile
_ESPERA_LONGA_S = 40.0  # a bucket that gives nothing for longer is left to the periodic wake-up
_A_ESPERA = 2  # drains of this process that wait for a start of one bucket; the others make room
_GRAVACOES = 10  # tries at recording an answer when the database is in passing trouble: 9 s, what a restart takes

parar = threading.Event()  # set on shutdown: calls in course end, nothing new is claimed


class Vagas:
    """How many calls this process makes at once. Recording happens outside, so a slow disk never idles a call slot."""

    def __init__(self, quantas: int) -> None:
        self.definir(quantas)

    def definir(self, quantas: int) -> None:
        self.quantas = quantas
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


class _Espera:
    """Who waits for a start of each bucket in this process. Where starts are scarce somebody must always be waiting, or
    they would go by unused while the others are in their calls; more than a few would only keep threads from other
    buckets."""

    def __init__(self) -> None:
        self._trava = threading.Lock()
        self._quantos: Counter[str] = Counter()

    def ha(self, balde: str) -> bool:
        return self._quantos[balde] > 0

    @contextlib.contextmanager
    def entrar(self, balde: str) -> Iterator[bool]:
        with self._trava:
            cabe = self._quantos[balde] < _A_ESPERA and self._quantos.total() < drenos(vagas.quantas) // 2
            self._quantos[balde] += cabe
        try:
            yield cabe
        finally:
            with self._trava:
                self._quantos[balde] -= cabe
                if not self._quantos[balde]:
                    del self._quantos[balde]


_espera = _Espera()


def drenar(balde: str, fatia: float = FATIA_S, *, ajudante: bool = False) -> bool:
    """Take starts and rows of a bucket until nothing is due, or the slice ends; True when work may remain."""
    fim = time.monotonic() + fatia
    while not parar.is_set():
        if time.monotonic() >= fim or (ajudante and ajuda.sobra()):
            return True
        feita: tuple[Tomada, Retorno] | None = None
        with vagas.ocupar(1.0) as tem_vaga:
            if not tem_vaga:
                continue
            tomada = tomar(balde, com_vaga=True, ate=ADIANTO_S)
            if tomada is not None:
                _chamar_ajuda(balde, escassas=tomada.espera > ADIANTO_S / 4)
                feita = tomada, chamar(tomada)
        if feita:
            registrar(*feita)
        elif not _esperar_vaga(balde, fim):
            return False
    return True  # told to stop: another worker goes on


def _esperar_vaga(balde: str, fim: float) -> bool:
    """Wait, without a call slot, until the bucket is about to give a start. False: no row waits, or others do it."""
    falta = quanto_falta(balde)
    if falta is None or falta > _ESPERA_LONGA_S:
        return False
    with _espera.entrar(balde) as cabe:
        if not cabe:
            return False
        largar_conexao()
        # At least a moment, since without a wait another worker has just taken what was seen.
        parar.wait(max(0.05, min(falta - ADIANTO_S / 2, fim - time.monotonic())))
    return True


def _chamar_ajuda(balde: str, *, escassas: bool) -> None:
    """While this drain is in its call another takes the next row or, where starts are scarce, waits for the next one:
    one is enough then, but there must be one."""
    if escassas and _espera.ha(balde):
        return
    if not ajuda.chamar(partial(_ajudar, balde)) and escassas:
        acordar({balde: 1})


def _ajudar(balde: str) -> None:
    try:
        drenar(balde, ajudante=True)
    finally:
        largar_conexao()


@dataclass(frozen=True)
class Retorno:
    """What a try brought back: an answer, or the error that took its place."""

    chamadas: Chamadas
    resposta: Any = None
    erro: Exception | None = None


def chamar(tomada: Tomada) -> Retorno:
    """The outside part of a try: no transaction, and no connection held while it waits."""
    chamadas = Chamadas(tag=tomada.tag, deadline=tomada.limite, vez=_Vez(tomada))
    try:
        _esperar_partida(tomada)
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


def _esperar_partida(tomada: Tomada) -> None:
    """The start the claim took may lie a little ahead; a block stated meanwhile holds for it too."""
    if not tomada.espera:
        return
    largar_conexao()
    time.sleep(max(0.0, tomada.partida - relogio.segundos()))  # not cut short by a stop: it would leave before its time
    recusar_bloqueada(tomada.baldes)


class _Vez:
    """The turn of each call of a try: the first has the start of its claim, unless it comes to leave much later (a slow
    log-in, a machine out of breath); every other one takes a start of its own."""

    def __init__(self, tomada: Tomada) -> None:
        self._tomada, self._partida = tomada, tomada.partida

    def __call__(self) -> None:
        atraso = relogio.segundos() - self._partida
        self._partida = float("-inf")
        if atraso <= FRESCA_S:
            return
        try:
            if atraso > ATRASO_S:
                tomar_partida(self._tomada.baldes, self._tomada.limite)
            else:
                recusar_bloqueada(self._tomada.baldes)
        finally:
            largar_conexao()


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
    if isinstance(resposta, PrecisaDePessoa):
        _registrar(tomada, julgar_espera(tomada, resposta), chamadas, None)
        return None
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


def _conteudos(resposta: Any) -> Iterator[bytes]:
    """The files that an answer brought, wherever in it they are."""
    if isinstance(resposta, bytes) and resposta:
        yield resposta
    elif isinstance(resposta, tuple | list):
        for item in resposta:
            yield from _conteudos(item)
    elif is_dataclass(resposta):
        for campo in fields(resposta):
            yield from _conteudos(getattr(resposta, campo.name))


def _insistir(operacao: int, gravar_tudo: Callable[[], None]) -> None:
    """Record what came back. A passing trouble of the database (deadlock, lost connection) is tried again: what the
    service said is in our hands, and giving it up would cost a question, a second charge or a block forgotten."""
    for vez in range(1, _GRAVACOES + 1):
        try:
            gravar_tudo()
            return
        except OperationalError as error:
            if vez == _GRAVACOES or connection.in_atomic_block:
                raise
            log.warning("outcome not recorded, trying again", operacao=operacao, error=str(error))
            connection.close()
            time.sleep(0.2 * vez)  # not cut short by a stop: the trouble is given its time to pass


def _aplicar(tomada: Tomada, resposta: Any, chamadas: Chamadas) -> FalhaAoAplicar | None:
    """Save outcome and domain effects."""
    operacao = tomada.operacao

    def gravar_tudo() -> None:
        with depositados(_conteudos(resposta)), transaction.atomic():
            resumo = tomada.handler.aplicar(operacao, resposta)
            concluida = Desfecho(
                Situacao.CONCLUIDA,
                Tentativa.Desfecho.CONCLUIDA,
                resposta=resumo,
                duvidas=operacao.duvidas,
                perguntas=operacao.perguntas,
            )
            gravar(operacao, concluida, chamadas)

    try:
        _insistir(operacao.pk, gravar_tudo)
    except VezPerdida:
        guardar_evidencia(operacao, chamadas)
    except Exception as error:
        log.exception("outcome not recorded", operacao=operacao.pk, tipo=operacao.tipo)
        falha = FalhaAoAplicar(f"{type(error).__name__}: {error}")
        falha.__cause__ = error
        return falha
    return None


def _registrar(tomada: Tomada, desfecho: Desfecho, chamadas: Chamadas, erro: Exception | None) -> None:
    operacao = tomada.operacao

    def gravar_tudo() -> None:
        with transaction.atomic():
            negado = erro if isinstance(erro, AccessDenied) and erro.alcance == Alcance.CREDENCIAL else None
            if negado and tomada.handler.acesso_mudou(operacao.acesso, tomada.agora):
                negado = None
                desfecho.espera = max(desfecho.espera, recuo(1))  # without a pause nothing else would hold it back
            gravar(operacao, desfecho, chamadas)
            if desfecho.situacao == Situacao.RECUSADA:
                _avisar_recusa(tomada, desfecho)
            if negado:
                # The first refusal of an access speaks for all its rows: one pause, one message.
                pausa = Pausa(acesso=operacao.acesso, motivo=negado.mensagem, codigo=negado.codigo[:80])
                Pausa.objects.bulk_create([pausa], ignore_conflicts=True)
            if isinstance(erro, ProviderUnavailable) and erro.bloqueio:
                _bloquear(tomada, erro)

    try:
        _insistir(operacao.pk, gravar_tudo)
    except VezPerdida:
        guardar_evidencia(operacao, chamadas)
        return
    _saude(tomada, erro, chamadas)


def _bloquear(tomada: Tomada, erro: ProviderUnavailable) -> None:
    operacao, handler = tomada.operacao, tomada.handler
    bloquear(erro, (*handler.limites(operacao.acesso), *handler.limites_do_pedido(operacao.pedido, operacao.acesso)))


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
    elif isinstance(erro, OutcomeUnknown | ProviderUnavailable) and _do_servico(erro):
        circuito.falhou(servico, erro.mensagem, sonda=tomada.sonda)
    elif tomada.circuito_falhas and (erro is None or _respondeu(chamadas)):
        circuito.fechar(servico)
        if tomada.sonda:
            acordar({tomada.operacao.balde: drenos()})


def _do_servico(erro: OutcomeUnknown | ProviderUnavailable) -> bool:
    """Whether the failure is the service's: a 429 is not, nor a doubt left by a 4xx, which is of its row alone, nor one
    in which the service named its document: it answered, and somebody behind it did not."""
    if isinstance(erro, ProviderUnavailable):
        return not erro.bloqueio
    if erro.lembrar:
        return False
    return not 400 <= (erro.status or 0) < 500


def _respondeu(chamadas: Chamadas) -> bool:
    return any("status" in registro for registro in chamadas.registros)
