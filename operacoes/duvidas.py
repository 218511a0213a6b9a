"""What is known about an Operacao that waits for a person, and the queue of those that wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from comum.banco import relogio
from comum.models import Usuario
from operacoes.handlers import Handler
from operacoes.models import Operacao, Tentativa
from operacoes.motor.pessoas import pode_chegar_ate


@dataclass(frozen=True)
class Duvida:
    """The evidence of one doubt. `pode_chegar_ate`: until then *Não aconteceu* is not accepted; None once it is past
    or does not matter."""

    envios: list[Tentativa]
    perguntas: list[Tentativa]
    pode_chegar_ate: datetime | None

    @property
    def pergunta_negada(self) -> bool:
        """The service's words that are kept answered the last question, not the sending."""
        ultima = self.ultima_pergunta
        return ultima is not None and (ultima.http_status or 0) >= 400

    @property
    def ultima_pergunta(self) -> Tentativa | None:
        return self.perguntas[-1] if self.perguntas else None


def duvida_de(operacao: Operacao, handler: Handler, tentativas: Sequence[Tentativa]) -> Duvida:
    ate = pode_chegar_ate(operacao)
    return Duvida(
        envios=[t for t in tentativas if t.especie == Tentativa.Especie.ENVIO],
        perguntas=[t for t in tentativas if t.especie == Tentativa.Especie.CONFERENCIA]
        if handler.prova or handler.nao_aqui
        else [],
        pode_chegar_ate=ate if ate is not None and ate > relogio()() else None,
    )


@dataclass(frozen=True)
class FilaDeRespostas:
    """Where one operação stands among those that wait for a person; neighbours are None at the ends."""

    posicao: int
    total: int
    anterior: Operacao | None
    proxima: Operacao | None


def fila_de_respostas(operacao: Operacao, usuario: Usuario) -> FilaDeRespostas:
    """Four short queries over the index of those that wait. After the last comes the first again."""
    fila = Operacao.objects.visiveis(usuario).a_responder()
    antes = fila.filter(Q(prazo__lt=operacao.prazo) | Q(prazo=operacao.prazo, pk__lt=operacao.pk))
    outras = fila.exclude(pk=operacao.pk)
    depois = outras.filter(Q(prazo__gt=operacao.prazo) | Q(prazo=operacao.prazo, pk__gt=operacao.pk))
    return FilaDeRespostas(antes.count() + 1, fila.count(), antes.last(), depois.first() or outras.first())
