"""Stored files by their SHA-256 alone, for backups: what to put back may have no row yet."""

import hashlib

from django.core.files.storage import default_storage

from arquivo.models import caminho_de
from arquivo.services import _guardar_arquivo


def ler(sha256: str) -> bytes | None:
    """The bytes of this hash; None when the file is not there or holds others. Raises the storage's own errors."""
    try:
        with default_storage.open(caminho_de(sha256)) as arquivo:
            conteudo = bytes(arquivo.read())
    except FileNotFoundError:
        return None
    return conteudo if hashlib.sha256(conteudo).hexdigest() == sha256 else None


def repor(sha256: str, conteudo: bytes) -> bool:
    """Put a file back where it is missing or damaged; False where it is whole."""
    if ler(sha256) is not None:
        return False
    caminho = caminho_de(sha256)
    if default_storage.exists(caminho):
        default_storage.delete(caminho)
    _guardar_arquivo(caminho, conteudo)
    return True
