"""Claim one row, make its try with no transaction open, record what came of it."""

import contextlib
import hashlib
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError, connection, transaction

from operacoes import circuito, throttle
from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderError, ProviderRefused, ProviderUnavailable
from operacoes.fila import acordar, drenos
from operacoes.handlers import Aceita, Aconteceu, Handler, NaoAconteceu, NaoSei, handler_de, todos
from operacoes.http import Chamadas
from operacoes.models import Efeito, Operacao, Pausa, Situacao, Tentativa
from operacoes.motor.desfecho import (
    LIMITE_DUVIDAS,
    LIMITE_FALHAS,
    LIMITE_PERGUNTAS,
    PRIMEIRA_PERGUNTA,
    Desfecho,
    VezPerdida,
    espera_da_pergunta,
    gravar,
    guardar_evidencia,
    recuo,
)

log = structlog.get_logger(__name__)

MARGEM_DA_VEZ = timedelta(seconds=15)  # the lease outlasts the call's total deadline by this much
FATIA_S = 20.0  # after this long a drenar job makes room for its neighbours
_SECAS = 3  # seconds in a row without a free start before a drain ends
_ESPERA_LONGA_S = 5.0
_GRAVACOES = 3  # tries at recording an answer when the database is in passing trouble


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
parar = threading.Event()  # set on shutdown: calls in course end, nothing new is claimed

# Rows that may be taken now. Everything after the bucket is a plain filter over few values, so the index on
# (balde, prazo, turno, id) gives the order and nothing is sorted. Shared with the wake-up (recuperacao).
PODE_SER_TOMADA = """
    o.situacao IN ('pendente', 'incerta', 'aceita')
    AND o.proxima_em <= statement_timestamp()
    AND o.tipo = ANY (ARRAY(
        SELECT k.tipo FROM unnest(%(tipos)s::text[], %(adicionais)s::int[]) AS k (tipo, adicional)
         WHERE k.adicional IS NULL OR k.adicional IN (SELECT a.codigo FROM comum_adicional a WHERE a.ativo)))
    AND o.acesso <> ALL (ARRAY(SELECT p.acesso FROM operacoes_pausa p))
    AND (o.situacao <> 'pendente' OR o.processamento_id IS NULL
         OR o.processamento_id <> ALL (ARRAY(SELECT r.id FROM operacoes_processamento r WHERE r.suspenso)))
    AND o.servico <> ALL (ARRAY(
        SELECT c.servico FROM operacoes_circuito c
         WHERE c.aberto_desde IS NOT NULL AND c.tentar_em > statement_timestamp()))
"""

_TOMAR = f"""
WITH candidata AS (
    SELECT o.id, o.servico, o.situacao FROM operacoes_operacao o
     WHERE o.balde = %(balde)s AND {PODE_SER_TOMADA}
     ORDER BY o.prazo, o.turno, o.id LIMIT 1 FOR UPDATE OF o SKIP LOCKED
), vaga AS (
    UPDATE operacoes_balde b SET tat = greatest(b.tat, statement_timestamp()) + b.intervalo
      FROM candidata k
     WHERE %(com_vaga)s AND b.nome = %(balde)s
       AND (b.bloqueado_ate IS NULL OR b.bloqueado_ate <= statement_timestamp())
       AND b.tat - b.tolerancia <= statement_timestamp()
    RETURNING 1
), circuito AS (
    SELECT c.falhas, c.aberto_desde IS NOT NULL AS aberto
      FROM operacoes_circuito c JOIN candidata k ON k.servico = c.servico
), sonda AS (
    UPDATE operacoes_circuito c SET tentar_em = statement_timestamp() + make_interval(secs => 120)
      FROM candidata k
     WHERE c.servico = k.servico AND c.aberto_desde IS NOT NULL AND c.tentar_em <= statement_timestamp()
    RETURNING 1
), tomada AS (
    UPDATE operacoes_operacao o
       SET situacao = CASE WHEN o.situacao = 'pendente' THEN 'enviando' ELSE o.situacao END,
           tentativa_atual = gen_random_uuid(),
           proxima_em = statement_timestamp() + z.prazo + %(margem)s,
           envios = o.envios + CASE WHEN o.situacao = 'pendente' THEN 1 ELSE 0 END,
           enviada_em = CASE WHEN o.situacao = 'pendente' THEN statement_timestamp() ELSE o.enviada_em END,
           enviada_ate = CASE WHEN o.situacao = 'pendente' THEN statement_timestamp() + z.prazo ELSE o.enviada_ate END
      FROM candidata k, unnest(%(tipos)s::text[], %(prazos)s::interval[]) AS z (tipo, prazo)
     WHERE o.id = k.id AND z.tipo = o.tipo
       AND (NOT %(com_vaga)s OR EXISTS (SELECT 1 FROM vaga))
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
SELECT m.*, statement_timestamp() AS agora, coalesce((SELECT falhas FROM circuito), 0) AS circuito_falhas,
       coalesce((SELECT aberto FROM circuito), false) AS sondando
  FROM tomada m
"""  # noqa: S608 - PODE_SER_TOMADA is a constant


