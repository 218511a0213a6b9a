"""What the first page tells: where the competência stands and what waits for a person."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils import timezone

from comum.models import Usuario
from empresas.calendario import somar_meses, vencimento_das
from empresas.models import Empresa, Feriado, ProrrogacaoVencimento, Regime, RegimeEmpresa
from guias.models import Apuracao, Guia, Receita
from operacoes.models import Operacao, Pausa, Situacao


@dataclass(frozen=True)
class Quadro:
    """Counts of one competência within what the user may see. Amounts in reais."""

    competencia: date
    vencimento: date
    dias: int  # to the due date; negative when past
    empresas: int
    simples: int  # head offices in the Simples Nacional at the competência
    sem_receita: int
    a_conferir: int
    a_transmitir: int
    transmitidas: int
    sem_das: int
    guias: int
    total_guias: Decimal
    recusadas: int
    aguardam_pessoa: int
    pausas: list[Pausa]


def vencimento_do_das(competencia: date) -> date:
    feriados = set(
        Feriado.objects.filter(
            data__gte=somar_meses(competencia, 1), data__lt=somar_meses(competencia, 3)
        ).values_list("data", flat=True)
    )
    prorrogacoes = ProrrogacaoVencimento.objects.filter(obrigacao="DAS", competencia=competencia)
    return vencimento_das(competencia, feriados, {p.competencia: p.vencimento for p in prorrogacoes})


def quadro(usuario: Usuario, competencia: date) -> Quadro:
    """Ten queries or so, whatever the number of empresas."""
    visiveis = Empresa.objects.visiveis(usuario)
    regime_vigente = RegimeEmpresa.objects.filter(empresa=OuterRef("pk"), desde__lt=somar_meses(competencia, 1))
    simples = visiveis.filter(ativa=True, matriz=None).filter(
        Exists(regime_vigente.filter(regime=Regime.SIMPLES)), regime=Regime.SIMPLES
    )
    apuracoes = Apuracao.objects.visiveis(usuario).filter(competencia=competencia)
    tem_receita = Receita.objects.filter(competencia=competencia).filter(
        Q(empresa=OuterRef("pk")) | Q(empresa__matriz=OuterRef("pk"))
    )
    parada = Apuracao.objects.filter(competencia=competencia, empresa=OuterRef("pk"), sem_movimento=True)
    por_situacao = dict(apuracoes.values_list("situacao").annotate(n=Count("pk")))
    com_valor = apuracoes.filter(situacao=Apuracao.Situacao.TRANSMITIDA, total_declarado__gt=0)
    guias = Guia.objects.visiveis(usuario).filter(competencia=competencia, tipo=Guia.Tipo.DAS)
    totais = guias.aggregate(n=Count("pk"), total=Sum("total"))
    paradas = dict(
        Operacao.objects.visiveis(usuario)
        .filter(situacao__in=[Situacao.RECUSADA, Situacao.AGUARDA_PESSOA], competencia=competencia)
        .values_list("situacao")
        .annotate(n=Count("empresa", distinct=True))
    )
    total_simples = simples.count()
    sem_receita = simples.filter(~Exists(tem_receita), ~Exists(parada)).count()
    transmitidas = por_situacao.get(Apuracao.Situacao.TRANSMITIDA, 0)
    conferidas = por_situacao.get(Apuracao.Situacao.CONFERIDA, 0)
    vence = vencimento_do_das(competencia)
    return Quadro(
        competencia=competencia,
        vencimento=vence,
        dias=(vence - timezone.localdate()).days,
        empresas=visiveis.filter(ativa=True).count(),
        simples=total_simples,
        sem_receita=sem_receita,
        a_conferir=max(total_simples - sem_receita - conferidas - transmitidas, 0),
        a_transmitir=conferidas,
        transmitidas=transmitidas,
        sem_das=com_valor.filter(~Exists(Guia.objects.filter(apuracao=OuterRef("pk")))).count(),
        guias=totais["n"],
        total_guias=totais["total"] or Decimal(0),
        recusadas=paradas.get(Situacao.RECUSADA, 0),
        aguardam_pessoa=paradas.get(Situacao.AGUARDA_PESSOA, 0),
        pausas=list(Pausa.objects.order_by("desde")),
    )
