"""The intent of drawing a DAS."""

from datetime import date
from decimal import Decimal

from comum.documentos import ORGAO_SIMPLES, Invalido, Motivo, linha_digitavel
from comum.formatos import format_data, format_dinheiro
from empresas.calendario import vencimento_das
from empresas.models import Feriado, ProrrogacaoVencimento
from guias.calculo.acrescimos import multa_de_mora
from guias.calculo.simples import DAS_MINIMO
from guias.models import Apuracao, Guia
from guias.providers.interface import DasEmitido, Partes
from guias.services.acrescimos import estimar, selic
from guias.services.pedidos import Pedido, partes_para_json
from operacoes.motor import NovaOperacao


def ha_das(total: Decimal) -> bool:
    """Whether a declaration of this total, in reais, has a DAS to draw.

    Under R$ 10,00 it has none: the amount waits for a later period (Resolução CGSN 140/2018, art. 40).
    """
    return total >= DAS_MINIMO


def a_pagar(apuracao: Apuracao, pago: Decimal | None = None) -> Decimal:
    """What the declaration still asks for, in reais: of a rectified one, less the principal of the DAS already paid,
    `pago` where it was read already."""
    return resta(apuracao, apuracao.total_declarado or Decimal(0), pago)


def resta(apuracao: Apuracao, declarado: Decimal, pago: Decimal | None = None) -> Decimal:
    """The same of a declaration of this total, in reais."""
    if apuracao.revisao == 1:
        return declarado
    if pago is None:
        pagas = Guia.objects.filter(apuracao=apuracao, paga_em__isnull=False).values_list("principal", flat=True)
        pago = sum(pagas, Decimal(0))
    return max(declarado - pago, Decimal(0))


def dito_do_atraso(total: Decimal, prazo: date, pagamento: date) -> str:
    """What a DAS of `total` costs more when paid on that day (pt-BR); empty when that is not late."""
    if pagamento <= prazo or not ha_das(total):
        return ""
    feita = estimar(total, prazo, pagamento, selic())
    comeco = f"Pago em {format_data(pagamento)}, sai com multa de {format_dinheiro(feita.multa)}"
    if feita.juros is None or feita.total is None:
        return f"{comeco} e juros pela Selic, que vêm na emissão."
    return f"{comeco} e juros de {format_dinheiro(feita.juros)}: {format_dinheiro(feita.total)} ao todo."


def prazo_das(competencia: date) -> date:
    """Due date of PGDAS-D and DAS by the bank calendar and the postponements on record."""
    feriados = set(Feriado.objects.filter(data__gte=competencia).values_list("data", flat=True))
    excecoes = dict(
        ProrrogacaoVencimento.objects.filter(obrigacao="DAS", competencia=competencia).values_list(
            "competencia", "vencimento"
        )
    )
    return vencimento_das(competencia, feriados, excecoes)


def consolidacao_das(prazo: date, pagamento: date) -> date | None:
    """Day to which a DAS paid after its due date is brought, so that it comes with its fine and interest; None up to
    the due date."""
    return pagamento if pagamento > prazo else None


def divida_do_das(apuracao: int) -> str:
    """The name of what the DAS of a declaration pays, in all its revisions."""
    return f"pgdasd:{apuracao}"


def chave_do_das(apuracao: Apuracao, via: int) -> str:
    return f"das.emitir:{apuracao.empresa_id}:{apuracao.competencia:%Y%m}:{apuracao.revisao}:via{via}"


def nova_operacao_das(
    apuracao: Apuracao, partes: Partes, *, acesso: str, via: int, prazo: date, pagamento: date
) -> NovaOperacao:
    """`via` counts the copies asked for this revision; `prazo` is the due date, `pagamento` the day of payment."""
    consolidacao = consolidacao_das(prazo, pagamento)
    return NovaOperacao(
        tipo="guias.das.emitir",
        chave=chave_do_das(apuracao, via),
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

    The line says number, total and last day to pay, not whose it is: a total that the declared one cannot have become
    by that day, a day before the one asked for, or a number of another guia, is refused. Of what exceeds the declared
    value, the fine is computed and the rest is interest.
    """
    linha = linha_digitavel(texto)
    if isinstance(linha, Invalido):
        return linha
    if linha.orgao != ORGAO_SIMPLES or linha.valor is None or linha.limite is None:
        return Invalido(Motivo.FORMATO, "A linha digitável é de outra guia: a do DAS traz 0328 no segundo bloco.")
    apuracao = Apuracao.objects.get(pk=pedido["apuracao"])
    vencimento = prazo_das(apuracao.competencia)
    if not (declarado := apuracao.total_declarado):
        return Invalido(Motivo.PROIBIDO, "Esta competência não tem valor declarado: não há DAS a guardar.")
    if problema := _fora_do_esperado(pedido, declarado, vencimento, linha.valor, linha.limite):
        return Invalido(Motivo.PROIBIDO, problema)
    if Guia.objects.filter(numero=linha.documento).exclude(apuracao=apuracao).exists():
        return Invalido(Motivo.PROIBIDO, f"O DAS {linha.documento} já está guardado em outra empresa ou competência.")
    excedente = linha.valor - declarado
    multa = min(excedente, multa_de_mora(declarado, vencimento, linha.limite))
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


def _no_maximo(declarado: Decimal, vencimento: date, limite: date) -> Decimal:
    """What the declared value can have become by `limite`: with the fine, and 2% a month begun, which no Selic of a
    month reaches."""
    if limite <= vencimento:
        return declarado
    meses = max(1, (limite.year - vencimento.year) * 12 + limite.month - vencimento.month)
    juros = (declarado * 2 * meses / 100).quantize(Decimal("0.01"))
    return declarado + multa_de_mora(declarado, vencimento, limite) + juros


def _fora_do_esperado(pedido: Pedido, declarado: Decimal, vencimento: date, valor: Decimal, limite: date) -> str:
    """Why a slip of this total and last day to pay is not that of `pedido`; empty when it may be."""
    if limite < vencimento:
        return (
            f"O DAS desta linha digitável é para pagar até {format_data(limite)}, e o desta competência vence em "
            f"{format_data(vencimento)}. Confira se o DAS é desta competência."
        )
    if pedido["consolidacao"] and limite < (pedida := date.fromisoformat(pedido["consolidacao"])):
        return (
            f"O DAS desta linha digitável é para pagar até {format_data(limite)}, e o pedido é de um para pagar em "
            f"{format_data(pedida)}. Confira se não é um DAS mais antigo."
        )
    dito = (
        f"O DAS desta linha digitável é de {format_dinheiro(valor)}, e o declarado nesta competência é "
        f"{format_dinheiro(declarado)}"
    )
    if valor < declarado:
        return (
            f"{dito}. Confira se o DAS é desta empresa e desta competência; se o dela não está no portal, responda "
            "“Não aconteceu” para pedir outro."
        )
    maximo = _no_maximo(declarado, vencimento, limite)
    if valor > maximo:
        com_acrescimos = (
            f": com multa e juros até {format_data(limite)}, no máximo {format_dinheiro(maximo)}"
            if limite > vencimento
            else ""
        )
        return f"{dito}{com_acrescimos}. Confira se o DAS é desta empresa e desta competência."
    return ""
