"""What an emitente does with its own record: show, update, change its token, register its webhook."""

from typing import Any

from sandbox.integranotas import codigos, livro, tokens
from sandbox.integranotas.contexto import Contexto
from sandbox.integranotas.emitentes import campos
from sandbox.integranotas.envelope import Resultado, campo_invalido, faltas
from sandbox.integranotas.models import Emitente
from sandbox.nucleo.livro import gravacao


def documento(emitente: Emitente) -> dict[str, str | None]:
    cpf = len(emitente.documento) == 11
    return {"cnpj": None if cpf else emitente.documento, "cpf": emitente.documento if cpf else None}


def retrato(emitente: Emitente) -> dict[str, Any]:
    """The record without its secrets."""
    dados = {nome: valor for nome, valor in emitente.dados.items() if nome not in campos.SECRETOS}
    return {**dados, **documento(emitente), "webhook": emitente.webhook or None}


def mostrar(ctx: Contexto) -> Resultado:
    return Resultado(codigos.FEITO, "Dados do emitente.", retrato(ctx.emitente))


def atualizar(ctx: Contexto) -> Resultado:
    for campo in ("cnpj", "cpf"):
        if ctx.corpo.get(campo) and ctx.corpo[campo] != ctx.emitente.documento:
            raise campo_invalido(campo, "O CNPJ ou CPF do emitente não pode ser alterado.")
    alterar(ctx, ctx.emitente)
    return Resultado(codigos.FEITO, "Emitente atualizado.")


def alterar(ctx: Contexto, emitente: Emitente) -> None:
    """A partial update: what is not in the body stays."""
    lidos = campos.ler(ctx.corpo)
    if vazios := [nome for nome in campos.OBRIGATORIOS if nome in lidos and lidos[nome] is None]:
        raise faltas(vazios)
    webhook = campos.ler_webhook(ctx.corpo["webhook"]) if "webhook" in ctx.corpo else emitente.webhook
    with gravacao():
        emitente.refresh_from_db()
        emitente.dados = {**emitente.dados, **lidos}
        emitente.webhook = webhook
        emitente.save(update_fields=["dados", "webhook"])
        livro.do_emitente("emitente_alterado", emitente, ctx.agora, ctx.tag)


def trocar_token(ctx: Contexto) -> Resultado:
    """The new token replaces the old one, which dies at once."""
    emitente = ctx.emitente
    with gravacao():
        renovar(emitente, ctx)
        livro.do_emitente("token_trocado", emitente, ctx.agora, ctx.tag)
    return Resultado(codigos.FEITO, "Token trocado: o anterior não vale mais.", {"token": emitente.token})


def renovar(emitente: Emitente, ctx: Contexto) -> None:
    emitente.token = tokens.de_emitente(emitente.pk, emitente.conta_id, ctx.agora)
    emitente.save(update_fields=["token"])


def registrar_webhook(ctx: Contexto) -> Resultado:
    if "webhook" not in ctx.corpo:
        raise faltas(["webhook"])
    emitente = ctx.emitente
    emitente.webhook = campos.ler_webhook(ctx.corpo["webhook"])
    with gravacao():
        emitente.save(update_fields=["webhook"])
        livro.do_emitente("webhook_registrado", emitente, ctx.agora, ctx.tag)
    return Resultado(codigos.FEITO, "Webhook registrado." if emitente.webhook else "Webhook retirado.")