def parametros_dos_handlers() -> dict[str, Any]:
    handlers = todos()
    return {
        "tipos": [handler.tipo for handler in handlers],
        "adicionais": [handler.adicional for handler in handlers],
        "prazos": [handler.prazo_total for handler in handlers],
    }


class _FalhaAoAplicar(Exception):
    """The service did it and our own recording failed."""


@dataclass(frozen=True)
class Tomada:
    """A claimed row: `agora` is the database's clock at the claim, `limite` the monotonic end of the call."""

    operacao: Operacao
    handler: Handler
    agora: datetime
    limite: float
    circuito_falhas: int
    sonda: bool

    @property
    def tag(self) -> str:
        return uuid.UUID(str(self.operacao.tentativa_atual)).hex


def tomar(balde: str, *, com_vaga: bool = False) -> Tomada | None:
    """Claim the next due row of a bucket: one statement, committed, with its Tentativa.

    `com_vaga` takes a free start of the throttle in the same statement, and finds nothing when none is free now.
    """
    inicio = time.monotonic()
    parametros = {
        **parametros_dos_handlers(),
        "balde": balde,
        "com_vaga": com_vaga,
        "margem": MARGEM_DA_VEZ,
        "trabalhador": NOME,
    }
    linhas = list(Operacao.objects.raw(_TOMAR, parametros))
    if not linhas:
        return None
    operacao: Any = linhas[0]
    handler = handler_de(operacao.tipo)
    return Tomada(
        operacao,
        handler,
        operacao.agora,
        inicio + handler.prazo_total.total_seconds(),
        operacao.circuito_falhas,
        operacao.sondando,
    )


class Vagas:
    """How many calls this process makes at once. Recording happens outside, so a slow disk never idles a call slot."""

    def __init__(self, quantas: int) -> None:
        self.definir(quantas)

    def definir(self, quantas: int) -> None:
        self._livres = threading.BoundedSemaphore(quantas)

    @contextlib.contextmanager
    def ocupar(self, espera: float) -> Iterator[bool]:
        tem = self._livres.acquire(timeout=espera)
        try:
            yield tem
        finally:
            if tem:
                self._livres.release()


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


def executar(tomada: Tomada) -> None:
    """Make the try of a claimed row and record it. Only the loss of the database or of the process escapes."""
    registrar(tomada, chamar(tomada))


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
    _registrar(tomada, _julgar(tomada, erro, retorno.chamadas), retorno.chamadas, erro)


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
            _registrar(tomada, _julgar_conferencia(tomada, resposta), chamadas, None)
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


def _aplicar(tomada: Tomada, resposta: Any, chamadas: Chamadas) -> _FalhaAoAplicar | None:
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
            falha = _FalhaAoAplicar(f"{type(error).__name__}: {error}")
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


# -- judgement: from what came back to what the row becomes --------------------------------------------------------


def _julgar(tomada: Tomada, erro: Exception, chamadas: Chamadas) -> Desfecho:
    if isinstance(erro, AccessDenied):
        return _sem_acesso(tomada, erro)
    if tomada.operacao.situacao == Situacao.INCERTA:
        return _ainda_em_duvida(tomada, erro)
    if tomada.operacao.situacao == Situacao.ACEITA and not isinstance(erro, ProviderRefused):
        return _olhar_depois(tomada, erro)
    if isinstance(erro, ProviderRefused):
        return _recusada(tomada, erro)
    if isinstance(erro, ProviderUnavailable):
        return _nao_executada(tomada, erro)
    if isinstance(erro, OutcomeUnknown | _FalhaAoAplicar) or chamadas.sem_volta:
        return _duvida(tomada, erro)
    return _nao_executada(
        tomada,
        ProviderUnavailable(
            "O Guichê falhou ao preparar este envio. Nada foi enviado; avise quem cuida do sistema.",
            codigo="FALHA-INTERNA",
            texto=f"{type(erro).__name__}: {erro}"[:500],
        ),
    )


