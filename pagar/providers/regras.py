"""What must agree between the fields of one body, looked for before anything is sent.

Only what the body itself tells: balances, open periods and registers are the ERP's. A field without a value is skipped
here, since its absence is already told (campos.forma).
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import astuple, replace
from datetime import date
from decimal import Decimal
from typing import Any

from pagar.providers.barras import falta_do_codigo
from pagar.providers.blocos import Imposto, Rateio
from pagar.providers.campos import PADRAO, ZERO, DadosInvalidos, Formato, Problema, forma, frase, informado, partes
from pagar.providers.interface import (
    Antecipacao,
    Atualizacao,
    Corpo,
    Estorno,
    LotePagamento,
    LoteTitulos,
    MotivoAlteracao,
    OperacaoEstorno,
    RateioAlteracao,
    TipoPagamento,
    Titulo,
    TituloPago,
)

Falta = tuple[str, str]  # field of the body being looked at ("" for the body itself), sentence

_CLASSE_RETIDO = 1
_REAL = "real"
_PARES = (
    ("seguradora", "apolice", "Seguradora e apólice"),
    ("arrendador", "contrato_leasing", "Arrendador e contrato de leasing"),
    ("plano_centro_custo", "centro_custo", "Plano e centro de custo"),
)


def problemas(corpo: Corpo, formato: Formato = PADRAO) -> list[Problema]:
    """Everything that keeps a body from being sent, fields and what must agree between them; empty when it may go."""
    achados, tipos_certos = forma(corpo, formato)
    if not tipos_certos:
        return achados
    for caminho, onde, parte in partes(corpo):
        for regra in _REGRAS.get(type(parte), ()):
            achados += (Problema(f"{caminho}{campo}".rstrip("."), frase(onde, texto)) for campo, texto in regra(parte))
    return achados


def conferir(corpo: Corpo, formato: Formato = PADRAO) -> None:
    """Raise DadosInvalidos with every problem of a body; nothing when it may be sent."""
    if achados := problemas(corpo, formato):
        raise DadosInvalidos(corpo.NOME, achados)


def chave(titulo: Any) -> tuple[str, ...]:
    """The identity of a title within its company, as the ERP compares codes: no trailing blanks, no case."""
    codigos = (getattr(titulo, "estabelecimento", ""), titulo.especie, titulo.serie, titulo.numero, titulo.parcela)
    return (*(codigo.rstrip().casefold() for codigo in codigos), str(titulo.fornecedor or ""))


# -- helpers ---------------------------------------------------------------------------------------------------------
def reais(valor: Decimal) -> str:
    """1534.27 as R$ 1.534,27."""
    return f"R$ {valor:,.2f}".translate(str.maketrans(",.", ".,"))


def _soma(valores: Iterable[Decimal | None]) -> Decimal:
    return sum((valor for valor in valores if valor is not None), ZERO)


def _repetidas[T](itens: Sequence[T], de: Callable[[T], Hashable]) -> Iterator[int]:
    """Positions of the items whose identity an earlier one has."""
    vistas: Counter[Hashable] = Counter()
    for posicao, item in enumerate(itens):
        vistas[de(item)] += 1
        if vistas[de(item)] > 1:
            yield posicao


def _antes(campo: str, texto: str, valor: date | None, limite: date | None) -> Iterator[Falta]:
    if valor is not None and limite is not None and valor < limite:
        yield campo, f"{texto} ({valor:%d/%m/%Y}) é anterior a {limite:%d/%m/%Y}. Confira as datas."


def _pares(parte: Any) -> Iterator[Falta]:
    for um, outro, nomes in _PARES:
        if hasattr(parte, um) and informado(getattr(parte, um)) != informado(getattr(parte, outro)):
            yield um if not informado(getattr(parte, um)) else outro, f"{nomes} vão juntos: informe os dois ou nenhum."


def _datas(parte: Any) -> Iterator[Falta]:
    yield from _antes("vencimento", "O vencimento", parte.vencimento, parte.emissao)
    if hasattr(parte, "previsao"):
        yield from _antes("previsao", "A previsão de pagamento", parte.previsao, parte.emissao)


def _encargos(parte: Any) -> Iterator[Falta]:
    if parte.desconto and parte.desconto_percentual:
        yield "desconto_percentual", "Há desconto em valor e em percentual. Informe só um deles."
    if parte.juros_dia and parte.juros_dia_percentual:
        yield "juros_dia_percentual", "Há juros por dia em valor e em percentual. Informe só um deles."
    if parte.data_desconto is not None:
        yield from _antes("data_desconto", "A data limite do desconto", parte.data_desconto, parte.emissao)
        yield from _antes("data_desconto", "O vencimento", parte.vencimento, parte.data_desconto)


def _cotacao(parte: Any) -> Iterator[Falta]:
    if parte.moeda.strip().casefold() == _REAL and parte.cotacao not in (None, Decimal(1)):
        yield "cotacao", "A cotação do Real é sempre 1."


def _barras(parte: Any) -> Iterator[Falta]:
    if parte.codigo_barras and (texto := falta_do_codigo(parte.codigo_barras)):
        yield "codigo_barras", f"Código de barras: {texto}"


def _cheque(parte: Any) -> Iterator[Falta]:
    if bool(parte.talonario) != bool(parte.cheque):
        yield "cheque" if not parte.cheque else "talonario", "Talonário e cheque vão juntos: informe os dois ou nenhum."
    if not parte.cheque and (informado(parte.favorecido) or informado(parte.nome_favorecido)):
        yield "favorecido", "O favorecido só é informado com um cheque. Informe o cheque ou apague o favorecido."


# -- shared blocks ---------------------------------------------------------------------------------------------------
def _rateio_fecha(parte: Titulo | Antecipacao) -> Iterator[Falta]:
    """The lines that post no tax add up, to the cent, to the title."""
    if parte.valor is None or not parte.rateio:
        return
    soma = _soma(linha.valor for linha in parte.rateio if not informado(linha.imposto))
    if diferenca := parte.valor - soma:
        verbo = "Faltam" if diferenca > 0 else "Sobram"
        texto = f"{verbo} {reais(abs(diferenca))} no rateio: soma {reais(soma)}, e o título é de {reais(parte.valor)}."
        yield "rateio", texto


def _imposto(imposto: Imposto) -> Iterator[Falta]:
    deducoes = _soma(
        (imposto.deducao_inss, imposto.deducao_dependentes, imposto.deducao_pensao, imposto.outras_deducoes)
    )
    if imposto.rendimento is not None and deducoes > imposto.rendimento:
        yield "rendimento", f"As deduções ({reais(deducoes)}) passam do rendimento ({reais(imposto.rendimento)})."
    elif imposto.rendimento is not None and imposto.base not in (None, certa := imposto.rendimento - deducoes):
        yield "base", f"A base do imposto é o rendimento menos as deduções: {reais(certa)}."
    if imposto.valor is not None and imposto.base is not None and imposto.valor > imposto.base:
        yield "valor", f"O imposto ({reais(imposto.valor)}) passa da sua base ({reais(imposto.base)})."
    if imposto.moeda.strip().casefold() == _REAL and imposto.valor_na_finalidade not in (None, imposto.valor):
        yield "valor_na_finalidade", "Em Real, o valor na finalidade é o próprio valor do imposto."


def _identidade(parte: Imposto | Rateio) -> tuple[str, ...]:
    codigos = (parte.pais, parte.uf, parte.imposto, parte.classificacao)
    return tuple(codigo.rstrip().casefold() for codigo in codigos)


def _impostos(parte: Titulo | Antecipacao | TituloPago) -> Iterator[Falta]:
    for posicao in _repetidas(parte.impostos, _identidade):
        yield f"impostos.{posicao}.imposto", f"O {posicao + 1}º imposto repete outro: mesmo código e classificação."
    retido = _soma(imposto.valor for imposto in parte.impostos if imposto.classe == _CLASSE_RETIDO)
    # What is paid is what the taxes left: those of a payment are bounded by the title, which is not known here.
    if not isinstance(parte, TituloPago) and parte.valor is not None and retido > parte.valor:
        yield "impostos", f"Os impostos retidos somam {reais(retido)}, mais que o valor ({reais(parte.valor)})."
    conhecidos = {_identidade(imposto) for imposto in parte.impostos}
    for posicao, linha in enumerate(parte.rateio):
        if informado(linha.imposto) and _identidade(linha) not in conhecidos:
            yield (
                f"rateio.{posicao}.imposto",
                f"A linha {posicao + 1} do rateio é de um imposto que não está entre os impostos daqui.",
            )


def _antecipacoes(parte: Titulo | TituloPago) -> Iterator[Falta]:
    for posicao in _repetidas(parte.antecipacoes, chave):
        yield f"antecipacoes.{posicao}.numero", f"A {posicao + 1}ª antecipação repete outra. Junte as duas."
    abatido = _soma(item.valor for item in parte.antecipacoes)
    if isinstance(parte, Titulo) and parte.valor is not None and abatido > parte.valor:
        yield "antecipacoes", f"As antecipações somam {reais(abatido)}, mais que o valor ({reais(parte.valor)})."


def _so_no_pagamento(parte: Titulo | Antecipacao) -> Iterator[Falta]:
    for posicao, imposto in enumerate(parte.impostos):
        if imposto.aliquota is not None:
            yield f"impostos.{posicao}.aliquota", f"{posicao + 1}º imposto: a alíquota só vai em um pagamento."
    for posicao, antecipacao in enumerate(getattr(parte, "antecipacoes", ())):
        if antecipacao.fornecedor is not None:
            yield (
                f"antecipacoes.{posicao}.fornecedor",
                f"{posicao + 1}ª antecipação: o fornecedor só vai em um pagamento. Aqui é o do título.",
            )


# -- titles and prepayments ------------------------------------------------------------------------------------------
def _titulo(titulo: Titulo) -> Iterator[Falta]:
    yield from _datas(titulo)
    if (titulo.desconto or titulo.desconto_percentual) and titulo.data_desconto is None:
        yield "data_desconto", "Há desconto sem data limite. Informe até quando ele vale."
    if titulo.valor is not None and titulo.desconto is not None and titulo.desconto >= titulo.valor > 0:
        yield "desconto", f"O desconto ({reais(titulo.desconto)}) precisa ser menor que o título."


def _lote(lote: LoteTitulos) -> Iterator[Falta]:
    yield from _sequencias(lote.titulos)
    for posicao in _repetidas(lote.titulos, chave):
        titulo = lote.titulos[posicao]
        yield f"titulos.{posicao}.numero", f"O título {titulo.numero}, parcela {titulo.parcela or '-'}, está repetido."
    soma = _soma(titulo.valor for titulo in lote.titulos)
    if lote.total and lote.total != soma:
        yield "total", f"O total do lote ({reais(lote.total)}) não é a soma dos títulos ({reais(soma)})."
    for posicao, titulo in enumerate(lote.titulos):
        onde = f"Título {posicao + 1}:"
        if not _iguais(lote.especie, titulo.especie):
            yield f"titulos.{posicao}.especie", f"{onde} a espécie {titulo.especie} não é a do lote ({lote.especie})."
        if not _iguais(lote.moeda, titulo.moeda):
            yield f"titulos.{posicao}.moeda", f"{onde} a moeda {titulo.moeda} não é a do lote ({lote.moeda})."
        yield from _antes(f"titulos.{posicao}.emissao", f"{onde} a data da transação", lote.data, titulo.emissao)
        if not titulo.rateio and not lote.saldo_inicial:
            yield f"titulos.{posicao}.rateio", f"{onde} falta o rateio contábil. Informe pelo menos uma linha."


def _iguais(do_lote: str, do_item: str) -> bool:
    """Whether an item agrees with what its batch says; blank on either side does."""
    um, outro = do_lote.strip().casefold(), do_item.strip().casefold()
    return not um or not outro or um == outro


def _sequencias(titulos: Sequence[Titulo | TituloPago]) -> Iterator[Falta]:
    sequencias = [titulo.sequencia for titulo in titulos]
    for posicao in _repetidas(sequencias, str):
        if (sequencia := sequencias[posicao]) is not None:
            yield f"titulos.{posicao}.sequencia", f"A sequência {sequencia} está repetida no lote."


# -- payments --------------------------------------------------------------------------------------------------------
_DE_CADA_TIPO = {
    TipoPagamento.LOTE: (("estabelecimento_referencia", "referencia"), ("estabelecimento_bordero", "bordero")),
    TipoPagamento.BORDERO: (("estabelecimento_bordero", "bordero"), ("estabelecimento_referencia", "referencia")),
}
_NOMES_DO_PAGAMENTO = {
    "estabelecimento_referencia": "Estabelecimento da referência",
    "referencia": "Referência",
    "estabelecimento_bordero": "Estabelecimento do borderô",
    "bordero": "Número do borderô",
}


def _pagamento(lote: LotePagamento) -> Iterator[Falta]:
    if lote.tipo is not None:
        exigidos, alheios = _DE_CADA_TIPO[lote.tipo]
        o_que = "um borderô" if lote.tipo is TipoPagamento.BORDERO else "um lote de pagamento"
        for campo in exigidos:
            if not getattr(lote, campo):
                yield campo, f"{_NOMES_DO_PAGAMENTO[campo]}: falta informar em {o_que}."
        for campo in alheios:
            if getattr(lote, campo):
                yield campo, f"{_NOMES_DO_PAGAMENTO[campo]}: fica em branco em {o_que}."
    if lote.enviado and not lote.escritural:
        yield "enviado", "Só um borderô escritural pode ir como já enviado ao banco."
    soma = _soma(titulo.valor for titulo in lote.titulos)
    for campo, total in (("total", lote.total), ("total_informado", lote.total_informado)):
        if total and total != soma:
            yield campo, f"O total ({reais(total)}) não é a soma dos pagamentos ({reais(soma)})."
    yield from _sequencias(lote.titulos)
    for posicao in _repetidas(lote.titulos, lambda item: (chave(item), item.referencia_antecipacao.casefold())):
        yield f"titulos.{posicao}.numero", f"O título {lote.titulos[posicao].numero} está repetido no pagamento."
    for posicao, titulo in enumerate(lote.titulos):
        yield from ((f"titulos.{posicao}.{campo}", texto) for campo, texto in _do_lote(lote, titulo, posicao + 1))


def _do_lote(lote: LotePagamento, titulo: TituloPago, ordem: int) -> Iterator[Falta]:
    if not _iguais(lote.empresa, titulo.empresa):
        yield "empresa", f"Título {ordem}: a empresa {titulo.empresa} não é a do pagamento ({lote.empresa})."
    if titulo.referencia.strip() and titulo.referencia != lote.referencia:
        yield "referencia", f"Título {ordem}: a referência {titulo.referencia} não é a do pagamento."
    if not _iguais(lote.moeda, titulo.moeda):
        yield "moeda", f"Título {ordem}: a moeda {titulo.moeda} não é a do pagamento ({lote.moeda})."
    if lote.fornecedor and titulo.fornecedor not in (None, 0, lote.fornecedor):
        yield "fornecedor", f"Título {ordem}: o fornecedor {titulo.fornecedor} não é o do pagamento."


def _titulo_pago(titulo: TituloPago) -> Iterator[Falta]:
    if titulo.fornecedor == 0 and not informado(titulo.referencia_antecipacao):
        yield "fornecedor", "Fornecedor: falta informar."
    escritos = _soma(item.valor for item in titulo.antecipacoes) + _soma(item.valor for item in titulo.previsoes)
    if titulo.abatimento and titulo.abatimento != escritos:
        yield (
            "abatimento",
            f"O abatimento ({reais(titulo.abatimento)}) não é a soma do que se abate ({reais(escritos)}).",
        )
    if titulo.moeda.strip().casefold() == _REAL and titulo.variacao_cambial:
        yield "variacao_cambial", "Em Real não há variação cambial. Informe zero."


def _previsoes_do_pagamento(titulo: TituloPago) -> Iterator[Falta]:
    for posicao, previsao in enumerate(titulo.previsoes):
        if previsao.estabelecimento_externo is not None:
            yield (
                f"previsoes.{posicao}.estabelecimento_externo",
                f"{posicao + 1}ª previsão: o estabelecimento externo não vai em um pagamento.",
            )


# -- reversals and updates -------------------------------------------------------------------------------------------
def _estorno(estorno: Estorno) -> Iterator[Falta]:
    if estorno.operacao is OperacaoEstorno.MOVIMENTO:
        if not estorno.transacao:
            yield "transacao", "Transação: falta o número do tipo de movimento a estornar."
        if not informado(estorno.referencia_movimento):
            yield "referencia_movimento", "Referência do movimento: falta informar qual movimento se estorna."
    elif estorno.operacao is not None and estorno.transacao:
        yield "transacao", "A transação só é informada no estorno de um movimento."
    if estorno.reembolso and not informado(estorno.estabelecimento_reembolso):
        yield "estabelecimento_reembolso", "Estabelecimento de reembolso: falta informar para haver reembolso."


def _atualizacao(atualizacao: Atualizacao) -> Iterator[Falta]:
    if atualizacao.saldo is None:
        if atualizacao.rateio:
            yield "rateio", "O rateio só vai com um novo saldo. Informe o saldo ou apague o rateio."
        return
    if atualizacao.motivo is None:
        yield "motivo", "Motivo da alteração: falta informar para mudar o saldo."
    elif not atualizacao.saldo and atualizacao.motivo is not MotivoAlteracao.BAIXA:
        yield "saldo", "O saldo só pode ir a zero por baixa. Mude o motivo ou informe o saldo."


def _linhas_iguais(atualizacao: Atualizacao) -> Iterator[Falta]:
    for posicao in _repetidas([replace(linha, valor=None, tipo=1) for linha in atualizacao.rateio], astuple):
        yield f"rateio.{posicao}.conta", f"A linha {posicao + 1} do rateio repete outra. Junte as duas."


_REGRAS: dict[type, tuple[Callable[[Any], Iterator[Falta]], ...]] = {
    Titulo: (
        _titulo,
        _encargos,
        _cotacao,
        _pares,
        _rateio_fecha,
        _antecipacoes,
        _impostos,
        _so_no_pagamento,
    ),
    Rateio: (_pares,),
    RateioAlteracao: (_pares,),
    Imposto: (_imposto,),
    LoteTitulos: (_lote,),
    Antecipacao: (_datas, _cotacao, _pares, _rateio_fecha, _impostos, _so_no_pagamento, _cheque, _barras),
    LotePagamento: (_pagamento,),
    TituloPago: (_titulo_pago, _cotacao, _cheque, _antecipacoes, _impostos, _previsoes_do_pagamento),
    Estorno: (_estorno,),
    Atualizacao: (_atualizacao, _linhas_iguais, _datas, _encargos, _pares, _barras),
}
