"""The events that no taxpayer makes: those of the município and of the system, put on a note by the control page."""

from datetime import datetime
from typing import Any

from sandbox.nacional import municipios
from sandbox.nacional.codigos import Recusa, mensagem
from sandbox.nacional.eventos import estado, registro
from sandbox.nacional.eventos.catalogo import (
    ANULACAO,
    BLOQUEIO,
    CANCELAMENTO,
    CONFIRMACAO_TACITA,
    DEFERIDO,
    DESBLOQUEIO,
    INDEFERIDO,
    OFICIO,
    REJEICOES,
)
from sandbox.nacional.models import Evento, Nota
from sandbox.nacional.opcoes import Opcoes
from sandbox.nacional.texto_xml import campo
from sandbox.nucleo.livro import gravacao

_AGENTE = "52998224725"
_MOTIVO = "Decidido na página de controle do sandbox"
CODIGOS = (DEFERIDO, INDEFERIDO, CONFIRMACAO_TACITA, ANULACAO, OFICIO, BLOQUEIO, DESBLOQUEIO)
BLOQUEAVEIS = (CANCELAMENTO, "105102", DEFERIDO, INDEFERIDO, OFICIO)


def registrar(nota: Nota, codigo: str, opcoes: Opcoes, agora: datetime, *, bloqueia: str = CANCELAMENTO) -> Evento:
    """Raises Recusa when the events of the note leave it no place."""
    with gravacao():
        nota.refresh_from_db()
        if achados := list(estado.impede(nota, codigo, municipios.de(opcoes, nota.municipio), agora)):
            raise Recusa(400, *(mensagem(achado) for achado in achados))
        bloqueado = _bloqueado(nota) if codigo == DESBLOQUEIO else bloqueia if codigo == BLOQUEIO else ""
        miolo = _miolo(nota, codigo, bloqueado)
        pedido = registro.pedido_do_sistema(nota, codigo, miolo, opcoes, agora)
        autor = nota.emitente if codigo == CONFIRMACAO_TACITA else registro.AUTOR_SISTEMA
        return registro.registrar(nota, codigo, pedido, autor, opcoes, agora, "", bloqueia=bloqueado)


def _ultimo(nota: Nota, *codigos: str) -> Evento:
    achado = nota.eventos.filter(codigo__in=codigos).order_by("-id").first()
    if achado is None:
        raise Recusa(400, mensagem("E0845"))
    return achado


def _bloqueado(nota: Nota) -> str:
    return _ultimo(nota, BLOQUEIO).bloqueia


def _miolo(nota: Nota, codigo: str, bloqueado: str) -> str:
    """What comes after xDesc."""
    agente, motivo = campo("CPFAgTrib", _AGENTE), campo("xMotivo", _MOTIVO)
    partes: dict[str, Any] = {
        DEFERIDO: lambda: agente + campo("cMotivo", 1) + motivo,
        INDEFERIDO: lambda: agente + campo("cMotivo", 1) + motivo,
        CONFIRMACAO_TACITA: lambda: "",
        ANULACAO: lambda: agente + campo("idEvManifRej", _numero(_ultimo(nota, *REJEICOES))) + motivo,
        OFICIO: lambda: agente + campo("nProcAdm", "2026000001") + campo("xProcAdm", _MOTIVO),
        BLOQUEIO: lambda: agente + campo("codEvento", f"e{bloqueado}") + motivo,
        DESBLOQUEIO: lambda: agente + campo("idBloqOfic", _numero(_ultimo(nota, BLOQUEIO))),
    }
    return str(partes[codigo]())


def _numero(evento: Evento) -> str:
    """chave and code, 56 characters: as the schema of 2026-07-27 has the references of the events to one another."""
    return f"{evento.nota.chave}{evento.codigo}"
