"""Audit trail: what was done, by whom, to what. Rows are written in the transaction of the act itself."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, models, transaction
from django.utils import timezone

from comum.formatos import format_data
from comum.models import Auditoria, SeloAuditoria, Usuario
from comum.templatetags.formatos import datahora

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


def quem_mudou(objeto: models.Model, *, acao: str, nome: str, quando: datetime, rotulos: Mapping[str, str]) -> str:
    """The last change of an object, in words: who, when and which fields (`dados["campos"]` of its audit row). `nome`
    is the object in words ("esta credencial"), `quando` the instant that it says itself."""
    chave = f"{objeto._meta.model_name}:{objeto.pk}"
    ultima = Auditoria.objects.filter(objeto=chave, acao=acao).select_related("usuario").first()
    quem = ultima.usuario.nome if ultima and ultima.usuario else "Outra pessoa"
    campos = ", ".join(rotulos.get(c, c) for c in ultima.dados.get("campos", [])) if ultima else ""
    return f"{quem} alterou {nome} em {datahora(quando)}{f' ({campos})' if campos else ''}"


def registrar_uso(*, objeto: models.Model, acao: str, nome: str, versao: int | str) -> None:
    """One audit row for each version of a keeper of secrets and day on which they were opened: what they were used for,
    call by call, is in the Tentativas. `nome` is the keeper in words ("da credencial 3")."""
    hoje = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    ja_dito = Auditoria.objects.filter(
        objeto=f"{objeto._meta.model_name}:{objeto.pk}", acao=acao, quando__gte=hoje, dados__versao=versao
    )
    if ja_dito.exists():
        return
    with transaction.atomic():
        # The threads of all workers open it at once when the day's first run begins.
        type(objeto)._default_manager.select_for_update(no_key=True).get(pk=objeto.pk)
        if not ja_dito.exists():
            registrar(
                usuario=None,
                acao=acao,
                objeto=objeto,
                resumo=f"Segredos {nome} usados em {format_data(hoje)}",
                dados={"versao": versao},
            )


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


def _ultima_assentada() -> int | None:
    """The id below which no row can still appear, or None when writers kept the table busy.

    Ids are handed out before commit, so a lower id may show up after a higher one. Whoever was given an id holds the
    table's writer lock until the end; once we get a lock against writers, every id handed out is committed or lost.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute("LOCK TABLE comum_auditoria IN SHARE MODE")
            cursor.execute("SELECT max(id) FROM comum_auditoria")
            (ultima,) = cursor.fetchone()
    except OperationalError:
        return None
    return int(ultima) if ultima is not None else None


def selar() -> SeloAuditoria | None:
    """Seal the rows written since the last seal; None when there are none or another worker is sealing."""
    limite = _ultima_assentada()
    if limite is None:
        return None
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return None
        ultimo = SeloAuditoria.objects.order_by("-ate").first()
        desde, anterior = (ultimo.ate, ultimo.hash) if ultimo else (0, "")
        linhas = list(Auditoria.objects.filter(pk__gt=desde, pk__lte=limite).order_by("pk"))
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
