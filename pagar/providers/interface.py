"""What the product needs from the ERP's accounts payable, and the bodies that cross that border.

Each field says once what it is: its type here, its spelling on the wire, its size, whether it is required (campos.py).
Money is Decimal in reais, rates are Decimal in percent; "" and None are "not informed". Codes are text, and leading
zeros count. Source: TOTVS, page of the REST API of Contas a Pagar (Datasul) with its example bodies; sizes and which
fields are required are not in it (sources in docs/datasul.md).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Protocol

from operacoes.http import Chamadas
from pagar.providers import blocos
from pagar.providers import vocabulario as v
from pagar.providers.campos import Data, Inteiro, Lista, Logico, Objeto, Opcao, Texto, Valor


class TipoPagamento(StrEnum):
    LOTE = "lote_de_pagamento"
    BORDERO = "bordero"


class TipoEstorno(StrEnum):
    TOTAL = "total"
    PARCIAL = "parcial"


class OperacaoEstorno(StrEnum):
    CANCELAMENTO = "cancelamento_do_titulo"
    ESTORNO = "estorno_do_titulo"
    MOVIMENTO = "estorno_de_movimento"


class MotivoAlteracao(StrEnum):
    ALTERACAO = "alteracao"
    BAIXA = "baixa"


# The page shows 2 for a borderô, total 1, movement 3 and alteration 1; the others are deduced.
_TIPOS_PAGAMENTO: Mapping[StrEnum, int] = {TipoPagamento.LOTE: 1, TipoPagamento.BORDERO: 2}
_TIPOS_ESTORNO: Mapping[StrEnum, int] = {TipoEstorno.TOTAL: 1, TipoEstorno.PARCIAL: 2}
_OPERACOES_ESTORNO: Mapping[StrEnum, int] = {
    OperacaoEstorno.CANCELAMENTO: 1,
    OperacaoEstorno.ESTORNO: 2,
    OperacaoEstorno.MOVIMENTO: 3,
}
_MOTIVOS: Mapping[StrEnum, int] = {MotivoAlteracao.ALTERACAO: 1, MotivoAlteracao.BAIXA: 2}
OPCOES = (_TIPOS_PAGAMENTO, _TIPOS_ESTORNO, _OPERACOES_ESTORNO, _MOTIVOS)  # what Formato.numeros may replace


# -- batch of titles -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Titulo:
    """A title of a batch. It has no field for a bar code, which goes in an update afterwards. `parcelas` 0 or 1 is one
    title: one item for each parcela is what every ERP takes."""

    sequencia: Annotated[int | None, v.SEQUENCIA.obrigatorio] = None
    fornecedor: Annotated[int | None, v.FORNECEDOR.obrigatorio] = None
    especie: Annotated[str, v.ESPECIE.obrigatorio] = ""
    serie: Annotated[str, v.SERIE] = ""
    numero: Annotated[str, v.NUMERO.obrigatorio] = ""
    parcela: Annotated[str, v.PARCELA] = ""
    emissao: Annotated[date | None, v.EMISSAO.obrigatorio] = None
    vencimento: Annotated[date | None, v.VENCIMENTO.obrigatorio] = None
    previsao: Annotated[date | None, v.PREVISAO] = None
    data_desconto: Annotated[date | None, v.DATA_DESCONTO] = None
    moeda: Annotated[str, v.MOEDA.obrigatorio] = "Real"
    cotacao: Annotated[Decimal | None, v.COTACAO] = Decimal(1)
    valor: Annotated[Decimal | None, v.VALOR.obrigatorio] = None
    desconto: Annotated[Decimal | None, v.DESCONTO] = None
    desconto_percentual: Annotated[Decimal | None, v.DESCONTO_PERCENTUAL] = None
    carencia: Annotated[int | None, v.CARENCIA] = None
    juros_dia: Annotated[Decimal | None, v.JUROS_DIA] = None
    juros_dia_percentual: Annotated[Decimal | None, v.JUROS_DIA_PERCENTUAL] = None
    multa: Annotated[Decimal | None, v.MULTA] = None
    portador: Annotated[str, v.PORTADOR.obrigatorio_ou("portador_externo")] = ""
    modalidade_externa: Annotated[str, v.MODALIDADE_EXTERNA] = ""
    carteira: Annotated[str, v.CARTEIRA] = ""
    seguradora: Annotated[str, v.SEGURADORA] = ""
    apolice: Annotated[str, v.APOLICE] = ""
    arrendador: Annotated[str, v.ARRENDADOR] = ""
    contrato_leasing: Annotated[str, v.CONTRATO_LEASING] = ""
    historico: Annotated[str, v.HISTORICO] = ""
    parcelas: Annotated[int | None, Inteiro("ParcelQuantity", "Quantidade de parcelas", maximo=999)] = None
    dias: Annotated[int | None, Inteiro("Days", "Dias entre parcelas")] = None
    calculo_vencimento: Annotated[int | None, Inteiro("DueForecastType", "Cálculo do vencimento", maximo=0)] = None
    portador_externo: Annotated[str, v.PORTADOR_EXTERNO] = ""
    forma_pagamento: Annotated[str, v.FORMA_PAGAMENTO] = ""
    ordem_investimento: Annotated[int | None, v.ORDEM_INVESTIMENTO] = None
    valor_1099: Annotated[Decimal | None, v.VALOR_1099] = None
    fiscal_1099: Annotated[str, v.FISCAL_1099] = ""
    tipo_1099: Annotated[int | None, v.TIPO_1099] = None
    finalidade_externa: Annotated[str, v.FINALIDADE_EXTERNA] = ""
    safra: Annotated[str, v.SAFRA] = ""
    antecipacoes: Annotated[tuple[blocos.AbatimentoAntecipacao, ...], blocos.ANTECIPACOES] = ()
    previsoes: Annotated[tuple[blocos.AbatimentoPrevisao, ...], blocos.PREVISOES] = ()
    rateio: Annotated[tuple[blocos.Rateio, ...], blocos.RATEIO] = ()
    impostos: Annotated[tuple[blocos.Imposto, ...], blocos.IMPOSTOS] = ()
    relacoes: Annotated[
        tuple[blocos.Relacao, ...], Lista("PendentRelationInformation", "Relações com outro título", "relação")
    ] = ()


@dataclass(frozen=True, kw_only=True)
class LoteTitulos:
    """Titles to be opened together: all or none. `especie`, when filled, is that of every item; `total` 0 or None is
    not informed; `saldo_inicial` opens balances, and lets the items go without rateio."""

    RAIZ: ClassVar[str] = "AccountPayableBatchInformation"
    NOME: ClassVar[str] = "lote de títulos"

    estabelecimento: Annotated[str, v.ESTABELECIMENTO.obrigatorio_ou("estabelecimento_externo")] = ""
    referencia: Annotated[str, v.REFERENCIA.obrigatorio] = ""
    especie: Annotated[str, v.ESPECIE] = ""
    data: Annotated[date | None, v.DATA_TRANSACAO.obrigatorio] = None
    estabelecimento_externo: Annotated[str, v.ESTABELECIMENTO_EXTERNO] = ""
    total: Annotated[Decimal | None, Valor("TransactionTotalValue", "Total do lote", digitos=10)] = None
    empresa: Annotated[str, v.EMPRESA.obrigatorio_ou("empresa_externa")] = ""
    empresa_externa: Annotated[str, v.EMPRESA_EXTERNA] = ""
    finalidade_externa: Annotated[str, v.FINALIDADE_EXTERNA] = ""
    moeda: Annotated[str, v.MOEDA] = ""
    saldo_inicial: Annotated[bool, Logico("IsBalanceImplantation", "Implantação de saldo")] = False
    titulos: Annotated[tuple[Titulo, ...], blocos.TITULOS] = ()
    matriz: Annotated[str, v.MATRIZ] = ""


# -- prepayment ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Antecipacao:
    """One prepayment; its `emissao` stands for the date of the transaction."""

    RAIZ: ClassVar[str] = "AccountPayableDocumentInformation"
    NOME: ClassVar[str] = "antecipação"

    empresa: Annotated[str, v.EMPRESA.obrigatorio_ou("empresa_externa")] = ""
    estabelecimento: Annotated[str, v.ESTABELECIMENTO.obrigatorio_ou("estabelecimento_externo")] = ""
    especie: Annotated[str, v.ESPECIE.obrigatorio] = ""
    serie: Annotated[str, v.SERIE] = ""
    fornecedor: Annotated[int | None, v.FORNECEDOR.obrigatorio] = None
    numero: Annotated[str, v.NUMERO.obrigatorio] = ""
    parcela: Annotated[str, v.PARCELA] = ""
    portador: Annotated[str, v.PORTADOR.obrigatorio_ou("portador_externo")] = ""
    moeda: Annotated[str, v.MOEDA.obrigatorio] = "Real"
    valor: Annotated[Decimal | None, v.VALOR.obrigatorio] = None
    cotacao: Annotated[Decimal | None, v.COTACAO] = Decimal(1)
    emissao: Annotated[date | None, v.EMISSAO.obrigatorio] = None
    vencimento: Annotated[date | None, v.VENCIMENTO.obrigatorio] = None
    seguradora: Annotated[str, v.SEGURADORA] = ""
    apolice: Annotated[str, v.APOLICE] = ""
    arrendador: Annotated[str, v.ARRENDADOR] = ""
    contrato_leasing: Annotated[str, v.CONTRATO_LEASING] = ""
    historico_padrao: Annotated[str, v.HISTORICO_PADRAO] = ""
    historico: Annotated[str, v.HISTORICO] = ""
    empresa_externa: Annotated[str, v.EMPRESA_EXTERNA] = ""
    estabelecimento_externo: Annotated[str, v.ESTABELECIMENTO_EXTERNO] = ""
    portador_externo: Annotated[str, v.PORTADOR_EXTERNO] = ""
    modalidade_externa: Annotated[str, v.MODALIDADE_EXTERNA] = ""
    referencia: Annotated[str, v.REFERENCIA.obrigatorio.chamado("PrePaymentReference")] = ""
    talonario: Annotated[int | None, v.TALONARIO] = None
    cheque: Annotated[int | None, v.CHEQUE] = None
    favorecido: Annotated[str, v.FAVORECIDO] = ""
    nome_favorecido: Annotated[str, v.NOME_FAVORECIDO] = ""
    codigo_barras: Annotated[str, v.CODIGO_BARRAS] = ""
    titulo_no_banco: Annotated[str, v.TITULO_NO_BANCO] = ""
    tipo_codigo_barras: Annotated[
        str, Texto("CollectorDocumentBarCodeType", "Tipo do código de barras", "tipo do código de barras")
    ] = ""
    safra: Annotated[str, v.SAFRA] = ""
    previsoes: Annotated[tuple[blocos.AbatimentoPrevisao, ...], blocos.PREVISOES] = ()
    rateio: Annotated[tuple[blocos.Rateio, ...], blocos.RATEIO.obrigatorio] = ()
    impostos: Annotated[tuple[blocos.Imposto, ...], blocos.IMPOSTOS] = ()
    matriz: Annotated[str, v.MATRIZ] = ""


# -- payment batch and borderô ---------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Cambio:
    """An exchange contract; with neither number nor id the ERP ignores it."""

    contrato: Annotated[str, Texto("ExchangeContractNumber", "Contrato de câmbio", "contrato de câmbio")] = ""
    identificador: Annotated[int | None, Inteiro("ExchangeContractIDNumber", "Id do contrato de câmbio")] = None
    data_importacao: Annotated[date | None, Data("ImportExchangeContractDate", "Data do contrato de câmbio")] = None
    estabelecimento: Annotated[str, v.ESTABELECIMENTO] = ""
    referencia: Annotated[str, v.REFERENCIA] = ""
    data_referencia: Annotated[date | None, Data("ReferenceDate", "Data da referência do câmbio")] = None


@dataclass(frozen=True, kw_only=True)
class Informe1099:
    valor: Annotated[Decimal | None, v.VALOR_1099] = None
    fiscal: Annotated[str, v.FISCAL_1099.chamado("TaxIndentificationNumber")] = ""  # the page's own spelling
    tipo: Annotated[int | None, v.TIPO_1099] = None


@dataclass(frozen=True, kw_only=True)
class TituloPago:
    """A title to be paid, or with `referencia_antecipacao` a pending prepayment, whose key may then be blank."""

    empresa: Annotated[str, v.EMPRESA.obrigatorio] = ""
    referencia: Annotated[str, v.REFERENCIA] = ""
    portador: Annotated[str, v.PORTADOR] = ""
    referencia_antecipacao: Annotated[str, v.REFERENCIA.chamado("PrepaymentReference", "Referência da antecipação")] = (
        ""
    )
    estabelecimento: Annotated[str, v.ESTABELECIMENTO.obrigatorio_ou("referencia_antecipacao")] = ""
    especie: Annotated[str, v.ESPECIE.obrigatorio_ou("referencia_antecipacao")] = ""
    serie: Annotated[str, v.SERIE] = ""
    fornecedor: Annotated[int | None, v.FORNECEDOR_OU_ZERO.obrigatorio_ou("referencia_antecipacao")] = None
    numero: Annotated[str, v.NUMERO.obrigatorio_ou("referencia_antecipacao")] = ""
    parcela: Annotated[str, v.PARCELA] = ""
    data_cotacao: Annotated[date | None, Data("QuotationDate", "Data da cotação")] = None
    cotacao: Annotated[Decimal | None, v.COTACAO] = Decimal(1)
    valor: Annotated[Decimal | None, Valor("PaymentValue", "Valor a pagar", positivo=True, exigido=True)] = None
    correcao: Annotated[Decimal | None, Valor("RestatementValue", "Correção monetária")] = None
    desconto: Annotated[Decimal | None, v.DESCONTO] = None
    abatimento: Annotated[Decimal | None, Valor("WriteOffValue", "Abatimento")] = None
    multa: Annotated[Decimal | None, Valor("PenaltyValue", "Multa")] = None
    juros: Annotated[Decimal | None, Valor("InterestValue", "Juros")] = None
    comentario: Annotated[str, v.HISTORICO.chamado("Comment")] = ""
    forma_pagamento: Annotated[str, v.FORMA_PAGAMENTO] = ""
    forma_alternativa: Annotated[
        str, v.FORMA_PAGAMENTO.chamado("AlternativePaymentMethodCode", "Forma de pagamento alternativa")
    ] = ""
    documento_no_banco: Annotated[str, v.TITULO_NO_BANCO.chamado("PaymentBankDocumentNumber", "Documento no banco")] = (
        ""
    )
    estabelecimento_cheque: Annotated[
        str, v.ESTABELECIMENTO.chamado("CheckBranchCode", "Estabelecimento do cheque")
    ] = ""
    sequencia: Annotated[int | None, v.SEQUENCIA.obrigatorio] = None
    finalidade: Annotated[str, v.FINALIDADE] = ""
    talonario: Annotated[int | None, v.TALONARIO.chamado("CheckbookNumber")] = None
    cheque: Annotated[int | None, v.CHEQUE] = None
    favorecido: Annotated[str, v.FAVORECIDO] = ""
    nome_favorecido: Annotated[str, v.NOME_FAVORECIDO] = ""
    moeda: Annotated[str, v.MOEDA] = "Real"
    variacao_cambial: Annotated[Decimal | None, Valor("ExchangeVarianceValue", "Variação cambial")] = None
    carteira: Annotated[str, v.CARTEIRA] = ""
    portador_externo: Annotated[str, v.PORTADOR_EXTERNO] = ""
    modalidade_externa: Annotated[str, v.MODALIDADE_EXTERNA] = ""
    finalidade_externa: Annotated[str, v.FINALIDADE_EXTERNA] = ""
    antecipacoes: Annotated[tuple[blocos.AbatimentoAntecipacao, ...], blocos.ANTECIPACOES] = ()
    previsoes: Annotated[tuple[blocos.AbatimentoPrevisao, ...], blocos.PREVISOES] = ()
    rateio: Annotated[tuple[blocos.Rateio, ...], blocos.RATEIO] = ()
    impostos: Annotated[tuple[blocos.Imposto, ...], blocos.IMPOSTOS] = ()
    cambio: Annotated[tuple[Cambio, ...], Lista("ExchangeInformation", "Câmbio", "câmbio")] = ()


@dataclass(frozen=True, kw_only=True)
class LotePagamento:
    """A payment batch (`estabelecimento_referencia` and `referencia`) or a borderô (`estabelecimento_bordero` and
    `bordero`, its number), told apart by `tipo`. `baixa_imediata` settles now, otherwise the bank confirms;
    `parcial` keeps the good items when others are refused; `no_estabelecimento_do_titulo`: where the write-off goes."""

    RAIZ: ClassVar[str] = "AccountPayableBatchInformation"
    NOME: ClassVar[str] = "pagamento"

    empresa: Annotated[str, v.EMPRESA.obrigatorio] = ""
    estabelecimento_referencia: Annotated[
        str, v.ESTABELECIMENTO.chamado("ReferenceBranchCode", "Estabelecimento da referência")
    ] = ""
    referencia: Annotated[str, v.REFERENCIA] = ""
    estabelecimento_bordero: Annotated[
        str, v.ESTABELECIMENTO.chamado("BordereauBranchCode", "Estabelecimento do borderô")
    ] = ""
    data: Annotated[date | None, v.DATA_TRANSACAO.obrigatorio] = None
    moeda: Annotated[str, v.MOEDA.obrigatorio] = "Real"
    total: Annotated[Decimal | None, Valor("TotalPaymentValue", "Total pago", digitos=11)] = None
    total_informado: Annotated[Decimal | None, Valor("TotalInformedValue", "Total informado", digitos=11)] = None
    fornecedor: Annotated[int | None, v.FORNECEDOR_OU_ZERO] = None
    bordero: Annotated[int | None, Inteiro("StatementNumber", "Número do borderô", maximo=999_999)] = None
    mensagem_inicial: Annotated[str, Texto("InitialMessage", "Mensagem inicial", "mensagem")] = ""
    mensagem_final: Annotated[str, Texto("FinalMessage", "Mensagem final", "mensagem")] = ""
    escritural: Annotated[bool, Logico("IsStatementEletronic", "Borderô escritural")] = False  # the page's own spelling
    enviado: Annotated[bool, Logico("IsStatementSent", "Borderô já enviado ao banco")] = False
    finalidade: Annotated[str, v.FINALIDADE] = ""
    carteira: Annotated[str, v.CARTEIRA] = ""
    baixa_imediata: Annotated[bool, Logico("IsReferenceUpdated", "Atualiza a referência")] = False
    parcial: Annotated[bool, Logico("IsPartialBatchGenerated", "Gera lote parcial")] = False
    portador: Annotated[str, v.PORTADOR.obrigatorio_ou("portador_externo")] = ""
    estabelecimento_externo: Annotated[str, v.ESTABELECIMENTO_EXTERNO] = ""
    portador_externo: Annotated[str, v.PORTADOR_EXTERNO] = ""
    modalidade_externa: Annotated[str, v.MODALIDADE_EXTERNA] = ""
    finalidade_externa: Annotated[str, v.FINALIDADE_EXTERNA] = ""
    tipo: Annotated[
        TipoPagamento | None, Opcao("TransactionType", "Tipo de pagamento", _TIPOS_PAGAMENTO, exigido=True)
    ] = None
    no_estabelecimento_do_titulo: Annotated[
        bool, Logico("IsDocumentBranchUsed", "Baixa no estabelecimento do título")
    ] = True
    informe_1099: Annotated[Informe1099 | None, Objeto("TenNineNineInformation", "Formulário 1099")] = None
    titulos: Annotated[tuple[TituloPago, ...], blocos.TITULOS] = ()
    matriz: Annotated[str, v.MATRIZ] = ""


# -- reversal and cancellation ---------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Estorno:
    """Cancellation of a title, its reversal, or that of one movement, chosen by `referencia_movimento` (a payment, an
    alteration). `transacao` is the ERP's number for the kind of movement, 1 or more for a movement only."""

    RAIZ: ClassVar[str] = "AccountPayableDocumentInformation"
    NOME: ClassVar[str] = "estorno ou cancelamento"

    estabelecimento: Annotated[str, v.ESTABELECIMENTO.obrigatorio_ou("estabelecimento_externo")] = ""
    referencia: Annotated[str, v.REFERENCIA] = ""
    data: Annotated[date | None, v.DATA_TRANSACAO.obrigatorio] = None
    historico_padrao: Annotated[str, v.HISTORICO_PADRAO] = ""
    historico: Annotated[str, Texto("StandardHistoryDescription", "Histórico", "histórico do estorno")] = ""
    portador: Annotated[str, v.PORTADOR] = ""
    estabelecimento_reembolso: Annotated[
        str, v.ESTABELECIMENTO_EXTERNO.chamado("RefundBranchCode", "Estabelecimento de reembolso")
    ] = ""
    reabre_item: Annotated[bool, Logico("IsItemReopened", "Reabre o item")] = False
    reembolso: Annotated[bool, Logico("IsRefundable", "Reembolso")] = False
    estorna_impostos: Annotated[bool, Logico("IsTaxReverseHeld", "Estorna imposto retido")] = False
    estabelecimento_externo: Annotated[str, v.ESTABELECIMENTO_EXTERNO] = ""
    fornecedor: Annotated[int | None, v.FORNECEDOR.obrigatorio] = None
    especie: Annotated[str, v.ESPECIE.obrigatorio] = ""
    serie: Annotated[str, v.SERIE] = ""
    numero: Annotated[str, v.NUMERO.obrigatorio] = ""
    parcela: Annotated[str, v.PARCELA] = ""
    tipo: Annotated[TipoEstorno | None, Opcao("ReverseTypeCode", "Tipo de estorno", _TIPOS_ESTORNO, exigido=True)] = (
        TipoEstorno.TOTAL
    )
    operacao: Annotated[
        OperacaoEstorno | None, Opcao("ReversalOperation", "Operação", _OPERACOES_ESTORNO, exigido=True)
    ] = None
    transacao: Annotated[int | None, Inteiro("TransactionShortName", "Transação")] = None
    referencia_movimento: Annotated[str, v.REFERENCIA.chamado("TransactionReference", "Referência do movimento")] = ""
    matriz: Annotated[str, v.MATRIZ] = ""


