"""E2: one prepayment."""

from typing import Any

from sandbox.totvs import erros
from sandbox.totvs.chaves import Chave, gastar_referencia
from sandbox.totvs.erros import Recusa
from sandbox.totvs.esquema.corpos import DOCUMENTO
from sandbox.totvs.exame import Exame, mostrar
from sandbox.totvs.registros import ANTECIPACAO
from sandbox.totvs.regras import abatimentos, comum, impostos, rateio
from sandbox.totvs.regras.documentos import Novo, implantar
from sandbox.totvs.respostas import Sucesso


def forma(exame: Exame, corpo: dict[str, Any]) -> None:
    comum.pares(exame, corpo, DOCUMENTO, ("CheckBookNumber", "CheckNumber"))
    rateio.centros(exame, corpo, DOCUMENTO)
    for nome in ("CheckBearer", "CheckBearerName"):
        if corpo[nome] and not corpo["CheckNumber"]:
            mensagem = f"{nome} só se informa com um cheque: faltam CheckBookNumber e CheckNumber."
            exame.falha(erros.FALTA, f"{DOCUMENTO}.{nome}", mensagem)


def executar(exame: Exame, corpo: dict[str, Any], empresa: str, estabelecimento: str) -> Sucesso:
    """Inside `gravacao`. Raises Recusa with everything that the rules refuse."""
    referencia, dia = corpo["PrePaymentReference"], corpo["PrintDate"]
    if not exame.registros.aberto(dia):
        mensagem = f"{dia:%d/%m/%Y} não está em um período aberto do contas a pagar."
        exame.falha(erros.DATA, f"{DOCUMENTO}.PrintDate", mensagem)
    exame.referencia(empresa, estabelecimento, referencia, f"{DOCUMENTO}.PrePaymentReference")
    novo = _novo(exame, corpo, empresa, estabelecimento)
    if exame.falhas:
        raise Recusa(400, exame.falhas, negocio=True)
    gastar_referencia(empresa, estabelecimento, referencia)
    titulo = implantar(exame, novo, empresa, dia, referencia, "antecipacao")
    return Sucesso("Antecipação implantada.", referencia, [mostrar(titulo)])


def _novo(exame: Exame, corpo: dict[str, Any], empresa: str, estabelecimento: str) -> Novo:
    especie = exame.codigo(corpo, DOCUMENTO, "DocumentClassCode", "especies")
    if especie and exame.registros.tipo(especie) != ANTECIPACAO:
        mensagem = f"A espécie {especie} não é de antecipação."
        exame.falha(erros.FORA_DA_TABELA, f"{DOCUMENTO}.DocumentClassCode", mensagem)
    exame.fornecedor(corpo["SupplierCode"], DOCUMENTO)
    moeda = exame.codigo(corpo, DOCUMENTO, "CurrencyCode", "moedas")
    portador = exame.codigo(corpo, DOCUMENTO, "CollectorCode", "portadores", externo="ExternalCollectorCode")
    comum.ordem(exame, DOCUMENTO, PrintDate=corpo["PrintDate"], DueDate=corpo["DueDate"])
    comum.cotacao(exame, corpo, DOCUMENTO, moeda)
    comum.barras(exame, corpo, DOCUMENTO)
    chave = Chave(
        estabelecimento,
        corpo["DocumentClassCode"],
        corpo["DocumentSerieCode"],
        corpo["SupplierCode"],
        corpo["DocumentNumber"],
        corpo["DocumentParcelNumber"],
    )
    _chaves(exame, corpo, empresa, chave)
    valor = corpo["DocumentValue"]
    retido = impostos.conferir(exame, corpo, DOCUMENTO, valor)
    feitos = abatimentos.conferir(exame, corpo, DOCUMENTO, empresa, corpo["SupplierCode"], valor)
    rateio.conferir(exame, corpo, DOCUMENTO, soma=valor)
    return Novo(corpo, chave, ANTECIPACAO, moeda, portador, retido, feitos)


def _chaves(exame: Exame, corpo: dict[str, Any], empresa: str, chave: Chave) -> None:
    dos_impostos = [impostos.chave_do_titulo(imposto, chave) for imposto in corpo["PendentTaxInformation"]]
    usadas = comum.ocupadas(exame, empresa, [chave, *(uma for uma in dos_impostos if uma)])
    comum.chave_livre(exame, empresa, chave, DOCUMENTO, usadas)
    for posicao, propria in enumerate(dos_impostos):
        if propria is not None:
            comum.chave_livre(exame, empresa, propria, f"{DOCUMENTO}.PendentTaxInformation[{posicao}]", usadas)
