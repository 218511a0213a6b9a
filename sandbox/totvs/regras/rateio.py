"""Appropriation lines: codes that exist, and sums that close to the cent."""

from decimal import Decimal
from typing import Any

from sandbox.totvs import erros
from sandbox.totvs.exame import ZERO, Exame

_NOME = "PendentGLAppropriationInformation"
_DA_CHAVE = (
    "AccountPlanCode",
    "AccountCode",
    "BusinessUnitCode",
    "CostCenterPlanCode",
    "CostCenterCode",
    "FinancialFlowTypeCode",
)


def centros(exame: Exame, documento: dict[str, Any], caminho: str) -> None:
    """Cost centre and its plan go together. A shape error."""
    for posicao, linha in enumerate(documento[_NOME]):
        if bool(linha["CostCenterPlanCode"]) != bool(linha["CostCenterCode"]):
            falta = "CostCenterCode" if linha["CostCenterPlanCode"] else "CostCenterPlanCode"
            onde = f"{caminho}.{_NOME}[{posicao}].{falta}"
            exame.falha(erros.FALTA, onde, f"CostCenterPlanCode e CostCenterCode vão juntos: informe {falta}.")


def conferir(exame: Exame, documento: dict[str, Any], caminho: str, *, soma: Decimal | None = None) -> None:
    """With `soma`, the lines that post no tax must add up to it."""
    impostos = {_imposto(um) for um in documento["PendentTaxInformation"]}
    for posicao, linha in enumerate(documento[_NOME]):
        onde = f"{caminho}.{_NOME}[{posicao}]"
        codigos(exame, linha, onde)
        if linha["TaxCode"] and _da_linha(linha) not in impostos:
            mensagem = f"O imposto {linha['TaxCode']} desta linha não está em PendentTaxInformation."
            exame.falha(erros.IMPOSTO, f"{onde}.TaxCode", mensagem)
    if soma is not None and documento[_NOME]:
        somado = sum((linha["GLAppropriationValue"] for linha in documento[_NOME] if not linha["TaxCode"]), ZERO)
        if somado != soma:
            mensagem = f"O rateio soma {somado:.2f} e deveria somar {soma:.2f}: diferença de {somado - soma:.2f}."
            exame.falha(erros.RATEIO, f"{caminho}.{_NOME}", mensagem)


def _imposto(imposto: dict[str, Any]) -> tuple[str, ...]:
    return tuple(imposto[nome].upper() for nome in ("CountryCode", "StateCode", "TaxCode", "TaxClassification"))


def _da_linha(linha: dict[str, Any]) -> tuple[str, ...]:
    nomes = ("CountryCode", "StateCode", "TaxCode", "TaxClassificationCode")
    return tuple(linha[nome].upper() for nome in nomes)


def codigos(exame: Exame, linha: dict[str, Any], onde: str) -> None:
    """Account, business unit, cost centre and flow of a line exist; external codes are in the matrix."""
    externa = linha.get("ExternalAccountCode", "")
    plano, conta = linha["AccountPlanCode"], linha["AccountCode"]
    if externa and not (plano and conta):
        exame.traduzir("contas", externa, f"{onde}.ExternalAccountCode")
    elif not exame.registros.tem_conta(plano, conta):
        exame.falha(erros.CADASTRO, f"{onde}.AccountCode", f"Não há a conta {conta} no plano {plano}.")
    tem_externos = "ExternalAccountCode" in linha
    unidade, fluxo = ("ExternalBusinessUnitCode", "ExternalFinancialFlowTypeCode") if tem_externos else ("", "")
    exame.codigo(linha, onde, "BusinessUnitCode", "unidades", externo=unidade)
    exame.codigo(linha, onde, "FinancialFlowTypeCode", "fluxos", externo=fluxo)
    plano, centro = linha["CostCenterPlanCode"], linha["CostCenterCode"]
    if plano and not exame.registros.tem_centro(plano, centro):
        exame.falha(erros.CADASTRO, f"{onde}.CostCenterCode", f"Não há o centro de custo {centro} no plano {plano}.")
    elif not plano and linha.get("ExternalCostCenterCode"):
        exame.traduzir("centros", linha["ExternalCostCenterCode"], f"{onde}.ExternalCostCenterCode")


def da_atualizacao(exame: Exame, corpo: dict[str, Any], caminho: str, diferenca: Decimal) -> None:
    """The rateio of a change: its sum is what the balance moved, and there is none when it did not."""
    vistas: set[tuple[Any, ...]] = set()
    for posicao, linha in enumerate(corpo[_NOME]):
        onde = f"{caminho}.{_NOME}[{posicao}]"
        codigos(exame, linha, onde)
        chave = (*(linha[nome].upper() for nome in _DA_CHAVE), linha["Sequence"] or 0)
        if chave in vistas:
            exame.falha(erros.SEQUENCIA, f"{onde}.Sequence", "Esta linha do rateio repete os códigos e a sequência.")
        vistas.add(chave)
        if linha["ProRataType"] is not None and linha["ProRataType"] not in exame.opcoes["tipos_rateio"]:
            aceitos = ", ".join(map(str, exame.opcoes["tipos_rateio"]))
            exame.falha(erros.FORA_DA_TABELA, f"{onde}.ProRataType", f"ProRataType deve ser um destes: {aceitos}.")
        if linha["BranchCode"]:
            exame.codigo(linha, onde, "BranchCode", "estabelecimentos")
    if exame.opcoes["atualizacao_rateio"] == "off":
        return
    somado = sum((linha["GLAppropriationValue"] for linha in corpo[_NOME]), ZERO)
    if somado != abs(diferenca):
        esperado = f"somar a diferença do saldo, {abs(diferenca):.2f}" if diferenca else "ficar vazio: o saldo não muda"
        exame.falha(erros.RATEIO, f"{caminho}.{_NOME}", f"O rateio soma {somado:.2f} e deveria {esperado}.")
