"""Where documents are kept: a folder, or a bucket of any S3-compatible service when one is configured."""

import importlib.util
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environ import Env


def documentos(env: Env, pasta: Path) -> dict[str, Any]:
    """The `default` of STORAGES."""
    balde = env.str("ARQUIVO_S3_BALDE", default="")
    if not balde:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": pasta, "file_permissions_mode": 0o640},
        }
    if importlib.util.find_spec("storages") is None or importlib.util.find_spec("boto3") is None:
        raise ImproperlyConfigured(
            "ARQUIVO_S3_BALDE pede a biblioteca django-storages[s3], que não está instalada. Instale-a no mesmo "
            "ambiente (docs/escala.md) ou deixe a variável vazia para guardar os documentos numa pasta."
        )
    from botocore.config import Config

    opcoes = {
        "bucket_name": balde,
        "location": env.str("ARQUIVO_S3_PREFIXO", default=""),
        "endpoint_url": env.str("ARQUIVO_S3_ENDERECO", default="") or None,
        "region_name": env.str("ARQUIVO_S3_REGIAO", default="") or None,
        "access_key": env.str("ARQUIVO_S3_CHAVE", default="") or None,
        "secret_key": env.str("ARQUIVO_S3_SEGREDO", default="") or None,
        "default_acl": None,
        "file_overwrite": True,  # names are made from the content
        "querystring_auth": True,
        # A page, or the record of an operation, waits for it.
        "client_config": Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 2}),
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": opcoes}
