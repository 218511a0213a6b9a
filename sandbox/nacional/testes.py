"""How a DPS to a test tomador ends."""

import hashlib

from sandbox.nacional.tomadores_teste import TOMADORES_DE_TESTE
from sandbox.nucleo.cenarios import Plano
from sandbox.nucleo.livro import gravacao, proximo

_POR_CNPJ = {tomador.cnpj: tomador for tomador in TOMADORES_DE_TESTE}


def plano(tomador: str, id_dps: str) -> Plano:
    """How a sending ends, counted; the empty plan for any other tomador."""
    achado = _POR_CNPJ.get(tomador)
    if achado is None or not (achado.sempre or _primeira(id_dps)):
        return Plano()
    return Plano(achado.acao, f"tomador {achado.cnpj}", achado.parametros)


def _primeira(id_dps: str) -> bool:
    with gravacao():
        return proximo(f"nacional_teste_{hashlib.sha256(id_dps.encode()).hexdigest()[:24]}") == 1
