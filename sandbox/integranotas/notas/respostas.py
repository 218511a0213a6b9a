"""What the service tells of a document: the answer to create, consult, resolve, cancel and the lists."""

from datetime import datetime
from typing import Any

from sandbox.integranotas import arquivos, codigos
from sandbox.integranotas.contexto import Contexto
from sandbox.integranotas.envelope import Recusa, Resultado
from sandbox.integranotas.models import AUTORIZADA, CANCELADA, CANCELANDO, PROCESSANDO, Apagada, Nota
from sandbox.integranotas.notas import chaves
from sandbox.nucleo import rapido
from sandbox.nucleo.ajustes import BRASILIA
from sandbox.nucleo.livro import gravacao

CODIGOS = {
    PROCESSANDO: codigos.PROCESSANDO,
    CANCELANDO: codigos.PROCESSANDO,
    AUTORIZADA: codigos.AUTORIZADA,
    CANCELADA: codigos.CANCELADA,
}
MENSAGENS = {
    PROCESSANDO: "Documento em processamento na prefeitura.",
    CANCELANDO: "Cancelamento em processamento na prefeitura.",
    AUTORIZADA: "NFS-e autorizada.",
    CANCELADA: "NFS-e cancelada.",
}
_STATUS = {PROCESSANDO: "indefinido", CANCELANDO: "autorizado", AUTORIZADA: "autorizado", CANCELADA: "cancelado"}


def instante(valor: datetime | None) -> str | None:
    return valor.astimezone(BRASILIA).isoformat(timespec="seconds") if valor else None


def chave_de(nota: Nota) -> str:
    return nota.chave_nacional or nota.chave


def resumo(nota: Nota) -> dict[str, Any]:
    """The fields of a consult, without files."""
    corpo: dict[str, Any] = {
        "status": _STATUS[nota.situacao],
        "chave": chave_de(nota),
        "rps_numero": str(nota.numero),
        "rps_serie": nota.serie,
    }
    if nota.situacao == PROCESSANDO:
        return corpo
    corpo |= {
        "numero": str(nota.numero_nfse),
        "serie": nota.serie,
        "codigo_verificacao": nota.codigo_verificacao,
        "data_hora_evento": instante(nota.cancelada or nota.autorizada),
        "protocolo": nota.protocolo,
    }
    if nota.comportamento["link_pdf"]:
        corpo["link_pdf"] = f"https://nfse.exemplo.invalid/{nota.municipio}/{nota.codigo_verificacao}"
    return corpo


def da_nota(nota: Nota, ctx: Contexto) -> Resultado:
    """The state of a document, with its files when it was authorised and they are online."""
    corpo, mensagem = resumo(nota), MENSAGENS[nota.situacao]
    if nota.autorizada is not None:
        onde = arquivos.situacao(nota, nota.autorizada, ctx)
        if onde == arquivos.DISPONIVEL:
            corpo |= arquivos.da_nota(nota, ctx.emitente, comprimido=arquivos.comprime(ctx.opcoes))
        else:
            mensagem = f"{mensagem} {arquivos.TEXTOS[onde]}"
    return Resultado(CODIGOS[nota.situacao], mensagem, corpo)


def achar(ctx: Contexto, valor: object) -> Nota:
    """The emitente's document with a chave. Raises Recusa: the refusal of a deleted one, told once, else 404."""
    chave = chaves.ler(valor)
    condicao = "emitente_id = %s AND (chave = %s OR chave_nacional = %s)"
    nota = rapido.primeiro(Nota, condicao, [ctx.emitente.pk, chave, chave])
    if nota is not None:
        nota.emitente = ctx.emitente
        return nota
    apagada = rapido.primeiro(Apagada, "emitente_id = %s AND chave = %s", [ctx.emitente.pk, chave])
    if apagada is None:
        raise Recusa(codigos.NAO_ENCONTRADO, "Não há documento deste emitente com esta chave.", {"chave": chave})
    raise _recusa_da_apagada(apagada, ctx)


def _recusa_da_apagada(apagada: Apagada, ctx: Contexto) -> Recusa:
    quando = ctx.opcoes["recusa_consultavel"]
    if quando == "nunca" or (quando == "uma_vez" and apagada.contada):
        texto = "O documento foi recusado e apagado: corrija e envie de novo com o mesmo número."
        return Recusa(codigos.NAO_ENCONTRADO, texto, {"chave": apagada.chave}, http=404)
    with gravacao():
        rapido.executar("UPDATE integranotas_apagada SET contada = 1 WHERE id = %s", [apagada.pk])
    return Recusa(apagada.codigo, apagada.mensagem, {"chave": apagada.chave})
