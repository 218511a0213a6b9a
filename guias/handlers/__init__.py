"""The kinds of effect the month needs, of Integra Contador and of mail: one class each. See docs/motor.md."""

from guias.handlers.consultas import ConsultarPeriodo, ConsultarProcuracoes
from guias.handlers.das import BuscarExtrato, EmitirDas
from guias.handlers.entrega import EnviarGuia, LembrarGuia
from guias.handlers.pgdasd import BuscarRecibo, Simular, Transmitir

__all__ = [
    "BuscarExtrato",
    "BuscarRecibo",
    "ConsultarPeriodo",
    "ConsultarProcuracoes",
    "EmitirDas",
    "EnviarGuia",
    "LembrarGuia",
    "Simular",
    "Transmitir",
]
