"""The kinds of effect the month needs from Integra Contador: one class each. See docs/motor.md."""

from guias.handlers.ccmei import ConsultarCcmei, ConsultarCnpjsDoMei, EmitirCcmei
from guias.handlers.consultas import ConsultarPeriodo, ConsultarProcuracoes
from guias.handlers.das import BuscarExtrato, EmitirDas
from guias.handlers.mei import ConsultarDividaAtiva, EmitirBarrasMei, EmitirDasMei, MarcarBeneficio
from guias.handlers.parcelamentos import (
    ConsultarPagamento,
    ConsultarParcelamento,
    ConsultarParcelas,
    ConsultarPedidos,
    EmitirParcela,
)
from guias.handlers.pgdasd import BuscarRecibo, Simular, Transmitir

__all__ = [
    "BuscarExtrato",
    "BuscarRecibo",
    "ConsultarCcmei",
    "ConsultarCnpjsDoMei",
    "ConsultarDividaAtiva",
    "ConsultarPagamento",
    "ConsultarParcelamento",
    "ConsultarParcelas",
    "ConsultarPedidos",
    "ConsultarPeriodo",
    "ConsultarProcuracoes",
    "EmitirBarrasMei",
    "EmitirCcmei",
    "EmitirDas",
    "EmitirDasMei",
    "EmitirParcela",
    "MarcarBeneficio",
    "Simular",
    "Transmitir",
]
