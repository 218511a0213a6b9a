"""What an administrator may set stands in the one table of the documentation."""

import re
from pathlib import Path

import pytest

RAIZ = Path(__file__).parents[2]
LIDAS = sorted(set(re.findall(r'\benv(?:\.\w+)?\(\s*"(\w+)"', (RAIZ / "config/settings.py").read_text("utf-8"))))


@pytest.mark.parametrize("variavel", LIDAS)
def test_every_setting_is_documented(variavel: str) -> None:
    assert f"`{variavel}`" in (RAIZ / "docs/configuracao.md").read_text("utf-8")
