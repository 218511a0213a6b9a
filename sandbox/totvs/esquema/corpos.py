"""The five bodies that are written, each by its root name."""

from sandbox.totvs.esquema import blocos
from sandbox.totvs.esquema.blocos import ESTABELECIMENTO, MATRIZ, chave, fornecedor
from sandbox.totvs.esquema.campos import (
    Campo,
    Esquema,
    data,
    esquema,
    inteiro,
    lista,
    logico,
    objeto,
    sequencia,
    texto,
    textos,
    valor,
)

LOTE, DOCUMENTO = "AccountPayableBatchInformation", "AccountPayableDocumentInformation"
ITENS = "AccountPayableDocumentInformation"

_EMPRESA = texto("CompanyCode", 3, obr=True, ou="ExternalCompanyCode")
_ESTABELECIMENTO = texto("BranchCode", ESTABELECIMENTO, obr=True, ou="ExternalBranchCode")
_EXTERNOS = (texto("ExternalCompanyCode", 3), texto("ExternalBranchCode", 8))
_PORTADOR = texto("CollectorCode", 5, obr=True, ou="ExternalCollectorCode")
_PORTADOR_EXTERNO = textos(8, "ExternalCollectorCode", "ExternalModalityCode")
_FINALIDADE_EXTERNA = texto("ExternalEconomicPurposeCode", 8)
_HISTORICO = (texto("StandardHistoryCode", 8), texto("StandardHistoryDescription", 2000))
_BARRAS = (texto("CollectorDocumentBarCode", 50), texto("CollectorDocumentNumber", 20))


def _raiz(campo: Campo) -> Esquema:
    return esquema(campo, MATRIZ)


def _item_do_lote(*outros: Campo) -> Esquema:
    return esquema(
        sequencia("Sequence"),
        fornecedor(),
        chave(obr=False)[:1],
        chave()[1:],
        data("PrintDate", obr=True),
        data("DueDate", obr=True),
        data("PaymentForecastDate"),
        texto("CurrencyCode", 8),
        valor("QuotationValue", 7, 10, positivo=True),
        valor("DocumentValue", 9, obr=True, positivo=True),
        blocos.ENCARGOS,
        _PORTADOR,
        _PORTADOR_EXTERNO,
        texto("PortfolioCode", 3),
        blocos.SEGURO_E_LEASING,
        texto("StandardHistoryDescription", 2000),
        inteiro("ParcelQuantity", 0, 999),
        inteiro("Days", 0, 999),
        inteiro("DueForecastType", 0, 99),
        texto("PaymentMethodCode", 3),
        inteiro("InvestmentOrder"),
        blocos.DOS_EUA,
        _FINALIDADE_EXTERNA,
        texto("HarvestCode", 8),
        lista("PrepaymentWriteOffInformation", blocos.ABATE_ANTECIPACAO_DO_LOTE),
        lista("ProvisionWriteOffInformation", blocos.ABATE_PREVISAO_EXTERNA),
        blocos.RATEIOS,
        blocos.IMPOSTOS,
        lista("PendentRelationInformation", blocos.RELACAO),
        *outros,
    )


def _lote(item: Esquema) -> Esquema:
    return _raiz(
        objeto(
            LOTE,
            esquema(
                _EMPRESA,
                _ESTABELECIMENTO,
                _EXTERNOS,
                texto("Reference", 10, obr=True),
                texto("DocumentClassCode", 3),
                data("TransactionDate", obr=True),
                valor("TransactionTotalValue", 10),
                texto("CurrencyCode", 8),
                logico("IsBalanceImplantation"),
                _FINALIDADE_EXTERNA,
                lista(ITENS, item, obr=True, maximo=9999),
            ),
            obr=True,
        ),
    )


E1 = _lote(_item_do_lote())
E1_COM_BARRAS = _lote(_item_do_lote(*_BARRAS, texto("CollectorDocumentBarCodeType", 1)))

E2 = _raiz(
    objeto(
        DOCUMENTO,
        esquema(
            _EMPRESA,
            _ESTABELECIMENTO,
            _EXTERNOS,
            chave(),
            fornecedor(),
            _PORTADOR,
            _PORTADOR_EXTERNO,
            texto("CurrencyCode", 8, obr=True),
            valor("DocumentValue", 9, obr=True, positivo=True),
            valor("QuotationValue", 7, 10, positivo=True),
            data("PrintDate", obr=True),
            data("DueDate", obr=True),
            blocos.SEGURO_E_LEASING,
            _HISTORICO,
            texto("PrePaymentReference", 10, obr=True),
            inteiro("CheckBookNumber"),
            inteiro("CheckNumber"),
            texto("CheckBearer", 15),
            texto("CheckBearerName", 40),
            _BARRAS,
            texto("CollectorDocumentBarCodeType", 1),
            texto("HarvestCode", 8),
            lista("ProvisionWriteOffInformation", blocos.ABATE_PREVISAO_EXTERNA),
            lista("PendentGLAppropriationInformation", blocos.RATEIO, obr=True),
            blocos.IMPOSTOS,
        ),
        obr=True,
    ),
)

