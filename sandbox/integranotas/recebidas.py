"""Received notes: listed by month, downloaded one by one, with their events."""

import re
from datetime import datetime, time, timedelta

from sandbox.documentos import cnpj_valido
from sandbox.integranotas import arquivos, codigos
from sandbox.integranotas.contexto import HOMOLOGACAO, Contexto
from sandbox.integranotas.envelope import Recusa, Resultado, campo_invalido, faltas
from sandbox.integranotas.models import Recebida
from sandbox.integranotas.notas import chaves, formas, respostas, xml_recebida
from sandbox.nucleo.ajustes import BRASILIA

_PERIODO = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


def _conferir_ambiente(ctx: Contexto) -> None:
    if ctx.emitente.ambiente == HOMOLOGACAO and not ctx.opcoes["dfe_homologacao"]:
        raise Recusa(codigos.NAO_HABILITADO, "A distribuição de notas recebidas só existe em produção.")


def listar(ctx: Contexto) -> Resultado:
    _conferir_ambiente(ctx)
    periodo, dia, cnpj = (ctx.corpo.get(campo) for campo in ("periodo", "data", "cnpj"))
    if not periodo:
        raise faltas(["periodo"])
    if not isinstance(periodo, str) or not _PERIODO.fullmatch(periodo):
        raise campo_invalido("periodo", "Deve ser um mês AAAA-MM.")
    inicio = datetime.combine(datetime.fromisoformat(f"{periodo}-01").date(), time.min, BRASILIA)
    linhas = Recebida.objects.filter(
        emitente=ctx.emitente,
        disponivel__lte=ctx.agora,
        emissao__gte=inicio,
        emissao__lt=(inicio + timedelta(days=32)).replace(day=1),
    )
    if dia:
        if descricao := formas.dia(dia):
            raise campo_invalido("data", descricao)
        comeco = datetime.combine(datetime.fromisoformat(str(dia)).date(), time.min, BRASILIA)
        linhas = linhas.filter(emissao__gte=comeco, emissao__lt=comeco + timedelta(days=1))
    if cnpj:
        if not isinstance(cnpj, str) or not cnpj_valido(cnpj):
            raise campo_invalido("cnpj", f"CNPJ inválido: {cnpj}.")
        linhas = linhas.filter(prestador=cnpj)
    docs = [{"chave": chave} for chave in linhas.order_by("id").values_list("chave", flat=True)]
    return Resultado(codigos.FEITO, f"{len(docs)} documento(s) encontrado(s).", {"docs": docs})


def _achar(ctx: Contexto) -> Recebida:
    _conferir_ambiente(ctx)
    chave = chaves.ler(ctx.partes["chave"])
    achada = Recebida.objects.filter(emitente=ctx.emitente, chave=chave, disponivel__lte=ctx.agora).first()
    if achada is None:
        raise Recusa(codigos.NAO_ENCONTRADO, "Não há nota recebida com esta chave.", {"chave": chave})
    achada.emitente = ctx.emitente
    return achada


def baixar(ctx: Contexto) -> Resultado:
    nota = _achar(ctx)
    arquivos.exigir(nota, nota.emissao, ctx)
    conteudo = arquivos.codificar(xml_recebida.desenhar(nota), comprimido=arquivos.comprime(ctx.opcoes))
    return Resultado(codigos.FEITO, "XML da NFS-e recebida.", {"doc": {"chave": nota.chave, "xml": conteudo}})


def eventos(ctx: Contexto) -> Resultado:
    nota = _achar(ctx)
    lista = []
    if nota.cancelada is not None:
        conteudo = arquivos.codificar(
            xml_recebida.evento_de_cancelamento(nota), comprimido=arquivos.comprime(ctx.opcoes)
        )
        quando = respostas.instante(nota.cancelada)
        lista.append({"tipo": "cancelamento", "data_hora_evento": quando, "xml": conteudo})
    return Resultado(codigos.FEITO, f"{len(lista)} evento(s).", {"chave": nota.chave, "eventos": lista})
