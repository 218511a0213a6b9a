"""Test issuers: invented CNPJs whose notes behave in a known way, so that a person at the screen can try it."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.documentos import digitos_cnpj


@dataclass(frozen=True)
class PrestadorTeste:
    """`regra` are the fields of a Cenario about its notes; empty when nothing goes wrong."""

    cnpj: str
    titulo: str
    regra: dict[str, Any] = field(default_factory=dict)


def _cnpj(numero: int) -> str:
    doze = f"SBX{numero:05d}0001"
    return doze + digitos_cnpj(doze)


def _primeira_vez(acao: str, **parametros: Any) -> dict[str, Any]:
    """The first try of each note, known by its `observacao`."""
    return {"operacao": "nfs", "acao": acao, "vezes": 1, "conta_por": "documento", "parametros": parametros}


DEMONSTRACAO = _cnpj(20000)
PRESTADORES_DE_TESTE = (
    PrestadorTeste(DEMONSTRACAO, "Tudo dá certo"),
    PrestadorTeste(_cnpj(20001), "Cada nota é emitida e a resposta se perde", _primeira_vez("perder_resposta")),
    PrestadorTeste(_cnpj(20002), "A conexão de cada nota cai antes do efeito", _primeira_vez("cortar")),
    PrestadorTeste(
        _cnpj(20003),
        "A conexão de cada nota cai e o efeito chega 20 segundos depois",
        _primeira_vez("efeito_tardio", segundos=20),
    ),
    PrestadorTeste(_cnpj(20004), "Cada nota responde 503 na primeira vez", _primeira_vez("erro", http=503)),
    PrestadorTeste(_cnpj(20005), "Cada nota responde 401 na primeira vez", _primeira_vez("token_expirado")),
    PrestadorTeste(_cnpj(20006), "Cada nota é emitida e responde uma página HTML", _primeira_vez("html", efeito=True)),
)
