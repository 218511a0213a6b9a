"""One item of E3: the title it pays, how much of it, with what discounts and write-offs."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.totvs import erros
from sandbox.totvs.chaves import Chave, do_titulo
from sandbox.totvs.esquema.corpos import LOTE
from sandbox.totvs.exame import MOEDA_NACIONAL, ZERO, Exame
from sandbox.totvs.models import Titulo
from sandbox.totvs.registros import ANTECIPACAO, norma
from sandbox.totvs.regras import abatimentos, comum, impostos, rateio
from sandbox.totvs.regras.baixas import Baixa

_ACRESCIMOS = ("RestatementValue", "PenaltyValue", "InterestValue", "ExchangeVarianceValue")


@dataclass(frozen=True)
class Pago:
    item: dict[str, Any]
    titulo: Titulo
    chave: Chave
    baixa: Baixa


def conferir(
    exame: Exame, corpo: dict[str, Any], item: dict[str, Any], onde: str, empresa: str, vistos: set[int]
) -> Pago | None:
    """The settlement that an item asks for; None when it has no title. `vistos` are the titles of the items before."""
    _cabecalho(exame, corpo, item, onde)
    titulo = _titulo(exame, item, onde, empresa)
    if titulo is None:
        return None
    if titulo.pk in vistos:
        exame.falha(erros.PRESO, f"{onde}.DocumentNumber", f"O título {titulo.chave} aparece duas vezes neste pedido.")
    vistos.add(titulo.pk)
    _estado(exame, corpo, titulo, onde)
    retido = impostos.conferir(exame, item, onde, titulo.valor)
    chave = do_titulo(titulo)
    _chaves_dos_impostos(exame, item, onde, empresa, chave)
    feitos = abatimentos.conferir(exame, item, onde, empresa, titulo.fornecedor, titulo.saldo)
    if item["WriteOffValue"] and item["WriteOffValue"] != feitos.total:
        mensagem = f"WriteOffValue é {item['WriteOffValue']:.2f} e os abatimentos somam {feitos.total:.2f}."
        exame.falha(erros.ABATIMENTO, f"{onde}.WriteOffValue", mensagem)
    rateio.conferir(exame, item, onde)
    baixa = Baixa(item["PaymentValue"], _reducao(exame, item, onde, titulo, feitos.abatido + retido), feitos)
    return Pago(item, titulo, chave, baixa)


def _cabecalho(exame: Exame, corpo: dict[str, Any], item: dict[str, Any], onde: str) -> None:
    """What an item repeats of the header must be the same there."""
    for nome in ("CompanyCode", "Reference", "CurrencyCode", "SupplierCode"):
        se_ha = item[nome] and corpo[nome]
        if se_ha and norma(str(item[nome])) != norma(str(corpo[nome])):
            mensagem = f"{nome} do item é {item[nome]} e a do lote, {corpo[nome]}: devem ser iguais."
            exame.falha(erros.FORA_DA_TABELA, f"{onde}.{nome}", mensagem)
    exame.codigo(item, onde, "CollectorCode", "portadores", externo="ExternalCollectorCode")
    for nome in ("PaymentMethodCode", "AlternativePaymentMethodCode"):
        exame.forma(item[nome], f"{onde}.{nome}")
    comum.cotacao(exame, item, onde, item["CurrencyCode"] or corpo["CurrencyCode"])
    if item["ExchangeVarianceValue"] and corpo["CurrencyCode"].upper() == MOEDA_NACIONAL:
        exame.falha(erros.FORA_DA_TABELA, f"{onde}.ExchangeVarianceValue", "O Real não tem variação cambial.")


def _titulo(exame: Exame, item: dict[str, Any], onde: str, empresa: str) -> Titulo | None:
    if referencia := item["PrepaymentReference"]:
        antecipacoes = Titulo.objects.filter(empresa=empresa, tipo=ANTECIPACAO, referencia__iexact=referencia)
        if item["BranchCode"]:
            antecipacoes = antecipacoes.filter(estabelecimento=item["BranchCode"])
        achado = antecipacoes.first()
        if achado is None:
            onde_ref = f"{onde}.PrepaymentReference"
            exame.falha(erros.NAO_ACHADO, onde_ref, f"Não há antecipação com a referência {referencia}.")
        return achado
    chave = Chave(
        item["BranchCode"],
        item["DocumentClassCode"],
        item["DocumentSerieCode"],
        item["SupplierCode"],
        item["DocumentNumber"],
        item["DocumentParcelNumber"],
    )
    achado = exame.titulo(empresa, chave)
    if achado is None:
        exame.falha(erros.NAO_ACHADO, f"{onde}.DocumentNumber", f"Não há o título {chave} na empresa {empresa}.")
    return achado


def _estado(exame: Exame, corpo: dict[str, Any], titulo: Titulo, onde: str) -> None:
    numero = f"{onde}.DocumentNumber"
    if titulo.situacao == Titulo.Situacao.BORDERO:
        exame.falha(erros.PRESO, numero, f"O título {titulo.chave} está em um borderô à espera do banco.")
    elif titulo.situacao != Titulo.Situacao.ABERTO or (titulo.tipo == ANTECIPACAO and titulo.pago):
        situacao = "já paga" if titulo.tipo == ANTECIPACAO and titulo.pago else titulo.get_situacao_display().lower()
        exame.falha(erros.NAO_ABERTO, numero, f"O título {titulo.chave} não está aberto: {situacao}.")
    if titulo.bloqueado:
        exame.falha(erros.PRESO, numero, f"O pagamento do título {titulo.chave} está bloqueado.")
    if titulo.moeda.upper() != corpo["CurrencyCode"].upper():
        mensagem = f"O título {titulo.chave} é em {titulo.moeda}, e o lote em {corpo['CurrencyCode']}."
        exame.falha(erros.FORA_DA_TABELA, f"{onde}.CurrencyCode", mensagem)
    if corpo["TransactionDate"] < titulo.transacao:
        mensagem = f"O pagamento é antes da implantação do título {titulo.chave}."
        exame.falha(erros.DATA, f"{LOTE}.TransactionDate", mensagem)


def _reducao(exame: Exame, item: dict[str, Any], onde: str, titulo: Titulo, abatido: Decimal) -> Decimal:
    """What the balance loses, which is never more than it has, and never less than nothing."""
    pago, desconto = item["PaymentValue"], item["DiscountValue"] or ZERO
    acrescimos = sum((item[nome] or ZERO for nome in _ACRESCIMOS), ZERO)
    base = titulo.valor if titulo.tipo == ANTECIPACAO else titulo.saldo
    limite = base + acrescimos - desconto - abatido
    if pago > limite:
        mensagem = f"O pagamento de {pago:.2f} passa do que se pode pagar do título {titulo.chave}: {limite:.2f}."
        exame.falha(erros.ACIMA, f"{onde}.PaymentValue", mensagem)
    return Decimal(max(ZERO, pago + desconto + abatido - acrescimos))


def _chaves_dos_impostos(exame: Exame, item: dict[str, Any], onde: str, empresa: str, chave: Chave) -> None:
    proprias = [impostos.chave_do_titulo(imposto, chave) for imposto in item["PendentTaxInformation"]]
    usadas = comum.ocupadas(exame, empresa, [uma for uma in proprias if uma])
    for posicao, propria in enumerate(proprias):
        if propria is not None:
            comum.chave_livre(exame, empresa, propria, f"{onde}.PendentTaxInformation[{posicao}]", usadas)
