"""What the answers of the ERP mean here: balances, states, the timeline. Inside the transaction that records them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from comum.formatos import contar as dizer_quantos
from comum.formatos import format_dinheiro, format_numero
from comum.models import Usuario
from operacoes.models import Operacao
from pagar.models import ItemPagamento, Lote, Movimento, Pagamento, Titulo, chave_de
from pagar.providers.blocos import AbatimentoAntecipacao, Imposto
from pagar.providers.interface import Antecipacao, Atualizacao, Resultado, TituloNoErp, TituloPago
from pagar.providers.interface import Titulo as TituloDoLote
from pagar.providers.pedidos import guardar, reler
from pagar.services.colunas import gravar_colunas
from pagar.services.ditos import por_titulo

ZERO = Decimal(0)
RETIDO = 1  # TaxClass of a withheld tax
Situacao, Tipo = Titulo.Situacao, Movimento.Tipo
# Told of what was said of titles of several empresas together.
DO_LOTE = "O ERP recusou o lote em que este título foi enviado. Veja o lote."
DO_PAGAMENTO = "O ERP recusou o pagamento em que este título estava. Veja o pagamento."
DOS_AVISOS = "O ERP deu avisos sobre os títulos enviados com este. Veja a operação."


def travados(pks: Iterable[int]) -> list[Titulo]:
    """Locked in the order of their keys, with what derives their columns."""
    consulta = Titulo.objects.select_for_update(of=("self",)).select_related("conta", "empresa", "fornecedor")
    return list(consulta.filter(pk__in=list(pks)).order_by("pk"))


def travado(pk: int) -> Titulo:
    (titulo,) = travados([pk])
    return titulo


def contar(
    titulo: Titulo,
    tipo: Movimento.Tipo,
    *,
    operacao: Operacao | None = None,
    usuario: Usuario | None = None,
    **campos: Any,
) -> Movimento:
    """One more line of the timeline, not saved yet; `usuario` is the Operacao's unless told."""
    quem = usuario or (operacao.usuario if operacao else None)
    return Movimento(titulo=titulo, tipo=tipo, operacao=operacao, usuario=quem, **campos)


def corpo_de(titulo: Titulo) -> TituloDoLote | Antecipacao:
    if titulo.antecipacao:
        return reler(Antecipacao, titulo.corpo)
    return reler(TituloDoLote, titulo.corpo)


def retido(impostos: Iterable[Imposto]) -> Decimal:
    """What the withheld taxes take off what the supplier gets."""
    return sum((imposto.valor or ZERO for imposto in impostos if imposto.classe == RETIDO), ZERO)


def abatido(antecipacoes: Iterable[AbatimentoAntecipacao]) -> Decimal:
    return sum((item.valor or ZERO for item in antecipacoes), ZERO)


# -- what came back ----------------------------------------------------------------------------------------------------


def implantados(
    titulos: Sequence[Titulo], resultado: Resultado, operacao: Operacao, *, referencia: str, data: date
) -> None:
    """Titles, or one prepayment, are in the ERP now. `titulos` are locked."""
    ditos = _por_chave(titulos[0].empresa_erp, resultado.titulos) if titulos else {}
    movimentos: list[Movimento] = []
    ordem = {pk: posicao for posicao, pk in enumerate(operacao.pedido.get("titulos", ()))}
    avisos = avisos_de(resultado, sorted(titulos, key=lambda titulo: ordem.get(titulo.pk, 0)))
    for titulo in titulos:
        if not titulo.editavel and titulo.situacao != Situacao.ENVIANDO:
            continue  # recorded already
        corpo = corpo_de(titulo)
        abates = corpo.antecipacoes if isinstance(corpo, TituloDoLote) else ()
        dito = ditos.get(titulo.chave)
        saldo = titulo.valor - abatido(abates) - retido(corpo.impostos)
        titulo.saldo = max(ZERO, saldo) if dito is None or dito.saldo is None else dito.saldo
        titulo.id_pagamento = dito.id_pagamento if dito else None
        titulo.situacao = Situacao.ABERTO if titulo.saldo else Situacao.LIQUIDADO
        titulo.mensagem, titulo.operacao = "", operacao
        titulo.em_curso = None
        if titulo.situacao == Situacao.LIQUIDADO:
            titulo.barras = Titulo.Barras.SEM  # nothing is left to be paid by it
        movimentos.append(
            contar(
                titulo,
                Tipo.IMPLANTADO,
                operacao=operacao,
                referencia=referencia,
                data=data,
                valor=titulo.valor,
                saldo=titulo.saldo,
                texto=avisos[titulo.pk],
                dados={"abatimentos": abatimentos_de(titulo, abates)},
            )
        )
        movimentos += abater(titulo, abates, operacao, data)
    gravar(titulos, movimentos)


