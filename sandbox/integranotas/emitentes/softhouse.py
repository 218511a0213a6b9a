"""What a software house does with its emitentes."""

from datetime import timedelta

from sandbox.integranotas import codigos, livro, tokens
from sandbox.integranotas.catalogo import SERVICO
from sandbox.integranotas.contexto import Contexto
from sandbox.integranotas.emitentes import cadastro, campos
from sandbox.integranotas.envelope import Recusa, Resultado, faltas
from sandbox.integranotas.models import Emitente
from sandbox.integranotas.notas import respostas
from sandbox.nucleo import adiados, rapido
from sandbox.nucleo.livro import gravacao, proximo

EXPURGO = "expurgo"
_GUARDA = timedelta(days=30)
_SEU = "conta_id = %s AND documento = %s"


def criar(ctx: Contexto) -> Resultado:
    if ausentes := [campo for campo in campos.OBRIGATORIOS if not ctx.corpo.get(campo)]:
        raise faltas(ausentes)
    documento, dados = campos.ler_documento(ctx.corpo), campos.ler(ctx.corpo)
    with gravacao():
        if (existente := rapido.primeiro(Emitente, _SEU, [ctx.conta.pk, documento])) is not None:
            como = "já existe" if existente.removido is None else "foi removido há menos de 30 dias"
            raise Recusa(codigos.EXISTE, f"O emitente {como}.")
        emitente = rapido.inserir(
            Emitente(
                conta=ctx.conta,
                ambiente=ctx.conta.ambiente,
                documento=documento,
                token=tokens.de_emitente(proximo("integranotas_emitente"), ctx.conta.pk, ctx.agora),
                dados=dados,
            )
        )
        livro.do_emitente("emitente_criado", emitente, ctx.agora, ctx.tag)
    return Resultado(codigos.FEITO, "Emitente criado.", {"token": emitente.token})


def _achar(ctx: Contexto, documento: str) -> Emitente:
    achado = rapido.primeiro(Emitente, _SEU, [ctx.conta.pk, documento])
    if achado is None or achado.removido is not None:
        raise Recusa(codigos.NAO_ENCONTRADO, f"Não há emitente ativo com o documento {documento[:14]}.")
    return achado


def atualizar(ctx: Contexto) -> Resultado:
    cadastro.alterar(ctx, _achar(ctx, campos.ler_documento(ctx.corpo)))
    return Resultado(codigos.FEITO, "Emitente atualizado.")


def mostrar(ctx: Contexto) -> Resultado:
    emitente = _achar(ctx, ctx.partes["documento"])
    corpo = cadastro.retrato(emitente)
    if ctx.opcoes["soft_mostra_token"]:
        corpo["token"] = emitente.token
    return Resultado(codigos.FEITO, "Dados do emitente.", corpo)


def _lista(ctx: Contexto, *, removidos: bool) -> Resultado:
    linhas = Emitente.objects.filter(conta=ctx.conta, removido__isnull=not removidos).order_by("id")
    docs = [
        {
            "nome": emitente.dados.get("nome"),
            "razao": emitente.dados.get("razao"),
            **cadastro.documento(emitente),
            **({"removido_em": respostas.instante(emitente.removido)} if removidos else {}),
        }
        for emitente in linhas
    ]
    return Resultado(codigos.FEITO, f"{len(docs)} emitente(s).", {"docs": docs})


def listar(ctx: Contexto) -> Resultado:
    return _lista(ctx, removidos=False)


def removidos(ctx: Contexto) -> Resultado:
    return _lista(ctx, removidos=True)


def remover(ctx: Contexto) -> Resultado:
    """A soft delete: refused from now on, purged with all its documents 30 days later."""
    emitente = _achar(ctx, ctx.partes["documento"])
    emitente.removido = ctx.agora
    with gravacao():
        emitente.save(update_fields=["removido"])
        pedido = {"tipo": EXPURGO, "emitente": emitente.pk}
        adiados.adiar(SERVICO, pedido, ctx.agora, _GUARDA.total_seconds())
        livro.do_emitente("emitente_removido", emitente, ctx.agora, ctx.tag)
    return Resultado(codigos.FEITO, "Emitente removido: seus dados serão apagados em 30 dias.")


def expurgar(numero: int) -> None:
    """Inside `gravacao`."""
    Emitente.objects.filter(pk=numero, removido__isnull=False).delete()
