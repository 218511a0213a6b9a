"""The national register of taxpayers. Without a record: a business that exists, of which nothing more is known."""

from datetime import date

from sandbox.nacional.models import Inscrito
from sandbox.nucleo import rapido
from sandbox.nucleo.cadastro import NOME_PADRAO

ENDERECO_PADRAO = {"xLgr": "RUA DE TESTE", "nro": "1", "xBairro": "CENTRO", "CEP": "00000000"}


def inscrito(documento: str) -> Inscrito | None:
    return rapido.primeiro(Inscrito, "documento = %s", [documento])


def nome(documento: str, registro: Inscrito | None) -> str:
    return registro.nome if registro is not None else f"{NOME_PADRAO} {documento}"


def opcao_do_simples(registro: Inscrito | None, competencia: date) -> str:
    """opSimpNac on a day, empty when the register does not know."""
    if registro is None:
        return ""
    vigentes = [regime for regime in registro.regimes if regime["desde"] <= competencia.isoformat()]
    return str(vigentes[-1]["opcao"]) if vigentes else ""
