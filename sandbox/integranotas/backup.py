"""Backups: a month's files in one package behind a link. The link is the secret, as those of a cloud disk are."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core import signing

from sandbox.integranotas import codigos
from sandbox.integranotas.contexto import Contexto
from sandbox.integranotas.envelope import Recusa, Resultado, campo_invalido, faltas
from sandbox.integranotas.models import Nota, Recebida
from sandbox.integranotas.notas import xml, xml_recebida
from sandbox.nucleo.ajustes import BRASILIA

_SAL = "integranotas.backup"
_DIA_DAS_RECEBIDAS = 5
EMITIDAS, RECEBIDAS = "emitidas", "nfse"
_TIPOS = ("nfe", "cte", RECEBIDAS)


def _mes(ctx: Contexto) -> date:
    """The first day of the month asked for. Raises Recusa."""
    if ausentes := [campo for campo in ("ano", "mes") if ctx.corpo.get(campo) in (None, "")]:
        raise faltas(ausentes)
    ano, mes = str(ctx.corpo["ano"]), str(ctx.corpo["mes"])
    if not (len(ano) == 4 and ano.isdecimal() and 2000 <= int(ano) <= 9998):
        raise campo_invalido("ano", "Deve ser um ano de 4 dígitos.")
    if not (mes.isdecimal() and len(mes) <= 2 and 1 <= int(mes) <= 12):
        raise campo_invalido("mes", "Deve ser um mês de 1 a 12.")
    return date(int(ano), int(mes), 1)


def _seguinte(mes: date) -> date:
    return (mes + timedelta(days=32)).replace(day=1)


def _primeiro_domingo(mes: date) -> date:
    return mes + timedelta(days=(6 - mes.weekday()) % 7)


def _limites(mes: date) -> tuple[datetime, datetime]:
    """First and last instant of a month."""
    fim = datetime.combine(_seguinte(mes), time.min, BRASILIA) - timedelta(microseconds=1)
    return datetime.combine(mes, time.min, BRASILIA), fim


def _link(ctx: Contexto, tipo: str, mes: date, *, pronto: date, ha: bool) -> Resultado:
    if ctx.ajustes.hoje() < pronto or not ha:
        raise Recusa(codigos.NAO_ENCONTRADO, f"Não há backup de {mes:%m/%Y}.")
    selo = signing.dumps({"e": ctx.emitente.pk, "t": tipo, "m": mes.isoformat()}, salt=_SAL)
    return Resultado(codigos.FEITO, "Backup disponível.", {ctx.opcoes["backup_campo"]: f"{ctx.base}/backup/{selo}.zip"})


def emitidas(ctx: Contexto) -> Resultado:
    """The notes authorised in a month; the package is made on the first Sunday of the next one."""
    mes = _mes(ctx)
    ha = Nota.objects.filter(emitente=ctx.emitente, autorizada__range=_limites(mes)).exists()
    return _link(ctx, EMITIDAS, mes, pronto=_primeiro_domingo(_seguinte(mes)), ha=ha)


def recebidas(ctx: Contexto) -> Resultado:
    """The documents received in a month, ready after day 5 of the next one."""
    if not ctx.corpo.get("tipo"):
        raise faltas(["tipo"])
    if ctx.corpo["tipo"] not in _TIPOS:
        raise campo_invalido("tipo", f"Deve ser um destes: {', '.join(_TIPOS)}.")
    mes = _mes(ctx)
    suas = Recebida.objects.filter(emitente=ctx.emitente, emissao__range=_limites(mes), disponivel__lte=ctx.agora)
    ha = ctx.corpo["tipo"] == RECEBIDAS and suas.exists()
    return _link(ctx, RECEBIDAS, mes, pronto=_seguinte(mes).replace(day=_DIA_DAS_RECEBIDAS + 1), ha=ha)


def pacote(selo: str) -> bytes | None:
    """The ZIP behind a link; None for one that nobody gave."""
    try:
        lido: dict[str, Any] = signing.loads(selo, salt=_SAL)
    except signing.BadSignature:
        return None
    limites = _limites(date.fromisoformat(lido["m"]))
    memoria = io.BytesIO()
    with zipfile.ZipFile(memoria, "w", zipfile.ZIP_DEFLATED) as arquivo:
        if lido["t"] == EMITIDAS:
            notas = Nota.objects.filter(emitente=lido["e"], autorizada__range=limites).select_related("emitente")
            for nota in notas.order_by("id"):
                arquivo.writestr(f"{nota.chave}.xml", xml.desenhar(nota, nota.emitente))
        else:
            recebidas_ = Recebida.objects.filter(emitente=lido["e"], emissao__range=limites).select_related("emitente")
            for recebida in recebidas_.order_by("id"):
                arquivo.writestr(f"{recebida.chave}.xml", xml_recebida.desenhar(recebida))
    return memoria.getvalue()
