"""What this installation says about itself, read from the environment and `.env`: all that is known before Django."""

import sys
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from config.ambientes import DEMO_COFRE_CHAVES, DEMO_SECRET_KEY, Ambiente, check_secrets

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

TREINO = env.bool("GUICHE_TREINO", default=False)  # the rehearsal month: always the sandbox, always its own database
try:
    AMBIENTE = Ambiente("sandbox" if TREINO else env.str("GUICHE_AMBIENTE", default=Ambiente.SANDBOX.value))
except ValueError as error:
    raise ImproperlyConfigured("GUICHE_AMBIENTE deve ser sandbox, homologacao ou producao.") from error
VAR = Path(env.str("GUICHE_VAR", default=str(BASE_DIR / "var"))).resolve()
PASTA = VAR / "treino" if TREINO else VAR
STATIC_ROOT = VAR / "static"

DEMO = AMBIENTE is Ambiente.SANDBOX
SECRET_KEY = DEMO_SECRET_KEY if TREINO else env.str("SECRET_KEY", default=DEMO_SECRET_KEY if DEMO else "")
COFRE_CHAVES = DEMO_COFRE_CHAVES if TREINO else env.str("COFRE_CHAVES", default=DEMO_COFRE_CHAVES if DEMO else "")
_problem = check_secrets(AMBIENTE, SECRET_KEY, COFRE_CHAVES)
if _problem and sys.argv[1:2] != ["gerar_chaves"]:  # the command that mends it
    raise ImproperlyConfigured(_problem)

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])

# The office's server, or else the embedded one.
_url = "TREINO_DATABASE_URL" if TREINO else "DATABASE_URL"
BANCO_EXTERNO: dict[str, Any] | None = env.db(_url) if env.str(_url, default="") else None
POSTGRES_EMBUTIDO = PASTA / "pg"

SANDBOX_PASTA = PASTA / "sandbox"
SANDBOX_PORTA_TLS = env.int("SANDBOX_PORTA_TLS", default=8453 if TREINO else 8443)
SANDBOX_PORTA_CONTROLE = env.int("SANDBOX_PORTA_CONTROLE", default=8490 if TREINO else 8480)

# The longest time a worker told to stop takes; whoever stops it waits a little longer than that.
TRABALHADOR_PARADA_S = env.float("TRABALHADOR_PARADA_S", default=110.0)
