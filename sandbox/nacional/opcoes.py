"""The settings of this simulator: every point that the official texts leave open, and the data of the municípios."""

from datetime import date
from typing import Any

from sandbox.nacional import formas, municipios
from sandbox.nacional.catalogo import SERVICO
from sandbox.nucleo.opcoes import Abertas, OpcoesDoServico, inteiro, logico, registradas, um_de

PRODUCAO, PRODUCAO_RESTRITA = 1, 2


def _dia(valor: Any) -> bool:
    try:
        return bool(date.fromisoformat(valor))
    except (TypeError, ValueError):
        return False


_ABERTAS: Abertas = {
    "ambiente": (PRODUCAO_RESTRITA, um_de(PRODUCAO, PRODUCAO_RESTRITA)),
    "mtls": (True, logico),
    "versao_aplicativo": ("SefinNacional_1.6.0", lambda valor: isinstance(valor, str) and 0 < len(valor) <= 20),
    "semente": (1, inteiro(0)),
    # the shape of answers
    "forma_erro": ("", um_de("", *formas.DE_ERRO)),
    "forma_evento": (formas.EVENTO_PRODUCAO, um_de(formas.EVENTO_PRODUCAO, formas.EVENTO_DOCUMENTADO)),
    "servico_pontuado": (False, logico),
    "danfse_http": (501, um_de(501, 503)),
    # what is refused
    "cadastro_aberto": (True, logico),
    "ibscbs_required_from": ("2027-01-01", _dia),
    "descompressao_maxima": (50 * 1024 * 1024, inteiro(1)),
    # the distribution
    "lote": (50, inteiro(1)),
    # the towns
    "padrao_municipio": ({}, municipios.valido),
    "municipios": ({}, municipios.todos_validos),
}

OPCOES = registradas(SERVICO, _ABERTAS)


class Opcoes(OpcoesDoServico):
    servico, abertas = SERVICO, _ABERTAS
