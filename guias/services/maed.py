"""The fine for a late declaration: what it will be, and its DARF once there is one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from arquivo.models import Documento
from guias.calculo.maed import multa_por_atraso
from guias.models import Apuracao, Guia
from guias.models.guia import DIVIDA_DA_MAED
from guias.providers.interface import DasEmitido
from guias.services import registro
from operacoes.models import Operacao


@dataclass(frozen=True)
class Prevista:
    """The fine expected of one declaration if it is delivered on a day, in reais."""

    apuracao: Apuracao
    valor: Decimal


def divida(id_declaracao: str) -> str:
    return f"{DIVIDA_DA_MAED}{id_declaracao}"


def previstas(apuracoes: Iterable[Apuracao], prazo: date, entrega: date) -> list[Prevista]:
    """Of the original declarations not transmitted yet, those that would be fined; a rectification has no fine."""
    multas = []
    for apuracao in apuracoes:
        if apuracao.situacao == Apuracao.Situacao.TRANSMITIDA or apuracao.retificadora:
            continue
        valor = multa_por_atraso(a_declarar(apuracao), prazo, entrega)
        if valor:
            multas.append(Prevista(apuracao, valor))
    return multas


def a_declarar(apuracao: Apuracao) -> Decimal:
    """The tributes that would be declared, by the best figure there is."""
    totais = (apuracao.total_aprovado, apuracao.total_simulado, apuracao.total_calculado)
    return next((total for total in totais if total is not None), Decimal(0))


def registrar_guia(operacao: Operacao, apuracao: Apuracao, emitida: DasEmitido, id_declaracao: str) -> Guia:
    """The DARF of the fine as a Guia, once for each declaration: who asks for its papers again finds the same."""
    devida = divida(id_declaracao)
    ja_guardada = Guia.objects.filter(divida=devida).order_by("-pk").first()
    if ja_guardada is not None and ja_guardada.numero == emitida.numero:
        return ja_guardada
    return registro.registrar(
        operacao,
        emitida,
        tipo=Guia.Tipo.DARF,
        divida=devida,
        competencia=apuracao.competencia,
        via=1 if ja_guardada is None else ja_guardada.via + 1,
        referencia="MAED do PGDAS-D",
        papel=Documento.Tipo.DARF_MAED,
    )
