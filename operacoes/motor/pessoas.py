"""What people decide about an Operacao: give up, try again, say what happened, lift a pause. Every act is audited."""

import hashlib
import re
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from arquivo.services import depositados
from comum.auditoria import registrar
from comum.banco import relogio
from comum.formatos import hora
from comum.models import Usuario
from operacoes.fila import acordar
from operacoes.handlers import Repeticao, handler_de, nome_do_servico
from operacoes.intencao import NovaOperacao
from operacoes.models import EM_DUVIDA, Circuito, Classe, Efeito, Operacao, Pausa, Processamento, Situacao, Tentativa
from operacoes.motor.julgamento import envio_sem_resposta
from operacoes.motor.recuperacao import vagas_por_balde
from operacoes.motor.submissao import submeter

_REVISAO = re.compile(r":r\d+$")


class EstadoErrado(Exception):
    """The Operacao is no longer in the state this act needs; the text is pt-BR, for the screen."""


def _travada(operacao: Operacao) -> Operacao:
    return Operacao.objects.select_for_update().get(pk=operacao.pk)


def nova_revisao(operacao: Operacao, repeticao: Repeticao, usuario: Usuario | None) -> Operacao:
    """Try again what was refused or given up, under a key of its own; the old row and its attempts stay as they are.

    Asked twice, it answers the same row. Raises EstadoErrado when the Operacao is in course or done, or the cap of cost
    keeps it out.
    """
    with transaction.atomic():
        atual = _travada(operacao)
        if atual.situacao not in (Situacao.RECUSADA, Situacao.DESISTIDA):
            raise EstadoErrado(f"A operação está “{atual.get_situacao_display()}” e não pode ser repetida.")
        feitas = submeter([proxima_revisao(atual, repeticao)], usuario=usuario, processamento=atual.processamento)
        if feitas.barradas:
            raise EstadoErrado(feitas.barradas[0].motivo)
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
        empresas=tuple(operacao.empresas),
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
        atual.situacao, atual.encerrada_em = Situacao.DESISTIDA, relogio()()
        saiu = _pode_ter_saido(atual)
        atual.mensagem = f"Retirada da fila{f'. {envio_sem_resposta(atual)}' if saiu else ' antes do envio.'}"
        atual.save(update_fields=["situacao", "encerrada_em", "mensagem"])
        handler_de(atual.tipo).desistida(atual)
        registrar(usuario=usuario, acao="operacoes.desistir", objeto=atual, resumo=f"Desistiu de {atual.chave}")
    return atual


def _pode_ter_saido(operacao: Operacao) -> bool:
    """Whether an earlier sending of a documento was lost sight of. Anything else is in the queue only with proof that
    it did not happen."""
    return (
        operacao.efeito == Efeito.DOCUMENTO
        and operacao.tentativas.filter(especie=Tentativa.Especie.ENVIO, desfecho__in=Tentativa.SEM_RESPOSTA).exists()
    )


def pode_chegar_ate(operacao: Operacao) -> datetime | None:
    """Until when the last sending may still take effect at the service; None for what may be drawn again."""
    if operacao.efeito == Efeito.DOCUMENTO or operacao.enviada_ate is None:
        return None
    return operacao.enviada_ate + handler_de(operacao.tipo).demora_maxima