def _palavras(erro: Exception) -> tuple[str, str, str]:
    """(our message, provider's code, provider's words or the error's)."""
    if isinstance(erro, ProviderError):
        return erro.mensagem, erro.codigo, erro.texto
    if isinstance(erro, _FalhaAoAplicar):
        return (
            "O serviço respondeu, mas a resposta não pôde ser gravada. Será conferida com o serviço.",
            "FALHA-AO-GRAVAR",
            str(erro),
        )
    return (
        "Falha do Guichê durante o envio. Será conferida com o serviço.",
        "FALHA-INTERNA",
        f"{type(erro).__name__}: {erro}"[:500],
    )


def _recusada(tomada: Tomada, erro: ProviderError) -> Desfecho:
    op = tomada.operacao
    desfecho = Tentativa.Desfecho.SEM_ACESSO if isinstance(erro, AccessDenied) else Tentativa.Desfecho.RECUSADA
    return Desfecho(
        Situacao.RECUSADA,
        desfecho,
        codigo=erro.codigo,
        grupo=erro.codigo or "SEM-CODIGO",
        mensagem=erro.mensagem,
        palavras=erro.texto,
        duvidas=op.duvidas,
        perguntas=op.perguntas,
    )


def _sem_acesso(tomada: Tomada, erro: AccessDenied) -> Desfecho:
    """EMPRESA: this row alone is refused. CREDENCIAL and SERVICO: the row goes back and waits with all the others."""
    op = tomada.operacao
    if erro.alcance == Alcance.EMPRESA and op.situacao == Situacao.ENVIANDO:
        return _recusada(tomada, erro)
    if erro.alcance == Alcance.EMPRESA and op.situacao == Situacao.INCERTA:
        return _precisa_de_pessoa(tomada, f"Não é possível conferir com o serviço: {erro.mensagem}", erro)
    return Desfecho(
        Situacao.PENDENTE if op.situacao == Situacao.ENVIANDO else Situacao(op.situacao),
        Tentativa.Desfecho.SEM_ACESSO,
        espera=timedelta(minutes=5) if erro.alcance == Alcance.EMPRESA else timedelta(0),
        codigo=erro.codigo,
        mensagem=erro.mensagem,
        palavras=erro.texto,
        falhas=op.falhas,
        duvidas=op.duvidas,
        perguntas=op.perguntas,
    )


def _nao_executada(tomada: Tomada, erro: ProviderUnavailable) -> Desfecho:
    op = tomada.operacao
    # Neither a stated block nor the probe of an open circuit says anything about this row.
    falhas = op.falhas + (0 if erro.bloqueio or tomada.sonda else 1)
    comum: dict[str, Any] = {
        "codigo": erro.codigo,
        "palavras": erro.texto,
        "duvidas": op.duvidas,
        "perguntas": op.perguntas,
    }
    if falhas >= LIMITE_FALHAS:
        return Desfecho(
            Situacao.RECUSADA,
            Tentativa.Desfecho.INDISPONIVEL,
            grupo=erro.codigo or "INDISPONIVEL",
            mensagem=f"{erro.mensagem} Tentada {falhas} vezes sem sucesso. Repita quando o serviço voltar.",
            falhas=falhas,
            **comum,
        )
    espera = timedelta(seconds=erro.retry_after or 0) if erro.bloqueio else recuo(falhas)
    if erro.retry_after:
        espera = max(espera, timedelta(seconds=erro.retry_after))
    quando = "" if erro.bloqueio else f" Tentativa {falhas} de {LIMITE_FALHAS}; repete sozinha."
    return Desfecho(
        Situacao.PENDENTE,
        Tentativa.Desfecho.INDISPONIVEL,
        espera=espera,
        mensagem=f"{erro.mensagem}{quando}",
        falhas=falhas,
        **comum,
    )


def _duvida(tomada: Tomada, erro: Exception) -> Desfecho:
    """Sent, and the answer lost. A documento is drawn again (one more charge); anything else is asked about first."""
    op = tomada.operacao
    mensagem, codigo, palavras = _palavras(erro)
    duvidas = op.duvidas + 1
    comum: dict[str, Any] = {"codigo": codigo, "palavras": palavras, "duvidas": duvidas, "saiu": True}
    if duvidas > LIMITE_DUVIDAS:
        return Desfecho(
            Situacao.AGUARDA_PESSOA,
            Tentativa.Desfecho.INCERTA,
            mensagem=f"{mensagem} Aconteceu {duvidas} vezes seguidas; confira no portal do serviço e diga o que houve.",
            **comum,
        )
    if op.efeito == Efeito.DOCUMENTO:
        return Desfecho(
            Situacao.PENDENTE,
            Tentativa.Desfecho.INCERTA,
            espera=recuo(duvidas),
            mensagem=f"{mensagem} O documento será pedido de novo (nova cobrança).",
            **comum,
        )
    return Desfecho(Situacao.INCERTA, Tentativa.Desfecho.INCERTA, espera=PRIMEIRA_PERGUNTA, mensagem=mensagem, **comum)


