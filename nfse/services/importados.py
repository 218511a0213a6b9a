"""Notes whose XML the office brought: they stop lacking it, and their numbers stop being missed."""

from collections.abc import Sequence
from typing import Any

from arquivo.models import Documento
from nfse.models import EventoNota, Nota
from nfse.services import numeros_de_fora
from nfse.services.historia import contar
from nfse.services.numeros_de_fora import Numeracao

_CAMPOS = {Documento.Tipo.NFSE_XML.value: "xml", Documento.Tipo.NFSE_PDF.value: "pdf"}


def anotar_os_numeros(sender: Any, documentos: Sequence[Documento], dados: Sequence[Any], **_: Any) -> None:
    """Of the notes issued by the empresa, whoever issued them."""
    numeros_de_fora.guardar(
        (documento.empresa_id, numeracao)
        for documento, numeracao in zip(documentos, dados, strict=True)
        if isinstance(numeracao, Numeracao) and documento.tipo == Documento.Tipo.NFSE_XML
    )


def juntar_as_notas(sender: Any, documentos: Sequence[Documento], **_: Any) -> None:
    """Inside the transaction that files them. A note that has its own file keeps it."""
    por_chave = {(d.empresa_id, d.chave, _CAMPOS[d.tipo]): d for d in documentos if d.chave and d.tipo in _CAMPOS}
    if not por_chave:
        return
    chaves = {chave for _, chave, _ in por_chave}
    for nota in Nota.objects.select_for_update(of=("self",)).filter(chave__in=chaves).select_related("tomador"):
        novos = [
            campo
            for campo in _CAMPOS.values()
            if getattr(nota, f"{campo}_id") is None and (nota.empresa_id, nota.chave, campo) in por_chave
        ]
        if novos:
            for campo in novos:
                setattr(nota, campo, por_chave[nota.empresa_id, nota.chave, campo])
            nota.save(update_fields=novos)
            contar(nota, EventoNota.Tipo.DOCUMENTOS, texto="Importados de um arquivo do escritório")
