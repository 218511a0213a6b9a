"""What people decide about an Operacao: give up, try again, say what happened, lift a pause. Every act is audited."""

import re
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from comum.auditoria import registrar
from comum.models import Usuario
from operacoes.fila import acordar
from operacoes.handlers import Repeticao, handler_de
from operacoes.models import Efeito, Operacao, Pausa, Processamento, Situacao, Tentativa
from operacoes.motor.recuperacao import vagas_por_balde
from operacoes.motor.submissao import NovaOperacao, submeter

_REVISAO = re.compile(r":r\d+$")


class EstadoErrado(Exception):
    """The Operacao is no longer in the state this act needs; the text is pt-BR, for the screen."""


def _travada(operacao: Operacao) -> Operacao:
    return Operacao.objects.select_for_update().get(pk=operacao.pk)


def nova_revisao(operacao: Operacao, repeticao: Repeticao, usuario: Usuario | None) -> Operacao:
    """Try again what was refused or given up, under a key of its own; the old row and its attempts stay as they are.

    Asked twice, it answers the same row. Raises EstadoErrado when the Operacao is in course or done.
    """
    with transaction.atomic():
        atual = _travada(operacao)
        if atual.situacao not in (Situacao.RECUSADA, Situacao.DESISTIDA):
            raise EstadoErrado(f"A operação está “{atual.get_situacao_display()}” e não pode ser repetida.")
        feitas = submeter([proxima_revisao(atual, repeticao)], usuario=usuario, processamento=atual.processamento)
    return (feitas.criadas or feitas.existentes)[0]


def proxima_revisao(operacao: Operacao, repeticao: Repeticao) -> NovaOperacao:
    """The intent that repeats a refused one: same who and what, next revision, a key of its own, today's access."""
    revisao = operacao.revisao + 1
    return NovaOperacao(
        tipo=operacao.tipo,
        chave=f"{_REVISAO.sub('', operacao.chave)}:r{revisao}",
        pedido=repeticao.pedido,
        acesso=repeticao.acesso,
        empresa_id=operacao.empresa_id,
        competencia=operacao.competencia,
        prazo=operacao.prazo,
        revisao=revisao,
        anterior_id=operacao.pk,
    )


def desistir(operacao: Operacao, usuario: Usuario | None = None) -> Operacao:
    """Take a row that waits out of the queue, for good. Raises EstadoErrado once it left."""
    with transaction.atomic():
        atual = _travada(operacao)
        if atual.situacao != Situacao.PENDENTE:
            raise EstadoErrado(f"A operação está “{atual.get_situacao_display()}”: só se desiste do que está na fila.")
        atual.situacao, atual.encerrada_em = Situacao.DESISTIDA, timezone.now()
        atual.mensagem = "Retirada da fila antes do envio."
        atual.save(update_fields=["situacao", "encerrada_em", "mensagem"])
        registrar(usuario=usuario, acao="operacoes.desistir", objeto=atual, resumo=f"Desistiu de {atual.chave}")
    return atual


def resolver(operacao: Operacao, aconteceu: bool, evidencia: str, usuario: Usuario) -> Operacao:
    """A person looked at the service and says what happened. `evidencia`: number or protocol, or why it is known not
    to have happened. A document did not happen without its file: it can only be drawn again. Raises EstadoErrado
    unless the row waits for a person and nobody is asking about it."""
    evidencia = evidencia.strip()
    if not evidencia:
        raise EstadoErrado("Diga o que foi visto no serviço: o número, o protocolo ou o motivo.")
    with transaction.atomic():
        atual = _travada(operacao)
        if atual.situacao != Situacao.AGUARDA_PESSOA:
            raise EstadoErrado(f"A operação está “{atual.get_situacao_display()}” e não aguarda resposta de ninguém.")
        if aconteceu and atual.efeito == Efeito.DOCUMENTO:
            raise EstadoErrado(
                "O documento não chegou ao Guichê e não pode ser dado como recebido. Responda “Não aconteceu” para "
                "pedi-lo de novo (nova cobrança)."
            )
        if aconteceu:
            resumo = handler_de(atual.tipo).resolvida(atual, evidencia)
            atual.resposta = {**atual.resposta, **resumo, "evidencia": evidencia}
            atual.situacao, atual.encerrada_em = Situacao.CONCLUIDA, timezone.now()
            atual.mensagem = f"Conferida por {usuario.nome}: aconteceu ({evidencia})."
        else:
            atual.situacao, atual.proxima_em = Situacao.PENDENTE, timezone.now() - timedelta(seconds=1)
            atual.duvidas = atual.perguntas = atual.falhas = 0
            atual.mensagem = f"Conferida por {usuario.nome}: não aconteceu ({evidencia}). Será enviada de novo."
        atual.save()
        registrar(
            usuario=usuario,
            acao="operacoes.resolver",
            objeto=atual,
            resumo=f"{'Aconteceu' if aconteceu else 'Não aconteceu'}: {atual.chave}",
            dados={"aconteceu": aconteceu, "evidencia": evidencia, "tentativa": _ultima(atual)},
        )
        if not aconteceu:
            acordar({atual.balde: 1})
    return atual


def _ultima(operacao: Operacao) -> str:
    ultima = Tentativa.objects.filter(operacao=operacao).order_by("-iniciada_em").first()
    return str(ultima.pk) if ultima else ""


def retomar(acesso: str, usuario: Usuario | None) -> bool:
    """Lift the pause of an access and wake its queue; False when it was not paused."""
    with transaction.atomic():
        pausa = Pausa.objects.select_for_update().filter(pk=acesso).first()
        if pausa is None:
            return False
        dados = {"motivo": pausa.motivo, "desde": pausa.desde.isoformat()}
        pausa.delete()
        registrar(
            usuario=usuario,
            acao="operacoes.retomar",
            objeto=f"acesso:{acesso}",
            resumo=f"Retomou {acesso}",
            dados=dados,
        )
        acordar(vagas_por_balde())
    return True


def suspender(processamento: Processamento, suspenso: bool, usuario: Usuario) -> None:
    """Hold back, or let go on, what a run has not sent yet. Doubts go on being asked about either way."""
    with transaction.atomic():
        mudou = Processamento.objects.filter(pk=processamento.pk, suspenso=not suspenso).update(suspenso=suspenso)
        if not mudou:
            return
        registrar(
            usuario=usuario,
            acao="operacoes.suspender" if suspenso else "operacoes.continuar",
            objeto=processamento,
            resumo=f"{'Suspendeu' if suspenso else 'Retomou'} {processamento}",
        )
        if not suspenso:
            acordar(vagas_por_balde())
