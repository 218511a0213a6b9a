"""Test documents: invented CNPJs whose behaviour is known in advance, so that a person at the screen can try it."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.documentos import digitos_cnpj

_TRANSMITIR, _DAS = "TRANSDECLARACAO11", "GERARDAS12"


@dataclass(frozen=True)
class DocumentoTeste:
    """`regra` are the fields of a Cenario, `cadastro` those of a Contribuinte; either may be empty."""

    cnpj: str
    titulo: str
    regra: dict[str, Any] = field(default_factory=dict)
    cadastro: dict[str, Any] = field(default_factory=dict)


def _cnpj(numero: int, ordem: int = 1) -> str:
    doze = f"SBX{numero:05d}{ordem:04d}"
    return doze + digitos_cnpj(doze)


def _uma_vez(operacao: str, acao: str, **parametros: Any) -> dict[str, Any]:
    """Once for each period, so that the same document can be tried again in another month."""
    return {
        "operacao": operacao,
        "acao": acao,
        "vezes": 1,
        "conta_por": "pa",
        "so_efeito": True,
        "parametros": parametros,
    }


def _sempre(acao: str, operacao: str = "", **parametros: Any) -> dict[str, Any]:
    return {"operacao": operacao, "acao": acao, "parametros": parametros}


_COMPARACAO = (
    "Erro simulado: os valores informados diferem dos calculados (1001=0.01). A declaração não foi transmitida."
)

DOCUMENTOS = (
    DocumentoTeste(
        _cnpj(1), "A primeira transmissão acontece e a resposta se perde", _uma_vez(_TRANSMITIR, "perder_resposta")
    ),
    DocumentoTeste(_cnpj(2), "O primeiro DAS é emitido e a resposta se perde", _uma_vez(_DAS, "perder_resposta")),
    DocumentoTeste(_cnpj(3), "A conexão da primeira transmissão cai antes do efeito", _uma_vez(_TRANSMITIR, "cortar")),
    DocumentoTeste(
        _cnpj(4),
        "A conexão da primeira transmissão cai e o efeito chega 20 segundos depois",
        _uma_vez(_TRANSMITIR, "efeito_tardio", segundos=20),
    ),
    DocumentoTeste(
        _cnpj(5), "A primeira transmissão acontece e responde 504, código 058", _uma_vez(_TRANSMITIR, "tempo_esgotado")
    ),
    DocumentoTeste(
        _cnpj(6), "A primeira chamada com efeito de cada período responde 503", _uma_vez("", "erro", http=503)
    ),
    DocumentoTeste(_cnpj(7), "Toda chamada demora 8 segundos", _sempre("lento", ms=8000)),
    DocumentoTeste(_cnpj(8), "Não concedeu procuração a ninguém (022)", cadastro={"procuracao_padrao": False}),
    DocumentoTeste(
        _cnpj(9), "Tem uma filial que precisa ser informada (MSG_ISN_018)", cadastro={"filiais": [_cnpj(9, 2)]}
    ),
    DocumentoTeste(
        _cnpj(10),
        "A comparação de valores sempre difere (MSG_ISN_035)",
        _sempre("recusar", _TRANSMITIR, http=400, codigo="EntradaIncorreta-PGDASD-MSG_ISN_035", texto=_COMPARACAO)
        | {"so_efeito": True},
    ),
    DocumentoTeste(
        _cnpj(11), "O primeiro DAS responde 429 com Retry-After de 5 segundos", _uma_vez(_DAS, "limite", retry_after=5)
    ),
    DocumentoTeste(_cnpj(12), "O primeiro DAS responde 401, token expirado", _uma_vez(_DAS, "token_expirado")),
    DocumentoTeste(
        _cnpj(13), "O primeiro DAS responde uma página HTML com status 200", _uma_vez(_DAS, "html", http=200)
    ),
    DocumentoTeste(_cnpj(14), "O primeiro DAS é emitido e a resposta chega pela metade", _uma_vez(_DAS, "truncar")),
    DocumentoTeste(
        _cnpj(15),
        "Toda transmissão é recusada com um código fora das listas (MSG_ISN_999)",
        _sempre(
            "recusar",
            _TRANSMITIR,
            http=400,
            codigo="EntradaIncorreta-PGDASD-MSG_ISN_999",
            texto="SN-Entregar: recusa simulada, de um código que nenhuma lista traz.",
        )
        | {"so_efeito": True},
    ),
)
