"""The kinds of effect the month needs, of Integra Contador and of mail: one class each. See docs/motor.md."""

from guias.handlers.anuais import (
    BuscarDefis,
    BuscarDemonstrativo,
    BuscarResolucao,
    ConsultarDefis,
    ConsultarRegimes,
    OptarRegime,
    TransmitirDefis,
)
from guias.handlers.avisos import ConsultarDte, ConsultarProcessos, LerMensagem, ListarMensagens, VerificarMensagens
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
from guias.handlers.redesim import ConsultarVinculos, EmitirComprovante, RenunciarVinculo
from guias.handlers.situacao import RelatorioSitfis

__all__ = [
    "BuscarComprovante",
    "BuscarDeclaracao",
    "BuscarDefis",
    "BuscarDemonstrativo",
    "BuscarExtrato",
    "BuscarPagamentos",
    "BuscarRecibo",
    "BuscarResolucao",
    "ConsultarCcmei",
    "ConsultarCnpjsDoMei",
    "ConsultarDefis",
    "ConsultarDividaAtiva",
    "ConsultarDte",
    "ConsultarNovidades",
    "ConsultarPagamento",
    "ConsultarParcelamento",
    "ConsultarParcelas",
    "ConsultarPedidos",
    "ConsultarPeriodo",
    "ConsultarProcessos",
    "ConsultarProcuracoes",
    "ConsultarRegimes",
    "ConsultarVinculos",
    "ContarPagamentos",
    "EmitirBarrasMei",
    "EmitirCcmei",
    "EmitirComprovante",
    "EmitirDas",
    "EmitirDasAvulso",
    "EmitirDasDeCobranca",
    "EmitirDasDeProcesso",
    "EmitirDasMei",
    "EmitirParcela",
    "EnviarGuia",
    "LembrarGuia",
    "LerMensagem",
    "ListarMensagens",
    "MarcarBeneficio",
    "OptarRegime",
    "RelatorioSitfis",
    "RenunciarVinculo",
    "Simular",
    "Transmitir",
    "TransmitirDefis",
    "VerificarMensagens",
]
