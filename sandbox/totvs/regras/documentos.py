"""A title as E1 and E2 write it: who, how much, when; and the row that it becomes."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.totvs.chaves import Chave
from sandbox.totvs.exame import ZERO, Exame, movimentar
from sandbox.totvs.models import Titulo
from sandbox.totvs.regras import abatimentos, impostos
from sandbox.totvs.regras.abatimentos import Abatimentos

IMPLANTACAO = "IMPL"
# kept as they came: no rule looks at them again, or only E5 does
GUARDADOS = (
    "DiscountDate",
    "DiscountValue",
    "DiscountPercentage",
    "DaysLate",
    "DaysLateInterest",
    "DayLateInterestPercentage",
    "Penalty",
    "InsurerCode",
    "InsurancePolicyNumber",
    "LessorCode",
    "LeasingContractNumber",
    "StandardHistoryCode",
    "StandardHistoryDescription",
    "InvestmentOrder",
    "PortfolioCode",
    "HarvestCode",
    "CheckBookNumber",
    "CheckNumber",
    "CheckBearer",
    "CheckBearerName",
    "CollectorDocumentBarCodeType",
)


@dataclass(frozen=True)
class Novo:
    """A title that passed its own rules; `retido` is what its taxes hold back."""

    corpo: dict[str, Any]
    chave: Chave
    tipo: str
    moeda: str
    portador: str
    retido: Decimal
    feitos: Abatimentos


def guardar(corpo: dict[str, Any]) -> dict[str, Any]:
    """What of a body stays with the title, as JSON; blanks are left out."""
    achados = {nome: corpo.get(nome) for nome in GUARDADOS}
    return {
        nome: str(valor) if isinstance(valor, date | Decimal) else valor
        for nome, valor in achados.items()
        if valor is not None and valor != ""
    }


def implantar(exame: Exame, novo: Novo, empresa: str, dia: date, referencia: str, tipo_do_efeito: str) -> Titulo:
    """Open the title, its tax titles and its first movement. Inside `gravacao`."""
    corpo, chave = novo.corpo, novo.chave
    saldo = corpo["DocumentValue"] - novo.feitos.abatido - novo.retido
    titulo = Titulo.objects.create(
        empresa=empresa,
        chave=str(chave),
        tipo=novo.tipo,
        estabelecimento=chave.estabelecimento,
        especie=chave.especie,
        serie=chave.serie,
        fornecedor=chave.fornecedor,
        numero=chave.numero,
        parcela=chave.parcela,
        referencia=referencia,
        situacao=Titulo.Situacao.ABERTO if saldo else Titulo.Situacao.LIQUIDADO,
        transacao=dia,
        emissao=corpo["PrintDate"],
        vencimento=corpo["DueDate"],
        previsao=corpo.get("PaymentForecastDate") or corpo["DueDate"],
        valor=corpo["DocumentValue"],
        saldo=saldo,
        moeda=novo.moeda,
        portador=novo.portador,
        forma=corpo.get("PaymentMethodCode", ""),
        barras=corpo.get("CollectorDocumentBarCode", ""),
        titulo_banco=corpo.get("CollectorDocumentNumber", ""),
        dados=guardar(corpo),
    )
    abatimentos.aplicar(novo.feitos, dia, referencia)
    abertos = impostos.gravar(exame, corpo, titulo, chave, dia, referencia)
    movimentar(titulo, IMPLANTACAO, referencia, dia, ZERO, impostos=abertos, **novo.feitos.como_json())
    exame.livro(tipo_do_efeito, titulo, dia, referencia, titulo.valor)
    return titulo
