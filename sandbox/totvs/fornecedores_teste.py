"""Suppliers whose titles behave in a known way, so that a person at the screen can try it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class FornecedorTeste:
    """`regra` are the fields of a Cenario about what names its titles."""

    codigo: int
    titulo: str
    regra: dict[str, Any] = field(default_factory=dict)


def _primeira_vez(acao: str, **parametros: Any) -> dict[str, Any]:
    return {"so_efeito": True, "acao": acao, "vezes": 1, "conta_por": "documento", "parametros": parametros}


FORNECEDORES_DE_TESTE = (
    FornecedorTeste(99001, "A primeira escrita acontece e a resposta se perde", _primeira_vez("perder_resposta")),
    FornecedorTeste(99002, "A conexão da primeira escrita cai antes do efeito", _primeira_vez("cortar")),
    FornecedorTeste(
        99003, "A conexão cai e o efeito chega 20 segundos depois", _primeira_vez("efeito_tardio", segundos=20)
    ),
    FornecedorTeste(99004, "A primeira escrita responde 503", _primeira_vez("erro", http=503)),
    FornecedorTeste(
        99005, "A primeira escrita responde uma página HTML com status 500", _primeira_vez("html", http=500)
    ),
    FornecedorTeste(
        99006,
        "A primeira escrita responde 200 com type error",
        _primeira_vez("recusar", http=200, codigo="17006", texto="Recusado pelo fornecedor de teste."),
    ),
)
