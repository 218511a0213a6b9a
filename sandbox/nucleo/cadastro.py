"""What the sandbox knows about taxpayers. Without a record: an old business, head office only, that has granted
every power to every contratante."""

from collections.abc import Iterable
from datetime import date, timedelta

from sandbox.nucleo.models import Contribuinte, Procuracao

NOME_PADRAO = "CONTRIBUINTE DE TESTE"


def contribuinte(documento: str) -> Contribuinte:
    """The record of a taxpayer, or an unsaved one with the defaults."""
    return Contribuinte.objects.filter(pk=documento).first() or Contribuinte(
        documento=documento, razao_social=NOME_PADRAO, filiais=[]
    )


def estabelecimentos(registro: Contribuinte) -> list[str]:
    return [registro.documento, *registro.filiais]


def procuracoes(outorgante: str, outorgado: str, hoje: date) -> list[Procuracao]:
    """Procurações in force. An explicit one replaces the default grant for that pair."""
    explicitas = list(Procuracao.objects.filter(outorgante=outorgante, outorgado=outorgado).order_by("id"))
    if explicitas:
        return [procuracao for procuracao in explicitas if procuracao.expira >= hoje]
    if not contribuinte(outorgante).procuracao_padrao:
        return []
    expira = hoje + timedelta(days=365)
    return [Procuracao(outorgante=outorgante, outorgado=outorgado, poderes=["TODOS"], expira=expira)]


def tem_poder(outorgante: str, outorgado: str, poderes: Iterable[str], hoje: date) -> bool:
    """Whether one of the alternative powers is granted."""
    aceitos = {"TODOS", *poderes}
    return any(aceitos & set(procuracao.poderes) for procuracao in procuracoes(outorgante, outorgado, hoje))
