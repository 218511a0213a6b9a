"""The ADN: every document of a CNPJ or CPF, in the order of its own NSU."""

from datetime import datetime
from typing import Any

from sandbox.nacional import pacote
from sandbox.nacional.eventos.catalogo import TIPOS
from sandbox.nacional.models import Distribuido, Evento, Nota
from sandbox.nacional.nfse import instante
from sandbox.nucleo import rapido
from sandbox.nucleo.livro import proximo


def distribuir(nota: Nota, agora: datetime, evento: Evento | None = None) -> None:
    """Into the feed of every actor of the note; inside the `gravacao` that makes the document."""
    for documento in dict.fromkeys(nota.atores):
        nsu = proximo(f"nacional_nsu_{documento}")
        rapido.inserir(Distribuido(documento=documento, nsu=nsu, nota=nota, evento=evento, instante=agora))


def depois_de(documento: str, nsu: int, quantos: int) -> list[Distribuido]:
    linhas = Distribuido.objects.filter(documento=documento, nsu__gt=nsu).order_by("nsu")
    return list(linhas.select_related("nota", "evento")[:quantos])


def um(documento: str, nsu: int) -> list[Distribuido]:
    return list(Distribuido.objects.filter(documento=documento, nsu=nsu).select_related("nota", "evento"))


def item(distribuido: Distribuido) -> dict[str, Any]:
    evento = distribuido.evento
    xml = evento.xml if evento is not None else distribuido.nota.xml
    return {
        "NSU": distribuido.nsu,
        "ChaveAcesso": distribuido.nota.chave,
        "TipoDocumento": "EVENTO" if evento is not None else "NFSE",
        "TipoEvento": TIPOS[evento.codigo].nome_adn if evento is not None else None,
        "ArquivoXml": pacote.fechar(xml.encode()),
        "DataHoraGeracao": instante(distribuido.instante),
    }
