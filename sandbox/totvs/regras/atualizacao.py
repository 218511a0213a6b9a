"""E5: change an open title. What is blank stays as it is; a number, even zero, is stored."""

from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.totvs import erros
from sandbox.totvs.chaves import gastar_referencia, nova_referencia
from sandbox.totvs.erros import Recusa
from sandbox.totvs.esquema.corpos import DOCUMENTO
from sandbox.totvs.exame import ZERO, Exame, mostrar, movimentar
from sandbox.totvs.models import Titulo
from sandbox.totvs.regras import comum, existente, rateio
from sandbox.totvs.regras.documentos import guardar
from sandbox.totvs.regras.estorno import SEM_VALOR
from sandbox.totvs.respostas import Sucesso

A_MENOR, A_MAIOR = "AVMN", "AVMA"
BAIXA = "baixa"
_DATAS = {"PrintDate": "emissao", "DueDate": "vencimento", "PaymentForecastDate": "previsao"}
_TEXTOS = {
    "PaymentMethodCode": "forma",
    "CollectorDocumentBarCode": "barras",
    "CollectorDocumentNumber": "titulo_banco",
}
_SO_GUARDADOS = (
    "LastPaymentDate",
    "IsUpdatedValueGenerated",
    "PurchaseOrderNumber",
    "PurchaseRequisitionNumber",
    "InvestmentEventCode",
)


def forma(exame: Exame, corpo: dict[str, Any]) -> None:
    comum.pares(exame, corpo, DOCUMENTO)
    rateio.centros(exame, corpo, DOCUMENTO)


def executar(exame: Exame, corpo: dict[str, Any], empresa: str, estabelecimento: str) -> Sucesso:
    """Inside `gravacao`. Raises Recusa with everything that the rules refuse."""
    exame.aberta(corpo["TransactionDate"], DOCUMENTO)
    exame.referencia(empresa, estabelecimento, corpo["Reference"], f"{DOCUMENTO}.Reference")
    portador = exame.codigo(corpo, DOCUMENTO, "CollectorCode", "portadores")
    exame.forma(corpo["PaymentMethodCode"], f"{DOCUMENTO}.PaymentMethodCode")
    comum.barras(exame, corpo, DOCUMENTO)
    comum.dos_eua(exame, corpo, DOCUMENTO)
    if corpo["Situation"]:
        exame.falha(erros.FORA_DA_TABELA, f"{DOCUMENTO}.Situation", "Situation só tem o valor 0.")
    titulo = existente.achar(exame, corpo, empresa, estabelecimento)
    if titulo is not None and existente.solto(exame, titulo):
        _conferir(exame, corpo, titulo)
    if exame.falhas or titulo is None:
        raise Recusa(400, exame.falhas, negocio=True)
    referencia, dia = corpo["Reference"], corpo["TransactionDate"]
    if referencia:
        gastar_referencia(empresa, estabelecimento, referencia)
    else:
        referencia = nova_referencia(empresa, estabelecimento, dia, "A")
    _aplicar(exame, corpo, titulo, portador, dia, referencia)
    return Sucesso("Título atualizado.", referencia, [mostrar(titulo)])


def _conferir(exame: Exame, corpo: dict[str, Any], titulo: Titulo) -> None:
    if titulo.situacao != Titulo.Situacao.ABERTO:
        exame.falha(
            erros.NAO_ABERTO, f"{DOCUMENTO}.DocumentNumber", f"O título {titulo.chave} não está aberto: liquidado."
        )
        return
    if corpo["TransactionDate"] < titulo.transacao:
        mensagem = f"A alteração é antes da implantação do título, que é de {titulo.transacao:%d/%m/%Y}."
        exame.falha(erros.DATA, f"{DOCUMENTO}.TransactionDate", mensagem)
    if corpo["CurrencyCode"] and corpo["CurrencyCode"].upper() != titulo.moeda.upper():
        mensagem = f"A moeda do título é {titulo.moeda} e não muda."
        exame.falha(erros.FORA_DA_TABELA, f"{DOCUMENTO}.CurrencyCode", mensagem)
    comum.encargos(exame, corpo, DOCUMENTO, titulo)
    _datas(exame, corpo, titulo)
    _saldo(exame, corpo, titulo)


