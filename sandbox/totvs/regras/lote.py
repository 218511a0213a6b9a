"""E1: a batch of titles, all or nothing."""

from typing import Any

from sandbox.totvs import erros
from sandbox.totvs.chaves import Chave, gastar_referencia
from sandbox.totvs.erros import Recusa
from sandbox.totvs.esquema.corpos import ITENS, LOTE
from sandbox.totvs.exame import ZERO, Exame, mostrar
from sandbox.totvs.registros import ANTECIPACAO
from sandbox.totvs.regras import abatimentos, comum, impostos, rateio
from sandbox.totvs.regras.documentos import Novo, implantar
from sandbox.totvs.respostas import Sucesso


def forma(exame: Exame, corpo: dict[str, Any]) -> None:
    """What the table of fields cannot say: pairs, and what is required in some cases only."""
    for posicao, item in enumerate(corpo[ITENS]):
        onde = f"{LOTE}.{ITENS}[{posicao}]"
        comum.pares(exame, item, onde)
        comum.desconto_com_data(exame, item, onde)
        rateio.centros(exame, item, onde)
        for nome in ("DocumentClassCode", "CurrencyCode"):
            if not item[nome] and not corpo[nome]:
                exame.falha(erros.FALTA, f"{onde}.{nome}", f"Informe {nome}: é obrigatório.")
        if not item["PendentGLAppropriationInformation"] and not corpo["IsBalanceImplantation"]:
            nome = "PendentGLAppropriationInformation"
            exame.falha(erros.FALTA, f"{onde}.{nome}", "Informe ao menos uma linha de rateio contábil.")


def executar(exame: Exame, corpo: dict[str, Any], empresa: str, estabelecimento: str) -> Sucesso:
    """Inside `gravacao`. Raises Recusa with everything that the rules refuse."""
    referencia, dia = corpo["Reference"], corpo["TransactionDate"]
    exame.aberta(dia, LOTE)
    exame.referencia(empresa, estabelecimento, referencia, f"{LOTE}.Reference")
    exame.codigo(corpo, LOTE, "DocumentClassCode", "especies")
    exame.codigo(corpo, LOTE, "CurrencyCode", "moedas")
    total = sum((item["DocumentValue"] for item in corpo[ITENS]), ZERO)
    if corpo["TransactionTotalValue"] and corpo["TransactionTotalValue"] != total:
        mensagem = f"O total do lote é {corpo['TransactionTotalValue']:.2f} e os títulos somam {total:.2f}."
        exame.falha(erros.TOTAL, f"{LOTE}.TransactionTotalValue", mensagem)
    novos = _novos(exame, corpo, empresa, estabelecimento)
    if exame.falhas:
        raise Recusa(400, exame.falhas, negocio=True)
    gastar_referencia(empresa, estabelecimento, referencia)
    abertos = [implantar(exame, novo, empresa, dia, referencia, "titulo") for novo in novos]
    return Sucesso(f"{len(abertos)} título(s) implantado(s).", referencia, [mostrar(titulo) for titulo in abertos])


def _novos(exame: Exame, corpo: dict[str, Any], empresa: str, estabelecimento: str) -> list[Novo]:
    chaves = [_chave(corpo, item, estabelecimento) for item in corpo[ITENS]]
    do_imposto = [
        impostos.chave_do_titulo(i, c)
        for c, item in zip(chaves, corpo[ITENS], strict=True)
        for i in item["PendentTaxInformation"]
    ]
    usadas = comum.ocupadas(exame, empresa, [*chaves, *(chave for chave in do_imposto if chave)])
    sequencias: set[int] = set()
    novos = []
    for posicao, (item, chave) in enumerate(zip(corpo[ITENS], chaves, strict=True)):
        onde = f"{LOTE}.{ITENS}[{posicao}]"
        if item["Sequence"] in sequencias:
            exame.falha(erros.SEQUENCIA, f"{onde}.Sequence", f"A sequência {item['Sequence']} está repetida no lote.")
        sequencias.add(item["Sequence"])
        comum.chave_livre(exame, empresa, chave, onde, usadas)
        novos.append(_novo(exame, corpo, item, onde, empresa, chave))
        _chaves_dos_impostos(exame, item, onde, empresa, chave, usadas)
    return novos


