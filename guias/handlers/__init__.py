"""The kinds of effect the month needs from Integra Contador: one class each. See docs/motor.md."""

from guias.handlers.anuais import (
    BuscarDefis,
    BuscarDemonstrativo,
    BuscarResolucao,
    ConsultarDefis,
    ConsultarRegimes,
    OptarRegime,
    TransmitirDefis,
)
from guias.handlers.avisos import (
    ConsultarDte,
    ConsultarProcessos,
    LerMensagem,
    ListarMensagens,
    VerificarMensagens,
)
from guias.handlers.consultas import ConsultarPeriodo, ConsultarProcuracoes
from guias.handlers.das import BuscarExtrato, EmitirDas
from guias.handlers.pgdasd import BuscarRecibo, Simular, Transmitir
from guias.handlers.redesim import ConsultarVinculos, EmitirComprovante, RenunciarVinculo
from guias.handlers.situacao import RelatorioSitfis

__all__ = [
    "BuscarDefis",
    "BuscarDemonstrativo",
    "BuscarExtrato",
    "BuscarRecibo",
    "BuscarResolucao",
    "ConsultarDefis",
    "ConsultarDte",
    "ConsultarPeriodo",
    "ConsultarProcessos",
    "ConsultarProcuracoes",
    "ConsultarRegimes",
    "ConsultarVinculos",
    "EmitirComprovante",
    "EmitirDas",
    "LerMensagem",
    "ListarMensagens",
    "OptarRegime",
    "RelatorioSitfis",
    "RenunciarVinculo",
    "Simular",
    "Transmitir",
    "TransmitirDefis",
    "VerificarMensagens",
]
