"""After a backup was put back: the database is older than what its services already took, so nothing is sent from it
before a person lets it, and what cannot be made twice is asked about before it is sent."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Greatest, Now
from django.utils import timezone

from comum.auditoria import registrar
from operacoes.handlers import nome_do_servico, todos
from operacoes.models import EM_DUVIDA, Circuito, Efeito, Operacao, Situacao
from operacoes.motor.recuperacao import recuperar_abandonadas


@dataclass(frozen=True)
class Reteve:
    """What was held: rows that will be asked about, rows that wait for a person, the services in words."""

    a_conferir: int
    de_pessoas: int
    servicos: tuple[str, ...]


def reter(copia_de: datetime) -> Reteve:
    """Hold every service, and turn what may have been sent since `copia_de` into doubts.

    A row that was in the queue, or being sent, may have been sent, answered and sent again before the loss: of an
    effect made once only, its service is asked (NaoAconteceu sends it then), or a person where it cannot be asked. A
    documento goes on waiting: a repeat of it is a charge.
    """
    quando = f"{timezone.localtime(copia_de):%d/%m/%Y %H:%M}"
    with transaction.atomic():
        # No lease of a restored database has a worker any more.
        Operacao.objects.filter(tentativa_atual__isnull=False).update(proxima_em=Now())
        recuperar_abandonadas()
        unicas = Operacao.objects.filter(efeito=Efeito.UNICO)
        unicas.filter(situacao__in=EM_DUVIDA).update(enviada_ate=Greatest(F("enviada_ate"), Now()))
        na_fila = unicas.filter(situacao=Situacao.PENDENTE)
        comum = {
            "enviada_em": Coalesce(F("enviada_em"), Now()),
            "enviada_ate": Now(),
            "proxima_em": Now(),
            "perguntas": 0,
        }
        pergunta = f"O banco voltou de uma cópia de {quando}: esta operação pode ter sido enviada depois dela."
        com_consulta = [handler.tipo for handler in todos() if handler.prova]
        na_fila.exclude(tipo__in=com_consulta).update(
            **comum,
            situacao=Situacao.AGUARDA_PESSOA,
            mensagem=f"{pergunta} Confira no portal do serviço e diga aqui o que houve.",
        )
        na_fila.filter(tipo__in=com_consulta).update(
            **comum, situacao=Situacao.INCERTA, mensagem=f"{pergunta} Será conferida com o serviço antes de sair."
        )
        das_abertas = Operacao.objects.abertas().order_by().values_list("servico", flat=True).distinct()
        servicos = sorted({handler.servico for handler in todos()}.union(das_abertas))
        for servico in servicos:
            Circuito.objects.update_or_create(
                pk=servico,
                defaults={
                    "pausado_desde": Now(),
                    "pausado_por": None,
                    "motivo_da_pausa": f"Banco restaurado da cópia de {quando}: o que foi pedido ou enviado depois "
                    "dela não consta aqui. Confira no serviço antes de retomar e de pedir de novo.",
                },
            )
        reteve = Reteve(
            a_conferir=unicas.filter(situacao=Situacao.INCERTA).count(),
            de_pessoas=unicas.filter(situacao=Situacao.AGUARDA_PESSOA).count(),
            servicos=tuple(nome_do_servico(servico) for servico in servicos),
        )
        registrar(
            usuario=None,
            acao="operacoes.restaurar",
            resumo=f"Banco restaurado da cópia de {quando}; todos os serviços em pausa",
            dados={"a_conferir": reteve.a_conferir, "aguardam_pessoa": reteve.de_pessoas},
        )
    return reteve
