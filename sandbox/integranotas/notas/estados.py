"""The states of a document and what moves it from one to the other. Everything here runs inside `gravacao`."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sandbox.integranotas import avisos, codigos, livro
from sandbox.integranotas.catalogo import SERVICO
from sandbox.integranotas.comportamento import AUTORIZAR, RECUSAR
from sandbox.integranotas.models import AUTORIZADA, CANCELADA, CANCELANDO, PROCESSANDO, Apagada, Emitente, Nota
from sandbox.integranotas.notas import chaves
from sandbox.nucleo import adiados, rapido
from sandbox.nucleo.livro import proximo

DECISAO, CANCELAMENTO = "decisao", "cancelamento"
SUBSTITUICAO = "9"


def numerar(nota: Nota, emitente: Emitente, instante: datetime, tag: str) -> None:
    """The town issues the note: number, verification code, its row in the ledger. Changes the object only."""
    nota.numero_nfse = proximo(f"integranotas_nfse/{emitente.pk}")
    nota.codigo_verificacao = hashlib.sha256(nota.chave.encode()).hexdigest()[:9].upper()
    nota.protocolo = f"{nota.numero_nfse:015d}"
    nota.prefeitura, nota.prefeitura_em = AUTORIZADA, instante
    livro.da_nota("nfse_autorizada", nota, emitente, instante, tag)


def autorizar(nota: Nota, instante: datetime, *, chave_digitos: str) -> None:
    """The service takes over what the town issued. Changes the object only."""
    nota.situacao, nota.autorizada = AUTORIZADA, instante
    if chave_digitos == "44_depois_50":
        nota.chave_nacional = chaves.nova(
            50,
            documento=nota.emitente.documento,
            ibge=nota.municipio,
            numero=nota.numero_nfse or 0,
            instante=instante,
        )


def agendar(tipo: str, nota: Nota, agora: datetime, segundos: float) -> None:
    quando = agora + timedelta(seconds=segundos)
    adiados.adiar(SERVICO, {"tipo": tipo, "nota": nota.pk, "instante": quando.isoformat()}, agora, segundos)


def substituida(nota: Nota) -> Nota | None:
    """The note that this one replaces, while it still can be."""
    if not nota.substitui:
        return None
    return rapido.primeiro(Nota, "chave = %s AND situacao = %s", [nota.substitui, AUTORIZADA])


def cancelar(nota: Nota, emitente: Emitente, instante: datetime, tag: str, *, tipo: str = "nfse_cancelada") -> None:
    nota.situacao, nota.cancelada = CANCELADA, instante
    nota.prefeitura, nota.prefeitura_em = CANCELADA, instante
    nota.save()
    livro.da_nota(tipo, nota, emitente, instante, tag)


def substituir(antiga: Nota, nova: Nota, emitente: Emitente, instante: datetime) -> None:
    """The old note falls when the new one is authorised."""
    antiga.codigo_cancelamento = nova.codigo_cancelamento or SUBSTITUICAO
    antiga.motivo_cancelamento = nova.motivo_cancelamento
    cancelar(antiga, emitente, instante, nova.tag, tipo="nfse_substituida")


def apagar(nota: Nota, instante: datetime, codigo: int, mensagem: str) -> None:
    """The service deletes a refused document: its number is free again."""
    enterrar(nota, instante, codigo, mensagem)
    nota.delete()


def enterrar(nota: Nota, instante: datetime, codigo: int, mensagem: str, *, contada: bool = False) -> None:
    Apagada.objects.create(
        emitente_id=nota.emitente_id,
        chave=nota.chave,
        serie=nota.serie,
        numero=nota.numero,
        codigo=codigo,
        mensagem=mensagem,
        instante=instante,
        contada=contada,
    )


def decidir(nota: Nota, instante: datetime, *, desfecho: str, mensagem: str, chave_digitos: str) -> None:
    """A document leaves processing. What the town had issued meanwhile is taken over, whatever was planned."""
    emitente = nota.emitente
    antiga = substituida(nota)
    if nota.prefeitura != AUTORIZADA:
        if desfecho == RECUSAR or (nota.substitui and antiga is None):
            motivo = mensagem if desfecho == RECUSAR else "A nota a substituir não está mais autorizada."
            codigo = int(nota.comportamento["codigo"]) if desfecho == RECUSAR else codigos.RECUSADA
            apagar(nota, instante, codigo, motivo)
            avisos.criar(emitente, instante, {"codigo": codigo, "mensagem": motivo, "chave": nota.chave})
            return
        numerar(nota, emitente, instante, nota.tag)
    autorizar(nota, instante, chave_digitos=chave_digitos)
    nota.save()
    if antiga is not None:
        substituir(antiga, nota, emitente, instante)
    avisar_autorizada(nota, instante)


def avisar_autorizada(nota: Nota, instante: datetime) -> None:
    conteudo = {"codigo": codigos.AUTORIZADA, "mensagem": "NFS-e autorizada.", "chave": nota.chave}
    avisos.criar(nota.emitente, instante, conteudo)


def decidir_cancelamento(nota: Nota, instante: datetime, *, desfecho: str, mensagem: str) -> None:
    emitente = nota.emitente
    if desfecho == AUTORIZAR:
        cancelar(nota, emitente, instante, nota.tag)
        conteudo = {"codigo": codigos.CANCELADA, "mensagem": "NFS-e cancelada.", "chave": nota.chave}
    else:
        nota.situacao, nota.codigo_cancelamento, nota.motivo_cancelamento = AUTORIZADA, "", ""
        nota.save()
        conteudo = {"codigo": codigos.RECUSADA, "mensagem": mensagem, "chave": nota.chave}
    avisos.criar(emitente, instante, conteudo)


def cumprir(pedido: dict[str, Any], *, chave_digitos: str) -> None:
    """The instant of a town's answer came. A document decided or gone meanwhile stays as it is."""
    nota = Nota.objects.select_related("emitente").filter(pk=pedido["nota"]).first()
    if nota is None:
        return
    plano, instante = nota.comportamento, datetime.fromisoformat(pedido["instante"])
    if pedido["tipo"] == DECISAO and nota.situacao == PROCESSANDO:
        desfecho = RECUSAR if plano["desfecho"] == RECUSAR else AUTORIZAR
        decidir(nota, instante, desfecho=desfecho, mensagem=plano["mensagem"], chave_digitos=chave_digitos)
    if pedido["tipo"] == CANCELAMENTO and nota.situacao == CANCELANDO:
        recusa = "A prefeitura recusou o cancelamento: a nota continua autorizada."
        decidir_cancelamento(nota, instante, desfecho=plano["cancela_desfecho"], mensagem=recusa)
