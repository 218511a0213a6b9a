"""Test tomadores: a DPS to one of them has a known fate, whoever issues it, so that a person can try it."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.documentos import digitos_cnpj
from sandbox.nacional import formas


@dataclass(frozen=True)
class TomadorDeTeste:
    """`sempre`: at every sending, otherwise at the first of each DPS."""

    cnpj: str
    titulo: str
    acao: str
    parametros: dict[str, Any] = field(default_factory=dict)
    sempre: bool = False


def _cnpj(numero: int) -> str:
    doze = f"SNA{numero:05d}0001"
    return doze + digitos_cnpj(doze)


TOMADORES_DE_TESTE = (
    TomadorDeTeste(_cnpj(1), "A NFS-e é emitida e a resposta se perde", "perder_resposta"),
    TomadorDeTeste(_cnpj(2), "A conexão cai antes da emissão", "cortar"),
    TomadorDeTeste(_cnpj(3), "A conexão cai e a NFS-e é emitida 20 segundos depois", "efeito_tardio", {"segundos": 20}),
    TomadorDeTeste(_cnpj(4), "Responde uma página HTML com status 500", "html", {"http": 500}),
    TomadorDeTeste(_cnpj(5), "A NFS-e é emitida e a resposta vem sem ela", "forma", {"forma": formas.SEM_CAMPO}),
    TomadorDeTeste(_cnpj(6), "A NFS-e é emitida e vem num GZip corrompido", "forma", {"forma": formas.GZIP_CORROMPIDO}),
    TomadorDeTeste(
        _cnpj(7), "Responde que está em manutenção (E1217)", "recusar", {"codigo": "E1217", "texto": "Em manutenção."}
    ),
    TomadorDeTeste(_cnpj(8), "Responde 429 com Retry-After de 5 segundos", "limite", {"retry_after": 5}),
    TomadorDeTeste(_cnpj(9), "Toda emissão demora 8 segundos", "lento", {"ms": 8000}, sempre=True),
    TomadorDeTeste(
        _cnpj(10),
        "Toda emissão é recusada com um código fora das listas",
        "recusar",
        {"codigo": "E9998", "texto": "Recusa simulada, de um código que nenhuma lista traz."},
        sempre=True,
    ),
)