def atualizado(titulo: Titulo, corpo: Atualizacao, operacao: Operacao, resultado: Resultado, *, barras: bool) -> None:
    """The ERP took new values: what is filled is what changed."""
    antes = {nome: valor for nome, valor in titulo.corpo.items() if valor not in (None, "", [])} | titulo.atualizado
    antes["saldo"] = str(titulo.saldo)
    novos = {
        nome: valor for nome, valor in guardar(corpo).items() if nome in ATUALIZAVEIS and valor not in (None, "", [])
    }
    mudancas = {
        nome: [antes.get(nome), valor] for nome, valor in novos.items() if nome != "rateio" and antes.get(nome) != valor
    }
    titulo.atualizado = titulo.atualizado | {
        nome: valor for nome, valor in novos.items() if nome not in ("saldo", "rateio")
    }
    valor = ZERO
    if corpo.saldo is not None:
        valor = abs(corpo.saldo - titulo.saldo)
        com_saldo(titulo, corpo.saldo)
    dito = _por_chave(titulo.empresa_erp, resultado.titulos).get(titulo.chave)
    if dito is not None and dito.saldo is not None and dito.saldo != titulo.saldo:
        com_saldo(titulo, dito.saldo)  # moved on the ERP's own screens
    titulo.emissao = corpo.emissao or titulo.emissao
    titulo.vencimento = corpo.vencimento or titulo.vencimento
    titulo.titulo_no_banco = corpo.titulo_no_banco or titulo.titulo_no_banco
    titulo.bloqueado = titulo.bloqueado if corpo.bloqueado is None else corpo.bloqueado
    if corpo.codigo_barras:
        titulo.codigo_barras, titulo.barras, titulo.aviso = corpo.codigo_barras, Titulo.Barras.GRAVADO, ""
    titulo.em_curso = None
    movimento = contar(
        titulo,
        Tipo.BARRAS if barras else Tipo.ATUALIZADO,
        operacao=operacao,
        referencia=corpo.referencia,
        data=corpo.data,
        valor=valor,
        saldo=titulo.saldo,
        texto=avisos_de(resultado, [titulo])[titulo.pk],
        dados={"mudancas": mudancas},
    )
    gravar([titulo], [movimento])


def com_saldo(titulo: Titulo, saldo: Decimal) -> None:
    """The balance, and the state that goes with it; one that waits for the bank goes on waiting while any is left."""
    titulo.saldo = saldo
    if not saldo:
        titulo.situacao = Situacao.LIQUIDADO
    elif titulo.situacao != Situacao.BORDERO:
        titulo.situacao = Situacao.ABERTO


# What an update may change: the rest of its body names the title and the movement.
ATUALIZAVEIS = frozenset(guardar(Atualizacao())) - {
    "empresa", "estabelecimento", "fornecedor", "especie", "serie", "numero", "parcela", "estabelecimento_externo",
    "data", "referencia", "matriz", "motivo", "moeda",
}  # fmt: skip