# -- update ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class RateioAlteracao:
    """One line of the accounting of a new balance. `tipo`: the page sends 3, its numbering is not known."""

    estabelecimento: Annotated[str, v.ESTABELECIMENTO] = ""
    referencia: Annotated[str, v.REFERENCIA] = ""
    sequencia: Annotated[int | None, Inteiro("Sequence", "Sequência", maximo=9999)] = None
    fluxo: Annotated[str, v.FLUXO.obrigatorio] = ""
    plano_contas: Annotated[str, v.PLANO_CONTAS.obrigatorio] = ""
    conta: Annotated[str, v.CONTA.obrigatorio] = ""
    unidade_negocio: Annotated[str, v.UNIDADE_NEGOCIO.obrigatorio] = ""
    plano_centro_custo: Annotated[str, v.PLANO_CENTRO_CUSTO] = ""
    centro_custo: Annotated[str, v.CENTRO_CUSTO] = ""
    valor: Annotated[Decimal | None, v.VALOR_RATEIO.obrigatorio] = None
    tipo: Annotated[int, Inteiro("ProRataType", "Tipo do rateio", minimo=1, maximo=3)] = 3


@dataclass(frozen=True, kw_only=True)
class Atualizacao:
    """New values of an open title. A number, even 0, is stored; None, or a blank text or date, keeps what is there. A
    new `saldo` asks for `motivo`, and its difference for a rateio; `situacao` 0 keeps."""

    RAIZ: ClassVar[str] = "AccountPayableDocumentInformation"
    NOME: ClassVar[str] = "atualização de título"

    empresa: Annotated[str, v.EMPRESA.obrigatorio] = ""
    estabelecimento: Annotated[str, v.ESTABELECIMENTO.obrigatorio_ou("estabelecimento_externo")] = ""
    fornecedor: Annotated[int | None, v.FORNECEDOR.obrigatorio] = None
    especie: Annotated[str, v.ESPECIE.obrigatorio] = ""
    serie: Annotated[str, v.SERIE] = ""
    numero: Annotated[str, v.NUMERO.obrigatorio] = ""
    parcela: Annotated[str, v.PARCELA] = ""
    estabelecimento_externo: Annotated[str, v.ESTABELECIMENTO_EXTERNO] = ""
    data: Annotated[date | None, v.DATA_TRANSACAO.obrigatorio] = None
    referencia: Annotated[str, v.REFERENCIA] = ""
    saldo: Annotated[Decimal | None, Valor("DocumentBalanceValue", "Novo saldo")] = None
    emissao: Annotated[date | None, v.EMISSAO] = None
    vencimento: Annotated[date | None, v.VENCIMENTO] = None
    previsao: Annotated[date | None, v.PREVISAO] = None
    ultimo_pagamento: Annotated[date | None, Data("LastPaymentDate", "Data do último pagamento")] = None
    carencia: Annotated[int | None, v.CARENCIA] = None
    multa: Annotated[Decimal | None, v.MULTA] = None
    juros_dia: Annotated[Decimal | None, v.JUROS_DIA] = None
    juros_dia_percentual: Annotated[Decimal | None, v.JUROS_DIA_PERCENTUAL] = None
    data_desconto: Annotated[date | None, v.DATA_DESCONTO] = None
    desconto_percentual: Annotated[Decimal | None, v.DESCONTO_PERCENTUAL] = None
    desconto: Annotated[Decimal | None, v.DESCONTO] = None
    portador: Annotated[str, v.PORTADOR] = ""
    bloqueado: Annotated[bool | None, Logico("IsPaymentHeld", "Bloqueia o pagamento")] = None
    seguradora: Annotated[str, v.SEGURADORA] = ""
    apolice: Annotated[str, v.APOLICE] = ""
    arrendador: Annotated[str, v.ARRENDADOR] = ""
    contrato_leasing: Annotated[str, v.CONTRATO_LEASING] = ""
    moeda: Annotated[str, v.MOEDA] = ""
    gera_ocorrencia: Annotated[
        bool | None, Logico("IsUpdatedValueGenerated", "Gera ocorrência da alteração de valor")
    ] = None
    codigo_barras: Annotated[str, v.CODIGO_BARRAS] = ""
    historico_padrao: Annotated[str, v.HISTORICO_PADRAO] = ""
    historico: Annotated[str, v.HISTORICO] = ""
    forma_pagamento: Annotated[str, v.FORMA_PAGAMENTO] = ""
    titulo_no_banco: Annotated[str, v.TITULO_NO_BANCO] = ""
    ordem_investimento: Annotated[int | None, v.ORDEM_INVESTIMENTO] = None
    pedido: Annotated[int | None, Inteiro("PurchaseOrderNumber", "Pedido de compra")] = None
    ordem_compra: Annotated[int | None, Inteiro("PurchaseRequisitionNumber", "Ordem de compra")] = None
    evento_investimento: Annotated[int | None, Inteiro("InvestmentEventCode", "Evento do investimento")] = None
    valor_1099: Annotated[Decimal | None, v.VALOR_1099] = None
    fiscal_1099: Annotated[str, v.FISCAL_1099] = ""
    tipo_1099: Annotated[int | None, v.TIPO_1099] = None
    motivo: Annotated[MotivoAlteracao | None, Opcao("UpdateReason", "Motivo da alteração", _MOTIVOS)] = None
    situacao: Annotated[int | None, Inteiro("Situation", "Situação", maximo=0)] = None
    rateio: Annotated[tuple[RateioAlteracao, ...], blocos.RATEIO] = ()
    matriz: Annotated[str, v.MATRIZ] = ""


