"""The office's mail server, from the environment."""

from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from config.correio import correio


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> environ.Env:
    for nome in ("SERVIDOR", "PORTA", "USUARIO", "SENHA", "SEGURANCA"):
        monkeypatch.delenv(f"SMTP_{nome}", raising=False)
    return environ.Env()


def test_the_sandbox_writes_messages_to_a_folder(env: environ.Env, tmp_path: Path) -> None:
    assert correio(env, pasta=tmp_path, demo=True)["default"]["OPTIONS"] == {"file_path": str(tmp_path)}


def test_elsewhere_nothing_is_sent_without_a_server(env: environ.Env, tmp_path: Path) -> None:
    assert correio(env, pasta=tmp_path, demo=False) == {}


@pytest.mark.parametrize(("seguranca", "porta", "opcao"), [("starttls", 587, "use_tls"), ("tls", 465, "use_ssl")])
def test_a_server_is_spoken_to_in_secret_and_not_for_ever(
    env: environ.Env, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seguranca: str, porta: int, opcao: str
) -> None:
    monkeypatch.setenv("SMTP_SERVIDOR", "correio.example")
    monkeypatch.setenv("SMTP_SEGURANCA", seguranca)
    opcoes = correio(env, pasta=tmp_path, demo=False)["default"]["OPTIONS"]
    assert (opcoes["port"], opcoes[opcao], opcoes["timeout"]) == (porta, True, 20)


def test_a_security_that_does_not_exist_is_said_at_once(
    env: environ.Env, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SMTP_SERVIDOR", "correio.example")
    monkeypatch.setenv("SMTP_SEGURANCA", "ssl3")
    with pytest.raises(ImproperlyConfigured, match="starttls, tls, nenhuma"):
        correio(env, pasta=tmp_path, demo=False)
