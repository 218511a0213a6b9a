"""The national codes of services (`sandbox/dados/servicos_nacional.csv`, Anexo B)."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_ARQUIVO = Path(__file__).resolve().parent.parent / "dados" / "servicos_nacional.csv"
_FORA_DO_LATIN1 = str.maketrans({"–": "-", "—": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "…": "..."})
PRESTADOR, PRESTACAO, TOMADOR = "prestador", "prestacao", "tomador"
OBRA, EVENTO = "obra", "atvEvento"


@dataclass(frozen=True)
class Servico:
    """`incidencia`: whose município has the ISSQN; `grupo`: the group of the DPS that it asks for."""

    codigo: str
    descricao: str
    incidencia: str
    grupo: str


@lru_cache(maxsize=1)
def servicos() -> dict[str, Servico]:
    with _ARQUIVO.open(encoding="utf-8", newline="") as arquivo:
        return {
            linha["codigo"]: Servico(
                linha["codigo"],
                descricao_limpa(linha["descricao"]),
                linha["local_incidencia"] or PRESTADOR,
                linha["grupo_obrigatorio"],
            )
            for linha in csv.DictReader(arquivo)
        }


def descricao_limpa(texto: str) -> str:
    """As the schema takes it: characters up to U+00FF, at most 600."""
    return texto.translate(_FORA_DO_LATIN1).strip()[:600].strip()
