"""Django settings. What an installation may change comes from the environment; docs/configuracao.md lists it."""

import sys
from pathlib import Path
from typing import Any

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from config import conexoes, postgres
from config.ambientes import (
    ASSINATURAS_NACIONAL,
    INTEGRANOTAS_OFICIAL,
    NACIONAL_OFICIAL,
    OFICIAIS,
    SISGENFE_OFICIAL,
    EnderecoNfse,
    Enderecos,
    EnderecosNacional,
    enderecos_sandbox,
    integranotas_sandbox,
    nacional_sandbox,
    sisgenfe_sandbox,
)
from config.arquivos import documentos
from config.correio import correio
from config.instalacao import ALLOWED_HOSTS as ALLOWED_HOSTS
from config.instalacao import AMBIENTE, BANCO_EXTERNO, BASE_DIR, DEMO, PASTA, POSTGRES_EMBUTIDO, TREINO, env
from config.instalacao import COFRE_CHAVES as COFRE_CHAVES
from config.instalacao import SANDBOX_PASTA as SANDBOX_PASTA
from config.instalacao import SANDBOX_PORTA_CONTROLE as SANDBOX_PORTA_CONTROLE
from config.instalacao import SANDBOX_PORTA_TLS as SANDBOX_PORTA_TLS
from config.instalacao import SECRET_KEY as SECRET_KEY
from config.instalacao import STATIC_ROOT as STATIC_ROOT
from config.instalacao import TRABALHADOR_PARADA_S as TRABALHADOR_PARADA_S
from config.logs import logging_config

django_stubs_ext.monkeypatch()  # ModelForm[Empresa] and the like also at run time

TESTING = "pytest" in sys.modules

