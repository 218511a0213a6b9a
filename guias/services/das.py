"""The intent of drawing a DAS."""

from datetime import date
from decimal import Decimal

from comum.documentos import ORGAO_SIMPLES, Invalido, Motivo, linha_digitavel
from comum.formatos import format_dinheiro
from empresas.calendario import vencimento_das
from empresas.models import Feriado, ProrrogacaoVencimento
from guias.calculo.simples import DAS_MINIMO
from guias.models import Apuracao, Guia
from guias.providers.interface import DasEmitido, Partes
from guias.services.pedidos import Pedido, partes_para_json
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


def das_da_linha(pedido: Pedido, texto: str, pdf: bytes = b"") -> DasEmitido | Invalido:
    """The DAS that `pedido` asks for, read from the linha digitável that a person copied from its PDF.

    The line says number, total and last day to pay, not whose it is: a total below what was declared, or a number of
    another guia, is refused. Of what exceeds the declared value, the fine is computed (0,33% a day, up to 20%: Lei
    9.430/1996, art. 61) and the rest is interest.
    """
    linha = linha_digitavel(texto)
    if isinstance(linha, Invalido):
        return linha
    if linha.orgao != ORGAO_SIMPLES or linha.valor is None or linha.limite is None:
        return Invalido(Motivo.FORMATO, "A linha digitável é de outra guia: a do DAS traz 0328 no segundo bloco.")
    apuracao = Apuracao.objects.get(pk=pedido["apuracao"])
    declarado = apuracao.total_declarado or Decimal(0)
    vencimento = prazo_das(apuracao.competencia)
    atraso = max(0, (linha.limite - vencimento).days)
    if linha.valor < declarado or (not atraso and linha.valor != declarado):
        return Invalido(
            Motivo.PROIBIDO,
            f"O DAS desta linha digitável é de {format_dinheiro(linha.valor)}, e o declarado nesta competência é "
            f"{format_dinheiro(declarado)}. Confira se o DAS é desta empresa e desta competência.",
        )
    if Guia.objects.filter(numero=linha.documento).exclude(apuracao=apuracao).exists():
        return Invalido(Motivo.PROIBIDO, f"O DAS {linha.documento} já está guardado em outra empresa ou competência.")
    excedente = linha.valor - declarado
    multa = min(excedente, (declarado * min(33 * atraso, 2000) / 10000).quantize(Decimal("0.01")))
    return DasEmitido(
        numero=linha.documento,
        vencimento=vencimento,
        limite=linha.limite,
        principal=declarado,
        multa=multa,
        juros=excedente - multa,
        total=linha.valor,
        composicao=[],
        observacoes=(),
        pdf=pdf,
    )
