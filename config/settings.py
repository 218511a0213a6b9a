"""Django settings. What an installation may change comes from the environment; docs/configuracao.md lists it."""

import sys
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from config import postgres
from config.ambientes import (
    DEMO_COFRE_CHAVES,
    DEMO_SECRET_KEY,
    OFICIAIS,
    Ambiente,
    Enderecos,
    check_secrets,
    enderecos_sandbox,
)
from config.logs import logging_config

django_stubs_ext.monkeypatch()  # ModelForm[Empresa] and the like also at run time

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

TESTING = "pytest" in sys.modules

# -- installation ----------------------------------------------------------------------------------
TREINO = env.bool("GUICHE_TREINO", default=False)  # the rehearsal month: always the sandbox, always its own database
try:
    AMBIENTE = Ambiente("sandbox" if TREINO else env.str("GUICHE_AMBIENTE", default=Ambiente.SANDBOX.value))
except ValueError as error:
    raise ImproperlyConfigured("GUICHE_AMBIENTE deve ser sandbox, homologacao ou producao.") from error
VAR = Path(env.str("GUICHE_VAR", default=str(BASE_DIR / "var"))).resolve()
PASTA = VAR / "treino" if TREINO else VAR

_demo = AMBIENTE is Ambiente.SANDBOX
SECRET_KEY = DEMO_SECRET_KEY if TREINO else env.str("SECRET_KEY", default=DEMO_SECRET_KEY if _demo else "")
COFRE_CHAVES = DEMO_COFRE_CHAVES if TREINO else env.str("COFRE_CHAVES", default=DEMO_COFRE_CHAVES if _demo else "")
if _problem := check_secrets(AMBIENTE, SECRET_KEY, COFRE_CHAVES):
    raise ImproperlyConfigured(_problem)

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# -- database: the office's server, or the embedded one --------------------------------------------
# Threads hand their connection back while they wait for an outside service, so a pool smaller than the number of
# threads is enough. Tests create and drop databases, which an open pool would block.
_pool: dict[str, Any] = {} if TESTING else {"pool": {"min_size": 1, "max_size": 40, "timeout": 30}}
_url = "TREINO_DATABASE_URL" if TREINO else "DATABASE_URL"
POSTGRES_EMBUTIDO = None if env.str(_url, default="") else PASTA / "pg"
_database: dict[str, Any] = postgres.start(POSTGRES_EMBUTIDO, "guiche") if POSTGRES_EMBUTIDO else env.db(_url)
DATABASES = {
    "default": _database | {"ENGINE": "django.db.backends.postgresql", "OPTIONS": _database.get("OPTIONS", {}) | _pool}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Django ----------------------------------------------------------------------------------------
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
INSTALLED_APPS = [
    "config.admin.GuicheAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "axes",
    "django_htmx",
    "django_structlog",
    "procrastinate.contrib.django",
    "painel",
    "guias",
    "credentials",
    "operacoes",
    "arquivo",
    "empresas",
    "comum",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "comum.middleware.refuse_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "comum.middleware.vary_on_htmx",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.contexto.tela",
            ],
        },
    }
]

# -- log-in ----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "comum.Usuario"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "entrar"
LOGIN_REDIRECT_URL = "inicio"
LOGOUT_REDIRECT_URL = "entrar"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "comum.views.bloqueado"
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True

# -- transport and browser security ----------------------------------------------------------------
_https = env.bool("GUICHE_HTTPS", default=not _demo)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^saude/$"]  # probes speak plain HTTP to the port itself
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("GUICHE_PROXY", default=False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "manifest-src": [CSP.SELF],
}

# -- language and time -----------------------------------------------------------------------------
LANGUAGE_CODE = "pt-br"
TIME_ZONE = "America/Sao_Paulo"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# -- files -----------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns about a folder that is not there
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = _demo
MEDIA_ROOT = PASTA / "arquivo"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "file_permissions_mode": 0o640},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if _demo
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 60 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a sheet of receitas is one form

# -- queue -----------------------------------------------------------------------------------------
PROCRASTINATE_ON_APP_READY = "operacoes.fila.configurar"
TRABALHADOR_THREADS = env.int("TRABALHADOR_THREADS", default=32)

# -- outside services ------------------------------------------------------------------------------
SANDBOX_PASTA = PASTA / "sandbox"
SANDBOX_PORTA_TLS = env.int("SANDBOX_PORTA_TLS", default=8453 if TREINO else 8443)
SANDBOX_PORTA_CONTROLE = env.int("SANDBOX_PORTA_CONTROLE", default=8490 if TREINO else 8480)
_padrao = enderecos_sandbox(SANDBOX_PORTA_TLS, SANDBOX_PASTA) if _demo else OFICIAIS[AMBIENTE]
_ca = env.str("INTEGRA_CONTADOR_CA", default="")
INTEGRA_CONTADOR = Enderecos(
    env.str("INTEGRA_CONTADOR_URL_AUTENTICACAO", default=_padrao.autenticacao),
    env.str("INTEGRA_CONTADOR_URL_BASE", default=_padrao.base),
    Path(_ca) if _ca else _padrao.ca,
    env.str("INTEGRA_CONTADOR_BEARER", default=_padrao.bearer_publico),
)
# Starts per second of one credencial. SERPRO publishes no rate; this keeps one office from flooding the gateway.
INTEGRA_CONTADOR_POR_SEGUNDO = env.int("INTEGRA_CONTADOR_POR_SEGUNDO", default=100)
# A transmission whose answer was lost counts as not made only when the Receita still has nothing after this long.
PGDASD_DEMORA_MAXIMA_MINUTOS = env.int("PGDASD_DEMORA_MAXIMA_MINUTOS", default=5)
# Whether who approves an apuração must be another person than who typed its receitas.
APURACAO_SEGUNDA_PESSOA = env.bool("APURACAO_SEGUNDA_PESSOA", default=False)

LOGGING = logging_config(json=env.bool("GUICHE_LOG_JSON", default=not _demo))
LOGGING_CONFIG = "config.logs.configure"
