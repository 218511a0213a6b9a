"""Cancel: at once, later, or not offered by the town."""

from collections.abc import Mapping
from typing import Any

from sandbox.integranotas import arquivos, codigos
from sandbox.integranotas.comportamento import MUNICIPAL, RECUSAR, Comportamento, da_nota
from sandbox.integranotas.contexto import Contexto
from sandbox.integranotas.envelope import Recusa, Resultado, campo_invalido, faltas
from sandbox.integranotas.models import AUTORIZADA, CANCELADA, CANCELANDO, Nota
from sandbox.integranotas.notas import estados, respostas
from sandbox.nucleo.livro import gravacao

MENOR_TEXTO = 15
_CODIGOS = {MUNICIPAL: ("1", "2", "4"), "nacional": ("1", "2", "9")}


def ler_motivo(corpo: Mapping[str, Any], padrao: str) -> tuple[str, str]:
    """(code, text) of a cancellation; the text under its present or its older name. Raises Recusa."""
    ausentes = [campo for campo in ("chave", "codigo_cancelamento") if corpo.get(campo) in (None, "")]
    textos = [corpo.get(campo) for campo in ("motivo_cancelamento", "justificativa")]
    if not any(textos):
        ausentes.append("motivo_cancelamento")
    if ausentes:
        raise faltas(ausentes)
    codigo = corpo["codigo_cancelamento"]
    if isinstance(codigo, bool) or str(codigo) not in _CODIGOS[padrao]:
        raise campo_invalido("codigo_cancelamento", f"Deve ser um destes: {', '.join(_CODIGOS[padrao])}.")
    motivo = max((texto for texto in textos if isinstance(texto, str)), key=len, default="").strip()
    if len(motivo) < MENOR_TEXTO:
        raise campo_invalido("motivo_cancelamento", f"Deve ter ao menos {MENOR_TEXTO} caracteres.")
    return str(codigo), motivo[:255]


def exigir_autorizada(nota: Nota) -> None:
    if nota.situacao == CANCELANDO:
        raise Recusa(codigos.SITUACAO, "O cancelamento desta nota está em processamento.", {"chave": nota.chave})
    if nota.situacao != AUTORIZADA:
        texto = f"Só uma nota autorizada pode ser cancelada ou substituída: esta está {nota.situacao}."
        raise Recusa(codigos.SITUACAO, texto, {"chave": nota.chave})


def cancelar(ctx: Contexto) -> Resultado:
    if not ctx.corpo.get("chave"):
        raise faltas(["chave"])
    nota = respostas.achar(ctx, ctx.corpo["chave"])
    plano = da_nota(ctx.opcoes, nota.municipio, ctx.emitente.comportamento, nota.tomador)
    codigo, motivo = ler_motivo(ctx.corpo, plano.padrao)
    exigir_autorizada(nota)
    if not plano.cancela:
        texto = "A prefeitura não oferece cancelamento: cancele no site dela e depois use /nfse/resolve."
        raise Recusa(codigos.NAO_OFERECIDO, texto, {"chave": nota.chave})
    with gravacao():
        nota.refresh_from_db()
        exigir_autorizada(nota)
        nota.codigo_cancelamento, nota.motivo_cancelamento, nota.tag = codigo, motivo, ctx.tag
        nota.comportamento = plano.como_dict() | {"padrao": nota.comportamento["padrao"]}
        _na_prefeitura(ctx, nota, plano)
    if nota.situacao == CANCELANDO:
        return Resultado(codigos.PROCESSANDO, "Cancelamento enviado à prefeitura.", {"chave": nota.chave})
    corpo = {"chave": respostas.chave_de(nota), "data_hora_evento": respostas.instante(nota.cancelada)}
    corpo |= arquivos.da_nota(nota, ctx.emitente, comprimido=arquivos.comprime(ctx.opcoes))
    return Resultado(codigos.CANCELADA, "NFS-e cancelada.", corpo)


def _na_prefeitura(ctx: Contexto, nota: Nota, plano: Comportamento) -> None:
    """Inside `gravacao`."""
    if nota.prefeitura == CANCELADA:
        texto = "A nota já está cancelada na prefeitura: use /nfse/resolve para atualizar a situação."
        raise Recusa(codigos.RECUSADA, texto, {"chave": nota.chave})
    if plano.cancela_segundos == 0:
        if plano.cancela_desfecho == RECUSAR:
            raise Recusa(codigos.RECUSADA, "A prefeitura recusou o cancelamento.", {"chave": nota.chave})
        estados.cancelar(nota, ctx.emitente, ctx.agora, ctx.tag)
        return
    nota.situacao = CANCELANDO
    nota.save()
    if plano.cancela_segundos is not None:
        estados.agendar(estados.CANCELAMENTO, nota, ctx.agora, plano.cancela_segundos)
