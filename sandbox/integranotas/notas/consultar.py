"""Consult, PDF, resolve, conflict and information on a town: what asks about one document or changes it to match the
town hall."""

import base64
from xml.etree import ElementTree

from sandbox.integranotas import arquivos, codigos, livro
from sandbox.integranotas.comportamento import do_municipio
from sandbox.integranotas.contexto import Contexto
from sandbox.integranotas.envelope import Recusa, Resultado, campo_invalido, faltas
from sandbox.integranotas.models import AUTORIZADA, CANCELADA, PROCESSANDO, Nota
from sandbox.integranotas.notas import estados, formas, papeis, respostas
from sandbox.municipios import municipio
from sandbox.nucleo.livro import gravacao


def consultar(ctx: Contexto) -> Resultado:
    return respostas.da_nota(respostas.achar(ctx, ctx.partes["chave"]), ctx)


def pdf(ctx: Contexto) -> Resultado:
    nota = respostas.achar(ctx, ctx.partes["chave"])
    if nota.autorizada is None:
        return respostas.da_nota(nota, ctx)
    arquivos.exigir(nota, nota.autorizada, ctx)
    conteudo = arquivos.codificar(papeis.desenhar(nota, ctx.emitente), comprimido=arquivos.comprime(ctx.opcoes))
    return Resultado(codigos.FEITO, "PDF da NFS-e.", {"chave": respostas.chave_de(nota), "pdf": conteudo})


def resolver(ctx: Contexto) -> Resultado:
    """Copy what the town hall has of an authorised note: a cancellation made on the town's own site, mostly."""
    nota = respostas.achar(ctx, ctx.partes["chave"])
    if nota.situacao != PROCESSANDO and nota.prefeitura == CANCELADA and nota.situacao != CANCELADA:
        with gravacao():
            nota.situacao, nota.cancelada = CANCELADA, nota.prefeitura_em
            nota.save()
            livro.da_nota("nfse_sincronizada", nota, ctx.emitente, ctx.agora, ctx.tag)
    return respostas.da_nota(nota, ctx)


def conflito(ctx: Contexto) -> Resultado:
    """The caller shows the town's XML of a note on which the service disagrees."""
    if ausentes := [campo for campo in ("chave", "xml") if not ctx.corpo.get(campo)]:
        raise faltas(ausentes)
    nota = respostas.achar(ctx, ctx.corpo["chave"])
    cancelada = _ler_xml(str(ctx.corpo["xml"]), nota)
    if not nota.prefeitura:
        raise Recusa(codigos.RECUSADA, "A prefeitura não tem esta nota: o XML não é dela.", {"chave": nota.chave})
    if cancelada != (nota.prefeitura == CANCELADA):
        raise Recusa(codigos.RECUSADA, "O XML não é o atual da prefeitura: baixe-o de novo.", {"chave": nota.chave})
    with gravacao():
        if nota.situacao == PROCESSANDO:
            estados.autorizar(nota, ctx.agora, chave_digitos=ctx.opcoes["chave_digitos"])
        if cancelada and nota.situacao != CANCELADA:
            nota.situacao, nota.cancelada = CANCELADA, nota.prefeitura_em
        elif not cancelada:
            nota.situacao, nota.cancelada = AUTORIZADA, None
        nota.save()
        livro.da_nota("nfse_sincronizada", nota, ctx.emitente, ctx.agora, ctx.tag)
    return respostas.da_nota(nota, ctx)


def _ler_xml(codificado: str, nota: Nota) -> bool:
    """Whether the XML tells a cancelled note, in the town's file or as a national event. Raises Recusa when it is of no
    note, or of another one."""
    try:
        raiz = ElementTree.fromstring(base64.b64decode(codificado, validate=True))  # noqa: S314 - loopback; expat >= 2.4.1
    except (ValueError, LookupError, ElementTree.ParseError):
        raise campo_invalido("xml", "Deve ser o XML da nota em base64.") from None
    textos: dict[str, list[str]] = {}
    for no in raiz.iter():
        textos.setdefault(no.tag.rsplit("}", 1)[-1], []).append((no.text or "").strip())
    if "e101101" in textos:
        if {nota.chave, nota.chave_nacional}.isdisjoint(textos.get("chNFSe", [])):
            raise campo_invalido("xml", f"O evento não é da nota de RPS {nota.serie}/{nota.numero}.")
        return True
    numeros = {*textos.get("Numero", []), *textos.get("nDPS", [])}
    series = {*textos.get("Serie", []), *textos.get("serie", [])}
    documentos = {texto for nome in ("Cnpj", "Cpf", "CNPJ", "CPF") for texto in textos.get(nome, [])}
    if str(nota.numero) not in numeros or nota.serie not in series or nota.emitente.documento not in documentos:
        raise campo_invalido("xml", f"O XML não é da nota de RPS {nota.serie}/{nota.numero} deste emitente.")
    return "NfseCancelamento" in textos


def info(ctx: Contexto) -> Resultado:
    """How a municipality is integrated."""
    ibge = ctx.partes["ibge"]
    if descricao := formas.digitos(7)(ibge):
        raise campo_invalido("ibge", descricao)
    achado = municipio(ibge)
    if achado is None:
        raise Recusa(codigos.NAO_ENCONTRADO, f"O município {ibge} não está integrado.")
    plano = do_municipio(ctx.opcoes, ibge)
    corpo = {
        "nome": achado.nome,
        "uf": achado.uf,
        "ibge": ibge,
        "provedor": plano.provedor,
        "padrao": plano.padrao,
        "cancela": plano.cancela,
        "substitui": plano.substitui,
        "localiza": plano.localiza,
        "homologacao": plano.homologacao,
        "campos_obrigatorios": sorted({*plano.obrigatorios, *ctx.opcoes["obrigatorios"]}),
    }
    return Resultado(codigos.FEITO, "Município integrado.", corpo)
