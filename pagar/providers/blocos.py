"""The blocks that the bodies of titles, prepayments and payments share: write-offs, accounting, taxes, relations."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from pagar.providers import vocabulario as v
from pagar.providers.campos import Inteiro, Lista, Objeto, Texto, Valor


@dataclass(frozen=True, kw_only=True)
class AbatimentoAntecipacao:
    """Part of a prepayment that goes into a title. `fornecedor` only in a payment; 0 or None: the item's."""

    estabelecimento: Annotated[str, v.ESTABELECIMENTO.obrigatorio] = ""
    especie: Annotated[str, v.ESPECIE.obrigatorio] = ""
    serie: Annotated[str, v.SERIE] = ""
    fornecedor: Annotated[int | None, v.FORNECEDOR_OU_ZERO] = None
    numero: Annotated[str, v.NUMERO.obrigatorio] = ""
    parcela: Annotated[str, v.PARCELA] = ""
    valor: Annotated[Decimal | None, v.VALOR_ABATIDO.obrigatorio] = None


@dataclass(frozen=True, kw_only=True)
class AbatimentoPrevisao:
    """Part of a forecast title that this one takes the place of. `zera_saldo` drops what remains of it;
    `estabelecimento_externo` not in a payment (None there)."""

    estabelecimento: Annotated[str, v.ESTABELECIMENTO.obrigatorio_ou("estabelecimento_externo")] = ""
    especie: Annotated[str, v.ESPECIE.obrigatorio] = ""
    serie: Annotated[str, v.SERIE] = ""
    fornecedor: Annotated[int | None, v.FORNECEDOR.obrigatorio] = None
    numero: Annotated[str, v.NUMERO.obrigatorio] = ""
    parcela: Annotated[str, v.PARCELA] = ""
    valor: Annotated[Decimal | None, v.VALOR_ABATIDO.obrigatorio] = None
    zera_saldo: Annotated[bool, v.ZERA_SALDO] = False
    estabelecimento_externo: Annotated[str | None, v.ESTABELECIMENTO_EXTERNO] = None


@dataclass(frozen=True, kw_only=True)
class Rateio:
    """One line of the accounting. `pais`, `uf`, `imposto` and `classificacao` only where it posts a tax of it."""

    plano_contas: Annotated[str, v.PLANO_CONTAS.obrigatorio_ou("conta_externa")] = ""
    conta: Annotated[str, v.CONTA.obrigatorio_ou("conta_externa")] = ""
    unidade_negocio: Annotated[str, v.UNIDADE_NEGOCIO.obrigatorio_ou("unidade_negocio_externa")] = ""
    plano_centro_custo: Annotated[str, v.PLANO_CENTRO_CUSTO] = ""
    centro_custo: Annotated[str, v.CENTRO_CUSTO] = ""
    fluxo: Annotated[str, v.FLUXO.obrigatorio_ou("fluxo_externo")] = ""
    valor: Annotated[Decimal | None, v.VALOR_RATEIO.obrigatorio] = None
    pais: Annotated[str, v.PAIS] = ""
    uf: Annotated[str, v.UF] = ""
    imposto: Annotated[str, v.IMPOSTO] = ""
    classificacao: Annotated[
        str, Texto("TaxClassificationCode", "Classificação do imposto", "classificação do imposto")
    ] = ""
    fluxo_externo: Annotated[str, v.FLUXO_EXTERNO] = ""
    conta_externa: Annotated[str, v.CONTA_EXTERNA] = ""
    subconta_externa: Annotated[str, v.SUBCONTA_EXTERNA] = ""
    centro_custo_externo: Annotated[str, v.CENTRO_CUSTO_EXTERNO] = ""
    unidade_negocio_externa: Annotated[str, v.UNIDADE_NEGOCIO_EXTERNA] = ""