def desfeito(titulo: Titulo, operacao: Operacao, *, cancela: bool, referencia: str, data: date, texto: str) -> None:
    """The ERP cancelled the title, or reversed it: nothing is owed by it any more, and what was taken of prepayments
    goes back to them."""
    movimentos = [
        contar(
            titulo,
            Tipo.CANCELADO if cancela else Tipo.ESTORNADO,
            operacao=operacao,
            referencia=referencia,
            data=data,
            valor=titulo.saldo,
            saldo=ZERO,
            texto=texto,
        )
    ]
    implantacao = titulo.movimentos.filter(tipo=Tipo.IMPLANTADO).last()
    if implantacao is not None:
        movimentos += _devolver(titulo, implantacao.dados.get("abatimentos", []), operacao, data)
    titulo.saldo, titulo.em_curso, titulo.aviso = ZERO, None, ""
    titulo.situacao = Situacao.CANCELADO if cancela else Situacao.ESTORNADO
    if titulo.barras == Titulo.Barras.PENDENTE:
        titulo.barras = Titulo.Barras.SEM
    gravar([titulo], movimentos)


def movimento_desfeito(
    titulo: Titulo, movimento: Movimento, operacao: Operacao, resultado: Resultado, *, referencia: str, data: date
) -> None:
    """The ERP reversed one movement: a payment gives its amount back, an alteration the balance of before."""
    pagamento = movimento.tipo == Tipo.PAGO
    dito = _por_chave(titulo.empresa_erp, resultado.titulos).get(titulo.chave)
    if dito is not None and dito.saldo is not None:
        titulo.saldo = dito.saldo
    elif pagamento:
        titulo.saldo += ZERO if titulo.antecipacao else movimento.valor
    else:
        antes, depois = movimento.dados.get("mudancas", {}).get("saldo", ["0", "0"])
        titulo.saldo = max(ZERO, titulo.saldo + Decimal(antes) - Decimal(depois))
    titulo.situacao = Situacao.ABERTO if titulo.saldo else Situacao.LIQUIDADO
    titulo.em_curso = None
    feito = contar(
        titulo,
        Tipo.PAGAMENTO_ESTORNADO if pagamento else Tipo.ATUALIZACAO_ESTORNADA,
        operacao=operacao,
        referencia=referencia,
        data=data,
        valor=movimento.valor,
        saldo=titulo.saldo,
        texto=avisos_de(resultado, [titulo])[titulo.pk],
        estorna=movimento,
    )
    gravar([titulo], [feito, *_devolver(titulo, movimento.dados.get("abatimentos", []), operacao, data)])


# -- payments ----------------------------------------------------------------------------------------------------------


def pago(pagamento: Pagamento, resultado: Resultado, operacao: Operacao) -> None:
    """The ERP took a payment: settled at once, or waiting for the bank."""
    itens = _itens_travados(pagamento)
    parcial = bool(pagamento.corpo.get("parcial"))
    aceitas = _por_chave(pagamento.empresa_erp, resultado.titulos)
    ja = pagamento.tipo == Pagamento.Tipo.LOTE or pagamento.baixa_imediata
    movimentos: list[Movimento] = []
    avisos = avisos_de(resultado, _como_foram(itens))
    for item in itens:
        titulo = item.titulo
        titulo.em_curso = None
        if parcial and titulo.chave not in aceitas:
            movimentos.append(_fora_do_parcial(titulo, operacao, avisos[titulo.pk], certo=bool(aceitas)))
        elif ja:
            referencia = pagamento.referencia or resultado.referencia
            dito = aceitas.get(titulo.chave)
            saldo = dito.saldo if dito else None
            texto = avisos[titulo.pk]
            movimentos += _baixar(item, itens, operacao, pagamento.data, referencia, texto=texto, saldo=saldo)
        else:
            titulo.situacao = Situacao.BORDERO
            movimentos.append(
                contar(
                    titulo,
                    Tipo.EM_BORDERO,
                    operacao=operacao,
                    data=pagamento.data,
                    valor=item.baixa,
                    saldo=titulo.saldo,
                    dados={"bordero": pagamento.bordero, "pagamento": pagamento.pk},
                )
            )
    gravar([item.titulo for item in itens], movimentos)
    pagamento.situacao = Pagamento.Situacao.PAGO if ja else Pagamento.Situacao.GERADO
    pagamento.mensagem = ""
    pagamento.save(update_fields=["situacao", "mensagem"])


