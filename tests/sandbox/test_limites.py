"""Rate limits of the sandbox: the sliding window, the block, and who counts in what."""

import contextlib
import sqlite3
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import AGORA
from tests.sandbox.integra import Cliente, cnpj
from tests.sandbox_fixture import SandboxVivo

UM, OUTRO = cnpj(1), cnpj(2)


def limitar(sandbox: SandboxVivo, **limite: Any) -> None:
    sandbox.controle.ajustes(limites=[{"nome": "geral", "quantidade": 3} | limite])


def avancar(sandbox: SandboxVivo, segundos: int) -> None:
    sandbox.controle.relogio(fixo=f"{AGORA[:14]}{segundos // 60:02d}:{segundos % 60:02d}{AGORA[19:]}")


def perguntar(cliente: Cliente, contribuinte: str = UM, vezes: int = 1) -> list[int]:
    return [cliente.consultar(contribuinte, "CONSDECLARACAO13", anoCalendario="2026").status_code for _ in range(vezes)]


def test_without_limits_every_call_passes(cliente: Cliente) -> None:
    assert perguntar(cliente, vezes=20) == [200] * 20


def test_one_over_the_window_blocks_for_the_stated_time(cliente: Cliente, sandbox: SandboxVivo) -> None:
    limitar(sandbox, bloqueio_segundos=300)
    assert perguntar(cliente, vezes=3) == [200] * 3
    avancar(sandbox, 59)
    recusada = cliente.consultar(UM, "CONSDECLARACAO13", anoCalendario="2026")
    assert (recusada.status_code, recusada.headers["Retry-After"]) == (429, "300")
    avancar(sandbox, 59 + 299)  # a call during the block does not lengthen it
    assert perguntar(cliente) == [429]
    avancar(sandbox, 59 + 300)
    assert perguntar(cliente, vezes=3) == [200] * 3
    assert [c["limite"] for c in sandbox.controle.chamadas(status_http="429")] == ["excedido", "bloqueado"]


def test_the_window_slides(cliente: Cliente, sandbox: SandboxVivo) -> None:
    limitar(sandbox)
    for segundo in (0, 20, 40, 60, 80, 100, 120):
        avancar(sandbox, segundo)
        assert perguntar(cliente) == [200]
    avancar(sandbox, 139)
    assert perguntar(cliente) == [429]


def test_calls_that_left_the_window_are_not_kept(cliente: Cliente, sandbox: SandboxVivo) -> None:
    limitar(sandbox, quantidade=10)
    for segundo in (0, 30, 90):
        avancar(sandbox, segundo)
        perguntar(cliente, vezes=2)
    with contextlib.closing(sqlite3.connect(sandbox.pasta / "sandbox.sqlite3")) as banco:
        assert banco.execute("SELECT count(*) FROM nucleo_passagem").fetchone() == (2,)


def test_a_limit_by_document_leaves_the_others_alone(cliente: Cliente, sandbox: SandboxVivo) -> None:
    limitar(sandbox, por="documento", quantidade=2)
    assert perguntar(cliente, UM, 3) == [200, 200, 429]
    assert perguntar(cliente, OUTRO, 2) == [200, 200]


def test_a_limit_of_one_operation_counts_no_other(cliente: Cliente, sandbox: SandboxVivo) -> None:
    limitar(sandbox, operacao="CONSULTIMADECREC14", quantidade=1)
    assert perguntar(cliente, vezes=5) == [200] * 5
    ultima = [
        cliente.consultar(UM, "CONSULTIMADECREC14", periodoApuracao="202610").status_code == 429 for _ in range(2)
    ]
    assert ultima == [False, True]


def test_a_limit_may_keep_its_time_to_itself(cliente: Cliente, sandbox: SandboxVivo) -> None:
    limitar(sandbox, quantidade=1, retry_after=False)
    perguntar(cliente)
    recusada = cliente.consultar(UM, "CONSDECLARACAO13", anoCalendario="2026")
    assert recusada.status_code == 429
    assert "Retry-After" not in recusada.headers


def test_a_refused_call_has_no_effect_and_no_charge(cliente: Cliente, sandbox: SandboxVivo) -> None:
    limitar(sandbox, quantidade=1)
    perguntar(cliente)
    assert cliente.transmitir(UM).status_code == 429
    assert sandbox.controle.ledger() == []
    assert [c["cobranca"] for c in sandbox.controle.chamadas(limite="excedido")] == ["nao"]


@pytest.mark.parametrize(
    "limites",
    [
        {"nome": "geral"},
        [{"nome": "geral"}],
        [{"nome": "", "quantidade": 1}],
        [{"nome": "a", "quantidade": 0}],
        [{"nome": "a", "quantidade": 1, "por": "empresa"}],
        [{"nome": "a", "quantidade": 1, "operacao": "NADA99"}],
        [{"nome": "a", "quantidade": 1, "segundos": 0}],
        [{"nome": "a", "quantidade": 1, "limite": 2}],
        [{"nome": "a", "quantidade": 1}, {"nome": "a", "quantidade": 2}],
        ["geral"],
    ],
)
def test_limits_that_make_no_sense_are_refused(sandbox: SandboxVivo, limites: Any) -> None:
    with pytest.raises(httpx.HTTPStatusError) as info:
        sandbox.controle.ajustes(limites=limites)
    assert info.value.response.status_code == 400
    assert "imite" in info.value.response.json()["erro"]


def test_the_page_sets_limits(sandbox: SandboxVivo) -> None:
    with httpx.Client(base_url=sandbox.enderecos["controle"], trust_env=False) as pagina:
        texto = pagina.get("controle/").text
        formulario = texto.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        for limites in ('[{"nome": "geral", "quantidade": 7}]', "[geral"):
            pagina.post("controle/limites/", data={"limites": limites, "csrfmiddlewaretoken": formulario})
    assert [limite["quantidade"] for limite in sandbox.controle.get("ajustes")["limites"]] == [7]
