"""What each resource does, once it is known who calls. Each takes a Contexto and gives the answer, or raises Recusa."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpResponse

from sandbox.documentos import cnpj_valido
from sandbox.nacional import catalogo, chaves, distribuicao, emissao, formas, pacote, parametros
from sandbox.nacional.codigos import Mensagem, Recusa, recusa, sem_codigo
from sandbox.nacional.eventos import pedido
from sandbox.nacional.eventos.catalogo import TIPOS
from sandbox.nacional.models import Evento, Nota
from sandbox.nacional.nfse import instante
from sandbox.nacional.opcoes import Opcoes
from sandbox.nacional.respostas import LOCALIZADOS, NENHUM, Respostas
from sandbox.nucleo import rapido

_RAIZ_DO_CNPJ = 8
_MAIOR_NSU = 2**63 - 1


@dataclass(frozen=True)
class Contexto:
    """One call: `quem` is the holder of the certificate, `partes` the variable parts of the route."""

    quem: str
    opcoes: Opcoes
    agora: datetime
    respostas: Respostas
    corpo: bytes = b""
    partes: dict[str, str] = field(default_factory=dict)
    filtros: dict[str, str] = field(default_factory=dict)
    tag: str = ""

    def enviado(self, campo: str) -> object:
        """A field of the JSON body."""
        try:
            lido = json.loads(self.corpo)
        except (ValueError, RecursionError):
            raise recusa("E1225", "O corpo não é JSON.") from None
        return lido.get(campo) if isinstance(lido, dict) else None


# Sefin Nacional


def emitir(ctx: Contexto) -> HttpResponse:
    declaracao = emissao.ler(ctx.enviado("dpsXmlGZipB64"), ctx.opcoes)
    ctx.respostas.id_dps = declaracao.id_dps
    nota = emissao.emitir(declaracao, ctx.opcoes, ctx.agora, ctx.tag)
    corpo = {
        "idDps": nota.id_dps,
        "chaveAcesso": nota.chave,
        "nfseXmlGZipB64": pacote.fechar(nota.xml.encode()),
        "alertas": None,
    }
    return ctx.respostas.sucesso(corpo, 201)


def _nota(chave: str) -> Nota:
    if not chaves.chave_valida(chave):
        raise sem_codigo(400, "A chave de acesso é inválida.")
    nota = rapido.primeiro(Nota, "chave = %s", [chave])
    if nota is None:
        raise sem_codigo(404, "NFS-e não encontrada.")
    return nota


def _do_ator(nota: Nota, quem: str) -> Nota:
    if quem not in nota.atores:
        raise sem_codigo(403, "O certificado não é de um ator da NFS-e.")
    return nota


def consultar(ctx: Contexto) -> HttpResponse:
    nota = _do_ator(_nota(ctx.partes["chave"]), ctx.quem)
    return ctx.respostas.sucesso({"chaveAcesso": nota.chave, "nfseXmlGZipB64": pacote.fechar(nota.xml.encode())})


def _da_dps(id_dps: str) -> Nota:
    if not chaves.id_dps_valido(id_dps):
        raise sem_codigo(400, "O identificador da DPS é inválido.")
    nota = rapido.primeiro(Nota, "id_dps = %s", [id_dps])
    if nota is None:
        raise sem_codigo(404, "Nenhuma NFS-e foi gerada a partir desta DPS.")
    return nota


def consultar_dps(ctx: Contexto) -> HttpResponse:
    nota = _do_ator(_da_dps(ctx.partes["id_dps"]), ctx.quem)
    return ctx.respostas.sucesso({"idDps": nota.id_dps, "chaveAcesso": nota.chave})


def verificar_dps(ctx: Contexto) -> HttpResponse:
    _da_dps(ctx.partes["id_dps"])
    return ctx.respostas.sucesso({})


def registrar_evento(ctx: Contexto) -> HttpResponse:
    lido = pedido.ler(ctx.enviado("pedidoRegistroEventoXmlGZipB64"), ctx.opcoes)
    ctx.respostas.id_dps = lido.identificacao
    evento = pedido.registrar(lido, ctx.partes["chave"], ctx.quem, ctx.opcoes, ctx.agora, ctx.tag)
    return ctx.respostas.sucesso({"eventoXmlGZipB64": pacote.fechar(evento.xml.encode())}, 201)


def consultar_evento(ctx: Contexto) -> HttpResponse:
    """One event, those of one type, or all of a note."""
    nota = _do_ator(_nota(ctx.partes["chave"]), ctx.quem)
    eventos = nota.eventos.order_by("id")
    tipo, sequencia = ctx.partes.get("tipo", ""), ctx.partes.get("sequencia", "")
    if tipo:
        if tipo not in TIPOS:
            raise sem_codigo(400, "O tipo de evento é inválido.")
        eventos = eventos.filter(codigo=tipo)
    if sequencia:
        eventos = eventos.filter(sequencia=int(sequencia))
    achados = list(eventos)
    if not achados:
        return ctx.respostas.json(ctx.respostas.envelope(), 404)  # without `erro`
    forma = ctx.respostas.forma if ctx.respostas.forma.startswith("evento") else ctx.opcoes["forma_evento"]
    if forma == formas.EVENTO_DOCUMENTADO and sequencia:
        return ctx.respostas.sucesso({"eventoXmlGZipB64": pacote.fechar(achados[0].xml.encode())})
    return ctx.respostas.sucesso({"eventos": [_evento_em_lista(nota, evento) for evento in achados]})


def _evento_em_lista(nota: Nota, evento: Evento) -> dict[str, Any]:
    """As production answers, not as the description of the API promises: two layers of Base64."""
    uma_vez = pacote.fechar(evento.xml.encode())
    return {
        "chaveAcesso": nota.chave,
        "tipoEvento": int(evento.codigo),
        "numeroPedidoRegistroEvento": evento.sequencia,
        "dataHoraRecebimento": instante(evento.instante),
        "arquivoXml": base64.b64encode(uma_vez.encode()).decode(),
    }


def decisao_judicial(ctx: Contexto) -> HttpResponse:
    raise sem_codigo(403, "Este recurso não é para contribuintes.")


def mudada(ctx: Contexto) -> HttpResponse:
    raise sem_codigo(501, "Este recurso mudou de endereço: está no ADN.")


def danfse(ctx: Contexto) -> HttpResponse:
    raise sem_codigo(ctx.opcoes["danfse_http"], "O serviço do DANFSe está suspenso (NT 008).")


# ADN


def distribuir(ctx: Contexto) -> HttpResponse:
    nsu = ctx.partes["nsu"]
    if not nsu.isdecimal() or int(nsu) > _MAIOR_NSU:
        raise Recusa(400, Mensagem("E999", "O NSU deve ser um número inteiro."))
    documento = ctx.filtros.get("cnpjConsulta") or ctx.quem
    alheio = not cnpj_valido(documento) or documento[:_RAIZ_DO_CNPJ] != ctx.quem[:_RAIZ_DO_CNPJ]
    if documento != ctx.quem and alheio:
        raise sem_codigo(400, "O CNPJ da consulta deve ter a mesma raiz do certificado.")
    em_lote = ctx.filtros.get("lote", "true").lower()
    if em_lote not in ("true", "false"):
        raise sem_codigo(400, "lote deve ser true ou false.")
    if em_lote == "true":
        achados = distribuicao.depois_de(documento, int(nsu), ctx.opcoes["lote"])
    else:
        achados = distribuicao.um(documento, int(nsu))
    if not achados:
        return ctx.respostas.lote(NENHUM, None, 404)
    return ctx.respostas.lote(LOCALIZADOS, [distribuicao.item(achado) for achado in achados], 200)


def eventos_da_nfse(ctx: Contexto) -> HttpResponse:
    nota = _do_ator(_nota(ctx.partes["chave"]), ctx.quem)
    achados = list(
        nota.distribuidos.filter(documento=ctx.quem, evento__isnull=False)
        .select_related("nota", "evento")
        .order_by("nsu")
    )
    if not achados:
        return ctx.respostas.lote(NENHUM, None, 404)
    return ctx.respostas.lote(LOCALIZADOS, [distribuicao.item(achado) for achado in achados], 200)


# parameters of the municípios


def _parametro(ler: Callable[..., dict[str, Any]]) -> Callable[[Contexto], HttpResponse]:
    def responder(ctx: Contexto) -> HttpResponse:
        return ctx.respostas.sucesso(ler(ctx.opcoes, **ctx.partes))

    return responder


RECURSOS: dict[str, Callable[[Contexto], HttpResponse]] = {
    catalogo.EMITIR: emitir,
    catalogo.CONSULTAR_NFSE: consultar,
    catalogo.CONSULTAR_DPS: consultar_dps,
    catalogo.VERIFICAR_DPS: verificar_dps,
    catalogo.REGISTRAR_EVENTO: registrar_evento,
    catalogo.CONSULTAR_EVENTO: consultar_evento,
    catalogo.DECISAO_JUDICIAL: decisao_judicial,
    catalogo.MUDADA: mudada,
    catalogo.DANFSE: danfse,
    catalogo.DISTRIBUIR: distribuir,
    catalogo.EVENTOS_DA_NFSE: eventos_da_nfse,
    catalogo.CONVENIO: _parametro(parametros.convenio),
    catalogo.ALIQUOTA: _parametro(parametros.aliquota),
    catalogo.HISTORICO: _parametro(parametros.historico),
    catalogo.REGIMES: _parametro(parametros.regimes_especiais),
    catalogo.RETENCOES: _parametro(parametros.retencoes),
    catalogo.BENEFICIO: _parametro(parametros.beneficio),
}