def pagamento_voltou(pagamento: Pagamento, operacao: Operacao, mensagem: str) -> None:
    """Nothing was paid: the titles are as they were."""
    itens = _itens_travados(pagamento)
    do_erp = mensagem == operacao.mensagem
    ditos = por_titulo(_como_foram(itens), mensagem, operacao.palavras_do_servico, DO_PAGAMENTO if do_erp else mensagem)
    movimentos = []
    for item in itens:
        item.titulo.em_curso = None
        movimentos.append(contar(item.titulo, Tipo.ATO_RECUSADO, operacao=operacao, texto=ditos[item.titulo_id]))
    gravar([item.titulo for item in itens], movimentos)
    pagamento.situacao, pagamento.mensagem = Pagamento.Situacao.RECUSADO, mensagem
    pagamento.save(update_fields=["situacao", "mensagem"])


def banco_respondeu(pagamento: Pagamento, pagos: Iterable[int], usuario: Usuario, data: date) -> int:
    """A person writes down what the bank did with a borderô: `pagos` are titles (pk) that it paid, the others go back
    to open. How many were paid. The ERP is told nothing: it knows by the bank's own return."""
    quais, itens = set(pagos), _itens_travados(pagamento)
    movimentos: list[Movimento] = []
    em_bordero = [item for item in itens if item.titulo.situacao == Situacao.BORDERO]
    for item in em_bordero:
        if item.titulo_id in quais:
            texto = "Confirmado pelo banco."
            movimentos += _baixar(item, itens, pagamento.operacao, data, "", texto=texto, usuario=usuario)
        else:
            item.titulo.situacao = Situacao.ABERTO
            texto = f"O banco não pagou: saiu do borderô {pagamento.bordero}."
            movimentos.append(
                contar(item.titulo, Tipo.FORA_DO_BORDERO, usuario=usuario, saldo=item.titulo.saldo, texto=texto)
            )
    gravar([item.titulo for item in em_bordero], movimentos)
    feitos = [item.valor for item in em_bordero if item.titulo_id in quais]
    pagamento.situacao = Pagamento.Situacao.PAGO
    pagamento.mensagem = "" if len(feitos) == len(itens) else _do_banco(pagamento, len(feitos), sum(feitos, ZERO))
    pagamento.save(update_fields=["situacao", "mensagem"])
    return len(feitos)


def _do_banco(pagamento: Pagamento, quantos: int, valor: Decimal) -> str:
    """What is to be known of a borderô that the bank did not pay whole."""
    if not quantos:
        return f"{Pagamento.NADA_PAGO}: todos voltaram a Em aberto aqui. Libere-os do borderô no ERP."
    return (
        f"O banco pagou {format_numero(quantos)} de {dizer_quantos(pagamento.quantidade, 'título', 'títulos')}, "
        f"{format_dinheiro(valor)} de {format_dinheiro(pagamento.total)}. Os demais voltaram a Em aberto aqui: "
        "libere-os do borderô no ERP."
    )


def baixa_de(item: TituloPago) -> Decimal:
    """What the balance of a title loses by one payment (docs/totvs.md)."""
    mais = (item.valor or ZERO) + (item.desconto or ZERO) + abatido(item.antecipacoes) + retido(item.impostos)
    menos = (item.correcao, item.multa, item.juros, item.variacao_cambial)
    return mais - sum((valor or ZERO for valor in menos), ZERO)


def _itens_travados(pagamento: Pagamento) -> list[ItemPagamento]:
    itens = list(pagamento.itens.order_by("titulo"))
    por_pk = {titulo.pk: titulo for titulo in travados(item.titulo_id for item in itens)}
    for item in itens:
        item.titulo = por_pk[item.titulo_id]
    return itens


def _como_foram(itens: Iterable[ItemPagamento]) -> list[Titulo]:
    """The titles of a payment in the order in which they were sent."""
    return [item.titulo for item in sorted(itens, key=lambda item: item.pk)]


