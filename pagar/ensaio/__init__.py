"""Seeded titles and pedidos with which the fault harness exercises the handlers of this app, and where the simulated
ERP's ledger shows what they did.

A title is asked one thing at a time, so that each intent is about titles of its own; what happened to them before was
made while nothing went wrong.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from operacoes.ensaio import NoLivro, NoSandbox, Palco
from operacoes.models import Operacao
from operacoes.motor import NovaOperacao
from pagar.ensaio import titulos as feitos
from pagar.models import ContaErp, ItemPagamento, Movimento, Pagamento, Titulo
from pagar.providers.interface import (
    Atualizacao,
    Estorno,
    LotePagamento,
    MotivoAlteracao,
    OperacaoEstorno,
    RateioAlteracao,
    TipoPagamento,
)
from pagar.services import atos, implantacao, pagamentos

_SERVICO = "totvs"
_MAIOR_DOCUMENTO = 60  # what the ledger keeps of it
_POR_LOTE = 6
_NO_PAGAMENTO = 3
_DIMINUI = Decimal("10.00")
_NAO_CADASTRADO = frozenset({"90010"})


# -- how the sandbox sees it -------------------------------------------------------------------------------------------


def _alvo(pedido: Mapping[str, Any]) -> Mapping[str, str]:
    """The operation, and the title by its key there; of a batch the first one, wherever it stands."""
    corpo = pedido["corpo"]
    if "titulos" not in corpo:
        return {"operacao": _operacao(pedido), "documento": _chave(corpo, corpo["estabelecimento"])}
    primeiro = corpo["titulos"][0]
    ramo = primeiro.get("estabelecimento") or corpo["estabelecimento"]
    return {"operacao": _operacao(pedido), "documento": f"*{_chave(primeiro, ramo)}*"}


def _operacao(pedido: Mapping[str, Any]) -> str:
    nomes = {"lote": "lote", "pagamento": "pagamento", "movimento": "estorno", "barras": "atualizacao"}
    return next((nome for campo, nome in nomes.items() if campo in pedido), "antecipacao")


def _chave(corpo: Mapping[str, Any], ramo: str) -> str:
    partes = (ramo, corpo["especie"], corpo["serie"], str(corpo["fornecedor"]), corpo["numero"], corpo["parcela"])
    return "/".join(partes).upper()[: _MAIOR_DOCUMENTO - 2]


def _resto_de(pedido: Mapping[str, Any]) -> int | None:
    return pedido.get("resto_de")


NO_SANDBOX = NoSandbox(_alvo, resto_de=_resto_de, servico=_SERVICO)


# -- what the ledger shows ---------------------------------------------------------------------------------------------


def no_livro(operacao: Operacao, tipo: str, *, tambem: tuple[str, ...] = ()) -> NoLivro:
    """Of one title, or of those of a batch."""
    pedido = operacao.pedido
    seus = _titulos(pedido["titulos"] if "titulos" in pedido else [pedido["titulo"]])
    a_caminho = any(
        titulo.em_curso_id == operacao.pk
        or (titulo.operacao_id == operacao.pk and titulo.situacao == Titulo.Situacao.ENVIANDO)
        for titulo in seus
    )
    return _livro(operacao, tipo, seus, tambem, str(operacao.resposta.get("referencia", "")), a_caminho=a_caminho)


def do_pagamento(operacao: Operacao) -> NoLivro:
    """A borderô by its number, a batch by its reference: each title that went in."""
    pagamento = Pagamento.objects.select_related("conta").get(pk=operacao.pedido["pagamento"])
    seus = _titulos(ItemPagamento.objects.filter(pagamento=pagamento).values_list("titulo", flat=True))
    a_caminho = any(titulo.em_curso_id == operacao.pk for titulo in seus) or (
        pagamento.operacao_id == operacao.pk and pagamento.situacao == Pagamento.Situacao.ENVIANDO
    )
    bordero = pagamento.tipo == Pagamento.Tipo.BORDERO
    return _livro(
        operacao,
        "bordero" if bordero else "pagamento",
        seus,
        ("titulo_imposto", *(["pagamento"] if bordero else [])),
        str(pagamento.bordero) if bordero else str(operacao.resposta.get("referencia", "")),
        a_caminho=a_caminho,
    )


def do_estorno(operacao: Operacao) -> NoLivro:
    cancela = operacao.pedido["corpo"]["operacao"] == OperacaoEstorno.CANCELAMENTO
    return no_livro(operacao, "cancelamento" if cancela else "estorno", tambem=("estorno",))


def _livro(
    operacao: Operacao, tipo: str, seus: Sequence[Titulo], tambem: tuple[str, ...], numero: str, *, a_caminho: bool
) -> NoLivro:
    corpo = operacao.pedido["corpo"]
    dia = corpo.get("data") or corpo["emissao"]
    return NoLivro(
        _SERVICO,
        tipo,
        f"{seus[0].empresa_erp}/{seus[0].estabelecimento}",
        f"{date.fromisoformat(dia):%Y%m}",
        numero,
        tambem,
        tuple(titulo.chave.removeprefix(f"{titulo.empresa_erp}/")[:_MAIOR_DOCUMENTO] for titulo in seus),
        a_caminho,
    )


def _titulos(pks: Iterable[int]) -> list[Titulo]:
    return list(Titulo.objects.filter(pk__in=list(pks)).order_by("pk"))


# -- intents -----------------------------------------------------------------------------------------------------------


def lotes(palco: Palco, quantos: int) -> Sequence[NovaOperacao]:
    """Batches of a few titles, some of them with bar codes; in one of eight there is a title that the ERP refuses, and
    the others are to go without it."""
    novas: list[NovaOperacao] = []
    for n in range(quantos):
        conta = feitos.contas(palco)[n % len(feitos.contas(palco))]
        seus = feitos.rascunhos(palco, palco.sorteio.randint(1, _POR_LOTE), barras=n % 4 == 1, na_conta=conta)
        if ruim := n % 8 == 3:
            seus.insert(palco.sorteio.randint(0, len(seus)), feitos.desconhecido(palco, conta))
        with transaction.atomic():
            (nova,) = implantacao.novas_operacoes(seus, palco.usuario)
        if ruim:
            palco.recusas[nova.chave] = _NAO_CADASTRADO
        novas.append(nova)
    return novas


def antecipacoes(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    with transaction.atomic():
        return implantacao.novas_operacoes(feitos.antecipacoes(palco, quantas), palco.usuario)


def atualizacoes(palco: Palco, quantas: int) -> Sequence[NovaOperacao]:
    """A balance, a due date, or a title held."""
    novas: list[NovaOperacao] = []
    for n, titulo in enumerate(feitos.implantados(palco, quantas)):
        corpo = (_menos(titulo), Atualizacao(vencimento=titulo.vencimento + timedelta(days=9)))[n % 2]
        with transaction.atomic():
            novas += atos.atualizacoes([(titulo, atos.com_chave(titulo, corpo))], barras=False)
    return novas


def _menos(titulo: Titulo) -> Atualizacao:
    linha = RateioAlteracao(
        estabelecimento=titulo.estabelecimento,
        plano_contas="Geral",
        conta="21010606",
        unidade_negocio="1",
        fluxo="10.06.01",
        valor=_DIMINUI,
    )
    return Atualizacao(saldo=titulo.saldo - _DIMINUI, motivo=MotivoAlteracao.ALTERACAO, rateio=(linha,))


def estornos(palco: Palco, quantos: int) -> Sequence[NovaOperacao]:
    """Titles cancelled, titles with a bar code reversed, payments reversed, and alterations."""
    parte = -(-quantos // 4)
    novos = feitos.implantados(palco, parte)
    com_barras = feitos.implantados(palco, 2 * parte, barras=True)
    pagos = feitos.implantados(palco, parte)
    feitos.agora(palco, [_pagamento(palco, [titulo], TipoPagamento.LOTE) for titulo in pagos])
    novas = [
        *(_estorno(palco, titulo, OperacaoEstorno.CANCELAMENTO) for titulo in novos),
        *(_estorno(palco, titulo, OperacaoEstorno.ESTORNO) for titulo in com_barras[:parte]),
        *(_do_movimento(palco, titulo, Movimento.Tipo.BARRAS) for titulo in com_barras[parte:]),
        *(_do_movimento(palco, titulo, Movimento.Tipo.PAGO) for titulo in feitos.relidos(pagos)),
    ]
    palco.sorteio.shuffle(novas)
    return novas[:quantos]


def _do_movimento(palco: Palco, titulo: Titulo, tipo: Movimento.Tipo) -> NovaOperacao:
    movimento = titulo.movimentos.get(tipo=tipo)
    return _estorno(palco, titulo, OperacaoEstorno.MOVIMENTO, movimento)


def _estorno(
    palco: Palco, titulo: Titulo, operacao: OperacaoEstorno, movimento: Movimento | None = None
) -> NovaOperacao:
    corpo = Estorno(
        operacao=operacao,
        data=palco.hoje,
        transacao=1 if movimento else None,
        referencia_movimento=movimento.referencia if movimento else "",
        estorna_impostos=movimento is None,
    )
    with transaction.atomic():
        return atos.estorno(titulo, atos.com_chave(titulo, corpo), movimento)


def dos_pagamentos(palco: Palco, quantos: int) -> Sequence[NovaOperacao]:
    """Payment batches, borderôs settled at once and borderôs that wait for the bank, of a few titles each."""
    por_conta: dict[ContaErp, list[Titulo]] = {}
    for titulo in feitos.implantados(palco, quantos * _NO_PAGAMENTO):
        por_conta.setdefault(titulo.conta, []).append(titulo)
    novas = []
    tipos = (TipoPagamento.LOTE, TipoPagamento.BORDERO)
    for seus in por_conta.values():
        for inicio in range(0, len(seus), _NO_PAGAMENTO):
            n = inicio // _NO_PAGAMENTO
            grupo = seus[inicio : inicio + _NO_PAGAMENTO]
            novas.append(_pagamento(palco, grupo, tipos[n % 2], ja=n % 4 == 1))
    return novas[:quantos]


def _pagamento(palco: Palco, seus: Sequence[Titulo], tipo: TipoPagamento, *, ja: bool = False) -> NovaOperacao:
    """Every second title withholds a tax now."""
    primeiro = seus[0]
    bordero = tipo is TipoPagamento.BORDERO
    itens = []
    for ordem, titulo in enumerate(seus, start=1):
        item = replace(pagamentos.item_de(titulo), sequencia=ordem * 10)
        if ordem % 2 == 0 and not titulo.corpo["impostos"]:
            tributo = feitos.imposto(titulo.saldo, palco, aliquota=Decimal("1.50"))
            item = replace(item, valor=titulo.saldo - (tributo.valor or Decimal(0)), impostos=(tributo,))
        itens.append(item)
    numero = (
        pagamentos.proximo_bordero(primeiro.conta, primeiro.empresa_erp, primeiro.estabelecimento, feitos.PORTADOR)
        if bordero
        else None
    )
    corpo = LotePagamento(
        empresa=primeiro.empresa_erp,
        data=palco.hoje,
        portador=feitos.PORTADOR,
        tipo=tipo,
        bordero=numero,
        baixa_imediata=ja,
        titulos=tuple(itens),
        estabelecimento_bordero=primeiro.estabelecimento if bordero else "",
        estabelecimento_referencia="" if bordero else primeiro.estabelecimento,
    )
    with transaction.atomic():
        return pagamentos.novo_pagamento(corpo, primeiro.conta, seus, palco.usuario)[1]