def _julgar_conferencia(tomada: Tomada, resposta: NaoAconteceu | NaoSei) -> Desfecho:
    op, handler = tomada.operacao, tomada.handler
    perguntas = op.perguntas + 1
    if isinstance(resposta, NaoAconteceu):
        # An effect may land late: the proof counts only when asked after the service's own longest time.
        madura_em = (op.enviada_ate or tomada.agora) + handler.demora_maxima
        if tomada.agora >= madura_em:
            return Desfecho(
                Situacao.PENDENTE,
                Tentativa.Desfecho.NAO_ACONTECEU,
                mensagem="Conferido com o serviço: não aconteceu. Será enviada de novo.",
                detalhe=resposta.motivo,
                duvidas=op.duvidas,
            )
        return Desfecho(
            Situacao.INCERTA,
            Tentativa.Desfecho.NAO_ACONTECEU,
            espera=min(max(madura_em - tomada.agora, timedelta(0)), espera_da_pergunta(perguntas)),
            mensagem="Ainda não consta no serviço; pode chegar atrasada. Será conferida de novo.",
            detalhe=resposta.motivo,
            duvidas=op.duvidas,
            perguntas=min(perguntas, LIMITE_PERGUNTAS),
        )
    motivo = resposta.motivo or "O serviço ainda não permite saber o resultado."
    if resposta.perguntar_em == timedelta.max or perguntas >= LIMITE_PERGUNTAS:
        return _precisa_de_pessoa(tomada, motivo, None)
    return Desfecho(
        Situacao.INCERTA,
        Tentativa.Desfecho.NAO_SEI,
        espera=max(resposta.perguntar_em, timedelta(seconds=5)),
        mensagem=motivo,
        duvidas=op.duvidas,
        perguntas=perguntas,
    )


def _precisa_de_pessoa(tomada: Tomada, motivo: str, erro: Exception | None) -> Desfecho:
    _, codigo, palavras = _palavras(erro) if erro else ("", "", "")
    return Desfecho(
        Situacao.AGUARDA_PESSOA,
        Tentativa.Desfecho.NAO_SEI,
        codigo=codigo,
        palavras=palavras,
        mensagem=f"{motivo} Confira no portal do serviço e diga aqui o que houve.",
        duvidas=tomada.operacao.duvidas,
        perguntas=tomada.operacao.perguntas + 1,
    )


def _ainda_em_duvida(tomada: Tomada, erro: Exception) -> Desfecho:
    """The question itself failed, or its answer could not be saved: the doubt stands."""
    op = tomada.operacao
    mensagem, codigo, palavras = _palavras(erro)
    bloqueio = isinstance(erro, ProviderUnavailable) and erro.bloqueio
    perguntas = op.perguntas + (0 if bloqueio else 1)
    falhas = op.falhas + (1 if isinstance(erro, _FalhaAoAplicar) else 0)
    if perguntas >= LIMITE_PERGUNTAS or falhas >= LIMITE_DUVIDAS:
        return _precisa_de_pessoa(tomada, mensagem, erro)
    retry_after = erro.retry_after if isinstance(erro, ProviderUnavailable) else None
    return Desfecho(
        Situacao.INCERTA,
        Tentativa.Desfecho.INDISPONIVEL if isinstance(erro, ProviderUnavailable) else Tentativa.Desfecho.NAO_SEI,
        espera=max(espera_da_pergunta(perguntas), timedelta(seconds=retry_after or 0)),
        codigo=codigo,
        palavras=palavras,
        mensagem=mensagem,
        falhas=falhas,
        duvidas=op.duvidas,
        perguntas=perguntas,
    )


def _olhar_depois(tomada: Tomada, erro: Exception) -> Desfecho:
    """Looking at something accepted failed, or its result could not be saved: it is looked at again later."""
    op = tomada.operacao
    mensagem, codigo, palavras = _palavras(erro)
    falhas = op.falhas + 1
    if isinstance(erro, _FalhaAoAplicar) and falhas >= LIMITE_DUVIDAS:
        return _precisa_de_pessoa(tomada, mensagem, erro)
    return Desfecho(
        Situacao.ACEITA,
        Tentativa.Desfecho.INDISPONIVEL,
        espera=recuo(falhas),
        codigo=codigo,
        palavras=palavras,
        mensagem=mensagem,
        falhas=falhas,
        duvidas=op.duvidas,
        perguntas=op.perguntas,
    )
