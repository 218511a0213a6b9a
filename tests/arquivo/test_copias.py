"""Files by their hash alone, in a folder and in a place without paths (a bucket)."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from arquivo.copias import ler, repor
from arquivo.models import caminho_de

PDF = b"%PDF-1.4 conteudo inventado"
SOMA = hashlib.sha256(PDF).hexdigest()


@pytest.fixture(params=["pasta", "balde"])
def lugar(request: pytest.FixtureRequest, settings: Any) -> None:
    if request.param == "balde":
        memoria = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
        settings.STORAGES = settings.STORAGES | {"default": memoria}


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
    assert Path(default_storage.listdir(str(Path(caminho_de(SOMA)).parent))[1][0]).name == SOMA
