"""Which function answers each operation, and what runs later: a postponed call, a town's answer, a purge."""

from collections.abc import Callable
from typing import Any

from sandbox.integranotas import backup, recebidas
from sandbox.integranotas.contexto import Contexto
from sandbox.integranotas.emitentes import cadastro, certificados, softhouse
from sandbox.integranotas.envelope import Recusa, Resultado, ler_corpo
from sandbox.integranotas.models import Conta, Emitente
from sandbox.integranotas.notas import buscas, cancelar, consultar, criar, estados
from sandbox.integranotas.opcoes import Opcoes
from sandbox.nucleo import ajustes as ajustes_do_nucleo

PEDIDO = "pedido"

SERVICOS: dict[str, Callable[[Contexto], Resultado]] = {
    "nfse_criar": criar.criar,
    "nfse_previa": criar.previa,
    "nfse_substituir": criar.substituir,
    "nfse_cancelar": cancelar.cancelar,
    "nfse_busca": buscas.na_base,
    "nfse_consulta_prefeitura": buscas.na_prefeitura,
    "nfse_backup": backup.emitidas,
    "nfse_conflito": consultar.conflito,
    "nfse_offline": buscas.em_processamento,
    "nfse_info": consultar.info,
    "nfse_pdf": consultar.pdf,
    "nfse_resolve": consultar.resolver,
    "nfse_consultar": consultar.consultar,
    "dfe_listar": recebidas.listar,
    "dfe_baixar": recebidas.baixar,
    "dfe_eventos": recebidas.eventos,
    "dfe_backup": backup.recebidas,
    "emitente_mostrar": cadastro.mostrar,
    "emitente_atualizar": cadastro.atualizar,
    "emitente_token": cadastro.trocar_token,
    "webhook_registrar": cadastro.registrar_webhook,
    "certificado_mostrar": certificados.mostrar,
    "certificado_enviar": certificados.enviar,
    "soft_criar": softhouse.criar,
    "soft_atualizar": softhouse.atualizar,
    "soft_listar": softhouse.listar,
    "soft_removidos": softhouse.removidos,
    "soft_mostrar": softhouse.mostrar,
    "soft_remover": softhouse.remover,
}


def cumprir(pedido: dict[str, Any]) -> None:
    """Carry out what was postponed, by its `tipo`."""
    match pedido["tipo"]:
        case softhouse.EXPURGO:
            softhouse.expurgar(pedido["emitente"])
        case estados.DECISAO | estados.CANCELAMENTO:
            opcoes = Opcoes(ajustes_do_nucleo.ler())
            estados.cumprir(pedido, chave_digitos=opcoes["chave_digitos"])
        case _:
            _cumprir_pedido(pedido)


def _cumprir_pedido(pedido: dict[str, Any]) -> None:
    """A call whose connection was dropped; a refusal leaves no effect, as it would have."""
    emitente = Emitente.objects.filter(pk=pedido["emitente"]).first() if pedido["emitente"] else None
    conta = Conta.objects.filter(pk=pedido["conta"]).first() if pedido["conta"] else None
    if emitente is None and conta is None:
        return
    try:
        ctx = Contexto(
            ajustes=ajustes_do_nucleo.ler(),
            versao=pedido["versao"],
            de_emitente=emitente,
            de_conta=conta,
            corpo=ler_corpo(pedido["corpo"].encode()),
            partes=pedido["partes"],
            tag=pedido["tag"],
        )
        SERVICOS[pedido["operacao"]](ctx)
    except Recusa:
        return
