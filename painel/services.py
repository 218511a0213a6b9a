"""What the first page tells: where the competência stands and what waits for a person."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils import timezone

from comum.models import Usuario
from empresas.contexto import Contexto
from empresas.models import Empresa
from guias.services.das import prazo_das
from operacoes.esperas import Retida, retidas_de
from operacoes.models import Operacao, Processamento
from operacoes.processamentos.andamento import Contas, contagens, titulos
from pagar.models import ContaErp, Titulo
from painel.andamento import Grafico, grafico
from painel.fotografia import Fotografia
from painel.lista import do_todo, no_todo
from painel.totais import Passo, Total, passos, totais

A_RESPONDER = 5  # operações named on the first page among those that wait for a person


@dataclass(frozen=True)
class Pagar:
    """The open titles of the competência in the ERP: how many, how many past their due date, and what is owed, in
    reais."""

    abertos: int
    saldo: Decimal
    atrasados: int


@dataclass(frozen=True)
class Quadro:
    """One competência within what the user may see. `dias` to the due date, negative when past. `simples`: empresas of
    which a declaração is asked, `precisam`: with something that waits for a person; `abas`: (value, label, how many) of
    the filter of the whole. What holds the queue and what
    waits for an answer is of every competência."""

    competencia: date
    vencimento: date
    dias: int
    empresas: int
    simples: int
    transmitidas: int
    precisam: int
    totais: list[Total]
    abas: list[tuple[str, str, int]]
    passos: list[Passo]
    grafico: Grafico
    retidas: list[Retida]
    a_responder: list[Operacao]
    quantas_a_responder: int
    pagar: Pagar | None  # None: there is no account of an ERP


def quadro(usuario: Usuario, contexto: Contexto, foto: Fotografia) -> Quadro:
    """A handful of queries, whatever the number of empresas."""
    vence = prazo_das(contexto.competencia)
    operacoes = Operacao.objects.visiveis(usuario).da_empresa(contexto.empresa)
    a_responder = operacoes.a_responder()
    abas = [
        (valor, rotulo, foto.quantas(lambda combo, valor=valor: no_todo(valor, combo)))  # type: ignore[misc]
        for valor, rotulo in do_todo(usuario)
    ]
    das_obrigacoes = totais(foto, usuario, contexto)
    transmissao = next(total for total in das_obrigacoes if total.nome == "transmissao")
    return Quadro(
        competencia=contexto.competencia,
        vencimento=vence,
        dias=(vence - timezone.localdate()).days,
        empresas=len(foto.ids),
        simples=transmissao.empresas,
        transmitidas=transmissao.feitas,
        precisam=abas[0][2],
        totais=das_obrigacoes,
        abas=abas,
        passos=passos(foto) if usuario.opera else [],
        grafico=grafico(foto, contexto.competencia, vence, transmissao.empresas),
        retidas=retidas_de(usuario, operacoes),
        a_responder=list(a_responder.select_related("empresa")[:A_RESPONDER]),
        quantas_a_responder=a_responder.count(),
        pagar=_pagar(usuario, contexto),
    )


def _pagar(usuario: Usuario, contexto: Contexto) -> Pagar | None:
    if not ContaErp.objects.filter(ativa=True).exists():
        return None
    titulos = Titulo.objects.visiveis(usuario).filter(
        competencia=contexto.competencia, situacao__in=[Titulo.Situacao.ABERTO, Titulo.Situacao.BORDERO]
    )
    if contexto.empresa is not None:
        titulos = titulos.filter(empresa=contexto.empresa)
    contas = titulos.aggregate(
        abertos=Count("pk"),
        saldo=Sum("saldo"),
        atrasados=Count("pk", filter=Q(vencimento__lt=timezone.localdate())),
    )
    return Pagar(contas["abertos"], contas["saldo"] or Decimal(0), contas["atrasados"])


def recentes(usuario: Usuario, empresa: Empresa | None) -> list[tuple[Processamento, str, Contas]]:
    """The last bulk runs, each with the title this user may read and its counts."""
    runs = list(Processamento.objects.visiveis(usuario).da_empresa(empresa).select_related("usuario")[:5])
    contas = contagens([run.pk for run in runs], usuario)
    chamados = titulos(runs, contas, usuario)
    return [(run, chamados[run.pk], contas[run.pk]) for run in runs]
