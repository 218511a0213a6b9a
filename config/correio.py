"""The office's mail server. Without one, the sandbox writes each message to a file, and elsewhere nothing is sent."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environ import Env

_SEGURANCAS = {"starttls": {"use_tls": True}, "tls": {"use_ssl": True}, "nenhuma": {}}
_PRAZO_S = 20  # somebody waits at the screen


def correio(env: Env, *, pasta: Path, demo: bool) -> dict[str, Any]:
    """Django's MAILERS."""
    servidor = env.str("SMTP_SERVIDOR", default="")
    if not servidor:
        arquivos = {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": {"file_path": str(pasta)}}
        return {"default": arquivos} if demo else {}
    seguranca = env.str("SMTP_SEGURANCA", default="starttls")
    if seguranca not in _SEGURANCAS:
        raise ImproperlyConfigured(f"SMTP_SEGURANCA={seguranca}: use {', '.join(_SEGURANCAS)}.")
    opcoes = {
        "host": servidor,
        "port": env.int("SMTP_PORTA", default=465 if seguranca == "tls" else 587),
        "username": env.str("SMTP_USUARIO", default=""),
        "password": env.str("SMTP_SENHA", default=""),
        "timeout": _PRAZO_S,
        **_SEGURANCAS[seguranca],
    }
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": opcoes}}