_ITEM_PAGO = esquema(
    sequencia("Sequence"),
    texto("CompanyCode", 3, obr=True),
    texto("Reference", 10),
    texto("CollectorCode", 5),
    texto("PrepaymentReference", 10),
    texto("BranchCode", ESTABELECIMENTO),
    chave(obr=False),
    fornecedor(obr=False),
    data("QuotationDate"),
    valor("QuotationValue", 7, 10, positivo=True),
    valor("PaymentValue", 9, obr=True, positivo=True),
    *(
        valor(nome, 9)
        for nome in ("RestatementValue", "DiscountValue", "WriteOffValue", "PenaltyValue", "InterestValue")
    ),
    texto("Comment", 2000),
    textos(3, "PaymentMethodCode", "AlternativePaymentMethodCode"),
    texto("PaymentBankDocumentNumber", 20),
    texto("CheckBranchCode", ESTABELECIMENTO),
    inteiro("CheckbookNumber"),
    inteiro("CheckNumber"),
    texto("CheckBearer", 15),
    texto("CheckBearerName", 40),
    texto("EconomicPurposeCode", 10),
    texto("CurrencyCode", 8),
    valor("ExchangeVarianceValue", 9, sinal=True),
    texto("PortfolioCode", 3),
    _PORTADOR_EXTERNO,
    _FINALIDADE_EXTERNA,
    lista("PrepaymentWriteOffInformation", blocos.ABATE_ANTECIPACAO),
    lista("ProvisionWriteOffInformation", blocos.ABATE_PREVISAO),
    blocos.RATEIOS,
    lista("PendentTaxInformation", blocos.IMPOSTO_DO_PAGAMENTO),
    lista("ExchangeInformation", blocos.CAMBIO),
)

E3 = _raiz(
    objeto(
        LOTE,
        esquema(
            texto("CompanyCode", 3, obr=True),
            inteiro("TransactionType", 0, 99, obr=True),
            texto("ReferenceBranchCode", ESTABELECIMENTO),
            texto("Reference", 10),
            texto("BordereauBranchCode", ESTABELECIMENTO),
            inteiro("StatementNumber", 0, 999_999),
            _PORTADOR,
            _PORTADOR_EXTERNO,
            data("TransactionDate", obr=True),
            texto("CurrencyCode", 8, obr=True),
            valor("TotalPaymentValue", 11),
            valor("TotalInformedValue", 11),
            fornecedor(obr=False),
            textos(2, "InitialMessage", "FinalMessage"),
            *(
                logico(nome)
                for nome in (
                    "IsStatementEletronic",
                    "IsStatementSent",
                    "IsReferenceUpdated",
                    "IsPartialBatchGenerated",
                    "IsDocumentBranchUsed",
                )
            ),
            texto("EconomicPurposeCode", 10),
            texto("PortfolioCode", 3),
            texto("ExternalBranchCode", 8),
            _FINALIDADE_EXTERNA,
            objeto(
                "TenNineNineInformation",
                esquema(
                    valor("TenNineNineValue", 10),
                    texto("TaxIndentificationNumber", 15),
                    inteiro("TenNineNineTransactionType", 0, 99),
                ),
            ),
            lista(ITENS, _ITEM_PAGO, obr=True, maximo=9999),
        ),
        obr=True,
    ),
)

E4 = _raiz(
    objeto(
        DOCUMENTO,
        esquema(
            _ESTABELECIMENTO,
            texto("ExternalBranchCode", 8),
            fornecedor(),
            chave(),
            data("TransactionDate", obr=True),
            texto("Reference", 10),
            inteiro("ReverseTypeCode", 0, 99, obr=True),
            inteiro("ReversalOperation", 0, 99, obr=True),
            inteiro("TransactionShortName", 0, 9999),
            texto("TransactionReference", 10),
            texto("StandardHistoryCode", 8),
            texto("StandardHistoryDescription", 40),
            texto("CollectorCode", 5),
            texto("RefundBranchCode", 8),
            logico("IsItemReopened"),
            logico("IsRefundable"),
            logico("IsTaxReverseHeld"),
        ),
        obr=True,
    ),
)

E5 = _raiz(
    objeto(
        DOCUMENTO,
        esquema(
            texto("CompanyCode", 3, obr=True),
            _ESTABELECIMENTO,
            texto("ExternalBranchCode", 8),
            fornecedor(),
            chave(),
            data("TransactionDate", obr=True),
            texto("Reference", 10),
            valor("DocumentBalanceValue", 9),
            inteiro("UpdateReason", 0, 99),
            *(data(nome) for nome in ("PrintDate", "DueDate", "PaymentForecastDate", "LastPaymentDate")),
            blocos.ENCARGOS,
            texto("CollectorCode", 5),
            logico("IsPaymentHeld"),
            logico("IsUpdatedValueGenerated"),
            texto("CurrencyCode", 8),
            _BARRAS,
            texto("PaymentMethodCode", 3),
            _HISTORICO,
            blocos.SEGURO_E_LEASING,
            *(
                inteiro(nome)
                for nome in (
                    "InvestmentOrder",
                    "PurchaseOrderNumber",
                    "PurchaseRequisitionNumber",
                    "InvestmentEventCode",
                )
            ),
            blocos.DOS_EUA,
            inteiro("Situation", 0, 99),
            lista("PendentGLAppropriationInformation", blocos.RATEIO_DA_ATUALIZACAO),
        ),
        obr=True,
    ),
)
