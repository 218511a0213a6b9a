"""SISGENF-e across resets: what stays and what is forgotten."""

import httpx

from sandbox.sisgenfe.prestadores_teste import DEMONSTRACAO
from tests.sandbox.sisgenfe import Cliente, cadastrar, cnpj
from tests.sandbox_fixture import SandboxVivo


def test_demonstration_survives_a_reset(sandbox_limpo: SandboxVivo, http_sisgenfe: httpx.Client) -> None:
    antes = sandbox_limpo.controle.get("sisgenfe/demonstracao")
    sandbox_limpo.controle.reset()
    depois = sandbox_limpo.controle.get("sisgenfe/demonstracao")
    cliente = Cliente(sandbox_limpo, http_sisgenfe, DEMONSTRACAO)
    assert depois == antes
    assert cliente.login(app=antes["app"], username=antes["usuario"], password=antes["senha"]).status_code == 200


def test_reset_forgets_prestadores_notes_and_tokens(sandbox_limpo: SandboxVivo, http_sisgenfe: httpx.Client) -> None:
    cadastrar(sandbox_limpo, cnpj(1))
    cliente = Cliente(sandbox_limpo, http_sisgenfe, cnpj(1)).entrar()
    cliente.tomador()
    cliente.emitir()
    sandbox_limpo.controle.reset()
    assert cliente.atividades().status_code == 401
    cadastrar(sandbox_limpo, cnpj(1))
    cliente.entrar().tomador()
    assert cliente.emitir().json()["numero"] == 1