def _baixar(
    item: ItemPagamento,
    itens: Sequence[ItemPagamento],
    operacao: Operacao | None,
    data: date,
    referencia: str,
    *,
    texto: str = "",
    usuario: Usuario | None = None,
    saldo: Decimal | None = None,
) -> list[Movimento]:
    """`saldo` as the ERP told it, else computed here; `itens` are all those of the payment, which may pay a prepayment
    and a title that takes of it."""
    titulo, pagamento, abates = item.titulo, item.pagamento, reler(TituloPago, item.corpo).antecipacoes
    if not titulo.antecipacao:  # a prepayment that is paid keeps its balance, to be taken by titles
        titulo.saldo = max(ZERO, titulo.saldo - item.baixa) if saldo is None else saldo
    titulo.situacao = Situacao.ABERTO if titulo.saldo else Situacao.LIQUIDADO
    pago_agora = contar(
        titulo,
        Tipo.PAGO,
        operacao=operacao,
        usuario=usuario,
        data=data,
        referencia=referencia,
        valor=item.baixa,
        saldo=titulo.saldo,
        texto=texto,
        dados={
            "pago": str(item.valor),
            "bordero": pagamento.bordero,
            "pagamento": pagamento.pk,
            "abatimentos": abatimentos_de(titulo, abates),
        },
    )
    return [pago_agora, *abater(titulo, abates, operacao, data, [outro.titulo for outro in itens])]


def _fora_do_parcial(titulo: Titulo, operacao: Operacao, avisos: str, *, certo: bool) -> Movimento:
    if not certo:
        titulo.aviso = "O ERP fez o pagamento em parte e não disse quais títulos. Confira lá se este foi pago."
    texto = f"Não entrou no pagamento. {avisos}".strip() if certo else titulo.aviso
    return contar(titulo, Tipo.ATO_RECUSADO if certo else Tipo.AVISO, operacao=operacao, texto=texto)


# -- prepayments -------------------------------------------------------------------------------------------------------


def abatimentos_de(titulo: Titulo, abates: Iterable[AbatimentoAntecipacao]) -> list[list[str]]:
    """Which prepayments (by chave) a title took how much of."""
    return [[_chave_do_abate(titulo, item), str(item.valor)] for item in abates]


def _chave_do_abate(titulo: Titulo, item: AbatimentoAntecipacao) -> str:
    fornecedor = item.fornecedor or titulo.fornecedor.codigo
    return chave_de(
        titulo.empresa_erp, item.estabelecimento, item.especie, item.serie, fornecedor, item.numero, item.parcela
    )


def abater(
    titulo: Titulo,
    abates: Sequence[AbatimentoAntecipacao],
    operacao: Operacao | None,
    data: date,
    juntos: Sequence[Titulo] = (),
) -> list[Movimento]:
    """The prepayments that are known here lose what the title took; `juntos` are rows that the caller saves
    afterwards."""
    movimentos = []
    for chave, texto in abatimentos_de(titulo, abates):
        valor = Decimal(texto)
        deles = next((outro for outro in juntos if outro.antecipacao and outro.chave == chave), None)
        antecipacao = deles or _antecipacao(titulo, chave)
        movimentos.append(
            contar(
                titulo,
                Tipo.ABATIDO,
                operacao=operacao,
                data=data,
                valor=valor,
                saldo=titulo.saldo,
                texto=f"De {chave}",
                dados={"titulo": antecipacao.pk} if antecipacao else {},
            )
        )
        if antecipacao is not None:
            antecipacao.saldo = max(ZERO, antecipacao.saldo - valor)
            antecipacao.situacao = Situacao.ABERTO if antecipacao.saldo else Situacao.LIQUIDADO
            movimentos.append(_do_abate(antecipacao, titulo, operacao, data, valor, f"No título {titulo.nome}"))
            antecipacao.save(update_fields=["saldo", "situacao"])
    return movimentos


def _devolver(
    titulo: Titulo, abatimentos: Iterable[Sequence[str]], operacao: Operacao | None, data: date
) -> list[Movimento]:
    movimentos = []
    for chave, texto in abatimentos:
        if (antecipacao := _antecipacao(titulo, chave)) is not None:
            antecipacao.saldo += Decimal(texto)
            antecipacao.situacao = Situacao.ABERTO
            dito = f"Devolvido pelo título {titulo.nome}"
            movimento = _do_abate(antecipacao, titulo, operacao, data, Decimal(texto), dito)
            movimento.dados["devolvido"] = True
            movimentos.append(movimento)
            antecipacao.save(update_fields=["saldo", "situacao"])
    return movimentos


