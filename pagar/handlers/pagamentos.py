"""The effect of paying titles."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from comum.models import Usuario
from comum.planilhas import Celula
from operacoes.ensaio import NoLivro, Palco
from operacoes.handlers import ProximaAcao, Repeticao, registrar
from operacoes.models import Operacao
from operacoes.motor import NovaOperacao
from pagar import ensaio
from pagar.handlers.base import ErpHandler, Sessao, onde
from pagar.models import ItemPagamento, Pagamento
from pagar.providers.datasul import Motivo, RecusaErp
from pagar.providers.interface import LotePagamento, Resultado, TipoPagamento
from pagar.services import notas, pagamentos, registro
from pagar.services.ditos import itens_ditos


@registrar
class Pagar(ErpHandler[LotePagamento]):
    """A payment batch or a borderô: {"pagamento": pk}."""

    tipo, rotulo, corpo = pagamentos.PAGAR, "Pagar títulos", LotePagamento
    efeito_no_livro = "pagamento"
    indicios = frozenset({Motivo.BORDERO_USADO, Motivo.TITULO_FECHADO})
    prova = (
        "O Datasul recusa a repetição porque a referência já foi usada; a de um borderô, porque o número já foi usado "
        "e os títulos já estão pagos ou em borderô."
    )
    onde_conferir = onde("o borderô com este número, ou a referência deste pagamento nos movimentos dos títulos.")
    colunas_do_resultado = ("Pagamento", "Títulos", "Total (R$)")

    def chamar(self, pedido: Mapping[str, Any], sessao: Sessao, *, pergunta: bool) -> Callable[..., Resultado]:
        """A repeat of what was lost does nothing when it is refused: had the first one paid a part, its reference would
        be taken."""
        repete = pergunta or (sessao.ja_enviada and self.sabe(pedido, sessao))
        return partial(sessao.aberta.cliente.pagar, repete=repete)

    def proxima_acao(self, grupo: str, operacoes_url: str) -> ProximaAcao | None:
        return None

    def diria(self, pedido: Mapping[str, Any]) -> Motivo:
        bordero = pedido["corpo"]["tipo"] == TipoPagamento.BORDERO
        return Motivo.BORDERO_USADO if bordero else Motivo.REFERENCIA_USADA

    def prova_que_foi(self, pedido: Mapping[str, Any], recusa: RecusaErp) -> bool:
        """The number of a borderô is taken by whoever comes first: ours is the one that has all of its titles, each of
        which is refused too."""
        if not super().prova_que_foi(pedido, recusa):
            return False
        todos = set(range(len(pedido["corpo"]["titulos"])))
        return self.diria(pedido) is Motivo.REFERENCIA_USADA or todos <= itens_ditos(recusa.texto).keys()

    def pode_ter_sido(self, pedido: Mapping[str, Any], recusa: RecusaErp) -> bool:
        """Of a payment that keeps its good items every error was a doubt, also those of titles closed before it."""
        parcial = pedido["corpo"]["parcial"]
        return bool(recusa.motivos & (self.indicios - {Motivo.TITULO_FECHADO} if parcial else self.indicios))

    def ensaiar(self, palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
        return ensaio.dos_pagamentos(palco, quantas)

    def no_livro(self, operacao: Operacao) -> NoLivro | None:
        return ensaio.do_pagamento(operacao)

    def submetidas(self, operacoes: Sequence[Operacao]) -> None:
        for operacao in operacoes:
            pagamento = _pagamento(operacao)
            pagamento.operacao, pagamento.situacao = operacao, Pagamento.Situacao.ENVIANDO
            pagamento.save(update_fields=["operacao", "situacao"])
            titulos = registro.travados(pagamento.itens.values_list("titulo", flat=True))
            for titulo in titulos:
                titulo.em_curso = operacao
                titulo.versao += 1
            registro.gravar(titulos, [])

    def aplicar(self, operacao: Operacao, resposta: Resultado) -> dict[str, Any]:
        pagamento = _pagamento(operacao)
        if pagamento.situacao == Pagamento.Situacao.ENVIANDO:
            registro.pago(pagamento, resposta, operacao)
            _acompanhar(pagamento)
        return {"pagamento": pagamento.pk, "referencia": pagamento.referencia or resposta.referencia}

    def recusada(self, operacao: Operacao) -> None:
        self._voltou(operacao, operacao.mensagem)

    def desistida(self, operacao: Operacao) -> None:
        self._voltou(operacao, "Retirado da fila.")

    def _voltou(self, operacao: Operacao, mensagem: str) -> None:
        pagamento = _pagamento(operacao)
        if pagamento.operacao_id == operacao.pk and pagamento.situacao == Pagamento.Situacao.ENVIANDO:
            registro.pagamento_voltou(pagamento, operacao, mensagem)
            _acompanhar(pagamento)

    def repetir(self, operacoes: Sequence[Operacao], usuario: Usuario) -> Mapping[int, Repeticao | str]:
        itens = ItemPagamento.objects.filter(pagamento__in=[operacao.pedido["pagamento"] for operacao in operacoes])
        registro.travados(itens.values_list("titulo", flat=True))
        return {operacao.pk: pagamentos.repeticao_de(operacao) for operacao in operacoes}

    def resultados(self, operacoes: Sequence[Operacao]) -> Mapping[int, Sequence[Celula]]:
        feitos = Pagamento.objects.in_bulk({operacao.pedido["pagamento"] for operacao in operacoes})
        return {
            operacao.pk: (str(pagamento), pagamento.quantidade, pagamento.total)
            for operacao in operacoes
            if (pagamento := feitos.get(operacao.pedido["pagamento"])) is not None
        }


def _acompanhar(pagamento: Pagamento) -> None:
    """Notes that were cancelled while their titles were being paid."""
    for titulo in registro.travados(pagamento.itens.values_list("titulo", flat=True)):
        notas.acompanhar(titulo)


def _pagamento(operacao: Operacao) -> Pagamento:
    return Pagamento.objects.select_for_update(of=("self",)).get(pk=operacao.pedido["pagamento"])
