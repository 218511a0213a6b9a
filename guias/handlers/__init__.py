"""The kinds of effect the month needs, of Integra Contador and of mail: one class each. See docs/motor.md."""

from guias.handlers.anuais import (
    BuscarDefis,
    BuscarDemonstrativo,
    BuscarResolucao,
    ConsultarDefis,
    ConsultarRegimes,
    ConsultarUltimaDefis,
    OptarRegime,
    TransmitirDefis,
)
from guias.handlers.avisos import ConsultarDte, ConsultarProcessos, LerMensagem, ListarMensagens, VerificarMensagens
from guias.handlers.ccmei import ConsultarCcmei, ConsultarCnpjsDoMei, EmitirCcmei
from guias.handlers.consultas import ConsultarAno, ConsultarPeriodo, ConsultarProcuracoes
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
from guias.handlers.declaracoes import BuscarDeclaracao
from guias.handlers.entrega import EnviarGuia, LembrarGuia
from guias.handlers.especiais import EmitirDasAvulso, EmitirDasDeCobranca, EmitirDasDeProcesso
from guias.handlers.mei import ConsultarDividaAtiva, EmitirBarrasMei, EmitirDasMei, MarcarBeneficio
from guias.handlers.mit import DetalharMit, EncerrarMit, ListarMit
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
from guias.handlers.redesim import ConsultarRenuncias, ConsultarVinculos, EmitirComprovante, RenunciarVinculo
from guias.handlers.situacao import RelatorioSitfis

__all__ = [
    "BuscarComprovante",
    "BuscarDeclaracao",
    "BuscarDeclaracaoCompleta",
    "BuscarDefis",
    "BuscarDemonstrativo",
    "BuscarExtrato",
    "BuscarPagamentos",
    "BuscarRecibo",
    "BuscarReciboDctfweb",
    "BuscarResolucao",
    "BuscarXml",
    "ConsultarAno",
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
    "ConsultarRenuncias",
    "ConsultarUltimaDefis",
    "ConsultarVinculos",
    "ContarPagamentos",
    "DetalharMit",
    "EmitirBarrasMei",
    "EmitirCcmei",
    "EmitirComprovante",
    "EmitirDarf",
    "EmitirDarfEmBarras",
    "EmitirDas",
    "EmitirDasAvulso",
    "EmitirDasDeCobranca",
    "EmitirDasDeProcesso",
    "EmitirDasMei",
    "EmitirGuiaDctfweb",
    "EmitirGuiaEmAndamento",
    "EmitirParcela",
    "EncerrarMit",
    "EnviarGuia",
    "LembrarGuia",
    "LerMensagem",
    "ListarMensagens",
    "ListarMit",
    "MarcarBeneficio",
    "OptarRegime",
    "RelatorioSitfis",
    "RenunciarVinculo",
    "Simular",
    "Transmitir",
    "TransmitirDctfweb",
    "TransmitirDefis",
    "VerificarMensagens",
]
