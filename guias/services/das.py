"""The intent of drawing a DAS."""

from datetime import date
from decimal import Decimal

from empresas.calendario import vencimento_das
from empresas.models import Feriado, ProrrogacaoVencimento
from guias.calculo.simples import DAS_MINIMO
from guias.models import Apuracao
from guias.providers.interface import Partes
from guias.services.pedidos import partes_para_json
from operacoes.motor import NovaOperacao


def ha_das(total: Decimal) -> bool:
    """Whether a declaration of this total, in reais, has a DAS to draw.

    Under R$ 10,00 it has none: the amount waits for a later period (Resolução CGSN 140/2018, art. 40).
    """
    return total >= DAS_MINIMO


def prazo_das(competencia: date) -> date:
    """Due date of PGDAS-D and DAS by the bank calendar and the postponements on record."""
    feriados = set(Feriado.objects.filter(data__gte=competencia).values_list("data", flat=True))
    excecoes = dict(
        ProrrogacaoVencimento.objects.filter(obrigacao="DAS", competencia=competencia).values_list(
            "competencia", "vencimento"
        )
    )
    return vencimento_das(competencia, feriados, excecoes)


def consolidacao_das(prazo: date, hoje: date) -> date | None:
    """Day to which an overdue DAS is brought, so that it comes with its fine and interest; None up to the due date."""
    return hoje if hoje > prazo else None


def nova_operacao_das(
    apuracao: Apuracao, partes: Partes, *, acesso: str, via: int, prazo: date, hoje: date
) -> NovaOperacao:
    """`via` counts the copies asked for this revision; `prazo` is the due date, `hoje` the day it would be paid."""
    consolidacao = consolidacao_das(prazo, hoje)
    return NovaOperacao(
        tipo="guias.das.emitir",
        chave=f"das.emitir:{apuracao.empresa_id}:{apuracao.competencia:%Y%m}:{apuracao.revisao}:via{via}",
        pedido={
            "partes": partes_para_json(partes),
            "apuracao": apuracao.pk,
            "competencia": apuracao.competencia.isoformat(),
            "versao": apuracao.versao,
            "revisao": apuracao.revisao,
            "via": via,
            "consolidacao": consolidacao.isoformat() if consolidacao else None,
        },
        acesso=acesso,
        empresa_id=apuracao.empresa_id,
        competencia=apuracao.competencia,
        prazo=prazo,
    )
