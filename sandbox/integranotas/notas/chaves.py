"""The chave of a document: the handle of the service, 44 or 50 digits, the last one a check digit (modulo 11).

The make-up is the sandbox's own: only the lengths, and that they are digits, is published. Letters of a CNPJ become
digits.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.arrecadacao import modulo_onze
from sandbox.integranotas.envelope import campo_invalido
from sandbox.nucleo.ajustes import BRASILIA
from sandbox.nucleo.livro import proximo

_PONTUACAO = re.compile(r"[\s.\-/_]")
TAMANHOS = (44, 50)


def tamanho(opcoes: Mapping[str, Any]) -> int:
    """Digits of a new chave; those that grow begin with 44."""
    return 50 if opcoes["chave_digitos"] == "50" else 44


def _digitos(documento: str) -> str:
    return "".join(str((ord(letra) - 48) % 10) for letra in documento).rjust(14, "0")


def _mes(instante: datetime) -> str:
    return instante.astimezone(BRASILIA).strftime("%y%m")


def nova(tamanho: int, *, documento: str, ibge: str, numero: int, instante: datetime) -> str:
    """A chave never given before; inside `gravacao`."""
    sequencia = proximo("integranotas_chave")
    quem, mes = _digitos(documento), _mes(instante)
    if tamanho == 44:
        corpo = f"{ibge[:2]}{mes}{quem}99000{numero:09d}1{sequencia % 10**8:08d}"
    else:
        corpo = f"{ibge}22{quem}{numero:013d}{mes}{sequencia % 10**9:09d}"
    return corpo + modulo_onze(corpo)


def ler(valor: object, campo: str = "chave") -> str:
    """A chave as it came, without punctuation. Raises Recusa."""
    chave = _PONTUACAO.sub("", str(valor)) if isinstance(valor, str) else ""
    if len(chave) not in TAMANHOS or not chave.isascii() or not chave.isdecimal():
        raise campo_invalido(campo, "A chave deve ter 44 ou 50 dígitos.")
    return chave
