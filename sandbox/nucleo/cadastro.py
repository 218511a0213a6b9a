"""What the sandbox knows about taxpayers. Without a record: an old business, head office only, that has granted
every power to every contratante."""

from collections.abc import Iterable
from datetime import date, timedelta

from sandbox.nucleo import rapido
from sandbox.nucleo.models import Contribuinte, Procuracao

_HA_EXPLICITA = "SELECT 1 FROM nucleo_procuracao WHERE outorgante = %s AND outorgado = %s LIMIT 1"
NOME_PADRAO = "CONTRIBUINTE DE TESTE"


def contribuinte(documento: str) -> Contribuinte:
    """The record of a taxpayer, or an unsaved one with the defaults."""
    return rapido.primeiro(Contribuinte, "documento = %s", [documento]) or Contribuinte(
        documento=documento, razao_social=NOME_PADRAO, filiais=[]
    )


def estabelecimentos(registro: Contribuinte) -> list[str]:
    return [registro.documento, *registro.filiais]


def procuracoes(outorgante: str, outorgado: str, hoje: date) -> list[Procuracao]:
    """Procurações in force. An explicit one replaces the default grant for that pair."""
    if rapido.existe(_HA_EXPLICITA, [outorgante, outorgado]):
        explicitas = Procuracao.objects.filter(outorgante=outorgante, outorgado=outorgado)
        return list(explicitas.filter(inicio__lte=hoje, expira__gte=hoje).order_by("id"))
    if not contribuinte(outorgante).procuracao_padrao:
        return []
    expira = hoje + timedelta(days=365)
    return [Procuracao(outorgante=outorgante, outorgado=outorgado, poderes=["TODOS"], expira=expira)]


def tem_poder(
    outorgante: str, outorgado: str, poderes: Iterable[str], hoje: date, *, desde: date | None = None
) -> bool:
    """Whether one of the alternative powers is granted today, and was already on the day `desde`."""
    aceitos, ja_em = {"TODOS", *poderes}, desde or hoje
    em_vigor = procuracoes(outorgante, outorgado, hoje)
    return any(aceitos & set(procuracao.poderes) for procuracao in em_vigor if procuracao.inicio <= ja_em)
