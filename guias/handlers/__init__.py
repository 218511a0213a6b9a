"""The kinds of effect the month needs, of Integra Contador and of mail: one class each. See docs/motor.md."""

from guias.handlers.consultas import ConsultarPeriodo, ConsultarProcuracoes
from guias.handlers.das import BuscarExtrato, EmitirDas
from guias.handlers.declaracoes import BuscarDeclaracao
from guias.handlers.entrega import EnviarGuia, LembrarGuia
from guias.handlers.especiais import EmitirDasAvulso, EmitirDasDeCobranca, EmitirDasDeProcesso
from guias.handlers.novidades import ConsultarNovidades
from guias.handlers.pagamentos import BuscarComprovante, BuscarPagamentos, ContarPagamentos
from guias.handlers.pgdasd import BuscarRecibo, Simular, Transmitir

__all__ = [
    "BuscarComprovante",
    "BuscarDeclaracao",
    "BuscarExtrato",
    "BuscarPagamentos",
    "BuscarRecibo",
    "ConsultarNovidades",
    "ConsultarPeriodo",
    "ConsultarProcuracoes",
    "ContarPagamentos",
    "EmitirDas",
    "EmitirDasAvulso",
    "EmitirDasDeCobranca",
    "EmitirDasDeProcesso",
    "EnviarGuia",
    "LembrarGuia",
    "Simular",
    "Transmitir",
]
