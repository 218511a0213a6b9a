"""How a title is drawn: its state in a word, a sign and a colour, and its bar code as people type it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django import template

from comum.documentos import Invalido, linha_digitavel
from operacoes.handlers import handler_de
from operacoes.models import Situacao as SituacaoDaOperacao
from pagar.models import Pagamento, Titulo

register = template.Library()

Situacao = Titulo.Situacao
_TONS = {
    Situacao.RASCUNHO: "neutro",
    Situacao.ENVIANDO: "info",
    Situacao.RECUSADO: "erro",
    Situacao.ABERTO: "info",
    Situacao.BORDERO: "info",
    Situacao.LIQUIDADO: "ok",
    Situacao.CANCELADO: "erro",
    Situacao.ESTORNADO: "neutro",
    Situacao.ABANDONADO: "neutro",
}
_TONS_DO_PAGAMENTO = {
    Pagamento.Situacao.ENVIANDO: "info",
    Pagamento.Situacao.RECUSADO: "erro",
    Pagamento.Situacao.GERADO: "atencao",
    Pagamento.Situacao.PAGO: "ok",
}
_EM_DUVIDA = (SituacaoDaOperacao.INCERTA, SituacaoDaOperacao.AGUARDA_PESSOA)


@dataclass(frozen=True)
class Estado:
    """`tom` and `sinal` as the chips'; `detalhe` says what else is to be known. `morto`: nothing is owed by it."""

    tom: str
    rotulo: str
    detalhe: str = ""
    morto: bool = False
    sinal: str | None = None


@register.filter
def estado_do_titulo(titulo: Titulo) -> Estado:
    """The state of a title, with what is being asked of it, and what a person must look at."""
    situacao = Situacao(titulo.situacao)
    tom, rotulo, ditos = _TONS[situacao], str(situacao.label), []
    if situacao is Situacao.ENVIANDO and titulo.operacao is not None:
        if titulo.operacao.situacao in _EM_DUVIDA:
            tom, rotulo = "duvida", titulo.operacao.get_situacao_display()
        if titulo.operacao.empresa_id is not None:  # of a batch of several empresas it may name any of them
            ditos.append(titulo.operacao.mensagem)
    elif situacao is Situacao.RECUSADO:
        ditos.append(titulo.mensagem)
    if titulo.aviso:
        tom = "atencao"
        ditos.append(titulo.aviso)
    if titulo.em_curso is not None:
        pedido = f"{handler_de(titulo.em_curso.tipo).rotulo}: {titulo.em_curso.get_situacao_display().lower()}"
        if titulo.em_curso.situacao in _EM_DUVIDA:
            tom = "duvida"
        ditos.append(pedido)
    elif barras_paradas(titulo):
        tom = "atencao"
        ditos.append("Sem barras no ERP")
    if titulo.bloqueado and situacao not in Titulo.MORTOS:
        ditos.append("Pagamento bloqueado")
    parado = situacao is Situacao.ABERTO and tom == "info"  # blue, but nothing is being waited for
    return Estado(tom, rotulo, " · ".join(filter(None, ditos)), situacao in Titulo.MORTOS, "" if parado else None)


def barras_paradas(titulo: Titulo) -> bool:
    """The ERP has the title without its bar code, and nothing is under way that would bring it."""
    return (
        titulo.barras == Titulo.Barras.PENDENTE
        and titulo.em_curso_id is None
        and titulo.situacao in (Situacao.ABERTO, Situacao.BORDERO)
    )


@register.filter
def tom_do_pagamento(pagamento: Pagamento) -> str:
    return "atencao" if pagamento.em_parte else _TONS_DO_PAGAMENTO[Pagamento.Situacao(pagamento.situacao)]


@register.filter
def blocos_da_linha(codigo: str) -> list[str]:
    """The digits of a slip in the blocks in which it is printed: the 44 of a collection's bars as its 48."""
    lida = linha_digitavel(codigo)
    if not isinstance(lida, Invalido):
        return [lida.linha[inicio : inicio + 12] for inicio in range(0, 48, 12)]
    if len(codigo) == 47:  # a boleto's
        cortes = (0, 5, 10, 15, 21, 26, 32, 33, 47)
        return [codigo[inicio:fim] for inicio, fim in pairwise(cortes)]
    return [codigo[inicio : inicio + 11] for inicio in range(0, len(codigo), 11)]


@register.filter
def na_posicao(lista: Sequence[object], posicao: int) -> object:
    return lista[posicao]
