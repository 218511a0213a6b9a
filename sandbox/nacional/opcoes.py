"""The settings of this simulator: every point that the official texts leave open, and the data of the municípios."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from sandbox.nacional import formas, municipios
from sandbox.nacional.catalogo import SERVICO
from sandbox.nucleo.ajustes import Ajustes
from sandbox.nucleo.simuladores import Opcao

PRODUCAO, PRODUCAO_RESTRITA = 1, 2


def _inteiro(minimo: int) -> Callable[[Any], bool]:
    return lambda valor: isinstance(valor, int) and not isinstance(valor, bool) and valor >= minimo


def _um_de(*aceitos: Any) -> Callable[[Any], bool]:
    return lambda valor: valor in aceitos and not isinstance(valor, bool)


def _logico(valor: Any) -> bool:
    return isinstance(valor, bool)


def _dia(valor: Any) -> bool:
    try:
        return bool(date.fromisoformat(valor))
    except (TypeError, ValueError):
        return False


_OPCOES: dict[str, tuple[Any, Callable[[Any], bool]]] = {
    "ambiente": (PRODUCAO_RESTRITA, _um_de(PRODUCAO, PRODUCAO_RESTRITA)),
    "mtls": (True, _logico),
    "versao_aplicativo": ("SefinNacional_1.6.0", lambda valor: isinstance(valor, str) and 0 < len(valor) <= 20),
    "semente": (1, _inteiro(0)),
    # the shape of answers
    "forma_erro": ("", _um_de("", *formas.DE_ERRO)),
    "forma_evento": (formas.EVENTO_PRODUCAO, _um_de(formas.EVENTO_PRODUCAO, formas.EVENTO_DOCUMENTADO)),
    "servico_pontuado": (False, _logico),
    "danfse_http": (501, _um_de(501, 503)),
    # what is refused
    "cadastro_aberto": (True, _logico),
    "ibscbs_required_from": ("2027-01-01", _dia),
    "descompressao_maxima": (50 * 1024 * 1024, _inteiro(1)),
    # the distribution
    "lote": (50, _inteiro(1)),
    # the towns
    "padrao_municipio": ({}, municipios.valido),
    "municipios": ({}, municipios.todos_validos),
}


def registradas() -> dict[str, Opcao]:
    return {f"{SERVICO}.{nome}": Opcao(padrao, valida) for nome, (padrao, valida) in _OPCOES.items()}


class Opcoes(Mapping[str, Any]):
    """The options as they stand, by their name without the simulator's."""

    def __init__(self, ajustes: Ajustes) -> None:
        self._valores = ajustes.valores

    def __getitem__(self, nome: str) -> Any:
        return self._valores[f"{SERVICO}.{nome}"]

    def __iter__(self) -> Iterator[str]:
        return iter(_OPCOES)

    def __len__(self) -> int:
        return len(_OPCOES)
