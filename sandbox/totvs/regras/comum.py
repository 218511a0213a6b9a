"""Rules that several bodies share: money, dates, pairs, closed tables, a key that is free."""

from typing import Any

from sandbox.totvs import erros
from sandbox.totvs.chaves import Chave, barras_validas
from sandbox.totvs.exame import MOEDA_NACIONAL, ZERO, Exame
from sandbox.totvs.models import Titulo

_PARES = (("InsurerCode", "InsurancePolicyNumber"), ("LessorCode", "LeasingContractNumber"))


def pares(exame: Exame, objeto: dict[str, Any], caminho: str, *outros: tuple[str, str]) -> None:
    """Fields that go together. A shape error, told with the others of the shape."""
    for um, outro in (*_PARES, *outros):
        if bool(objeto[um]) != bool(objeto[outro]):
            falta = outro if objeto[um] else um
            exame.falha(erros.FALTA, f"{caminho}.{falta}", f"{um} e {outro} vão juntos: informe {falta}.")


def cotacao(exame: Exame, objeto: dict[str, Any], caminho: str, moeda: str) -> None:
    informada = objeto["QuotationValue"]
    if informada is not None and moeda.upper() == MOEDA_NACIONAL and informada != 1:
        exame.falha(erros.FORA_DA_TABELA, f"{caminho}.QuotationValue", "A cotação do Real é sempre 1.")


def dos_eua(exame: Exame, objeto: dict[str, Any], caminho: str, tax_id: str = "TaxIdentNumber") -> None:
    if exame.opcoes["aceita_1099"]:
        return
    for nome in ("TenNineNineValue", tax_id, "TenNineNineTransactionType"):
        if objeto[nome]:
            mensagem = f"{nome} é só do formulário 1099 dos Estados Unidos: deixe-o zerado ou em branco."
            exame.falha(erros.FORA_DA_TABELA, f"{caminho}.{nome}", mensagem)


def encargos(exame: Exame, objeto: dict[str, Any], caminho: str, titulo: Titulo | None = None) -> None:
    """Discount and interest of a body, or of the title that would come of it."""
    antes = titulo.dados if titulo else {}
    valor = objeto["DocumentValue"] if titulo is None else titulo.valor

    def fica(nome: str) -> Any:
        return objeto[nome] if objeto[nome] is not None else _decimal(antes.get(nome))

    desconto, percentual = fica("DiscountValue") or ZERO, fica("DiscountPercentage") or ZERO
    if desconto and percentual:
        onde = f"{caminho}.DiscountPercentage"
        exame.falha(erros.FORA_DA_TABELA, onde, "Informe o desconto em valor ou em percentual, não os dois.")
    if valor is not None and desconto >= valor > 0:
        onde = f"{caminho}.DiscountValue"
        exame.falha(erros.FORA_DA_TABELA, onde, "O desconto deve ser menor que o valor do título.")
    if (fica("DaysLateInterest") or ZERO) and (fica("DayLateInterestPercentage") or ZERO):
        onde = f"{caminho}.DayLateInterestPercentage"
        exame.falha(erros.FORA_DA_TABELA, onde, "Informe os juros por dia em valor ou em percentual, não os dois.")


def _decimal(valor: Any) -> Any:
    return None if valor is None else type(ZERO)(str(valor))


def desconto_com_data(exame: Exame, objeto: dict[str, Any], caminho: str) -> None:
    """A shape error: a discount needs its last day."""
    if (objeto["DiscountValue"] or objeto["DiscountPercentage"]) and objeto["DiscountDate"] is None:
        onde = f"{caminho}.DiscountDate"
        exame.falha(erros.FALTA, onde, "Informe DiscountDate: há desconto e falta a data limite dele.")


def ordem(exame: Exame, caminho: str, **datas: Any) -> None:
    """The dates of a title, by the names PrintDate, DueDate, PaymentForecastDate, DiscountDate, TransactionDate."""
    emissao, vencimento = datas["PrintDate"], datas["DueDate"]
    transacao, previsao, desconto = (
        datas.get(nome) for nome in ("TransactionDate", "PaymentForecastDate", "DiscountDate")
    )
    if transacao is not None and emissao > transacao:
        exame.falha(erros.DATA, f"{caminho}.PrintDate", "A emissão é depois da data da transação.")
    if vencimento < emissao:
        exame.falha(erros.DATA, f"{caminho}.DueDate", "O vencimento é antes da emissão.")
    if previsao is not None and previsao < emissao:
        exame.falha(erros.DATA, f"{caminho}.PaymentForecastDate", "A previsão de pagamento é antes da emissão.")
    if desconto is not None and not emissao <= desconto <= vencimento:
        exame.falha(
            erros.DATA,
            f"{caminho}.DiscountDate",
            "A data limite do desconto deve ficar entre a emissão e o vencimento.",
        )


def barras(exame: Exame, objeto: dict[str, Any], caminho: str) -> None:
    codigo = objeto.get("CollectorDocumentBarCode", "")
    if codigo and not barras_validas(codigo):
        exame.falha(
            erros.BARRAS,
            f"{caminho}.CollectorDocumentBarCode",
            "Código de barras inválido: são 44, 47 ou 48 algarismos, sem pontos, com os dígitos verificadores.",
        )


def chave_livre(exame: Exame, empresa: str, chave: Chave, caminho: str, usadas: set[str]) -> None:
    """`usadas` are the keys of the company that the body would meet; those of the body itself are kept in `exame`."""
    if str(chave) in usadas or str(chave) in exame.novas:
        exame.falha(
            erros.CHAVE, f"{caminho}.DocumentNumber", f"Já existe o título {chave} na empresa {empresa}: mude a chave."
        )
    exame.novas.add(str(chave))


def ocupadas(exame: Exame, empresa: str, chaves: list[Chave]) -> set[str]:
    """Those of the keys that are taken, live or cancelled."""
    existentes = Titulo.objects.filter(empresa=empresa, chave__in=[str(chave) for chave in chaves])
    if exame.opcoes["chave_cancelada_livre"]:
        existentes = existentes.exclude(situacao__in=(Titulo.Situacao.CANCELADO, Titulo.Situacao.ESTORNADO))
    return set(existentes.values_list("chave", flat=True))
