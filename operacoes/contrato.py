"""What the contract of Integra Contador charges, by route and answer. Plain Python.

Source: SERPRO, API Integra Contador documentation centre, billing page (September 2026). Free: the routes Apoiar and
Monitorar, and the statuses below. Everything else is charged: 200, 202 and, since it is not among the free ones, 403. A
simulation is a call to Declarar like any other. 504 is in neither list.
"""

import re

NAO_COBRADOS = frozenset({204, 304, 400, 401, 404, 429, 500, 503})
INCERTO = 504  # counted, and told apart
CLASSE_DA_ROTA = {
    "consultar": "consulta",
    "emitir": "emissao",
    "declarar": "declaracao",
    "apoiar": "gratis",
    "monitorar": "gratis",
    "authenticate": "gratis",
    "token": "gratis",
}
_ROTA = re.compile(r"([a-z]+)/*(?:\?.*)?$", re.IGNORECASE)


def cobrada(status: int) -> bool:
    return status not in NAO_COBRADOS


def classe_da_url(url: str) -> str:
    """The class of charging of an address, by its last part; empty for one that is not of the service."""
    achada = _ROTA.search(url.strip())
    return CLASSE_DA_ROTA.get(achada[1].lower(), "") if achada else ""


def cobranca(classe: str, status: int) -> str:
    """`sim`, `nao` or `incerta`."""
    if classe == "gratis" or not cobrada(status):
        return "nao"
    return "incerta" if status == INCERTO else "sim"
