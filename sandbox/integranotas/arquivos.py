"""Files inside answers, and how long the service keeps them: online for a year from the issue, one more year in cold
storage, then gone."""

import base64
import gzip
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox.integranotas import codigos
from sandbox.integranotas.contexto import Contexto
from sandbox.integranotas.envelope import Recusa
from sandbox.integranotas.models import Emitente, Nota, Recebida
from sandbox.integranotas.notas import papeis, xml
from sandbox.nucleo.ajustes import BRASILIA
from sandbox.nucleo.livro import gravacao

DISPONIVEL, PEDIDO, EXPURGADO = "disponivel", "pedido", "expurgado"
_DE_VOLTA_POR = timedelta(days=7)
TEXTOS = {
    PEDIDO: "Os arquivos têm mais de 1 ano e estão no armazenamento frio: foram solicitados, consulte mais tarde.",
    EXPURGADO: "Os arquivos têm mais de 2 anos e não estão mais disponíveis.",
}


def codificar(conteudo: bytes, *, comprimido: bool) -> str:
    """Base64, of the bytes or of their gzip (always to the same bytes)."""
    return base64.b64encode(gzip.compress(conteudo, 6, mtime=0) if comprimido else conteudo).decode()


def da_nota(nota: Nota, emitente: Emitente, *, comprimido: bool) -> dict[str, str]:
    return {
        "xml": codificar(xml.desenhar(nota, emitente), comprimido=comprimido),
        "pdf": codificar(papeis.desenhar(nota, emitente), comprimido=comprimido),
    }


def comprime(opcoes: Mapping[str, Any]) -> bool:
    return bool(opcoes["arquivos"] == "gzip")


def _anos_depois(instante: datetime, anos: int) -> datetime:
    local = instante.astimezone(BRASILIA)
    try:
        return local.replace(year=local.year + anos)
    except ValueError:  # 29 February
        return local.replace(year=local.year + anos, month=3, day=1)


def situacao(nota: Nota | Recebida, emitida: datetime, ctx: Contexto) -> str:
    """Where the files are. In the cold year this asks for them: they are back `frio_segundos` later, for a week."""
    if ctx.agora < _anos_depois(emitida, 1):
        return DISPONIVEL
    if ctx.agora >= _anos_depois(emitida, 2):
        return EXPURGADO
    if nota.arquivos_pedidos is not None:
        pronto = nota.arquivos_pedidos + timedelta(seconds=ctx.opcoes["frio_segundos"])
        if ctx.agora < pronto:
            return PEDIDO
        if ctx.agora < pronto + _DE_VOLTA_POR:
            return DISPONIVEL
    nota.arquivos_pedidos = ctx.agora
    with gravacao():
        type(nota)._default_manager.filter(pk=nota.pk).update(arquivos_pedidos=ctx.agora)
    return PEDIDO


def exigir(nota: Nota | Recebida, emitida: datetime, ctx: Contexto) -> None:
    """Raises Recusa when the files cannot be given now."""
    if (onde := situacao(nota, emitida, ctx)) != DISPONIVEL:
        raise Recusa(codigos.NAO_ENCONTRADO, TEXTOS[onde], {"chave": nota.chave})