@dataclass(frozen=True, kw_only=True)
class Imposto:
    """A tax withheld from the title. `classe` 1 is withheld, the only one known; `aliquota` only in a payment; the
    especie, serie, numero and parcela are those of the title the ERP opens for the tax."""

    pais: Annotated[str, v.PAIS.obrigatorio] = ""
    uf: Annotated[str, v.UF] = ""
    imposto: Annotated[str, v.IMPOSTO.obrigatorio] = ""
    classe: Annotated[int | None, Inteiro("TaxClass", "Classe do imposto", maximo=99, exigido=True)] = None
    classificacao: Annotated[
        str, Texto("TaxClassification", "Classificação do imposto", "classificação do imposto", exigido=True)
    ] = ""
    plano_contas: Annotated[str, v.PLANO_CONTAS] = ""
    conta: Annotated[str, v.CONTA] = ""
    especie: Annotated[str, v.ESPECIE] = ""
    serie: Annotated[str, v.SERIE] = ""
    numero: Annotated[str, v.NUMERO] = ""
    parcela: Annotated[str, v.PARCELA] = ""
    rendimento: Annotated[Decimal | None, v.deducao("RevenueTax", "Rendimento tributável").obrigatorio] = None
    deducao_inss: Annotated[Decimal | None, v.deducao("INSSDeduction", "Dedução do INSS")] = None
    deducao_dependentes: Annotated[Decimal | None, v.deducao("DependentDeduction", "Dedução de dependentes")] = None
    deducao_pensao: Annotated[Decimal | None, v.deducao("PensionDeduction", "Dedução de pensão")] = None
    outras_deducoes: Annotated[Decimal | None, v.deducao("OtherDeductions", "Outras deduções")] = None
    base: Annotated[Decimal | None, v.deducao("TaxBaseValue", "Base do imposto").obrigatorio] = None
    aliquota: Annotated[Decimal | None, Valor("TaxPercentage", "Alíquota", digitos=2)] = None
    recolhido: Annotated[Decimal | None, v.deducao("PaidTax", "Imposto já recolhido")] = None
    valor: Annotated[Decimal | None, v.deducao("TaxValue", "Valor do imposto").obrigatorio] = None
    vencimento: Annotated[date | None, v.VENCIMENTO.obrigatorio] = None
    moeda: Annotated[str, v.MOEDA.obrigatorio] = ""
    valor_na_finalidade: Annotated[
        Decimal | None, v.deducao("EconomicPurposeValue", "Valor na finalidade do imposto")
    ] = None
    historico: Annotated[str, v.HISTORICO] = ""
    fornecedor: Annotated[int | None, v.FORNECEDOR.obrigatorio.chamado("SupplierCode", "Favorecido do imposto")] = None
    deducao_faixa: Annotated[Decimal | None, v.deducao("DeductionValue", "Dedução da faixa")] = None
    pais_externo: Annotated[str, v.PAIS_EXTERNO] = ""
    conta_externa: Annotated[str, v.CONTA_EXTERNA] = ""
    subconta_externa: Annotated[str, v.SUBCONTA_EXTERNA] = ""
    fluxo_externo: Annotated[str, v.FLUXO_EXTERNO] = ""


@dataclass(frozen=True, kw_only=True)
class RateioRelacao:
    plano_contas: Annotated[str, v.PLANO_CONTAS] = ""
    conta: Annotated[str, v.CONTA] = ""
    valor: Annotated[Decimal | None, v.VALOR_RATEIO.obrigatorio] = None
    tipo: Annotated[int | None, Inteiro("GLAppropriationType", "Tipo de apropriação", minimo=1, maximo=9)] = None


@dataclass(frozen=True, kw_only=True)
class Relacao:
    """Relation to a parent title. No field names the parent, so the block does nothing as documented: leave it out."""

    estabelecimento: Annotated[str, v.ESTABELECIMENTO.obrigatorio] = ""
    valor: Annotated[Decimal | None, Valor("RelationValue", "Valor da relação", positivo=True, exigido=True)] = None
    motivo: Annotated[
        int | None, Inteiro("CorrectValueReason", "Motivo do acerto", minimo=1, maximo=9, exigido=True)
    ] = None
    rateio: Annotated[RateioRelacao | None, Objeto("RelationAppropriationInformation", "Apropriação")] = None


ANTECIPACOES = Lista("PrepaymentWriteOffInformation", "Antecipações abatidas", "antecipação")
PREVISOES = Lista("ProvisionWriteOffInformation", "Previsões abatidas", "previsão")
RATEIO = Lista("PendentGLAppropriationInformation", "Rateio contábil", "linha do rateio")
IMPOSTOS = Lista("PendentTaxInformation", "Impostos", "imposto")
TITULOS = Lista("AccountPayableDocumentInformation", "Títulos", "título", exigido=True)
