"""Audit trail: what was done, by whom, to what. Rows are written in the transaction of the act itself."""

import hashlib
import json
from typing import Any

from django.db import connection, models, transaction

from comum.models import Auditoria, SeloAuditoria, Usuario

_LOCK = 7_316_216  # advisory lock: one sealer at a time


def registrar(
    *,
    usuario: Usuario | None,
    acao: str,
    resumo: str,
    objeto: models.Model | str = "",
    dados: dict[str, Any] | None = None,
) -> Auditoria:
    """Write one audit row. `acao` is `app.verbo`; `dados` is JSON without secrets; `objeto` a row or `tipo:chave`."""
    chave = f"{objeto._meta.model_name}:{objeto.pk}" if isinstance(objeto, models.Model) else objeto
    return Auditoria.objects.create(usuario=usuario, acao=acao, objeto=chave, resumo=resumo[:300], dados=dados or {})


def _digest(anterior: str, linhas: list[Auditoria]) -> str:
    digest = hashlib.sha256(anterior.encode())
    for linha in linhas:
        digest.update(
            json.dumps(
                [
                    linha.pk,
                    linha.quando.isoformat(),
                    linha.usuario_id,
                    linha.acao,
                    linha.objeto,
                    linha.resumo,
                    linha.dados,
                ],
                sort_keys=True,
                ensure_ascii=False,
            ).encode()
        )
    return digest.hexdigest()


def selar() -> SeloAuditoria | None:
    """Seal the rows written since the last seal; None when there are none or another worker is sealing.

    Ids are handed out before commit, so a row may appear below the newest seal later; only rows older than any
    open transaction are sealed (pg_snapshot_xmin), which keeps the chain complete.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return None
        ultimo = SeloAuditoria.objects.order_by("-ate").first()
        desde, anterior = (ultimo.ate, ultimo.hash) if ultimo else (0, "")
        linhas = list(
            Auditoria.objects.filter(pk__gt=desde)
            .extra(where=["xmin::text::bigint < (pg_snapshot_xmin(pg_current_snapshot())::text::bigint & 4294967295)"])
            .order_by("pk")
        )
        if not linhas:
            return None
        return SeloAuditoria.objects.create(
            ate=linhas[-1].pk, registros=len(linhas), anterior=anterior, hash=_digest(anterior, linhas)
        )


def conferir_selos() -> list[str]:
    """Recompute the chain; returns one pt-BR line per seal that no longer matches its rows."""
    problemas, desde, anterior = [], 0, ""
    for selo in SeloAuditoria.objects.order_by("ate"):
        linhas = list(Auditoria.objects.filter(pk__gt=desde, pk__lte=selo.ate).order_by("pk"))
        if selo.anterior != anterior or len(linhas) != selo.registros or _digest(anterior, linhas) != selo.hash:
            problemas.append(f"Auditoria alterada entre os registros {desde + 1} e {selo.ate}.")
        desde, anterior = selo.ate, selo.hash
    return problemas
