"""What may be kept of a call: requests and answers without secrets, files cut to size and SHA-256."""

import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from operacoes.wire import parse_json

_NOMES = (
    r"secret|senha|password|token|authorization|cookie|pfx|jwt|consumer.?key|api.?key|private|x-amz-security"
    r"|\bapp\b"  # the application key of SISGENF-e's log-in
)
# Secrets by their whole name alone: the word occurs in names of what is none.
_EXATOS = r"certificado|csc|signature|(?:login|client_id)_prefeitura"
_SEGREDO = re.compile(rf"{_NOMES}|^(?:{_EXATOS})$", re.I)
# Secrets inside plain text: after the word that announces them, a bare JWT, or the value of a name like those above.
_NO_TEXTO = re.compile(
    r"(?P<antes>\bBearer\s+)[\w.~+/=-]{8,}|(?P<basic>\bBasic\s+)[\w+/=-]{16,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*"
    rf"|(?P<nome>(?:(?:{_NOMES})[\w-]*|\b(?:{_EXATOS}))(?:\"\s*:\s*|=)\"?)[^\s\"&<>,;]+",
    re.I,
)
_PODE_ANUNCIAR = re.compile(r"[\s=\"\x00]|eyJ", re.I)  # without any of these nothing above can match
_CORPO = re.compile(r"pdf|xml|base64|arquivo|conteudo", re.I)
_BASE64 = re.compile(r"[A-Za-z0-9+/_=\r\n-]{200,}")
LONGO = 4000


@lru_cache(maxsize=1024)  # an answer repeats a few names for each of its values
def _nome_de_segredo(nome: str) -> bool:
    return _SEGREDO.search(nome) is not None


def redigir(valor: Any, chave: str = "") -> Any:
    """A copy fit to be kept: secrets removed, files and long texts cut to size and SHA-256, JSON inside text opened."""
    if _nome_de_segredo(chave):
        return "[removido]" if valor not in (None, "") else valor
    if isinstance(valor, str):
        return _redigir_texto(valor, chave)
    if isinstance(valor, Decimal):
        return str(valor)
    if isinstance(valor, Mapping):
        return {str(nome): redigir(item, str(nome)) for nome, item in valor.items()}
    if isinstance(valor, list | tuple):
        return [redigir(item, chave) for item in valor]
    if isinstance(valor, bytes):
        return _cortar(valor)
    return valor


def _redigir_texto(texto: str, chave: str) -> Any:
    if texto.startswith(("{", "[")):
        try:
            return redigir(parse_json(texto), chave)
        except ValueError:
            pass
    if len(texto) > 80 and (len(texto) > LONGO or _CORPO.search(chave) or _BASE64.fullmatch(texto)):
        return _cortar(texto.encode())
    return limpar(texto)


def limpar(texto: str) -> str:
    """Plain text without the secrets it announces."""
    if texto.isascii() and not _PODE_ANUNCIAR.search(texto):
        return texto  # a code, a date or an amount: most of what an answer is made of
    texto = _NO_TEXTO.sub(lambda m: f"{m['antes'] or m['basic'] or m['nome'] or ''}[removido]", texto)
    # PostgreSQL's jsonb takes neither NUL nor a lone surrogate.
    return texto.replace("\x00", "�").encode("utf-8", errors="replace").decode()


def _cortar(corpo: bytes) -> str:
    return f"[{len(corpo)} bytes, SHA-256 {hashlib.sha256(corpo).hexdigest()}]"


def redigir_corpo(content: bytes) -> Any:
    """redigir() of a body as it came: JSON, text or a file."""
    if not content:
        return ""
    try:
        return redigir(parse_json(content))
    except ValueError:
        try:
            return _redigir_texto(content.decode(), "")
        except UnicodeDecodeError:
            return _cortar(content)
