"""Discarding the files whose date has passed. The rows stay and tell what was kept; the audit tells who discarded."""

from collections.abc import Iterator
from datetime import date

import structlog
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from arquivo.models import Documento, DocumentoQuerySet, caminho_de
from arquivo.services import sozinho_com_os_arquivos
from comum import auditoria
from comum.formatos import contar, format_data
from comum.models import Usuario

log = structlog.get_logger(__name__)

_LOTE = 500
_POR_VEZ = 20


def vencidos(hoje: date) -> DocumentoQuerySet:
    """The kept documents whose date is over: until the end of the day itself they are kept."""
    return Documento.objects.guardados().filter(reter_ate__lt=hoje)


def resumo(hoje: date) -> list[tuple[str, int, int]]:
    """(kind, how many, bytes) of what would be discarded."""
    rotulos = dict(Documento.Tipo.choices)
    somas = vencidos(hoje).order_by().values_list("tipo").annotate(n=Count("pk"), bytes=Sum("tamanho")).order_by("tipo")
    return [(str(rotulos[tipo]), n, tamanho) for tipo, n, tamanho in somas]


def descartar(usuario: Usuario, hoje: date) -> Iterator[int]:
    """Discard what is over by `hoje`, a few at a time, each step with its audit row; yields how many files were taken
    away. Stopped half way, the next run goes on; files that no row keeps any more are taken away then too."""
    while True:
        with transaction.atomic():
            lote = list(vencidos(hoje).select_for_update(skip_locked=True).order_by("reter_ate", "pk")[:_LOTE])
            if not lote:
                break
            Documento.objects.filter(pk__in=[d.pk for d in lote]).update(descartado_em=timezone.now())
            auditoria.registrar(
                usuario=usuario,
                acao="arquivo.descartar",
                resumo=f"{contar(len(lote), 'documento descartado', 'documentos descartados')} depois do prazo de "
                f"guarda, até {format_data(max(d.reter_ate for d in lote))}",
                dados={"documentos": [[str(d.pk), d.nome, d.sha256] for d in lote]},
            )
        yield _apagar({documento.sha256 for documento in lote})


def _apagar(hashes: set[str]) -> int:
    """Take away the files of these contents that no row keeps."""
    apagados, fila = 0, sorted(hashes)
    for inicio in range(0, len(fila), _POR_VEZ):
        lote = set(fila[inicio : inicio + _POR_VEZ])
        with sozinho_com_os_arquivos():
            guardados = Documento.objects.guardados().filter(sha256__in=lote)
            livres = lote.difference(guardados.values_list("sha256", flat=True))
            for sha256 in sorted(livres):
                default_storage.delete(caminho_de(sha256))
        apagados += len(livres)
    log.info("documents discarded", files=apagados)
    return apagados


def apagar_sobras() -> int:
    """Files of discarded rows that a run which was cut off left behind."""
    apagados, ate = 0, ""
    while True:
        descartados = Documento.objects.filter(descartado_em__isnull=False, sha256__gt=ate)
        hashes = list(descartados.order_by("sha256").values_list("sha256", flat=True).distinct()[:_LOTE])
        if not hashes:
            return apagados
        apagados += _apagar({um for um in hashes if default_storage.exists(caminho_de(um))})
        ate = hashes[-1]
