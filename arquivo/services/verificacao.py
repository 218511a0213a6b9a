"""Reading every kept file again, to find what is missing or was changed. It goes by SHA-256 and remembers how far it
came, so that it may stop at any time and be done in slices."""

import hashlib
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from arquivo.models import Defeito, Documento, Ronda
from arquivo.services import ArquivoForaDoAr, arquivo_de

_LOTE = 200
_PEDACO = 1 << 20


@dataclass(frozen=True)
class Andamento:
    """One step: how many files were read, and the defects that it found (also those known before)."""

    lidos: int
    defeitos: list[Defeito]


def ronda_aberta() -> Ronda:
    """The one to go on with, else a new one. One at a time, whoever asks."""
    aberta = Ronda.objects.filter(terminou_em=None).first()
    if aberta is not None:
        return aberta
    try:
        with transaction.atomic():
            return Ronda.objects.create()
    except IntegrityError:
        return Ronda.objects.get(terminou_em=None)


def em_curso() -> bool:
    return Ronda.objects.filter(terminou_em=None).exists()


def andar(ronda: Ronda) -> Generator[Andamento]:
    """Go on with a round to its end, a few files at each step; the steps taken are remembered. Raises ArquivoForaDoAr,
    with the round where it was."""
    while lote := _proximos(ronda.ate):
        lidos, tamanho, agora = 0, 0, timezone.now()
        achados: list[Defeito] = []
        conhecidos = _conhecidos(documento for documentos in lote.values() for documento in documentos)
        try:
            for sha256, documentos in lote.items():
                achados += _anotar(documentos, _ler(documentos[0]), conhecidos, agora)
                lidos, tamanho = lidos + 1, tamanho + documentos[0].tamanho
                ronda.ate = sha256
        except ArquivoForaDoAr as erro:
            _avancar(ronda, lidos, tamanho, str(erro)[:300])
            raise
        _avancar(ronda, lidos, tamanho)
        yield Andamento(lidos, achados)
    Ronda.objects.filter(pk=ronda.pk, terminou_em=None).update(terminou_em=timezone.now(), parada="")


def fatia(segundos: float, descanso: timedelta) -> int:
    """What the worker does from time to time: go on for about so long; a new round begins when the last one ended
    `descanso` ago. How many files were read. A storage that does not answer ends the slice."""
    ultima = Ronda.objects.first()
    if ultima is not None and ultima.terminou_em is not None and ultima.terminou_em > timezone.now() - descanso:
        return 0
    if (ultima is None or ultima.terminou_em is not None) and not Documento.objects.guardados().exists():
        return 0  # a round of nothing would put off the first one that has something to read
    fim, lidos = time.monotonic() + segundos, 0
    try:
        for passo in andar(ronda_aberta()):
            lidos += passo.lidos
            if time.monotonic() >= fim:
                break
    except ArquivoForaDoAr:
        pass  # said on the screen by the round itself
    return lidos


def _proximos(ate: str) -> dict[str, list[Documento]]:
    """The next kept documents, by content."""
    guardados = Documento.objects.guardados().select_related("empresa").order_by("sha256", "criado_em", "pk")
    hashes = list(
        guardados.filter(sha256__gt=ate).order_by("sha256").values_list("sha256", flat=True).distinct()[:_LOTE]
    )
    por_hash: dict[str, list[Documento]] = {}
    for documento in guardados.filter(sha256__in=hashes):
        por_hash.setdefault(documento.sha256, []).append(documento)
    return por_hash


def _ler(documento: Documento) -> str:
    """What is wrong with the file, as Defeito.Motivo; empty when nothing. Raises ArquivoForaDoAr."""
    digest = hashlib.sha256()
    try:
        with arquivo_de(documento) as arquivo:
            for parte in iter(lambda: arquivo.read(_PEDACO), b""):
                digest.update(parte)
    except FileNotFoundError:
        return Defeito.Motivo.AUSENTE
    return "" if digest.hexdigest() == documento.sha256 else Defeito.Motivo.ALTERADO


def _conhecidos(documentos: Iterable[Documento]) -> dict[UUID, Defeito]:
    """What was found before of these documents, also what is healed."""
    return Defeito.objects.in_bulk([documento.pk for documento in documentos], field_name="documento_id")


def _anotar(
    documentos: list[Documento], motivo: str, conhecidos: dict[UUID, Defeito], agora: datetime
) -> list[Defeito]:
    achados = []
    for documento in documentos:
        defeito = conhecidos.get(documento.pk)
        if not motivo:
            if defeito is not None and defeito.sanado_em is None:
                defeito.sanado_em = defeito.visto_em = agora
                defeito.save()
            continue
        defeito = defeito or Defeito(documento=documento, achado_em=agora)
        if defeito.sanado_em is not None or defeito.motivo != motivo:
            defeito.achado_em, defeito.sanado_em = agora, None
        defeito.documento, defeito.motivo, defeito.visto_em = documento, motivo, agora
        if defeito.pk is None:  # another round may have found it meanwhile
            Defeito.objects.bulk_create(
                [defeito], update_conflicts=True, unique_fields=["documento"], update_fields=["motivo", "visto_em"]
            )
        else:
            defeito.save()
        achados.append(defeito)
    return achados


def _avancar(ronda: Ronda, lidos: int, tamanho: int, parada: str = "") -> None:
    """Another may be at work on the same round, and be further."""
    esta, agora = Ronda.objects.filter(pk=ronda.pk), timezone.now()
    esta.update(andou_em=agora, parada=parada)
    esta.filter(ate__lt=ronda.ate).update(ate=ronda.ate, arquivos=F("arquivos") + lidos, tamanho=F("tamanho") + tamanho)


def conferir(documento: Documento) -> Defeito | None:
    """Read one file again now, as after it was brought back. Raises ArquivoForaDoAr."""
    achados = _anotar([documento], _ler(documento), _conhecidos([documento]), timezone.now())
    return achados[0] if achados else None
