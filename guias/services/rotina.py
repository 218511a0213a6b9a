"""What the office asks about payments by itself: the free news every morning, and then the payments of whom they name.

The news tell a day and no hour. Only a day that has ended leads to a search, so that one search sees all of it and the
same news never lead to another.
"""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from comum.formatos import contar
from credentials.models import Servico, Vinculo
from empresas.models import Empresa
from guias.models import Escritorio, Guia, Novidade, Rotina
from guias.providers.pagtoweb import PAGAMENTOS71
from guias.services import prevoo
from guias.services.acesso import Acessos, Fora, acesso_ou_motivo, segurar
from guias.services.buscas import BUSCAR, COM_NOVIDADE, GUARDADAS, TIPO_BUSCAR, chave_da_novidade, situacoes
from operacoes import custos
from operacoes.models import Classe, Operacao, Processamento
from operacoes.processamentos.criacao import DeFora, criar

_A_CADA = 2000  # empresas of one run


def em_vigor() -> Rotina:
    """What the administrator chose, else what the installation says."""
    escolhida = Rotina(Escritorio.atual().rotina)
    if escolhida != Rotina.DA_INSTALACAO:
        return escolhida
    return Rotina.NOVIDADES if settings.GUIAS_NOVIDADES_DIARIAS else Rotina.NADA


def buscar() -> Processamento | None:
    """Search the payments of who has news of a day that ended and a guia to pay; None when there is nobody, or when the
    cap of cost takes none."""
    quem = Escritorio.atual().rotina_de
    if em_vigor() != Rotina.PAGAMENTOS or quem is None or not (pks := candidatas()[:_A_CADA]):
        return None
    hoje = timezone.localdate()
    parametros = {
        "desde": (hoje - GUARDADAS).isoformat(),
        "ate": hoje.isoformat(),
        "quais": COM_NOVIDADE,
        "rotina": "1",
    }
    with transaction.atomic():
        segurar(pks)
        prevoo.segurar_teto(pks)
        empresas = Empresa.objects.filter(pk__in=pks).order_by("ordem", "pk")
        previa = prevoo.prevoo(BUSCAR, empresas, hoje.replace(day=1), parametros=parametros)
        if not previa.novas:
            return None
        return criar(
            TIPO_BUSCAR,
            f"Rotina: buscar pagamentos de {contar(len(previa.novas), 'empresa', 'empresas')}",
            quem,
            None,
            previa.novas,
            [DeFora(item.empresa.pk, item.codigo.value, item.motivo, str(item.codigo.label)) for item in previa.fora],
            {"acao": BUSCAR, "rotina": True, "pedido": parametros},
        )


def esperam() -> int:
    """How many will be searched at the next round, or when the cap of cost has room for them."""
    return len(candidatas()) if em_vigor() == Rotina.PAGAMENTOS else 0


def candidatas() -> list[int]:
    """Empresas with news of payments, told today, of a day before, that were not followed, and with a guia to pay."""
    hoje = timezone.localdate()
    ditas = Novidade.objects.filter(
        evento=Novidade.Evento.PAGAMENTOS,
        perguntada_em__date=hoje,
        sem_procuracao=False,
        dia__lt=hoje,
        empresa__ativa=True,
        empresa__in=Guia.objects.por_pagar().order_by().values("empresa"),
    )
    chaves = {chave_da_novidade(pk, dia): pk for pk, dia in ditas.values_list("empresa", "dia") if dia is not None}
    seguidas = set(Operacao.objects.filter(chave__in=list(chaves)).values_list("chave", flat=True))
    return _que_podem(sorted(pk for chave, pk in chaves.items() if chave not in seguidas))


def _que_podem(pks: list[int]) -> list[int]:
    """Those whose payments were not looked at since, by hand, and may be asked: the others would keep the place of who
    comes after them."""
    if not pks:
        return []
    hoje, vistas = timezone.localdate(), situacoes(pks)
    por_ver = [pk for pk in pks if not vistas[pk].motivo(hoje - GUARDADAS, hoje)]
    empresas = list(Empresa.objects.filter(pk__in=por_ver).order_by("pk"))
    acessos = Acessos(empresas, hoje.replace(day=1))
    return [
        empresa.pk
        for empresa in empresas
        if not isinstance(acesso_ou_motivo(Servico.PAGAMENTOS, empresa, acessos, PAGAMENTOS71.poderes), Fora)
    ]


@dataclass(frozen=True)
class Custo:
    """What a month of searches would cost at most but for further pages: one of each empresa with a guia to pay."""

    empresas: int
    valor: Decimal


def custo_do_mes() -> Custo:
    devedoras = Guia.objects.por_pagar().order_by().values("empresa")
    vinculos = Vinculo.objects.filter(empresa__in=devedoras, empresa__ativa=True).select_related("credencial")
    por_acesso = Counter(vinculo.credencial.acesso for vinculo in vinculos)
    chamadas = {(Classe.CONSULTA.value, acesso): quantas for acesso, quantas in por_acesso.items()}
    return Custo(por_acesso.total(), custos.orcar_chamadas(chamadas).total)


def ultima() -> tuple[Processamento, Decimal] | None:
    """The last search made by itself, and what it has cost."""
    run = Processamento.objects.filter(tipo=TIPO_BUSCAR, parametros__rotina=True).order_by("-pk").first()
    if run is None:
        return None
    custo = custos.das_operacoes(run.operacoes.all())
    return run, custo.trabalho + custo.conferencias
