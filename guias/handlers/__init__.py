"""The kinds of effect the month needs from Integra Contador: one class each. See docs/motor.md."""

from guias.handlers.consultas import ConsultarPeriodo, ConsultarProcuracoes
from guias.handlers.das import BuscarExtrato, EmitirDas
from guias.handlers.pgdasd import BuscarRecibo, Simular, Transmitir

__all__ = [
    "BuscarExtrato",
    "BuscarRecibo",
    "ConsultarPeriodo",
    "ConsultarProcuracoes",
    "EmitirDas",
    "Simular",
    "Transmitir",
]
