"""The envelope of every answer: `sucesso`, `codigo`, `mensagem`, sometimes `erros` and `chave`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nfse.providers.integranotas.erros import NOME
from nfse.providers.interface import DadosInvalidos, Problema
from operacoes.http import Reply
from operacoes.redacao import limpar
from operacoes.wire import parse_json

AUTORIZADA = 100
CANCELADA = 101
FEITO = 200
NAO_EXISTE = 404
FALTAM_DADOS = 5001
DADOS_ERRADOS = 5002
JA_EXISTE = 5008
PROCESSANDO = 5023
SEM_AUTORIDADE = 7000  # and above: trouble between the service and the town hall

_CHAVE = re.compile(r"(?:[0-9A-Z]{44}|[0-9A-Z]{50})")
_MARCAS = re.compile(r"[\s./-]")


@dataclass(frozen=True)
class Envelope:
    """An answer of the service. `erros` are its field errors in words; `corpo` the whole body, files included."""

    sucesso: bool
    codigo: int
    mensagem: str = ""
    erros: tuple[str, ...] = ()
    chave: str = ""
    status: int = 200
    corpo: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def palavras(self) -> str:
        """The message and each field error on a line of its own, without secrets."""
        return "\n".join(filter(None, (self.mensagem, *self.erros)))[:2000]


def abrir(reply: Reply) -> Envelope | None:
    """The envelope of an answer, whatever its status; None when the body is not one."""
    try:
        corpo = parse_json(reply.content)
    except ValueError:
        return None
    if not isinstance(corpo, dict) or not isinstance(corpo.get("sucesso"), bool):
        return None
    codigo = inteiro(corpo.get("codigo"))
    if codigo is None:
        return None
    return Envelope(
        sucesso=corpo["sucesso"],
        codigo=codigo,
        mensagem=texto_de(corpo.get("mensagem")),
        erros=tuple(filter(None, map(_erro, corpo.get("erros") or ()))) if _lista(corpo.get("erros")) else (),
        chave=chave_de(corpo),
        status=reply.status,
        corpo=corpo,
    )


def chave_de(corpo: Mapping[str, Any]) -> str:
    """The chave of an answer, also of one with the note nested in `nfse`."""
    dentro = corpo.get("nfse")
    valor = corpo.get("chave") or (dentro.get("chave") if isinstance(dentro, Mapping) else None)
    return normalizar_chave(valor) if isinstance(valor, str) else ""


def normalizar_chave(texto: str) -> str:
    """Without punctuation, at most the 60 characters that are kept."""
    return _MARCAS.sub("", texto).upper()[:60]


def chave_para_rota(texto: str) -> str:
    """A chave fit for a route. Raises DadosInvalidos. Letters are let through: a CNPJ inside it may have them."""
    chave = normalizar_chave(texto)
    if not _CHAVE.fullmatch(chave):
        raise DadosInvalidos(
            NOME,
            [Problema("chave", f"A chave tem 44 ou 50 caracteres, e esta tem {len(chave)}: confira a chave da nota.")],
        )
    return chave


def inteiro(valor: Any) -> int | None:
    """An integer, or a text of digits; None for anything else."""
    if isinstance(valor, str) and re.fullmatch(r"[0-9]{1,18}", valor.strip()):
        return int(valor)
    return valor if isinstance(valor, int) and not isinstance(valor, bool) else None


def texto_de(valor: Any) -> str:
    """A text or number of the service as text, without secrets; empty for what is neither."""
    if isinstance(valor, str):
        return limpar(valor.strip())
    return str(valor) if isinstance(valor, int) and not isinstance(valor, bool) else ""


def _lista(valor: Any) -> bool:
    return isinstance(valor, list)


def _erro(item: Any) -> str:
    """One of `erros` as "campo: texto"; any of its parts may be missing."""
    if not isinstance(item, dict):
        return texto_de(item)
    partes = [texto_de(item.get(nome)) for nome in ("erro", "descricao", "detalhes")]
    texto = " · ".join(dict.fromkeys(filter(None, partes)))
    campo = texto_de(item.get("campo"))
    return f"{campo}: {texto}" if campo and texto else campo or texto