def _antecipacao(titulo: Titulo, chave: str) -> Titulo | None:
    consulta = Titulo.objects.select_for_update(of=("self",)).select_related("conta", "empresa", "fornecedor")
    return consulta.filter(
        conta=titulo.conta,
        chave=chave,
        tipo=Titulo.Tipo.ANTECIPACAO,
        situacao__in=(Situacao.ABERTO, Situacao.LIQUIDADO),
    ).first()


def _do_abate(
    antecipacao: Titulo, titulo: Titulo, operacao: Operacao | None, data: date, valor: Decimal, texto: str
) -> Movimento:
    return contar(
        antecipacao,
        Tipo.ANTECIPACAO,
        operacao=operacao,
        data=data,
        valor=valor,
        saldo=antecipacao.saldo,
        texto=texto,
        dados={"titulo": titulo.pk},
    )


# -- refusals ----------------------------------------------------------------------------------------------------------


def recusados(titulos: Sequence[Titulo], operacao: Operacao, mensagens: Mapping[int, str]) -> None:
    """Not in the ERP: each with what was said of it (by pk). What was said of a whole batch of several empresas may
    name any of them: it stays in the Operacao."""
    movimentos = []
    for titulo in titulos:
        dito = mensagens[titulo.pk]
        de_varias = operacao.empresa_id is None and dito == operacao.mensagem
        titulo.situacao, titulo.mensagem = Situacao.RECUSADO, DO_LOTE if de_varias else dito
        titulo.em_curso = None
        movimentos.append(contar(titulo, Tipo.RECUSADO, operacao=operacao, texto=titulo.mensagem))
    gravar(titulos, movimentos)


def ato_recusado(titulo: Titulo, operacao: Operacao, mensagem: str) -> None:
    """An act on a title was refused, or taken out of the queue: the title is as it was."""
    titulo.em_curso = None
    palavras = {"palavras": operacao.palavras_do_servico} if operacao.palavras_do_servico else {}
    gravar([titulo], [contar(titulo, Tipo.ATO_RECUSADO, operacao=operacao, texto=mensagem, dados=palavras)])


def avisar(titulos: Sequence[Titulo], texto: str) -> None:
    """Something that a person must look at."""
    for titulo in titulos:
        titulo.aviso = texto
    gravar(titulos, [contar(titulo, Tipo.AVISO, texto=texto) for titulo in titulos])


# -- pieces ------------------------------------------------------------------------------------------------------------

_COLUNAS = (
    "saldo", "situacao", "mensagem", "operacao", "em_curso", "id_pagamento", "aviso", "atualizado", "emissao",
    "vencimento", "titulo_no_banco", "bloqueado", "codigo_barras", "barras", "lote", "revisao", "versao", "busca",
    "alterado_em",
)  # fmt: skip


def gravar(titulos: Sequence[Titulo], movimentos: Sequence[Movimento]) -> None:
    """The columns that answers change, and the new lines of the timelines."""
    agora = timezone.now()
    for titulo in titulos:
        titulo.alterado_em = agora
        titulo.preparar()
    gravar_colunas(titulos, _COLUNAS)
    Movimento.objects.bulk_create(movimentos, batch_size=1000)


def avisos_de(resultado: Resultado, titulos: Sequence[Titulo]) -> dict[int, str]:
    """The ERP's notices, in its own words, by title (pk); these are as they were sent."""
    ditos = "\n".join(str(aviso) for aviso in resultado.avisos)
    return por_titulo(titulos, ditos, ditos, DOS_AVISOS)


def _por_chave(empresa: str, ditos: Iterable[TituloNoErp]) -> dict[str, TituloNoErp]:
    return {
        chave_de(
            empresa, dito.estabelecimento, dito.especie, dito.serie, dito.fornecedor or 0, dito.numero, dito.parcela
        ): dito
        for dito in ditos
    }


def do_lote(lote: Lote) -> list[Titulo]:
    """The titles that are in the batch now, locked."""
    return travados(lote.titulos.values_list("pk", flat=True))