DEBUG = env.bool("DEBUG", default=False)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# -- database: the office's server, or the embedded one --------------------------------------------
# Threads hand their connection back while they wait for an outside service, so a pool smaller than the number of
# threads is enough. Tests create and drop databases, which an open pool would block.
_pool: dict[str, Any] = (
    {}
    if TESTING
    else {
        "pool": {
            "min_size": 1,
            "max_size": 40,
            "timeout": 10,
            "reconnect_timeout": 5,
            "check": conexoes.conferir,  # a server that restarted leaves dead connections in the pool
        }
    }
)
_database: dict[str, Any] = BANCO_EXTERNO or postgres.start(POSTGRES_EMBUTIDO)
DATABASES = {
    "default": _database
    | {
        "ENGINE": "django.db.backends.postgresql",
        # The threshold only allows comum.banco to prepare its statements; Django's own cursor never does.
        "OPTIONS": {"prepare_threshold": 0} | conexoes.opcoes(_database) | _pool,
    }
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
    "pagar",
    "guias",
    "nfse",
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
    "comum.middleware.ExigeEntrada",
    "comum.middleware.keep_session",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "comum.middleware.vary_on_htmx",
    "comum.middleware.explain_not_allowed",
    "comum.middleware.forget_told_messages",
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
AXES_CLIENT_IP_CALLABLE = "comum.porta.endereco"
AXES_HANDLER = "comum.porta.Porteiro"
AXES_LOCKOUT_CALLABLE = "comum.views.bloqueado"
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 12 * 60 * 60  # from the last use: comum.middleware.keep_session
SESSION_COOKIE_HTTPONLY = True
if TREINO:  # browsers do not tell ports apart: the log-ins of two installations of one machine live side by side
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "treino_sessionid", "treino_csrftoken"

# -- transport and browser security ----------------------------------------------------------------
_https = env.bool("GUICHE_HTTPS", default=not DEMO)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^saude/$"]  # probes speak plain HTTP to the port itself
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
ATRAS_DE_PROXY = env.bool("GUICHE_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ATRAS_DE_PROXY else None
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
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns about a folder that is not there
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEMO
MEDIA_ROOT = PASTA / "arquivo"
STORAGES = {
    "default": documentos(env, MEDIA_ROOT),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEMO else "config.estaticos.Estaticos"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 60 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a sheet of receitas is one form

# -- e-mail ---------------------------------------------------------------------------------------
MAILERS = correio(env, pasta=PASTA / "correio", demo=DEMO)
DEFAULT_FROM_EMAIL = env.str("EMAIL_REMETENTE", default="guiche@localhost")
# Guias to clients (docs/entrega.md): who sends them ("Nome <endereço>"), who reads the answers, at what pace.
ENTREGA_REMETENTE = env.str("ENTREGA_REMETENTE", default=DEFAULT_FROM_EMAIL)
ENTREGA_RESPONDER_A = env.str("ENTREGA_RESPONDER_A", default="")
ENTREGA_POR_MINUTO = env.int("ENTREGA_POR_MINUTO", default=60)
ENTREGA_LINK_DIAS = env.int("ENTREGA_LINK_DIAS", default=120)
# How long a mail server may still deliver a message whose answer was lost.
ENTREGA_DEMORA_MAXIMA_MINUTOS = env.float("ENTREGA_DEMORA_MAXIMA_MINUTOS", default=15)
# Lookups on the pages without a log-in, by address of who asks.
PUBLICO_POR_MINUTO = env.int("PUBLICO_POR_MINUTO", default=10)

# -- queue -----------------------------------------------------------------------------------------
PROCRASTINATE_ON_APP_READY = "operacoes.fila.configurar"
TRABALHADOR_THREADS = env.int("TRABALHADOR_THREADS", default=32)
# Scale of the engine's own waits, for rehearsals in the sandbox; the real services get the real ones.
MOTOR_RITMO = env.float("MOTOR_RITMO", default=1.0) if DEMO else 1.0

# -- outside services ------------------------------------------------------------------------------
_padrao = enderecos_sandbox(SANDBOX_PORTA_TLS, SANDBOX_PASTA) if DEMO else OFICIAIS[AMBIENTE]
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
SECRET_TROCA_DIAS = env.int("SECRET_TROCA_DIAS", default=365)
TERMO_VIGENCIA_DIAS = env.int("TERMO_VIGENCIA_DIAS", default=180)
PGDASD_DEMORA_MAXIMA_MINUTOS = env.float("PGDASD_DEMORA_MAXIMA_MINUTOS", default=5)
# Whether who approves an apuração must be another person than who typed its receitas.
APURACAO_SEGUNDA_PESSOA = env.bool("APURACAO_SEGUNDA_PESSOA", default=False)
# Whether SERPRO is asked every morning, at no cost, of which empresas it has news, where no administrator has chosen.
GUIAS_NOVIDADES_DIARIAS = env.bool("GUIAS_NOVIDADES_DIARIAS", default=AMBIENTE == "sandbox")
# Days of rest between two readings of every kept file by the worker; 0: only `verificar_arquivo` reads them.
ARQUIVO_VERIFICAR_DIAS = env.int("ARQUIVO_VERIFICAR_DIAS", default=7)
# A title paid in the ERP whose guia the Receita does not tell as paid is pointed out after so many days.
PAGAR_DIAS_ATE_A_RECEITA = env.int("PAGAR_DIAS_ATE_A_RECEITA", default=5)

# Whether an ISS rate above the ceiling of LC 116 (5 %) may be sent.
NFSE_ISS_ACIMA_DE_5 = env.bool("NFSE_ISS_ACIMA_DE_5", default=False)
# How long a note whose answer was lost may still be recorded by SISGENF-e, which publishes no time of its own.
SISGENFE_DEMORA_MAXIMA_MINUTOS = env.float("SISGENFE_DEMORA_MAXIMA_MINUTOS", default=5)
# The same of Integra Notas, which waits 40 to 60 s for the town hall.
INTEGRANOTAS_DEMORA_MAXIMA_MINUTOS = env.float("INTEGRANOTAS_DEMORA_MAXIMA_MINUTOS", default=3)


def _servico_de_nfse(prefixo: str, padrao: EnderecoNfse) -> EnderecoNfse:
    ca = env.str(f"{prefixo}_CA", default="")
    return EnderecoNfse(env.str(f"{prefixo}_URL_BASE", default=padrao.base), Path(ca) if ca else padrao.ca)


SISGENFE = _servico_de_nfse(
    "SISGENFE",
    sisgenfe_sandbox(SANDBOX_PORTA_TLS, SANDBOX_PASTA) if DEMO else SISGENFE_OFICIAL[AMBIENTE],
)
INTEGRANOTAS = _servico_de_nfse(
    "INTEGRANOTAS",
    integranotas_sandbox(SANDBOX_PORTA_TLS, SANDBOX_PASTA) if DEMO else INTEGRANOTAS_OFICIAL[AMBIENTE],
)
_nacional = nacional_sandbox(SANDBOX_PORTA_TLS, SANDBOX_PASTA) if DEMO else NACIONAL_OFICIAL[AMBIENTE]
_ca_do_nacional = env.str("NFSE_NACIONAL_CA", default="")
NFSE_NACIONAL = EnderecosNacional(
    env.str("NFSE_NACIONAL_URL_SEFIN", default=_nacional.sefin),
    env.str("NFSE_NACIONAL_URL_ADN", default=_nacional.adn),
    env.str("NFSE_NACIONAL_URL_PARAMETROS", default=_nacional.parametros),
    Path(_ca_do_nacional) if _ca_do_nacional else _nacional.ca,
)
# Which algorithms sign a DPS: the written manual and practice disagree, and the test environment decides.
NFSE_NACIONAL_ASSINATURA = env.str("NFSE_NACIONAL_ASSINATURA", default=ASSINATURAS_NACIONAL[0])
if NFSE_NACIONAL_ASSINATURA not in ASSINATURAS_NACIONAL:
    raise ImproperlyConfigured(f"NFSE_NACIONAL_ASSINATURA: use {', '.join(ASSINATURAS_NACIONAL)}.")
# Which fields go, by regime, situation and day: the office's own copy of nfse/providers/nacional/presencas.csv.
NFSE_NACIONAL_PRESENCAS = env.str("NFSE_NACIONAL_PRESENCAS", default="")
# Some servers of municipal parameters want the service as 01.07.01.000 in place of 010701.
NFSE_NACIONAL_NSU_CONTINUO = env.bool("NFSE_NACIONAL_NSU_CONTINUO", default=True)
NFSE_NACIONAL_SERVICO_COM_PONTOS = env.bool("NFSE_NACIONAL_SERVICO_COM_PONTOS", default=False)
# The national system publishes no rate, and no time within which a DPS whose answer was lost may still become a note.
NFSE_NACIONAL_POR_SEGUNDO = env.int("NFSE_NACIONAL_POR_SEGUNDO", default=3)
NFSE_NACIONAL_DEMORA_MAXIMA_MINUTOS = env.float("NFSE_NACIONAL_DEMORA_MAXIMA_MINUTOS", default=5)
# After how many hours what a município agreed to is read again before a note goes by it.
NFSE_NACIONAL_CONVENIO_HORAS = env.float("NFSE_NACIONAL_CONVENIO_HORAS", default=24)
# SISGENF-e publishes no rate: this keeps one prestador from flooding its town hall.
SISGENFE_POR_SEGUNDO = env.int("SISGENFE_POR_SEGUNDO", default=2)
# Integra Notas allows 60 a minute, 5 on /soft and 2 on each note, and blocks for 5 minutes whoever passes that: a
# little less than it allows, since calls arrive earlier or later by what the network takes.
INTEGRANOTAS_POR_MINUTO = env.int("INTEGRANOTAS_POR_MINUTO", default=57)
INTEGRANOTAS_SOFT_POR_HORA = env.int("INTEGRANOTAS_SOFT_POR_HORA", default=270)
INTEGRANOTAS_SEGUNDOS_POR_NOTA = env.float("INTEGRANOTAS_SEGUNDOS_POR_NOTA", default=35)
# All tokens together: careless traffic may also block the address of this server. No number is published.
INTEGRANOTAS_HOST_POR_SEGUNDO = env.int("INTEGRANOTAS_HOST_POR_SEGUNDO", default=5)
# Bundle of authorities (PEM) that vouches for the ERP's address, where the system's own does not.
_ca_do_erp = env.str("DATASUL_CA", default="")
DATASUL_CA = Path(_ca_do_erp) if _ca_do_erp else SANDBOX_PASTA / "ca.pem" if DEMO else None
# How long a sending to the ERP whose answer was lost may still take effect there.
DATASUL_DEMORA_MAXIMA_MINUTOS = env.float("DATASUL_DEMORA_MAXIMA_MINUTOS", default=5)
# Address by which services outside reach this installation (webhook). Empty: the one the screen was opened with.
URL_PUBLICA = env.str("GUICHE_URL_PUBLICA", default="").rstrip("/")

LOGGING = logging_config(json=env.bool("GUICHE_LOG_JSON", default=not DEMO))
LOGGING_CONFIG = "config.logs.configure"
