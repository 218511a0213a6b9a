"""The kinds of effect the month needs from Integra Contador: one class each. See docs/motor.md."""

from guias.handlers.consultas import ConsultarPeriodo, ConsultarProcuracoes
from guias.handlers.darf import EmitirDarf, EmitirDarfEmBarras
from guias.handlers.das import BuscarExtrato, EmitirDas
from guias.handlers.dctfweb import (
    BuscarDeclaracaoCompleta,
    BuscarReciboDctfweb,
    BuscarXml,
    EmitirGuiaDctfweb,
    EmitirGuiaEmAndamento,
    TransmitirDctfweb,
)
from guias.handlers.mit import DetalharMit, EncerrarMit, ListarMit
from guias.handlers.pgdasd import BuscarRecibo, Simular, Transmitir

__all__ = [
    "BuscarDeclaracaoCompleta",
    "BuscarExtrato",
    "BuscarRecibo",
    "BuscarReciboDctfweb",
    "BuscarXml",
    "ConsultarPeriodo",
    "ConsultarProcuracoes",
    "DetalharMit",
    "EmitirDarf",
    "EmitirDarfEmBarras",
    "EmitirDas",
    "EmitirGuiaDctfweb",
    "EmitirGuiaEmAndamento",
    "EncerrarMit",
    "ListarMit",
    "Simular",
    "Transmitir",
    "TransmitirDctfweb",
]