# -- answers ---------------------------------------------------------------------------------------------------------
_CAMINHO = re.compile(r"[A-Za-z0-9_.\[\]]+")  # as AccountPayableBatchInformation.TransactionDate


@dataclass(frozen=True)
class MensagemErp:
    """One message of the ERP, in its own words."""

    codigo: str
    texto: str
    ajuda: str = ""
    tipo: str = "error"

    def __str__(self) -> str:
        return f"{self.inicio} ({self.ajuda})" if self.ajuda and self.ajuda != self.texto else self.inicio

    @property
    def inicio(self) -> str:
        return f"{self.codigo}: {self.texto}" if self.codigo and self.texto else self.codigo or self.texto

    @property
    def para_pessoas(self) -> str:
        """Without the help, where that is only the path of a field in the body."""
        return self.inicio if _CAMINHO.fullmatch(self.ajuda) else str(self)


@dataclass(frozen=True)
class TituloNoErp:
    """What an answer says of one title: `id_pagamento` is what the listing of taxes is asked by. None: not said."""

    estabelecimento: str = ""
    especie: str = ""
    serie: str = ""
    fornecedor: int | None = None
    numero: str = ""
    parcela: str = ""
    id_pagamento: int | None = None
    saldo: Decimal | None = None


@dataclass(frozen=True)
class Resultado:
    """The ERP did it. Nothing else is promised: `avisos` are its notices, `titulos` and `referencia` what it told
    beside, `bruto` the answer as it came (None: empty)."""

    avisos: tuple[MensagemErp, ...] = ()
    referencia: str = ""
    titulos: tuple[TituloNoErp, ...] = ()
    bruto: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class ImpostoListado:
    """A tax linked to a title. A `valor` of zero is normal: small withholdings are dispensed by law."""

    descricao: str
    imposto: str
    classificacao: str
    aliquota: Decimal
    rendimento: Decimal
    valor: Decimal
    vencimento: date | None
    uf: str
    opcional: bool
    favorecido: int | None
    nome_favorecido: str
    id_pagamento: int | None


type Corpo = LoteTitulos | Antecipacao | LotePagamento | Estorno | Atualizacao


class ContasAPagar(Protocol):
    """The ERP's accounts payable. It cannot be asked for titles: what was created is known here only."""

    def implantar(self, lote: LoteTitulos, *, chamadas: Chamadas) -> Resultado: ...

    def antecipar(self, antecipacao: Antecipacao, *, chamadas: Chamadas) -> Resultado: ...

    def pagar(self, lote: LotePagamento, *, chamadas: Chamadas) -> Resultado: ...

    def estornar(self, estorno: Estorno, *, chamadas: Chamadas) -> Resultado: ...

    def atualizar(self, atualizacao: Atualizacao, *, chamadas: Chamadas) -> Resultado: ...

    def impostos(
        self, id_pagamento: int, *, chamadas: Chamadas, ordem: str = "", filtros: Mapping[str, str] | None = None
    ) -> tuple[ImpostoListado, ...]: ...
