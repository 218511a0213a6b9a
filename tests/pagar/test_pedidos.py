"""A body kept with its Operacao comes back as it was."""

import json
from typing import Any

import pytest

from pagar.providers.interface import LoteTitulos
from pagar.providers.pedidos import guardar, reler
from tests.pagar.apoio import DA_PAGINA, LOTE


@pytest.mark.parametrize("nome", DA_PAGINA)
def test_body_kept_as_json_is_read_back_the_same(nome: str) -> None:
    corpo = DA_PAGINA[nome]
    assert reler(type(corpo), json.loads(json.dumps(guardar(corpo)))) == corpo


def test_field_of_a_newer_version_is_left_at_its_default() -> None:
    dados = guardar(LOTE)
    del dados["especie"]
    assert reler(LoteTitulos, dados) == LOTE


@pytest.mark.parametrize("trocas", [{"cor": "azul"}, {"total": "abc"}, {"data": "ontem"}, {"titulos": 5}])
def test_what_is_no_body_is_refused(trocas: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        reler(LoteTitulos, guardar(LOTE) | trocas)
