"""The DANFSe v2.0 of an authorised NFS-e, drawn here since the service that drew it was suspended (NT 008, 2026-08-03).

Nothing is printed that the XML does not say: QR code, block of IBS/CBS and "NFS-e SEM VALIDADE JURÍDICA" of the test
environment come from it. Whether the note was cancelled or replaced is not in it, and is told by the caller.
"""

from enum import StrEnum

from lxml import etree

from nfse.providers.nacional.escrita import simples
from nfse.providers.nacional.leitura import instante_do_processamento
from nfse.providers.nacional.pacote import DocumentoInvalido, ler_xml


class Marca(StrEnum):
    """What is written across the page."""

    NENHUMA = ""
    CANCELADA = "CANCELADA"
    SUBSTITUIDA = "SUBSTITUÍDA"


def desenhar(xml: bytes, marca: Marca = Marca.NENHUMA) -> bytes:
    """The PDF of one page: the same document and mark always give the same bytes. Raises DocumentoInvalido."""
    from brazilfiscalreport.danfse import Danfse, DanfseConfig  # a quarter of a second, and few processes draw

    raiz = ler_xml(xml, "NFSe")
    for no in raiz.iter(etree.Element):
        if no.text and not no.text.isascii():
            no.text = simples(no.text)  # the fonts of the layout have the letters of Latin-1 only
    config = DanfseConfig(watermark_cancelled=marca is Marca.CANCELADA, watermark_replaced=marca is Marca.SUBSTITUIDA)
    try:
        pdf = Danfse(etree.tostring(raiz, encoding="unicode"), config)
    except Exception as erro:  # code of others, over a document that may lack anything
        raise DocumentoInvalido("O XML não traz o que o DANFSe precisa mostrar.") from erro
    pdf.set_creation_date(instante_do_processamento(raiz))
    return bytes(pdf.output())
