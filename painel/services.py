"""What the first page tells: where the competência stands and what waits for a person."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from comum.models import Usuario
from empresas.models import Empresa
from guias.models import Guia
from guias.services.das import prazo_das
from guias.services.quadro import ESTADOS, PARADAS, SEM_ACESSO, Totais, totais
from operacoes.esperas import Retida, retidas_de
from operacoes.models import Operacao, Processamento
from operacoes.processamentos.andamento import Contas, contagens, titulos
from pagar.models import ContaErp, Titulo

A_RESPONDER = 5  # operações named on the first page among those that wait for a person

# What each unfinished estado asks for, in the order of the month.
PROXIMAS = {
    "sem_receita": ("Receitas não informadas", "Informar receitas"),
    "sem_acesso": ("Sem acesso à Receita", "Ver os motivos"),
    "sem_procuracao": ("Sem procuração", "Ver quais"),
    "impedida": ("Não calculadas", "Ver o que falta"),
    "a_simular": ("A simular de novo", "Simular"),
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
    """`parada`: it waits for a person. `acao` is what this user may do about it. `de_todas`: the empresas are counted
    in whatever step after the receita they are, not only those that this one holds."""

    estado: str
    passo: str
    acao: str
    empresas: int
    parada: bool
    de_todas: bool


@dataclass(frozen=True)
class Pagar:
    """Where the accounts payable of the competência stand. `guias` without title; `precisam` of a person; `saldo` of
    the open titles, in reais; `atrasados` are those of them that are past their due date."""

    guias: int
    a_enviar: int
    precisam: int
    abertos: int
    saldo: Decimal
    atrasados: int


@dataclass(frozen=True)
class Quadro:
    """One competência within what the user may see. Amounts in reais; `dias` to the due date, negative when past.
    What holds the queue and what waits for an answer is of every competência."""

    competencia: date
    vencimento: date
    dias: int
    ativas: int
    totais: Totais
    guias: int
    total_guias: Decimal
    falta: list[Linha]
    retidas: list[Retida]
    a_responder: list[Operacao]
    quantas_a_responder: int
    pagar: Pagar | None  # None: there is no account of an ERP


def quadro(usuario: Usuario, competencia: date, empresa: Empresa | None) -> Quadro:
    """A handful of queries, whatever the number of empresas; `empresa` is the one of the top bar, None for all."""
    vistos = totais(usuario, competencia, empresa)
    guias = Guia.objects.visiveis(usuario).vigentes().filter(competencia=competencia, tipo=Guia.Tipo.DAS)
    ativas = Empresa.objects.visiveis(usuario).filter(ativa=True)
    if empresa is not None:
        guias, ativas = guias.filter(empresa=empresa.matriz_id or empresa.pk), ativas.filter(pk=empresa.pk)
    emitidas = guias.aggregate(n=Count("pk"), total=Sum("total"))
    vence = prazo_das(competencia)
    operacoes = Operacao.objects.visiveis(usuario).da_empresa(empresa)
    a_responder = operacoes.a_responder()
    return Quadro(
        competencia=competencia,
        vencimento=vence,
        dias=(vence - timezone.localdate()).days,
        ativas=ativas.count(),
        totais=vistos,
        guias=emitidas["n"],
        total_guias=emitidas["total"] or Decimal(0),
        falta=[_linha(usuario, estado, n) for estado, n in _quantas(vistos) if n],
        retidas=retidas_de(usuario, operacoes),
        a_responder=list(a_responder.select_related("empresa")[:A_RESPONDER]),
        quantas_a_responder=a_responder.count(),
        pagar=_pagar(usuario, competencia, empresa, guias),
    )


def _pagar(usuario: Usuario, competencia: date, empresa: Empresa | None, guias: QuerySet[Guia]) -> Pagar | None:
    if not ContaErp.objects.filter(ativa=True).exists():
        return None
    titulos = Titulo.objects.visiveis(usuario).filter(competencia=competencia)
    if empresa is not None:
        titulos = titulos.filter(empresa=empresa)
    estado, aberto = Titulo.Situacao, Q(situacao__in=[Titulo.Situacao.ABERTO, Titulo.Situacao.BORDERO])
    contas = titulos.aggregate(
        a_enviar=Count("pk", filter=Q(situacao=estado.RASCUNHO)),
        precisam=Count("pk", filter=Q(situacao=estado.RECUSADO) | ~Q(aviso="")),
        abertos=Count("pk", filter=aberto),
        saldo=Sum("saldo", filter=aberto),
        atrasados=Count("pk", filter=aberto & Q(vencimento__lt=timezone.localdate())),
    )
    sem_titulo = guias.exclude(Exists(Titulo.objects.vivos().filter(guia__apuracao=OuterRef("apuracao"))))
    return Pagar(sem_titulo.count(), **contas | {"saldo": contas["saldo"] or Decimal(0)})


def _quantas(vistos: Totais) -> list[tuple[str, int]]:
    contagem = vistos.por_estado | vistos.sem_alcance
    return [(estado, contagem.get(estado, 0)) for estado in ESTADOS if estado in PROXIMAS]


def _linha(usuario: Usuario, estado: str, empresas: int) -> Linha:
    passo, acao = PROXIMAS[estado]
    acao = acao if usuario.opera else "Ver quais"
    return Linha(estado, passo, acao, empresas, estado in PARADAS, de_todas=estado in SEM_ACESSO)


def recentes(usuario: Usuario, empresa: Empresa | None) -> list[tuple[Processamento, str, Contas]]:
    """The last bulk runs, each with the title this user may read and its counts."""
    runs = list(Processamento.objects.visiveis(usuario).da_empresa(empresa).select_related("usuario")[:5])
    contas = contagens([run.pk for run in runs], usuario)
    chamados = titulos(runs, contas, usuario)
    return [(run, chamados[run.pk], contas[run.pk]) for run in runs]
