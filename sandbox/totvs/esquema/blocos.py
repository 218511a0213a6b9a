"""The lists that several bodies share. Sizes: display formats of the ERP's fields."""

from sandbox.totvs.esquema.campos import (
    Campo,
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

ESTABELECIMENTO, NUMERO, CENTRO = "tamanho_estabelecimento", "tamanho_numero", "tamanho_centro"
MATRIZ = texto("ExternalOrganizationTranslationMatrixCode", 8)


def chave(*, obr: bool = True) -> tuple[Campo, ...]:
    """Class, series, number and parcel of a title."""
    return (
        texto("DocumentClassCode", 3, obr=obr),
        texto("DocumentSerieCode", 3),
        texto("DocumentNumber", NUMERO, obr=obr),
        texto("DocumentParcelNumber", 2),
    )


def fornecedor(*, obr: bool = True) -> Campo:
    return inteiro("SupplierCode", 1 if obr else 0, obr=obr)


_ABATIMENTO = (
    texto("BranchCode", ESTABELECIMENTO, obr=True),
    chave(),
    valor("WriteOffValue", 9, obr=True, positivo=True),
)

ABATE_ANTECIPACAO_DO_LOTE = esquema(*_ABATIMENTO, solto=True)
ABATE_ANTECIPACAO = esquema(*_ABATIMENTO, fornecedor(obr=False), solto=True)

_PREVISAO = (chave(), fornecedor(), valor("WriteOffValue", 9, obr=True, positivo=True), logico("IsZeroBal"))
ABATE_PREVISAO_EXTERNA = esquema(
    texto("BranchCode", ESTABELECIMENTO, obr=True, ou="ExternalBranchCode"),
    *_PREVISAO,
    texto("ExternalBranchCode", 8),
    solto=True,
)
ABATE_PREVISAO = esquema(texto("BranchCode", ESTABELECIMENTO, obr=True), *_PREVISAO, solto=True)

RATEIO = esquema(
    texto("AccountPlanCode", 8, obr=True, ou="ExternalAccountCode"),
    texto("AccountCode", 20, obr=True, ou="ExternalAccountCode"),
    texto("BusinessUnitCode", 3, obr=True, ou="ExternalBusinessUnitCode"),
    texto("CostCenterPlanCode", 8),
    texto("CostCenterCode", CENTRO),
    texto("FinancialFlowTypeCode", 12, obr=True, ou="ExternalFinancialFlowTypeCode"),
    valor("GLAppropriationValue", 9, obr=True, positivo=True),
    textos(3, "CountryCode", "StateCode"),
    textos(5, "TaxCode", "TaxClassificationCode"),
    texto("ExternalFinancialFlowTypeCode", 12),
    texto("ExternalAccountCode", 20),
    texto("ExternalSubAccountCode", 15),
    textos(8, "ExternalCostCenterCode", "ExternalBusinessUnitCode"),
)

RATEIO_DA_ATUALIZACAO = esquema(
    texto("BranchCode", ESTABELECIMENTO),
    texto("Reference", 10),
    sequencia("Sequence", obr=False, minimo=0),
    texto("FinancialFlowTypeCode", 12, obr=True),
    texto("AccountPlanCode", 8, obr=True),
    texto("AccountCode", 20, obr=True),
    texto("BusinessUnitCode", 3, obr=True),
    texto("CostCenterPlanCode", 8),
    texto("CostCenterCode", CENTRO),
    valor("GLAppropriationValue", 9, obr=True, positivo=True),
    inteiro("ProRataType", 0, 99),
)

_IMPOSTO = (
    texto("CountryCode", 3, obr=True, ou="ExternalCountryCode"),
    texto("StateCode", 3),
    texto("TaxCode", 5, obr=True),
    inteiro("TaxClass", 0, 99, obr=True),
    texto("TaxClassification", 5, obr=True),
    texto("AccountPlanCode", 8),
    texto("AccountCode", 20),
    chave(obr=False),
    valor("RevenueTax", 10, obr=True),
    valor("INSSDeduction", 10),
    valor("DependentDeduction", 10),
    valor("PensionDeduction", 10),
    valor("OtherDeductions", 10),
    valor("TaxBaseValue", 10, obr=True),
    valor("PaidTax", 10),
    valor("TaxValue", 10, obr=True),
    data("DueDate", obr=True),
    texto("CurrencyCode", 8, obr=True),
    valor("EconomicPurposeValue", 10),
    texto("StandardHistoryDescription", 2000),
    fornecedor(),
    valor("DeductionValue", 10),
    texto("ExternalCountryCode", 20),
    texto("ExternalAccountCode", 20),
    texto("ExternalSubAccountCode", 15),
    texto("ExternalFinancialFlowTypeCode", 12),
)
IMPOSTO = esquema(*_IMPOSTO, solto=True)
IMPOSTO_DO_PAGAMENTO = esquema(*_IMPOSTO, valor("TaxPercentage", 2), solto=True)

RELACAO = esquema(
    texto("BranchCode", ESTABELECIMENTO, obr=True),
    valor("RelationValue", 9, obr=True, positivo=True),
    inteiro("CorrectValueReason", 1, 99, obr=True),
    objeto(
        "RelationAppropriationInformation",
        esquema(
            texto("AccountPlanCode", 8),
            texto("AccountCode", 20),
            valor("GLAppropriationValue", 9, positivo=True),
            inteiro("GLAppropriationType", 0, 99),
            solto=True,
        ),
    ),
    solto=True,
)

CAMBIO = esquema(
    texto("ExchangeContractNumber", 15),
    inteiro("ExchangeContractIDNumber"),
    data("ImportExchangeContractDate"),
    texto("BranchCode", ESTABELECIMENTO),
    texto("Reference", 10),
    data("ReferenceDate"),
)

RATEIOS = lista("PendentGLAppropriationInformation", RATEIO)
IMPOSTOS = lista("PendentTaxInformation", IMPOSTO)
SEGURO_E_LEASING = (
    texto("InsurerCode", 8),
    texto("InsurancePolicyNumber", 12),
    texto("LessorCode", 6),
    texto("LeasingContractNumber", 12),
)
DOS_EUA = (valor("TenNineNineValue", 10), texto("TaxIdentNumber", 15), inteiro("TenNineNineTransactionType", 0, 99))
ENCARGOS = (
    data("DiscountDate"),
    valor("DiscountValue", 9),
    valor("DiscountPercentage", 2, 4),
    inteiro("DaysLate", 0, 99),
    valor("DaysLateInterest", 9),
    valor("DayLateInterestPercentage", 2, 6),
    valor("Penalty", 2),
)
