"""Titles paid together, by a payment batch or a borderô, and what the bank then did."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from comum.auditoria import registrar
from comum.banco import na_transacao
from comum.formatos import contar, format_data, format_dinheiro
from comum.models import Usuario
from operacoes.handlers import Repeticao
from operacoes.models import Operacao
from operacoes.motor import NovaOperacao, submeter
from pagar.models import ContaErp, ItemPagamento, Movimento, Pagamento, Titulo
from pagar.providers import regras
from pagar.providers.blocos import Imposto
from pagar.providers.campos import Problema
from pagar.providers.interface import LotePagamento, TipoPagamento, TituloPago
from pagar.providers.pedidos import guardar, reler
from pagar.services import acesso, notas, registro, retencoes
from pagar.services.atos import Mudou, PedidoInvalido, com_referencia
from pagar.services.chaves import Movimento as Letra
from pagar.services.chaves import referencia
from pagar.services.referencias import referencia_tomada, reservar

PAGAR = "pagar.pagamento.criar"
_PASSO = 10
_EM_CURSO = "Há um pedido em andamento sobre o título {}. Espere a resposta do ERP."


def por_que_nao_pagar(titulo: Titulo) -> str:
    """What keeps a title from being paid, in pt-BR; empty when nothing does."""
    return _por_que_nao(titulo, titulo.pk in _ja_pagas([titulo]))


def _por_que_nao(titulo: Titulo, paga: bool) -> str:
    if titulo.em_curso_id is not None:
        return _EM_CURSO.format(titulo.nome)
    if titulo.situacao != Titulo.Situacao.ABERTO:
        return f"O título {titulo.nome} está “{titulo.get_situacao_display()}”: só se paga o que está em aberto."
    if titulo.bloqueado:
        return f"O pagamento do título {titulo.nome} está bloqueado. Desbloqueie-o em Atualizar."
    return f"A antecipação {titulo.nome} já foi paga." if paga else ""


def _ja_pagas(titulos: Sequence[Titulo]) -> set[int]:
    """Of these, the prepayments that were paid."""
    antecipacoes = [titulo.pk for titulo in titulos if titulo.antecipacao]
    pagos = Movimento.objects.filter(tipo=Movimento.Tipo.PAGO, estornado_por__isnull=True, titulo__in=antecipacoes)
    return set(pagos.values_list("titulo", flat=True)) if antecipacoes else set()


def item_de(titulo: Titulo, impostos: tuple[Imposto, ...] | None = None) -> TituloPago:
    """What pays the whole of a title, as a form begins: its balance less the taxes withheld at payment that have not
    gone (`impostos`, of retencoes.a_reter, where the caller has many titles)."""
    impostos = retencoes.a_reter([titulo])[titulo.pk] if impostos is None else impostos
    base = titulo.valor if titulo.antecipacao else titulo.saldo
    item = TituloPago(
        empresa=titulo.empresa_erp,
        portador=str(titulo.corpo.get("portador", "")),
        estabelecimento=titulo.estabelecimento,
        especie=titulo.especie,
        serie=titulo.serie,
        fornecedor=titulo.fornecedor.codigo,
        numero=titulo.numero,
        parcela=titulo.parcela,
        moeda=str(titulo.corpo.get("moeda") or titulo.conta.moeda),
        valor=base - registro.retido(impostos),
        forma_pagamento=str(titulo.atualizado.get("forma_pagamento") or titulo.corpo.get("forma_pagamento", "")),
        impostos=impostos,
    )
    if not titulo.antecipacao:
        return item
    implantada = titulo.movimentos.filter(tipo=Movimento.Tipo.IMPLANTADO).last()
    return replace(item, referencia_antecipacao=implantada.referencia if implantada else "")


def proximo_bordero(conta: ContaErp, empresa: str, estabelecimento: str, portador: str) -> int:
    """The number after the highest that was used from here; the ERP may have used others."""
    usados = Pagamento.objects.filter(
        conta=conta, empresa_erp=empresa, estabelecimento=estabelecimento, portador=portador
    )
    maior: int | None = usados.aggregate(maior=Max("bordero"))["maior"]
    return (maior or 0) + 1


def pagar(
    titulos: Sequence[Titulo],
    itens: Sequence[TituloPago],
    corpo: LotePagamento,
    usuario: Usuario,
    *,
    versoes: Mapping[int, int | None],
    marca: str = "",
) -> Pagamento:
    """Ask for a payment of `titulos` by `itens` (one for each, in their order); `corpo` is the header, without items
    and reference. `versoes` (by pk) are those that the screen showed. `marca` names one filling of the form: asked
    twice it is one payment. Raises PedidoInvalido with the paths of the whole body, Mudou."""
    with com_referencia(), transaction.atomic():
        atuais = {titulo.pk: titulo for titulo in registro.travados(titulo.pk for titulo in titulos)}
        travados = [atuais[titulo.pk] for titulo in titulos]
        if (feito := ja_pedido(travados, usuario, marca)) is not None:
            return feito
        if mudados := mudaram(travados, versoes):
            raise Mudou(*mudados)
        if achados := problemas(travados, itens, corpo):
            raise PedidoInvalido(*achados)
        conta = travados[0].conta
        pagamento, nova = novo_pagamento(_completo(travados, itens, corpo), conta, travados, usuario, marca)
        (operacao,) = submeter([nova], usuario=usuario).criadas
        registrar(
            usuario=usuario,
            acao="pagar.pagamento",
            objeto=pagamento,
            resumo=f"{pagamento}: {contar(len(itens), 'título', 'títulos')}, {format_dinheiro(pagamento.total)}",
            dados={"operacao": operacao.pk, "titulos": [titulo.pk for titulo in travados]},
        )
    return pagamento


def novo_pagamento(
    corpo: LotePagamento, conta: ContaErp, titulos: Sequence[Titulo], usuario: Usuario, marca: str = ""
) -> tuple[Pagamento, NovaOperacao]:
    """Its row and what asks for it, with the reference taken, inside the transaction that submits it. Raises
    PedidoInvalido."""
    pagamento = _gravar(corpo, conta, titulos, usuario)
    return pagamento, _nova(pagamento, titulos, marca)


def ja_pedido(titulos: Sequence[Titulo], usuario: Usuario, marca: str) -> Pagamento | None:
    """The payment that the same filling of the form has made of these titles; one that was refused is none."""
    if not marca or not titulos:
        return None
    feitos = Pagamento.objects.filter(itens__titulo=titulos[0].pk, criado_por=usuario, operacao__pedido__marca=marca)
    return feitos.exclude(situacao=Pagamento.Situacao.RECUSADO).first()


def mudaram(titulos: Sequence[Titulo], versoes: Mapping[int, int | None]) -> list[Problema]:
    """The titles that are not as the screen showed them."""
    return [
        Problema(
            f"titulos.{posicao}.numero",
            f"O título {titulo.nome} mudou depois que esta tela foi aberta. Confira o saldo e os valores dele, e envie "
            "de novo.",
        )
        for posicao, titulo in enumerate(titulos)
        if versoes.get(titulo.pk) != titulo.versao
    ]


def problemas(titulos: Sequence[Titulo], itens: Sequence[TituloPago], corpo: LotePagamento) -> list[Problema]:
    """Everything that keeps a payment from being asked, with the paths of the whole body: the titles, what the ERP's
    fields and rules say, and each payment against the balance that is known here."""
    if not titulos:
        return [Problema("titulos", "Nenhum título no pagamento. Marque os títulos e peça de novo.")]
    primeiro = titulos[0]
    if any((t.conta_id, t.empresa_erp) != (primeiro.conta_id, primeiro.empresa_erp) for t in titulos):
        return [Problema("titulos", "Os títulos são de empresas diferentes do ERP. Pague cada uma à parte.")]
    impede = acesso.impedimento_de(primeiro.conta)
    achados = [Problema("", impede)] if impede else []
    pagos = _ja_pagas(titulos)
    achados += [
        Problema(f"titulos.{posicao}.numero", motivo)
        for posicao, titulo in enumerate(titulos)
        if (motivo := _por_que_nao(titulo, titulo.pk in pagos))
    ]
    completo = _completo(titulos, itens, corpo)
    if corpo.tipo is TipoPagamento.LOTE and corpo.data is not None:  # its reference is given on sending
        completo = replace(completo, referencia=referencia(corpo.data, Letra.PAGAMENTO, "-"))
    achados += regras.problemas(completo, acesso.formato_de(primeiro.conta))
    achados += _antes_da_emissao(titulos, corpo)
    return achados + list(_acima_do_saldo(titulos, itens)) + list(retencoes.problemas(titulos, itens))


def _completo(titulos: Sequence[Titulo], itens: Sequence[TituloPago], corpo: LotePagamento) -> LotePagamento:
    return replace(
        corpo,
        empresa=titulos[0].empresa_erp,
        matriz=titulos[0].conta.matriz,
        titulos=tuple(
            replace(item, sequencia=ordem * _PASSO if len(itens) <= 999 else ordem)
            for ordem, item in enumerate(itens, start=1)
        ),
    )


def _antes_da_emissao(titulos: Sequence[Titulo], corpo: LotePagamento) -> Iterator[Problema]:
    ultimo = max(titulos, key=lambda titulo: titulo.emissao)
    if corpo.data is not None and corpo.data < ultimo.emissao:
        texto = (
            f"{format_data(corpo.data)} é anterior à emissão do título {ultimo.nome}, {format_data(ultimo.emissao)}."
        )
        yield Problema("data", f"Data da transação: {texto} Confira as datas.")


def _acima_do_saldo(titulos: Sequence[Titulo], itens: Sequence[TituloPago]) -> Iterator[Problema]:
    for posicao, (titulo, item) in enumerate(zip(titulos, itens, strict=True)):
        base, valor = titulo.valor if titulo.antecipacao else titulo.saldo, item.valor or Decimal(0)
        if item.desconto is not None and item.desconto > base:
            texto = (
                f"Título {posicao + 1} ({titulo.nome}): o desconto de {format_dinheiro(item.desconto)} passa do saldo, "
                f"{format_dinheiro(base)}."
            )
            yield Problema(f"titulos.{posicao}.desconto", texto)
            continue
        limite = base - (registro.baixa_de(item) - valor)
        if valor > limite:
            texto = (
                f"Título {posicao + 1} ({titulo.nome}): o pagamento de {format_dinheiro(valor)} passa do que se pode "
                f"pagar, {format_dinheiro(limite)}."
            )
            yield Problema(f"titulos.{posicao}.valor", texto)


def _gravar(corpo: LotePagamento, conta: ContaErp, titulos: Sequence[Titulo], usuario: Usuario) -> Pagamento:
    assert corpo.data is not None  # noqa: S101 - the rules ask for it
    bordero = corpo.tipo is TipoPagamento.BORDERO
    onde = (corpo.estabelecimento_bordero if bordero else corpo.estabelecimento_referencia) or titulos[
        0
    ].estabelecimento
    data = corpo.data
    if not bordero:
        intencao = [f"{titulo.chave}:{titulo.versao}" for titulo in titulos]
        tomada = reservar(conta, corpo.empresa, onde, corpo.data, Letra.PAGAMENTO, *intencao)
        corpo = replace(corpo, referencia=tomada)
    guardado = guardar(corpo)
    try:
        with transaction.atomic():
            pagamento = Pagamento.objects.create(
                conta=conta,
                tipo=Pagamento.Tipo.BORDERO if bordero else Pagamento.Tipo.LOTE,
                empresa_erp=corpo.empresa,
                estabelecimento=onde,
                portador=corpo.portador or corpo.portador_externo,
                bordero=corpo.bordero if bordero else None,
                referencia=corpo.referencia,
                data=data,
                quantidade=len(titulos),
                total=sum((item.valor or Decimal(0) for item in corpo.titulos), Decimal(0)),
                baixa_imediata=corpo.baixa_imediata,
                corpo={nome: valor for nome, valor in guardado.items() if nome != "titulos"},
                criado_por=usuario,
            )
    except IntegrityError as erro:
        texto = f"O borderô {corpo.bordero} já existe neste estabelecimento e portador. Use outro número."
        raise PedidoInvalido(Problema("bordero", texto)) from erro
    ItemPagamento.objects.bulk_create(
        [
            ItemPagamento(
                pagamento=pagamento,
                titulo=titulo,
                valor=item.valor or Decimal(0),
                baixa=max(Decimal(0), registro.baixa_de(item)),
                corpo=dados,
            )
            for titulo, item, dados in zip(titulos, corpo.titulos, guardado["titulos"], strict=True)
        ],
        batch_size=500,
    )
    return pagamento


def _nova(pagamento: Pagamento, titulos: Sequence[Titulo], marca: str) -> NovaOperacao:
    empresas = sorted({titulo.empresa_id for titulo in titulos})
    return NovaOperacao(
        tipo=PAGAR,
        chave=f"pagar:pagamento:{pagamento.pk}",
        pedido=pedido_de(pagamento) | {"marca": marca},
        acesso=pagamento.conta.acesso,
        empresa_id=empresas[0] if len(empresas) == 1 else None,
        empresas=tuple(empresas) if len(empresas) > 1 else (),
        prazo=min(titulo.vencimento for titulo in titulos),
    )


def pedido_de(pagamento: Pagamento) -> dict[str, Any]:
    itens = [item.corpo for item in pagamento.itens.order_by("pk")]
    return {"pagamento": pagamento.pk, "corpo": pagamento.corpo | {"titulos": itens}}


def cabeca_de(pagamento: Pagamento) -> LotePagamento:
    return reler(LotePagamento, pagamento.corpo)


def itens_de(pagamento: Pagamento) -> dict[int, TituloPago]:
    """What was asked of each title (pk), in the order of the payment."""
    return {item.titulo_id: reler(TituloPago, item.corpo) for item in pagamento.itens.order_by("pk")}


def repeticao_de(operacao: Operacao) -> Repeticao | str:
    """A refused payment asked for again as it was, while its titles are still to be paid and its number is free."""
    pagamento = (
        Pagamento.objects.select_for_update(of=("self",)).select_related("conta").get(pk=operacao.pedido["pagamento"])
    )
    if pagamento.situacao != Pagamento.Situacao.RECUSADO or pagamento.operacao_id != operacao.pk:
        return "Este pagamento já foi enviado de novo."
    titulos = registro.travados(pagamento.itens.values_list("titulo", flat=True))
    if motivo := next(filter(None, map(por_que_nao_pagar, titulos)), ""):
        return motivo
    itens = [reler(TituloPago, item.corpo) for item in pagamento.itens.order_by("titulo")]
    if achado := next(retencoes.problemas(titulos, itens), None):
        return achado.mensagem
    iguais = Pagamento.objects.exclude(situacao=Pagamento.Situacao.RECUSADO).filter(
        conta=pagamento.conta,
        empresa_erp=pagamento.empresa_erp,
        estabelecimento=pagamento.estabelecimento,
        portador=pagamento.portador,
        bordero=pagamento.bordero,
    )
    if pagamento.bordero is not None and iguais.exists():
        return f"O número {pagamento.bordero} já foi usado em outro borderô. Faça o pagamento de novo com outro número."
    if pagamento.referencia and referencia_tomada(operacao, pagamento.conta):
        _trocar_referencia(pagamento, titulos)
    return Repeticao(pedido_de(pagamento), pagamento.conta.acesso)


def _trocar_referencia(pagamento: Pagamento, titulos: Sequence[Titulo]) -> None:
    intencao = [f"{titulo.chave}:{titulo.versao}" for titulo in titulos]
    onde = (pagamento.empresa_erp, pagamento.estabelecimento)
    pagamento.referencia = reservar(pagamento.conta, *onde, pagamento.data, Letra.PAGAMENTO, *intencao)
    pagamento.corpo = pagamento.corpo | {"referencia": pagamento.referencia}
    pagamento.save(update_fields=["referencia", "corpo"])


def registrar_retorno(pagamento: Pagamento, pagos: Sequence[int], usuario: Usuario, data: date | None = None) -> int:
    """Write down what the bank did with a borderô that waits for it: how many of `pagos` (titles, pk) it paid. Raises
    PedidoInvalido."""
    dia = data or timezone.localdate()
    # A worker that settles a title locks the prepayments after it, in whatever order they come.
    return na_transacao(lambda: _registrar_retorno(pagamento.pk, pagos, usuario, dia))


def _registrar_retorno(pk: int, pagos: Sequence[int], usuario: Usuario, dia: date) -> int:
    atual = Pagamento.objects.select_for_update(of=("self",)).select_related("operacao").get(pk=pk)
    if atual.situacao != Pagamento.Situacao.GERADO:
        texto = f"O {atual} está “{atual.rotulo}”: não espera resposta do banco."
        raise PedidoInvalido(Problema("", texto))
    if dia < atual.data or dia > timezone.localdate():
        raise PedidoInvalido(Problema("data", "A data do pagamento fica entre a do borderô e hoje."))
    quantos = registro.banco_respondeu(atual, pagos, usuario, dia)
    for titulo in registro.travados(atual.itens.values_list("titulo", flat=True)):
        notas.acompanhar(titulo)
    registrar(
        usuario=usuario,
        acao="pagar.retorno",
        objeto=atual,
        resumo=f"{atual}: o banco pagou {contar(quantos, 'título', 'títulos')} de {atual.quantidade}",
        dados={"pagos": sorted(pagos), "data": dia.isoformat()},
    )
    return quantos
