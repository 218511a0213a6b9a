"""What the first page tells: where the competência stands and what waits for a person."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Empresa
from guias.models import Guia
from guias.services.das import prazo_das
from guias.services.quadro import ESTADOS, Totais, totais
from operacoes.models import Operacao, Pausa

# What each unfinished estado asks for, in the order of the month.
PROXIMAS = {
    "sem_receita": ("Receitas não informadas", "Informar receitas"),
    "impedida": ("Não calculadas", "Ver o que falta"),
    "calculada": ("A simular ou conferir", "Simular ou conferir"),
    "simulada": ("Simuladas, a conferir", "Conferir"),
    "conferida": ("Conferidas, a transmitir", "Transmitir"),
    "transmitida": ("Transmitidas, sem DAS", "Emitir DAS"),
    "recusada": ("Recusadas", "Ver os motivos"),
    "duvida": ("Em dúvida", "Ver a conferência"),
    "andamento": ("Em andamento", "Acompanhar"),
}


@dataclass(frozen=True)
class Linha:
    estado: str
    passo: str
    acao: str
    empresas: int


@dataclass(frozen=True)
class Quadro:
    """One competência within what the user may see. Amounts in reais; `dias` to the due date, negative when past."""

    competencia: date
    vencimento: date
    dias: int
    empresas: int
    totais: Totais
    guias: int
    total_guias: Decimal
    falta: list[Linha]
    pausas: list[Pausa]


def _pausas(usuario: Usuario) -> QuerySet[Pausa]:
    """The pauses that hold something of what the user sees; all of them for an Administrador."""
    pausas = Pausa.objects.order_by("desde")
    if usuario.administra:
        return pausas
    return pausas.filter(Exists(Operacao.objects.visiveis(usuario).filter(acesso=OuterRef("acesso"))))


def quadro(usuario: Usuario, competencia: date) -> Quadro:
    """A handful of queries, whatever the number of empresas."""
    vistos = totais(usuario, competencia)
    guias = (
        Guia.objects.visiveis(usuario)
        .filter(competencia=competencia, tipo=Guia.Tipo.DAS)
        .aggregate(n=Count("pk"), total=Sum("total"))
    )
    vence = prazo_das(competencia)
    return Quadro(
        competencia=competencia,
        vencimento=vence,
        dias=(vence - timezone.localdate()).days,
        empresas=Empresa.objects.visiveis(usuario).filter(ativa=True).count(),
        totais=vistos,
        guias=guias["n"],
        total_guias=guias["total"] or Decimal(0),
        falta=[
            Linha(estado, *PROXIMAS[estado], vistos.por_estado[estado])
            for estado in ESTADOS
            if estado in PROXIMAS and vistos.por_estado.get(estado)
        ],
        pausas=list(_pausas(usuario)),
    )
