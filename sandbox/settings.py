"""Settings of the sandbox: its own small Django project, with its own SQLite file.

An outside service must keep running while the office's PostgreSQL is restarted, so nothing here depends on the product.
Two faces share these settings: `servicos` (the simulators, over TLS) and `controle` (page and JSON, plain HTTP on
loopback).
"""

import os
import secrets

from django.utils.csp import CSP

from sandbox.partida.pasta import Pasta, pasta_padrao

PASTA = Pasta(pasta_padrao())
FACE = os.environ.get("SANDBOX_FACE", "servicos")

SECRET_KEY = PASTA.chave_sessao.read_text() if PASTA.chave_sessao.exists() else secrets.token_urlsafe(48)
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ROOT_URLCONF = "sandbox.controle.urls" if FACE == "controle" else "sandbox.servicos_urls"
INSTALLED_APPS = [
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "sandbox.nucleo",
    "sandbox.integra_contador",
    "sandbox.sisgenfe",
    "sandbox.integranotas",
    "sandbox.nacional",
    "sandbox.totvs",
    "sandbox.correio",
    "sandbox.controle",
]
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

MIDDLEWARE = []
if FACE == "controle":
    MIDDLEWARE = [
        "django.middleware.security.SecurityMiddleware",
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "django.middleware.csp.ContentSecurityPolicyMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "sandbox.controle.contexto.menu",
            ]
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": PASTA.banco,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "pt-br"
TIME_ZONE = "America/Sao_Paulo"
USE_TZ = True
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CSRF_COOKIE_NAME = "sandbox_csrf"
CSRF_COOKIE_SAMESITE = "Strict"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # A 5xx without an exception is an answer that a scenario or the documentation asked for, not a fault of ours.
    "filters": {"falhas": {"()": "django.utils.log.CallbackFilter", "callback": lambda registro: registro.exc_info}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["falhas"]}},
    "loggers": {"django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False}},
}