def _chaves_dos_impostos(
    exame: Exame, item: dict[str, Any], onde: str, empresa: str, chave: Chave, usadas: set[str]
) -> None:
    for posicao, imposto in enumerate(item["PendentTaxInformation"]):
        propria = impostos.chave_do_titulo(imposto, chave)
        if propria is not None:
            comum.chave_livre(exame, empresa, propria, f"{onde}.PendentTaxInformation[{posicao}]", usadas)


def _chave(corpo: dict[str, Any], item: dict[str, Any], estabelecimento: str) -> Chave:
    return Chave(
        estabelecimento,
        item["DocumentClassCode"] or corpo["DocumentClassCode"],
        item["DocumentSerieCode"],
        item["SupplierCode"],
        item["DocumentNumber"],
        item["DocumentParcelNumber"],
    )


def _novo(exame: Exame, corpo: dict[str, Any], item: dict[str, Any], onde: str, empresa: str, chave: Chave) -> Novo:
    exame.fornecedor(item["SupplierCode"], onde)
    especie = _do_lote(exame, corpo, item, onde, "DocumentClassCode", "especies")
    moeda = _do_lote(exame, corpo, item, onde, "CurrencyCode", "moedas")
    tipo = exame.registros.tipo(especie) if especie else ""
    if tipo == ANTECIPACAO:
        mensagem = f"A espécie {especie} é de antecipação: use a operação de antecipação."
        exame.falha(erros.FORA_DA_TABELA, f"{onde}.DocumentClassCode", mensagem)
    portador = exame.codigo(item, onde, "CollectorCode", "portadores", externo="ExternalCollectorCode")
    exame.forma(item["PaymentMethodCode"], f"{onde}.PaymentMethodCode")
    datas = {nome: item[nome] for nome in ("PrintDate", "DueDate", "PaymentForecastDate", "DiscountDate")}
    comum.ordem(exame, onde, TransactionDate=corpo["TransactionDate"], **datas)
    comum.cotacao(exame, item, onde, moeda)
    comum.encargos(exame, item, onde)
    comum.dos_eua(exame, item, onde)
    comum.barras(exame, item, onde)
    _tabelas(exame, item, onde)
    valor = item["DocumentValue"]
    retido = impostos.conferir(exame, item, onde, valor)
    feitos = abatimentos.conferir(exame, item, onde, empresa, item["SupplierCode"], valor - min(retido, valor))
    rateio.conferir(exame, item, onde, soma=valor)
    return Novo(item, chave, tipo, moeda, portador, retido, feitos)


def _do_lote(exame: Exame, corpo: dict[str, Any], item: dict[str, Any], onde: str, nome: str, registro: str) -> str:
    """A code of the item, or the batch's: when both are there they must be the same."""
    if item[nome] and corpo[nome] and item[nome].upper() != corpo[nome].upper():
        mensagem = f"{nome} do item é {item[nome]} e a do lote, {corpo[nome]}: devem ser iguais."
        exame.falha(erros.FORA_DA_TABELA, f"{onde}.{nome}", mensagem)
    if not item[nome]:
        return exame.registros.codigo(registro, corpo[nome])
    return exame.codigo(item, onde, nome, registro)


def _tabelas(exame: Exame, item: dict[str, Any], onde: str) -> None:
    if (item["ParcelQuantity"] or 0) > 1:
        mensagem = "Informe um item por parcela: ParcelQuantity deve ser 0 ou 1."
        exame.falha(erros.FORA_DA_TABELA, f"{onde}.ParcelQuantity", mensagem)
    if item["DueForecastType"]:
        exame.falha(erros.FORA_DA_TABELA, f"{onde}.DueForecastType", "DueForecastType só tem o valor 0.")