def _datas(exame: Exame, corpo: dict[str, Any], titulo: Titulo) -> None:
    """The order rules, on what the title would be."""
    datas: dict[str, Any] = {nome: corpo[nome] or getattr(titulo, campo) for nome, campo in _DATAS.items()}
    guardada = titulo.dados.get("DiscountDate")
    desconto = corpo["DiscountDate"] or (date.fromisoformat(guardada) if guardada else None)
    comum.ordem(exame, DOCUMENTO, TransactionDate=corpo["TransactionDate"], DiscountDate=desconto, **datas)
    com_desconto = corpo["DiscountValue"] or corpo["DiscountPercentage"]
    if com_desconto and desconto is None:
        mensagem = "Informe DiscountDate: há desconto e falta a data limite dele."
        exame.falha(erros.FALTA, f"{DOCUMENTO}.DiscountDate", mensagem)


def _saldo(exame: Exame, corpo: dict[str, Any], titulo: Titulo) -> None:
    novo, motivo = corpo["DocumentBalanceValue"], str(corpo["UpdateReason"] or "")
    muda = novo is not None and novo != titulo.saldo
    onde = f"{DOCUMENTO}.UpdateReason"
    motivos = exame.opcoes["motivos"]
    if motivo and motivo not in motivos:
        exame.falha(erros.FORA_DA_TABELA, onde, f"UpdateReason deve ser um destes: {', '.join(motivos)}.")
    elif muda and not motivo:
        exame.falha(erros.FALTA, onde, "Informe UpdateReason: o saldo muda.")
    elif muda and novo == 0 and motivos[motivo] != BAIXA:
        mensagem = "Para zerar o saldo, o motivo deve ser o de baixa."
        exame.falha(erros.FORA_DA_TABELA, f"{DOCUMENTO}.DocumentBalanceValue", mensagem)
    rateio.da_atualizacao(exame, corpo, DOCUMENTO, novo - titulo.saldo if muda else ZERO)


def _aplicar(exame: Exame, corpo: dict[str, Any], titulo: Titulo, portador: str, dia: date, referencia: str) -> None:
    """Inside `gravacao`."""
    limpa = exame.opcoes["branco_limpa"]
    for nome, campo in _DATAS.items():
        if corpo[nome] is not None:
            setattr(titulo, campo, corpo[nome])
    for nome, campo in _TEXTOS.items():
        if corpo[nome] or limpa:
            setattr(titulo, campo, corpo[nome])
    if portador:
        titulo.portador = portador
    if corpo["IsPaymentHeld"] is not None:
        titulo.bloqueado = corpo["IsPaymentHeld"]
    titulo.dados = {**titulo.dados, **guardar(corpo), **_guardados(corpo)}
    novo = corpo["DocumentBalanceValue"]
    perdido = ZERO if novo is None else Decimal(titulo.saldo - novo)
    titulo.saldo -= perdido
    if not titulo.saldo:
        titulo.situacao = Titulo.Situacao.LIQUIDADO
    titulo.save()
    tipo = A_MENOR if perdido > 0 else A_MAIOR if perdido < 0 else SEM_VALOR
    movimentar(titulo, tipo, referencia, dia, perdido)
    exame.livro("atualizacao", titulo, dia, referencia, titulo.saldo)


def _guardados(corpo: dict[str, Any]) -> dict[str, Any]:
    lidos = {nome: corpo[nome] for nome in _SO_GUARDADOS}
    return {
        nome: valor.isoformat() if isinstance(valor, date) else valor
        for nome, valor in lidos.items()
        if valor is not None
    }