def resolver(
    operacao: Operacao, aconteceu: bool, evidencia: str, usuario: Usuario, *, arquivo: bytes = b""
) -> Operacao:
    """A person looked at the service and says what happened. `evidencia`: number or protocol, or why it is known not
    to have happened; `arquivo`: the PDF that proves it, kept by the handler. A document did not happen without its
    file: it can only be drawn again. Raises EstadoErrado unless the row waits for a person, and for a *não aconteceu*
    given while the last sending may still arrive."""
    evidencia = evidencia.strip()
    if not evidencia:
        raise EstadoErrado("Diga o que foi visto no serviço: o número, o protocolo ou o motivo.")
    with depositados([arquivo] if arquivo else []), transaction.atomic():
        atual = _travada(operacao)
        if atual.situacao != Situacao.AGUARDA_PESSOA:
            raise EstadoErrado(f"A operação está “{atual.get_situacao_display()}” e não aguarda resposta de ninguém.")
        if nao_aqui := handler_de(atual.tipo).nao_aqui:
            raise EstadoErrado(nao_aqui)
        if aconteceu and atual.efeito == Efeito.DOCUMENTO and not arquivo:
            custa = "" if atual.classe == Classe.GRATIS else " (nova cobrança)"
            raise EstadoErrado(
                "O documento não chegou ao Guichê e não pode ser dado como recebido. Responda “Não aconteceu” para "
                f"pedi-lo de novo{custa}."
            )
        agora, pode_chegar = relogio()(), pode_chegar_ate(atual)
        if not aconteceu and pode_chegar is not None and agora < pode_chegar:
            raise EstadoErrado(
                f"O serviço ainda pode registrar este envio até {hora(pode_chegar)}. Enviado de novo antes disso, ele "
                "poderia sair em dobro: confira outra vez depois desse horário."
            )
        if aconteceu:
            resumo = handler_de(atual.tipo).resolvida(atual, evidencia, arquivo)
            atual.resposta = {**atual.resposta, **resumo, "evidencia": evidencia}
            atual.situacao, atual.encerrada_em = Situacao.CONCLUIDA, agora
            atual.mensagem = f"Conferida por {usuario.nome}: aconteceu ({evidencia})."
        else:
            atual.situacao, atual.proxima_em = Situacao.PENDENTE, agora
            atual.duvidas = atual.perguntas = atual.falhas = 0
            atual.mensagem = f"Conferida por {usuario.nome}: não aconteceu ({evidencia}). Será enviada de novo."
        atual.save()
        registrar(
            usuario=usuario,
            acao="operacoes.resolver",
            objeto=atual,
            resumo=f"{'Aconteceu' if aconteceu else 'Não aconteceu'}: {atual.chave}",
            dados={
                "aconteceu": aconteceu,
                "evidencia": evidencia,
                "tentativa": _ultima(atual),
                "arquivo_sha256": hashlib.sha256(arquivo).hexdigest() if arquivo else "",
            },
        )
        if not aconteceu:
            acordar({atual.balde: 1})
    return atual


def perguntar_de_novo(operacao: Operacao, usuario: Usuario) -> Operacao:
    """Ask the service about a doubt at once: one that waits for a person, since what kept it from answering was mended,
    or one whose next question is due later. Raises EstadoErrado when it is neither, is being asked about just now, or
    its service cannot be asked."""
    with transaction.atomic():
        atual = _travada(operacao)
        if atual.situacao not in EM_DUVIDA:
            raise EstadoErrado(f"A operação está “{atual.get_situacao_display()}” e não aguarda resposta de ninguém.")
        handler = handler_de(atual.tipo)
        if not handler.prova:
            raise EstadoErrado(handler.nao_aqui or "Este serviço não oferece consulta que prove o resultado.")
        if atual.tentativa_atual:
            raise EstadoErrado("A pergunta ao serviço já está em curso; o resultado aparece nesta página.")
        if atual.situacao == Situacao.AGUARDA_PESSOA:
            atual.situacao = Situacao.INCERTA
            atual.perguntas = atual.falhas = 0
            atual.mensagem = f"{usuario.nome} pediu outra pergunta ao serviço."
        else:  # the machine's own questions thin out; one more of a person's does not put off the next
            atual.perguntas = max(0, atual.perguntas - 1)
        atual.proxima_em = relogio()()
        atual.save(update_fields=["situacao", "proxima_em", "perguntas", "falhas", "mensagem"])
        registrar(usuario=usuario, acao="operacoes.perguntar", objeto=atual, resumo=f"Perguntou de novo: {atual.chave}")
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


def pausar_servico(servico: str, motivo: str, usuario: Usuario) -> bool:
    """Hold a service: nothing more is sent to it, not even questions. What already left goes on to its end."""
    with transaction.atomic():
        Circuito.objects.get_or_create(pk=servico)
        pausado = Circuito.objects.filter(pk=servico, pausado_desde__isnull=True).update(
            pausado_desde=Now(), pausado_por=usuario, motivo_da_pausa=motivo[:200]
        )
        if pausado:
            registrar(
                usuario=usuario,
                acao="operacoes.pausar_servico",
                objeto=f"servico:{servico}",
                resumo=f"Pausou {nome_do_servico(servico)}",
                dados={"motivo": motivo},
            )
    return bool(pausado)


def retomar_servico(servico: str, usuario: Usuario) -> bool:
    """Let a held service go on and wake its queue; False when it was not held."""
    with transaction.atomic():
        circuito = Circuito.objects.select_for_update().filter(pk=servico, pausado_desde__isnull=False).first()
        if circuito is None or circuito.pausado_desde is None:
            return False
        dados = {"motivo": circuito.motivo_da_pausa, "desde": circuito.pausado_desde.isoformat()}
        Circuito.objects.filter(pk=servico).update(pausado_desde=None, pausado_por=None, motivo_da_pausa="")
        registrar(
            usuario=usuario,
            acao="operacoes.retomar_servico",
            objeto=f"servico:{servico}",
            resumo=f"Retomou {nome_do_servico(servico)}",
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
