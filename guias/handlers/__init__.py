"""The kinds of effect the month needs, of Integra Contador and of mail: one class each. See docs/motor.md."""

from guias.handlers.ccmei import ConsultarCcmei, ConsultarCnpjsDoMei, EmitirCcmei
from guias.handlers.consultas import ConsultarPeriodo, ConsultarProcuracoes
from guias.handlers.das import BuscarExtrato, EmitirDas
from guias.handlers.declaracoes import BuscarDeclaracao
from guias.handlers.entrega import EnviarGuia, LembrarGuia
from guias.handlers.especiais import EmitirDasAvulso, EmitirDasDeCobranca, EmitirDasDeProcesso
from guias.handlers.mei import ConsultarDividaAtiva, EmitirBarrasMei, EmitirDasMei, MarcarBeneficio
from guias.handlers.novidades import ConsultarNovidades
from guias.handlers.pagamentos import BuscarComprovante, BuscarPagamentos, ContarPagamentos
from guias.handlers.parcelamentos import (
    ConsultarPagamento,
    ConsultarParcelamento,
    ConsultarParcelas,
    ConsultarPedidos,
    EmitirParcela,
)
from guias.handlers.pgdasd import BuscarRecibo, Simular, Transmitir

__all__ = [
    "BuscarComprovante",
    "BuscarDeclaracao",
    "BuscarExtrato",
    "BuscarPagamentos",
    "BuscarRecibo",
    "ConsultarCcmei",
    "ConsultarCnpjsDoMei",
    "ConsultarDividaAtiva",
    "ConsultarNovidades",
    "ConsultarPagamento",
    "ConsultarParcelamento",
    "ConsultarParcelas",
    "ConsultarPedidos",
    "ConsultarPeriodo",
    "ConsultarProcuracoes",
    "ContarPagamentos",
    "EmitirBarrasMei",
    "EmitirCcmei",
    "EmitirDas",
    "EmitirDasAvulso",
    "EmitirDasDeCobranca",
    "EmitirDasDeProcesso",
    "EmitirDasMei",
    "EmitirParcela",
    "EnviarGuia",
    "LembrarGuia",
    "MarcarBeneficio",
    "Simular",
    "Transmitir",
]
