"""Files by their hash alone, in a folder and in a place without paths (a bucket)."""

import hashlib
from typing import Any

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, default_storage

from arquivo.copias import ler, repor
from arquivo.models import caminho_de

PDF = b"%PDF-1.4 conteudo inventado"
SOMA = hashlib.sha256(PDF).hexdigest()


class Balde(Storage):
    """A storage whose files have no path."""

    def __init__(self) -> None:
        self.objetos: dict[str, bytes] = {}

    def _open(self, name: str, mode: str = "rb") -> ContentFile[bytes]:
        if name not in self.objetos:
            raise FileNotFoundError(name)
        return ContentFile(self.objetos[name])

    def _save(self, name: str, content: File[bytes]) -> str:
        self.objetos[name] = content.read()
        return name

    def exists(self, name: str) -> bool:
        return name in self.objetos

    def delete(self, name: str) -> None:
        del self.objetos[name]


@pytest.fixture(params=["pasta", "balde"])
def lugar(request: pytest.FixtureRequest, settings: Any) -> None:
    if request.param == "balde":
        settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{__name__}.Balde"}}


@pytest.mark.usefixtures("lugar")
def test_a_missing_file_is_put_back_and_a_whole_one_left_alone() -> None:
    assert ler(SOMA) is None
    assert repor(SOMA, PDF)
    assert ler(SOMA) == PDF
    assert not repor(SOMA, PDF)


@pytest.mark.usefixtures("lugar")
def test_a_damaged_file_of_the_same_size_is_replaced() -> None:
    default_storage.save(caminho_de(SOMA), ContentFile(b"x" * len(PDF)))
    assert ler(SOMA) is None
    assert repor(SOMA, PDF)
    assert ler(SOMA) == PDF
