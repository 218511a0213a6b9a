"""Documents in a folder or in a bucket."""

import sys
import types
from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from config import arquivos


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> environ.Env:
    for nome in ("BALDE", "PREFIXO", "ENDERECO", "REGIAO", "CHAVE", "SEGREDO"):
        monkeypatch.delenv(f"ARQUIVO_S3_{nome}", raising=False)
    return environ.Env()


def test_a_folder_by_default(env: environ.Env, tmp_path: Path) -> None:
    assert arquivos.documentos(env, tmp_path)["OPTIONS"]["location"] == tmp_path


def test_a_bucket_without_its_library_is_said_at_once(
    env: environ.Env, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ARQUIVO_S3_BALDE", "guiche")
    monkeypatch.setattr("importlib.util.find_spec", lambda nome: None)
    with pytest.raises(ImproperlyConfigured, match="django-storages"):
        arquivos.documentos(env, tmp_path)


def test_a_bucket_is_private_and_said_by_the_environment(
    env: environ.Env, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda nome: object())
    botocore = types.ModuleType("botocore.config")
    botocore.Config = dict  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "botocore", types.ModuleType("botocore"))
    monkeypatch.setitem(sys.modules, "botocore.config", botocore)
    for nome, valor in {"BALDE": "guiche", "ENDERECO": "https://s3.exemplo", "CHAVE": "k", "SEGREDO": "s"}.items():
        monkeypatch.setenv(f"ARQUIVO_S3_{nome}", valor)
    dito = arquivos.documentos(env, tmp_path)
    assert dito["BACKEND"] == "storages.backends.s3.S3Storage"
    opcoes = dito["OPTIONS"]
    assert (opcoes["bucket_name"], opcoes["endpoint_url"]) == ("guiche", "https://s3.exemplo")
    assert (opcoes["access_key"], opcoes["secret_key"]) == ("k", "s")
    espera = opcoes["client_config"]
    assert (espera["connect_timeout"], espera["read_timeout"], espera["retries"]) == (5, 15, {"total_max_attempts": 2})
    assert (opcoes["default_acl"], opcoes["querystring_auth"], opcoes["region_name"]) == (None, True, None)
