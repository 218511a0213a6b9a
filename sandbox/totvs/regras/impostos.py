"""Linked taxes: their arithmetic, and the title that the ERP opens for each withheld one."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.totvs import erros
from sandbox.totvs.chaves import Chave
from sandbox.totvs.exame import MOEDA_NACIONAL, ZERO, Exame
from sandbox.totvs.models import Imposto, Titulo
from sandbox.totvs.registros import RETIDO, TAXADO

_NOME = "PendentTaxInformation"
_DEDUCOES = ("INSSDeduction", "DependentDeduction", "PensionDeduction", "OtherDeductions")
_IDENTIDADE = ("CountryCode", "StateCode", "TaxCode", "TaxClassification")
ENCHIMENTO = date(1900, 1, 1)


def descartar_enchimento(exame: Exame, documento: dict[str, Any]) -> None:
    """With the page's own examples allowed, its filler taxes are as if they had not come."""
    if exame.exemplos:
        documento[_NOME] = [um for um in documento[_NOME] if um["DueDate"] != ENCHIMENTO]


def conferir(exame: Exame, documento: dict[str, Any], caminho: str, limite: Decimal) -> Decimal:
    """How much is withheld, which cannot pass `limite`."""
    vistos: set[tuple[str, ...]] = set()
    for posicao, imposto in enumerate(documento[_NOME]):
        onde = f"{caminho}.{_NOME}[{posicao}]"
        identidade = tuple(imposto[nome].upper() for nome in _IDENTIDADE)
        if identidade in vistos:
            exame.falha(erros.IMPOSTO, f"{onde}.TaxCode", f"O imposto {imposto['TaxCode']} está repetido neste título.")
        vistos.add(identidade)
        _codigos(exame, imposto, onde)
        _contas(exame, imposto, onde)
    retido = sum((imposto["TaxValue"] for imposto in retidos(exame, documento)), ZERO)
    if retido > limite:
        mensagem = f"Os impostos retidos somam {retido:.2f}, mais que o valor de {limite:.2f}."
        exame.falha(erros.IMPOSTO, f"{caminho}.{_NOME}", mensagem)
    return retido


def retidos(exame: Exame, documento: dict[str, Any]) -> list[dict[str, Any]]:
    return [imposto for imposto in documento[_NOME] if imposto["TaxClass"] == exame.opcoes["classe_retido"]]


def _codigos(exame: Exame, imposto: dict[str, Any], onde: str) -> None:
    exame.fornecedor(imposto["SupplierCode"], onde)
    exame.codigo(imposto, onde, "CurrencyCode", "moedas")
    especie = exame.codigo(imposto, onde, "DocumentClassCode", "especies")
    if especie and exame.registros.tipo(especie) not in (RETIDO, TAXADO):
        mensagem = f"A espécie {especie} não é de imposto."
        exame.falha(erros.FORA_DA_TABELA, f"{onde}.DocumentClassCode", mensagem)
    if not imposto["CountryCode"] and imposto["ExternalCountryCode"]:
        exame.traduzir("paises", imposto["ExternalCountryCode"], f"{onde}.ExternalCountryCode")


def _contas(exame: Exame, imposto: dict[str, Any], onde: str) -> None:
    rendimento, base, valor = imposto["RevenueTax"], imposto["TaxBaseValue"], imposto["TaxValue"]
    deducoes = sum((imposto[nome] or ZERO for nome in _DEDUCOES), ZERO)
    if deducoes > rendimento:
        exame.falha(erros.IMPOSTO, f"{onde}.OtherDeductions", "As deduções passam do rendimento tributável.")
    elif base != rendimento - deducoes:
        mensagem = f"A base deveria ser o rendimento menos as deduções, {rendimento - deducoes:.2f}."
        exame.falha(erros.IMPOSTO, f"{onde}.TaxBaseValue", mensagem)
    if valor > base:
        exame.falha(erros.IMPOSTO, f"{onde}.TaxValue", "O imposto é maior que a base dele.")
    finalidade = imposto["EconomicPurposeValue"]
    if finalidade is not None and imposto["CurrencyCode"].upper() == MOEDA_NACIONAL and finalidade != valor:
        mensagem = "Em Real, EconomicPurposeValue é igual a TaxValue."
        exame.falha(erros.IMPOSTO, f"{onde}.EconomicPurposeValue", mensagem)


def chave_do_titulo(imposto: dict[str, Any], dono: Chave) -> Chave | None:
    """The key of the tax's own title; None when its entry asks for none. What it leaves blank is the owner's."""
    if not imposto["DocumentClassCode"]:
        return None
    return Chave(
        dono.estabelecimento,
        imposto["DocumentClassCode"],
        imposto["DocumentSerieCode"] or dono.serie,
        imposto["SupplierCode"],
        imposto["DocumentNumber"] or dono.numero,
        imposto["DocumentParcelNumber"] or dono.parcela,
    )


def gravar(
    exame: Exame, documento: dict[str, Any], titulo: Titulo, dono: Chave, dia: date, referencia: str
) -> list[int]:
    """Keep the taxes of a title and open theirs; the pks of these. Inside `gravacao`."""
    abertos = []
    for imposto in documento[_NOME]:
        Imposto.objects.create(titulo=titulo, dados=_listado(exame, imposto, titulo))
        chave = chave_do_titulo(imposto, dono)
        retido = imposto["TaxClass"] == exame.opcoes["classe_retido"]
        if chave is None or not retido or not imposto["TaxValue"]:
            continue
        proprio = _abrir(titulo, imposto, chave, dia, referencia)
        abertos.append(proprio.pk)
        exame.livro("titulo_imposto", proprio, dia, referencia, proprio.valor)
    return abertos


def _abrir(titulo: Titulo, imposto: dict[str, Any], chave: Chave, dia: date, referencia: str) -> Titulo:
    return Titulo.objects.create(
        empresa=titulo.empresa,
        chave=str(chave),
        tipo=RETIDO,
        estabelecimento=chave.estabelecimento,
        especie=chave.especie,
        serie=chave.serie,
        fornecedor=chave.fornecedor,
        numero=chave.numero,
        parcela=chave.parcela,
        referencia=referencia,
        transacao=dia,
        emissao=titulo.emissao,
        vencimento=imposto["DueDate"],
        previsao=imposto["DueDate"],
        valor=imposto["TaxValue"],
        saldo=imposto["TaxValue"],
        moeda=imposto["CurrencyCode"],
        portador=titulo.portador,
        origem=titulo,
    )


def _listado(exame: Exame, imposto: dict[str, Any], titulo: Titulo) -> dict[str, Any]:
    """An item of the tax listing."""
    base, valor = imposto["TaxBaseValue"], imposto["TaxValue"]
    percentual = imposto.get("TaxPercentage")
    if percentual is None:
        percentual = (valor * 100 / base).quantize(Decimal("0.01"), ROUND_HALF_UP) if base else ZERO
    return {
        "TaxDescription": imposto["StandardHistoryDescription"] or f"IMPOSTO {imposto['TaxCode']}",
        "TaxAmount": str(valor),
        "TaxCode": imposto["TaxCode"],
        "TaxPercentage": str(percentual),
        "TaxableRevenue": str(imposto["RevenueTax"]),
        "TaxDueDate": imposto["DueDate"].isoformat(),
        "StateCode": imposto["StateCode"],
        "IsOptional": False,
        "TaxSort": imposto["TaxClassification"],
        "VendorShortName": exame.registros.nome_do_fornecedor(imposto["SupplierCode"]),
        "TaxVendorCode": imposto["SupplierCode"],
        "IdVendorsPayments": titulo.pk,
    }
